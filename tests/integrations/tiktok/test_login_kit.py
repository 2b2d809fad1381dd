"""Login Kit: its consent, its flat answers, its words for errors; and how the Display API wraps its own."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from agency.secret import Secret
from integrations.tiktok.display import user_info, videos, videos_page
from integrations.tiktok.errors import (
    AnswerLost,
    CodeRefused,
    InternalFailure,
    NotGranted,
    NotUnderstood,
    OurMistake,
    ReconnectNeeded,
    Throttled,
    TikTokError,
    TokenExpired,
    TryLater,
)
from integrations.tiktok.login_kit import exchange_login_code, login_consent_url, refresh_login, revoke_login
from integrations.tiktok.oauth import App, TokenGrant
from integrations.tiktok.posting import creator_info
from integrations.tiktok.transport import BaseUrls, Transport
from tests.integrations.tiktok.loopback import Loopback, Reply, http, page, raw, then_close

APP = App("aw0key", Secret("CanarySecret"))
TOKEN = Secret("act.Sim!5001")
LOG_ID = "202611200924030101130062072500FFA2"
GRANT = {
    "access_token": "act.Sim0AccessToken0001!5001",
    "expires_in": 7200,
    "open_id": "-000SimOpenId0001",
    "refresh_expires_in": 15552000,
    "refresh_token": "rft.Sim0RefreshToken0001!5001",
    "scope": "user.info.basic,video.list",
    "token_type": "Bearer",
}
READ = TokenGrant(
    "-000SimOpenId0001",
    Secret("act.Sim0AccessToken0001!5001"),
    Secret("rft.Sim0RefreshToken0001!5001"),
    7200,
    15552000,
    frozenset({"user.info.basic", "video.list"}),
)


def flat(document: Any, status: str = "200 OK") -> Reply:
    return raw(http(json.dumps(document).encode(), status=status))


def refused(word: str, status: str = "200 OK") -> Reply:
    return flat({"error": word, "error_description": "rft.Canary CanarySecret said no", "log_id": LOG_ID}, status)


def wrapped(data: Any, word: str = "ok", status: str = "200 OK", headers: dict[str, str] | None = None) -> Reply:
    document = {"data": data, "error": {"code": word, "message": "", "log_id": LOG_ID}}
    return raw(http(json.dumps(document).encode(), status=status, headers=headers))


def exchange(transport: Transport) -> Any:
    return exchange_login_code(transport, APP, code=Secret("Code*1!x"), verifier=Secret("v" * 43), redirect_uri="https://a/cb")


def refresh(transport: Transport) -> Any:
    return refresh_login(transport, APP, refresh_token=Secret("rft.Old"))


def revoke(transport: Transport) -> Any:
    return revoke_login(transport, APP, access_token=TOKEN)


def test_the_consent_address_has_a_hex_challenge_and_its_final_slash() -> None:
    urls = BaseUrls("https://www.tiktok.com", "https://b", "https://c")
    arguments: dict[str, Any] = {"client_key": "aw0key", "redirect_uri": "https://a/cb/", "state": Secret("s&1"), "challenge": "ab"}
    parts = urlsplit(login_consent_url(urls, scopes=["user.info.basic", "video.list"], **arguments))
    assert (parts.netloc, parts.path) == ("www.tiktok.com", "/v2/auth/authorize/")
    query = parse_qs(parts.query)
    assert (query["scope"], query["state"], query["code_challenge_method"]) == (["user.info.basic,video.list"], ["s&1"], ["S256"])
    with pytest.raises(ValueError, match="scope"):
        login_consent_url(urls, scopes=[], **arguments)


def test_a_code_becomes_a_grant_through_a_form(server: Loopback, transport: Transport) -> None:
    server.answer_with(flat(GRANT))
    assert exchange(transport).value == READ
    request = server.received[0]
    assert (request.method, request.path, request.headers["content-type"]) == (
        "POST",
        "/v2/oauth/token/",
        "application/x-www-form-urlencoded",
    )
    assert "authorization" not in request.headers
    assert parse_qs(request.body.decode()) == {
        "client_key": ["aw0key"],
        "client_secret": ["CanarySecret"],
        "grant_type": ["authorization_code"],
        "code": ["Code*1!x"],
        "redirect_uri": ["https://a/cb"],
        "code_verifier": ["v" * 43],
    }


WORDS: list[tuple[Callable[[Transport], Any], str, type[TikTokError]]] = [
    (exchange, "invalid_grant", CodeRefused),
    (exchange, "invalid_request", OurMistake),
    (exchange, "invalid_client", OurMistake),
    (exchange, "server_error", InternalFailure),
    (exchange, "temporarily_unavailable", TryLater),
    (exchange, "never_heard_of", NotUnderstood),
    (exchange, "<b>", NotUnderstood),
    (refresh, "invalid_grant", ReconnectNeeded),
    (refresh, "invalid_client", OurMistake),
    (revoke, "invalid_grant", TokenExpired),
    (revoke, "invalid_client", OurMistake),
]


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "500 Internal Server Error"])
@pytest.mark.parametrize(("act", "word", "error_class"), WORDS)
def test_the_word_decides_whatever_the_status_and_keeps_secrets(
    server: Loopback, transport: Transport, act: Any, word: str, error_class: type[TikTokError], status: str
) -> None:
    server.answer_with(refused(word, status))
    with pytest.raises(TikTokError) as caught:
        act(transport)
    assert type(caught.value) is error_class
    assert caught.value.request_id == LOG_ID
    assert caught.value.word == ("" if word == "<b>" else word)
    assert "Canary" not in caught.value.tiktok_message + str(caught.value) + repr(vars(caught.value))
    assert len(server.received) == 1


@pytest.mark.parametrize("missing", ["access_token", "refresh_token", "expires_in", "refresh_expires_in", "open_id", "scope"])
def test_a_grant_that_lacks_a_part_is_not_half_taken(server: Loopback, transport: Transport, missing: str) -> None:
    server.answer_with(flat({name: value for name, value in GRANT.items() if name != missing}))
    for act in (exchange, refresh):
        with pytest.raises(NotUnderstood) as caught:
            act(transport)
        assert caught.value.may_have_run


@pytest.mark.parametrize("reply", [flat({}), raw(http(b"")), flat({"log_id": LOG_ID}), wrapped({})])
def test_a_revocation_says_nothing_when_it_is_done(server: Loopback, transport: Transport, reply: Reply) -> None:
    server.answer_with(reply)
    assert revoke(transport).value is None


@pytest.mark.parametrize(
    ("reply", "error_class"),
    [
        (flat({"message": "error"}), NotUnderstood),
        (flat([]), NotUnderstood),
        (page("<html>"), NotUnderstood),
        (raw(http(b"", status="502 Bad Gateway")), AnswerLost),
        (flat({}, "500 Internal Server Error"), AnswerLost),
        (then_close(b""), AnswerLost),
        (flat({}, "429 Too Many Requests"), Throttled),
    ],
)
def test_a_revocation_that_may_not_have_happened_is_not_done(
    server: Loopback, transport: Transport, reply: Reply, error_class: type[TikTokError]
) -> None:
    server.answer_with(reply)
    with pytest.raises(TikTokError) as caught:
        revoke(transport)
    assert type(caught.value) is error_class


# The Display API


def test_fields_travel_in_the_query_and_the_token_as_bearer(server: Loopback, transport: Transport) -> None:
    server.answer_with(
        wrapped({"user": {"open_id": "-000", "follower_count": 0}}),
        wrapped({"videos": [{"id": 7512000000000000001, "duration": 21}], "cursor": 1764000000000, "has_more": False}),
        wrapped({"videos": None}),
    )
    read = user_info(transport, access_token=TOKEN, fields=["open_id", "follower_count"])
    assert (read.value.open_id, read.value.follower_count, read.value.likes_count) == ("-000", 0, None)
    assert (read.call.code, read.call.request_id) == (0, LOG_ID)
    assert videos_page(transport, access_token=TOKEN, fields=["id"], cursor=5).value.records[0].video_id == "7512000000000000001"
    assert videos(transport, access_token=TOKEN, video_ids=["1"]).value == ()
    first, second, third = server.received
    assert (first.query, first.headers["authorization"]) == ({"fields": ["open_id,follower_count"]}, "Bearer act.Sim!5001")
    assert "access-token" not in first.headers
    assert (second.method, second.query, second.json) == ("POST", {"fields": ["id"]}, {"max_count": 20, "cursor": 5})
    assert third.json == {"filters": {"video_ids": ["1"]}}
    with pytest.raises(ValueError, match="field"):
        user_info(transport, access_token=TOKEN, fields=())


@pytest.mark.parametrize(
    ("word", "status", "error_class"),
    [
        ("access_token_invalid", "401 Unauthorized", TokenExpired),
        ("scope_not_authorized", "401 Unauthorized", NotGranted),
        ("scope_permission_missed", "400 Bad Request", NotGranted),
        ("invalid_params", "400 Bad Request", OurMistake),
        ("internal_error", "500 Internal Server Error", InternalFailure),
        ("spam_risk_too_many_posts", "200 OK", TryLater),
        ("reached_active_user_cap", "200 OK", TryLater),
        ("spam_risk_user_banned_from_posting", "200 OK", NotGranted),
        ("new_word", "200 OK", NotUnderstood),
    ],
)
def test_a_word_beside_the_data_decides(
    server: Loopback, transport: Transport, word: str, status: str, error_class: type[TikTokError]
) -> None:
    bare = raw(http(json.dumps({"code": word, "message": "no", "log_id": LOG_ID}).encode(), status=status))
    for reply in (wrapped({}, word, status), bare):
        server.answer_with(reply)
        with pytest.raises(TikTokError) as caught:
            creator_info(transport, access_token=TOKEN)
        assert type(caught.value) is error_class
        assert (caught.value.word, caught.value.request_id) == (word, LOG_ID)
        assert word in str(caught.value)


def test_a_limit_tells_how_long_to_wait_when_tiktok_does(server: Loopback, transport: Transport) -> None:
    server.answer_with(
        wrapped({}, "rate_limit_exceeded", "429 Too Many Requests", {"Retry-After": "60"}),
        wrapped({}, "rate_limit_exceeded", "429 Too Many Requests"),
    )
    for expected in (60.0, None):
        with pytest.raises(Throttled) as caught:
            user_info(transport, access_token=TOKEN, fields=["open_id"])
        assert caught.value.retry_after_seconds == expected


@pytest.mark.parametrize(
    "document", [[], {"data": {}}, {"error": "ok"}, {"error": {"code": 0}}, {"data": {"user": 1}, "error": {"code": "ok"}}]
)
def test_an_answer_in_no_known_shape_is_not_understood(server: Loopback, transport: Transport, document: Any) -> None:
    server.answer_with(flat(document))
    with pytest.raises(NotUnderstood):
        user_info(transport, access_token=TOKEN, fields=["open_id"])


@pytest.mark.parametrize("token", ["", "act canary", "act.\r\nX: 1"])
def test_a_token_that_is_no_header_value_never_leaves(server: Loopback, transport: Transport, token: str) -> None:
    with pytest.raises(OurMistake):
        user_info(transport, access_token=Secret(token), fields=["open_id"])
    assert server.received == []
