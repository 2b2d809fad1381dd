"""What every function of the client must survive, over real HTTP: against local TikTok, and against a server that answers byte by byte."""

import importlib
import inspect
import json
import pkgutil
from contextlib import suppress
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agency.secret import Secret
from integrations import tiktok as client
from integrations.tiktok.errors import (
    AnswerLost,
    InternalFailure,
    NotGranted,
    NotUnderstood,
    OurMistake,
    Throttled,
    TikTokError,
    TryLater,
)
from integrations.tiktok.oauth import App
from integrations.tiktok.transport import Transport
from tests.integrations.tiktok.account_families import ACCOUNT_FAMILIES
from tests.integrations.tiktok.advertiser_families import ADVERTISER_FAMILIES
from tests.integrations.tiktok.families import ADVERTISER, APP_ONLY, BIG, BUSINESS, LOGIN, Family, Holder
from tests.integrations.tiktok.login_families import LOGIN_FAMILIES
from tests.integrations.tiktok.loopback import Loopback, Reply, envelope, http, raw
from tests.integrations.tiktok.token_families import TOKEN_FAMILIES
from tests.local_tiktok import LocalTikTok

FAMILIES = (*ACCOUNT_FAMILIES, *ADVERTISER_FAMILIES, *LOGIN_FAMILIES, *TOKEN_FAMILIES)
EACH = pytest.mark.parametrize("family", FAMILIES, ids=str)
EACH_LIST = pytest.mark.parametrize("family", [one for one in FAMILIES if one.page], ids=str)


def test_no_function_of_the_client_is_missing_here() -> None:
    modules = [importlib.import_module(f"{client.__name__}.{found.name}") for found in pkgutil.iter_modules(client.__path__)]
    calling = {
        function
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and next(iter(inspect.signature(function).parameters), "") == "transport"
    }
    assert calling == {family.function for family in FAMILIES}
    assert len(FAMILIES) == len(calling)
    assert len(calling) > 70


def world(tiktok: LocalTikTok) -> dict[str, Any]:
    return dict(tiktok.http.get("/__control__/world", params={"limit": 0}).json())


def holder(tiktok: LocalTikTok, transport: Transport, family: Family, scopes: list[Any] | None = None) -> Holder:
    """Somebody who may do it, and everything is ready; with fewer scopes, everything is ready all the same."""
    able = granted(tiktok, transport, family, None)
    known = family.before(tiktok, able)
    asking = able if scopes is None and "later" not in known else granted(tiktok, transport, family, scopes)
    return replace(asking, known=known)


def granted(tiktok: LocalTikTok, transport: Transport, family: Family, scopes: list[Any] | None) -> Holder:
    told = world(tiktok)["login_kit_app" if family.flow == LOGIN else "app"]
    app = App(told["client_key"] if family.flow == LOGIN else told["app_id"], Secret(told["secret"]))
    if family.flow == APP_ONLY:
        return Holder(transport, Secret("none"), "", app)
    answer = tiktok.control("grant", account=family.person, flow=family.flow, scopes=scopes)
    answer = answer.get("data", answer)  # as the token endpoint of the flow answers
    me = answer["advertiser_ids"][0] if family.flow == ADVERTISER else answer["open_id"]
    return Holder(transport, Secret(answer["access_token"]), me, app)


def calls(tiktok: LocalTikTok, family: Family) -> int:
    return int(tiktok.http.get("/__control__/log", params={"endpoint": family.path}).json()["total"])


@EACH
def test_it_answers(tiktok: LocalTikTok, near: Transport, family: Family) -> None:
    answer = family.ask(holder(tiktok, near, family))
    assert len(answer.call.request_id) >= 32
    assert family.path.endswith(answer.call.endpoint)


@EACH
def test_a_token_or_code_that_has_run_out_is_named_by_what_to_do(tiktok: LocalTikTok, near: Transport, family: Family) -> None:
    who = holder(tiktok, near, family)
    tiktok.advance(family.life_seconds)
    said(family.outlived, family, who)


@EACH
def test_a_consent_that_was_taken_back_is_named_by_what_to_do(tiktok: LocalTikTok, near: Transport, family: Family) -> None:
    who = holder(tiktok, near, family)
    flow = {"flow": ADVERTISER} if family.flow == ADVERTISER else {}
    tiktok.control("revoke", account=family.person, client=who.app.app_id, **flow)
    said(family.revoked, family, who)


def said(error_class: type[TikTokError] | None, family: Family, who: Holder) -> None:
    """It says exactly this, or answers."""
    if error_class is None:
        assert family.ask(who).call.http_status < 300
        return
    with pytest.raises(TikTokError) as caught:
        family.ask(who)
    assert type(caught.value) is error_class


@pytest.mark.parametrize("family", [one for one in FAMILIES if one.less], ids=str)
def test_what_was_not_granted_is_said_to_be_so(tiktok: LocalTikTok, near: Transport, family: Family) -> None:
    said(NotGranted, family, holder(tiktok, near, family, family.less))


@pytest.mark.parametrize("family", TOKEN_FAMILIES, ids=str)
def test_an_app_that_tiktok_does_not_know_is_our_mistake(tiktok: LocalTikTok, near: Transport, family: Family) -> None:
    said(OurMistake, family, replace(holder(tiktok, near, family), app=App("7400000000000000009", Secret("CanarySecret"))))


FAULTS: list[tuple[str, dict[str, Any], type[TikTokError], float | None]] = [
    ("retry-after", {"value": 7}, Throttled, 7.0),
    ("status", {"value": 500}, AnswerLost, None),
    ("status", {"value": 503}, TryLater, None),
    ("code", {}, InternalFailure, None),
    ("maintenance", {}, TryLater, None),
    ("html", {}, NotUnderstood, None),
    ("reset", {}, AnswerLost, None),
    ("truncated", {}, AnswerLost, None),
    ("lost-answer", {}, AnswerLost, None),
    ("timeout", {"value": 0}, AnswerLost, None),
]


@EACH
def test_a_fault_is_named_by_what_happens_next_and_the_call_not_repeated(tiktok: LocalTikTok, near: Transport, family: Family) -> None:
    for kind, value, usual, wait in FAULTS:
        tiktok.control("reset")  # a call that was carried out although its answer was lost is not always possible again
        tiktok.control("limits", enabled=False)
        who, before = holder(tiktok, near, family), calls(tiktok, family)
        tiktok.fault(family.path, kind, **value)
        with pytest.raises(TikTokError) as caught:
            family.ask(who)
        assert type(caught.value) is family.otherwise.get(kind, usual), (kind, value, caught.value)
        assert getattr(caught.value, "retry_after_seconds", None) == wait, kind
        assert calls(tiktok, family) == before + 1, kind
    assert family.ask(holder(tiktok, near, family)).call.request_id, "the next call is whole again"


@EACH
@pytest.mark.parametrize("seconds", [-86_400, 86_400])
def test_a_wrong_clock_at_tiktok_changes_nothing(tiktok: LocalTikTok, near: Transport, family: Family, seconds: int) -> None:
    """Whenever something is said to have been, it is by our own clock."""
    who = holder(tiktok, near, family)
    tiktok.fault(family.path, "clock-skew", value=seconds)
    answer = family.ask(who)
    assert abs(answer.call.started_at - datetime.now(UTC)) < timedelta(minutes=10)
    assert answer.call.request_id


@pytest.mark.parametrize("family", [one for one in FAMILIES if one.path.startswith(BUSINESS)], ids=str)
def test_too_many_calls_are_said_with_a_code_and_without_a_time(tiktok: LocalTikTok, near: Transport, family: Family) -> None:
    who = holder(tiktok, near, family)
    tiktok.fault(family.path, "code", value=40100)
    with pytest.raises(Throttled) as caught:
        family.ask(who)
    assert (caught.value.code, caught.value.retry_after_seconds, caught.value.may_have_run) == (40100, None, False)


@EACH
def test_a_slow_answer_ends_with_the_deadline(
    tiktok: LocalTikTok, near: Transport, family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.tiktok.transport.LONGEST_TRANSFER_SECONDS", 0.3)
    who = holder(tiktok, near, family)
    with suppress(TikTokError):
        near.business_get("/user/info/", params={})  # so that there is a connection: making one is another matter
    hurried = copy(near)
    hurried.total_deadline_seconds = 0.3
    tiktok.fault(family.path, "drip", value=0.1)
    with pytest.raises(AnswerLost):
        family.ask(replace(who, transport=hurried))


# What TikTok's world does not show at will


def answered(family: Family, data: Any) -> Reply:
    if family.is_flat:
        return raw(http(json.dumps(data).encode()))
    if family.flow == LOGIN:
        return raw(http(json.dumps({"data": data, "error": {"code": "ok", "message": "", "log_id": "L1"}}).encode()))
    return envelope(data)


def stranger(transport: Transport, family: Family) -> Holder:
    """Somebody whose world is a server of the tests."""
    known = Holder(transport, Secret("act.1"), "7000000000000000001").known
    known |= {"start": datetime(2026, 1, 5, tzinfo=UTC).date(), "end": datetime(2026, 1, 11, tzinfo=UTC).date(), "posts": ["7"]}
    known |= {name: Secret("Canary") for name in ("code", "refresh")}
    known |= {"address": Secret(f"{transport.base_urls.developers}/video/?upload_id=1&upload_token=Canary")}
    return Holder(transport, Secret("act.1"), "7000000000000000001", known=known)


@EACH_LIST
def test_an_empty_page_may_have_more_behind_it_or_be_the_last(server: Loopback, transport: Transport, family: Family) -> None:
    assert family.page is not None
    server.answer_with(answered(family, family.page([], True)), answered(family, family.page([], False)))
    assert family.ask(stranger(transport, family)).value.has_more is True
    assert family.ask(stranger(transport, family)).value.has_more is False


@pytest.mark.parametrize("family", [one for one in FAMILIES if one.page or one.record], ids=str)
def test_an_id_is_text_and_exact_although_it_came_as_a_bare_number(server: Loopback, transport: Transport, family: Family) -> None:
    data = family.record(family.row) if family.record else family.page([family.row], False) if family.page else None
    server.answer_with(answered(family, data))
    assert family.names(family.ask(stranger(transport, family)).value) == str(BIG)


@pytest.mark.parametrize("rows", [[None], ["canary"], {"a": 1}, "canary", [{}], [[{}]], 7])
@EACH_LIST
def test_an_odd_row_fails_the_page_aloud_and_is_not_repeated(server: Loopback, transport: Transport, family: Family, rows: Any) -> None:
    assert family.page is not None
    server.answer_with(answered(family, family.page(rows, False)))
    with pytest.raises(NotUnderstood) as caught:
        family.ask(stranger(transport, family))
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("gone", ["has_more", "cursor", "page_info"])
@EACH_LIST
def test_a_list_that_does_not_say_how_to_go_on_does_not_look_finished(
    server: Loopback, transport: Transport, family: Family, gone: str
) -> None:
    assert family.page is not None
    data = family.page([family.row], True)
    if gone in data:
        server.answer_with(answered(family, {name: value for name, value in data.items() if name != gone}))
        with pytest.raises(NotUnderstood):
            family.ask(stranger(transport, family))
    else:
        assert gone in ("has_more", "cursor") or "cursor" in data


@pytest.mark.parametrize("data", [[1], "canary", 7, True])
@EACH
def test_data_that_is_no_object_is_not_understood(server: Loopback, transport: Transport, family: Family, data: Any) -> None:
    server.answer_with(answered(family, data))
    with pytest.raises(NotUnderstood) as caught:
        family.ask(stranger(transport, family))
    assert "canary" not in str(caught.value)


@EACH
def test_an_answer_without_any_part_is_taken_only_where_all_may_be_absent(server: Loopback, transport: Transport, family: Family) -> None:
    server.answer_with(answered(family, {}))
    if family.takes_nothing:
        assert family.ask(stranger(transport, family)).call.http_status == 200
    else:
        with pytest.raises(NotUnderstood):
            family.ask(stranger(transport, family))
