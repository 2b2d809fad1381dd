"""The authorization request: what is checked before a person sees anything, and where the answer goes. Draws no page."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from tiktok_sandbox.grants import Code
from tiktok_sandbox.options import App
from tiktok_sandbox.params import Param
from tiktok_sandbox.readers import Choice, Text
from tiktok_sandbox.scopes import BASIC, LOGIN_SCOPES, SCOPES

PATHS = frozenset({"/v2/auth/authorize", "/v2/auth/authorize/"})
# What the page is asked with; everything else is passed over.
PARAMS = (
    Param("client_key", Text(), required=True),
    Param("response_type", Choice(("code",)), required=True),
    Param("scope", Text(), required=True),
    Param("redirect_uri", Text(), required=True),
    Param("state", Text()),
    Param("code_challenge", Text(64, least=64)),
    Param("code_challenge_method", Choice(("S256",))),
)
HEX_CHALLENGE = re.compile(r"[0-9a-f]{64}")


class ConsentError(Exception):
    """A request that TikTok answers with a page of its own; the person is never sent back."""

    def __init__(self, parameter: str, reason: str) -> None:
        super().__init__(reason)
        self.parameter, self.reason = parameter, reason


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    app: App
    is_login_kit: bool
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    challenge: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the person will do, decided beforehand by a script. With `auto` no click is needed."""

    account: str | None = None
    scopes: tuple[str, ...] | None = None  # None: everything that is asked for
    deny: bool = False
    auto: bool = False


def read_request(pairs: list[tuple[str, str]], app: App, login: App, *, require_pkce: bool, login_pkce: str = "desktop") -> ConsentRequest:
    """Check the request in TikTok's order of importance; raises ConsentError naming the parameter. The client key decides the flow."""
    values = read_query(pairs, PARAMS)
    is_login_kit = values.get("client_key") == login.client_key
    if values.get("client_key") not in {app.app_id, login.client_key}:
        raise ConsentError("client_key", "There is no app with this key." if values.get("client_key") else "It is missing.")
    app = login if is_login_kit else app
    redirect_uri = values.get("redirect_uri", "")
    if not any(_matches(redirect_uri, known, any_port=is_login_kit) for known in app.redirect_uris):
        raise ConsentError(
            "redirect_uri",
            "It is not one of the registered addresses. They are compared byte for byte." if redirect_uri else "It is missing.",
        )
    if values.get("response_type") != "code":
        raise ConsentError("response_type", 'It must be "code".')
    if is_login_kit:
        require_pkce = login_pkce == "required" or (
            login_pkce == "desktop" and urlsplit(redirect_uri).hostname in {"localhost", "127.0.0.1"}
        )
    scopes = _scopes(values.get("scope", ""), LOGIN_SCOPES if is_login_kit else SCOPES)
    return ConsentRequest(app, is_login_kit, redirect_uri, scopes, values.get("state") or None, _challenge(values, require_pkce))


def read_query(pairs: list[tuple[str, str]], params: tuple[Param, ...]) -> dict[str, str]:
    """What is declared, as it came; nothing at all may be given twice."""
    given = dict(pairs)
    for name in given:
        if sum(1 for other, _ in pairs if other == name) > 1:
            raise ConsentError(name, "It is given more than once.")
    return {param.name: given[param.name] for param in params if param.name in given}


def _matches(given: str, registered: str, *, any_port: bool) -> bool:
    """Byte for byte; an address of Login Kit's desktop platform may leave its port open with an asterisk."""
    if any_port and ":*/" in registered:
        before, after = registered.split(":*/", 1)
        return re.fullmatch(re.escape(before) + r":\d{1,5}/" + re.escape(after), given) is not None
    return given == registered


def _scopes(text: str, known: Mapping[str, str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name for name in text.split(",") if name))
    if not names:
        raise ConsentError("scope", "It is missing.")
    for name in names:
        if name not in known:
            raise ConsentError("scope", f'"{name[:80]}" is not a scope of this app. Scopes are separated by commas.')
    return names


def _challenge(values: Mapping[str, str], require_pkce: bool) -> str | None:
    challenge, method = values.get("code_challenge"), values.get("code_challenge_method")
    if challenge is None:
        if method is not None:
            raise ConsentError("code_challenge", "A method is given, but no challenge.")
        if require_pkce:
            raise ConsentError("code_challenge", "It is missing.")
        return None
    if method not in {None, "S256"}:
        raise ConsentError("code_challenge_method", 'It must be "S256".')
    if not HEX_CHALLENGE.fullmatch(challenge):
        raise ConsentError("code_challenge", "It must be the SHA-256 of the verifier as 64 lower-case hex characters.")
    return challenge


def granted(request: ConsentRequest, ticked: tuple[str, ...] | None) -> tuple[str, ...]:
    """The scopes that are given: those ticked among those asked for; the basic one cannot be unticked."""
    return tuple(name for name in request.scopes if ticked is None or name == BASIC or name in ticked)


def code_for(request: ConsentRequest, handle: str, scopes: tuple[str, ...], now: float) -> Code:
    return Code(request.app.app_id, handle, scopes, request.redirect_uri, request.challenge, now)


def allowed_address(request: ConsentRequest, code: str, scopes: tuple[str, ...]) -> str:
    return _back(request, {"code": code, "scopes": ",".join(scopes)})


def denied_address(request: ConsentRequest, *, with_state: bool = True) -> str:
    return _back(request, {"error": "access_denied", "error_description": "User cancelled"}, with_state=with_state)


def _back(request: ConsentRequest, values: dict[str, str], *, with_state: bool = True) -> str:
    if request.state is not None and with_state:
        values["state"] = request.state
    return f"{request.redirect_uri}{'&' if '?' in request.redirect_uri else '?'}{urlencode(values)}"
