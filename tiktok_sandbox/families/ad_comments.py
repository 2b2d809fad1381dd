"""Comments under ads: lists of an ad group's comments, one comment with what belongs to it, and how comments are shown.

TikTok's own description of the fields is known in a transcription only; what a comment that is not there is answered with is not.
"""

from datetime import UTC, datetime
from typing import Any

from tiktok_sandbox import ad_records, pictures
from tiktok_sandbox.ad_commenting import AdComments, Remark
from tiktok_sandbox.answers import ADDRESS, COUNT, FLAG, ID, NOTHING, TEXT, each, nullable, page_of_numbers, record, word
from tiktok_sandbox.endpoints import Call, Endpoint, Flow
from tiktok_sandbox.envelope import NOT_FOUND, ApiError
from tiktok_sandbox.families.advertisers import PAGE, page_of
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param, bad
from tiktok_sandbox.readers import Choice, Day, Id, ListOf, Whole
from tiktok_sandbox.scopes import READ_CAMPAIGNS, WRITE_CAMPAIGNS
from tiktok_sandbox.world.adbook import Book
from tiktok_sandbox.world.calendar import DAY
from tiktok_sandbox.world.chance import draw

MOST_AT_ONCE = 100


def listing(call: Call) -> dict[str, Any]:
    values, book = call.values, _book(call)
    start, end = values["start_time"], values["end_time"]
    if start > end:
        raise bad("start_time: it must not be later than end_time.")
    comments = AdComments(call.desk, book, call.now)
    group = comments.group(values["search_value"])
    if group is None:
        raise ApiError(NOT_FOUND, "search_value: there is no such ad group.")
    found = comments.of_group(group, since=start * DAY, until=(end + 1) * DAY)
    kinds, statuses = values["comment_type"], values["comment_status"]
    if "ALL" not in kinds:
        found = [one for one in found if _kind(one) in kinds]
    if "ALL" not in statuses:
        found = [one for one in found if _status(one) in statuses]
    keys = {"LIKES": lambda one: one.likes, "REPLIES": lambda one: one.replies}
    if (key := keys.get(values["sort_field"])) is not None:
        found = sorted(found, key=key)
    if values["sort_type"] == "DESC":
        found = found[::-1]
    return _page(call, book, found, _listed)


def reference(call: Call) -> dict[str, Any]:
    """A comment and its replies, or a reply and what it answers. Nothing where there is no such comment."""
    book = _book(call)
    comments = AdComments(call.desk, book, call.now)
    asked = comments.find(call.values["comment_id"])
    if asked is None:
        found = []
    elif asked.comment.parent_id is None:
        found = [asked, *comments.replies(asked)]
    else:
        found = [one for one in (comments.find(asked.comment.parent_id), asked) if one is not None]
    return _page(call, book, found, _related)


def change_status(call: Call) -> dict[str, Any]:
    """All of them or none."""
    comments, wanted = AdComments(call.desk, _book(call), call.now), call.values["operation"] == "HIDDEN"
    for comment_id in call.values["comment_ids"]:
        if comments.find(comment_id) is None:
            raise ApiError(NOT_FOUND, "comment_ids: there is no such comment.")
    for comment_id in call.values["comment_ids"]:
        call.desk.writes.hidden[comment_id] = wanted
    call.desk.writes.changed()
    return {}


def _book(call: Call) -> Book:
    return call.desk.world.ads.book(call.values["advertiser_id"])


def _page(call: Call, book: Book, found: list[Remark], show: Any) -> dict[str, Any]:
    page, info = page_of(found, call.values["page"], call.values["page_size"])
    return {"comments": [show(call, book, one) for one in page], "page_info": info}


def _kind(one: Remark) -> str:
    return "COMMENT" if one.comment.parent_id is None else "REPLY"


def _status(one: Remark) -> str:
    return "HIDDEN" if one.is_hidden else "PUBLIC"


def _related(call: Call, book: Book, one: Remark) -> dict[str, Any]:
    comment, author, ad = one.comment, one.comment.author, one.ad
    handle = (ad.post.handle if ad.post is not None else book.advertiser.name) if author is None else author.handle
    return {
        "comment_id": comment.comment_id,
        "content": comment.text,
        "comment_type": _kind(one),
        "comment_status": _status(one),
        "hit_blockedword": False,
        "create_time": datetime.fromtimestamp(comment.created, UTC).strftime("%Y-%m-%d %H:%M:%S +0000 UTC"),
        "user_name": handle,
        "user_id": str(draw(call.desk.world.seed, "user id", handle) >> 1),
        "user_avatar_url": pictures.address(call.base, call.desk.world, "avatar", handle, call.now),
        "tiktok_item_id": comment.item_id,
        "identity_id": ad_records.identity_id(book, ad.identity),
        "identity_type": ad.identity,
        "is_pinned": one.is_pinned,
        "can_delete": author is None,
        "is_auth_ttba": ad.identity == "TT_USER",
        "is_auth_comment_manage_scope": ad.identity in {"TT_USER", "CUSTOMIZED_USER"},
        **({} if comment.parent_id is None else {"original_comment_id": comment.parent_id}),
    }


def _listed(call: Call, book: Book, one: Remark) -> dict[str, Any]:
    ad = one.ad
    return {
        **_related(call, book, one),
        "app": "TIKTOK",
        "likes": one.likes,
        "replies": one.replies,
        "ad_text": ad.text,
        "campaign_id": ad.campaign.id,
        "campaign_name": ad.campaign.name,
        "adgroup_id": ad.group.id,
        "adgroup_name": ad.group.name,
        "ad_id": ad.id,
        "ad_name": ad.name,
        "video_play_url": None,
        "video_cover_url": pictures.address(call.base, call.desk.world, "cover", one.comment.item_id, call.now),
    }


ADVERTISER = Param("advertiser_id", Id(), required=True)
RELATED = {
    **each(("comment_id", "tiktok_item_id", "user_id"), ID),
    **each(("content", "create_time", "user_name", "identity_id", "identity_type"), TEXT),
    "comment_type": word("COMMENT", "REPLY"),
    "comment_status": word("PUBLIC", "HIDDEN"),
    **each(("hit_blockedword", "is_pinned", "can_delete", "is_auth_ttba", "is_auth_comment_manage_scope"), FLAG),
    "user_avatar_url": ADDRESS,
}
LISTED = {
    **RELATED,
    **each(("app", "ad_text", "campaign_name", "adgroup_name", "ad_name"), TEXT),
    **each(("campaign_id", "adgroup_id", "ad_id"), ID),
    **each(("likes", "replies"), COUNT),
    "video_play_url": nullable(ADDRESS),
    "video_cover_url": ADDRESS,
}
ORIGINAL = {"original_comment_id": ID}


def _endpoint(path: str, method: str, handler: Any, *params: Param, permission: int = READ_CAMPAIGNS, **more: Any) -> Endpoint:
    return Endpoint(
        path,
        method,
        handler,
        (ADVERTISER, *params),
        needs_token=True,
        limit=Limit.MARKETING,
        evidence="C",
        flow=Flow.ADVERTISER,
        permission=permission,
        **more,
    )


ENDPOINTS = (
    _endpoint(
        "/comment/list/",
        "GET",
        listing,
        Param("start_time", Day(), required=True),
        Param("end_time", Day(), required=True),
        Param("search_field", Choice(("ADGROUP_ID",)), required=True),
        Param("search_value", Id(), required=True),
        Param("comment_type", ListOf(Choice(("ALL", "COMMENT", "REPLY"))), default=("ALL",)),
        Param("comment_status", ListOf(Choice(("ALL", "PUBLIC", "HIDDEN"))), default=("ALL",)),
        Param("sort_field", Choice(("CREATE_TIME", "LIKES", "REPLIES")), default="CREATE_TIME"),
        Param("sort_type", Choice(("ASC", "DESC")), default="DESC"),
        PAGE,
        Param("page_size", Whole(1, 100), default=10),
        gives=page_of_numbers("comments", record(LISTED, optional=ORIGINAL)),
        refuses=(NOT_FOUND,),
    ),
    _endpoint(
        "/comment/reference/",
        "GET",
        reference,
        Param("comment_id", Id(), required=True),
        Param("comment_type", Choice(("COMMENT", "REPLY")), required=True),
        Param("original_comment_id", Id()),
        PAGE,
        Param("page_size", Whole(1, 100), default=10),
        gives=page_of_numbers("comments", record(RELATED, optional=ORIGINAL)),
    ),
    _endpoint(
        "/comment/status/update/",
        "POST",
        change_status,
        Param("comment_ids", ListOf(Id(), most=MOST_AT_ONCE), required=True),
        Param("operation", Choice(("HIDDEN", "PUBLIC")), required=True),
        Param("ad_type", Choice(("BIDDING", "BRAND")), default="BIDDING"),
        permission=WRITE_CAMPAIGNS,
        gives=NOTHING,
        refuses=(NOT_FOUND,),
    ),
)
