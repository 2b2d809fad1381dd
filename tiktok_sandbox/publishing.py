"""Posts on their way into TikTok: where each stands at a moment, what ends it, and which events tell of it.

Both APIs publish through here; they differ in names only. A publish is a row of plain values among the writes, its state a
function of that row and the time. What everybody may see joins the world's posts for that time.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from tiktok_sandbox.world.chance import draw
from tiktok_sandbox.world.feed import published_post
from tiktok_sandbox.world.posts import item_id_for
from tiktok_sandbox.world.published import Published

if TYPE_CHECKING:
    from tiktok_sandbox.endpoints import Desk

BUSINESS, OPEN = "business", "open"
DAY = 86_400
KEPT = 5_000
UPLOADING, DOWNLOADING, INBOX, COMPLETE, FAILED = (
    "PROCESSING_UPLOAD", "PROCESSING_DOWNLOAD", "SEND_TO_USER_INBOX", "PUBLISH_COMPLETE", "FAILED",
)  # fmt: skip
STATES = (UPLOADING, DOWNLOADING, INBOX, COMPLETE, FAILED)
NOW_PUBLIC = "post.publish.publicly_available"
NO_LONGER_PUBLIC = {BUSINESS: "post.publish.no_longer_publicly_available", OPEN: "post.publish.no_longer_publicaly_available"}

Row = dict[str, Any]


class Standing(NamedTuple):
    status: str
    reason: str | None
    post_ids: list[int]
    moved: int  # bytes so far


def begin(
    desk: "Desk",
    handle: str,
    client: str,
    *,
    api: str,
    prefix: str,
    moment: float,
    draft: bool,
    public: bool,
    caption: str = "",
    **upload: int,
) -> Row:
    """Start a publish. With `size`, `chunk` and `count` the bytes are uploaded; without them TikTok fetches them."""
    number, publishes = desk.writes.next_number(), desk.writes.publishes
    mark = draw(desk.world.seed, handle, "publish", number)
    row: Row = {
        "id": f"{prefix}.{item_id_for(int(moment), mark)}",
        "handle": handle,
        "client": client,
        "api": api,
        "draft": draft,
        "public": public,
        "made": moment,
        "upload_id": str(70_000_000 + number),
        "upload_token": f"{mark:016x}",
        "uploaded": 0,
        "ready": None if upload else moment + desk.switches.publish_seconds,
        "posted": None,  # when the person posted the draft
        "removed": None,
        "failed": None,
        "reason": desk.switches.fail_reason,
        "moderation": desk.switches.moderation_seconds,
        "mark": mark >> 8 & 0xFFFFFFFF,
        "post_id": None,  # once it is known when the post is made
        "created": None,
        "caption": caption,
        "is_photo": prefix.startswith("p_"),
        "number": max((one.get("number", -1) for one in publishes.values() if one["handle"] == handle), default=-1) + 1,
        "size": upload.get("size", 0),
        "chunk": upload.get("chunk", 0),
        "count": upload.get("count", 0),
    }
    if len(publishes) >= KEPT:
        oldest = publishes.pop(next(iter(publishes)))
        desk.world.put(oldest["handle"], oldest["id"], None)
    publishes[row["id"]] = row
    _plan(desk, row)
    desk.writes.changed()
    return row


def standing(row: Row, moment: float) -> Standing:
    moved = row["uploaded"] if row["size"] else 0
    if row["failed"] is not None and moment >= row["failed"]:
        return Standing(FAILED, row["reason"], [], moved)
    if row["ready"] is None or moment < row["ready"]:
        return Standing(UPLOADING if row["size"] else DOWNLOADING, None, [], moved)
    if row["draft"] and (row["posted"] is None or moment < row["posted"]):
        return Standing(INBOX, None, [], moved)
    done = _done(row)
    gone = row["removed"] is not None and moment >= row["removed"]
    visible = row["public"] and moment >= done + row["moderation"] and not gone
    return Standing(COMPLETE, None, [int(row["post_id"])] if visible else [], moved)


def receive(desk: "Desk", row: Row, size: int, moment: float) -> bool:
    """Bytes came in; True once all are there."""
    row["uploaded"] += size
    complete = bool(row["uploaded"] >= row["size"])
    if complete:
        row["ready"] = moment + desk.switches.publish_seconds
        _plan(desk, row)
    desk.writes.changed()
    return complete


def fail(desk: "Desk", row: Row, reason: str, moment: float) -> None:
    """End a publish that has not ended. Events that were still to come do not."""
    desk.webhooks.withdraw(row["id"])
    row["failed"], row["reason"] = moment, reason
    show(desk, row)
    _tell(desk, row, "post.publish.failed", moment, reason=reason)
    desk.writes.changed()


def fail_all_of(desk: "Desk", handle: str, client: str, moment: float) -> None:
    """The authorisation is gone: what is still under way fails."""
    for row in desk.writes.publishes.values():
        if (row["handle"], row["client"]) == (handle, client) and standing(row, moment).status in {UPLOADING, DOWNLOADING}:
            fail(desk, row, "auth_removed", moment)


def finish(desk: "Desk", row: Row, moment: float, *, public: bool) -> None:
    """The person posts the draft from their inbox."""
    row["posted"], row["public"] = moment, public
    _make(desk, row, moment)
    _tell_done(desk, row, moment)
    desk.writes.changed()


def remove(desk: "Desk", row: Row, moment: float) -> None:
    """The post stops being public."""
    row["removed"] = moment
    show(desk, row)
    _tell(desk, row, NO_LONGER_PUBLIC[row["api"]], moment, post_id=_post_id(row))
    desk.writes.changed()


def show(desk: "Desk", row: Row) -> None:
    """Let the world know of the post, as far as everybody may see it; after a new world as well."""
    world, published = desk.world, None
    profile = world.profile(row["handle"])
    if profile is None:  # a numbered account that is gone
        return
    if row["public"] and row.get("created") is not None and row["failed"] is None:  # state files of earlier versions know no such second
        appears = int(_done(row) + row["moderation"])
        post = published_post(
            profile,
            world.seed,
            row["mark"],
            item_id=row["post_id"],
            created=row["created"],
            appears=appears,
            caption=row["caption"],
            is_photo=row["is_photo"],
        )
        published = Published(post, appears, None if row["removed"] is None else int(row["removed"]), row["number"])
    world.put(row["handle"], row["id"], published)


def begun_since(desk: "Desk", since: float, moment: float) -> list[Row]:
    return [row for row in desk.writes.publishes.values() if since < row["made"] <= moment]


def posts_today(desk: "Desk", handle: str, moment: float) -> int:
    """What an account has had published through the API for Business since 00:00 UTC."""
    midnight = moment - moment % DAY
    return sum(
        row["api"] == BUSINESS and row["handle"] == handle and midnight <= row["made"] <= moment for row in desk.writes.publishes.values()
    )


def _plan(desk: "Desk", row: Row) -> None:
    """Queue the events of what will happen unless something comes between."""
    if row["ready"] is None:
        return
    if row["reason"]:
        row["failed"] = row["ready"]
        _tell(desk, row, "post.publish.failed", row["ready"], reason=row["reason"])
    elif not row["draft"]:
        _make(desk, row, row["ready"])
        _tell_done(desk, row, row["ready"])
    elif row["api"] == OPEN:
        _tell(desk, row, "post.publish.inbox_delivered", row["ready"])


def _done(row: Row) -> float:
    """When the person, or TikTok for them, has posted it."""
    done: float = row["posted"] if row["draft"] else row["ready"]
    return done


def _make(desk: "Desk", row: Row, moment: float) -> None:
    """The post has a second of its own and an id from now on."""
    second, world = int(moment), desk.world
    if world.profile(row["handle"]) is not None:
        while not world.feed(row["handle"]).is_free(second):
            second -= 1
    row["created"], row["post_id"] = second, item_id_for(second, row["mark"])
    show(desk, row)


def _tell_done(desk: "Desk", row: Row, at: float) -> None:
    _tell(desk, row, "post.publish.complete", at)
    if row["public"]:
        _tell(desk, row, NOW_PUBLIC, at + row["moderation"], post_id=_post_id(row))


def _post_id(row: Row) -> int | str:
    """A bare number in the API for Business, a string in the other."""
    return int(row["post_id"]) if row["api"] == BUSINESS else str(row["post_id"])


def _tell(desk: "Desk", row: Row, event: str, at: float, **more: Any) -> None:
    kind = "DIRECT_PUBLISH" if row["api"] == BUSINESS else "INBOX_SHARE" if row["draft"] else "DIRECT_POST"
    content = {"publish_id": row["id"], **more, "publish_type": kind}
    desk.tell(event, row["handle"], row["client"], content, kind="VIDEO", at=at, key=row["id"])
