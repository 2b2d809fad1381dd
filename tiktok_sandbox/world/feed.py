"""The posts and followers of one account. Posts are laid down week by week on demand; a week always comes out the same."""

from bisect import bisect_left
from collections.abc import Callable
from typing import NamedTuple

from tiktok_sandbox.world.calendar import DAY, date_text, day_of, monday_of
from tiktok_sandbox.world.cast import Profile, caption_for
from tiktok_sandbox.world.chance import between, draw
from tiktok_sandbox.world.curves import Curve
from tiktok_sandbox.world.posts import Counters, Post, interactions, item_id_for

# How far one post outdoes another, in thousandths of the typical one; the mean is close to 1,000.
LUCK = (150, 220, 300, 380, 450, 540, 650, 760, 900, 1100, 1400, 1900, 2700)
FOLLOWER_FLOOR = 12


class AccountDay(NamedTuple):
    date: str
    video_views: int
    likes: int
    comments: int
    shares: int
    favorites: int
    profile_views: int
    followers_count: int
    daily_new_followers: int
    daily_lost_followers: int


def natural_week(profile: Profile, seed: int, monday: int, *, lift: int = 1000) -> list[Post]:
    """The posts an account makes in one ordinary week, oldest first. `lift` scales their views, in thousandths."""
    count = max(1, profile.posts_a_week + draw(seed, profile.handle, "count", monday) % 3 - 1)
    taken: dict[int, int] = {}
    for slot in range(count):
        day = monday + (slot * 7 // count + draw(seed, profile.handle, "day", monday, slot) % 2) % 7
        second = day * DAY + between(9 * 3600, 20 * 3600, seed, profile.handle, "second", monday, slot)
        while second in taken:  # the cursor of the video list cannot tell two posts of one second apart
            second += 61
        taken[second] = slot
    return [_natural_post(profile, seed, monday, taken[second], created=second, lift=lift) for second in sorted(taken)]


def _natural_post(profile: Profile, seed: int, monday: int, slot: int, *, created: int, lift: int) -> Post:
    def dice(what: str) -> int:
        return draw(seed, profile.handle, what, monday, slot)

    total = max(3, profile.typical_views * LUCK[dice("luck") % len(LUCK)] * (880 + dice("jitter") % 241) * lift // 1_000_000_000)
    engagement = total * profile.engagement * (800 + dice("engagement") % 401) // 10_000_000
    likes, comments, shares = interactions(engagement, comments_share=28 + dice("comments") % 30, shares_share=55 + dice("shares") % 50)
    is_photo = profile.posts_photos and dice("media") % 9 == 0
    return Post(
        item_id=item_id_for(created, dice("id")),
        handle=profile.handle,
        created=created,
        caption=caption_for(profile, seed, monday // 7, slot),
        duration_ms=0 if is_photo else between(9_000, 58_000, seed, profile.handle, "duration", monday, slot),
        media_type="PHOTO" if is_photo else "VIDEO",
        course=Curve(created, total, ("usual", "usual", "usual", "slow", "burst")[dice("shape") % 5]),
        likes=likes,
        comments=comments,
        shares=shares,
        favorites=likes * (90 + dice("favorites") % 80) // 1000,
        full_rate=min(9_300, profile.full_rate * (700 + dice("full") % 501) // 1000),
        reach_rate=8_200 + dice("reach") % 1_100,
    )


def natural_followers(profile: Profile, seed: int, anchor_end: int, boundary: int) -> int:
    """Followers at the start of a day (at the boundary before it): a steady gain with some unrest, exact at the anchor."""
    unrest = 0
    if boundary != anchor_end:
        unrest = (profile.daily_gain // 1000) * (draw(seed, profile.handle, "unrest", boundary) % 701 - 350) // 1000
    return max(FOLLOWER_FLOOR, profile.followers + profile.daily_gain * (boundary - anchor_end) // 1000 + unrest)


class Feed:
    """Posts and day figures of one account. What it keeps is only a memory of what it computed."""

    def __init__(
        self,
        profile: Profile,
        seed: int,
        *,
        first_monday: int,
        week: Callable[[int, list[Post]], list[Post]],
        followers: Callable[[int], int],
    ) -> None:
        self.profile, self.seed, self.first_day = profile, seed, first_monday
        self._week, self._followers, self._next_monday = week, followers, first_monday
        self._posts: list[Post] = []
        self._created: list[int] = []
        self._boundaries: dict[int, Counters] = {}
        self._days: dict[int, AccountDay] = {}
        self._latest: tuple[int, Counters] = (-1, Counters(0, 0, 0, 0, 0))

    def posts_until(self, moment: int) -> list[Post]:
        """Posts made before the moment, oldest first."""
        while self._next_monday <= monday_of(day_of(moment)):
            fresh = self._week(self._next_monday, self._posts)
            self._posts += fresh
            self._created += [post.created for post in fresh]
            self._next_monday += 7
        return self._posts[: bisect_left(self._created, moment)]

    def find(self, item_id: str, moment: int) -> Post | None:
        self.posts_until(moment)
        place = bisect_left(self._created, int(item_id) >> 32) if item_id.isdigit() else len(self._created)
        if place < len(self._posts) and self._posts[place].item_id == item_id and self._created[place] < moment:
            return self._posts[place]
        return None

    def place(self, post: Post) -> int:
        """The number of a post within the account, counted from the oldest."""
        return bisect_left(self._created, post.created)

    def nth(self, place: int, moment: int) -> Post | None:
        self.posts_until(moment)
        return self._posts[place] if place < len(self._posts) and self._created[place] < moment else None

    def totals_at(self, moment: int) -> Counters:
        """The account's lifetime totals: the sum of its posts' counters."""
        if moment == self._latest[0]:
            return self._latest[1]
        sums = [0, 0, 0, 0, 0]
        for post in self.posts_until(moment):
            for place, value in enumerate(post.counters_at(moment)):
                sums[place] += value
        total = Counters(*sums)
        self._latest = (moment, total)
        return total

    def followers_at(self, moment: int) -> int:
        day, rest = divmod(moment, DAY)
        start = self._followers(day)
        return start + (self._followers(day + 1) - start) * rest // DAY

    def day(self, day: int) -> AccountDay:
        """What happened on one whole UTC day."""
        if day not in self._days:
            self._days[day] = self._make_day(day)
        return self._days[day]

    def _make_day(self, day: int) -> AccountDay:
        before, after = self._at_boundary(day), self._at_boundary(day + 1)
        views, likes, comments, shares, favorites = (late - early for late, early in zip(after, before, strict=True))
        count = self._followers(day + 1)
        net = count - self._followers(day)
        lost = max(-net, 1 + draw(self.seed, self.profile.handle, "lost", day) % (2 + abs(net) // 3 + self.profile.followers // 2500))
        visits = views * (90 + draw(self.seed, self.profile.handle, "visits", day) % 70) // 10_000
        return AccountDay(date_text(day), views, likes, comments, shares, favorites, visits, count, net + lost, lost)

    def _at_boundary(self, day: int) -> Counters:
        if day not in self._boundaries:
            self._boundaries[day] = self.totals_at(day * DAY)
        return self._boundaries[day]
