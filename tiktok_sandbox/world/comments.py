"""The comments under one post, computed: as many as its counter says at that moment, the first when the counter reached one.

Events are numbered from 0 in order of time, in blocks of 64. Replies answer a comment of their own block, so that a thread
is found without looking at the whole post.
"""

from bisect import bisect_left
from dataclasses import dataclass

from tiktok_sandbox.world.calendar import DAY
from tiktok_sandbox.world.chance import draw
from tiktok_sandbox.world.posts import Post
from tiktok_sandbox.world.voices import VOICES, Voice, text, voice

BLOCK = 64
LIKES_COME_WITHIN = 3 * DAY
NUMBER_BITS = 19
WRITTEN_FROM = 1 << (NUMBER_BITS - 1)  # numbers of comments that clients wrote, beyond all computed ones
LONGEST_LIFE = 366 * DAY
FIRST_STRETCH = 256  # seconds


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment or reply as it came into the world."""

    comment_id: str
    item_id: str
    parent_id: str | None
    created: int
    text: str
    author: Voice | None  # None: the owner of the post
    hidden: bool = False
    likes: int = 0  # once they have all come
    image: str = ""

    def likes_at(self, moment: int) -> int:
        return self.likes * min(max(0, moment - self.created), LIKES_COME_WITHIN) // LIKES_COME_WITHIN


class Thread:
    """The computed comments of one post. `place` is the post's number within its account.

    What was computed once is remembered as long as the thread is; how many threads are remembered is decided elsewhere.
    """

    def __init__(self, seed: int, post: Post, place: int) -> None:
        self.post, self._seed, self._place = post, seed, place
        self._mask = _mask(seed, post.handle)
        self._chances: list[int] = []
        self._moments: list[int] = []
        self._comments: list[Comment] = []
        self._top: list[int] = []  # numbers of what is no reply
        self._replies: dict[int, list[int]] = {}  # by number, of whole blocks

    @staticmethod
    def place_of(seed: int, handle: str, comment_id: str) -> int:
        """The number of the post within the account, from the id alone."""
        return ((int(comment_id) & 0xFFFFFFFF) ^ _mask(seed, handle)) >> NUMBER_BITS

    def count_at(self, moment: int) -> int:
        return self.post.counters_at(moment).comments

    def number_of(self, comment_id: str) -> int:
        return ((int(comment_id) & 0xFFFFFFFF) ^ self._mask) & ((1 << NUMBER_BITS) - 1)

    def id_for(self, created: int, number: int) -> str:
        return str((created << 32) | (((self._place << NUMBER_BITS) | number) & 0xFFFFFFFF) ^ self._mask)

    def comment(self, number: int) -> Comment:
        while len(self._comments) <= number:
            self._comments.append(self._make(len(self._comments)))
        return self._comments[number]

    def top(self, until: int) -> list[Comment]:
        """Comments that are no replies, among the first `until` events."""
        for number in range(self._top[-1] + 1 if self._top else 0, until):
            if not self.is_reply(number):
                self._top.append(number)
        numbers = self._top[: bisect_left(self._top, until)]
        if numbers:
            self.comment(numbers[-1])  # and with it all before
        return [self._comments[number] for number in numbers]

    def _make(self, number: int) -> Comment:
        chance, parent, created = self._chance(number), self.parent_of(number), self._moment(number)
        by_owner = parent is not None and chance >> 8 & 7 == 0
        return Comment(
            comment_id=self.id_for(created, number),
            item_id=self.post.item_id,
            parent_id=None if parent is None else self.id_for(self._moment(parent), parent),
            created=created,
            text=text(chance >> 30 & 0xFFFF),
            author=None if by_owner else voice(self._seed, (chance >> 46) % VOICES),
            hidden=not by_owner and chance >> 11 & 31 == 3,
            likes=(chance >> 16 & 1023) ** 4 // 10**10,
        )

    def parent_of(self, number: int) -> int | None:
        """The comment that this one answers. Every third block is a lively thread under its first comment."""
        if not self.is_reply(number):
            return None
        head = number - number % BLOCK
        if head // BLOCK % 3 == 0:
            return head
        return next(other for other in range(number - 1, head - 1, -1) if not self.is_reply(other))

    def is_reply(self, number: int) -> bool:
        block, place = divmod(number, BLOCK)
        return place > 0 and self._chance(number) & 0xFF < (112 if block % 3 == 0 else 46)

    def replies_to(self, number: int, until: int) -> list[int]:
        """Numbers of the replies among the first `until` events."""
        if self.is_reply(number):
            return []
        if number not in self._replies:
            self._thread_block(number // BLOCK)
        known = self._replies[number]
        return known[: bisect_left(known, until)]

    def _thread_block(self, block: int) -> None:
        """Who answers whom in a block, as `parent_of` says it one by one."""
        head = last = block * BLOCK
        for number in range(head, head + BLOCK):
            if self.is_reply(number):
                self._replies[head if block % 3 == 0 else last].append(number)
            else:
                last = number
                self._replies[number] = []

    def _chance(self, number: int) -> int:
        while len(self._chances) <= number:
            self._chances.append(draw(self._seed, self.post.item_id, "comment", len(self._chances)))
        return self._chances[number]

    def _moment(self, number: int) -> int:
        """The second in which the counter went past this number."""
        while len(self._moments) <= number:
            post, wanted = self.post, len(self._moments) + 1
            views = -(-wanted * post.course.total // post.comments)
            start, end = self._moments[-1] if self._moments else post.created, post.created + LONGEST_LIFE
            # Mostly it is soon after the one before: looked for in wider and wider stretches, not at once in a year.
            step = FIRST_STRETCH
            while start + step < end and post.course.views_at(start + step) < views:
                start, step = start + step + 1, step * 8
            place = bisect_left(range(start, min(start + step, end)), views, key=post.course.views_at)
            self._moments.append(start + place)
        return self._moments[number]


def _mask(seed: int, handle: str) -> int:
    return draw(seed, handle, "comment ids") & 0xFFFFFFFF
