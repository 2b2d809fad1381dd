"""Comments as they stand: what the world computes, and what clients wrote, hid, liked, pinned or deleted. Knows no endpoint."""

from functools import lru_cache

from tiktok_sandbox.endpoints import Desk
from tiktok_sandbox.world.comments import WRITTEN_FROM, Comment, Thread
from tiktok_sandbox.world.feed import Feed
from tiktok_sandbox.world.posts import Post


@lru_cache(maxsize=32)
def _thread(seed: int, post: Post, place: int) -> Thread:
    return Thread(seed, post, place)


class Comments:
    """The comments under one post at one moment."""

    def __init__(self, desk: Desk, post: Post, moment: int) -> None:
        self.post, self.moment, self._writes = post, moment, desk.writes
        feed = desk.world.feed(post.handle)
        self._thread = _thread(desk.world.seed, post, feed.place(post))
        self._count = self._thread.count_at(moment)

    def all(self) -> list[Comment]:
        """Comments and replies in order of time; what was deleted is gone, and with a comment its replies."""
        found = [self._thread.comment(number) for number in range(self._count)] + self._written()
        return [one for one in found if not self._is_gone(one)]

    def top(self) -> list[Comment]:
        found = self._thread.top(self._count) + [one for one in self._written() if one.parent_id is None]
        return [one for one in found if not self._is_gone(one)] if self._writes.deleted else found

    def replies(self, parent: Comment) -> list[Comment]:
        number = self._thread.number_of(parent.comment_id)
        numbers = self._thread.replies_to(number, self._count) if number < WRITTEN_FROM else []
        found = [self._thread.comment(one) for one in numbers]
        found += [one for one in self._written() if one.parent_id == parent.comment_id]
        return [one for one in found if not self._is_gone(one)]

    def reply_count(self, parent: Comment) -> int:
        return len(self.replies(parent))

    def find(self, comment_id: str) -> Comment | None:
        number = self._thread.number_of(comment_id)
        if number >= WRITTEN_FROM:
            found = next((one for one in self._written() if one.comment_id == comment_id), None)
        elif number < self._count:
            found = self._thread.comment(number)
        else:
            found = None
        return found if found is not None and found.comment_id == comment_id and not self._is_gone(found) else None

    def is_hidden(self, comment: Comment) -> bool:
        return self._writes.hidden.get(comment.comment_id, comment.hidden)

    def is_liked(self, comment: Comment) -> bool:
        return comment.comment_id in self._writes.liked

    def is_pinned(self, comment: Comment) -> bool:
        return self._writes.pinned.get(self.post.item_id) == comment.comment_id

    def likes(self, comment: Comment) -> int:
        return comment.likes_at(self.moment) + self.is_liked(comment)

    def write(self, text: str, parent: Comment | None, image: str) -> Comment:
        """A comment by the owner of the post, now."""
        number = WRITTEN_FROM + self._writes.next_number() % WRITTEN_FROM
        comment = Comment(
            self._thread.id_for(self.moment, number), self.post.item_id, parent and parent.comment_id, self.moment, text, None, image=image
        )
        row = {"id": comment.comment_id, "parent": comment.parent_id, "created": comment.created, "text": text, "image": image}
        self._writes.comments.setdefault(self.post.item_id, []).append(row)
        self._writes.changed()
        return comment

    def _written(self) -> list[Comment]:
        return [
            Comment(row["id"], self.post.item_id, row["parent"], row["created"], row["text"], None, image=row["image"])
            for row in self._writes.comments.get(self.post.item_id, ())
            if row["created"] <= self.moment
        ]

    def _is_gone(self, comment: Comment) -> bool:
        return comment.comment_id in self._writes.deleted or comment.parent_id in self._writes.deleted


def post_of(feed: Feed, comment_id: str, moment: int) -> Post | None:
    """The post a comment's id belongs to; calls that name only the comment need it."""
    if not comment_id.isdecimal() or len(comment_id) > 20:
        return None
    return feed.nth(Thread.place_of(feed.seed, feed.profile.handle, comment_id), moment)
