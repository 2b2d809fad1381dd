"""Every function of the client against every answer that local TikTok's description allows, and against answers bent out of it.

Functions are found, not listed: whatever takes a transport is called with values chosen by the names of its parameters, and answered
from the description of the path that it asked for. It gives typed records or raises a TikTokError, and nothing else.
"""

import dataclasses
import importlib
import inspect
import itertools
import json
import os
import pkgutil
import string
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import integrations.tiktok
from agency.secret import Secret
from integrations.tiktok import posting
from integrations.tiktok.errors import TikTokError
from integrations.tiktok.oauth import App
from integrations.tiktok.report_requests import DataLevel, ReportRequest
from integrations.tiktok.transport import Answer, Transport
from integrations.tiktok.url_properties import PropertyKind
from tests.integrations.tiktok.loopback import Loopback, envelope, http, raw
from tiktok_sandbox.openapi import describe

LONG = os.environ.get("CHAOS") == "long"
Schema = dict[str, Any]
JSON, CSV = "application/json", "text/csv; charset=utf-8"
DAY = date(2026, 1, 10)
BIG = "7510000000000000001"
# What is handed over for a parameter of this name, unless it has a default.
GIVEN: dict[str, Any] = {
    "access_token": Secret("act.1"),
    "refresh_token": Secret("rft.1"),
    "auth_code": Secret("#a+/="),
    "code": Secret("c"),
    "verifier": Secret("v" * 43),
    "app": App("7600593971684835329", Secret("s")),
    "redirect_uri": "https://example.com/callback",
    "business_id": "_000X",
    **dict.fromkeys(("advertiser_id", "adgroup_id", "tcm_account_id", "bc_id", "video_id", "item_id", "comment_id", "task_id"), BIG),
    "identity_id": "0a1b2c3d",
    "identity_type": "TT_USER",
    "publish_id": "v_pub_url~v2.1",
    **dict.fromkeys(("advertiser_ids", "item_ids", "video_ids"), (BIG,)),
    "asset_type": "ADVERTISER",
    "business_category": "BEAUTY",
    "keyword": "hiking",
    "username": "brassorbit3",
    "hashtag": "hiking",
    "hashtags": ("hiking",),
    "text": "Harz",
    "event_type": "COMMENT",
    "callback_url": "https://example.com/events",
    "fields": ("display_name",),
    "start": DAY,
    "end": DAY,
    "first": DAY,
    "last": DAY,
    "content": b"\x89PNG\r\n\x1a\n",
    "content_type": "image/png",
    "photo_urls": ("https://example.com/1.jpg",),
    "video_url": "https://example.com/1.mp4",
    "details": None,
    "creator_id": "0a1b2c3d",
    "invite_link": "https://example.com/invite",
    "link_request_id": BIG,
    "approve": True,
    "kind": PropertyKind.DOMAIN,
    "url": "https://example.com/",
    "source": posting.FileOf(3),
    "post": posting.DirectPost("SELF_ONLY"),
    "request": ReportRequest(BIG, DataLevel.AD, ("ad_id", "stat_time_day"), ("spend", "clicks", "ctr"), DAY, DAY),
}
HOSTILE = (
    "", "-", "0", " ", "\n", "\x00", "<script>alert(1)</script>", "=1+1", "@SUM(A1)", "\u202egnp.exe", "\ud83d", "\U0001f9e8", "e\u0301",
    "x" * 2_200, "2026-02-30", "2026-02-30 10:00:00", "1e400", "NaN", "-1", "9" * 40, BIG, "{}", "[]", "null", "true", "https://", "%00",
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**53 + 1, 2**63, 10**40, -(10**40), 1.5, -0.0, 1e308, float("nan"), float("inf"), [], {}, [None], [[]],
    [{}], {"": None}, [BIG], *HOSTILE,
)  # fmt: skip


def functions() -> Iterator[Callable[..., Any]]:
    """All but the one that sends a piece of a video: what it is answered has no body, and the battery holds it to the statuses."""
    for module in pkgutil.iter_modules(integrations.tiktok.__path__, "integrations.tiktok."):
        for name, found in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            is_own = found.__module__ == module.name and not name.startswith("_")
            if is_own and found is not posting.send_piece and next(iter(inspect.signature(found).parameters), "") == "transport":
                yield found


FUNCTIONS = sorted(functions(), key=lambda one: f"{one.__module__}.{one.__name__}")
EACH = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda one: f"{one.__module__.rpartition('.')[2]}.{one.__name__}")


def ask(function: Callable[..., Any], transport: Transport) -> list[Answer[Any]]:
    """One call; of a function that goes through pages, the first three."""
    parameters = list(inspect.signature(function).parameters.values())[1:]
    by_place = [GIVEN[one.name] for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD and one.default is one.empty]
    by_name = {one.name: GIVEN[one.name] for one in parameters if one.kind is one.KEYWORD_ONLY and one.default is one.empty}
    found = function(transport, *by_place, **by_name)
    return list(itertools.islice(found, 3)) if inspect.isgenerator(found) else [found]


def operation_of(function: Callable[..., Any], server: Loopback, transport: Transport) -> Mapping[str, Any]:
    """The description of what this function asks for, found by asking."""
    server.answer_with(envelope({}))
    with suppress(TikTokError):
        ask(function, transport)
    asked = server.received[0]
    operation: Mapping[str, Any] = DESCRIPTION["paths"][asked.path][asked.method.lower()]
    return operation


DESCRIPTION = describe("http://127.0.0.1")


# answers


def answers_of(operation: Mapping[str, Any], *, only_good: bool = False) -> st.SearchStrategy[tuple[int, str, Any]]:
    """Status, content type and body; three good ones for each other."""
    good: list[st.SearchStrategy[tuple[int, str, Any]]] = []
    rest: list[st.SearchStrategy[tuple[int, str, Any]]] = []
    for status, answer in operation["responses"].items():
        for kind, media in answer.get("content", {}).items():
            schemas = media["schema"].get("oneOf", [media["schema"]]) if kind == JSON else [media["schema"]]
            for place, schema in enumerate(schemas):
                is_good = status == "200" and kind in {JSON, CSV} and place == 0
                body = TABLES | from_schema(schema) if kind == CSV else from_schema(schema)
                made = st.tuples(st.just(int(status.replace("XX", "22"))), st.just(kind), body)
                (good if is_good else rest).append(made)
    return st.one_of(good) if only_good else st.one_of(*good * 3, *rest)


def from_schema(schema: Schema) -> st.SearchStrategy[Any]:
    """Values of a schema in the vocabulary of the description; texts are hostile, ids are big, lists are often empty."""
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    for several in ("oneOf", "anyOf"):
        if several in schema:
            return st.one_of([from_schema(one) for one in schema[several]])
    kind = schema.get("type", "string")
    if isinstance(kind, list):
        return st.one_of([from_schema({**schema, "type": one}) for one in kind])
    match kind:
        case "object":
            needed, members = schema.get("required", ()), schema.get("properties", {})
            made = {name: _member(name, member) for name, member in members.items()}
            optional = {name: one for name, one in made.items() if name not in needed}
            return st.fixed_dictionaries(made) | st.fixed_dictionaries({name: made[name] for name in needed}, optional=optional)
        case "array":
            return st.lists(from_schema(schema["items"]), max_size=3) if schema.get("maxItems") != 0 else st.just([])
        case "string":
            return texts_of(schema)
        case "integer":
            low, high = schema.get("minimum", -(2**63)), schema.get("maximum", 2**63)
            return st.sampled_from([low, max(low, 1), min(high, 2**53 + 1), high]) | st.integers(low, min(high, 10**9))
        case "number":
            return st.floats(schema.get("minimum", -1e12), schema.get("maximum", 1e12), allow_nan=False) | st.integers(0, 1)
        case "boolean":
            return st.booleans()
        case _:
            return st.none()


def _member(name: str, schema: Schema) -> st.SearchStrategy[Any]:
    usual = MEMBERS.get((name, str(schema.get("type"))))
    return from_schema(schema) if usual is None else st.one_of(usual, usual, from_schema(schema))


# What the client asked for comes back often enough to be looked at.
MEMBERS: dict[tuple[str, str], st.SearchStrategy[Any]] = {
    ("page", "integer"): st.just(1),
    ("event_type", "string"): st.just("COMMENT"),
    ("dimensions", "object"): st.just({"ad_id": BIG, "stat_time_day": "2026-01-10 00:00:00"}),
    ("metrics", "object"): st.just({"spend": "20.00", "clicks": "5", "ctr": "-"}),
}
TABLES = st.sampled_from(
    [
        f"ad_id,stat_time_day,spend,clicks,ctr\n{BIG},2026-01-10 00:00:00,20.00,5,1.18\n",
        "ad_id,stat_time_day,spend,clicks,ctr\n",
        f'ad_id,stat_time_day,spend,clicks,ctr\n{BIG},"2026-01-10 00:00:00\n',
        "ad_id,spend\n1,2,3\n",
    ]
)
PATTERNS: dict[str, st.SearchStrategy[str]] = {
    "^[0-9]{1,19}$": st.sampled_from([BIG, "9223372036854775807", "0", "00012"]) | st.integers(1, 2**63 - 1).map(str),
    "^[0-9]{1,12}$": st.integers(0, 253_402_300_799).map(str),
    "^https?://": st.sampled_from(["https://example.com/a.png?x=1&y=%2F", "http://127.0.0.1/", 'https://example.com/"><b>', "https://"]),
    "^[0-9]{14}[0-9A-F]{20}$": st.just("20260115103045A1B2C3D4E5F60718293A"),
    "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$": st.datetimes().map(
        lambda one: one.strftime("%Y-%m-%d %H:%M:%S").rjust(19, "0")
    ),
}


def texts_of(schema: Schema) -> st.SearchStrategy[str]:
    if schema.get("format") == "date":
        return st.dates().map(date.isoformat)
    if "pattern" in schema:
        return PATTERNS[schema["pattern"]]
    return st.sampled_from(HOSTILE) | st.text(max_size=20) | st.text(string.printable, max_size=20)


@st.composite
def bent(draw: Callable[[Any], Any], answers: st.SearchStrategy[tuple[int, str, Any]]) -> tuple[int, str, Any]:
    """An answer with up to three of its parts left out, or replaced by something else."""
    status, kind, body = draw(answers)
    for _ in range(draw(st.integers(1, 3))):
        body = _bend(body, draw)
    return draw(st.sampled_from([status, status, status, 200, 204, 400, 401, 403, 404, 429, 500, 503])), kind, body


def _bend(value: Any, draw: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict) and value and draw(st.integers(0, 3)):
        name = draw(st.sampled_from([*sorted(value), *["data"] * (8 if "data" in value else 0)]))
        if draw(st.booleans()) and not isinstance(value[name], dict | list):
            return {key: one for key, one in value.items() if key != name}
        return {**value, name: _bend(value[name], draw)}
    if isinstance(value, list) and value and draw(st.integers(0, 2)):
        place = draw(st.integers(0, len(value) - 1))
        return [*value[:place], _bend(value[place], draw), *value[place + 1 :]]
    return draw(st.sampled_from(ODD))


def written(answer: tuple[int, str, Any]) -> bytes:
    status, kind, value = answer
    is_text = kind != JSON and isinstance(value, str)
    body = value.encode("utf-8", "surrogatepass") if is_text else json.dumps(value).encode()
    reason = HTTPStatus(status).phrase if status in HTTPStatus.__members__.values() else "Unknown"
    return http(b"" if status == 204 else body, status=f"{status} {reason}", headers={"Content-Type": kind})


# what came out of them


def check_typed(value: Any) -> None:
    """Records all the way down, with ids as texts; what the wire sent is not handed on."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for one in dataclasses.fields(value):
            inner = getattr(value, one.name)
            if one.name.endswith("_id"):
                assert inner is None or isinstance(inner, str), (type(value), one.name, inner)
            elif one.name.endswith("_ids"):
                assert inner is None or all(isinstance(each, str) for each in inner), (type(value), one.name, inner)
            check_typed(inner)
    elif isinstance(value, tuple | frozenset):
        for inner in value:
            check_typed(inner)
    elif isinstance(value, Mapping):
        assert not isinstance(value, dict), "a dictionary of the wire was handed on"
    else:
        assert not isinstance(value, list), "a list of the wire was handed on"


def outcome(function: Callable[..., Any], transport: Transport) -> str:
    try:
        found = ask(function, transport)
    except TikTokError as error:
        assert str(error)
        return "raised"
    for answer in found:
        assert isinstance(answer, Answer) and answer.call.endpoint
        check_typed(answer.value)
    return "returned"


def run(
    function: Callable[..., Any], server: Loopback, transport: Transport, answers: st.SearchStrategy[tuple[int, str, Any]], examples: int
) -> list[str]:
    seen: list[str] = []

    @settings(
        max_examples=examples * (200 if LONG else 1),
        phases=[Phase.generate, *([Phase.shrink] if LONG else [])],
        suppress_health_check=list(HealthCheck),
    )
    @given(answer=answers)
    def serve(answer: tuple[int, str, Any]) -> None:
        server.answer_with(raw(written(answer)))
        seen.append(outcome(function, transport))

    serve()
    return seen


def test_the_functions_of_every_family_are_found() -> None:
    assert {one.__module__.rpartition(".")[2] for one in FUNCTIONS} >= {
        "account_insights", "accounts", "ad_reports", "advertisers", "comments", "display", "identities", "login_kit", "mentions", "oauth",
        "spark_posts", "structure", "token_info", "webhook_subscriptions",
    }  # fmt: skip


@EACH
def test_described_answers_become_records_or_errors(function: Callable[..., Any], server: Loopback, transport: Transport) -> None:
    seen = run(function, server, transport, answers_of(operation_of(function, server, transport)), 30)
    assert set(seen) == {"returned", "raised"}


@EACH
def test_bent_answers_become_records_or_errors(function: Callable[..., Any], server: Loopback, transport: Transport) -> None:
    run(function, server, transport, bent(answers_of(operation_of(function, server, transport), only_good=True)), 60)
