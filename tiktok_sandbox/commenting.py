"""Comments as they stand: what the world computes, and what clients wrote, hid, liked, pinned or deleted. Knows no endpoint."""

from collections import defaultdict
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Any

from tiktok_sandbox.endpoints import Desk
from tiktok_sandbox.world.comments import WRITTEN_FROM, Comment, Thread
from tiktok_sandbox.world.feed import Feed
from tiktok_sandbox.world.posts import Post
from tiktok_sandbox.world.voices import voice


@lru_cache(maxsize=32)
def _thread(seed: int, post: Post, place: int) -> Thread:
    return Thread(seed, post, place)


class Comments:
    """The comments under one post at one moment."""

    def __init__(self, desk: Desk, post: Post, moment: int) -> None:
        self.post, self.moment, self._writes, self._seed = post, moment, desk.writes, desk.world.seed
        feed = desk.world.feed(post.handle)
        self._thread = _thread(desk.world.seed, post, feed.place(post))
        self._count = self._thread.count_at(moment)

    def all(self) -> list[Comment]:
        """Comments and replies in order of time; what was deleted is gone, and with a comment its replies."""
        return self._as_they_stand([self._thread.comment(number) for number in range(self._count)] + list(self._written.values()))

    def top(self) -> list[Comment]:
        return self._as_they_stand(self._thread.top(self._count) + self._written_below.get(None, []))

    def replies(self, parent: Comment) -> list[Comment]:
        number = self._thread.number_of(parent.comment_id)
        numbers = self._thread.replies_to(number, self._count) if number < WRITTEN_FROM else []
        return self._as_they_stand([self._thread.comment(one) for one in numbers] + self._written_below.get(parent.comment_id, []))

    def reply_count(self, parent: Comment) -> int:
        return len(self.replies(parent))

    def find(self, comment_id: str) -> Comment | None:
        number = self._thread.number_of(comment_id)
        if number >= WRITTEN_FROM:
            found = self._written.get(comment_id)
        elif number < self._count:
            found = self._thread.comment(number)
        else:
            found = None
        return next(iter(self._as_they_stand([found])), None) if found is not None and found.comment_id == comment_id else None

    def is_hidden(self, comment: Comment) -> bool:
        return self._writes.hidden.get(comment.comment_id, comment.hidden)

    def is_liked(self, comment: Comment) -> bool:
        return comment.comment_id in self._writes.liked

    def is_pinned(self, comment: Comment) -> bool:
        return self._writes.pinned.get(self.post.item_id) == comment.comment_id

    def likes(self, comment: Comment) -> int:
        return comment.likes_at(self.moment) + self.is_liked(comment)

    def write(self, text: str, parent: Comment | None, image: str, *, by: int | None = None) -> Comment:
        """A comment, now: by the owner of the post, or by one of the world's voices."""
        number = WRITTEN_FROM + self._writes.next_number() % WRITTEN_FROM
        row = {
            "id": self._thread.id_for(self.moment, number),
            "parent": parent and parent.comment_id,
            "created": self.moment,
            "text": text,
            "image": image,
            "voice": by,
        }
        self._writes.comments.setdefault(self.post.item_id, []).append(row)
        self._writes.changed()
        return self._from(row)

    def _from(self, row: dict[str, Any]) -> Comment:
        author = None if row.get("voice") is None else voice(self._seed, row["voice"])
        return Comment(row["id"], self.post.item_id, row["parent"], row["created"], row["text"], author, image=row["image"])

    @cached_property
    def _written(self) -> dict[str, Comment]:
        rows = self._writes.comments.get(self.post.item_id, ())
        return {row["id"]: self._from(row) for row in rows if row["created"] <= self.moment}

    @cached_property
    def _written_below(self) -> dict[str | None, list[Comment]]:
        below = defaultdict(list)
        for one in self._written.values():
            below[one.parent_id].append(one)
        return below

    def _as_they_stand(self, found: list[Comment]) -> list[Comment]:
        """Without what is gone, and with what their authors made of them."""
        if self._writes.deleted:
            found = [one for one in found if not self._is_gone(one)]
        edited = self._writes.edited
        return [replace(one, text=edited[one.comment_id]) if one.comment_id in edited else one for one in found] if edited else found

    def _is_gone(self, comment: Comment) -> bool:
        return comment.comment_id in self._writes.deleted or comment.parent_id in self._writes.deleted


def post_of(feed: Feed, comment_id: str, moment: int) -> Post | None:
    """The post a comment's id belongs to; calls that name only the comment need it."""
    if not comment_id.isdecimal() or len(comment_id) > 20:
        return None
    return feed.nth(Thread.place_of(feed.seed, feed.profile.handle, comment_id), moment)
