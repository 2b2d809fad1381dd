"""The consent pages of both flows: which addresses they have, what they are asked with, and where a person's answer leads."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs

from tiktok_sandbox import consent, pages, portal
from tiktok_sandbox.advertiser_grants import PortalCode
from tiktok_sandbox.consent import ConsentError, ConsentRequest, Standing
from tiktok_sandbox.endpoints import Desk
from tiktok_sandbox.params import Param
from tiktok_sandbox.readers import Choice, ListOf, Text
from tiktok_sandbox.wire import Request, Response

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a page, with what decides about it."""

    desk: Desk
    standing: Standing
    request: Request
    pairs: list[tuple[str, str]]
    moment: float
    require_pkce: bool


@dataclass(frozen=True, slots=True)
class Screen:
    paths: frozenset[str]
    params: tuple[Param, ...]
    form: tuple[Param, ...]
    answer: Callable[[Visit], Response]


def open_screen(screen: Screen, desk: Desk, standing: Standing, request: Request, moment: float, *, require_pkce: bool) -> Response:
    """The page, a redirect, or a page that names what is wrong and sends nobody back."""
    try:
        if request.method not in {"GET", "HEAD", "POST"}:
            raise ConsentError("method", "The page is opened with GET.")
        try:
            pairs = request.pairs()
        except ValueError:
            raise ConsentError("query", "Too many parameters.") from None
        return screen.answer(Visit(desk, standing, request, pairs, moment, require_pkce))
    except ConsentError as error:
        return Response(400, pages.refusal_page(error), HTML, pages.page_headers())


def _portal(visit: Visit) -> Response:
    """The consent page of the advertiser flow. Its permissions belong to the app; the person can only allow or deny."""
    desk, standing = visit.desk, visit.standing
    asked = portal.read_request(visit.pairs, desk.app)
    if visit.request.method != "POST" and not standing.auto:
        return Response(200, pages.portal_page(asked, desk.app, desk.world, standing), HTML, pages.page_headers(asked.redirect_uri))
    if visit.request.method == "POST":
        key, ticked = _form(visit.request)
        is_denied = ticked is None
    else:
        key, is_denied = standing.account or desk.world.ads.picker()[0].key, standing.deny
    if is_denied:
        return _sent_to(portal.denied_address(asked))
    if desk.world.ads.person(key) is None:
        raise ConsentError("account", "There is no such person.")
    code = desk.advertiser_grants.add_code(PortalCode(desk.app.app_id, key, visit.moment))
    return _sent_to(portal.allowed_address(asked, code))


def _consent(visit: Visit) -> Response:
    desk, standing = visit.desk, visit.standing
    asked = consent.read_request(visit.pairs, desk.app, desk.login, require_pkce=visit.require_pkce, login_pkce=desk.switches.login_pkce)
    if visit.request.method == "POST":
        return _decided(visit, asked, *_form(visit.request))
    if standing.auto:
        handle = standing.account or desk.world.picker()[0].handle
        return _decided(visit, asked, handle, None if standing.deny else consent.granted(asked, standing.scopes))
    page = pages.consent_page(asked, desk.world, standing, int(visit.moment))
    return Response(200, page, HTML, pages.page_headers(asked.redirect_uri))


def _decided(visit: Visit, asked: ConsentRequest, handle: str, ticked: tuple[str, ...] | None) -> Response:
    """Send the person back: with a code, or without when nothing was ticked because access was denied."""
    desk = visit.desk
    if ticked is None:
        return _sent_to(consent.denied_address(asked, with_state=desk.switches.state_on_denial))
    if desk.world.profile(handle) is None:
        raise ConsentError("account", "There is no such account.")
    scopes = consent.granted(asked, ticked)
    code = desk.grants.add_code(consent.code_for(asked, handle, scopes, visit.moment))
    return _sent_to(consent.allowed_address(asked, code, scopes))


def _sent_to(address: str) -> Response:
    return Response(302, b"", HTML, [("Location", address), *pages.page_headers()])


def _form(request: Request) -> tuple[str, tuple[str, ...] | None]:
    """The account, and what was ticked; None for "Deny"."""
    try:
        form = parse_qs(request.body.decode(), max_num_fields=200)
    except ValueError:
        raise ConsentError("form", "The form could not be read.") from None
    answer = form.get("answer", [""])[0]
    if answer not in ANSWERS:
        raise ConsentError("answer", 'It must be "allow" or "deny".')
    return form.get("account", [""])[0], tuple(form.get("scope", ())) if answer == "allow" else None


ANSWERS = ("allow", "deny")
FORM = (Param("account", Text()), Param("answer", Choice(ANSWERS), required=True))
SCREENS = (
    Screen(consent.PATHS, consent.PARAMS, (*FORM, Param("scope", ListOf(Text(), least=0))), _consent),
    Screen(portal.PATHS, portal.PARAMS, FORM, _portal),
)
BY_PATH = {path: screen for screen in SCREENS for path in screen.paths}
