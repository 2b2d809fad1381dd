"""Sums over the days of ads stay what the days say, whatever is told, corrected, moved or told twice; lines of a page equal the days."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from agency import clock, scope
from integrations.models import AdAccount, ApiCall, Connection
from integrations.tiktok.ad_reports import ReportRow
from metrics import ad_days, ad_figures, ad_lines, ad_spans, ad_store
from metrics.ad_figures import FIGURES
from metrics.ad_lines import Level, Wanted
from metrics.models import Ad, AdCampaign, AdDay, AdSum
from tests.metrics import summing
from tests.metrics.planting import never_analysed, rows_read
from tests.people import Cast

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
FIRST, LAST = date(2026, 1, 25), date(2026, 4, 3)


@pytest.fixture
def ad_account(cast: Cast) -> Iterator[AdAccount]:
    with scope.inside(cast.brass.pk):
        now = clock.now()
        consent = Connection.objects.create(
            workspace=cast.brass, kind=Connection.Kind.ADVERTISER, tiktok_open_id="x", state=Connection.State.LIVE, state_since=now,
            scopes_asked=[], scopes_granted=[], connected_at=now, connected_by=cast.admin.person,
        )  # fmt: skip
        yield AdAccount.objects.create(
            workspace=cast.brass, connection=consent, advertiser_id="7", currency="USD", state=AdAccount.State.LINKED, state_since=now
        )


def a_call(ad_account: AdAccount) -> ApiCall:
    return ApiCall.objects.create(
        workspace_id=ad_account.workspace_id, connection=ad_account.connection, endpoint="/report/integrated/get/", tiktok_request_id="r",
        code=0, http_status=200, called_at=clock.now(), duration_ms=1,
    )  # fmt: skip


def told(chance: random.Random, ad: int, on: date) -> ReportRow:
    """An ad on a day: mostly in its place, sometimes in another, and now and then with a figure that TikTok does not tell."""
    group = ad % 7 if chance.random() < 0.9 else chance.randrange(7)
    figures: dict[str, Any] = {name: chance.choice([0, 1, 5, 10**6]) for name in ad_store.DAY_FIGURES}
    figures |= {"spend": Decimal(chance.randrange(10_000)) / 100, "adgroup_id": str(100 + group), "campaign_id": str(200 + group % 3)}
    for name in ad_store.DAY_FIGURES:
        if chance.random() < 0.01:
            figures[name] = None
    if chance.random() < 0.02:
        figures |= {"adgroup_id": None, "campaign_id": None}
    return ReportRow({"ad_id": str(1000 + ad)}, on, None, {}, figures)


def tell(ad_account: AdAccount, chance: random.Random, rounds: int) -> None:
    """Pages as a sync keeps them: days again and again, some rows twice in a page."""
    call = a_call(ad_account)
    for _ in range(rounds):
        days = [FIRST + timedelta(days=chance.randrange((LAST - FIRST).days + 1)) for _ in range(4)]
        rows = [told(chance, chance.randrange(20), chance.choice(days)) for _ in range(40)]
        ad_store.keep_ad_days(ad_account, rows, FIRST, LAST, call_id=call.pk, now=clock.now())


def test_a_page_of_days_looks_up_what_it_names_and_not_all_that_is_kept(ad_account: AdAccount) -> None:
    """A table that nobody has analysed yet, as in a first sync, must not mislead the planner."""
    never_analysed("metrics_adday")
    chance, call = random.Random(1), a_call(ad_account)
    for start in range(0, 2_000, 500):
        rows = [told(chance, ad, FIRST) for ad in range(start, start + 500)]
        ad_store.keep_ad_days(ad_account, rows, FIRST, LAST, call_id=call.pk, now=clock.now())
    before = rows_read("metrics_adday")
    rows = [told(chance, ad, FIRST) for ad in range(1_990, 2_010)]
    ad_store.keep_ad_days(ad_account, rows, FIRST, LAST, call_id=call.pk, now=clock.now())
    assert rows_read("metrics_adday") - before < 10 * len(rows)


def sums() -> set[tuple[Any, ...]]:
    names = [field.column for field in AdSum._meta.fields if field.column != "id"]
    return set(AdSum.objects.filter(rows_count__gt=0).values_list(*names))


@pytest.mark.parametrize("seed", range(4))
def test_sums_are_what_the_days_say_however_they_came(ad_account: AdAccount, seed: int) -> None:
    tell(ad_account, random.Random(seed), rounds=15)
    kept = sums()
    assert len(kept) > 300
    AdSum.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(summing.ANEW)
    assert sums() == kept, "what was kept in step is what summing everything up gives"


def test_what_changes_nothing_moves_no_sum(ad_account: AdAccount) -> None:
    tell(ad_account, random.Random(1), rounds=2)
    call, rows = a_call(ad_account), [told(random.Random(5), ad, FIRST) for ad in range(10)]
    ad_store.keep_ad_days(ad_account, rows, FIRST, LAST, call_id=call.pk, now=clock.now())
    before = sums()
    assert ad_store.keep_ad_days(ad_account, rows * 2, FIRST, LAST, call_id=call.pk, now=clock.now()) == 0
    assert sums() == before


def expected(wanted: Wanted) -> dict[str, tuple[Any, ...]]:
    """The same, from the days, in Python."""
    name = {Level.CAMPAIGN: "tiktok_campaign_id", Level.AD_GROUP: "tiktok_adgroup_id", Level.AD: "tiktok_ad_id"}[wanted.level]
    rows: dict[str, list[AdDay]] = defaultdict(list)
    for day in AdDay.objects.filter(date__range=(wanted.first, wanted.last)):
        if wanted.campaign_id and wanted.level is not Level.CAMPAIGN and day.tiktok_campaign_id != wanted.campaign_id:
            continue
        if wanted.adgroup_id and wanted.level is Level.AD and day.tiktok_adgroup_id != wanted.adgroup_id:
            continue
        rows[getattr(day, name)].append(day)
    return {key: totals(days) for key, days in rows.items()}


def totals(days: list[AdDay]) -> tuple[Any, ...]:
    def total(name: str) -> Any:
        values = [getattr(day, name) for day in days]
        return None if None in values else sum(values)

    return (len(days), *(total(name) for name in FIGURES))


def flat(one: ad_figures.Sums) -> tuple[Any, ...]:
    return (one.rows_count, *(getattr(one, name) for name in FIGURES))


@pytest.mark.parametrize("level", list(Level))
def test_lines_and_totals_of_any_period_equal_the_days(ad_account: AdAccount, level: Level) -> None:
    chance = random.Random(level.value)
    tell(ad_account, chance, rounds=12)
    for _ in range(12):
        first = FIRST + timedelta(days=chance.randrange(40))
        last = first + timedelta(days=chance.randrange((LAST - first).days + 1))
        under = chance.choice([{}, {"campaign_id": "201"}, {"campaign_id": "201", "adgroup_id": "104"}])
        wanted = Wanted(level, first, last, **under)
        found = ad_lines.lines(ad_account, wanted, limit=None)
        assert {line.tiktok_id: flat(line.sums) for line in found.lines} == expected(wanted)
        assert flat(found.total) == flat(ad_figures.added([line.sums for line in found.lines])), "a total is the sum of its lines"
        assert found.count == len(found.lines)
        assert list(found.lines) == list(ad_lines.each_line(ad_account, wanted))
        pages = [ad_lines.lines(ad_account, wanted, offset=n, limit=5).lines for n in range(0, found.count, 5)]
        assert [line for page in pages for line in page] == list(found.lines), "pages are the whole, in its order, and nothing twice"


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("order", ["cost_per_conversion", "shares", "name"])
def test_who_looks_at_some_figures_gets_these_and_what_they_are_made_of(ad_account: AdAccount, level: Level, order: str) -> None:
    tell(ad_account, random.Random(5), rounds=12)
    all_of_them = ad_lines.lines(ad_account, Wanted(level, FIRST, LAST, order=order), limit=None)
    looked_at = Wanted(level, FIRST, LAST, order=order, figures=frozenset({"budget", "ctr", "likes"}))
    some = ad_lines.lines(ad_account, looked_at, limit=None)
    parts = {"clicks", "impressions", "likes"} | {"cost_per_conversion": {"spend", "conversions"}, "shares": {"shares"}}.get(order, set())
    assert looked_at.summed == parts
    assert [line.tiktok_id for line in some.lines] == [line.tiktok_id for line in all_of_them.lines]
    for mine, whole in zip((*some.lines, some), (*all_of_them.lines, all_of_them), strict=True):
        here, there = (one.total if isinstance(one, ad_lines.Lines) else one.sums for one in (mine, whole))
        assert here.rows_count == there.rows_count
        assert {name: getattr(here, name) for name in parts | {"ctr"}} == {name: getattr(there, name) for name in parts | {"ctr"}}


def test_the_days_of_one_thing_add_up_to_its_line(ad_account: AdAccount) -> None:
    tell(ad_account, random.Random(3), rounds=12)
    for level, key in ((Level.CAMPAIGN, "campaign_id"), (Level.AD_GROUP, "adgroup_id")):
        for line in ad_lines.lines(ad_account, Wanted(level, FIRST, LAST), limit=None).lines:
            if line.tiktok_id:
                by_day = ad_days.days(ad_account, FIRST, LAST, **{key: line.tiktok_id})
                assert ad_figures.added(list(by_day.values())) == line.sums
    whole = ad_days.days(ad_account, FIRST, LAST)
    assert ad_figures.added(list(whole.values())) == ad_lines.lines(ad_account, Wanted(Level.AD, FIRST, LAST)).total
    assert ad_lines.of_accounts_later(ad_account.workspace_id, FIRST, LAST)() == {ad_account.pk: ad_figures.added(list(whole.values()))}


@given(st.dates(date(2019, 12, 1), date(2021, 3, 1)), st.integers(0, 800))
def test_months_weeks_and_edges_are_the_period_and_no_day_twice(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    parts = ad_spans.cover(first, last)
    held: Counter[date] = Counter()
    for day in (first + timedelta(days=n) for n in range(-40, length + 41)):
        held[day] = sum(part.sign for part in parts if (part.span, part.begin) in ad_spans.begins_of(day))
    assert all(times == (first <= day <= last) for day, times in held.items())
    assert len(set(parts)) == len(parts)
    assert sum(part.span != AdSum.Span.MONTH for part in parts) <= 12, "what a page reads grows by one sum a month alone"


def test_sums_by_week_are_filled_in_for_days_that_were_kept_before_there_were_weeks(ad_account: AdAccount, django_db_blocker: Any) -> None:
    tell(ad_account, random.Random(2), rounds=12)
    kept = sums()
    AdSum.objects.filter(span=AdSum.Span.WEEK).delete()
    migration = import_module("metrics.migrations.0005_sum_ads_by_week")
    with connection.schema_editor() as editor:
        migration.fill(None, editor)
        migration.fill(None, editor)
    with scope.inside(ad_account.workspace_id):
        assert sums() == kept


@pytest.fixture
def named(ad_account: AdAccount) -> AdAccount:
    """Three campaigns with names and states, two of which delivered; and an ad that belongs to none of them."""
    now, call = clock.now(), a_call(ad_account)
    common = {"workspace_id": ad_account.workspace_id, "ad_account": ad_account, "call": call, "first_seen_at": now, "changed_at": now}
    for number, name, operation, secondary in (
        ("200", "Lens 100% kit", "ENABLE", "CAMPAIGN_STATUS_ENABLE"),
        ("201", "lens_cloth", "DISABLE", "CAMPAIGN_STATUS_DISABLE"),
        ("202", "Old one", "DISABLE", "CAMPAIGN_STATUS_DELETE"),
        ("203", "Old one without a day", "DISABLE", "CAMPAIGN_STATUS_DELETE"),
        ("204", "Never shown", "ENABLE", "CAMPAIGN_STATUS_ENABLE"),
    ):
        AdCampaign.objects.create(tiktok_campaign_id=number, name=name, operation_status=operation, secondary_status=secondary, **common)
    rows = [
        ReportRow({"ad_id": str(number)}, FIRST, None, {}, dict.fromkeys(ad_store.DAY_FIGURES, number) | {
            "spend": Decimal(number), "campaign_id": campaign, "adgroup_id": "1"
        })
        for number, campaign in ((1, "200"), (2, "201"), (3, "202"), (9, "999"))
    ]  # fmt: skip
    ad_store.keep_ad_days(ad_account, rows, FIRST, LAST, call_id=call.pk, now=now)
    return ad_account


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["999", "202", "201", "200", "204"]),
        ({"descending": False}, ["200", "201", "202", "999", "204"]),
        ({"order": "name", "descending": False}, ["999", "200", "201", "204", "202"]),
        ({"status": "active"}, ["200", "204"]),
        ({"status": "paused"}, ["201"]),
        ({"status": "deleted"}, ["202", "203"]),
        ({"search": "LENS"}, ["201", "200"]),
        ({"search": "0% k"}, ["200"]),
        ({"search": "s_c"}, ["201"]),
        ({"search": "999"}, ["999"]),
        ({"search": "\\"}, []),
        ({"search": "Old", "status": "paused"}, []),
    ],
)
def test_lines_are_found_by_name_id_and_state(named: AdAccount, asked: dict[str, Any], found: list[str]) -> None:
    got = ad_lines.lines(named, Wanted(Level.CAMPAIGN, FIRST, FIRST, **asked))
    assert [line.tiktok_id for line in got.lines] == found
    assert got.total == ad_figures.added([line.sums for line in got.lines])


def test_what_tiktok_does_not_list_has_figures_and_no_name(named: AdAccount) -> None:
    first, *_ = ad_lines.lines(named, Wanted(Level.CAMPAIGN, FIRST, FIRST)).lines
    assert (first.tiktok_id, first.name, first.is_known, first.sums.spend) == ("999", "", False, Decimal(9))
    never = next(line for line in ad_lines.lines(named, Wanted(Level.CAMPAIGN, FIRST, FIRST)).lines if line.tiktok_id == "204")
    assert never.sums.is_empty
    assert not Ad.objects.exists()


def test_a_neighbours_sums_are_out_of_reach(named: AdAccount, cast: Cast) -> None:
    with scope.inside(cast.moon.pk):
        assert ad_lines.lines(named, Wanted(Level.CAMPAIGN, FIRST, FIRST)).count == 0
        assert ad_days.days(named, FIRST, LAST) == {}
        assert ad_lines.of_accounts_later(named.workspace_id, FIRST, LAST)() == {}
