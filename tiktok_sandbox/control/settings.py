"""How the sandbox stands: its world and clock, faults, switches, limits, the webhook address, how much of everything there is."""

from typing import TYPE_CHECKING

from tiktok_sandbox.control.values import Answer, Refused, Values, count_of, is_number, moment_of
from tiktok_sandbox.options import is_web_address
from tiktok_sandbox.switches import Switches

if TYPE_CHECKING:
    from tiktok_sandbox.sandbox import Sandbox

LONGEST_STEP = 10 * 366 * 86_400


def reset(sandbox: "Sandbox", values: Values) -> Answer:
    world = values.get("world", "demo")
    if world != "demo":
        raise Refused('world: there is only "demo"; scale adds accounts to it.')
    seed = values.get("seed")
    if seed is not None and not is_number(seed):
        raise Refused("seed: a whole number is needed.")
    now = moment_of(values["now"], "now") if values.get("now") is not None else None
    sandbox.reset(seed, now)
    return {"world": world, "seed": sandbox.desk.world.seed, **_clock(sandbox)}


def clock(sandbox: "Sandbox", values: Values) -> Answer:
    return _clock(sandbox)


def change_clock(sandbox: "Sandbox", values: Values) -> Answer:
    now, seconds, advance = (values.get(name) for name in ("now", "seconds", "advance"))
    if sum(given is not None for given in (now, seconds, advance)) != 1:
        raise Refused('Give "now" (a moment) or "seconds" (to advance by; "advance" means the same).')
    seconds = advance if seconds is None else seconds
    if now is not None:
        sandbox.clock.set_to(moment_of(now, "now"))
    elif isinstance(seconds, bool) or not isinstance(seconds, int | float) or abs(seconds) > LONGEST_STEP:
        raise Refused("seconds: a number is needed, ten years of them at most.")
    else:
        sandbox.clock.advance(seconds)
    return _clock(sandbox)


def _clock(sandbox: "Sandbox") -> Answer:
    first, last = sandbox.desk.world.sample_week
    return {"now": sandbox.clock.iso(), "offset_seconds": sandbox.clock.offset_seconds, "sample_week": {"first": first, "last": last}}


def faults(sandbox: "Sandbox", values: Values) -> Answer:
    return {"faults": sandbox.faults.listed()}


def add_fault(sandbox: "Sandbox", values: Values) -> Answer:
    try:
        return sandbox.faults.add(values).as_json()
    except ValueError as error:
        raise Refused(str(error)) from None


def clear_faults(sandbox: "Sandbox", values: Values) -> Answer:
    sandbox.faults.clear(count_of(values, "id", None))
    return faults(sandbox, {})


def switches(sandbox: "Sandbox", values: Values) -> Answer:
    return sandbox.desk.switches.as_json()


def change_switches(sandbox: "Sandbox", values: Values) -> Answer:
    try:
        sandbox.desk.switches = sandbox.desk.switches.changed(values)
    except ValueError as error:
        raise Refused(f"{error}: not a switch, or not a value it can have.") from None
    sandbox.desk.webhooks.take(sandbox.desk.switches)
    return switches(sandbox, {})


def clear_switches(sandbox: "Sandbox", values: Values) -> Answer:
    sandbox.desk.switches = Switches()
    sandbox.desk.webhooks.take(sandbox.desk.switches)
    return switches(sandbox, {})


def limits(sandbox: "Sandbox", values: Values) -> Answer:
    settings = sandbox.desk.limits.settings
    return {name: getattr(settings, name) for name in settings.__dataclass_fields__}


def change_limits(sandbox: "Sandbox", values: Values) -> Answer:
    try:
        sandbox.desk.limits.change(values)
    except ValueError as error:
        raise Refused(f"{error}: not a setting, or not a value it can have.") from None
    return limits(sandbox, {})


def webhooks(sandbox: "Sandbox", values: Values) -> Answer:
    return {"url": sandbox.desk.webhooks.url, "deliveries": sandbox.desk.webhooks.listed()}


def change_webhooks(sandbox: "Sandbox", values: Values) -> Answer:
    url = values.get("url")
    if url is not None and not (isinstance(url, str) and url.isprintable() and " " not in url and is_web_address(url)):
        raise Refused("url: an http or https address, or null to send nothing.")
    sandbox.desk.webhooks.url = url
    return webhooks(sandbox, {})


def clear_webhooks(sandbox: "Sandbox", values: Values) -> Answer:
    sandbox.desk.webhooks.clear()
    return webhooks(sandbox, {})


def scale(sandbox: "Sandbox", values: Values) -> Answer:
    shown = sandbox.desk.world
    return {"accounts": shown.scaled_accounts, "posts": shown.scaled_posts, "ads": shown.ads.scaled_ads}


def change_scale(sandbox: "Sandbox", values: Values) -> Answer:
    accounts, posts, ads = values.get("accounts", 0), values.get("posts", 0), values.get("ads", 0)
    if not all(is_number(count) and count >= 0 for count in (accounts, posts, ads)) or accounts > 99_999 or posts > 5_000:
        raise Refused("accounts (to 99,999), posts for each of them (to 5,000), ads (to 50,000): whole numbers.")
    if ads > 50_000:
        raise Refused("ads: at most 50,000.")
    sandbox.scale(accounts, posts, ads)
    return scale(sandbox, {})
