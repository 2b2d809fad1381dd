"""What the client reads about ads over HTTP is what is true: structure, days of the ad account, reports at once and by task.

Ad accounts ahead of UTC, behind it and at it, with currencies of two decimals and of none, across clock changes and borders of days.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agency.secret import Secret
from integrations.tiktok import ad_reports, advertisers, structure
from integrations.tiktok.ad_reports import ReportRow
from integrations.tiktok.answers import each_page
from integrations.tiktok.report_requests import DataLevel, ReportFilter, ReportRequest
from integrations.tiktok.structure import EVERYTHING, Filters
from integrations.tiktok.transport import Transport
from tests.integrations.tiktok.test_truth import begin
from tests.local_tiktok import LocalTikTok

NOW = datetime(2026, 11, 20, 12, 20, tzinfo=UTC)
IN_SPRING = datetime(2026, 4, 17, 12, 20, tzinfo=UTC)
METRICS = ("spend", "impressions", "clicks", "conversion")
LAG = timedelta(hours=11)
LEVELS = {
    "ad_id": (DataLevel.AD, "ad_status"),
    "adgroup_id": (DataLevel.AD_GROUP, "adgroup_status"),
    "campaign_id": (DataLevel.CAMPAIGN, "campaign_status"),
    "advertiser_id": (DataLevel.ADVERTISER, None),
}
# Zone, currency, decimals of its money, and a day on which its clock changes within the weeks of each world.
ACCOUNTS = {
    "America/Los_Angeles": ("USD", 2, date(2026, 11, 1), date(2026, 3, 8)),
    "Europe/Berlin": ("EUR", 2, date(2026, 10, 25), date(2026, 3, 29)),
    "Asia/Tokyo": ("JPY", 0, None, None),
    "Asia/Seoul": ("KRW", 0, None, None),
    "Etc/GMT+10": ("USD", 2, None, None),
    "Pacific/Auckland": ("NZD", 2, date(2026, 9, 27), date(2026, 4, 5)),
    "Asia/Kolkata": ("INR", 2, None, None),
    "Atlantic/Reykjavik": ("ISK", 0, None, None),
}
Cell = tuple[Decimal, int, int, int]
EACH_ACCOUNT = pytest.mark.parametrize("zone", ACCOUNTS)


def open_account(tiktok: LocalTikTok, zone: str) -> dict[str, Any]:
    """A token of the agency and its ad account in this zone; its truth comes later."""
    granted = tiktok.control("grant", account="northwind", flow="advertiser", scopes=None)["data"]
    known = tiktok.http.get("/__control__/world", params={"limit": 0}).json()["advertisers"]
    (mine,) = [one["advertiser_id"] for one in known if one["timezone"] == zone and one["advertiser_id"] in granted["advertiser_ids"]]
    return {"access_token": Secret(granted["access_token"]), "advertiser_id": mine}


def true_days(tiktok: LocalTikTok, advertiser_id: str) -> list[dict[str, Any]]:
    answer = tiktok.http.get("/__control__/world", params={"advertiser_id": advertiser_id}).json()
    rows: list[dict[str, Any]] = answer["advertisers"][0]["ad_days"]
    assert len(rows) == answer["advertisers"][0]["ad_days_total"]
    return rows


def request(advertiser_id: str, name: str, start: date, end: date) -> ReportRequest:
    level, status = LEVELS[name]
    filters = () if status is None else (ReportFilter(status, "IN", '["STATUS_ALL"]'),)
    return ReportRequest(advertiser_id, level, (name, "stat_time_day"), METRICS, start, end, filters=filters)


def read_days(near: Transport, own: Mapping[str, Any], wanted: ReportRequest, page_size: int = 170) -> list[ReportRow]:
    """As a sync does: windows that TikTok answers, each page by page."""
    return [
        row
        for window in wanted.windows()
        for answer in ad_reports.report_pages(near, access_token=own["access_token"], request=window, page_size=page_size)
        for row in answer.value.records
    ]


def cells(rows: Iterable[ReportRow], name: str) -> dict[tuple[str, date], Cell]:
    found: dict[tuple[str, date], Cell] = {}
    for row in rows:
        assert row.on is not None
        assert (row.ids[name], row.on) not in found, "no row comes twice"
        found[row.ids[name], row.on] = (row.metrics["spend"], row.metrics["impressions"], row.metrics["clicks"], row.metrics["conversion"])  # type: ignore[assignment]
    return found


def summed(rows: Iterable[Mapping[str, Any]], name: str, advertiser_id: str, start: date, end: date) -> dict[tuple[str, date], Cell]:
    """The truth at any level: the sum of its ads."""
    sums: dict[tuple[str, date], list[Any]] = defaultdict(lambda: [Decimal(0), 0, 0, 0])
    for row in rows:
        on = date.fromisoformat(row["date"])
        if start <= on <= end:
            cell = sums[advertiser_id if name == "advertiser_id" else row[name], on]
            for place, metric in enumerate(METRICS):
                cell[place] += Decimal(row[metric]) if place == 0 else row[metric]
    return {key: (cell[0], cell[1], cell[2], cell[3]) for key, cell in sums.items()}


@EACH_ACCOUNT
def test_an_ad_account_says_its_zone_and_its_currency(tiktok: LocalTikTok, near: Transport, zone: str) -> None:
    begin(tiktok, NOW)
    own = open_account(tiktok, zone)
    (read,) = advertisers.advertiser_info(near, access_token=own["access_token"], advertiser_ids=[own["advertiser_id"]]).value
    assert (read.timezone, read.currency) == (zone, ACCOUNTS[zone][0])


@pytest.mark.parametrize(("now", "change", "seed"), [(NOW, 2, 1), (IN_SPRING, 3, 4)], ids=["autumn", "spring"])
@EACH_ACCOUNT
def test_every_day_of_every_ad_is_read_across_pages_windows_and_clock_changes(
    tiktok: LocalTikTok, near: Transport, zone: str, now: datetime, change: int, seed: int
) -> None:
    begin(tiktok, now, seed=seed)
    own = open_account(tiktok, zone)
    start, end = now.date() - timedelta(days=85), now.date() + timedelta(days=1)
    wanted = request(own["advertiser_id"], "ad_id", start, end)
    assert len(list(wanted.windows())) == 3
    read = cells(read_days(near, own, wanted), "ad_id")
    truth = summed(true_days(tiktok, own["advertiser_id"]), "ad_id", own["advertiser_id"], start, end)
    assert len(truth) > 340, "several pages"
    assert read == truth
    assert {-cell[0].as_tuple().exponent for cell in read.values()} == {ACCOUNTS[zone][1]}, "money keeps its decimals"
    changed = ACCOUNTS[zone][change]
    assert changed is None or (start <= changed <= end and any(on == changed for _, on in read))


@pytest.mark.parametrize("name", ["adgroup_id", "campaign_id", "advertiser_id"])
@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo", "Atlantic/Reykjavik"])
def test_each_level_is_the_sum_of_its_ads(tiktok: LocalTikTok, near: Transport, zone: str, name: str) -> None:
    begin(tiktok, NOW)
    own = open_account(tiktok, zone)
    start, end = NOW.date() - timedelta(days=40), NOW.date()
    read = cells(read_days(near, own, request(own["advertiser_id"], name, start, end), page_size=50), name)
    assert read == summed(true_days(tiktok, own["advertiser_id"]), name, own["advertiser_id"], start, end)
    assert len({on for _, on in read}) > 35


def test_the_totals_of_a_report_are_those_of_all_its_pages(tiktok: LocalTikTok, near: Transport) -> None:
    begin(tiktok, NOW)
    own = open_account(tiktok, "Europe/Berlin")
    wanted = request(own["advertiser_id"], "ad_id", NOW.date() - timedelta(days=20), NOW.date() - timedelta(days=1))
    first = ad_reports.report_page(near, access_token=own["access_token"], request=wanted, page_size=20, with_totals=True).value
    truth = summed(true_days(tiktok, own["advertiser_id"]), "ad_id", own["advertiser_id"], wanted.start, wanted.end)  # type: ignore[arg-type]
    assert first.page_count > 5
    assert first.total_count == len(truth)
    assert first.totals is not None
    for place, metric in enumerate(METRICS):
        assert first.totals[metric] == sum(cell[place] for cell in truth.values()), metric


# A day of the ad account is known eleven hours late, by full hours


@pytest.mark.parametrize(
    ("past_midnight", "is_known"),
    [(timedelta(minutes=-3), False), (timedelta(seconds=1), False), (timedelta(minutes=57), False), (timedelta(hours=1, seconds=1), True)],
    ids=["just before", "just after", "before the first full hour", "after it"],
)
@EACH_ACCOUNT
def test_a_day_appears_with_its_first_full_hour_eleven_hours_late(
    tiktok: LocalTikTok, near: Transport, zone: str, past_midnight: timedelta, is_known: bool
) -> None:
    midnight = datetime(2026, 11, 18, tzinfo=ZoneInfo(zone))
    begin(tiktok, midnight.astimezone(UTC) + LAG + past_midnight)
    own = open_account(tiktok, zone)
    first, last = date(2026, 11, 14), date(2026, 11, 20)
    read = cells(read_days(near, own, request(own["advertiser_id"], "ad_id", first, last)), "ad_id")
    assert {on for _, on in read} == {date(2026, 11, day) for day in range(14, 19 if is_known else 18)}
    assert read == summed(true_days(tiktok, own["advertiser_id"]), "ad_id", own["advertiser_id"], first, last)


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Seoul", "Atlantic/Reykjavik"])
def test_only_conversions_of_a_whole_day_still_rise_for_eight_days(tiktok: LocalTikTok, near: Transport, zone: str) -> None:
    begin(tiktok, NOW)
    own = open_account(tiktok, zone)
    day = NOW.date() - timedelta(days=3)
    wanted = request(own["advertiser_id"], "campaign_id", day, day)
    early = cells(read_days(near, own, wanted), "campaign_id")
    tiktok.advance(10 * 86_400)
    settled = cells(read_days(near, own, wanted), "campaign_id")
    tiktok.advance(30 * 86_400)
    assert cells(read_days(near, own, wanted), "campaign_id") == settled
    assert {key: cell[:3] for key, cell in early.items()} == {key: cell[:3] for key, cell in settled.items()}
    assert sum(cell[3] for cell in early.values()) < sum(cell[3] for cell in settled.values())


# Reports by task


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo", "Atlantic/Reykjavik", "Pacific/Auckland"])
def test_a_task_holds_the_whole_span_as_it_was_known_when_it_was_made(tiktok: LocalTikTok, near: Transport, zone: str) -> None:
    begin(tiktok, NOW)
    own = open_account(tiktok, zone)
    start, end = NOW.date() - timedelta(days=90), NOW.date()
    level, _ = LEVELS["ad_id"]
    wanted = ReportRequest(own["advertiser_id"], level, ("ad_id", "stat_time_day"), METRICS, start, end)
    truth = summed(true_days(tiktok, own["advertiser_id"]), "ad_id", own["advertiser_id"], start, end)
    deleted = {ad.ad_id for ad in every(structure.ads_page, near, own) if ad.secondary_status.endswith("_DELETE")}
    task = ad_reports.create_report_task(near, access_token=own["access_token"], request=wanted).value
    assert not ad_reports.check_report_task(near, **own, task_id=task).value.is_over
    tiktok.advance(4 * 86_400)
    assert ad_reports.check_report_task(near, **own, task_id=task).value.is_ready
    rows = ad_reports.download_report(near, access_token=own["access_token"], request=wanted, task_id=task).value
    assert cells(rows, "ad_id") == {key: cell for key, cell in truth.items() if key[0] not in deleted}, "a task cannot ask for deleted ads"
    assert deleted & {key[0] for key in truth}, "and there are some with figures"


# Structure


def every(level: Any, near: Transport, own: Mapping[str, Any], page_size: int = 7) -> list[Any]:
    answers = each_page(lambda number: level(near, **own, filters=EVERYTHING, page=number, page_size=page_size))
    return [record for answer in answers for record in answer.value.records]


@pytest.mark.parametrize("seed", [1, 8])
@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo", "Atlantic/Reykjavik"])
def test_the_structure_holds_everything_that_ever_delivered(tiktok: LocalTikTok, near: Transport, zone: str, seed: int) -> None:
    begin(tiktok, NOW, seed=seed)
    own = open_account(tiktok, zone)
    truth = true_days(tiktok, own["advertiser_id"])

    levels = (structure.campaigns_page, structure.ad_groups_page, structure.ads_page)
    campaigns, groups, ads = (every(level, near, own) for level in levels)
    for found, name in ((campaigns, "campaign_id"), (groups, "adgroup_id"), (ads, "ad_id")):
        ids = [getattr(one, name) for one in found]
        assert len(set(ids)) == len(ids) > 7, "once each, over several pages"
        assert {row[name] for row in truth} <= set(ids)
        assert [one.created_at for one in found] == sorted((one.created_at for one in found), reverse=True)
        assert {one.advertiser_id for one in found} == {own["advertiser_id"]}
    placed = {ad.ad_id: (ad.campaign_id, ad.adgroup_id, ad.tiktok_item_id) for ad in ads}
    assert {row["ad_id"]: (row["campaign_id"], row["adgroup_id"], row["tiktok_item_id"]) for row in truth}.items() <= placed.items()
    assert {(one.campaign_id, one.adgroup_id) for one in ads} <= {(one.campaign_id, one.adgroup_id) for one in groups}
    assert {one.campaign_id for one in groups} <= {one.campaign_id for one in campaigns}
    smart = [one for one in campaigns if one.is_smart]
    assert smart
    assert all(one.modified_at is None and one.automation_type == "UPGRADED_SMART_PLUS" for one in smart)
    assert all(one.modified_at is not None for one in campaigns if not one.is_smart)
    assert all((ad.video_id is None) for ad in ads if ad.tiktok_item_id)


@pytest.mark.parametrize("level", ["campaign_id", "adgroup_id", "ad_id"])
def test_what_is_deleted_or_of_a_rare_kind_is_read_when_it_is_asked_for(tiktok: LocalTikTok, near: Transport, level: str) -> None:
    begin(tiktok, NOW)
    own = open_account(tiktok, "America/Los_Angeles")
    ask = {"campaign_id": structure.campaigns_page, "adgroup_id": structure.ad_groups_page, "ad_id": structure.ads_page}[level]

    def ids(**filters: Any) -> set[str]:
        return {getattr(one, level) for one in ask(near, **own, filters=Filters(**filters), page_size=100).value.records}

    usual, deleted = ids(), ids(**{**vars(EVERYTHING), "primary_status": "STATUS_DELETE"})
    top_view, promoted = ids(buying_types=[structure.TOP_VIEW]), ids(system_origins=["PROMOTE"])
    whole = {getattr(one, level) for one in every(ask, near, own, 100)}
    kinds = (usual, deleted, top_view, promoted)
    assert all(kinds), "there is one of each"
    assert sum(len(kind) for kind in kinds) == len(usual | deleted | top_view | promoted), "and none is of two"
    assert usual | deleted | top_view | promoted == whole
    delivered = {row[level] for row in true_days(tiktok, own["advertiser_id"])}
    assert delivered <= whole
    assert all(delivered & kind for kind in kinds), "each has figures"


def test_an_ad_account_of_thousands_of_ads_is_read_whole(tiktok: LocalTikTok, near: Transport) -> None:
    begin(tiktok, NOW, ads=2_500)
    granted = tiktok.control("grant", account="nd_filter", flow="advertiser", scopes=None)["data"]
    (mine,) = granted["advertiser_ids"]
    own = {"access_token": Secret(granted["access_token"]), "advertiser_id": mine}
    assert len({ad.ad_id for ad in every(structure.ads_page, near, own, 100)}) == 2_500
    day = NOW.date() - timedelta(days=2)
    read = cells(read_days(near, own, request(mine, "ad_id", day, day), page_size=1000), "ad_id")
    rows = tiktok.http.get("/__control__/world", params={"advertiser_id": mine, "limit": 0}).json()["advertisers"][0]
    offset = rows["ad_days_total"] - 3 * 2_500
    part = tiktok.http.get("/__control__/world", params={"advertiser_id": mine, "offset": max(0, offset), "limit": 7_500}).json()
    truth = summed(part["advertisers"][0]["ad_days"], "ad_id", mine, day, day)
    assert read == truth
    assert len(read) == 2_500
