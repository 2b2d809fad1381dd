"""What every family of the client must survive, over real HTTP: against local TikTok, and against a server that answers byte by byte."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from agency.secret import Secret
from integrations.tiktok import identities
from integrations.tiktok.errors import (
    AnswerLost,
    InternalFailure,
    NotGranted,
    NotUnderstood,
    ReconnectNeeded,
    Throttled,
    TikTokError,
    TokenExpired,
    TryLater,
)
from integrations.tiktok.transport import BaseUrls, Transport
from tests.integrations.tiktok.families import ACCOUNT, ADVERTISER, BIG, FAMILIES, LOGIN, PAGED, SERVED, Family, Holder
from tests.integrations.tiktok.loopback import Loopback, Reply, envelope, http, raw
from tests.local_tiktok import LocalTikTok

EACH = pytest.mark.parametrize("family", FAMILIES, ids=str)
EACH_SERVED = pytest.mark.parametrize("family", SERVED, ids=str)
EACH_PAGED = pytest.mark.parametrize("family", PAGED, ids=str)
WHO = "brassorbit3"


@pytest.fixture
def near(tiktok: LocalTikTok) -> Iterator[Transport]:
    """A client of local TikTok."""
    base = str(tiktok.http.base_url).rstrip("/")
    transport = Transport(BaseUrls(base, base, base), now=lambda: datetime.now(UTC), total_deadline_seconds=10)
    yield transport
    transport.close()


def holder(tiktok: LocalTikTok, transport: Transport, family: Family, scopes: list[Any] | None = None) -> Holder:
    granted = tiktok.control("grant", account=WHO, flow=family.flow, scopes=scopes)
    granted = granted.get("data", granted)  # as the token endpoint of the flow answers
    me = granted["advertiser_ids"][0] if family.flow == ADVERTISER else granted["open_id"]
    made = Holder(transport, Secret(granted["access_token"]), me, tiktok.account(WHO)["posts"][0]["item_id"])
    if family.path.endswith("/identity/video/get/") and scopes is None:
        found = identities.identities_page(transport, **made.advertiser(), identity_type="TT_USER").value.records[0]
        made = replace(made, identity=(found.identity_id, found.identity_type))
    return made


def calls(tiktok: LocalTikTok, family: Family) -> int:
    return int(tiktok.http.get("/__control__/log", params={"endpoint": family.path}).json()["total"])


@EACH_SERVED
def test_it_answers(tiktok: LocalTikTok, near: Transport, family: Family) -> None:
    answer = family.ask(holder(tiktok, near, family))
    assert len(answer.call.request_id) >= 32
    assert family.path.endswith(answer.call.endpoint)


@EACH_SERVED
def test_a_token_that_has_run_out_is_to_be_refreshed_once(tiktok: LocalTikTok, near: Transport, family: Family) -> None:
    who = holder(tiktok, near, family)
    tiktok.advance(86_401)
    if family.flow == ADVERTISER:  # these do not run out
        assert family.ask(who).call.request_id
    else:
        with pytest.raises(TokenExpired):
            family.ask(who)


@EACH_SERVED
def test_a_revoked_consent_needs_a_reconnect_or_a_refresh_that_will_tell(tiktok: LocalTikTok, near: Transport, family: Family) -> None:
    who = holder(tiktok, near, family)
    tiktok.control("revoke", account=WHO, client=client_of(tiktok, family), **({"flow": ADVERTISER} if family.flow == ADVERTISER else {}))
    with pytest.raises(TokenExpired if family.flow == LOGIN else ReconnectNeeded):
        family.ask(who)


def client_of(tiktok: LocalTikTok, family: Family) -> str:
    world = tiktok.http.get("/__control__/world", params={"limit": 0}).json()
    return str(world["login_kit_app" if family.flow == LOGIN else "app"]["client_key"])


@pytest.mark.parametrize("family", [one for one in SERVED if one.less], ids=str)
def test_what_was_not_granted_is_said_to_be_so(tiktok: LocalTikTok, near: Transport, family: Family) -> None:
    with pytest.raises(NotGranted):
        family.ask(holder(tiktok, near, family, family.less))


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


@EACH_SERVED
def test_a_fault_is_named_by_what_happens_next_and_the_call_not_repeated(tiktok: LocalTikTok, near: Transport, family: Family) -> None:
    tiktok.control("limits", enabled=False)  # the limits of tasks are tighter than this many calls
    who = holder(tiktok, near, family)
    for kind, value, error_class, wait in FAULTS:
        before = calls(tiktok, family)
        tiktok.fault(family.path, kind, **value)
        with pytest.raises(TikTokError) as caught:
            family.ask(who)
        assert type(caught.value) is error_class, (kind, value, caught.value)
        assert getattr(caught.value, "retry_after_seconds", None) == wait, kind
        assert calls(tiktok, family) == before + 1, kind
    assert family.ask(who).call.request_id, "the next call is whole again"


@EACH_SERVED
def test_a_slow_answer_ends_with_the_deadline(tiktok: LocalTikTok, near: Transport, family: Family) -> None:
    who = holder(tiktok, near, family)
    hurried = Transport(near.base_urls, now=lambda: datetime.now(UTC), total_deadline_seconds=0.3)
    tiktok.fault(family.path, "drip", value=0.1)
    with pytest.raises(AnswerLost):
        family.ask(replace(who, transport=hurried))
    hurried.close()


# What TikTok's world does not show at will


def answered(family: Family, data: Any) -> Reply:
    if family.flow == LOGIN:
        return raw(http(json.dumps({"data": data, "error": {"code": "ok", "message": "", "log_id": "L1"}}).encode()))
    return envelope(data)


def stranger(transport: Transport) -> Holder:
    return Holder(transport, Secret("act.1"), "7000000000000000001")


@EACH_PAGED
def test_an_empty_page_may_have_more_behind_it_or_be_the_last(server: Loopback, transport: Transport, family: Family) -> None:
    assert family.page is not None
    server.answer_with(answered(family, family.page([], True)), answered(family, family.page([], False)))
    assert family.ask(stranger(transport)).value.has_more is True
    assert family.ask(stranger(transport)).value.has_more is False


@EACH_PAGED
def test_an_id_is_text_and_exact_although_it_came_as_a_bare_number(server: Loopback, transport: Transport, family: Family) -> None:
    assert family.page is not None
    server.answer_with(answered(family, family.page([family.row], False)))
    assert family.names(family.ask(stranger(transport)).value) == str(BIG)


@pytest.mark.parametrize("rows", [[None], ["canary"], {"a": 1}, "canary", [{}], [[{}]], 7])
@EACH_PAGED
def test_an_odd_row_fails_the_page_aloud_and_is_not_repeated(server: Loopback, transport: Transport, family: Family, rows: Any) -> None:
    assert family.page is not None
    server.answer_with(answered(family, family.page(rows, False)))
    with pytest.raises(NotUnderstood) as caught:
        family.ask(stranger(transport))
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("gone", ["has_more", "cursor", "page_info"])
@EACH_PAGED
def test_a_list_that_does_not_say_how_to_go_on_does_not_look_finished(
    server: Loopback, transport: Transport, family: Family, gone: str
) -> None:
    assert family.page is not None
    data = family.page([family.row], True)
    if gone in data:
        server.answer_with(answered(family, {name: value for name, value in data.items() if name != gone}))
        with pytest.raises(NotUnderstood):
            family.ask(stranger(transport))
    else:
        assert gone in ("has_more", "cursor") or "cursor" in data


@pytest.mark.parametrize("family", [one for one in FAMILIES if one.flow != ACCOUNT], ids=str)
@pytest.mark.parametrize("data", [[1], "canary", 7, True])
def test_data_that_is_no_object_is_not_understood(server: Loopback, transport: Transport, family: Family, data: Any) -> None:
    server.answer_with(answered(family, data))
    with pytest.raises(NotUnderstood):
        family.ask(stranger(transport))
