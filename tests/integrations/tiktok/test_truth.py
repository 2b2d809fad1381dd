"""What the client reads about accounts over HTTP is what is true: profiles, days, posts, comments, mentions.

Local TikTok's clock runs while a test reads. What can move meanwhile is held between the truth before and the truth after.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from agency.secret import Secret
from integrations.tiktok import accounts, comments, creators, display, mentions
from integrations.tiktok.accounts import DAY_FIELDS, POST_FIELDS, PROFILE_FIELDS
from integrations.tiktok.errors import OurMistake
from integrations.tiktok.mentions import Listing
from integrations.tiktok.records import AccountDayRecord, PostRecord
from integrations.tiktok.transport import Transport
from tests.local_tiktok import LocalTikTok

NOW = datetime(2026, 11, 20, 12, 20, tzinfo=UTC)
COUNTERS = {"views": "video_views", "likes": "likes", "comments": "comments", "shares": "shares", "favorites": "favorites"}
DAYS = ("video_views", "profile_views", "likes", "comments", "shares", "followers_count", "daily_new_followers", "daily_lost_followers")
EVERY_POST_FIELD = [name for names in POST_FIELDS.values() for name in names]


class Told:
    """The truth about one account before the client reads, and after."""

    def __init__(self, tiktok: LocalTikTok, handle: str, **query: Any) -> None:
        self._ask = lambda: tiktok.http.get("/__control__/world", params={"account": handle, "limit": 100_000, **query}).json()
        self.before: dict[str, Any] = self._ask()
        self.account: dict[str, Any] = self.before["accounts"][0]

    def after(self) -> dict[str, Any]:
        return dict(self._ask()["accounts"][0])


def begin(tiktok: LocalTikTok, now: datetime = NOW, *, seed: int = 1, **scale: int) -> None:
    tiktok.control("reset", seed=seed, now=now.isoformat())
    tiktok.control("limits", enabled=False)
    if scale:
        tiktok.control("scale", **scale)


def set_clock(tiktok: LocalTikTok, moment: datetime) -> None:
    tiktok.control("clock", now=moment.isoformat())


def token(tiktok: LocalTikTok, handle: str) -> dict[str, Any]:
    granted = tiktok.control("grant", account=handle, flow="account", scopes=None)["data"]
    return {"access_token": Secret(granted["access_token"]), "business_id": granted["open_id"]}


def every_page(ask: Callable[[int | None], Any], records: str = "records") -> Iterator[Any]:
    cursor, pages = None, 0
    while True:
        page = ask(cursor).value
        yield from getattr(page, records)
        cursor, pages = page.cursor, pages + 1
        assert pages < 10_000
        if not page.has_more:
            return


def every_post(near: Transport, own: Mapping[str, Any]) -> list[PostRecord]:
    return list(every_page(lambda cursor: accounts.posts_page(near, **own, fields=EVERY_POST_FIELD, cursor=cursor), "posts"))


def hold_posts_to_the_truth(read: list[PostRecord], told: Told) -> None:
    after = {post["item_id"]: post for post in told.after()["posts"]}
    truth = {post["item_id"]: post for post in told.account["posts"]}
    assert [post.item_id for post in read] == list(truth)[::-1], "every post once, newest first"
    still = 0
    for post in read:
        early, late = truth[post.item_id], after[post.item_id]
        assert (post.caption, post.media_type, int(post.created_at.timestamp())) == (
            early["caption"],
            early["media_type"],
            early["create_time"],
        )
        assert post.duration_seconds == (early["video_duration"] if post.media_type == "VIDEO" else None)
        for name, ours in COUNTERS.items():
            assert early[name] <= getattr(post, ours) <= late[name], (post.item_id, name)
        still += all(early[name] == late[name] for name in COUNTERS)
    assert still >= len(read) * 0.8, "most counters stood still, so that the test says something"


@pytest.mark.parametrize("seed", [1, 2, 90_210])
@pytest.mark.parametrize("handle", ["brassorbit3", "moontideco2", "velvetfoxlab", "tinylens_mo"])
def test_a_profile_is_as_it_is(tiktok: LocalTikTok, near: Transport, handle: str, seed: int) -> None:
    begin(tiktok, seed=seed)
    own, told = token(tiktok, handle), Told(tiktok, handle)
    read = accounts.profile(near, **own, fields=accounts.fields_for(PROFILE_FIELDS, PROFILE_FIELDS)).value
    late = told.after()
    assert (read.username, read.display_name) == (handle, told.account["display_name"])
    assert read.is_business_account is (told.account["kind"] != "personal")
    assert read.videos_count == told.account["posts_total"]
    lowest, highest = sorted((told.account["followers_count"], late["followers_count"]))
    assert read.followers_count is not None
    assert lowest <= read.followers_count <= highest
    assert read.total_likes is not None
    assert likes(told.account) <= read.total_likes <= likes(late)


def likes(account: Mapping[str, Any]) -> int:
    return sum(post["likes"] for post in account["posts"])


# Days: known when their end is 48 hours past, at most sixty days back


@pytest.mark.parametrize("seed", [1, 7])
@pytest.mark.parametrize(
    ("now", "last_final"),
    [
        (datetime(2026, 11, 19, 23, 57, tzinfo=UTC), date(2026, 11, 16)),
        (datetime(2026, 11, 20, 0, 0, 1, tzinfo=UTC), date(2026, 11, 17)),
        (datetime(2026, 11, 20, 23, 57, tzinfo=UTC), date(2026, 11, 17)),
        (datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC), date(2026, 12, 29)),
    ],
)
def test_days_are_known_once_final_and_absent_before(
    tiktok: LocalTikTok, near: Transport, now: datetime, last_final: date, seed: int
) -> None:
    begin(tiktok, now, seed=seed)
    first = now.date() - timedelta(days=60)
    for handle in ("brassorbit3", "velvetfoxlab", "creator00001"):
        if handle.startswith("creator"):
            tiktok.control("scale", accounts=1, posts=40)
        own, told = token(tiktok, handle), Told(tiktok, handle)
        fields = [*DAY_FIELDS["user.insights"]]
        read = accounts.account_days(near, **own, start=first, end=now.date(), fields=fields).value
        truth = {date.fromisoformat(row["date"]): row for row in told.account["days"]}
        expected = [day for day in truth if first <= day <= last_final]
        assert [row.date for row in read] == expected, "exactly the final days, none left out and none too early"
        assert {day for day, row in truth.items() if row["final"]} == {day for day in truth if day <= last_final}
        for row in read:
            assert day_of(row) == {name: truth[row.date][name] for name in DAYS}
            assert row.daily_total_followers == row.followers_count


def day_of(row: AccountDayRecord) -> dict[str, Any]:
    return {name: getattr(row, name) for name in DAYS}


def test_a_day_that_is_known_stays_as_it_is(tiktok: LocalTikTok, near: Transport) -> None:
    begin(tiktok)
    ends = NOW.date() - timedelta(days=3)
    asked = {"start": ends - timedelta(days=20), "end": ends, "fields": list(DAYS)}
    early = accounts.account_days(near, **token(tiktok, "brassorbit3"), **asked).value
    tiktok.advance(9 * 86_400)
    assert accounts.account_days(near, **token(tiktok, "brassorbit3"), **asked).value == early
    assert len(early) == 21


# Posts, across the borders of pages


@pytest.mark.parametrize("count", [0, 1, 19, 20, 21, 39, 40, 41])
def test_every_post_of_an_account_with_so_many_is_read(tiktok: LocalTikTok, near: Transport, count: int) -> None:
    begin(tiktok)
    made = [post["create_time"] for post in Told(tiktok, "nd_filter").account["posts"]]
    set_clock(tiktok, datetime.fromtimestamp(made[count] - 600 if count == 0 else made[count - 1] + 5, UTC))
    told = Told(tiktok, "nd_filter")
    assert told.account["posts_total"] == count
    read = every_post(near, token(tiktok, "nd_filter"))
    assert [post.item_id for post in read] == [post["item_id"] for post in told.account["posts"]][::-1]


@pytest.mark.parametrize("seed", [1, 3])
def test_every_post_of_a_large_account_is_read_with_its_counters(tiktok: LocalTikTok, near: Transport, seed: int) -> None:
    begin(tiktok, seed=seed, accounts=2, posts=600)
    for handle in ("creator00002", "brassorbit3"):
        own, told = token(tiktok, handle), Told(tiktok, handle)
        hold_posts_to_the_truth(every_post(near, own), told)
        assert handle == "brassorbit3" or told.account["posts_total"] > 500


def test_insights_of_posts_are_those_of_the_last_final_day_or_absent(tiktok: LocalTikTok, near: Transport) -> None:
    begin(tiktok)
    told = Told(tiktok, "moontideco2")
    truth = {post["item_id"]: post for post in told.account["posts"]}
    not_final = datetime(2026, 11, 18, tzinfo=UTC)  # the first moment of the first day that is not final
    read = every_post(near, token(tiktok, "moontideco2"))
    known = [post for post in read if post.reach is not None]
    for post in known:
        one = truth[post.item_id]
        assert (post.reach, post.average_time_watched_seconds, post.full_video_watched_rate, post.total_time_watched_seconds) == (
            one["reach"],
            one["average_time_watched"],
            one["full_video_watched_rate"],
            one["total_time_watched"],
        )
        assert post.created_at < not_final
    young = [post for post in read if post.created_at >= not_final]
    assert young
    assert all(post.reach is None and post.average_time_watched_seconds is None for post in young)
    assert {post.media_type for post in known} == {"VIDEO", "PHOTO"}
    assert known
    set_clock(tiktok, NOW + timedelta(days=400))
    later = {post.item_id: post for post in every_post(near, token(tiktok, "moontideco2"))}
    assert all(later[post.item_id].reach is None for post in known), "nothing is active for ever"


def test_the_other_doors_show_the_same_posts(tiktok: LocalTikTok, near: Transport) -> None:
    begin(tiktok)
    told = Told(tiktok, "brassorbit3")
    expected = [post["item_id"] for post in told.account["posts"]][::-1]
    own = token(tiktok, "brassorbit3")
    one = {"access_token": own["access_token"], "creator_id": own["business_id"]}
    login = Secret(tiktok.control("grant", account="brassorbit3", flow="login_kit", scopes=None)["access_token"])
    shown = list(every_page(lambda cursor: display.videos_page(near, access_token=login, cursor=cursor)))
    branded = list(every_page(lambda cursor: creators.creator_posts_page(near, **one, cursor=cursor)))
    late = {post["item_id"]: post for post in told.after()["posts"]}
    early = {post["item_id"]: post for post in told.account["posts"]}
    assert [video.video_id for video in shown] == expected
    assert [post.video_id for post in branded] == expected
    for video, post in zip(shown, branded, strict=True):
        assert early[video.video_id]["views"] <= video.view_count <= late[video.video_id]["views"]
        assert early[post.video_id]["views"] <= post.video_views <= late[post.video_id]["views"]


# Comments


def test_every_comment_and_reply_of_a_busy_post_is_read_once(tiktok: LocalTikTok, near: Transport) -> None:
    begin(tiktok)
    own = token(tiktok, "brassorbit3")
    posts = Told(tiktok, "brassorbit3").account["posts"]
    post = min((one for one in posts if one["comments"] >= 700), key=lambda one: one["comments"])["item_id"]
    truth = {one["comment_id"]: one for one in Told(tiktok, "brassorbit3", item_id=post).before["comments"]}
    raw = list(every_page(lambda cursor: comments.comments_page(near, **own, video_id=post, cursor=cursor)))
    read = {one.comment_id: one for one in raw}
    assert len(raw) > len(read) > 500, "far down, pages repeat entries"
    assert read.keys() >= {known for known, one in truth.items() if one["parent_comment_id"] is None}
    for parent in [one for one in read.values() if one.replies]:
        if parent.status == "HIDDEN":
            with pytest.raises(OurMistake):
                comments.replies_page(near, **own, video_id=post, comment_id=parent.comment_id)
            continue
        ask = replies_of(near, own, post, parent.comment_id)
        found = list(every_page(ask))
        assert {one.parent_comment_id for one in found} == {parent.comment_id}
        read |= {one.comment_id: one for one in found}
    unreadable = {
        known for known, one in truth.items() if one["parent_comment_id"] and truth[one["parent_comment_id"]]["status"] == "HIDDEN"
    }
    after = {one["comment_id"]: one for one in Told(tiktok, "brassorbit3", item_id=post).before["comments"]}
    assert truth.keys() - unreadable <= read.keys() <= after.keys()
    for known in truth.keys() - unreadable:
        one, expected = read[known], truth[known]
        assert (one.text, one.status, one.is_owner, one.username, one.parent_comment_id) == (
            expected["text"],
            expected["status"],
            expected["owner"],
            expected["username"],
            expected["parent_comment_id"],
        )
        assert expected["likes"] <= one.likes <= after[known]["likes"]


def replies_of(near: Transport, own: Mapping[str, Any], post: str, comment: str) -> Callable[[int | None], Any]:
    return lambda cursor: comments.replies_page(near, **own, video_id=post, comment_id=comment, cursor=cursor)


def test_replies_beyond_a_page_are_all_read(tiktok: LocalTikTok, near: Transport) -> None:
    begin(tiktok)
    own = token(tiktok, "brassorbit3")
    post = Told(tiktok, "brassorbit3").account["posts"][-1]["item_id"]
    thread = comments.create_comment(near, **own, video_id=post, text="Ask us").value.comment_id
    ours = {}
    for number in range(65):
        made = comments.reply_to_comment(near, **own, video_id=post, comment_id=thread, text=f"answer {number}").value
        ours[made.comment_id] = f"answer {number}"
    assert {one.comment_id: one.text for one in every_page(replies_of(near, own, post, thread))} == ours
    (parent,) = comments.comments_page(near, **own, video_id=post, comment_ids=[thread], include_replies=True).value.records
    assert (parent.replies, parent.is_owner, len(parent.reply_list)) == (65, True, 3)


# Mentions


@pytest.mark.parametrize("seed", [1, 5])
def test_every_mention_of_the_last_days_is_read(tiktok: LocalTikTok, near: Transport, seed: int) -> None:
    begin(tiktok, seed=seed)
    own, told = token(tiktok, "brassorbit3"), Told(tiktok, "brassorbit3")
    posts = list(every_page(lambda cursor: mentions.mentioning_posts_page(near, **own, listing=Listing(cursor=cursor))))
    said = list(every_page(lambda cursor: mentions.mentioning_comments_page(near, **own, listing=Listing(cursor=cursor))))
    early, late = told.account["mentions"], told.after()["mentions"]
    assert len(posts) > 20
    assert len({post.item_id for post in posts}) == len(posts)
    truth = {one["item_id"]: one for one in early["videos"]}
    still_there = {one["item_id"]: one for one in late["videos"]}
    assert truth.keys() & still_there.keys() <= {post.item_id for post in posts} <= truth.keys() | still_there.keys()
    for post in posts:
        one, then = truth.get(post.item_id), still_there.get(post.item_id)
        if one and then:
            assert (post.caption, post.creator_handle_name) == (one["caption"], one["creator_handle_name"])
            assert one["views"] <= post.views <= then["views"]
    assert {one.comment_id: one.text for one in said} == {one["comment_id"]: one["text"] for one in early["comments"]}
