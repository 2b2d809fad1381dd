"""The truth of local TikTok about comments, and what we hold of it."""

from typing import Any

from agency import scope
from community.models import Comment
from integrations.models import Connection, WebhookEvent
from tests.integrations.steering import make_due
from tests.local_tiktok import LocalTikTok
from tests.work import work_off

FIELDS = ("text", "status", "owner", "replies", "pinned", "liked")


def read_all(connection: Connection, *, rounds: int = 400) -> None:
    """Figures first, then comments until nothing is left to do."""
    work_off("sync")
    work_off("comments", rounds=rounds)


def read_again(connection: Connection) -> None:
    """As if its time had come."""
    make_due("comments", connection)
    work_off("comments", rounds=400)


def posts_of(tiktok: LocalTikTok, handle: str) -> list[dict[str, Any]]:
    """Its posts, the newest first."""
    return sorted(tiktok.account(handle)["posts"], key=lambda one: -one["create_time"])


def truth(tiktok: LocalTikTok, handle: str, item_id: str) -> dict[str, dict[str, Any]]:
    """Every comment under a post, by its id."""
    answer = tiktok.http.get("/__control__/world", params={"account": handle, "limit": 0, "item_id": item_id})
    return {one["comment_id"]: one for one in answer.json()["comments"]}


def listed(told: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What can be read at all: TikTok lists no more than three replies to a hidden comment, and which is its own affair."""
    hidden = {one["comment_id"] for one in told.values() if one["status"] == "HIDDEN"}
    return {key: one for key, one in told.items() if one["parent_comment_id"] not in hidden}


def held(connection: Connection, item_id: str) -> dict[str, dict[str, Any]]:
    """What we hold of a post's comments that TikTok still shows or hides, in TikTok's words."""
    with scope.inside(connection.workspace_id):
        rows = Comment.objects.filter(post__tiktok_item_id=item_id).exclude(shown="deleted").select_related("thread")
        return {
            row.tiktok_comment_id: {
                "comment_id": row.tiktok_comment_id,
                "parent_comment_id": row.thread.tiktok_comment_id if row.is_reply else None,
                "create_time": int(row.said_at.timestamp()),
                "text": row.text,
                "username": row.author_handle,
                "owner": row.is_own,
                "status": "HIDDEN" if row.shown == "hidden" else "PUBLIC",
                "likes": row.likes_count,
                "replies": row.replies_count or 0,
                "pinned": row.is_pinned,
                "liked": row.is_liked,
            }
            for row in rows
        }


def assert_held(connection: Connection, tiktok: LocalTikTok, item_id: str) -> int:
    """Nothing is missing, nothing is there twice or too much, and everything says what TikTok says. Returns how many."""
    told, ours = truth(tiktok, connection_handle(connection), item_id), held(connection, item_id)
    readable = listed(told)
    assert set(ours) <= set(told), "something is here that TikTok does not know"
    assert set(readable) <= set(ours), "something is missing"
    for key, one in readable.items():
        mine = ours[key]
        for name in (*FIELDS, "create_time", "username"):
            expected = one[name].replace("\x00", "") if isinstance(one[name], str) else one[name]
            assert mine[name] == expected, (key, name)
        assert mine["parent_comment_id"] == one["parent_comment_id"], key
    return len(readable)


def connection_handle(connection: Connection) -> str:
    """As it is now: the name arrives with the first sync."""
    with scope.inside(connection.workspace_id):
        return Connection.objects.get(pk=connection.pk).handle


def waiting_events(connection: Connection) -> int:
    """Messages of TikTok's that nobody has worked with yet."""
    with scope.inside(connection.workspace_id):
        return WebhookEvent.objects.filter(state=WebhookEvent.State.STORED).count()
