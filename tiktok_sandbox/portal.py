"""The consent request of the advertiser flow: what is checked before a person sees anything, and where the answer goes. Draws no page."""

from dataclasses import dataclass
from urllib.parse import urlencode

from tiktok_sandbox.consent import ConsentError, read_query
from tiktok_sandbox.options import App
from tiktok_sandbox.params import Param
from tiktok_sandbox.readers import Text

PATHS = frozenset({"/portal/auth", "/portal/auth/"})
PARAMS = (Param("app_id", Text(), required=True), Param("redirect_uri", Text(), required=True), Param("state", Text()))


@dataclass(frozen=True, slots=True)
class PortalRequest:
    redirect_uri: str
    state: str | None


def read_request(pairs: list[tuple[str, str]], app: App) -> PortalRequest:
    """Check the request; raises ConsentError naming the parameter. What the flow does not know, a challenge above all, is passed over."""
    values = read_query(pairs, PARAMS)
    if values.get("app_id") != app.app_id:
        raise ConsentError("app_id", "There is no app with this id." if values.get("app_id") else "It is missing.")
    redirect_uri = values.get("redirect_uri", "")
    if redirect_uri not in app.redirect_uris:
        raise ConsentError(
            "redirect_uri",
            "It is not one of the registered addresses. They are compared byte for byte." if redirect_uri else "It is missing.",
        )
    return PortalRequest(redirect_uri, values.get("state") or None)


def allowed_address(request: PortalRequest, code: str) -> str:
    """The code goes back under two names, as TikTok sends it."""
    return _back(request, {"auth_code": code, "code": code})


def denied_address(request: PortalRequest) -> str:
    return _back(request, {"error": "access_denied", "error_description": "User cancelled"})


def _back(request: PortalRequest, values: dict[str, str]) -> str:
    if request.state is not None:
        values["state"] = request.state
    return f"{request.redirect_uri}{'&' if '?' in request.redirect_uri else '?'}{urlencode(values)}"
