"""Storing ads: what is refused, what is corrected, what a read makes of it; and the arithmetic of windows."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agency import clock, scope
from integrations.models import AdAccount, ApiCall, Connection
from integrations.tiktok.ad_reports import ReportRow
from metrics import ad_queries, ad_store, ad_windows
from metrics.ad_queries import Level
from metrics.ad_windows import Place
from metrics.models import AdDay
from tests.people import Cast

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
FIRST, LAST = date(2026, 5, 1), date(2026, 5, 30)
FIGURES: dict[str, Any] = dict.fromkeys(ad_store.DAY_FIGURES, 10) | {"spend": Decimal("2.50"), "campaign_id": "18", "adgroup_id": "19"}


def row(ad_id: str = "1178456620900130000", on: date = FIRST, **figures: Any) -> ReportRow:
    return ReportRow({"ad_id": ad_id}, on, None, {}, FIGURES | figures)


@pytest.fixture
def ad_account(cast: Cast) -> Iterator[AdAccount]:
    with scope.inside(cast.brass.pk):
        now = clock.now()
        connection = Connection.objects.create(
            workspace=cast.brass, kind=Connection.Kind.ADVERTISER, tiktok_open_id="x", state=Connection.State.LIVE, state_since=now,
            scopes_asked=[], scopes_granted=[], connected_at=now, connected_by=cast.admin.person,
        )  # fmt: skip
        yield AdAccount.objects.create(
            workspace=cast.brass, connection=connection, advertiser_id="7", currency="USD", state=AdAccount.State.LINKED, state_since=now
        )


def keep(ad_account: AdAccount, *rows: ReportRow) -> int:
    call = ApiCall.objects.create(
        workspace_id=ad_account.workspace_id, connection=ad_account.connection, endpoint="/report/integrated/get/", tiktok_request_id="r",
        code=0, http_status=200, called_at=clock.now(), duration_ms=1,
    )  # fmt: skip
    return ad_store.keep_ad_days(ad_account, rows, FIRST, LAST, call_id=call.pk, now=clock.now())


def test_a_row_told_twice_is_one_row_and_an_unchanged_one_is_not_written(ad_account: AdAccount) -> None:
    assert keep(ad_account, row(), row(clicks=11)) == 1
    (before,) = AdDay.objects.values()
    assert (before["clicks"], before["spend"], before["tiktok_campaign_id"]) == (11, Decimal("2.50"), "18")
    assert keep(ad_account, row(clicks=11)) == 0
    assert list(AdDay.objects.values()) == [before]


def test_a_corrected_day_remembers_when_and_keeps_when_it_was_first_seen(ad_account: AdAccount) -> None:
    keep(ad_account, row())
    before = AdDay.objects.get()
    assert keep(ad_account, row(conversion=12)) == 1
    after = AdDay.objects.get()
    assert (after.conversions, after.pk, after.first_seen_at) == (12, before.pk, before.first_seen_at)
    assert after.changed_at > before.changed_at
    assert after.call_id != before.call_id


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("spend", Decimal("-1")), ("spend", Decimal("1e14")), ("spend", Decimal("0.0000001")), ("spend", Decimal("NaN")), ("spend", None),
        ("clicks", -1), ("clicks", 2**63), ("clicks", None), ("impressions", "12"),
    ],
)  # fmt: skip
def test_what_no_column_can_hold_is_unknown_and_never_zero(ad_account: AdAccount, name: str, value: Any) -> None:
    keep(ad_account, row(**{name: value}))
    assert getattr(AdDay.objects.get(), ad_store.DAY_FIGURES[name]) is None
    (line,) = ad_queries.paid(ad_account, FIRST, LAST, level=Level.CAMPAIGN)
    assert getattr(line, name) is None
    assert (line.cpm is None) == (name in {"spend", "impressions"})


@pytest.mark.parametrize("strange", [{"ad_id": "1" * 33}, {"ad_id": "x"}, {"on": date(2026, 4, 30)}, {"on": None}, {"campaign_id": "a b"}])
def test_a_page_with_a_row_that_cannot_be_an_answer_is_refused_whole(ad_account: AdAccount, strange: dict[str, Any]) -> None:
    with pytest.raises(ad_store.Strange):
        keep(ad_account, row(ad_id="12"), row(**strange))
    assert not AdDay.objects.exists()


def test_levels_are_sums_of_ads_and_rates_are_ratios_of_sums(ad_account: AdAccount) -> None:
    keep(ad_account, row("1", impressions=1000, clicks=10), row("2", impressions=3000, clicks=50), row("1", on=LAST, campaign_id="20"))
    campaigns = {line.key: line for line in ad_queries.paid(ad_account, FIRST, LAST, level=Level.CAMPAIGN)}
    assert (campaigns["18"].spend, campaigns["18"].currency, campaigns["18"].impressions) == (Decimal("5.00"), "USD", 4000)
    assert campaigns["18"].ctr == 60 / 4000
    assert campaigns["18"].cpm == Decimal("1.25")
    assert [line.key for line in ad_queries.paid(ad_account, FIRST, LAST, level=Level.DAY)] == [FIRST, LAST]
    assert ad_queries.paid(ad_account, date(2026, 6, 1), date(2026, 6, 2), level=Level.AD) == []


def test_a_difference_to_tiktoks_own_total_is_named(ad_account: AdAccount) -> None:
    keep(ad_account, row())
    total = ReportRow({"advertiser_id": "7"}, FIRST, None, {}, FIGURES | {"spend": Decimal("4.00"), "clicks": 12})
    alone = ReportRow({"advertiser_id": "7"}, LAST, None, {}, FIGURES)
    call = AdDay.objects.get().call_id
    ad_store.keep_totals(ad_account, [total, alone], FIRST, LAST, call_id=call, now=clock.now())
    first, last = ad_queries.gaps(ad_account, FIRST, LAST)
    assert (first.date, first.spend, first.clicks, first.impressions) == (FIRST, Decimal("1.50"), 2, 0)
    assert (last.date, last.spend, last.clicks, last.impressions) == (LAST, Decimal("2.50"), 10, 10)


@given(st.dates(date(2015, 1, 1), date(2100, 1, 1)), st.integers(1, 30), st.integers(0, 999_999), st.integers(0, 2))
def test_a_place_survives_being_a_cursor(last: date, days: int, page: int, tries: int) -> None:
    place = Place(last, days, page, tries)
    assert Place.unpack(place.pack()) == place
    assert 0 < place.pack() < 2**63


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)), st.integers(0, 800), st.integers(1, 30))
def test_windows_meet_without_a_hole_or_an_overlap_and_end_at_the_oldest_day(last: date, back: int, most: int) -> None:
    oldest = date.fromordinal(last.toordinal() - back)
    place: Place | None = ad_windows.window(last, oldest, most=most)
    days: list[int] = []
    while place is not None:
        assert 1 <= place.days <= most
        days += range(place.last.toordinal(), place.first.toordinal() - 1, -1)
        place = place.older(oldest)
    assert days == list(range(last.toordinal(), oldest.toordinal() - 1, -1))


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Etc/GMT+10", 9), ("America/Los_Angeles", 9), ("UTC", 10), ("Asia/Tokyo", 10), ("Pacific/Auckland", 10)],
)
def test_today_is_the_ad_accounts_own(zone: str, day: int) -> None:
    assert ad_windows.today_in(ZoneInfo(zone), datetime(2026, 3, 10, 3, 30, tzinfo=UTC)) == date(2026, 3, day)


def test_history_ends_where_the_ad_account_began_and_two_years_back_at_most() -> None:
    today = date(2026, 5, 30)
    assert ad_windows.oldest_day(today, date(2026, 1, 1)) == date(2026, 1, 1)
    assert (today - ad_windows.oldest_day(today, date(2015, 1, 1))).days == ad_windows.HISTORY_DAYS
    assert ad_windows.oldest_day(today, None) == ad_windows.oldest_day(today, date(2027, 1, 1))
