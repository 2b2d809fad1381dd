"""What control calls are given: finding accounts and people by name, reading moments and numbers. Changes nothing."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from tiktok_sandbox.clock import parse_moment
from tiktok_sandbox.scopes import EVERY_SCOPE

if TYPE_CHECKING:
    from tiktok_sandbox.sandbox import Sandbox

Values = dict[str, Any]
Answer = Any


class Refused(Exception):
    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.reason, self.status = reason, status


def account_of(sandbox: "Sandbox", values: Values) -> str:
    handle = values.get("account")
    if not isinstance(handle, str) or sandbox.desk.world.profile(handle) is None:
        raise Refused("account: there is no such account.", 404)
    return handle


def person_of(sandbox: "Sandbox", values: Values) -> str:
    key = values.get("account")
    if not isinstance(key, str) or sandbox.desk.world.ads.person(key) is None:
        raise Refused("account: there is no such person.", 404)
    return key


def anybody_of(sandbox: "Sandbox", values: Values) -> str:
    """An account, or a person who only advertises."""
    key = values.get("account")
    if isinstance(key, str) and sandbox.desk.world.ads.person(key) is not None:
        return key
    return account_of(sandbox, values)


def flow_of(values: Values) -> str:
    flow = values.get("flow", "account")
    if flow not in ("account", "login_kit", "advertiser"):
        raise Refused("flow: account, login_kit or advertiser.")
    return str(flow)


def scope_names(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(name, str) and name in EVERY_SCOPE for name in value):
        raise Refused("scopes: an array of known scope names, or null for all that can be had.")
    return tuple(dict.fromkeys(value))


def moment_of(value: Any, name: str) -> datetime:
    try:
        moment = parse_moment(value)
        if 1990 < moment.year < 2100:
            return moment
    except (TypeError, ValueError):
        pass
    raise Refused(f"{name}: an ISO 8601 moment is needed.")


def count_of(values: Values, name: str, default: int | None) -> int | None:
    text = values.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdecimal():
        raise Refused(f"{name}: a whole number is needed.")
    return int(text)


def is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
