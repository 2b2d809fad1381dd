"""Content Posting of TikTok for Developers: creator info and the three inits."""

from typing import Any

from tiktok_sandbox import pictures, publishing
from tiktok_sandbox.answers import ADDRESS, COUNT, FLAG, TEXT, Schema, each, list_of, record, word
from tiktok_sandbox.dialects import Dialect
from tiktok_sandbox.endpoints import Call, Endpoint, Word
from tiktok_sandbox.envelope import SCOPE_MISSING, ApiError
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param, bad
from tiktok_sandbox.post_sources import PHOTO_SOURCE, VIDEO_SOURCE, is_under, upload_of
from tiktok_sandbox.publishing import DAY, DOWNLOADING, INBOX, UPLOADING
from tiktok_sandbox.readers import Choice, Flag, Shape, Text, Whole

PUBLIC = ("PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY")

PRIVATE = ("FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY")

LEVELS = tuple(dict.fromkeys((*PUBLIC, *PRIVATE)))

UNAUDITED_POSTERS = 5


def creator_info(call: Call) -> dict[str, Any]:
    word = _cap_reached(call)
    if word is not None:
        raise ApiError(word, "Daily post cap reached", status=200)
    profile, switches = call.feed.profile, call.desk.switches
    return {
        "creator_avatar_url": pictures.address(call.base, call.desk.world, "avatar", profile.handle, call.now, hold=1800, lasts=2 * 3600),
        "creator_username": profile.handle,
        "creator_nickname": profile.display_name,
        "privacy_level_options": list(_options(call)),
        "comment_disabled": switches.comment_disabled,
        "duet_disabled": switches.duet_disabled or not profile.is_public,
        "stitch_disabled": switches.stitch_disabled or not profile.is_public,
        "max_video_post_duration_sec": 600 if profile.followers >= 1_000 else 180,
    }


def video_init(call: Call) -> dict[str, Any]:
    source = call.values["source_info"]
    upload = upload_of(source)
    _may_post(call, call.values["post_info"].get("privacy_level"))
    _may_pull(call, source)
    info = call.values["post_info"]
    return _begun(call, "v_pub_file~v2-1" if upload else "v_pub_url~v2-1", info.get("privacy_level"), upload, info.get("title", ""))


def inbox_init(call: Call) -> dict[str, Any]:
    source = call.values["source_info"]
    upload = upload_of(source)
    _may_draft(call)
    _may_pull(call, source)
    return _begun(call, "v_inbox_file~v2-1" if upload else "v_inbox_url~v2-1", None, upload)


def content_init(call: Call) -> dict[str, Any]:
    source, direct = call.values["source_info"], call.values["post_mode"] == "DIRECT_POST"
    if not call.has("video.publish" if direct else "video.upload"):
        raise ApiError(SCOPE_MISSING, "")
    if source["photo_cover_index"] >= len(source["photo_images"]):
        raise bad("source_info.photo_cover_index: there is no such picture.")
    level = call.values["post_info"].get("privacy_level")
    if direct:
        _may_post(call, level)
    else:
        _may_draft(call)
    for address in source["photo_images"]:
        _check_ownership(call, address)
    words = [call.values["post_info"].get(name, "") for name in ("title", "description")]
    return _begun(call, "p_pub_url~v2" if direct else "p_inbox_url~v2", level if direct else None, {}, " ".join(filter(None, words)))


def _begun(call: Call, prefix: str, level: str | None, upload: dict[str, int], caption: str = "") -> dict[str, Any]:
    row = publishing.begin(
        call.desk,
        call.account.handle,
        call.account.client,
        api=publishing.OPEN,
        prefix=prefix,
        moment=call.moment,
        draft=level is None,
        public=level == PUBLIC[0],
        caption=caption,
        **upload,
    )
    if not upload:
        return {"publish_id": row["id"]}
    return {
        "publish_id": row["id"],
        "upload_url": f"{call.base}/video/?upload_id={row['upload_id']}&upload_token={row['upload_token']}",
    }


def _may_post(call: Call, level: str | None) -> None:
    is_public = call.feed.profile.is_public
    if call.desk.switches.posting_app == "unaudited" and (is_public or level != "SELF_ONLY"):
        raise ApiError("unaudited_client_can_only_post_to_private_accounts", "App not audited; account must be private", status=403)
    if level not in _options(call):
        raise ApiError("privacy_level_option_mismatch", "The privacy level is not one of the creator's options.", status=403)
    word = _cap_reached(call)
    if word is not None:
        raise ApiError(word, "Daily post cap reached", status=403)


def _cap_reached(call: Call) -> str | None:
    desk, handle = call.desk, call.account.handle
    today = [row for row in publishing.begun_since(desk, call.moment - DAY, call.moment) if not row["draft"]]
    if sum(row["handle"] == handle for row in today) >= desk.switches.direct_posts_a_day:
        return "spam_risk_too_many_posts"
    posters = {row["handle"] for row in today if row["client"] == call.account.client}
    most = UNAUDITED_POSTERS if desk.switches.posting_app == "unaudited" else desk.switches.active_posters_a_day
    return "reached_active_user_cap" if handle not in posters and len(posters) >= most else None


def _may_draft(call: Call) -> None:
    recent = publishing.begun_since(call.desk, call.moment - DAY, call.moment)
    pending = [
        row
        for row in recent
        if row["draft"]
        and row["handle"] == call.account.handle
        and publishing.standing(row, call.moment).status in {UPLOADING, DOWNLOADING, INBOX}
    ]
    if len(pending) >= call.desk.switches.pending_drafts:
        raise ApiError("spam_risk_too_many_pending_share", "Too many drafts are waiting in the inbox.", status=403)


def _may_pull(call: Call, source: dict[str, Any]) -> None:
    if source["source"] == "PULL_FROM_URL":
        _check_ownership(call, source["video_url"])


def _check_ownership(call: Call, address: str) -> None:
    if not is_under(address, call.desk.switches.verified_urls):
        raise ApiError("url_ownership_unverified", "The address is not under a verified domain or prefix.", status=403)


def _options(call: Call) -> tuple[str, ...]:
    return PUBLIC if call.feed.profile.is_public else PRIVATE


BRAND = (Param("brand_content_toggle", Flag(), default=False), Param("brand_organic_toggle", Flag(), default=False))

VIDEO_POST = Param(
    "post_info",
    Shape(
        (
            Param("privacy_level", Text(64)),
            Param("title", Text(2_200)),
            Param("disable_duet", Flag()),
            Param("disable_stitch", Flag()),
            Param("disable_comment", Flag()),
            Param("video_cover_timestamp_ms", Whole(-(2**31), 2**31)),
            *BRAND,
            Param("is_aigc", Flag()),
        )
    ),
    required=True,
)

PHOTO_POST = Param(
    "post_info",
    Shape(
        (
            Param("title", Text(90)),
            Param("description", Text(4_000)),
            Param("privacy_level", Text(64)),
            Param("disable_comment", Flag()),
            Param("auto_add_music", Flag()),
            *BRAND,
        )
    ),
    default={},
)

BOTH = ("video.publish", "video.upload")

CREATOR = record(
    {
        "creator_avatar_url": ADDRESS,
        **each(("creator_username", "creator_nickname"), TEXT),
        "privacy_level_options": list_of(word(*LEVELS)),
        **each(("comment_disabled", "duet_disabled", "stitch_disabled"), FLAG),
        "max_video_post_duration_sec": COUNT,
    }
)

BEGUN = record({"publish_id": TEXT}, optional={"upload_url": ADDRESS})

CAPS = ("spam_risk_too_many_posts", "reached_active_user_cap")

NOT_POSTED = tuple(
    Word(word, 403)
    for word in (*CAPS, "unaudited_client_can_only_post_to_private_accounts", "privacy_level_option_mismatch", "url_ownership_unverified")
)

NOT_DRAFTED = (Word("spam_risk_too_many_pending_share", 403), Word("url_ownership_unverified", 403))


def endpoint(
    path: str,
    handler: Any,
    scopes: tuple[str, ...],
    limit: Limit | None,
    *params: Param,
    gives: Schema | None,
    refuses: tuple[Word, ...],
) -> Endpoint:
    return Endpoint(
        f"/v2/post/publish{path}",
        "POST",
        handler,
        params,
        needs_token=True,
        any_scope=scopes,
        limit=limit,
        evidence="T",
        dialect=Dialect.OPEN,
        gives=gives,
        refuses=refuses,
    )


ENDPOINTS = (
    endpoint(
        "/creator_info/query/",
        creator_info,
        ("video.publish",),
        Limit.CREATOR_INFO,
        gives=CREATOR,
        refuses=tuple(Word(word, 200) for word in CAPS),
    ),
    endpoint("/video/init/", video_init, ("video.publish",), Limit.POST_INIT, VIDEO_POST, VIDEO_SOURCE, gives=BEGUN, refuses=NOT_POSTED),
    endpoint("/inbox/video/init/", inbox_init, ("video.upload",), Limit.POST_INIT, VIDEO_SOURCE, gives=BEGUN, refuses=NOT_DRAFTED),
    endpoint(
        "/content/init/",
        content_init,
        BOTH,
        Limit.POST_INIT,
        Param("media_type", Choice(("PHOTO",)), required=True),
        Param("post_mode", Choice(("DIRECT_POST", "MEDIA_UPLOAD")), required=True),
        PHOTO_POST,
        PHOTO_SOURCE,
        gives=BEGUN,
        refuses=tuple(dict.fromkeys((*NOT_POSTED, *NOT_DRAFTED))),
    ),
)
