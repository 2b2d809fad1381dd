"""After a sync of an ad account, what is stored equals what local TikTok knows: structure, every ad and day, totals."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import InterfaceError
from django.db.models import F, Sum

from agency import scope
from integrations import sync
from integrations.models import AdAccount, SyncRun
from metrics import ad_sync
from metrics.models import Ad, AdAccountDay, AdCampaign, AdDay, AdGroup
from tests.integrations.advertising import again, link, paid_truth, sync_ads
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
Kind = SyncRun.Kind
Row = tuple[str, str, str, str, Decimal, int, int, int]


def told(truth: list[dict[str, Any]]) -> dict[tuple[str, str], Row]:
    return {
        (row["date"], row["ad_id"]): (
            row["date"], row["campaign_id"], row["adgroup_id"], row["ad_id"], Decimal(row["spend"]), row["impressions"], row["clicks"],
            row["conversion"],
        )
        for row in truth
    }  # fmt: skip


def kept(ad_account: AdAccount) -> dict[tuple[str, str], Row]:
    with scope.inside(ad_account.workspace_id):
        rows = AdDay.objects.filter(ad_account=ad_account).values_list(
            "date", "tiktok_campaign_id", "tiktok_adgroup_id", "tiktok_ad_id", "spend", "impressions", "clicks", "conversions"
        )
        return {(row[0].isoformat(), row[3]): (row[0].isoformat(), *row[1:]) for row in rows}


STRUCTURE = {"campaign": AdCampaign, "adgroup": AdGroup, "ad": Ad}


def assert_equals_truth(tiktok: LocalTikTok, ad_account: AdAccount) -> None:
    """Every ad and day, to the unit; and TikTok's totals are the sums. Of days that are still counted, no more than is true by now."""
    rows, truth = kept(ad_account), told(paid_truth(tiktok, ad_account.advertiser_id))
    still_counted = sorted({day for day, _ in truth})[-2:]  # today, and yesterday until TikTok has all of it
    assert {key for key in rows if key[0] not in still_counted} == {key for key in truth if key[0] not in still_counted}
    assert set(rows) <= set(truth)
    assert [(rows[key], row) for key, row in truth.items() if key[0] not in still_counted and rows[key] != row] == []
    assert [key for key, row in rows.items() if key[0] in still_counted and row[5] > truth[key][5]] == []
    with scope.inside(ad_account.workspace_id):
        sums = {
            row.pop("date"): row
            for row in AdDay.objects.filter(ad_account=ad_account)
            .values("date")
            .annotate(spent=Sum("spend"), shown=Sum("impressions"), clicked=Sum("clicks"), converted=Sum("conversions"))
        }
        totals = AdAccountDay.objects.filter(ad_account=ad_account).values(
            "date", spent=F("spend"), shown=F("impressions"), clicked=F("clicks"), converted=F("conversions")
        )
        assert {row.pop("date"): row for row in totals} == sums


ACCOUNTS = {
    "behind UTC, two decimals": ("brassorbit3", "Brass Studio", "USD"),
    "ahead of UTC, no decimals": ("moontideco2", "Moontide Japan 東京", "JPY"),
    "ahead of UTC by half an hour": ("northwind", "Northwind Pune", "INR"),
    "a zone with its sign turned round": ("northwind", "Northwind Honolulu", "USD"),
}


@pytest.mark.parametrize(("person", "name", "currency"), ACCOUNTS.values(), ids=ACCOUNTS)
def test_all_paid_figures_equal_the_truth_and_go_on_doing_so(
    cast: Cast, tiktok: LocalTikTok, person: str, name: str, currency: str
) -> None:
    (one,) = link(sign_in(cast.admin), tiktok, cast.admin, person, [name])
    assert one.currency == currency
    sync_ads(tiktok, cast.admin)
    assert len(kept(one)) > 300
    assert_equals_truth(tiktok, one)
    for hours in (3, 22, 24, 7 * 24):  # late hours, then conversions that are counted for days
        before = kept(one)
        tiktok.advance(hours * 3600)
        work_off("advertiser_look")
        sync_ads(tiktok, cast.admin)
        assert_equals_truth(tiktok, one)
        assert kept(one) != before, "something had moved"


def test_the_published_week_arrives_to_the_unit(cast: Cast, tiktok: LocalTikTok) -> None:
    link(sign_in(cast.admin), tiktok, cast.admin, "brassorbit3", ["Brass Studio"])
    sync_ads(tiktok, cast.admin)
    week = tiktok.http.get("/__control__/world", params={"account": "brassorbit3", "limit": 1}).json()["sample_week"]
    with scope.inside(cast.brass.pk):
        days = AdDay.objects.filter(date__range=(week["first"], week["last"]))
        sums = days.aggregate(spent=Sum("spend"), shown=Sum("impressions"), clicked=Sum("clicks"))
        assert sums == {"spent": Decimal("1827.13"), "shown": 284_600, "clicked": 5_237}
        boosted = Ad.objects.filter(tiktok_ad_id__in=days.values("tiktok_ad_id")).exclude(tiktok_item_id="")
        assert boosted.values("tiktok_item_id").distinct().count() == 3


def test_the_structure_is_whole_with_deleted_smart_and_spark_ones(cast: Cast, tiktok: LocalTikTok) -> None:
    (one,) = link(sign_in(cast.admin), tiktok, cast.admin, "brassorbit3", ["Brass Studio"])
    sync_ads(tiktok, cast.admin)
    with scope.inside(cast.brass.pk):
        campaigns, groups, ads = AdCampaign.objects.all(), AdGroup.objects.all(), Ad.objects.all()
        assert {g.tiktok_campaign_id for g in groups} <= {c.tiktok_campaign_id for c in campaigns}
        assert {a.tiktok_adgroup_id for a in ads} <= {g.tiktok_adgroup_id for g in groups}
        assert campaigns.filter(is_smart=True).exists()
        assert campaigns.filter(is_smart=True, modified_at=None).exists()
        assert ads.filter(secondary_status__endswith="DELETE").exists()
        assert campaigns.filter(budget__gt=0).exists()
        spark = ads.exclude(tiktok_item_id="")
        assert spark.exists()
        assert not spark.exclude(video_id="").exists()
        assert not spark.filter(identity_id="").exists()
        for table in STRUCTURE.values():
            assert set(table.objects.values_list("call__endpoint", flat=True)) <= {"/campaign/get/", "/adgroup/get/", "/ad/get/"}
            assert all(table.objects.values_list("call__tiktok_request_id", flat=True))
        assert set(AdDay.objects.values_list("call__endpoint", flat=True)) == {"/report/integrated/get/"}
        assert all(AdDay.objects.values_list("call__tiktok_request_id", flat=True))
        known = {a.tiktok_ad_id for a in ads}
        unknown = {day.tiktok_ad_id for day in AdDay.objects.exclude(tiktok_ad_id__in=known)}
        promoted = {row["ad_id"] for row in paid_truth(tiktok, one.advertiser_id)} - known
        assert unknown == promoted, "figures of ads whose structure TikTok does not list are kept all the same"


def test_a_second_sync_at_the_same_hour_writes_nothing(cast: Cast, tiktok: LocalTikTok) -> None:
    tiktok.control("reset", now="2026-05-27T09:00:00Z")  # and not near its end
    (one,) = link(sign_in(cast.admin), tiktok, cast.admin, "moontideco2", ["Moontide Europe"])
    sync_ads(tiktok, cast.admin)
    tables = (AdCampaign, AdGroup, Ad, AdDay, AdAccountDay)

    def everything() -> list[Any]:
        with scope.inside(cast.brass.pk):
            return [list(table.objects.order_by("pk").values()) for table in tables]

    before = everything()
    again(one)
    sync_ads(tiktok, cast.admin)
    assert everything() == before


def test_interrupted_at_every_page_nothing_is_lost_and_nothing_doubled(
    cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small pages, so that there are many. The worker dies after each call once, before anything of its answer is kept."""
    monkeypatch.setattr(ad_sync, "LARGEST_PAGE", 120)
    monkeypatch.setattr(ad_sync, "PASSES", tuple((filters, 20) for filters, _ in ad_sync.PASSES))
    (one,) = link(sign_in(cast.admin), tiktok, cast.admin, "northwind", ["Northwind Honolulu"])
    real, count = sync.Run._call, [0]

    def dying(self: sync.Run, endpoint: object, parameters: object) -> object:
        answer = real(self, endpoint, parameters)
        count[0] += 1
        if count[0] % 2:
            raise InterfaceError("the worker is gone")
        return answer

    monkeypatch.setattr(sync.Run, "_call", dying)
    sync_ads(tiktok, cast.admin, rounds=500)
    assert count[0] > 2 * 30
    assert_equals_truth(tiktok, one)


def test_a_list_that_moves_while_it_is_read_is_read_once_more(cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows slip from the second page to the first between the two calls: the window has fewer rows than TikTok counts."""
    monkeypatch.setattr(ad_sync, "LARGEST_PAGE", 60)
    (one,) = link(sign_in(cast.admin), tiktok, cast.admin, "northwind", ["Northwind Honolulu"])
    real, slipped = ad_sync.ad_store.keep_ad_days, [0]

    def slipping(ad_account: AdAccount, rows: Any, *rest: Any, **more: Any) -> int:
        if slipped[0] == 0 and len(rows) == 60:
            slipped[0] += 1
            rows = rows[:50]
        return real(ad_account, rows, *rest, **more)

    monkeypatch.setattr(ad_sync.ad_store, "keep_ad_days", slipping)
    sync_ads(tiktok, cast.admin)
    assert slipped[0] == 1
    assert_equals_truth(tiktok, one)


def test_a_window_that_is_too_wide_for_tiktok_is_halved(cast: Cast, tiktok: LocalTikTok) -> None:
    (one,) = link(sign_in(cast.admin), tiktok, cast.admin, "northwind", ["Northwind Honolulu"])
    tiktok.control("limits", report_rows_most=150)
    sync_ads(tiktok, cast.admin)
    assert any(entry["code"] == ad_sync.TOO_WIDE for entry in tiktok.log())
    assert_equals_truth(tiktok, one)
