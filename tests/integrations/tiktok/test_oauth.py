"""Consent, exchange, refresh and revocation of the TikTok-account flow."""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from agency.secret import Secret
from integrations.tiktok.errors import AnswerLost, CodeRefused, NotUnderstood, OurMistake, ReconnectNeeded, TikTokError, TokenExpired
from integrations.tiktok.oauth import (
    CHALLENGES,
    App,
    TokenGrant,
    account_consent_url,
    base64url_challenge,
    exchange_code,
    hex_challenge,
    new_verifier,
    refresh_grant,
    revoke,
)
from integrations.tiktok.transport import BaseUrls, Transport
from tests.integrations.tiktok.loopback import REQUEST_ID, Loopback, envelope, page, then_close

APP = App(app_id="7400000000000000001", secret=Secret("CanaryAppSecret"))
URLS = BaseUrls("https://www.tiktok.com", "https://business-api.tiktok.com", "https://open.tiktokapis.com")
REDIRECT_URI = "https://www.example.com/tiktok/auth/callback"
GRANT = {
    "access_token": "act.Example1234567890!5159.s1",
    "token_type": "Bearer",
    "scope": "video.list,user.info.basic, comment.list",
    "expires_in": 86400,
    "refresh_token": "rft.Example1234567890!5144.s1",
    "refresh_token_expires_in": 31527314,
    "open_id": "_000ExampleOpenId0123456789abcdefghij",
}
READ = TokenGrant(
    open_id="_000ExampleOpenId0123456789abcdefghij",
    access_token=Secret("act.Example1234567890!5159.s1"),
    refresh_token=Secret("rft.Example1234567890!5144.s1"),
    expires_in_seconds=86400,
    refresh_expires_in_seconds=31527314,
    scopes=frozenset({"video.list", "user.info.basic", "comment.list"}),
)


def exchange(transport: Transport, **changed: Any) -> Any:
    arguments: dict[str, Any] = {"code": Secret("Code*1!x"), "verifier": Secret("v" * 43), "redirect_uri": REDIRECT_URI}
    return exchange_code(transport, APP, **{**arguments, **changed})


# The challenge


@pytest.mark.parametrize(
    ("verifier", "challenge"),
    [
        ("gaeCq5mVvbhA8Ce6w5O9XBVIKMkySgv-_9A-rnhm9Ns", "e6a178b120743d08509508f269652b0bdf91e29332921bc9e9744fd3dd41bfef"),
        ("dev-platform.test_verifier~0123456789ABCDEFabcdef", "39dad63a8ea3aec3b1d239279b941aeb6aee77b9c3cd186ed49f2e4996289fcb"),
    ],
)
def test_the_hex_challenge_is_tiktoks(verifier: str, challenge: str) -> None:
    assert hex_challenge(Secret(verifier)) == challenge
    assert CHALLENGES["hex"](Secret(verifier)) == challenge


def test_the_base64url_challenge_is_that_of_rfc_7636() -> None:
    verifier, challenge = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert base64url_challenge(Secret(verifier)) == challenge
    assert CHALLENGES["base64url"](Secret(verifier)) == challenge
    assert set(CHALLENGES) == {"hex", "base64url"}


def test_a_verifier_is_long_plain_and_new_each_time() -> None:
    verifiers = [new_verifier().reveal() for _ in range(100)]
    assert len(set(verifiers)) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", verifier) for verifier in verifiers)


# The consent address


def consent_url(**changed: Any) -> str:
    arguments: dict[str, Any] = {
        "client_key": "7400000000000000001",
        "scopes": ["user.info.basic", "video.list", "biz.ads.recommend"],
        "redirect_uri": REDIRECT_URI,
        "state": Secret("st&te=1"),
        "challenge": "ab12",
    }
    return account_consent_url(URLS, **{**arguments, **changed})


def test_the_consent_address_asks_for_the_scopes_in_the_given_order() -> None:
    parts = urlsplit(consent_url())
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "www.tiktok.com", "/v2/auth/authorize")
    assert parse_qs(parts.query) == {
        "client_key": ["7400000000000000001"],
        "scope": ["user.info.basic,video.list,biz.ads.recommend"],
        "response_type": ["code"],
        "redirect_uri": [REDIRECT_URI],
        "state": ["st&te=1"],
        "code_challenge": ["ab12"],
        "code_challenge_method": ["S256"],
        "disable_auto_auth": ["1"],
    }


def test_without_a_challenge_nothing_is_said_about_one() -> None:
    assert "code_challenge" not in consent_url(challenge=None)


def test_a_plain_state_and_scopes_from_a_generator_do_as_well() -> None:
    query = parse_qs(urlsplit(consent_url(state="plain", scopes=(scope for scope in ["video.list"]))).query)
    assert (query["state"], query["scope"]) == (["plain"], ["video.list"])


@pytest.mark.parametrize("scopes", [[], ["video.list,video.insights"], ["video.list video.insights"], [""], ["video.list&x=1"]])
def test_scopes_that_are_none_are_refused(scopes: list[str]) -> None:
    with pytest.raises(ValueError, match="scope"):
        consent_url(scopes=scopes)


# Exchange


def test_a_code_becomes_a_grant_of_what_was_really_granted(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope(GRANT))
    answer = exchange(transport)
    assert answer.value == READ
    assert answer.call.request_id == REQUEST_ID
    request = server.received[0]
    assert (request.method, request.path) == ("POST", "/open_api/v1.3/tt_user/oauth2/token/")
    assert "access-token" not in request.headers
    assert request.json == {
        "client_id": "7400000000000000001",
        "client_secret": "CanaryAppSecret",
        "grant_type": "authorization_code",
        "auth_code": "Code*1!x",
        "redirect_uri": REDIRECT_URI,
        "code_verifier": "v" * 43,
    }


def test_without_a_verifier_none_is_sent(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope(GRANT))
    exchange(transport, verifier=None)
    assert "code_verifier" not in server.received[0].json


def test_a_person_may_grant_nothing(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope({**GRANT, "scope": ""}))
    assert exchange(transport).value == replace(READ, scopes=frozenset())


@pytest.mark.parametrize("code", [40110, 40131])
def test_a_replayed_code_is_refused(server: Loopback, transport: Transport, code: int) -> None:
    server.answer_with(envelope(code=code, message="Authorization code is expired"))
    with pytest.raises(CodeRefused):
        exchange(transport)


BROKEN_GRANTS: list[dict[str, Any]] = [
    {name: value for name, value in GRANT.items() if name != missing} for missing in GRANT if missing != "token_type"
]
BROKEN_GRANTS += [{**GRANT, name: value} for name in ("access_token", "refresh_token", "open_id") for value in ("", None, ["x"])]
BROKEN_GRANTS += [{**GRANT, name: value} for name in ("expires_in", "refresh_token_expires_in") for value in (0, -5, "-", None, 1.5, True)]
BROKEN_GRANTS += [{**GRANT, "scope": ["video.list"]}, {}]


@pytest.mark.parametrize("data", BROKEN_GRANTS)
def test_a_grant_that_lacks_a_part_is_not_half_taken(server: Loopback, transport: Transport, data: dict[str, Any]) -> None:
    server.answer_with(envelope(data))
    with pytest.raises(NotUnderstood) as caught:
        exchange(transport)
    assert caught.value.may_have_run
    assert caught.value.request_id == REQUEST_ID


def test_numbers_in_quotes_are_numbers(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope({**GRANT, "expires_in": "86400"}))
    assert exchange(transport).value.expires_in_seconds == 86400


# Refresh


def test_a_refresh_brings_the_rotated_token(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope({**GRANT, "refresh_token": "rft.Rotated"}))
    answer = refresh_grant(transport, APP, refresh_token=Secret("rft.Old"))
    assert answer.value == replace(READ, refresh_token=Secret("rft.Rotated"))
    assert server.received[0].path == "/open_api/v1.3/tt_user/oauth2/refresh_token/"
    assert server.received[0].json == {
        "client_id": "7400000000000000001",
        "client_secret": "CanaryAppSecret",
        "grant_type": "refresh_token",
        "refresh_token": "rft.Old",
    }


@pytest.mark.parametrize("code", [40103, 40105, 40107, 40110, 40131])
def test_a_dead_refresh_token_needs_a_reconnect(server: Loopback, transport: Transport, code: int) -> None:
    server.answer_with(envelope(code=code))
    with pytest.raises(ReconnectNeeded) as caught:
        refresh_grant(transport, APP, refresh_token=Secret("rft.Old"))
    assert type(caught.value) is ReconnectNeeded
    assert (caught.value.code, caught.value.request_id) == (code, REQUEST_ID)


@pytest.mark.parametrize("reply", [then_close(b""), page("bad gateway", status="502 Bad Gateway"), page("<html>"), envelope(code=50000)])
def test_a_refresh_whose_answer_is_lost_is_asked_once_and_says_that_it_may_have_run(
    server: Loopback, transport: Transport, reply: Any
) -> None:
    server.answer_with(reply)
    with pytest.raises(TikTokError) as caught:
        refresh_grant(transport, APP, refresh_token=Secret("rft.Old"))
    assert caught.value.may_have_run
    assert len(server.received) == 1


# Revoke


def test_a_revocation_names_the_token_in_the_body(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope())
    answer = revoke(transport, APP, access_token=Secret("act.1"))
    assert answer.value is None
    assert server.received[0].path == "/open_api/v1.3/tt_user/oauth2/revoke/"
    assert server.received[0].json == {"client_id": "7400000000000000001", "client_secret": "CanaryAppSecret", "access_token": "act.1"}
    assert "access-token" not in server.received[0].headers


def test_what_is_revoked_already_counts_as_done(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope(code=40105, message="Access token is incorrect or has been revoked."))
    answer = revoke(transport, APP, access_token=Secret("act.1"))
    assert (answer.value, answer.call.code) == (None, 40105)


@pytest.mark.parametrize(("code", "error_class"), [(40102, TokenExpired), (40103, ReconnectNeeded), (40101, OurMistake)])
def test_a_revocation_that_did_not_happen_is_not_done(
    server: Loopback, transport: Transport, code: int, error_class: type[TikTokError]
) -> None:
    server.answer_with(envelope(code=code))
    with pytest.raises(error_class):
        revoke(transport, APP, access_token=Secret("act.1"))


def test_a_revocation_whose_answer_is_lost_is_tried_again_by_the_caller(server: Loopback, transport: Transport) -> None:
    server.answer_with(then_close(b""))
    with pytest.raises(AnswerLost):
        revoke(transport, APP, access_token=Secret("act.1"))


# Nothing secret comes out


def test_a_grant_and_an_app_print_as_dots() -> None:
    shown = f"{READ} {READ!r} {APP} {APP!r}"
    assert "Example1234567890" not in shown
    assert "Canary" not in shown


@pytest.mark.parametrize(
    "act",
    [
        lambda transport: exchange(transport, code=Secret("CanaryCode"), verifier=Secret("CanaryVerifier")),
        lambda transport: refresh_grant(transport, APP, refresh_token=Secret("rft.Canary")),
        lambda transport: revoke(transport, App(APP.app_id, APP.secret), access_token=Secret("act.Canary")),
    ],
)
@pytest.mark.parametrize(
    "reply",
    [
        envelope({**GRANT, "access_token": "act.Canary", "refresh_token": "rft.Canary", "expires_in": None}, code=0),
        envelope({"access_token": "act.Canary"}, code=40131, message="rft.Canary act.Canary CanaryAppSecret"),
        page('{"access_token": "act.Canary"'),
    ],
)
def test_no_token_comes_out_of_a_failure_even_with_the_locals_of_our_frames(
    server: Loopback, transport: Transport, act: Any, reply: Any
) -> None:
    server.answer_with(reply)
    try:
        act(transport)
    except TikTokError as error:
        shown = [str(error), repr(error), repr(vars(error))]
        linked: BaseException | None = error
        while linked is not None:
            frame = linked.__traceback__
            while frame is not None:
                code_file = frame.tb_frame.f_code.co_filename
                if "/integrations/tiktok/" in code_file and "/tests/" not in code_file:
                    shown += [repr(value) for value in frame.tb_frame.f_locals.values()]
                frame = frame.tb_next
            linked = linked.__cause__ or linked.__context__
        assert len(shown) > 3
        assert not any("Canary" in text for text in shown)
    else:
        assert "revoke" in server.received[0].path, "only a revocation has nothing to read in its answer"
