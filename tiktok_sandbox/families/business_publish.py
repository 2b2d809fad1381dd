"""Publishing through the API for Business, as far as status and events need it; the account's settings; authorisation codes of posts."""

from typing import Any

from tiktok_sandbox import publishing
from tiktok_sandbox.answers import COUNT, FLAG, ID, MOMENT, TEXT, Schema, each, list_of, record, some_of, word
from tiktok_sandbox.clock import moment_text
from tiktok_sandbox.endpoints import Call, Endpoint
from tiktok_sandbox.envelope import FREQUENCY_CONTROL, NOT_FOUND, SCOPE_MISSING, UNSUPPORTED_DOMAIN, ApiError
from tiktok_sandbox.families.business_app import verified_addresses
from tiktok_sandbox.families.login_posting import LEVELS, PRIVATE, PUBLIC
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param, bad
from tiktok_sandbox.post_sources import is_under
from tiktok_sandbox.publishing import DAY
from tiktok_sandbox.readers import Choice, Flag, Id, ListOf, Shape, Text, Whole
from tiktok_sandbox.world.chance import draw

MENTIONS_IN_CAPTION = 30


def publish_video(call: Call) -> dict[str, Any]:
    info = call.values["post_info"]
    if (info.get("caption", "")).count("@") > MENTIONS_IN_CAPTION:
        raise bad(f"post_info.caption: at most {MENTIONS_IN_CAPTION} mentions.")
    return _publish(call, "v_pub_url~v1", [call.values["video_url"]])


def publish_photos(call: Call) -> dict[str, Any]:
    if call.values["photo_cover_index"] >= len(call.values["photo_images"]):
        raise bad("photo_cover_index: there is no such picture.")
    return _publish(call, "p_pub_url~v1", call.values["photo_images"])


def _publish(call: Call, prefix: str, addresses: Any) -> dict[str, Any]:
    draft = bool(call.values["post_info"]["upload_to_draft"])
    if not call.has("video.upload" if draft else "video.publish"):
        raise ApiError(SCOPE_MISSING, f"The account has not authorized the scope {'video.upload' if draft else 'video.publish'}.")
    if any(not is_under(address, verified_addresses(call)) for address in addresses):
        raise ApiError(UNSUPPORTED_DOMAIN, "The address is not under a verified URL property.")
    limits = call.desk.limits.settings
    if limits.enabled and publishing.posts_today(call.desk, call.account.handle, call.moment) >= limits.publishing_per_day:
        raise ApiError(FREQUENCY_CONTROL, "The account has reached its posts for today.")
    row = publishing.begin(
        call.desk,
        call.account.handle,
        call.account.client,
        api=publishing.BUSINESS,
        prefix=prefix,
        moment=call.moment,
        draft=draft,
        caption="" if draft else call.values["post_info"].get("caption", ""),
        public=not draft and call.feed.profile.is_public and call.values["post_info"].get("privacy_level") in {None, PUBLIC[0]},
    )
    return {"share_id": row["id"]}


def publish_status(call: Call) -> dict[str, Any]:
    row = call.desk.writes.publishes.get(call.values["publish_id"])
    if row is None or (row["handle"], row["client"]) != (call.account.handle, call.account.client):
        raise ApiError(NOT_FOUND, "The publish does not exist.")
    state = publishing.standing(row, call.moment)
    answer: dict[str, Any] = {"status": state.status, "post_ids": [str(number) for number in state.post_ids]}
    return answer if state.reason is None else {**answer, "reason": state.reason}


def video_settings(call: Call) -> dict[str, Any]:
    profile, switches = call.feed.profile, call.desk.switches
    return {
        "privacy_level_options": list(PUBLIC if profile.is_public else PRIVATE),
        "comment_disabled": switches.comment_disabled,
        "duet_disabled": switches.duet_disabled or not profile.is_public,
        "stitch_disabled": switches.stitch_disabled or not profile.is_public,
        "max_video_post_duration_sec": 600,
    }


def promotable(call: Call) -> dict[str, Any]:
    """Whether a post may be used in ads at all; switching it off takes its code with it."""
    post, codes = call.own_post(call.values["item_id"]), call.desk.writes.spark_codes
    if call.values["is_ad_promotable"]:
        return {**_code(call, post.item_id, call.values["authorization_days"]), "is_ad_promotable": True}
    codes.pop(post.item_id, None)
    call.desk.writes.changed()
    return {"item_id": post.item_id, "is_ad_promotable": False}


def authorize(call: Call) -> dict[str, Any]:
    return _code(call, call.own_post(call.values["item_id"]).item_id, call.values["authorization_days"])


def code_status(call: Call) -> dict[str, Any]:
    return _shown_code(call, _known_code(call))


def delete_code(call: Call) -> dict[str, Any]:
    row = _known_code(call)
    row["deleted"] = True
    call.desk.writes.changed()
    return _shown_code(call, row)


def _code(call: Call, item_id: str, days: int) -> dict[str, Any]:
    """A new code, or the present one for longer."""
    codes = call.desk.writes.spark_codes
    row = codes.get(item_id)
    if row is None or row["deleted"] or call.now >= row["start"] + row["days"] * DAY:
        chance = draw(call.desk.world.seed, item_id, "spark", call.desk.writes.next_number())
        codes[item_id] = row = {
            "item_id": item_id,
            "handle": call.account.handle,
            "code": f"#{chance:016x}+/{chance >> 7:x}=",
            "start": call.now,
            "deleted": False,
        }
    row["days"] = days
    call.desk.writes.changed()
    return _shown_code(call, row)


def _known_code(call: Call) -> dict[str, Any]:
    row: dict[str, Any] | None = call.desk.writes.spark_codes.get(call.own_post(call.values["item_id"]).item_id)
    if row is None:
        raise ApiError(NOT_FOUND, "The post never had an authorization code.")
    return row


def _shown_code(call: Call, row: dict[str, Any]) -> dict[str, Any]:
    end = row["start"] + row["days"] * DAY
    return {
        "item_id": row["item_id"],
        "auth_code": row["code"],
        "auth_code_start_time": moment_text(row["start"]),
        "auth_code_end_time": moment_text(end),
        "authorization_days": row["days"],
        "auth_code_status": "DELETED" if row["deleted"] else "EXPIRED" if call.now >= end else "NOT_USED",
    }


OWNER = Param("business_id", Text(), required=True)
ITEM = Param("item_id", Id(), required=True)
DAYS = Param("authorization_days", Whole(7, 365, among=(7, 30, 60, 365)), default=30)
POST_INFO = (
    Param("caption", Text(2_200)),
    Param("privacy_level", Choice(LEVELS)),
    Param("is_brand_organic", Flag(), default=False),
    Param("is_branded_content", Flag(), default=False),
    Param("tto_invite_link", Text(2_048)),
    Param("disable_comment", Flag(), default=False),
    Param("is_ai_generated", Flag(), default=False),
    Param("upload_to_draft", Flag(), default=False),
    Param("is_ads_only", Flag(), default=False),
    Param("location_id", Text(64)),
    Param("location_name", Text(200)),
)
VIDEO_INFO = Param(
    "post_info",
    Shape(
        (
            *POST_INFO,
            Param("disable_duet", Flag(), default=False),
            Param("disable_stitch", Flag(), default=False),
            Param("thumbnail_offset", Whole(0, 600_000), default=0),
            Param(
                "music_sound_info",
                Shape(
                    (
                        Param("music_sound_id", Text(64)),
                        Param("music_sound_volume", Whole(0, 100)),
                        Param("music_sound_start", Whole(0, 600_000)),
                        Param("music_sound_end", Whole(0, 600_000)),
                        Param("video_original_sound_volume", Whole(0, 100)),
                    )
                ),
            ),
        )
    ),
    required=True,
)
PHOTO_INFO = Param("post_info", Shape((*POST_INFO, Param("title", Text(90)), Param("auto_add_music", Flag()))), required=True)
POSTING = ("video.publish", "video.upload")


SHARED = record({"share_id": TEXT})
STATUS = record({"status": word(*publishing.STATES), "post_ids": list_of(ID)}, optional={"reason": TEXT})
SETTINGS = record(
    {
        "privacy_level_options": list_of(word(*LEVELS)),
        **each(("comment_disabled", "duet_disabled", "stitch_disabled"), FLAG),
        "max_video_post_duration_sec": COUNT,
    }
)
CODE = {
    "item_id": ID,
    "auth_code": TEXT,
    **each(("auth_code_start_time", "auth_code_end_time"), MOMENT),
    "authorization_days": COUNT,
    "auth_code_status": word("NOT_USED", "EXPIRED", "DELETED"),
}
PROMOTABLE = some_of({**CODE, "is_ad_promotable": FLAG}, always=("item_id", "is_ad_promotable"))


def _spark(path: str, method: str, handler: Any, *params: Param, gives: Schema) -> Endpoint:
    return Endpoint(
        f"/business/post/authorize{path}",
        method,
        handler,
        (OWNER, ITEM, *params),
        needs_token=True,
        scope="biz.spark.auth",
        limit=Limit.ACCOUNTS,
        evidence="C",
        gives=gives,
        refuses=(NOT_FOUND,),
    )


ENDPOINTS = (
    Endpoint(
        "/business/video/publish/",
        "POST",
        publish_video,
        (OWNER, Param("video_url", Text(2_048), required=True), Param("custom_thumbnail_url", Text(2_048)), VIDEO_INFO),
        needs_token=True,
        any_scope=POSTING,
        limit=Limit.PUBLISHING,
        evidence="T",
        gives=SHARED,
        refuses=(UNSUPPORTED_DOMAIN, FREQUENCY_CONTROL),
    ),
    Endpoint(
        "/business/photo/publish/",
        "POST",
        publish_photos,
        (
            OWNER,
            Param("photo_images", ListOf(Text(2_048), 35, least=1), required=True),
            Param("photo_cover_index", Whole(0, 34), default=0),
            PHOTO_INFO,
        ),
        needs_token=True,
        any_scope=POSTING,
        limit=Limit.PUBLISHING,
        evidence="?",
        gives=SHARED,
        refuses=(UNSUPPORTED_DOMAIN, FREQUENCY_CONTROL),
    ),
    Endpoint(
        "/business/publish/status/",
        "GET",
        publish_status,
        (OWNER, Param("publish_id", Text(64), required=True)),
        needs_token=True,
        any_scope=POSTING,
        limit=Limit.ACCOUNTS,
        evidence="C",
        gives=STATUS,
        refuses=(NOT_FOUND,),
    ),
    Endpoint(
        "/business/video/settings/",
        "GET",
        video_settings,
        (OWNER,),
        needs_token=True,
        any_scope=POSTING,
        limit=Limit.ACCOUNTS,
        evidence="C",
        gives=SETTINGS,
    ),
    _spark(
        "/setting/",
        "POST",
        promotable,
        Param("is_ad_promotable", Flag(), required=True),
        DAYS,
        gives=PROMOTABLE,
    ),
    _spark("/", "POST", authorize, DAYS, gives=record(CODE)),
    _spark("/status/", "GET", code_status, gives=record(CODE)),
    _spark("/delete/", "POST", delete_code, gives=record(CODE)),
)
