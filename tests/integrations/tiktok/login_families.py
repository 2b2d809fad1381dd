"""The battery's table for Login Kit tokens: the person, their videos, posting."""

from collections.abc import Callable, Mapping
from typing import Any

from integrations.tiktok import display, posting
from integrations.tiktok.errors import OurMistake, TokenExpired, UploadGone
from integrations.tiktok.transport import Answer
from tests.integrations.tiktok.families import BIG, LOGIN, WHO, Family, Holder, among, as_it_is, by_cursor, called, first, under
from tests.local_tiktok import LocalTikTok

BASIC = ["user.info.basic"]
FILM, PHOTO = "https://media.example.com/a.mp4", "https://media.example.com/a.jpg"
FILE = posting.FileOf(1000)
PRIVATELY = posting.DirectPost("SELF_ONLY")
Arguments = Callable[[Mapping[str, Any]], dict[str, Any]]


def newest_post(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    return {"post": tiktok.account(WHO)["posts"][-1]["item_id"]}


def many_posts(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    """TikTok's own caps out of the way, and time for the answer."""
    tiktok.control(
        "switches", direct_posts_a_day=1000, pending_drafts=1000, publish_seconds=3000, verified_urls=["https://media.example.com"]
    )
    return {}


def a_begun_file(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    many_posts(tiktok, holder)
    begun = posting.begin_draft(holder.transport, access_token=holder.token, source=FILE).value
    return {"publish": begun.publish_id, "address": begun.upload_address}


def a_post_being_fetched(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    many_posts(tiktok, holder)
    begun = posting.begin_draft(holder.transport, access_token=holder.token, source=posting.AddressOf(FILM)).value
    return {"publish": begun.publish_id}


def on(function: Callable[..., Answer[Any]], path: str, arguments: Arguments = lambda known: {}, **more: Any) -> Family:
    """TikTok does not say whether a token has run out or was taken back."""
    return Family(
        function,
        path,
        LOGIN,
        lambda h: function(h.transport, access_token=h.token, **arguments(h.known)),
        **{"less": BASIC, "revoked": TokenExpired, **more},
    )


BEGUN: dict[str, Any] = {
    "before": many_posts,
    "record": as_it_is,
    "row": {"publish_id": BIG},
    "names": called("publish_id"),
}
LOGIN_FAMILIES = (
    on(
        display.user_info,
        "/v2/user/info/",
        lambda k: {"fields": ["open_id", "follower_count"]},
        record=under("user"),
        row={"open_id": BIG},
        names=called("open_id"),
    ),
    on(display.videos_page, "/v2/video/list/", page=by_cursor("videos"), row={"id": BIG}, names=first("video_id")),
    on(
        display.videos,
        "/v2/video/query/",
        lambda k: {"video_ids": [k["post"]]},
        before=newest_post,
        record=among("videos"),
        row={"id": BIG},
        names=lambda found: found[0].video_id,
        takes_nothing=True,
    ),
    on(posting.creator_info, "/v2/post/publish/creator_info/query/"),
    on(posting.begin_video, "/v2/post/publish/video/init/", lambda k: {"source": FILE, "post": PRIVATELY}, **BEGUN),
    on(posting.begin_draft, "/v2/post/publish/inbox/video/init/", lambda k: {"source": FILE}, **BEGUN),
    on(posting.begin_photos, "/v2/post/publish/content/init/", lambda k: {"photo_urls": [PHOTO], "post": PRIVATELY}, **BEGUN),
    on(
        posting.post_state,
        "/v2/post/publish/status/fetch/",
        lambda k: {"publish_id": k["publish"]},
        before=a_begun_file,
        record=as_it_is,
        row={"status": "PUBLISH_COMPLETE", "publicaly_available_post_id": [BIG]},
        names=lambda state: state.post_ids[0],
    ),
    on(
        posting.cancel_post,
        "/v2/post/publish/cancel/",
        lambda k: {"publish_id": k["publish"]},
        before=a_post_being_fetched,
        takes_nothing=True,
    ),
    Family(
        posting.send_piece,
        "/video/",
        LOGIN,
        lambda h: posting.send_piece(
            h.transport, upload_address=h.known["address"], file=FILE, first=0, content=bytes(1000), video_type="video/mp4"
        ),
        before=a_begun_file,
        outlived=UploadGone,
        revoked=UploadGone,
        is_flat=True,
        otherwise={"code": OurMistake},
    ),
)
