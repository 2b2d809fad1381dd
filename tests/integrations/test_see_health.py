"""How the machinery stands: for staff on a page, for Prometheus as text, and by mail when somebody should look."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from agency import clock, jobs, telemetry
from agency.shared_redis import shared_redis
from integrations import breaker, gateway, health, limits, tasks
from integrations.breaker import Admission
from integrations.budget import budget
from integrations.models import Connection
from tests.integrations.connecting import connect
from tests.integrations.steering import POSTS, calls, spoil, words
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
PAGE, METRICS = "/settings/health", "/internal/metrics"
TOKEN = "tests only"


@pytest.fixture
def staff(cast: Cast, tiktok: LocalTikTok) -> Client:
    """An account manager; nothing was counted so far."""
    return sign_in(cast.manager)


def wait_for_long(kind: str = "report") -> None:
    jobs.put(kind, uuid4(), workspace_id=uuid4(), at=clock.now() - timedelta(minutes=47))


def open_breaker(minutes: int) -> None:
    for _ in range(breaker.FAILURES_TO_OPEN):
        gateway.breaker().failed(Admission(limits.Family.ADS))
    shared_redis().hset("breaker:ads", "since", round((clock.real_timestamp() - 60 * minutes) * 1000))


def measured(client: Client) -> dict[tuple[str, ...], float]:
    answer = client.get(METRICS, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.content.decode())
    return {(s.name, *(v for _, v in sorted(s.labels.items()))): s.value for family in families for s in family.samples}


def test_a_quiet_platform_says_that_everything_works(staff: Client) -> None:
    page = words(staff.get(PAGE))
    assert "Everything works" in page
    assert "0 of 600" in page
    assert "Answers." in page


def test_the_budget_of_each_endpoint_is_told_used_and_left(staff: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    assert "No endpoint was called in the last minute." in words(staff.get(PAGE))
    connect(sign_in(cast.admin), tiktok, "brassorbit3")
    work_off("sync")
    asked = calls(tiktok, POSTS)
    (row,) = [row for row in health.health().endpoints if row.endpoint == POSTS]
    assert (row.calls, row.used, row.left, row.limit, row.is_by_account) == (asked, asked, 40 - asked, 40, True)
    page = words(staff.get(PAGE))
    assert f"{POSTS} {asked} by 1 account {asked} of 40 by the busiest account {40 - asked} Open" in page


def test_an_endpoint_that_tiktok_wants_silent_says_so_although_nobody_calls_it(
    staff: Client, connected: Connection, tiktok: LocalTikTok
) -> None:
    spoil(tiktok, POSTS, "retry-after", value=77)
    work_off("sync")
    tiktok_asked = [row for row in health.health().endpoints if row.blocked_count]
    assert [(row.endpoint, row.blocked_count) for row in tiktok_asked] == [(POSTS, 1)]
    assert 60 < tiktok_asked[0].blocked_seconds <= 77
    assert "TikTok asked for silence for 1 account" in words(staff.get(PAGE))


def test_what_is_late_silent_or_down_is_named_first(staff: Client) -> None:
    wait_for_long()
    open_breaker(minutes=12)
    budget().block(limits.ACCOUNTS_APP, 120)
    page = words(staff.get(PAGE))
    assert "2 things to look at" in page
    assert "Weekly reports: the oldest piece has been due for 47 minutes." in page
    assert "TikTok has not answered for 12 minutes: Ads: campaigns and reports." in page
    assert "TikTok asked for silence" in page


def test_calls_renewals_and_steps_of_today_are_counted(staff: Client, tiktok: LocalTikTok, connected: Connection) -> None:
    spoil(tiktok, POSTS, "code", value=40130)
    work_off("sync")
    page = words(staff.get(PAGE))
    assert "accounts · NotGranted 1" in page
    assert "posts · skipped 1" in page
    assert "profile · done 1" in page
    assert dict(telemetry.of_day(clock.today()))["tiktok_call", "accounts", "ok"] >= 2


def test_without_redis_the_page_says_what_is_not_known(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything but the cache of sessions, which lives elsewhere."""
    monkeypatch.setattr(health, "_queues", lambda: None)
    monkeypatch.setattr(type(budget()), "used", lambda self, window: None)
    monkeypatch.setattr(type(gateway.breaker()), "states", lambda self: [])
    page = words(staff.get(PAGE))
    assert "The broker does not answer." in page
    assert "The count of calls does not answer." in page
    assert "Not known" in page


def test_clients_do_not_see_it(cast: Cast) -> None:
    for who in (cast.admin, cast.viewer, cast.creator):
        assert sign_in(who).get(PAGE).status_code == 403


def test_prometheus_reads_the_same_figures(staff: Client, tiktok: LocalTikTok, connected: Connection, settings: object) -> None:
    settings.METRICS_TOKEN = TOKEN
    work_off("sync")
    wait_for_long()
    open_breaker(minutes=1)
    found = measured(Client())
    assert found["agency_work_due", "report"] >= 1
    assert found["agency_work_oldest_seconds", "report"] >= 47 * 60
    assert found["agency_breaker_open", "ads"] == 1
    assert found["agency_breaker_open", "accounts"] == 0
    assert found["agency_tiktok_limit", "accounts:app"] == 600
    assert found["agency_tiktok_limit_used", "accounts:app"] > 0
    assert found["agency_tiktok_call_total", "accounts", "ok"] > 0
    assert found["agency_sync_step_total", "posts", "done"] == 1


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer wrong", TOKEN, "Bearer t\u00e9sts only"])
def test_without_the_token_there_is_no_such_address(settings: object, shown: str) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert Client().get(METRICS, headers={"Authorization": shown}).status_code == 404
    settings.METRICS_TOKEN = ""
    assert Client().get(METRICS, headers={"Authorization": "Bearer "}).status_code == 404


def test_an_alarm_is_told_once_and_again_when_it_comes_back(tiktok: LocalTikTok) -> None:
    assert tasks.tell_alarms() == 0
    wait_for_long()
    open_breaker(minutes=12)
    assert [tasks.tell_alarms() for _ in range(3)] == [2, 0, 0]
    (letter,) = mail.outbox
    assert letter.to == ["operations@logictarget.online"]
    assert letter.subject == "2 things need a look"
    assert "Weekly reports: the oldest piece has been due for 47 minutes." in letter.body
    assert "TikTok has not answered for 12 minutes" in letter.body
    gateway.breaker().succeeded(Admission(limits.Family.ADS))
    assert tasks.tell_alarms() == 0
    open_breaker(minutes=6)
    assert tasks.tell_alarms() == 1
    assert len(mail.outbox) == 2
