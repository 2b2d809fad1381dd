"""The weekly report: when it is written, what is in it, and that it is written once."""

import re
from contextlib import nullcontext
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import get_args, get_type_hints
from zoneinfo import ZoneInfo

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from agency import clock, jobs, scope
from agency.models import AuditRow, Workspace
from integrations.models import Connection
from metrics.models import AccountDay
from metrics.periods import Week
from reports import composition, content, presentation, tasks
from reports.models import Delivery, ReportSchedule, WeeklyReport
from tests.integrations.connecting import connect
from tests.local_tiktok import LocalTikTok
from tests.metrics.planting import days_from, plant_account, plant_days, plant_post
from tests.people import Cast, sign_in
from tests.reports.conftest import At
from tests.reports.reporting import (
    W21,
    account_with_weeks,
    compose,
    content_of,
    next_at,
    report_is_due,
    seen_now,
    weeks_of,
)
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))

LA, AUCKLAND, KOLKATA = (ZoneInfo(z) for z in ("America/Los_Angeles", "Pacific/Auckland", "Asia/Kolkata"))
MIDWEEK = datetime(2026, 5, 28, 12, tzinfo=UTC)  # a Thursday; W21 is final since Wednesday
NEXT_SLOT = datetime(2026, 6, 1, 9, tzinfo=LA)


def test_the_first_report_tells_of_the_published_sample(cast: Cast, tiktok: LocalTikTok) -> None:
    connect(sign_in(cast.admin), tiktok, "brassorbit3")
    work_off("sync", "report")
    truth = tiktok.http.get("/__control__/world", params={"account": "brassorbit3"}).json()
    week = Week.of(date.fromisoformat(truth["sample_week"]["first"]))
    assert weeks_of(cast.brass) == [str(week)]
    what = content_of(cast.brass, week)
    o = what.organic
    assert (o.posts_count, o.views, o.views_before, o.views_alike, o.days_alike) == (11, 1_420_180, 1_196_445, 1_420_180, 7)
    assert (o.new_followers, o.followers) == (612, 48_210)
    days = {d["date"]: d for d in truth["accounts"][0]["days"]}
    assert [d.views for d in what.days] == [days[d.date]["video_views"] for d in what.days]
    assert [d.views_before for d in what.days] == [days[d.isoformat()]["video_views"] for d in week.before.days]
    assert (what.missing_days, what.not_final_days, what.missing_accounts) == ((), (), ())
    shown = presentation.shown(what)
    rows = {r.label: (r.value, r.delta.text if r.delta else r.note) for r in shown.organic}
    assert rows["Posts published"] == ("11", "on cadence")
    assert rows["Total views"] == ("1,420,180", "+18.7%")
    assert rows["Avg. engagement rate"] == ("5.7%", "+0.4 pp")
    assert rows["New followers"][0] == "+612"
    assert [(p.title, p.views, p.engagement, p.watch_through) for p in shown.creative] == [
        ("Quick-cut color grading reel", "412,800", "6.9%", "68%"),
        ("Hook test · split-screen tutorial", "208,100", "5.1%", "61%"),
        ("BTS · slow-mo product loop", "186,400", "4.4%", "57%"),
    ]
    assert presentation.subject(what) == f"Week {week.number} · Brass Studio: 1.42M views (+18.7%)"


def test_no_report_before_the_first_sync_is_complete(cast: Cast, tiktok: LocalTikTok) -> None:
    connect(sign_in(cast.admin), tiktok, "brassorbit3")
    tiktok.fault("*/business/video/list/", "code", value=50000, times=1)
    work_off("sync", "report")
    assert weeks_of(cast.brass) == []
    tiktok.advance(3700)
    work_off("sync", "report")
    assert len(weeks_of(cast.brass)) == 1


def test_a_closed_workspace_gets_no_report(cast: Cast, tiktok: LocalTikTok) -> None:
    """Even while the job that ends its connections has not run yet."""
    connect(sign_in(cast.admin), tiktok, "brassorbit3")
    work_off("sync")
    with scope.inside(cast.brass.pk):
        Workspace.objects.filter(pk=cast.brass.pk).update(closed_at=clock.now())
    work_off("report")
    assert weeks_of(cast.brass) == []


def test_figures_just_before_on_and_just_after_the_borders_are_counted_in_utc(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    with scope.inside(cast.brass.pk):
        account = plant_account(cast.admin, "a")
        for day, views in ((17, 1000), (18, 1), (24, 2), (25, 2000)):
            plant_days(account, [date(2026, 5, day)], video_views=views, followers_count=views)
        midnight = datetime(2026, 5, 18, tzinfo=UTC)
        for moment in (midnight - timedelta(seconds=1), midnight, midnight + timedelta(days=7, seconds=-1), midnight + timedelta(days=7)):
            plant_post(account, moment)
    compose(cast.brass)
    o = content_of(cast.brass, W21).organic
    assert (o.views, o.posts_count, o.new_followers) == (3, 2, 2 - 1000)


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Auckland", "Asia/Kolkata"])
@pytest.mark.parametrize(
    "week",
    # An ordinary week; clock changes in Los Angeles (March, November) and Auckland (April, September); turns of the year.
    ["2026-W21", "2026-W10", "2026-W44", "2026-W14", "2026-W39", "2025-W52", "2026-W01", "2026-W52", "2026-W53", "2027-W01"],
)
def test_the_slot_is_monday_at_the_hour_of_the_workspace_and_the_week_stays_seven_utc_days(
    cast: Cast, at: At, zone: str, week: str
) -> None:
    that = Week.parse(week)
    with scope.inside(cast.brass.pk):
        Workspace.objects.update(time_zone=zone)
    at(that.before.final_at + timedelta(hours=1))  # the first report, of the week before
    account_with_weeks(cast.admin, last=that.sunday)
    compose(cast.brass)
    assert weeks_of(cast.brass) == [str(that.before)]
    slot = next_at(cast.brass)
    assert slot.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == datetime.combine(that.after.monday, datetime.min.time()).replace(hour=9)
    at(slot - timedelta(seconds=1))
    seen_now(cast.brass)
    work_off("report")
    assert len(weeks_of(cast.brass)) == 1
    at(slot + timedelta(seconds=2))  # a sweep is never there at the very second
    work_off("report")
    assert weeks_of(cast.brass) == [str(that.before), week]
    what = content_of(cast.brass, week)
    assert [d.date for d in what.days] == [d.isoformat() for d in that.days]
    assert (what.monday, what.sunday) == (that.monday.isoformat(), that.sunday.isoformat())
    assert what.organic.views == 700
    assert next_at(cast.brass).astimezone(ZoneInfo(zone)).hour == 9


def test_the_hour_is_the_workspaces_own(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=W21.sunday)
    with scope.inside(cast.brass.pk):
        ReportSchedule.objects.create(workspace=cast.brass, hour=23, next_week="2026-W21")
    compose(cast.brass)
    assert next_at(cast.brass) == datetime(2026, 6, 1, 23, tzinfo=LA)


def test_on_monday_the_mail_names_the_days_that_are_missing_and_compares_like_days_only(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account = account_with_weeks(cast.admin, last=W21.sunday)
    compose(cast.brass)
    with scope.inside(cast.brass.pk):
        plant_days(account, days_from(date(2026, 5, 25), 5), video_views=150)  # TikTok has Monday to Friday
    at(NEXT_SLOT + timedelta(seconds=3))
    compose(cast.brass)
    what = content_of(cast.brass, "2026-W22")
    o = what.organic
    assert (o.views, o.views_alike, o.views_before, o.days_alike) == (750, 750, 500, 5)
    assert what.missing_days == ("2026-05-30", "2026-05-31")
    assert o.new_followers is None
    missing = " ".join(presentation.shown(what).missing)
    assert "TikTok has not delivered May 30 and May 31. Totals and comparisons leave them out." in missing
    assert "compared on the 5 of 7 days" in missing
    assert presentation.subject(what) == "Week 22 · Brass Studio: 750 views (+50.0%)"
    assert [p.state for p in presentation.shown(what).chart.points] == ["final"] * 5 + ["missing"] * 2


def test_days_that_came_but_are_not_final_are_told_and_not_compared(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account = account_with_weeks(cast.admin, last=W21.sunday)
    compose(cast.brass)
    with scope.inside(cast.brass.pk):
        plant_days(account, days_from(date(2026, 5, 25), 7), video_views=150)
    at(NEXT_SLOT)
    compose(cast.brass)
    what = content_of(cast.brass, "2026-W22")
    assert (what.organic.views, what.organic.views_alike, what.organic.views_before) == (1050, 750, 500)
    assert what.not_final_days == ("2026-05-30", "2026-05-31")
    assert "TikTok still counts May 30 and May 31: figures may still rise." in presentation.shown(what).missing
    assert [p.state for p in presentation.shown(what).chart.points] == ["final"] * 5 + ["provisional"] * 2


def test_a_workspace_that_joined_on_monday_after_the_hour_gets_that_week_once_it_is_final(cast: Cast, at: At) -> None:
    monday = datetime(2026, 5, 25, 10, tzinfo=LA)
    at(monday)
    account_with_weeks(cast.admin, last=date(2026, 5, 22))
    compose(cast.brass)
    assert weeks_of(cast.brass) == ["2026-W20"]
    assert next_at(cast.brass) == W21.final_at == datetime(2026, 5, 27, tzinfo=UTC)
    at(W21.final_at)
    compose(cast.brass)
    assert weeks_of(cast.brass) == ["2026-W20", "2026-W21"]
    assert next_at(cast.brass) == NEXT_SLOT


def test_a_workspace_that_joined_on_monday_before_the_hour_gets_that_week_in_its_slot(cast: Cast, at: At) -> None:
    at(datetime(2026, 5, 25, 8, tzinfo=LA))
    account_with_weeks(cast.admin, last=date(2026, 5, 22))
    compose(cast.brass)
    assert next_at(cast.brass) == datetime(2026, 5, 25, 9, tzinfo=LA)


def test_a_slot_missed_while_everything_was_down_is_made_up_once(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=date(2026, 6, 7), weeks=5)
    compose(cast.brass)
    at(NEXT_SLOT + timedelta(hours=7))
    for _ in range(3):
        compose(cast.brass)
    assert weeks_of(cast.brass) == ["2026-W21", "2026-W22"]
    assert next_at(cast.brass) == datetime(2026, 6, 8, 9, tzinfo=LA)


def test_several_missed_weeks_are_each_made_up_once(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=date(2026, 6, 14), weeks=6)
    compose(cast.brass)
    at(datetime(2026, 6, 17, 12, tzinfo=LA))
    compose(cast.brass)
    compose(cast.brass)
    assert weeks_of(cast.brass) == ["2026-W21", "2026-W22", "2026-W23", "2026-W24"]


def test_after_an_outage_the_report_waits_for_the_sync_but_not_for_ever(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=W21.sunday)
    compose(cast.brass)
    now = NEXT_SLOT
    for _ in range(3):
        at(now)
        assert work_off("report") == 1
        assert len(weeks_of(cast.brass)) == 1
        assert next_at(cast.brass) == now + timedelta(minutes=5)
        now += timedelta(minutes=5)
    at(now)
    work_off("report")
    assert weeks_of(cast.brass) == ["2026-W21", "2026-W22"]


def test_after_an_outage_a_sync_that_succeeds_ends_the_waiting(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=W21.sunday)
    compose(cast.brass)
    at(NEXT_SLOT)
    work_off("report")
    assert len(weeks_of(cast.brass)) == 1
    compose(cast.brass)
    assert len(weeks_of(cast.brass)) == 2


def test_two_compose_tasks_at_once_write_one_report(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=W21.sunday)
    report_is_due(cast.brass)
    (claim,) = jobs.claim_due("report")
    for _ in range(5):  # one message, delivered five times
        tasks.compose_some(claims=[claim.message()])
    at(clock.now() + jobs.LEASE * 2)
    report_is_due(cast.brass)
    for claim in (*jobs.claim_due("report"), *jobs.claim_due("report")):
        tasks.compose_some(claims=[claim.message()])
    assert weeks_of(cast.brass) == ["2026-W21"]
    with scope.inside(cast.brass.pk):
        assert Delivery.objects.count() == Delivery.objects.values("person").distinct().count() == 2
        assert AuditRow.objects.filter(verb="report.composed").count() == 1


def test_a_worker_that_lost_its_claim_writes_nothing(cast: Cast, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=W21.sunday)
    report_is_due(cast.brass)
    (claim,) = jobs.claim_due("report")
    honest = composition.compose

    def slow(*args: object, **kwargs: object) -> content.Content:
        jobs.drop("report", ref=cast.brass.pk)
        return honest(*args, **kwargs)

    monkeypatch.setattr(composition, "compose", slow)
    tasks.compose_some(claims=[claim.message()])
    assert weeks_of(cast.brass) == []


@pytest.mark.parametrize(("problem", "goes_on"), [(ZeroDivisionError, True), (SoftTimeLimitExceeded, False)])
def test_what_goes_wrong_with_one_report_holds_no_other_up_unless_the_time_is_over(
    cast: Cast, at: At, monkeypatch: pytest.MonkeyPatch, problem: type[Exception], goes_on: bool
) -> None:
    at(MIDWEEK)
    for membership in (cast.admin, cast.moon_admin):
        account_with_weeks(membership, last=W21.sunday)
        report_is_due(membership.workspace)
    honest, tried = composition.compose, []

    def compose(*args: object, **kwargs: object) -> content.Content:
        tried.append(args)
        if len(tried) == 1:
            raise problem
        return honest(*args, **kwargs)

    monkeypatch.setattr(composition, "compose", compose)
    handful = [claim.message() for claim in jobs.claim_due("report")]
    assert len(handful) == 2
    with nullcontext() if goes_on else pytest.raises(SoftTimeLimitExceeded):
        tasks.compose_some(claims=handful)
    assert len(tried) == (2 if goes_on else 1)
    assert len(weeks_of(cast.brass)) + len(weeks_of(cast.moon)) == (1 if goes_on else 0)
    at(clock.now() + jobs.LEASE * 2)
    work_off("report")
    assert weeks_of(cast.brass) == weeks_of(cast.moon) == ["2026-W21"]


def test_a_workspace_that_has_no_account_gets_no_report(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    report_is_due(cast.brass)
    assert work_off("report", "delivery") == 1
    assert weeks_of(cast.brass) == []
    assert next_at(cast.brass) == NEXT_SLOT


@pytest.mark.parametrize("state", [Connection.State.BROKEN, Connection.State.DISCONNECTED])
def test_without_a_live_account_no_report_goes_and_the_missed_week_is_made_up_later(cast: Cast, at: At, state: str) -> None:
    at(MIDWEEK)
    account = account_with_weeks(cast.admin, last=W21.sunday)
    compose(cast.brass)
    tokens = {"access_token_sealed": None, "refresh_token_sealed": None}
    with scope.inside(cast.brass.pk):
        Connection.objects.update(state=state, **tokens)
    for weeks in range(3):
        at(NEXT_SLOT + timedelta(weeks=weeks, seconds=1))
        work_off("report")
    assert weeks_of(cast.brass) == ["2026-W21"]
    assert next_at(cast.brass) == NEXT_SLOT + timedelta(weeks=3)
    at(datetime(2026, 6, 18, 12, tzinfo=UTC))
    with scope.inside(cast.brass.pk):
        Connection.objects.update(state=Connection.State.LIVE)
        plant_days(account, days_from(date(2026, 6, 1), 14))
    compose(cast.brass)
    assert weeks_of(cast.brass) == ["2026-W21", "2026-W24"]
    assert next_at(cast.brass) == NEXT_SLOT + timedelta(weeks=3)


def test_a_broken_account_beside_a_live_one_is_named_and_the_report_still_goes(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account_with_weeks(cast.admin, "live", last=W21.sunday)
    account_with_weeks(cast.admin, "broken", last=W21.sunday)
    with scope.inside(cast.brass.pk):
        Connection.objects.filter(handle="broken").update(state=Connection.State.BROKEN, broken_reason="Access was ended in TikTok.")
    compose(cast.brass)
    what = content_of(cast.brass, W21)
    assert (what.organic.views, what.accounts, what.missing_days) == (700, ("@live",), ())
    assert presentation.shown(what).missing == ("@broken is not in these figures: it needs to be reconnected. Access was ended in TikTok.",)


def test_an_account_that_grants_no_daily_figures_is_said_to_and_no_day_is_called_late(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    with scope.inside(cast.brass.pk):
        account = plant_account(cast.admin, "shy", scopes=("user.info.basic", "video.list"))
        plant_post(account, datetime(2026, 5, 20, tzinfo=UTC), views=50)
    compose(cast.brass)
    what = content_of(cast.brass, W21)
    assert (what.organic.views, what.organic.posts_count, what.missing_days) == (None, 1, ())
    assert presentation.shown(what).missing == ("@shy is not in the daily figures: user.insights was not granted.",)


def test_a_second_account_joins_the_next_report_with_its_history(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account_with_weeks(cast.admin, "first", last=date(2026, 5, 31), weeks=3)
    compose(cast.brass)
    at(NEXT_SLOT - timedelta(hours=1))
    seen_now(cast.brass)
    account_with_weeks(cast.admin, "second", last=date(2026, 5, 31), weeks=3)
    with scope.inside(cast.brass.pk):
        plant_account(cast.admin, "third", synced=False).delete()
    for minutes in (0, 5, 10, 15):  # the report waits a little for the third's first sync
        at(NEXT_SLOT + timedelta(minutes=minutes))
        work_off("report")
    assert content_of(cast.brass, "2026-W21").organic.views == 700
    what = content_of(cast.brass, "2026-W22")
    assert (what.organic.views, what.accounts) == (1400, ("@first", "@second", "@third"))
    assert "@third is not in these figures: its first sync has not finished." in presentation.shown(what).missing


def test_a_correction_does_not_change_what_was_sent(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=W21.sunday)
    compose(cast.brass)
    client = sign_in(cast.admin)

    def page() -> str:
        """What was sent; what was corrected since stands beside it, in a card of its own."""
        shown = client.get("/reports/2026-W21").content.decode().split("<main", 1)[1]
        return re.sub(
            r'<section class="card" aria-labelledby="fix-h">.*?</section>', "", re.sub(r'value="[^"]*"', "", shown), flags=re.DOTALL
        )

    with scope.inside(cast.brass.pk):
        before = WeeklyReport.objects.values().get()
        shown = page()
        AccountDay.objects.update(video_views=999_999)
    assert re.sub(r"\s+", " ", page()) == re.sub(r"\s+", " ", shown)
    compose(cast.brass)
    with scope.inside(cast.brass.pk):
        assert WeeklyReport.objects.values().get() == before


def test_the_same_figures_have_the_same_hash_whenever_they_are_composed(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=W21.sunday)
    with scope.inside(cast.brass.pk):
        early, late = (
            composition.compose(cast.brass, W21, now=now)
            for now in (datetime(2026, 5, 25, 16, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
        )
        alike = composition.compose(cast.brass, W21, now=MIDWEEK)
        AccountDay.objects.filter(date=W21.monday).update(video_views=101)
        other = composition.compose(cast.brass, W21, now=MIDWEEK)
    assert late.hash == alike.hash
    assert replace(late, composed_at=early.composed_at, not_final_days=early.not_final_days, days=early.days).hash == late.hash
    assert other.hash != alike.hash


def test_a_report_holds_aggregates_and_nothing_about_single_viewers() -> None:
    names: set[str] = set()

    def walk(kind: object) -> None:
        if is_dataclass(kind):
            for field in fields(kind):
                names.add(field.name)
                walk(get_type_hints(kind)[field.name])
        for part in get_args(kind):
            walk(part)

    walk(content.Content)
    allowed = {
        "week", "workspace", "monday", "sunday", "composed_at", "accounts", "days", "organic", "creative", "missing_days",
        "not_final_days", "missing_accounts", "date", "views", "views_before", "views_alike", "days_alike", "is_final", "posts_count",
        "posts_agreed", "engagement_rate", "engagement_rate_alike", "engagement_rate_before", "new_followers", "new_followers_before",
        "followers", "post_id", "account", "caption", "posted_on", "watch_through_rate", "why", "reason", "version",
        "paid", "currency", "ad_accounts", "time_zones", "boosted_posts", "boosted_posts_alike", "boosted_posts_before", "impressions",
        "impressions_alike", "impressions_before", "clicks", "spend", "ctr", "ctr_alike", "ctr_before", "cpm", "cpm_alike", "cpm_before",
        "may_still_rise", "brands", "brand", "creators", "creator", "how", "mentions",
        "comments", "comments_count", "answered_count", "in_aim_count", "aim_seconds", "answer_seconds",
    }  # fmt: skip
    assert names == allowed, "a new field of the report: say here that it is an aggregate"


def test_a_report_comes_back_from_the_database_as_it_went_in(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account = account_with_weeks(cast.admin, last=W21.sunday)
    with scope.inside(cast.brass.pk):
        plant_post(account, datetime(2026, 5, 20, tzinfo=UTC))
        what = composition.compose(cast.brass, W21, now=MIDWEEK)
    assert content.from_json(what.as_json()) == what


def test_new_followers_that_were_lost_and_views_of_zero_read_as_such(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    with scope.inside(cast.brass.pk):
        account = plant_account(cast.admin, "a")
        plant_days(account, days_from(date(2026, 5, 11), 7), video_views=0, likes=0, comments=0, shares=0)
        plant_days(account, days_from(W21.monday, 7), video_views=0, likes=0, comments=0, shares=0, followers_count=960)
    compose(cast.brass)
    rows = {r.label: r for r in presentation.shown(content_of(cast.brass, W21)).organic}
    assert (rows["New followers"].value, rows["Total views"].value, rows["Avg. engagement rate"].value) == ("−40", "0", "–")
    assert rows["Total views"].delta.text == "0%"
    assert rows["Avg. engagement rate"].delta is None


def test_a_caption_cannot_turn_a_figure_round(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account = account_with_weeks(cast.admin, last=W21.sunday)
    with scope.inside(cast.brass.pk):
        plant_post(account, datetime(2026, 5, 20, tzinfo=UTC), caption="\u202eevil\u2067\n\n=HYPERLINK(1)\r\nSubject: x", views=350)
    compose(cast.brass)
    what = content_of(cast.brass, W21)
    assert presentation.headline(what).endswith("One post, evil, brought 50% of them.")
    assert presentation.shown(what).creative[0].title == "evil"
