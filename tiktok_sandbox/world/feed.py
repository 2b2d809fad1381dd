"""The posts and followers of one account. Posts are laid down week by week on demand; a week always comes out the same.

Posts that clients published stand beside the computed ones, which never depend on them.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import NamedTuple

from tiktok_sandbox.world.calendar import DAY, date_text, day_of, monday_of
from tiktok_sandbox.world.cast import Profile, caption_for
from tiktok_sandbox.world.chance import between, draw
from tiktok_sandbox.world.curves import Curve
from tiktok_sandbox.world.posts import Counters, Post, interactions, item_id_for
from tiktok_sandbox.world.published import Published

# How far one post outdoes another, in thousandths of the typical one; the mean is close to 1,000.
LUCK = (150, 220, 300, 380, 450, 540, 650, 760, 900, 1100, 1400, 1900, 2700)
FOLLOWER_FLOOR = 12
SHORTEST_MS, LONGEST_MS = 9_000, 58_000
NONE = Counters(0, 0, 0, 0, 0)


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

    return made_post(
        profile,
        dice,
        item_id=item_id_for(created, dice("id")),
        created=created,
        starts=created,
        caption=caption_for(profile, seed, monday // 7, slot),
        is_photo=profile.posts_photos and dice("media") % 9 == 0,
        lift=lift,
    )


def made_post(
    profile: Profile,
    dice: Callable[[str], int],
    *,
    item_id: str,
    created: int,
    starts: int,
    caption: str,
    is_photo: bool,
    lift: int = 1000,
) -> Post:
    """A post that does about as well as its account's posts do. Views begin when it `starts` to be seen."""
    total = max(3, profile.typical_views * LUCK[dice("luck") % len(LUCK)] * (880 + dice("jitter") % 241) * lift // 1_000_000_000)
    engagement = total * profile.engagement * (800 + dice("engagement") % 401) // 10_000_000
    likes, comments, shares = interactions(engagement, comments_share=28 + dice("comments") % 30, shares_share=55 + dice("shares") % 50)
    return Post(
        item_id=item_id,
        handle=profile.handle,
        created=created,
        caption=caption,
        duration_ms=0 if is_photo else SHORTEST_MS + dice("duration") % (LONGEST_MS - SHORTEST_MS + 1),
        media_type="PHOTO" if is_photo else "VIDEO",
        course=Curve(starts, total, ("usual", "usual", "usual", "slow", "burst")[dice("shape") % 5]),
        likes=likes,
        comments=comments,
        shares=shares,
        favorites=likes * (90 + dice("favorites") % 80) // 1000,
        full_rate=min(9_300, profile.full_rate * (700 + dice("full") % 501) // 1000),
        reach_rate=8_200 + dice("reach") % 1_100,
    )


def published_post(
    profile: Profile,
    seed: int,
    mark: int,
    *,
    item_id: str,
    created: int,
    appears: int,
    caption: str,
    is_photo: bool,
) -> Post:
    """What a client published, as a post like the account's others. Nobody looked at the file, so that its length is chance."""

    def dice(what: str) -> int:
        return draw(seed, profile.handle, "published", mark, what)

    return made_post(profile, dice, item_id=item_id, created=created, starts=appears, caption=caption, is_photo=is_photo)


def natural_followers(profile: Profile, seed: int, anchor_end: int, boundary: int) -> int:
    """Followers at the start of a day (at the boundary before it): a steady gain with some unrest, exact at the anchor."""
    unrest = 0
    if boundary != anchor_end:
        unrest = (profile.daily_gain // 1000) * (draw(seed, profile.handle, "unrest", boundary) % 701 - 350) // 1000
    return max(FOLLOWER_FLOOR, profile.followers + profile.daily_gain * (boundary - anchor_end) // 1000 + unrest)


def summed(counters: Iterable[Counters]) -> Counters:
    sums = [0, 0, 0, 0, 0]
    for one in counters:
        for place, value in enumerate(one):
            sums[place] += value
    return Counters(*sums)


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
        self._latest: tuple[int, Counters] = (-1, NONE)
        self._published: tuple[Published, ...] = ()  # oldest first

    def take(self, published: Iterable[Published]) -> None:
        """These are now the posts that clients published on this account."""
        self._published = tuple(sorted(published, key=lambda one: one.post.created))
        self._days.clear()

    def computed_until(self, moment: int) -> list[Post]:
        """Computed posts made before the moment, oldest first. What is computed from posts stands on these alone."""
        while self._next_monday <= monday_of(day_of(moment)):
            fresh = self._week(self._next_monday, self._posts)
            self._posts += fresh
            self._created += [post.created for post in fresh]
            self._next_monday += 7
        return self._posts[: bisect_left(self._created, moment)]

    def posts_until(self, moment: int, *, before: int | None = None) -> list[Post]:
        """Posts to be seen at the moment, oldest first; `before` keeps those made before it."""
        posts = self.computed_until(moment if before is None else min(moment, before))
        added = [one.post for one in self._published if one.is_there(moment) and (before is None or one.post.created < before)]
        return sorted([*posts, *added], key=lambda post: post.created) if added else posts

    def find(self, item_id: str, moment: int) -> Post | None:
        self.computed_until(moment)
        place = bisect_left(self._created, int(item_id) >> 32) if item_id.isdigit() else len(self._created)
        if place < len(self._posts) and self._posts[place].item_id == item_id and self._created[place] < moment:
            return self._posts[place]
        return next((one.post for one in self._published if one.post.item_id == item_id and one.is_there(moment)), None)

    def is_free(self, second: int) -> bool:
        """Whether no post was made in this second: cursors of lists could not tell two of them apart."""
        self.computed_until(second)
        place = bisect_left(self._created, second)
        return self._created[place : place + 1] != [second] and all(one.post.created != second for one in self._published)

    def place(self, post: Post) -> int:
        """The number of a post within the account: computed ones from the oldest on, published ones from the other end."""
        place = bisect_left(self._created, post.created)
        if place < len(self._posts) and self._posts[place].item_id == post.item_id:
            return place
        return next(one.place for one in self._published if one.post.item_id == post.item_id)

    def nth(self, place: int, moment: int) -> Post | None:
        self.computed_until(moment)
        if place < len(self._posts):
            return self._posts[place] if self._created[place] < moment else None
        return next((one.post for one in self._published if one.place == place and one.is_there(moment)), None)

    def totals_at(self, moment: int) -> Counters:
        """The account's lifetime totals: the sum of the counters of the posts that are to be seen."""
        return summed((self._computed_totals(moment), *(one.post.counters_at(moment) for one in self._published if one.is_there(moment))))

    def _computed_totals(self, moment: int) -> Counters:
        if moment != self._latest[0]:
            self._latest = (moment, summed(post.counters_at(moment) for post in self.computed_until(moment)))
        return self._latest[1]

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
        before, after = self._earned_until(day), self._earned_until(day + 1)
        views, likes, comments, shares, favorites = (late - early for late, early in zip(after, before, strict=True))
        count = self._followers(day + 1)
        net = count - self._followers(day)
        lost = max(-net, 1 + draw(self.seed, self.profile.handle, "lost", day) % (2 + abs(net) // 3 + self.profile.followers // 2500))
        visits = views * (90 + draw(self.seed, self.profile.handle, "visits", day) % 70) // 10_000
        return AccountDay(date_text(day), views, likes, comments, shares, favorites, visits, count, net + lost, lost)

    def _earned_until(self, day: int) -> Counters:
        """All that posts ever brought in before this day, also those that are gone."""
        if day not in self._boundaries:
            self._boundaries[day] = self._computed_totals(day * DAY)
        return summed((self._boundaries[day], *(one.earned_until(day * DAY) for one in self._published)))
