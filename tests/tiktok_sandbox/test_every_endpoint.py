"""What holds for each endpoint without a line of its own: declarations, tokens, limits, and every kind of fault."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from tests.tiktok_sandbox import advertising
from tests.tiktok_sandbox.driver import Driver
from tests.tiktok_sandbox.login_kit import LoginKit
from tiktok_sandbox.dialects import Dialect
from tiktok_sandbox.endpoints import Endpoint, Flow
from tiktok_sandbox.families import ENDPOINTS
from tiktok_sandbox.scopes import BASIC, LOGIN_SCOPES, PERMISSIONS, SCOPES

EACH = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.full_path}")
WITH_TOKEN = pytest.mark.parametrize(
    "endpoint", [one for one in ENDPOINTS if one.needs_token], ids=lambda one: f"{one.method} {one.full_path}"
)


def call(sandbox: Driver, endpoint: Endpoint, token: str | None = None, **more: Any) -> httpx.Response:
    """A call with nothing but a token: most are refused for their parameters, none for anything earlier."""
    headers = {}
    if token is not None:
        headers = {"Access-Token": token} if endpoint.dialect is Dialect.BUSINESS else {"Authorization": f"Bearer {token}"}
    body = {} if endpoint.method in {"GET", "PUT"} or endpoint.body != "json" else {"json": {}}
    return sandbox.http.request(endpoint.method, endpoint.full_path, headers=headers, **body, **more)


def flow_of(endpoint: Endpoint) -> str:
    return "advertiser" if endpoint.flow is Flow.ADVERTISER else "account" if endpoint.dialect is Dialect.BUSINESS else "login_kit"


def token_for(sandbox: Driver, endpoint: Endpoint, *, little: bool = False) -> str:
    """With everything that can be granted, or with hardly anything."""
    scopes = [BASIC] if little else None
    if endpoint.flow is Flow.ADVERTISER:
        return advertising.desk(sandbox, scopes=[] if little else None).token
    if endpoint.dialect is Dialect.BUSINESS:
        return sandbox.grant(scopes=scopes).access
    return str(LoginKit(sandbox).grant(scopes=scopes)["access_token"])


def word(endpoint: Endpoint, answer: httpx.Response) -> Any:
    body = answer.json()
    return body["code"] if endpoint.dialect is Dialect.BUSINESS else body["error"]["code"]


def test_no_two_endpoints_share_path_and_method() -> None:
    named = [(one.full_path, one.method) for one in ENDPOINTS]
    assert len(set(named)) == len(named)


@EACH
def test_a_declaration_is_complete(endpoint: Endpoint) -> None:
    assert endpoint.path.startswith("/") and endpoint.path.endswith("/") and endpoint.evidence in {"T", "C", "L", "?"}
    names = [param.name for param in endpoint.params]
    assert len(set(names)) == len(names)
    if endpoint.flow is Flow.ADVERTISER:
        assert endpoint.dialect is Dialect.BUSINESS and not endpoint.scope and not endpoint.any_scope
        assert endpoint.permission in {None, *PERMISSIONS} and (endpoint.limit is not None) == endpoint.needs_token
        return
    known = SCOPES if endpoint.dialect is Dialect.BUSINESS else LOGIN_SCOPES
    assert {*endpoint.any_scope, *([endpoint.scope] if endpoint.scope else [])} <= known.keys()
    assert bool(endpoint.scope or endpoint.any_scope) == endpoint.needs_token


@WITH_TOKEN
def test_without_a_token_an_unknown_one_or_without_the_scope_nothing_opens(sandbox: Driver, endpoint: Endpoint) -> None:
    business = endpoint.dialect is Dialect.BUSINESS
    missing, unknown = call(sandbox, endpoint), call(sandbox, endpoint, "act.unknown")
    assert [word(endpoint, one) for one in (missing, unknown)] == ([40104, 40105] if business else ["access_token_invalid"] * 2)
    assert {one.status_code for one in (missing, unknown)} == {200 if business else 401}
    if endpoint.permission is not None or endpoint.scope not in {None, BASIC} or endpoint.any_scope:
        answer = call(sandbox, endpoint, token_for(sandbox, endpoint, little=True))
        refused = {"account": 40130, "login_kit": "scope_not_authorized", "advertiser": 40001}
        assert word(endpoint, answer) == refused[flow_of(endpoint)]


@WITH_TOKEN
def test_a_token_of_another_flow_does_not_fit(sandbox: Driver, endpoint: Endpoint) -> None:
    tokens = {
        "account": sandbox.grant().access,
        "login_kit": str(LoginKit(sandbox).grant()["access_token"]),
        "advertiser": advertising.desk(sandbox).token,
    }
    del tokens[flow_of(endpoint)]
    misfit = 70001 if endpoint.dialect is Dialect.BUSINESS else "access_token_invalid"
    assert [word(endpoint, call(sandbox, endpoint, token)) for token in tokens.values()] == [misfit, misfit]


@WITH_TOKEN
def test_an_expired_or_withdrawn_token_is_refused(sandbox: Driver, endpoint: Endpoint) -> None:
    token, flow, business = token_for(sandbox, endpoint), flow_of(endpoint), endpoint.dialect is Dialect.BUSINESS
    if flow != "advertiser":  # whose tokens do not expire
        sandbox.control("clock", {"seconds": 86_400})
        assert word(endpoint, call(sandbox, endpoint, token)) == (40102 if business else "access_token_invalid")
    sandbox.control("revoke", {"account": "brassorbit3", "flow": flow})
    assert word(endpoint, call(sandbox, endpoint, token)) == (40105 if business else "access_token_invalid")


@EACH
def test_another_method_is_405(sandbox: Driver, endpoint: Endpoint) -> None:
    assert sandbox.http.request("PATCH", endpoint.full_path).status_code == 405


@EACH
def test_every_fault_works_here_too(sandbox: Driver, endpoint: Endpoint) -> None:
    token = token_for(sandbox, endpoint) if endpoint.needs_token else None
    path = endpoint.full_path

    def plan(kind: str, value: Any = None) -> None:
        sandbox.control("faults", {"path": path, "kind": kind, "value": value})

    plan("status", 503)
    assert call(sandbox, endpoint, token).status_code == 503
    plan("html")
    assert "text/html" in call(sandbox, endpoint, token).headers["content-type"]
    plan("retry-after", 9)
    limited = call(sandbox, endpoint, token)
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "9")
    plan("code")
    answer = call(sandbox, endpoint, token)
    match endpoint.dialect:
        case Dialect.BUSINESS:
            assert (answer.status_code, answer.json()["code"]) == (200, 50000)
        case Dialect.OPEN:
            assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
        case Dialect.OAUTH:
            assert (answer.status_code, answer.json()["error"]) == (500, "server_error")
        case _:
            assert answer.status_code >= 400
    plan("maintenance")
    assert call(sandbox, endpoint, token).status_code == (200 if endpoint.dialect is Dialect.BUSINESS else 503)
    plan("reset")
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        call(sandbox, endpoint, token)
    plan("timeout", 0)
    with pytest.raises(httpx.RemoteProtocolError):
        call(sandbox, endpoint, token)
    plan("lost-answer")
    with pytest.raises(httpx.RemoteProtocolError):
        call(sandbox, endpoint, token)
    if endpoint.dialect is not Dialect.UPLOAD:  # its refusals have no body to break off
        plan("truncated")
        with pytest.raises(httpx.RemoteProtocolError):
            call(sandbox, endpoint, token)
    plan("clock-skew", -7200)
    behind = call(sandbox, endpoint, token)
    assert behind.status_code < 500
    assert timedelta(hours=1) < datetime.now(UTC) - parsedate_to_datetime(behind.headers["date"]) < timedelta(hours=3)
    plan("drip", 0)
    assert call(sandbox, endpoint, token).status_code < 500
    assert sandbox.control("faults") == {"faults": []}


HOSTILE: tuple[Any, ...] = (
    "\u0000",
    "\u202e",
    "9" * 400,
    -1,
    1e400,
    [],
    {},
    [[]],
    True,
    "null",
    '{"a":',
    "[" * 2_000,
    "\ud800",
)


@EACH
def test_nothing_a_caller_sends_breaks_the_sandbox(sandbox: Driver, endpoint: Endpoint) -> None:
    """Each parameter with each hostile value in turn, the required others absent or odd as well."""
    sandbox.control("limits", {"enabled": False})
    token = token_for(sandbox, endpoint) if endpoint.needs_token else "none"
    headers = {"Access-Token": token} if endpoint.dialect is Dialect.BUSINESS else {"Authorization": f"Bearer {token}"}
    owner = {"business_id": sandbox.token.open_id, "creator_id": sandbox.token.open_id} if sandbox.token else {}
    if endpoint.flow is Flow.ADVERTISER and endpoint.needs_token:
        owner = {"advertiser_id": advertising.desk(sandbox).first}
    in_query = endpoint.method == "GET" or endpoint.body == "raw"
    for value in HOSTILE:
        values: dict[str, Any] = {param.name: value for param in endpoint.params}
        calls = [values, {**values, **owner}]
        if in_query and isinstance(value, str) and len(value) * len(values) > 5_000:  # together they would not fit into a head
            calls = [{**owner, name: value} for name in values]
        for sent in calls:
            texts = {name: one if isinstance(one, str) else json.dumps(one) for name, one in sent.items()}
            query = {name: text.encode("utf-8", "surrogatepass") for name, text in texts.items()}
            answer = sandbox.http.request(
                endpoint.method,
                endpoint.full_path,
                params=query if in_query else None,
                content=None if in_query else json.dumps(sent),
                headers={**headers, "Content-Type": "application/json"},
            )
            assert answer.status_code < 500, (value, answer.text)
            if endpoint.dialect is Dialect.BUSINESS and answer.status_code != 413:  # a head beyond its cap
                assert answer.json()["code"] != 50000


@EACH
def test_a_body_that_is_no_body_is_refused(sandbox: Driver, endpoint: Endpoint) -> None:
    token = token_for(sandbox, endpoint) if endpoint.needs_token else "none"
    headers = {"Access-Token": token, "Authorization": f"Bearer {token}"}
    kinds = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x")
    for body in (b"[" * 100_000, b"\xff\xfe", b"--x\r\n\r\n", b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--x--"):
        for kind in kinds:
            answer = sandbox.http.request(endpoint.method, endpoint.full_path, content=body, headers={**headers, "Content-Type": kind})
            assert answer.status_code < 500, (body[:20], kind, answer.text)
