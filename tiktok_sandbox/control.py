"""The control plane under /__control__/: JSON in, JSON out. It steers the sandbox and tells its truth; it never imitates TikTok."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tiktok_sandbox import truth
from tiktok_sandbox.clock import parse_moment
from tiktok_sandbox.consent import Standing
from tiktok_sandbox.endpoints import REMOVED_BY_PERSON, Call
from tiktok_sandbox.envelope import OK, RequestIds, to_json, wrap
from tiktok_sandbox.families.advertiser_tokens import advertiser_answer
from tiktok_sandbox.families.tt_user import consent_answer
from tiktok_sandbox.options import is_web_address
from tiktok_sandbox.scopes import PERMISSIONS, SCOPES
from tiktok_sandbox.wire import Request, Response

if TYPE_CHECKING:
    from tiktok_sandbox.sandbox import Sandbox

PREFIX = "/__control__"
LONGEST_STEP = 10 * 366 * 86_400


class Refused(Exception):
    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.reason, self.status = reason, status


Values = dict[str, Any]
Answer = Any


def handle(sandbox: "Sandbox", request: Request) -> Response:
    name = request.path.removeprefix(PREFIX).strip("/")
    try:
        if not name:
            return Response(body=to_json({"control": {known: sorted(methods) for known, methods in CONTROLS.items()}}))
        methods = CONTROLS.get(name)
        if methods is None:
            raise Refused(f"There is no such control. There are: {', '.join(CONTROLS)}.", 404)
        if request.method not in methods:
            raise Refused(f"Use {' or '.join(methods)}.", 405)
        answer = methods[request.method](sandbox, _values(request))
    except Refused as refused:
        return Response(refused.status, to_json({"error": refused.reason}))
    return Response(body=answer if isinstance(answer, bytes) else to_json(answer))


def _values(request: Request) -> Values:
    if request.method in {"GET", "DELETE"}:
        return dict(request.pairs())
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused("The body must be a JSON object.")
    return body


# reset and clock


def reset(sandbox: "Sandbox", values: Values) -> Answer:
    world = values.get("world", "demo")
    if world != "demo":
        raise Refused('world: there is only "demo"; scale adds accounts to it.')
    seed = values.get("seed")
    if seed is not None and not _is_number(seed):
        raise Refused("seed: a whole number is needed.")
    now = _moment(values["now"], "now") if values.get("now") is not None else None
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
        sandbox.clock.set_to(_moment(now, "now"))
    elif isinstance(seconds, bool) or not isinstance(seconds, int | float) or abs(seconds) > LONGEST_STEP:
        raise Refused("seconds: a number is needed, ten years of them at most.")
    else:
        sandbox.clock.advance(seconds)
    return _clock(sandbox)


def _clock(sandbox: "Sandbox") -> Answer:
    first, last = sandbox.desk.world.sample_week
    return {"now": sandbox.clock.iso(), "offset_seconds": sandbox.clock.offset_seconds, "sample_week": {"first": first, "last": last}}


# what the person does


def grant(sandbox: "Sandbox", values: Values) -> Answer:
    flow = values.get("flow", "account")
    if flow not in {"account", "login_kit", "advertiser"}:
        raise Refused("flow: account, login_kit or advertiser.")
    if flow == "advertiser":
        return _grant_advertiser(sandbox, values)
    if flow != "account":
        raise Refused(f"The endpoints of the flow {flow} are not served, so that its tokens would open nothing.", 501)
    handle, scopes = _account(sandbox, values), _scope_names(values.get("scopes"))
    moment = sandbox.clock.now()
    call = Call(sandbox.desk, {}, moment, sandbox.base)
    data = consent_answer(call, sandbox.desk.app.app_id, handle, tuple(SCOPES) if scopes is None else scopes)
    return wrap(OK, "OK", RequestIds().fresh(int(moment)), data)


def _grant_advertiser(sandbox: "Sandbox", values: Values) -> Answer:
    wanted = values.get("scopes")
    if wanted is not None and not (isinstance(wanted, list) and all(_is_number(one) and one in PERMISSIONS for one in wanted)):
        raise Refused("scopes: an array of permission numbers, or null for all the app has.")
    moment = sandbox.clock.now()
    permissions = tuple(PERMISSIONS) if wanted is None else tuple(dict.fromkeys(wanted))
    call = Call(sandbox.desk, {}, moment, sandbox.base)
    data = advertiser_answer(call, sandbox.desk.app.app_id, _person(sandbox, values), permissions)
    return wrap(OK, "OK", RequestIds().fresh(int(moment)), data)


def revoke(sandbox: "Sandbox", values: Values) -> Answer:
    client = values.get("client", sandbox.desk.app.app_id)
    if not isinstance(client, str):
        raise Refused("client: an app id is needed.")
    if values.get("flow", "account") == "advertiser":
        return {"revoked": sandbox.desk.advertiser_grants.end(_person(sandbox, values), client)}
    return {"revoked": sandbox.desk.withdraw(_account(sandbox, values), client, REMOVED_BY_PERSON)}


def consent(sandbox: "Sandbox", values: Values) -> Answer:
    standing = sandbox.standing
    scopes = None if standing.scopes is None else list(standing.scopes)
    return {"account": standing.account, "scopes": scopes, "deny": standing.deny, "auto": standing.auto}


def change_consent(sandbox: "Sandbox", values: Values) -> Answer:
    deny, auto = values.get("deny", False), values.get("auto", False)
    if not isinstance(deny, bool) or not isinstance(auto, bool):
        raise Refused("deny, auto: true or false.")
    account = _anybody(sandbox, values) if values.get("account") is not None else None
    sandbox.standing = Standing(account, _scope_names(values.get("scopes")), deny, auto)
    return consent(sandbox, {})


def clear_consent(sandbox: "Sandbox", values: Values) -> Answer:
    sandbox.standing = Standing()
    return consent(sandbox, {})


# what goes wrong


def faults(sandbox: "Sandbox", values: Values) -> Answer:
    return {"faults": sandbox.faults.listed()}


def add_fault(sandbox: "Sandbox", values: Values) -> Answer:
    try:
        return sandbox.faults.add(values).as_json()
    except ValueError as error:
        raise Refused(str(error)) from None


def clear_faults(sandbox: "Sandbox", values: Values) -> Answer:
    sandbox.faults.clear(_count(values, "id", None))
    return faults(sandbox, {})


def limits(sandbox: "Sandbox", values: Values) -> Answer:
    settings = sandbox.desk.limits.settings
    return {name: getattr(settings, name) for name in settings.__dataclass_fields__}


def change_limits(sandbox: "Sandbox", values: Values) -> Answer:
    try:
        sandbox.desk.limits.change(values)
    except ValueError as error:
        raise Refused(f"{error}: not a setting, or not a value it can have.") from None
    return limits(sandbox, {})


# what can be looked at


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


def log(sandbox: "Sandbox", values: Values) -> Answer:
    since = values.get("since")
    if since is not None and not since.isdecimal():
        _moment(since, "since")
    return sandbox.journal.listed(
        since=since, endpoint=values.get("endpoint"), offset=_count(values, "offset", 0) or 0, limit=_count(values, "limit", 100_000) or 0
    )


def clear_log(sandbox: "Sandbox", values: Values) -> Answer:
    sandbox.journal.clear()
    return {"total": 0, "entries": []}


def world(sandbox: "Sandbox", values: Values) -> Answer:
    account = _account(sandbox, values) if values.get("account") is not None else None
    advertiser = values.get("advertiser_id")
    if advertiser is not None and advertiser not in sandbox.desk.world.ads.advertisers:
        raise Refused("advertiser_id: there is no such ad account.", 404)
    view = truth.View(
        sandbox.desk,
        sandbox.clock.now(),
        account,
        advertiser,
        _count(values, "offset", 0) or 0,
        _count(values, "limit", None),
    )
    return view.as_json()


def scale(sandbox: "Sandbox", values: Values) -> Answer:
    shown = sandbox.desk.world
    return {"accounts": shown.scaled_accounts, "posts": shown.scaled_posts, "ads": shown.ads.scaled_ads}


def change_scale(sandbox: "Sandbox", values: Values) -> Answer:
    accounts, posts, ads = values.get("accounts", 0), values.get("posts", 0), values.get("ads", 0)
    if not all(_is_number(count) and count >= 0 for count in (accounts, posts, ads)) or accounts > 99_999 or posts > 5_000:
        raise Refused("accounts (to 99,999), posts for each of them (to 5,000), ads (to 50,000): whole numbers.")
    if ads > 50_000:
        raise Refused("ads: at most 50,000.")
    sandbox.scale(accounts, posts, ads)
    return scale(sandbox, {})


# reading values


def _account(sandbox: "Sandbox", values: Values) -> str:
    handle = values.get("account")
    if not isinstance(handle, str) or sandbox.desk.world.profile(handle) is None:
        raise Refused("account: there is no such account.", 404)
    return handle


def _person(sandbox: "Sandbox", values: Values) -> str:
    key = values.get("account")
    if not isinstance(key, str) or sandbox.desk.world.ads.person(key) is None:
        raise Refused("account: there is no such person.", 404)
    return key


def _anybody(sandbox: "Sandbox", values: Values) -> str:
    """An account, or a person who only advertises."""
    key = values.get("account")
    if isinstance(key, str) and sandbox.desk.world.ads.person(key) is not None:
        return key
    return _account(sandbox, values)


def _scope_names(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(name, str) and name in SCOPES for name in value):
        raise Refused("scopes: an array of known scope names, or null for all that can be had.")
    return tuple(dict.fromkeys(value))


def _moment(value: Any, name: str) -> datetime:
    try:
        moment = parse_moment(value)
        if 1990 < moment.year < 2100:
            return moment
    except (TypeError, ValueError):
        pass
    raise Refused(f"{name}: an ISO 8601 moment is needed.")


def _count(values: Values, name: str, default: int | None) -> int | None:
    text = values.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdecimal():
        raise Refused(f"{name}: a whole number is needed.")
    return int(text)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


CONTROLS: dict[str, dict[str, Callable[["Sandbox", Values], Answer]]] = {
    "reset": {"POST": reset},
    "clock": {"GET": clock, "POST": change_clock},
    "grant": {"POST": grant},
    "revoke": {"POST": revoke},
    "consent": {"GET": consent, "POST": change_consent, "DELETE": clear_consent},
    "faults": {"GET": faults, "POST": add_fault, "DELETE": clear_faults},
    "limits": {"GET": limits, "POST": change_limits},
    "webhooks": {"GET": webhooks, "POST": change_webhooks, "DELETE": clear_webhooks},
    "log": {"GET": log, "DELETE": clear_log},
    "world": {"GET": world},
    "scale": {"GET": scale, "POST": change_scale},
}
