"""The comments under ads as they stand. Those of a Spark Ad are its post's, the very same; others have their own. Knows no endpoint."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tiktok_sandbox.commenting import Comments
from tiktok_sandbox.endpoints import Desk
from tiktok_sandbox.world import adcomments
from tiktok_sandbox.world.adbook import Book
from tiktok_sandbox.world.adentities import Ad, Group
from tiktok_sandbox.world.calendar import DAY
from tiktok_sandbox.world.comments import Comment


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment and the ad under which it is told."""

    comment: Comment
    ad: Ad
    is_hidden: bool
    likes: int
    replies: int
    is_pinned: bool


class AdComments:
    """Those of one ad account at one moment."""

    def __init__(self, desk: Desk, book: Book, now: int) -> None:
        self._desk, self._book, self._now = desk, book, now
        book.until(now)

    def group(self, group_id: str) -> Group | None:
        return next((one for one in self._book.existing("adgroup", self._now) if one.id == group_id), None)

    def of_group(self, group: Group, *, since: int, until: int) -> list[Remark]:
        """Said from one moment to another, each once however many ads of the group show its post, in order of time."""
        found: dict[str, Remark] = {}
        for ad in group.ads:
            if ad.created <= self._now:
                for remark in self._of_ad(ad, since, until):
                    found.setdefault(remark.comment.comment_id, remark)
        return sorted(found.values(), key=lambda one: (one.comment.created, one.comment.comment_id))

    def find(self, comment_id: str) -> Remark | None:
        """A comment by its id alone; the id tells when it was said."""
        if not comment_id.isdecimal() or len(comment_id) > 19:
            return None
        second = int(comment_id) >> 32
        for group in self._book.existing("adgroup", self._now):
            for remark in self.of_group(group, since=second, until=second + 1):
                if remark.comment.comment_id == comment_id:
                    return remark
        return None

    def replies(self, remark: Remark) -> list[Remark]:
        """Below a comment, in order of time. Under an ad they come within a day."""
        since = remark.comment.created
        until = self._now + 1 if remark.ad.post is not None else since + DAY
        found = self._of_ad(remark.ad, since, until)
        return [one for one in found if one.comment.parent_id == remark.comment.comment_id]

    def _of_ad(self, ad: Ad, since: int, until: int) -> Iterator[Remark]:
        if ad.post is not None:
            comments = Comments(self._desk, ad.post, self._now)
            for one in comments.all():
                if since <= one.created < until:
                    hidden, likes = comments.is_hidden(one), comments.likes(one)
                    yield Remark(one, ad, hidden, likes, comments.reply_count(one), comments.is_pinned(one))
            return
        writes = self._desk.writes
        said = adcomments.under(self._desk.world.seed, ad, since=since - since % DAY, until=min(until, self._now + 1))
        there = [one for one in said if one.comment_id not in writes.deleted and one.parent_id not in writes.deleted]
        for one in there:
            if one.created < since:
                continue
            text = writes.edited.get(one.comment_id, one.text)
            hidden = writes.hidden.get(one.comment_id, one.hidden)
            count = sum(other.parent_id == one.comment_id for other in there)
            yield Remark(replace(one, text=text), ad, hidden, one.likes_at(self._now), count, is_pinned=False)
