"""The battery's table for tokens of TikTok accounts: profile, posts, comments, mentions, publishing, codes, TikTok One."""

import struct
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.tiktok import account_insights, accounts, comments, creators, hashtags, mentions, post_codes, publishing, url_properties
from integrations.tiktok.transport import Answer
from integrations.tiktok.url_properties import PropertyKind
from tests.integrations.tiktok.families import ACCOUNT, BIG, BUSINESS, WHO, Before, Family, Holder, as_it_is, by_cursor, called, first
from tests.local_tiktok import LocalTikTok

BASIC = ["user.info.basic"]
PICTURE = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480) + bytes(13)
FILMS, PHOTO = "https://media.example.com/a.mp4", "https://media.example.com/a.jpg"
Arguments = Callable[[Mapping[str, Any]], dict[str, Any]]


def the_account(tiktok: LocalTikTok, **query: Any) -> Any:
    return tiktok.http.get("/__control__/world", params={"account": WHO, **query}).json()


def last_week(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    today = datetime.fromisoformat(tiktok.http.get("/__control__/clock").json()["now"]).astimezone(UTC).date()
    return {"start": today - timedelta(days=9), "end": today - timedelta(days=3)}


def newest_post(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    return {"post": tiktok.account(WHO)["posts"][-1]["item_id"]}


def a_comment(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    """One that everybody sees and somebody has answered."""
    for post in tiktok.account(WHO)["posts"]:
        if 20 <= post["comments"] <= 400:
            for one in the_account(tiktok, item_id=post["item_id"], limit=0)["comments"]:
                if one["replies"] and one["status"] == "PUBLIC" and one["parent_comment_id"] is None:
                    return {"post": post["item_id"], "comment": one["comment_id"]}
    raise AssertionError("nobody answered anybody")


def own_comment(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    known = newest_post(tiktok, holder)
    made = comments.create_comment(holder.transport, **holder.account(), video_id=known["post"], text="ours")
    return known | {"comment": made.value.comment_id}


def a_mention(kind: str) -> Before:
    def before(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
        newest = max(the_account(tiktok, limit=0)["accounts"][0]["mentions"][kind], key=lambda one: one["create_time"])
        return {"post": newest["item_id"], "comment": newest.get("comment_id")}

    return before


def a_hashtag_of_last_week(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    hashtags.follow_hashtags(holder.transport, **holder.account(), username=WHO, hashtags=["setlife"])
    tiktok.advance(8 * 86_400)
    return {"later": True}


def a_code(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    known = newest_post(tiktok, holder)
    post_codes.give_code(holder.transport, **holder.account(), item_id=known["post"])
    return known


def own_addresses(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    tiktok.control("limits", publishing_per_day=1000)
    for act in (url_properties.add_property, url_properties.verify_property):
        act(holder.transport, holder.app, kind=PropertyKind.DOMAIN, url="media.example.com")
    return {}


def a_post_on_its_way(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    own_addresses(tiktok, holder)
    made = publishing.publish_video(holder.transport, **holder.account(), video_url=FILMS, details=publishing.PostDetails())
    return {"publish": made.value}


def an_invitation(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    link = tiktok.account(WHO)["invite_link"]
    creators.join_campaign(holder.transport, **holder.creator(), invite_link=link)
    return {"link": link, **newest_post(tiktok, holder)}


def an_open_request(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    """A campaign asks for two posts, and each request is answered once."""
    known = an_invitation(tiktok, holder)
    waiting = creators.link_requests(holder.transport, **holder.creator(), invite_link=known["link"]).value.requests
    return known | {"request": waiting[0].link_request_id}


def on(function: Callable[..., Answer[Any]], path: str, arguments: Arguments = lambda known: {}, **more: Any) -> Family:
    """Of the API for Business, with the account's own id."""
    return Family(
        function,
        BUSINESS + path,
        ACCOUNT,
        lambda h: function(h.transport, **h.account(), **arguments(h.known)),
        **{"less": BASIC, **more},
    )


def one(function: Callable[..., Answer[Any]], path: str, arguments: Arguments = lambda known: {}, **more: Any) -> Family:
    """Of TikTok One, where the same id has another name."""
    return Family(
        function,
        BUSINESS + path,
        ACCOUNT,
        lambda h: function(h.transport, **h.creator(), **arguments(h.known)),
        **{"less": BASIC, **more},
    )


LISTED_COMMENTS: dict[str, Any] = {"page": by_cursor("comments"), "row": {"comment_id": BIG}, "names": first("comment_id")}
LISTED_POSTS: dict[str, Any] = {"page": by_cursor("videos"), "row": {"item_id": BIG}, "names": first("item_id")}
ONE_COMMENT: dict[str, Any] = {"record": as_it_is, "row": {"comment_id": BIG}, "names": called("comment_id")}
ONE_CODE: dict[str, Any] = {"record": as_it_is, "row": {"item_id": BIG}, "names": called("item_id")}
NEW_POST: dict[str, Any] = {"record": as_it_is, "row": {"share_id": BIG}, "before": own_addresses}
PLAIN: dict[str, Any] = {"takes_nothing": True}


def of_post(known: Mapping[str, Any]) -> dict[str, Any]:
    return {"video_id": known["post"]}


def of_item(known: Mapping[str, Any]) -> dict[str, Any]:
    return {"item_id": known["post"]}


def of_comment(known: Mapping[str, Any]) -> dict[str, Any]:
    return {"comment_id": known["comment"]}


def of_both(known: Mapping[str, Any]) -> dict[str, Any]:
    return {"video_id": known["post"], "comment_id": known["comment"]}


def of_brand(known: Mapping[str, Any]) -> dict[str, Any]:
    return {"username": WHO}


def of_campaign(known: Mapping[str, Any]) -> dict[str, Any]:
    return {"invite_link": known["link"]}


ACCOUNT_FAMILIES = (
    on(accounts.profile, "/business/get/", lambda k: {"fields": ["followers_count"]}, less=[], **PLAIN),
    on(accounts.audience, "/business/get/", lambda k: {"fields": ["audience_ages"]}, less=[], **PLAIN),
    on(
        accounts.account_days,
        "/business/get/",
        lambda k: {"start": k["start"], "end": k["end"], "fields": ["video_views"]},
        before=last_week,
        less=[],
        **PLAIN,
    ),
    on(
        accounts.posts_page,
        "/business/video/list/",
        lambda k: {"fields": ["likes"]},
        page=by_cursor("videos"),
        row={"item_id": BIG, "create_time": 1767312000},
        names=lambda page: page.posts[0].item_id,
    ),
    on(account_insights.benchmark, "/business/benchmark/", lambda k: {"business_category": "BEAUTY"}, less=[], **PLAIN),
    on(account_insights.suggested_hashtags, "/business/hashtag/suggestion/", lambda k: {"keyword": "hiking"}, less=[], **PLAIN),
    on(account_insights.recommended_posts, "/business/video/recommend/", **PLAIN),
    on(comments.comments_page, "/business/comment/list/", of_post, before=newest_post, **LISTED_COMMENTS),
    on(comments.replies_page, "/business/comment/reply/list/", of_both, before=a_comment, **LISTED_COMMENTS),
    on(comments.create_comment, "/business/comment/create/", lambda k: {**of_post(k), "text": "a"}, before=newest_post, **ONE_COMMENT),
    on(
        comments.reply_to_comment, "/business/comment/reply/create/", lambda k: {**of_both(k), "text": "a"}, before=a_comment, **ONE_COMMENT
    ),
    on(
        comments.upload_comment_image,
        "/business/comment/image/upload/",
        lambda k: {"content": PICTURE, "content_type": "image/png"},
    ),
    on(comments.hide_comment, "/business/comment/hide/", of_both, before=a_comment, **PLAIN),
    on(comments.like_comment, "/business/comment/like/", of_comment, before=a_comment, **PLAIN),
    on(comments.pin_comment, "/business/comment/pin/", of_both, before=a_comment, **PLAIN),
    on(comments.delete_comment, "/business/comment/delete/", of_comment, before=own_comment, **PLAIN),
    on(mentions.mentioning_posts_page, "/business/mention/video/list/", **LISTED_POSTS),
    on(mentions.mentioning_post, "/business/mention/video/get/", of_item, before=a_mention("videos"), **PLAIN),
    on(mentions.mentioning_comments_page, "/business/mention/comment/list/", **LISTED_COMMENTS),
    on(
        mentions.mentioning_comment,
        "/business/mention/comment/get/",
        lambda k: {**of_item(k), **of_comment(k)},
        before=a_mention("comments"),
        **PLAIN,
    ),
    on(mentions.hashtag_posts_page, "/business/mention/hashtag/video/list/", **LISTED_POSTS),
    on(mentions.top_words, "/business/mention/top_word/list/", **PLAIN),
    on(mentions.top_hashtags, "/business/mention/top_hashtag/list/", **PLAIN),
    on(hashtags.verify_hashtags, "/business/mention/hashtag/verify/list/", of_brand, **PLAIN),
    on(hashtags.follow_hashtags, "/business/mention/hashtag/add/", lambda k: {**of_brand(k), "hashtags": ["bts"]}, **PLAIN),
    on(hashtags.followed_hashtags, "/business/mention/hashtag/manage/list/", of_brand, **PLAIN),
    on(
        hashtags.unfollow_hashtag,
        "/business/mention/hashtag/remove/",
        lambda k: {**of_brand(k), "hashtag": "setlife"},
        before=a_hashtag_of_last_week,
        **PLAIN,
    ),
    on(publishing.post_settings, "/business/video/settings/"),
    on(
        publishing.publish_video,
        "/business/video/publish/",
        lambda k: {"video_url": FILMS, "details": publishing.PostDetails()},
        **NEW_POST,
    ),
    on(publishing.publish_photos, "/business/photo/publish/", lambda k: {"photo_urls": [PHOTO], "details": None}, **NEW_POST),
    on(
        publishing.publish_status,
        "/business/publish/status/",
        lambda k: {"publish_id": k["publish"]},
        before=a_post_on_its_way,
        record=as_it_is,
        row={"status": "PUBLISH_COMPLETE", "post_ids": [BIG]},
        names=lambda status: status.post_ids[0],
    ),
    on(post_codes.allow_ads, "/business/post/authorize/setting/", of_item, before=newest_post, **ONE_CODE),
    on(post_codes.give_code, "/business/post/authorize/", of_item, before=newest_post, **ONE_CODE),
    on(post_codes.code_of_post, "/business/post/authorize/status/", of_item, before=a_code, **ONE_CODE),
    on(post_codes.delete_code, "/business/post/authorize/delete/", of_item, before=a_code, **ONE_CODE),
    one(creators.creator, "/tto/creator/authorized/", lambda k: {"fields": ["handle_name", "followers_count"]}, **PLAIN),
    one(
        creators.creator_posts_page,
        "/tto/creator/authorized/video/list/",
        page=by_cursor("posts"),
        row={"video_id": BIG},
        names=first("video_id"),
    ),
    one(creators.join_campaign, "/tto/creator/campaign/join/", of_campaign, before=an_invitation, **PLAIN),
    one(
        creators.link_post,
        "/tto/creator/campaign/video/link/",
        lambda k: {**of_campaign(k), **of_post(k)},
        before=an_invitation,
        **PLAIN,
    ),
    one(
        creators.link_requests,
        "/tto/creator/link/request/get/",
        of_campaign,
        before=an_invitation,
        record=as_it_is,
        row={"campaign_id": BIG},
        names=called("campaign_id"),
    ),
    one(
        creators.answer_link_request,
        "/tto/creator/link/request/confirm/",
        lambda k: {"link_request_id": k["request"], "approve": True},
        before=an_open_request,
        **PLAIN,
    ),
)
