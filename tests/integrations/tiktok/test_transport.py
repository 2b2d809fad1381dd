"""The transport against a real server on loopback: what goes out, what comes back, and every way in which it does not."""

import gzip
import json
import logging
import os
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from agency.secret import Secret
from integrations.tiktok.errors import NO_ANSWER, NO_CODE, AnswerLost, NotUnderstood, OurMistake, Throttled, TikTokError, TryLater
from integrations.tiktok.transport import Answer, BaseUrls, Transport
from tests.integrations.tiktok.conftest import NOW
from tests.integrations.tiktok.loopback import REQUEST_ID, Loopback, drip, envelope, http, page, raw, reset, silence, then_close

TOKEN = Secret("act.Token!1")


def get(transport: Transport, **params: Any) -> Answer[Any]:
    return transport.business_get("/business/get/", access_token=TOKEN, params=params)


def post(transport: Transport, **body: Any) -> Answer[Any]:
    return transport.business_post("/tt_user/oauth2/token/", body=body)


def test_a_get_carries_the_token_in_its_header_and_lists_as_json_text(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope({"username": "acme"}))
    answer = get(transport, business_id="_000abc&=é", fields=["a", "b"], filters={"ad_post_only": True}, cursor=12, left_out=None)
    request = server.received[0]
    assert (request.method, request.path) == ("GET", "/open_api/v1.3/business/get/")
    assert request.headers["access-token"] == "act.Token!1"
    assert "authorization" not in request.headers
    assert request.query == {
        "business_id": ["_000abc&=é"],
        "fields": ['["a","b"]'],
        "filters": ['{"ad_post_only":true}'],
        "cursor": ["12"],
    }
    assert answer.value == {"username": "acme"}


def test_a_post_carries_json_with_its_secrets_in_clear_and_no_token_header(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope())
    post(transport, client_id="7", client_secret=Secret("s3cret"), nested={"list": [Secret("deep")]})
    request = server.received[0]
    assert (request.method, request.path) == ("POST", "/open_api/v1.3/tt_user/oauth2/token/")
    assert request.headers["content-type"] == "application/json"
    assert "access-token" not in request.headers
    assert request.json == {"client_id": "7", "client_secret": "s3cret", "nested": {"list": ["deep"]}}


def test_the_answer_tells_which_call_it_came_from(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope())
    call = get(transport).call
    assert (call.endpoint, call.request_id, call.http_status, call.code) == ("/business/get/", REQUEST_ID, 200, 0)
    assert call.started_at == NOW
    assert 0 <= call.duration_ms < 20_000


def test_a_partial_success_is_a_success_that_says_so(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope({"a": 1}, code=20001))
    answer = get(transport)
    assert (answer.value, answer.call.code) == ({"a": 1}, 20001)


@pytest.mark.parametrize("document", [b'{"code":0}', b'{"code":0,"data":null}', b' {"data":{},"code":0,"extra":[]} \n'])
def test_an_answer_without_data_is_an_empty_one(server: Loopback, transport: Transport, document: bytes) -> None:
    server.answer_with(raw(http(document)))
    answer = get(transport)
    assert answer.value == {}
    assert answer.call.request_id == ""


def test_ids_beyond_what_a_float_holds_arrive_whole(server: Loopback, transport: Transport) -> None:
    server.answer_with(raw(http(b'{"code":0,"data":{"id":7500000000000000001,"larger":123456789012345678901234567890}}')))
    assert get(transport).value == {"id": 7500000000000000001, "larger": 123456789012345678901234567890}


def test_a_compressed_answer_is_read(server: Loopback, transport: Transport) -> None:
    body = gzip.compress(b'{"code":0,"data":{"a":"' + b"x" * 100_000 + b'"}}')
    server.answer_with(raw(http(body, headers={"Content-Encoding": "gzip"})))
    assert len(get(transport).value["a"]) == 100_000
    assert server.received[0].headers["accept-encoding"] == "gzip"


def test_one_connection_serves_many_calls(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope())
    for _ in range(3):
        get(transport)
    assert [request.connection_number for request in server.received] == [1, 1, 1]


def test_a_cookie_is_not_kept(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope(headers={"Set-Cookie": "session=canary; Path=/"}))
    get(transport)
    get(transport)
    assert "cookie" not in server.received[1].headers


def test_a_redirect_is_not_followed(server: Loopback, transport: Transport) -> None:
    server.answer_with(page("moved", status="302 Found", headers={"Location": server.url + "/elsewhere"}))
    with pytest.raises(NotUnderstood) as caught:
        get(transport)
    assert caught.value.call is not None
    assert caught.value.call.http_status == 302
    assert len(server.received) == 1


def test_a_proxy_named_in_the_environment_is_not_used(server: Loopback, transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.answer_with(envelope())
    get(transport)
    assert len(server.received) == 1


# Odd answers


@pytest.mark.parametrize(
    "reply",
    [
        page("<html><body>canary</body></html>"),
        raw(http(b"")),
        raw(http(b"null")),
        raw(http(b"[1,2]")),
        raw(http(b'{"message":"no code"}')),
        raw(http(b'{"code":"0"}')),
        raw(http(b'{"code":true}')),
        raw(http(b'{"code":0.0}')),
        raw(http(b'{"code":0,"data":[1]}')),
        raw(http(b'{"code":0,"data":"canary"}')),
        raw(http(b'{"code":0,"data":{"a":NaN}}')),
        raw(http(b'{"code":0,"data":{}')),
        raw(http(b'{"code":0,"data":{"a":"\xff"}}')),
        raw(http(b'{"code":0,"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}")),
        raw(http(b'{"code":0,"data":{"a":' + b"1" * 5000 + b"}}")),
        raw(http(b"not gzip", headers={"Content-Encoding": "gzip"})),
        raw(http(b'{"code":0}', headers={"Content-Encoding": "br"})),
        page("forbidden", status="403 Forbidden"),
        page("not found", status="404 Not Found"),
    ],
)
def test_what_is_not_an_answer_is_not_understood(server: Loopback, transport: Transport, reply: Any) -> None:
    server.answer_with(reply)
    with pytest.raises(NotUnderstood) as caught:
        get(transport)
    assert caught.value.may_have_run
    assert "canary" not in str(caught.value)
    server.answer_with(envelope({"next": "fine"}))
    assert get(transport).value == {"next": "fine"}


@pytest.mark.parametrize(
    ("reply", "error_class", "status"),
    [
        (then_close(b""), AnswerLost, NO_ANSWER),
        (reset(), AnswerLost, NO_ANSWER),
        (reset(b"HTTP/1.1 200 OK\r\nContent-"), AnswerLost, NO_ANSWER),
        (then_close(b"this is not HTTP\r\n\r\n"), AnswerLost, NO_ANSWER),
        (then_close(http(b'{"code":0}')[:-3]), AnswerLost, 200),
        (then_close(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"cod'), AnswerLost, 200),
        (raw(http(gzip.compress(b'{"code":0}')[:-9], headers={"Content-Encoding": "gzip"})), AnswerLost, 200),
        (page("bad gateway", status="502 Bad Gateway"), AnswerLost, 502),
        (page("gateway timeout", status="504 Gateway Timeout"), AnswerLost, 504),
        (page("unavailable", status="503 Service Unavailable"), TryLater, 503),
        (page("slow down", status="429 Too Many Requests"), Throttled, 429),
        (envelope(code=40002, status="429 Too Many Requests"), Throttled, 429),
    ],
)
def test_a_broken_answer_is_named_by_what_may_have_happened(
    server: Loopback, transport: Transport, reply: Any, error_class: type[TikTokError], status: int
) -> None:
    server.answer_with(reply)
    with pytest.raises(TikTokError) as caught:
        get(transport)
    assert type(caught.value) is error_class
    assert caught.value.may_have_run is (error_class is AnswerLost)
    assert caught.value.call is not None
    assert caught.value.call.http_status == status
    assert len(server.received) == 1, "the transport never repeats a call"
    server.answer_with(envelope({"next": "fine"}))
    assert get(transport).value == {"next": "fine"}


def test_a_refused_connection_is_tried_later_and_has_not_run(make_transport: Callable[..., Transport]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TryLater) as caught:
        get(make_transport(f"http://127.0.0.1:{port}"))
    assert type(caught.value) is TryLater
    assert caught.value.may_have_run is False
    assert caught.value.call is not None
    assert (caught.value.call.http_status, caught.value.call.code, caught.value.code) == (NO_ANSWER, NO_CODE, None)


def test_a_name_that_does_not_resolve_is_tried_later(make_transport: Callable[..., Transport], monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_name(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    with pytest.raises(TryLater) as caught:
        get(make_transport("http://tiktok.invalid"))
    assert type(caught.value) is TryLater


def test_the_second_address_of_a_name_is_tried(
    server: Loopback, make_transport: Callable[..., Transport], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(server.url.rsplit(":", 1)[1])
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in ("127.0.0.2", "127.0.0.1")]
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *args, **kw: entries if host == "two" else real(host, *args, **kw))
    server.answer_with(envelope())
    assert get(make_transport(f"http://two:{port}")).value == {}


# Deadlines


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"", b"H"),
        (HEAD, b"X-Slow: 1\r\n"),
        (HEAD + b"X-Slow: ", b"x"),
        (HEAD + b"Content-Length: 100000\r\n\r\n", b" "),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    ],
    ids=["status line", "headers", "one header", "body", "chunks"],
)
def test_a_drip_ends_with_the_deadline_of_the_whole_call(
    server: Loopback, make_transport: Callable[..., Transport], start: bytes, piece: bytes
) -> None:
    server.answer_with(drip(server, start, piece))
    with pytest.raises(AnswerLost):
        get(make_transport(total_deadline_seconds=1))
    # Had the client read on, the drip would have come to its end with nobody gone.
    assert server.gone.wait(5)


def test_a_server_that_says_nothing_is_left_at_the_deadline(server: Loopback, make_transport: Callable[..., Transport]) -> None:
    server.answer_with(silence(server))
    with pytest.raises(AnswerLost) as caught:
        get(make_transport(total_deadline_seconds=1))
    assert server.gone.wait(5)
    assert caught.value.call is not None
    assert caught.value.call.duration_ms >= 1000


def test_a_deadline_of_one_call_does_not_shorten_the_next(server: Loopback, make_transport: Callable[..., Transport]) -> None:
    transport = make_transport(total_deadline_seconds=1)
    server.answer_with(silence(server), envelope({"next": "fine"}))
    with pytest.raises(AnswerLost):
        get(transport)
    assert get(transport).value == {"next": "fine"}


# Size


def test_a_body_at_the_limit_is_read_and_one_byte_more_is_not(server: Loopback, make_transport: Callable[..., Transport]) -> None:
    document = b'{"code":0,"data":{"a":"' + b"x" * 5000 + b'"}}'
    transport = make_transport(max_body_bytes=len(document))
    server.answer_with(raw(http(document)), raw(http(document + b" ")))
    assert get(transport).value["a"] == "x" * 5000
    with pytest.raises(NotUnderstood):
        get(transport)


def test_a_compressed_body_counts_by_its_real_size(server: Loopback, make_transport: Callable[..., Transport]) -> None:
    document = b'{"code":0,"data":{"a":"' + b"x" * 5_000_000 + b'"}}'
    packed = http(gzip.compress(document), headers={"Content-Encoding": "gzip"})
    server.answer_with(raw(packed))
    assert len(packed) < 10_000
    assert len(get(make_transport(max_body_bytes=len(document))).value["a"]) == 5_000_000
    with pytest.raises(NotUnderstood):
        get(make_transport(max_body_bytes=len(document) - 1))


def test_an_endless_body_is_cut_at_the_limit(server: Loopback, make_transport: Callable[..., Transport]) -> None:
    server.answer_with(drip(server, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b" " * 0x1000 + b"\r\n"))
    with pytest.raises(NotUnderstood):
        get(make_transport(max_body_bytes=10_000))
    assert server.gone.wait(5)


# When to come back


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "120"}, 120.0),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "1.5"}, None),
        ({"Retry-After": "Thu, 15 Jan 2026 10:31:00 GMT"}, 60.0),
        ({"Retry-After": "Thu, 15 Jan 2026 10:29:00 GMT"}, 0.0),
        ({"Retry-After": "Thu, 15 Jan 99999999999 10:31:00 GMT"}, None),
        ({"Retry-After": "Thu, 15 Jan 2026 10:31:00 +99999999999999"}, None),
        ({"Retry-After": "Thu, 15 Jan 2026 12:00:30 GMT", "Date": "Thu, 15 Jan 2026 12:00:00 GMT"}, 30.0),
    ],
)
@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_the_wait_is_what_tiktok_said_or_unknown(
    server: Loopback, transport: Transport, status: str, headers: dict[str, str], expected: float | None
) -> None:
    server.answer_with(page("later", status=status, headers=headers))
    with pytest.raises(TryLater) as caught:
        get(transport)
    assert caught.value.retry_after_seconds == expected


# Who is asking


@pytest.mark.parametrize(
    "token", ["act.canary\r\nX-Injected: 1", "act.canary\n", "act.cänary", "act canary", "act.canary\x00", "", "act.canary\u2028"]
)
def test_a_token_that_is_no_header_value_never_leaves(server: Loopback, transport: Transport, token: str) -> None:
    server.answer_with(envelope())
    with pytest.raises(OurMistake) as caught:
        transport.business_get("/business/get/", access_token=Secret(token), params={})
    assert server.received == []
    assert "canary" not in str(caught.value)


def test_the_request_id_falls_back_to_the_log_id_of_the_gateway(server: Loopback, transport: Transport) -> None:
    server.answer_with(page("bad gateway", status="502 Bad Gateway", headers={"X-Tt-Logid": "20260115103045ABC"}))
    with pytest.raises(AnswerLost) as caught:
        get(transport)
    assert caught.value.request_id == "20260115103045ABC"


@pytest.mark.parametrize("odd", ["<script>", "x" * 65, "", 7, None, {"a": 1}, "line\nbreak"])
def test_a_request_id_that_is_none_is_left_empty(server: Loopback, transport: Transport, odd: object) -> None:
    server.answer_with(envelope(request_id=odd))
    assert get(transport).call.request_id == ""


@pytest.mark.parametrize(
    "url",
    ["business-api.tiktok.com", "ftp://host", "https://", "https://host/open_api", "https://user@host", "https://host?x=1", "https://h#f"],
)
def test_a_base_url_is_scheme_and_host_only(url: str) -> None:
    good = "https://www.tiktok.com"
    with pytest.raises(ValueError, match="business"):
        BaseUrls(auth=good, business=url, developers=good)


def test_a_base_url_may_end_in_a_slash() -> None:
    assert BaseUrls("https://a/", "http://127.0.0.1:8000/", "https://c") == BaseUrls("https://a", "http://127.0.0.1:8000", "https://c")


# Processes and threads


def test_threads_share_one_transport(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope({"a": 1}))
    failures: list[object] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        for _ in range(10):
            try:
                assert get(transport).value == {"a": 1}
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(server.received) == 80
    assert server.connection_count <= 20
    assert len(transport._clients) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_opens_its_own_connection_and_leaves_its_parents_alone(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope())
    get(transport)
    child = os.fork()
    if child == 0:
        try:
            get(transport)
            transport.close()
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    get(transport)
    assert [request.connection_number for request in server.received] == [1, 2, 1]


def test_a_closed_transport_hangs_up_and_can_call_again(server: Loopback, transport: Transport) -> None:
    transport.close()
    server.answer_with(envelope())
    get(transport)
    transport.close()
    get(transport)
    assert [request.connection_number for request in server.received] == [1, 2]


# Nothing secret comes out


CANARIES = {"token": "act.CanaryToken!5159.s1", "secret": "CanaryAppSecret", "code": "CanaryCode*1", "body": "CanaryBody"}


def leaks(error: BaseException) -> list[str]:
    """Canaries in anything an error page or a log would show of an exception: texts, attributes, causes, and locals of our frames."""
    shown: list[str] = []
    todo, seen = [error], set()
    while todo:
        current = todo.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        shown += [str(current), repr(current), repr(current.args), repr(vars(current))]
        todo += [linked for linked in (current.__cause__, current.__context__) if linked is not None]
        frame = current.__traceback__
        while frame is not None:
            if "/integrations/tiktok/" in frame.tb_frame.f_code.co_filename and "/tests/" not in frame.tb_frame.f_code.co_filename:
                shown += [repr(value) for value in frame.tb_frame.f_locals.values()]
            frame = frame.tb_next
    return [name for name, canary in CANARIES.items() if any(canary in text for text in shown)]


echo = json.dumps({"said": list(CANARIES.values())})
HOSTILE_REPLIES = {
    "html": page(f"<html>{echo}</html>"),
    "odd json": raw(http(json.dumps([echo]).encode())),
    "broken json": raw(http(b'{"code":0,"data":{"access_token":"CanaryBody"')),
    "data of the wrong kind": envelope(list(CANARIES.values())),
    "refused": envelope(code=40105, message=echo),
    "refused with the code echoed": envelope(code=40110, message="code CanaryCode*1 with act.CanaryToken!5159.s1 refused"),
    "our mistake": envelope(code=40002, message="client_secret: CanaryAppSecret is wrong"),
    "gateway": page(echo, status="502 Bad Gateway"),
    "throttled": page(echo, status="429 Too Many Requests"),
    "odd id": envelope(code=50000, request_id="CanaryAppSecret CanaryBody"),
    "reset": reset(b"HTTP/1.1 200 OK\r\nX-Echo: CanaryAppSecret\r\n"),
    "cut": then_close(http(echo.encode())[:-2]),
    "not http": then_close(b"CanaryAppSecret\r\n\r\n"),
}


@pytest.mark.parametrize("name", HOSTILE_REPLIES)
def test_no_secret_comes_out_of_an_error_or_a_log(
    server: Loopback, transport: Transport, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    caplog.set_level(logging.DEBUG)
    for logger in ("httpx", "httpcore", "httpcore.http11", "hpack"):
        caplog.set_level(logging.DEBUG, logger)
    server.answer_with(HOSTILE_REPLIES[name])
    with pytest.raises(TikTokError) as caught:
        transport.business_post(
            "/tt_user/oauth2/token/",
            access_token=Secret(CANARIES["token"]),
            body={"client_secret": Secret(CANARIES["secret"]), "auth_code": Secret(CANARIES["code"])},
        )
    assert server.received, "the call went out"
    assert [leak for leak in leaks(caught.value) if leak != "body"] == []
    assert CANARIES["body"] not in str(caught.value) + repr(caught.value)
    assert not any(canary in caplog.text for canary in CANARIES.values())


def test_a_secret_in_a_query_does_not_come_out_either(server: Loopback, transport: Transport, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.answer_with(page("<html>"), envelope())
    params = {"app_id": "7", "secret": Secret(CANARIES["secret"])}
    with pytest.raises(NotUnderstood) as caught:
        transport.business_get("/oauth2/advertiser/get/", access_token=Secret(CANARIES["token"]), params=params)
    transport.business_get("/oauth2/advertiser/get/", access_token=Secret(CANARIES["token"]), params=params)
    assert server.received[0].query["secret"] == [CANARIES["secret"]]
    assert leaks(caught.value) == []
    assert not any(canary in caplog.text for canary in CANARIES.values())


def test_an_answer_does_not_print_the_tokens_it_carries(server: Loopback, transport: Transport) -> None:
    server.answer_with(envelope({"access_token": CANARIES["token"]}))
    answer = get(transport)
    assert CANARIES["token"] not in repr(answer) + str(answer)
    assert CANARIES["token"] not in repr(transport) + repr(transport.base_urls)


def test_tiktoks_own_words_are_kept_for_our_log_without_the_secrets(server: Loopback, transport: Transport) -> None:
    said = "code: CanaryCode*1 is not valid\nfor rft.OtherToken!1 \u202e" + "x" * 500
    server.answer_with(envelope(code=40002, message=said))
    with pytest.raises(OurMistake) as caught:
        post(transport, auth_code=Secret(CANARIES["code"]))
    assert caught.value.tiktok_message.startswith("code: •••••••• is not valid for ••••••••")
    assert len(caught.value.tiktok_message) <= 300
    assert caught.value.tiktok_message.isprintable()
    assert "valid" not in str(caught.value)


def test_the_clock_that_is_given_dates_the_call(server: Loopback) -> None:
    times = iter([datetime(2026, 2, 1, tzinfo=UTC)])
    base = server.url
    transport = Transport(BaseUrls(base, base, base), now=lambda: next(times))
    server.answer_with(envelope())
    assert get(transport).call.started_at == datetime(2026, 2, 1, tzinfo=UTC)
    transport.close()
