"""Comments under ads stand in the inbox once, with their ad, equal what local TikTok knows, and go with the ad account."""

import html
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from agency import scope
from agency.models import DueWork
from agency.roles import Role
from community import ad_store, ad_sync
from community.erasure import rows_of
from community.models import Comment, GroupReading, UnderAd
from integrations import ad_accounts
from integrations.models import AdAccount, Connection, SyncRun
from metrics.models import Ad
from privacy.holdings import rows_of_ad_account
from tests.campaigns.planting import plant_ad, plant_campaign, plant_days
from tests.community.planting import a_post, come, told
from tests.integrations.advertising import link, paid_truth
from tests.integrations.steering import calls, spoil, words
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in
from tests.people import staff as staff_of
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
LIST = "/open_api/v1.3/comment/list/"


@pytest.fixture
def linked(cast: Cast, unlimited: LocalTikTok) -> AdAccount:
    """Brass Studio's ad account, of which two ad groups are known: one of a Spark Ad alone, one in which other ads run too."""
    (ad_account,) = link(sign_in(cast.admin), unlimited, cast.admin, "brassorbit3", ["Brass Studio"])
    days: dict[str, list[dict[str, Any]]] = {}
    for row in paid_truth(unlimited, ad_account.advertiser_id):
        days.setdefault(row["adgroup_id"], []).append(row)
    found: dict[bool, str] = {}
    for group in sorted(days, key=lambda one: len(days[one])):
        there = truth(unlimited, ad_account, group).values()
        if 60 < len(there) < 400 and len(days[group]) > 2:
            found.setdefault(all(one["is_spark"] for one in there), group)
        if len(found) == 2:
            break
    with scope.inside(ad_account.workspace_id):
        for group in found.values():
            campaign = int(days[group][0]["campaign_id"])
            plant_campaign(ad_account, campaign, f"Campaign of {group[-4:]}")
            for ad in sorted({row["ad_id"] for row in days[group]}):
                ran = [date.fromisoformat(row["date"]) for row in days[group] if row["ad_id"] == ad]
                plant_days(ad_account, int(ad), ran, campaign=campaign, group=int(group))
                plant_ad(ad_account, int(ad), f"Ad {ad[-4:]}", campaign, int(group))
    return ad_account


def truth(tiktok: LocalTikTok, ad_account: AdAccount, group: str) -> dict[str, dict[str, Any]]:
    query = {"advertiser_id": ad_account.advertiser_id, "limit": 0, "adgroup_id": group}
    return {one["comment_id"]: one for one in tiktok.http.get("/__control__/world", params=query).json()["ad_comments"]}


def groups(ad_account: AdAccount) -> dict[str, date]:
    """Those that are read, with the day before they first ran: what was said under a post before that is the post's alone."""
    with scope.inside(ad_account.workspace_id):
        rows = GroupReading.objects.filter(ad_account=ad_account)
        return {row.tiktok_adgroup_id: ad_store.days_run(row)[0] - timedelta(days=1) for row in rows}


def read_ads(tiktok: LocalTikTok, ad_account: AdAccount) -> None:
    """Work until nothing is on its way: where a limit says wait, or a fault try later, time passes."""
    for _ in range(40):
        tiktok.forget_counts()
        work_off("ad_comments", rounds=200)
        with scope.inside(ad_account.workspace_id):
            if not SyncRun.objects.filter(
                kind=SyncRun.Kind.AD_COMMENTS, state__in=("waiting", "running", "failed"), due_at__isnull=False
            ).exists():
                return
        tiktok.advance(60)
    raise AssertionError("the reading never ends")


def look_again(tiktok: LocalTikTok, ad_account: AdAccount, *, whole: bool = True) -> None:
    """As if the time of every group had come."""
    with scope.inside(ad_account.workspace_id):
        again = {"look_at": ad_account.state_since} | ({"whole_at": None} if whole else {})
        GroupReading.objects.filter(ad_account=ad_account).update(**again)
    DueWork.objects.filter(kind="ad_comments", ref=ad_account.pk).update(due_at=ad_account.state_since)
    read_ads(tiktok, ad_account)


def assert_equal(tiktok: LocalTikTok, ad_account: AdAccount) -> int:
    expected: dict[str, dict[str, Any]] = {}
    for group, since in groups(ad_account).items():
        expected |= {
            k: v for k, v in truth(tiktok, ad_account, group).items() if datetime.fromtimestamp(v["create_time"], UTC).date() >= since
        }
    with scope.inside(ad_account.workspace_id):
        rows = {row.tiktok_comment_id: row for row in Comment.objects.exclude(shown="deleted").select_related("thread")}
        ads = {row.comment.tiktok_comment_id: row.tiktok_ad_id for row in UnderAd.objects.select_related("comment")}
    assert set(rows) == set(expected)
    for key, one in expected.items():
        assert rows[key].text == one["text"].replace("\x00", ""), key
        assert rows[key].shown == {"HIDDEN": "hidden", "PUBLIC": "visible"}[one["status"]], key
        assert int(rows[key].said_at.timestamp()) == one["create_time"]
        assert rows[key].likes_count == one["likes"]
        original = one["original_comment_id"] if one["original_comment_id"] in expected else None
        assert (rows[key].thread.tiktok_comment_id if rows[key].is_reply else None) == original, key
        assert ads[key] == one["ad_id"], key
    return len(expected)


def test_comments_under_ads_equal_the_truth_through_hiding_edits_and_removal(
    linked: AdAccount, unlimited: LocalTikTok, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Many small pages, the newest first: most replies come before what they answer.
    monkeypatch.setattr(ad_sync.tiktok.ad_comments_page, "__kwdefaults__", {"page": 1, "page_size": 20})
    read_ads(unlimited, linked)
    assert assert_equal(unlimited, linked) > 100
    with scope.inside(linked.workspace_id):
        run = SyncRun.objects.get(kind=SyncRun.Kind.AD_COMMENTS)
        assert run.state == SyncRun.State.DONE, run.sentence
        assert set(Comment.objects.values_list("call__endpoint", flat=True)) == {"/comment/list/"}
        own = list(Comment.objects.filter(account=None, shown="visible", is_reply=False).order_by("said_at")[:3])
        before = Comment.objects.order_by("pk").values_list("pk", "thread_id", "first_seen_at")
        first_time = list(before)
    look_again(unlimited, linked)
    with scope.inside(linked.workspace_id):
        assert list(before.all()) == first_time, "a second look changes nothing"
    named = {"advertiser_id": linked.advertiser_id}
    unlimited.control("comments", **named, comment_id=own[0].tiktok_comment_id, text="I changed my mind about this lens")
    unlimited.control("comments", **named, comment_id=own[1].tiktok_comment_id, remove=True)
    look_again(unlimited, linked)
    assert_equal(unlimited, linked)
    with scope.inside(linked.workspace_id):
        assert Comment.objects.get(pk=own[1].pk).shown == "deleted"
        assert Comment.objects.get(pk=own[0].pk).edited_at is not None


def test_a_comment_that_comes_by_the_post_and_by_the_ad_is_there_once_in_either_order(
    cast: Cast, linked: AdAccount, unlimited: LocalTikTok
) -> None:
    read_ads(unlimited, linked)
    spark = {k: one for group in groups(linked) for k, one in truth(unlimited, linked, group).items() if one["is_spark"]}
    item = next(iter(spark.values()))["tiktok_item_id"]
    with scope.inside(linked.workspace_id):
        before = Comment.objects.count()
        assert Comment.objects.filter(account=None).count() == before, "no account is connected yet"
        post = a_post(cast.admin, tiktok_item_id=item)
    look_again(unlimited, linked)
    with scope.inside(linked.workspace_id):
        adopted = Comment.objects.filter(post=post, ad_account=linked, is_reply=False, shown="visible")
        assert adopted.exists(), "their post is known now, so they stand under it"
        first, second = adopted.order_by("pk")[:2]
        come(post, told("As the post's own list has it", at=first.said_at, comment_id=first.tiktok_comment_id))
        one, ads = Comment.objects.get(pk=first.pk), UnderAd.objects.filter(comment=first).count()
        assert (one.ad_account, one.text, ads) == (None, "As the post's own list has it", 1)
    look_again(unlimited, linked)
    with scope.inside(linked.workspace_id):
        assert Comment.objects.count() == before
        one = Comment.objects.get(pk=first.pk)
        assert (one.ad_account, one.text) == (None, "As the post's own list has it"), "the account's own list is what counts"
        assert Comment.objects.get(pk=second.pk).ad_account == linked


def test_staff_see_the_ad_and_campaign_and_why_they_cannot_answer_here(cast: Cast, linked: AdAccount, unlimited: LocalTikTok) -> None:
    read_ads(unlimited, linked)
    with scope.inside(linked.workspace_id):
        row = UnderAd.objects.filter(comment__account=None, comment__is_reply=False, comment__shown="visible").first()
        shown = Ad.objects.get(tiktok_ad_id=row.tiktok_ad_id).name
    staff = sign_in(cast.manager)
    listed = words(staff.get(f"/community?view=all&ads={linked.pk}"))
    assert "under an ad" in listed and linked.shown_name in listed
    page = words(staff.get(f"/community/{row.comment_id}?view=all"))
    assert shown in page and "of the campaign" in page
    address = re.search(r'href="(/campaigns\?[^"]*q=[^"]*)"', staff.get(f"/community/{row.comment_id}?view=all").content.decode())
    assert shown in words(staff.get(html.unescape(address[1]))), "from the thread to the ad's figures"
    team = sign_in(staff_of(cast.brass, "community@agency.example", Role.COMMUNITY))
    page = team.get(f"/community/{row.comment_id}?view=all").content.decode()
    assert shown in page and "/campaigns?" not in page, "whoever may not see them is not sent there"
    assert words(staff.get(f"/community?view=all&ads={cast.admin.workspace_id}")).count("under an ad") == 0


def test_a_fault_in_the_middle_loses_nothing_and_what_is_not_granted_is_said(cast: Cast, linked: AdAccount, unlimited: LocalTikTok) -> None:
    address = f"/settings/integrations/ad-accounts/{linked.pk}/sync"
    spoil(unlimited, LIST, "status", times=2)
    read_ads(unlimited, linked)
    assert_equal(unlimited, linked)
    page = words(sign_in(cast.admin).get(address))
    assert "Comments under ads Up to date" in page and "Everything works" in page
    spoil(unlimited, LIST, "code", times=1, value={"code": 40001, "message": "No permission to operate."})
    look_again(unlimited, linked)
    with scope.inside(linked.workspace_id):
        run = SyncRun.objects.get(kind=SyncRun.Kind.AD_COMMENTS)
    assert run.state == SyncRun.State.SKIPPED and run.sentence
    page = words(sign_in(cast.admin).get(address))
    assert "Comments under ads Not granted" in page and run.sentence in page


def test_unlinking_stops_the_reading_and_erasing_takes_what_came_that_way(cast: Cast, linked: AdAccount, unlimited: LocalTikTok) -> None:
    read_ads(unlimited, linked)
    before = calls(unlimited, LIST)
    with scope.inside(linked.workspace_id):
        ad_accounts.unlink(linked, by=cast.admin)
    assert not DueWork.objects.filter(kind="ad_comments").exists()
    read_ads(unlimited, linked)
    assert calls(unlimited, LIST) == before
    with scope.inside(linked.workspace_id):
        connection = Connection.objects.of_advertisers().get()
        assert Comment.objects.exists() and UnderAd.objects.exists()
        for rows in rows_of_ad_account(connection, linked.pk):
            if rows.model in {Comment, UnderAd, GroupReading}:
                rows.delete()
        assert not Comment.objects.exists() and not UnderAd.objects.exists() and not GroupReading.objects.exists()
        assert {rows.model for rows in rows_of(connection)} >= {Comment, UnderAd, GroupReading}
