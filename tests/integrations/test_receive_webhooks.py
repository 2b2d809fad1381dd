"""What TikTok posts to us: believed by its signature alone, kept once in every workspace it concerns, and only then answered."""

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.db import connection as database
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from agency import address_book, clock, jobs, scope
from agency.models import DueWork
from integrations import views
from integrations.models import Connection, WebhookEvent
from integrations.webhooks import LARGEST_BODY_BYTES
from tests.integrations.deliveries import ADDRESS, COMMENT, REMOVED, deliver, event, in_two_workspaces, kept, signature
from tests.integrations.steering import again
from tests.local_tiktok import LocalTikTok
from tests.people import Cast
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


def due_events() -> int:
    return DueWork.objects.filter(kind="event").count()


def said(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """The facts of the lines about webhooks."""
    return [r.facts for r in caplog.records if r.name == "integrations.webhooks"]


def test_an_event_is_kept_with_its_work_before_the_empty_answer(connected: Connection, tiktok: LocalTikTok) -> None:
    tiktok.advance(60)
    asked, at = len(tiktok.log()), clock.now()
    answer = deliver(event(connected.tiktok_open_id, at=at))
    assert (answer.status_code, answer.content, dict(answer.cookies)) == (200, b"", {})
    (row,) = kept(connected)
    assert (row.connection_id, row.name, row.payload, row.state) == (connected.pk, REMOVED, {"reason": 1}, "stored")
    assert row.happened_at == at.replace(microsecond=0)
    assert DueWork.objects.get(kind="event").ref == row.pk
    assert len(tiktok.log()) == asked, "TikTok is not asked while it waits for the answer"
    assert again(connected).state == "live", "acting on it is due work"


def test_new_work_is_looked_for_at_once_and_a_repetition_asks_for_none(
    connected: Connection, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    swept: list[str] = []
    monkeypatch.setattr(jobs, "_sweep_now", lambda kind, **how: swept.append(kind))
    body = event(connected.tiktok_open_id)
    for expected in (["event"], ["event"]):
        with django_capture_on_commit_callbacks(execute=True):
            assert deliver(body).status_code == 200
        assert swept == expected


@pytest.mark.parametrize(
    "forged",
    [
        lambda body: "",
        lambda body: "nonsense",
        lambda body: signature(body, secret="another app's secret"),
        lambda body: signature(body, secret=""),
        lambda body: signature(body[:-1] + b" "),
        lambda body: signature(body + b"\n"),
        lambda body: signature(body.replace(b'"reason', b'"Reason')),
        lambda body: signature(body, age_seconds=72 * 3600 + 400),
        lambda body: signature(body, age_seconds=-400),
        lambda body: signature(body).replace("t=", "t=1"),
    ],
)
def test_what_is_not_signed_by_tiktok_for_us_and_lately_is_refused_without_a_word(
    connected: Connection, caplog: pytest.LogCaptureFixture, forged: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    body = event(connected.tiktok_open_id, content='{"reason":1,"x":"canary"}')
    answer = deliver(body, forged(body))
    assert (answer.status_code, answer.content) == (403, b"")
    assert (kept(connected), due_events()) == ([], 0)
    (facts,) = said(caplog)
    assert facts["verdict"] == "refused"
    assert not any(word in caplog.text + str(facts) for word in ("canary", connected.tiktok_open_id))
    assert deliver(body).status_code == 200, "the body itself is fine"


def test_a_stranger_costs_no_query_and_a_repetition_writes_nothing(connected: Connection, django_assert_num_queries: Any) -> None:
    body = event(connected.tiktok_open_id)
    with django_assert_num_queries(0):
        deliver(body, signature(body, secret="a stranger's"))
    deliver(body)
    with CaptureQueriesContext(database) as asked:
        deliver(body)
    assert [q["sql"] for q in asked if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))] == []


def test_an_event_of_another_app_is_refused_although_our_secret_signed_it(connected: Connection, caplog: pytest.LogCaptureFixture) -> None:
    assert deliver(event(connected.tiktok_open_id, client_key="7600000000000000000")).status_code == 403
    assert said(caplog) == [{"verdict": "refused", "reason": "app"}]
    assert kept(connected) == []


def test_a_repetition_three_days_later_counts_and_a_shorter_time_can_be_set(connected: Connection, settings: Any) -> None:
    body, another = event(connected.tiktok_open_id), event(connected.tiktok_open_id, COMMENT)
    three_days_old = signature(body, age_seconds=72 * 3600)
    settings.TIKTOK_WEBHOOK_SECONDS = 300
    assert deliver(body, three_days_old).status_code == 403
    assert deliver(body, signature(body, age_seconds=290)).status_code == 200
    settings.TIKTOK_WEBHOOK_SECONDS = 72 * 3600 + 300
    assert deliver(another).status_code == 200
    assert deliver(body, three_days_old).status_code == 200
    assert len(kept(connected)) == 2


def test_no_setting_lets_a_signature_outlive_the_memory_of_its_event(connected: Connection, settings: Any) -> None:
    settings.TIKTOK_WEBHOOK_SECONDS = 365 * 86_400
    body = event(connected.tiktok_open_id)
    assert deliver(body, signature(body, age_seconds=30 * 86_400 + 60)).status_code == 403
    assert deliver(body, signature(body, age_seconds=30 * 86_400 - 60)).status_code == 200


def test_a_body_of_64_kb_is_read_and_one_byte_more_is_not(connected: Connection) -> None:
    body = event(connected.tiktok_open_id)
    largest = body + b" " * (LARGEST_BODY_BYTES - len(body))
    assert deliver(largest + b" ").status_code == 413
    assert deliver(b"x" * 10_000_000).status_code == 413
    assert kept(connected) == []
    assert deliver(largest).status_code == 200
    assert len(kept(connected)) == 1


def test_a_sender_who_hangs_up_is_no_error() -> None:
    class Gone:
        def read(self, size: int) -> bytes:
            raise OSError("gone")

    request = RequestFactory().post(ADDRESS, b"{}", content_type="application/json")
    request._stream = Gone()
    assert views.webhook(request).status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        {"name": 7},
        {"name": ""},
        {"at": datetime(1970, 1, 1, tzinfo=UTC)},
        {"content": "canary, and no JSON"},
        {"content": "[]"},
        {"content": {"reason": 1}},
        {"content": 7},
        {"content": '{"reason":"canary"}'},
        {"name": COMMENT, "content": "{}"},
        {"create_time": "soon"},
        {"client_key": ["7"]},
        {"user_openid": {"a": "canary"}},
        {"user_openid": "canary\x00"},
    ],
)
def test_a_signed_delivery_of_a_strange_shape_is_refused_and_not_repeated_in_the_log(
    connected: Connection, caplog: pytest.LogCaptureFixture, change: dict[str, Any]
) -> None:
    answer = deliver(event(connected.tiktok_open_id, **{"content": "{}", **change}))
    assert (answer.status_code, answer.content) == (400, b"")
    assert kept(connected) == []
    assert "canary" not in caplog.text + str(said(caplog))


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"7", b"\xff\xfe", b"not json", b"{" * 60_000, b'{"event":"x"}'])
def test_what_is_signed_and_no_event_at_all_is_refused(connected: Connection, body: bytes) -> None:
    assert deliver(body).status_code == 400


def test_an_account_that_nobody_connected_is_answered_and_leaves_one_line(connected: Connection, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    body = event("_000nobodysopenid")
    answer = deliver(body, signature(body, age_seconds=120))
    assert (answer.status_code, answer.content) == (200, b"")
    assert (kept(connected), due_events()) == ([], 0)
    (line,) = said(caplog)
    assert 120 <= line["late_seconds"] < 180
    assert line == {"event": REMOVED, "places": 0, "new": 0, "late_seconds": line["late_seconds"]}
    assert "nobodysopenid" not in caplog.text


def test_an_event_about_no_account_is_answered(connected: Connection) -> None:
    assert deliver(event(None, "portability.download.ready", content='{"request_id":1}')).status_code == 200
    assert kept(connected) == []


def test_events_of_the_apps_above_wait_for_them_as_parsed_fields(connected: Connection) -> None:
    open_id = connected.tiktok_open_id
    mention = {"type_of_event": "CREATE", "mention_type": "VIDEO_MENTION", "video_id": 7500000000000000077, "video_create_time": 1767313000}
    for name, content in (
        (COMMENT, None),
        ("brand.mention.event", json.dumps(mention | {"video_caption": "half \ud83d and \x00"})),
        ("post.publish.no_longer_publicaly_available", '{"publish_id":"v_pub~1","post_id":7512000000000000001}'),
    ):
        assert deliver(event(open_id, name, content=content)).status_code == 200
    mentioned, commented, published = sorted(kept(connected), key=lambda e: e.name)
    assert {e.state for e in (mentioned, commented, published)} == {"stored"}
    assert commented.payload["comment_id"] == "7510000000000000001", "an id beyond what a float holds"
    assert commented.payload["happened_at"] == "2026-01-02T00:16:40.123000+00:00"
    assert (mentioned.payload["caption"], mentioned.payload["video_id"]) == ("half ? and \ufffd", "7500000000000000077")
    assert (published.payload["state"], published.payload["post_id"]) == ("no_longer_publicly_available", "7512000000000000001")
    assert due_events() == 0
    work_off("event")
    assert {e.state for e in kept(connected)} == {"stored"}


@pytest.mark.parametrize("content", ["", "no JSON", '{"a":1}', "\x00 \ud800", "x" * 60_000])
def test_an_event_that_nobody_has_described_is_kept_as_unknown(connected: Connection, content: str) -> None:
    assert deliver(event(connected.tiktok_open_id, "moon.landed" + "!" * 100 + "\x00", content=content)).status_code == 200
    (row,) = kept(connected)
    assert (row.state, row.name) == ("unknown", ("moon.landed" + "!" * 100)[:80])
    assert row.payload == {"content": content.replace("\x00", "\ufffd").replace("\ud800", "?")}


def test_the_same_event_is_one_however_its_envelope_is_written(connected: Connection) -> None:
    body = event(connected.tiktok_open_id, COMMENT)
    parts = json.loads(body)
    for same in (body, body, json.dumps(dict(reversed(parts.items())), indent=1).encode(), json.dumps(parts | {"new": 1}).encode()):
        assert deliver(same).status_code == 200
    assert len(kept(connected)) == 1
    for other in ({"create_time": parts["create_time"] + 1}, {"content": parts["content"].replace("insert", "delete")}):
        assert deliver(json.dumps(parts | other).encode()).status_code == 200
    assert len(kept(connected)) == 3


def test_every_workspace_that_holds_the_account_keeps_its_own(cast: Cast, tiktok: LocalTikTok) -> None:
    ours, theirs = in_two_workspaces(cast, tiktok)
    body = event(ours.tiktok_open_id)
    for _ in range(3):
        assert deliver(body).status_code == 200
    (one,), (other,) = kept(ours), kept(theirs)
    assert (one.connection_id, other.connection_id) == (ours.pk, theirs.pk)
    assert one.pk != other.pk
    assert due_events() == 2


def test_without_the_database_tiktok_is_asked_to_come_again(connected: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*anything: object) -> None:
        raise OperationalError("canary")

    body = event(connected.tiktok_open_id)
    monkeypatch.setattr(address_book, "find", away)
    answer = deliver(body)
    assert (answer.status_code, answer.content) == (503, b"")
    monkeypatch.undo()
    assert deliver(body).status_code == 200
    assert len(kept(connected)) == 1


def test_an_entry_that_leads_to_no_connection_any_more_is_passed_over(connected: Connection, cast: Cast) -> None:
    address_book.enter("tiktok_account", "_000gone", workspace_id=cast.brass.pk, ref=cast.brass.pk)
    assert deliver(event("_000gone")).status_code == 200
    assert (kept(connected), due_events()) == ([], 0)


def test_events_are_forgotten_after_thirty_days_and_not_before(connected: Connection, tiktok: LocalTikTok) -> None:
    open_id = connected.tiktok_open_id
    deliver(event(open_id, COMMENT))
    tiktok.advance(10 * 86_400)
    deliver(event(open_id, "moon.landed", content="{}"))
    tiktok.advance(20 * 86_400 - 3600)
    work_off("old_events")
    assert len(kept(connected)) == 2
    tiktok.advance(3700)
    work_off("old_events")
    assert [e.name for e in kept(connected)] == ["moon.landed"]
    due_again = DueWork.objects.get(kind="old_events")
    assert (due_again.ref, due_again.due_at) == (connected.workspace_id, kept(connected)[0].received_at + timedelta(days=30))
    tiktok.advance(10 * 86_400)
    work_off("old_events")
    assert kept(connected) == []
    assert not DueWork.objects.filter(kind="old_events").exists(), "where nothing is kept, nothing is looked for"


def test_many_old_events_go_in_bounded_steps(connected: Connection, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.events.AT_ONCE", 2)
    for number in range(5):
        deliver(event(connected.tiktok_open_id, COMMENT, at=clock.now() + timedelta(seconds=number)))
    tiktok.advance(30 * 86_400 + 60)
    assert work_off("old_events") == 3
    assert kept(connected) == []


def test_another_workspace_sees_nothing_of_it(connected: Connection, cast: Cast) -> None:
    deliver(event(connected.tiktok_open_id))
    with scope.inside(cast.moon.pk):
        assert not WebhookEvent.objects.exists()
