"""A consent ends for good after a year, however often its tokens are renewed: that is shown in time, told once, and mended in one click."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from agency import clock, scope
from agency.models import DueWork
from integrations.models import Connection
from metrics.models import Post
from tests.integrations.connecting import connect
from tests.integrations.steering import again, due, make_due, step, words
from tests.local_tiktok import LocalTikTok
from tests.people import Cast
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
PAGE = "/settings/integrations"


def days_before_the_end(tiktok: LocalTikTok, connection: Connection, days: float) -> None:
    ends_at = again(connection).refresh_expires_at
    tiktok.advance((ends_at - clock.now() - timedelta(days=days)).total_seconds())
    make_due("refresh", connection)
    work_off("refresh")  # its access token ran out long ago


def test_renewing_moves_the_end_by_nothing(tiktok: LocalTikTok, connected: Connection) -> None:
    ends_at = again(connected).refresh_expires_at
    assert timedelta(days=364) < ends_at - clock.now() < timedelta(days=366)
    days_before_the_end(tiktok, connected, 100)
    assert abs(again(connected).refresh_expires_at - ends_at) < timedelta(minutes=1)


def test_it_is_told_once_to_those_who_can_reconnect_and_not_before_its_time(cast: Cast, tiktok: LocalTikTok, connected: Connection) -> None:
    days_before_the_end(tiktok, connected, 15)
    assert work_off("grant_end_mail") == 0
    assert mail.outbox == []
    tiktok.advance(86400)
    make_due("refresh", connected)
    work_off("refresh", "grant_end_mail", "notice")
    told = sorted(m.to[0] for m in mail.outbox)
    assert told == ["admin@brass.example", "manager@agency.example", "reviewer@tiktok.example"]
    assert mail.outbox[0].subject.startswith("Connect @brassorbit3 again before ")
    for _ in range(5):
        tiktok.advance(86400)
        make_due("refresh", connected)
        work_off("refresh", "grant_end_mail", "notice")
    assert len(mail.outbox) == len(told), "once"


def test_the_page_counts_the_days_and_one_click_begins_the_next_year_with_the_history(
    admin: Client, cast: Cast, tiktok: LocalTikTok, connected: Connection
) -> None:
    work_off("sync")
    assert "Ends in" not in words(admin.get(PAGE))
    days_before_the_end(tiktok, connected, 12.5)
    with scope.inside(cast.brass.pk):
        had = Post.objects.count()
    page = words(admin.get(PAGE))
    assert "Ends in 12 days" in page
    assert "Reconnect @brassorbit3" in page
    work_off("grant_end_mail")
    connect(admin, tiktok, "brassorbit3")
    assert "Ends in" not in words(admin.get(PAGE))
    now = again(connected)
    assert (now.state, now.end_told_at) == ("live", None)
    assert now.refresh_expires_at - clock.now() > timedelta(days=364)
    assert due("grant_end_mail", connected).due_at > clock.now() + timedelta(days=340), "the next year is told of too"
    with scope.inside(cast.brass.pk):
        assert Post.objects.count() >= had > 0


def test_a_reconnect_before_the_mail_leaves_makes_it_needless(admin: Client, tiktok: LocalTikTok, connected: Connection) -> None:
    days_before_the_end(tiktok, connected, 13)
    connect(admin, tiktok, "brassorbit3")
    assert work_off("grant_end_mail") == 0
    assert mail.outbox == []


def test_a_connection_from_before_is_planned_at_its_next_renewal(tiktok: LocalTikTok, connected: Connection) -> None:
    DueWork.objects.filter(kind="grant_end_mail").delete()
    make_due("refresh", connected)
    work_off("refresh")
    assert due("grant_end_mail", connected).due_at == again(connected).tell_end_at


def test_a_short_consent_is_told_of_halfway(connected: Connection) -> None:
    connected.refresh_expires_at = connected.connected_at + timedelta(days=10)
    assert connected.tell_end_at == connected.connected_at + timedelta(days=5)


def test_after_the_end_it_says_so_and_leaving_takes_the_plan_away(admin: Client, tiktok: LocalTikTok, connected: Connection) -> None:
    days_before_the_end(tiktok, connected, -1)
    now = again(connected)
    assert now.state == "broken"
    assert due("grant_end_mail", connected) is None
    make_due("sync", connected)
    assert step(connected, "posts").state == "failed"
    assert "needs to be reconnected" in words(admin.get(PAGE)).lower()
