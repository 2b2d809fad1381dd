"""What was published through either API, among the posts of its account: lists, counters, days, comments, ads, and after it is gone."""

from pathlib import Path
from typing import Any

import pytest

from tests.tiktok_sandbox.advertising import desk
from tests.tiktok_sandbox.driver import API, APP_ID, SECRET, Driver, running
from tests.tiktok_sandbox.login_kit import LoginKit

NOW = "2026-08-14T10:00:00Z"
DAY = 86_400
FILM = "https://media.brass.test/a.mp4"
FIELDS = {"fields": "id,create_time,video_description,view_count,like_count"}


def prepare(sandbox: Driver) -> None:
    sandbox.control("reset", {"now": NOW})
    sandbox.control("limits", {"enabled": False})
    sandbox.control("switches", {"verified_urls": ["https://brass.test"]})
    values = {"app_id": APP_ID, "secret": SECRET, "url_property_meta": {"property_type": 1, "url": "brass.test"}}
    sandbox.post("/business/property/add/", **values)
    sandbox.post("/business/property/verify/", **values)
    sandbox.grant()


@pytest.fixture
def kit(sandbox: Driver) -> LoginKit:
    prepare(sandbox)
    made = LoginKit(sandbox)
    made.grant()
    return made


def pass_time(sandbox: Driver, seconds: float) -> None:
    """Time passes, and the tokens are new afterwards."""
    assert sandbox.token is not None
    handle = next(one["handle"] for one in sandbox.control("world")["accounts"] if one["open_id"] == sandbox.token.open_id)
    sandbox.control("clock", {"seconds": seconds})
    sandbox.grant(handle)


def publish(sandbox: Driver, caption: str = "Out of the kiln #clay", **info: Any) -> str:
    """A film through the API for Business; the id of the publish."""
    assert sandbox.token is not None
    body = {"business_id": sandbox.token.open_id, "video_url": FILM, "post_info": {"caption": caption, **info}}
    answer = sandbox.http.post(f"{API}/business/video/publish/", json=body, headers={"Access-Token": sandbox.token.access}).json()
    assert answer["code"] == 0, answer
    return str(answer["data"]["share_id"])


def publish_openly(kit: LoginKit, level: str = "PUBLIC_TO_EVERYONE", caption: str = "Rain on brass") -> str:
    """The same through TikTok for Developers."""
    body = {"post_info": {"privacy_level": level, "title": caption}, "source_info": {"source": "PULL_FROM_URL", "video_url": FILM}}
    answer = kit.post("/post/publish/video/init/", body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["publish_id"])


def row(sandbox: Driver, publish_id: str) -> dict[str, Any]:
    return next(one for one in sandbox.control("publishes")["publishes"] if one["id"] == publish_id)


def remove(sandbox: Driver, publish_id: str) -> None:
    sandbox.control("publishes", {"publish_id": publish_id, "does": "remove"})


def truth(sandbox: Driver, account: str = "brassorbit3") -> dict[str, dict[str, Any]]:
    return {post["item_id"]: post for post in sandbox.world(account)["posts"]}


def open_list(kit: LoginKit) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    body: dict[str, Any] = {"max_count": 3}
    while True:
        data = kit.post("/video/list/", body, **FIELDS).json()["data"]
        found += data["videos"]
        if not data["has_more"]:
            return found
        body["cursor"] = data["cursor"]


def test_a_published_post_is_listed_everywhere_once_it_is_public(kit: LoginKit) -> None:
    sandbox = kit.sandbox
    before = truth(sandbox)
    sandbox.control("switches", {"moderation_seconds": 600})
    mine, theirs = publish(sandbox, "=Mine\u202e #a"), publish_openly(kit, caption="Theirs @b")
    sandbox.control("clock", {"seconds": 300})
    assert set(truth(sandbox)) == set(before)
    sandbox.control("clock", {"seconds": 306})
    fresh = {one: row(sandbox, one)["post_id"] for one in (mine, theirs)}
    known = truth(sandbox)
    assert set(known) - set(before) == set(fresh.values()) and len(set(fresh.values())) == 2
    assert [known[item]["caption"] for item in fresh.values()] == ["=Mine\u202e #a", "Theirs @b"]
    assert len({post["create_time"] for post in known.values()}) == len(known)
    listed = sandbox.posts("create_time", "caption", "video_views", max_count=2)
    newest_first = sorted(known.values(), key=lambda post: -post["create_time"])
    assert [one["item_id"] for one in listed] == [post["item_id"] for post in newest_first]
    assert [one["caption"] for one in listed] == [post["caption"] for post in newest_first]
    assert [one["id"] for one in open_list(kit)] == [post["item_id"] for post in newest_first]
    queried = kit.post("/video/query/", {"filters": {"video_ids": list(fresh.values())}}, **FIELDS).json()["data"]["videos"]
    assert {one["id"]: one["video_description"] for one in queried} == {item: known[item]["caption"] for item in fresh.values()}
    assert sandbox.profile("videos_count")["videos_count"] == len(known)


def test_its_counters_grow_from_its_publication_and_are_the_same_again(kit: LoginKit) -> None:
    """Time does not stand still between two reads: what is listed lies between the truth before and the truth after."""
    sandbox = kit.sandbox

    def grown() -> list[int]:
        prepare(sandbox)
        share, seen = publish(sandbox), []
        for seconds in (40, 3_600, DAY, 20 * DAY, 366 * DAY):
            pass_time(sandbox, seconds)
            item = row(sandbox, share)["post_id"]
            before = truth(sandbox)[item]
            (listed,) = sandbox.posts("video_views", "likes", filters={"video_ids": [item]})
            after = truth(sandbox)[item]
            assert before["views"] <= listed["video_views"] <= after["views"] and before["likes"] <= listed["likes"] <= after["likes"]
            seen.append(listed["video_views"])
        return seen

    first = grown()
    assert first == sorted(set(first))
    assert grown()[-1] == first[-1] > 1_000


def test_nothing_that_is_over_changes_and_nothing_of_others(kit: LoginKit) -> None:
    sandbox = kit.sandbox

    def ten_days(publishes: int) -> tuple[list[dict[str, Any]], dict[str, Any], list[dict[str, Any]]]:
        prepare(sandbox)
        for _ in range(publishes):
            publish(sandbox)
        sandbox.control("clock", {"seconds": 10 * DAY})
        return sandbox.world("brassorbit3")["days"], sandbox.world("moontideco2"), desk(sandbox).truth()

    alone, others, ads = ten_days(0)
    days, others_then, ads_then = ten_days(3)
    assert others_then["days"] == others["days"] and ads_then == ads
    assert [post["item_id"] for post in others_then["posts"]] == [post["item_id"] for post in others["posts"]]
    assert [day["date"] for day, was in zip(days, alone, strict=True) if day != was] == [f"2026-08-{day}" for day in range(14, 24)]
    assert all(day["video_views"] >= was["video_views"] for day, was in zip(days, alone, strict=True))


def views_by_day(sandbox: Driver) -> dict[str, int]:
    return {day["date"]: day["video_views"] for day in sandbox.world("brassorbit3")["days"]}


def test_all_that_published_posts_bring_is_in_the_days_of_their_account(kit: LoginKit) -> None:
    sandbox, later = kit.sandbox, {"now": "2027-09-01T12:00:00Z"}
    sandbox.control("clock", later)
    alone = views_by_day(sandbox)
    prepare(sandbox)
    kit.grant()
    shares = [publish(sandbox), publish_openly(kit)]
    sandbox.control("clock", later)
    brought = {day: views - alone[day] for day, views in views_by_day(sandbox).items()}
    known = truth(sandbox)
    assert sum(brought.values()) == sum(known[row(sandbox, share)["post_id"]]["views"] for share in shares) > 0
    assert min(brought.values()) == 0 and min(day for day, views in brought.items() if views) == "2026-08-14"


def test_the_days_keep_what_a_removed_post_brought_and_the_totals_do_not(kit: LoginKit) -> None:
    sandbox, later = kit.sandbox, {"now": "2026-09-01T12:00:00Z"}
    sandbox.control("clock", later)
    alone = views_by_day(sandbox)
    prepare(sandbox)
    share = publish(sandbox)
    sandbox.control("clock", {"now": "2026-08-18T12:00:00Z"})
    sandbox.grant()
    before, post = views_by_day(sandbox), truth(sandbox)[row(sandbox, share)["post_id"]]
    remove(sandbox, share)
    least = sum(one["likes"] for one in truth(sandbox).values())
    listed = sandbox.profile("total_likes")["total_likes"]
    assert least <= listed <= sum(one["likes"] for one in truth(sandbox).values()) < least + post["likes"]
    sandbox.control("clock", later)
    days = views_by_day(sandbox)
    assert {day: days[day] for day in before} == before
    brought = {day: views - alone[day] for day, views in days.items() if views != alone[day]}
    assert min(brought.values()) > 0 and max(brought) == "2026-08-18" and sum(brought.values()) >= post["views"]


def test_a_removed_post_is_in_no_list(kit: LoginKit) -> None:
    sandbox = kit.sandbox
    shares = [publish(sandbox), publish_openly(kit)]
    sandbox.control("clock", {"seconds": 40})
    items = [row(sandbox, share)["post_id"] for share in shares]
    assert {*items} <= {one["item_id"] for one in sandbox.posts()}
    for share in shares:
        remove(sandbox, share)
    assert not {*items} & {one["item_id"] for one in sandbox.posts()}
    assert not {*items} & {one["id"] for one in open_list(kit)} and not {*items} & set(truth(sandbox))
    assert kit.post("/video/query/", {"filters": {"video_ids": items}}, **FIELDS).json()["data"]["videos"] == []
    assert sandbox.get("/business/comment/list/", video_id=items[0])["code"] == 40007


def test_a_page_after_the_removal_does_not_bring_it_back(kit: LoginKit) -> None:
    sandbox = kit.sandbox
    old = publish(sandbox)
    sandbox.control("clock", {"seconds": 3_600})
    publish(sandbox)
    sandbox.control("clock", {"seconds": 40})
    item, cursor = row(sandbox, old)["post_id"], (row(sandbox, old)["created"] + 1) * 1_000

    def next_page() -> str:
        return str(sandbox.get("/business/video/list/", max_count=1, cursor=cursor)["data"]["videos"][0]["item_id"])

    assert next_page() == item
    remove(sandbox, old)
    assert next_page() != item


@pytest.mark.parametrize("level", ["SELF_ONLY", "MUTUAL_FOLLOW_FRIENDS"])
def test_what_not_everybody_may_see_is_not_listed(kit: LoginKit, level: str) -> None:
    sandbox, before = kit.sandbox, set(truth(kit.sandbox))
    publish_openly(kit, level)
    publish(sandbox, privacy_level=level)
    sandbox.control("clock", {"seconds": 40})
    assert set(truth(sandbox)) == before


def test_a_failed_publish_is_no_post(kit: LoginKit) -> None:
    sandbox, before = kit.sandbox, set(truth(kit.sandbox))
    sandbox.control("publishes", {"publish_id": publish(sandbox), "does": "fail"})
    sandbox.control("switches", {"fail_reason": "internal"})
    publish_openly(kit)
    sandbox.control("clock", {"seconds": 40})
    assert set(truth(sandbox)) == before


def test_a_draft_is_a_post_from_when_the_person_posts_it(kit: LoginKit) -> None:
    sandbox, before = kit.sandbox, set(truth(kit.sandbox))
    share = publish(sandbox, upload_to_draft=True)
    pass_time(sandbox, 2 * DAY)
    computed = set(truth(sandbox))
    sandbox.control("publishes", {"publish_id": share, "does": "post", "public": True})
    sandbox.control("clock", {"seconds": 31})
    (item,) = set(truth(sandbox)) - computed
    assert item == row(sandbox, share)["post_id"] and before <= computed
    assert truth(sandbox)[item]["created_on"] == "2026-08-16"


def test_its_comments_come_like_any_others(kit: LoginKit) -> None:
    sandbox = kit.sandbox
    share = publish(sandbox)
    pass_time(sandbox, 3 * DAY)
    item = row(sandbox, share)["post_id"]
    comments = sandbox.control("world", account="brassorbit3", item_id=item)["comments"]
    assert len(comments) == truth(sandbox)[item]["comments"] > 0
    listed = sandbox.get("/business/comment/list/", video_id=item, max_count=30)["data"]["comments"]
    assert {one["comment_id"] for one in listed} <= {one["comment_id"] for one in comments}
    body = {"business_id": sandbox.token.open_id, "comment_id": listed[0]["comment_id"], "action": "LIKE"}
    liked = sandbox.http.post(f"{API}/business/comment/like/", json=body, headers={"Access-Token": sandbox.token.access}).json()
    assert liked["code"] == 0, liked


def test_it_can_be_advertised(kit: LoginKit) -> None:
    sandbox = kit.sandbox
    share = publish(sandbox)
    pass_time(sandbox, 40)
    item, own = row(sandbox, share)["post_id"], desk(sandbox)
    (linked,) = own.read("/identity/get/", advertiser_id=own.first, identity_type="TT_USER")["identity_list"]
    of = {"advertiser_id": own.first, "identity_id": linked["identity_id"], "identity_type": "TT_USER"}
    assert own.read("/identity/video/get/", **of)["video_list"][0]["item_id"] == item
    code = truth(sandbox)[item]["auth_code"]
    assert own.read("/tt_video/info/", advertiser_id=own.first, auth_code=code)["item_info"]["item_id"] == item


def test_a_state_file_keeps_what_was_published(tmp_path: Path) -> None:
    arguments = ("--state-file", str(tmp_path / "state.json"))
    with running(*arguments) as before:
        prepare(before)
        shares = [publish(before) for _ in range(2)]
        before.control("clock", {"seconds": 40})
        remove(before, shares[0])
        before.control("clock", {"now": "2026-08-17T00:00:00Z"})
        known, days = set(truth(before)), before.world("brassorbit3")["days"]
    with running(*arguments) as after:
        assert set(truth(after)) == known and row(after, shares[1])["post_id"] in known
        assert after.world("brassorbit3")["days"] == days
        after.control("scale", {"accounts": 2})
        assert set(truth(after)) == known
