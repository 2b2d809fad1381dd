"""A post that a client published, among those that are computed: when it is seen, and what it earns. Knows no request and no endpoint."""

from dataclasses import dataclass

from tiktok_sandbox.world.posts import Counters, Post

LAST_PLACE = (1 << 13) - 1  # ids of comments have 13 bits for a post's place; computed posts are counted from the other end


@dataclass(frozen=True, slots=True)
class Published:
    """A post with the time in which everybody sees it. Before it has no views, afterwards no more of them."""

    post: Post
    appears: int
    gone: int | None
    number: int  # among what the account published, from 0

    @property
    def place(self) -> int:
        return LAST_PLACE - self.number

    def is_there(self, moment: int) -> bool:
        return self.appears <= moment and (self.gone is None or moment < self.gone)

    def earned_until(self, moment: int) -> Counters:
        """What it brought its account, also after it is gone: days that are over do not change."""
        return self.post.counters_at(moment if self.gone is None else min(moment, self.gone))
