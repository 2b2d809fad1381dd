"""Mentions, the hashtags an account follows, and what TikTok suggests."""

import json
from typing import Any

import pytest

from tests.tiktok_sandbox.driver import API, APP_ID, Driver
from tests.tiktok_sandbox.receiver import Receiver, verified

NOW = "2026-08-14T10:00:00Z"
MENTION = "/business/mention"


@pytest.fixture(autouse=True)
def connected(sandbox: Driver) -> None:
    sandbox.control("reset", {"now": NOW})
    sandbox.control("limits", {"enabled": False})
    sandbox.grant()


def ok(answer: dict[str, Any]) -> Any:
    assert answer["code"] == 0, answer
    return answer["data"]


def change(sandbox: Driver, path: str, **body: Any) -> dict[str, Any]:
    assert sandbox.token is not None
    headers = {"Access-Token": sandbox.token.access}
    return sandbox.http.post(f"{API}{MENTION}{path}", json={"business_id": sandbox.token.open_id, **body}, headers=headers).json()


def every(sandbox: Driver, path: str, kind: str, **query: Any) -> list[dict[str, Any]]:
    found, cursor = [], 0
    while True:
        data = ok(sandbox.get(MENTION + path, **query, cursor=cursor, max_count=7))
        found += data[kind]
        if not data["has_more"]:
            return found
        cursor = data["cursor"]


def mentions(sandbox: Driver) -> dict[str, list[dict[str, Any]]]:
    return sandbox.world("brassorbit3")["mentions"]


def test_videos_that_mention_the_account_are_those_of_the_world(sandbox: Driver) -> None:
    known, read = mentions(sandbox)["videos"], every(sandbox, "/video/list/", "videos")
    assert len(known) > 20 and [one["item_id"] for one in read] == [one["item_id"] for one in known][::-1]
    for one, other in zip(read, known[::-1], strict=True):
        assert "@brassorbit3" in one["caption"] and one["caption"] == other["caption"]
        assert one["creator_handle_name"] == other["creator_handle_name"] and 0 <= one["views"] - other["views"] <= 50
    likes = [one["likes"] for one in every(sandbox, "/video/list/", "videos", sort_field="LIKES", sort_type="ASC")]
    assert likes == sorted(likes) and len(likes) == len(read)


def test_comments_that_mention_the_account_are_those_of_the_world(sandbox: Driver) -> None:
    read, known = every(sandbox, "/comment/list/", "comments"), mentions(sandbox)["comments"]
    assert len(known) > 20 and [one["comment_id"] for one in read] == [one["comment_id"] for one in known][::-1]
    assert all("@brassorbit3" in one["comment_text"] for one in read)
    ranked = [one["video_likes"] for one in every(sandbox, "/comment/list/", "comments", sort_field="VIDEO_LIKES")]
    assert ranked == sorted(ranked, reverse=True)


def test_regions_and_days_narrow_the_list(sandbox: Driver) -> None:
    known = mentions(sandbox)["videos"]
    read = every(sandbox, "/video/list/", "videos", regions=["DE", "JP"])
    assert {one["item_id"] for one in read} == {one["item_id"] for one in known if one["region"] in {"DE", "JP"}} and read
    week = every(sandbox, "/video/list/", "videos", number_of_days=7)
    assert 0 < len(week) < len(known) < len(every(sandbox, "/video/list/", "videos", number_of_days=90))


def test_captions_reach_the_limit_and_not_beyond(sandbox: Driver) -> None:
    found: list[str] = []
    for account in ("brassorbit3", "moontideco2", "nd_filter", "grainandgold", "saltedframes"):
        sandbox.grant(account)
        found += [one["caption"] for one in every(sandbox, "/video/list/", "videos", number_of_days=90)]
    lengths = [len(text.encode("utf-16-le")) // 2 for text in found]
    assert 2_150 <= max(lengths) <= 2_200 and any("<script>" in text for text in found)


def test_a_mention_can_be_read_alone_for_two_days(sandbox: Driver) -> None:
    new, old = mentions(sandbox)["videos"][-1], mentions(sandbox)["videos"][0]
    assert [one["item_id"] for one in ok(sandbox.get(f"{MENTION}/video/get/", item_id=new["item_id"]))["video"]] == [new["item_id"]]
    assert sandbox.get(f"{MENTION}/video/get/", item_id=old["item_id"])["code"] == 40007
    comment = mentions(sandbox)["comments"][-1]
    query = {"comment_id": comment["comment_id"], "item_id": comment["item_id"]}
    read = ok(sandbox.get(f"{MENTION}/comment/get/", **query))["comment"]
    assert read["comment_text"] == comment["text"] and "commenter_handle_name" in read and "commenter_display_name" not in read
    sandbox.control("clock", {"seconds": 4 * 86_400})
    sandbox.grant()
    assert sandbox.get(f"{MENTION}/comment/get/", **query)["code"] == 40007


def test_words_and_hashtags_are_counted(sandbox: Driver) -> None:
    words = ok(sandbox.get(f"{MENTION}/top_word/list/"))["results"]
    tags = ok(sandbox.get(f"{MENTION}/top_hashtag/list/"))["results"]
    for rows, name in ((words, "word"), (tags, "hashtag")):
        assert rows and [row["count"] for row in rows] == sorted((row["count"] for row in rows), reverse=True) and name in rows[0]
    tag = tags[0]
    assert tag["count"] == sum(f"#{tag['hashtag']} " in f"{one['caption']} " for one in mentions(sandbox)["videos"])


def test_hashtags_are_added_followed_and_removed_after_a_week(sandbox: Driver) -> None:
    tags = [row["hashtag"] for row in ok(sandbox.get(f"{MENTION}/hashtag/verify/list/", username="brassorbit3"))["hashtag_list"]]
    name = {"username": "brassorbit3"}
    added = ok(change(sandbox, "/hashtag/add/", **name, hashtags=tags[:2]))["hashtag_list"]
    assert added == [{"hashtag": tag, "create_date": "2026-08-14"} for tag in tags[:2]]
    assert ok(sandbox.get(f"{MENTION}/hashtag/manage/list/", **name))["hashtag_list"] == added
    data = ok(sandbox.get(f"{MENTION}/hashtag/video/list/", hashtag=tags[0], max_count=20))
    assert data["matched_hashtags"] == tags[:1] and data["videos"] and all(f"#{tags[0]}" in one["caption"] for one in data["videos"])
    assert ok(sandbox.get(f"{MENTION}/hashtag/video/list/", hashtag="unheld"))["videos"] == []
    assert change(sandbox, "/hashtag/remove/", **name, hashtag=tags[0])["code"] == 40002
    assert change(sandbox, "/hashtag/remove/", **name, hashtag="unheld")["code"] == 40007
    assert change(sandbox, "/hashtag/add/", username="moontideco2", hashtags=tags[:1])["code"] == 40001
    assert change(sandbox, "/hashtag/add/", **name, hashtags=[f"t{number}" for number in range(11)])["code"] == 40002
    for start in range(0, 40, 10):
        ok(change(sandbox, "/hashtag/add/", **name, hashtags=[f"t{start + number}" for number in range(10)]))
    assert change(sandbox, "/hashtag/add/", **name, hashtags=[f"u{number}" for number in range(9)])["code"] == 40002
    sandbox.control("clock", {"seconds": 7 * 86_400})
    sandbox.grant()
    assert ok(change(sandbox, "/hashtag/remove/", **name, hashtag=tags[0])) == {}


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("/video/list/", {"number_of_days": 91}, 40002),
        ("/video/list/", {"max_count": 21}, 40002),
        ("/video/list/", {"sort_field": "VIEWS"}, 40002),
        ("/video/list/", {"fields": ["secret"]}, 40002),
        ("/video/list/", {"regions": "DE"}, 40002),
        ("/comment/list/", {"sort_field": "LIKES"}, 40002),
        ("/video/get/", {}, 40002),
        ("/list/", {}, 40006),
    ],
)
def test_a_wrong_parameter_is_refused(sandbox: Driver, path: str, query: dict[str, Any], code: int) -> None:
    assert sandbox.get(MENTION + path, **query)["code"] == code


def test_mentions_need_their_scope_and_have_a_limit(sandbox: Driver) -> None:
    sandbox.control("limits", {"enabled": True, "per_account_per_minute": 2})
    assert [sandbox.get(f"{MENTION}/video/list/")["code"] for _ in range(3)] == [0, 0, 40100]
    sandbox.grant(scopes=["user.info.basic"])
    assert sandbox.get(f"{MENTION}/video/list/")["code"] == 40130


def test_a_mention_and_a_comment_are_announced_when_a_script_says_so(sandbox: Driver, receiver: Receiver) -> None:
    told = sandbox.control("events", {"account": "brassorbit3", "event": "brand.mention.event"})["events"]
    one = receiver.next()
    event = json.loads(one.body)
    assert verified(one) and event["client_key"] == APP_ID and json.loads(event["content"]) == told[0]
    newest = mentions(sandbox)["videos"][-1]
    assert (told[0]["video_id"], told[0]["comment_id"], told[0]["mention_type"]) == (int(newest["item_id"]), "0", "VIDEO_MENTION")
    said = sandbox.control("events", {"account": "brassorbit3", "event": "brand.mention.event", "comments": True, "action": "EDIT"})
    assert said["events"][0]["comment_id"] == mentions(sandbox)["comments"][-1]["comment_id"] and receiver.next()
    told = sandbox.control("events", {"account": "brassorbit3", "event": "comment.update", "count": 5})["events"]
    bodies = {json.loads(json.loads(receiver.next().body)["content"])["comment_id"] for _ in range(5)}
    assert bodies == {content["comment_id"] for content in told} and len(bodies) == 5
    known = sandbox.control("world", account="brassorbit3", limit=0, item_id=str(told[-1]["video_id"]))["comments"]
    assert str(told[-1]["comment_id"]) in {one["comment_id"] for one in known}
    for wrong in ({"event": "like"}, {"event": "comment.update", "action": "EDIT"}, {"event": "comment.update", "count": 0}):
        assert sandbox.http.post("/__control__/events", json={"account": "brassorbit3", **wrong}).status_code == 400


# what TikTok suggests


def test_the_benchmark_has_the_figures_of_a_category(sandbox: Driver) -> None:
    data = ok(sandbox.get("/business/benchmark/", business_category="PETS"))
    assert data["business_category"] == "PETS" and 0 < data["average_engagement_rate"] < 1 and data["average_video_views"] > 10_000
    sandbox.grant("moontideco2")
    assert ok(sandbox.get("/business/benchmark/", business_category="PETS")) == data
    assert ok(sandbox.get("/business/benchmark/", business_category="BABY")) != data
    assert sandbox.get("/business/benchmark/", business_category="CATS")["code"] == 40002


def test_ten_hashtags_are_suggested(sandbox: Driver) -> None:
    found = ok(sandbox.get("/business/hashtag/suggestion/", keyword="hiking"))["suggestions"]
    assert len({one["name"] for one in found}) == 10 and all("hiking" in one["name"] for one in found)
    assert sandbox.get("/business/hashtag/suggestion/")["code"] == 40002


def test_posts_worth_an_ad_are_recommended(sandbox: Driver) -> None:
    found = ok(sandbox.get("/business/video/recommend/", objective_type="TRAFFIC"))["videos"]
    assert [one["recommendation_level"] for one in found[:5]] == ["HIGH"] * 5 and found[-1]["recommendation_level"] == "LOW"
    rest = ok(sandbox.get("/business/video/recommend/", exclude_video_ids=[found[0]["item_id"]]))["videos"]
    assert found[0]["item_id"] not in {one["item_id"] for one in rest}
    only = ok(sandbox.get("/business/video/recommend/", video_ids=[found[3]["item_id"]], time="PAST_SIX_MONTHS"))["videos"]
    assert [one["item_id"] for one in only] == [found[3]["item_id"]]
    assert sandbox.get("/business/video/recommend/", time="PAST_YEAR")["code"] == 40002
    sandbox.grant(scopes=["user.info.basic"])
    assert sandbox.get("/business/video/recommend/")["code"] == 40130
