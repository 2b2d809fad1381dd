"""The published sample: one account, two weeks whose figures are known beforehand. Everything is fitted around them with whole numbers.

In the anchor week eleven posts are made; together with the tails of older posts they give the day totals below. These eleven
posts, and the follower count, stand still after the week's Sunday. In the week before, the day totals are fitted as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tiktok_sandbox.world.calendar import DAY
from tiktok_sandbox.world.cast import Profile
from tiktok_sandbox.world.chance import draw, split
from tiktok_sandbox.world.curves import ONE, Curve, Steps, reached
from tiktok_sandbox.world.feed import natural_followers, natural_week
from tiktok_sandbox.world.posts import Post, interactions, item_id_for

HANDLE = "brassorbit3"
VIEWS = (168_400, 195_300, 231_700, 258_120, 224_860, 187_400, 154_400)
VIEWS_BEFORE = (151_900, 160_200, 178_450, 197_030, 189_700, 171_900, 147_265)
ENGAGEMENT, ENGAGEMENT_BEFORE = 80_950, 63_412  # 5.7 % and 5.3 % of the two sums above
GAIN = (62, 81, 109, 140, 115, 60, 45)
GAIN_BEFORE = (57, 74, 90, 109, 96, 78, 60)
TAILS = 215_000  # views that posts of earlier weeks still collect in the anchor week


@dataclass(frozen=True, slots=True)
class Known:
    """A post of the anchor week. Without views it gets a part of what the named ones leave."""

    weekday: int
    hour: int
    minute: int
    caption: str
    seconds: float
    full_rate: int
    views: int = 0
    engagement: int = 0
    weight: int = 0


KNOWN = (
    Known(0, 9, 12, "Answering your lens questions #cinematography", 38.4, 6300, 97_320, 7_202),
    Known(0, 17, 40, "Two flags, one window", 24.1, 4900, weight=30),
    Known(1, 11, 5, "BTS · slow-mo product loop", 19.733, 5700, 186_400, 8_202),
    Known(1, 18, 22, "Gaffer tape, ranked #setlife", 27.9, 5200, weight=19),
    Known(2, 10, 31, "Three lights, one desk #filmtok", 31.2, 5400, 142_650, 8_274),
    Known(2, 19, 3, "What the client saw and what we saw", 22.6, 5000, weight=22),
    Known(3, 9, 47, "Hook test · split-screen tutorial", 28.5, 6100, 208_100, 10_613),
    Known(3, 17, 15, "Cleaning a sensor, carefully", 44.0, 4400, weight=14),
    Known(4, 8, 2, "Quick-cut color grading reel", 17.267, 6800, 412_800, 28_483),
    Known(5, 12, 26, "Saturday set walk", 35.8, 4600, weight=9),
    Known(6, 13, 9, "Sunday reset: charging everything", 15.4, 4800, weight=6),
)
SLOTS_BEFORE = (
    (0, 10, 14),
    (0, 18, 3),
    (1, 12, 40),
    (2, 9, 55),
    (2, 17, 31),
    (3, 11, 20),
    (4, 10, 8),
    (4, 19, 45),
    (5, 13, 17),
    (6, 12, 36),
)
WEIGHTS_BEFORE = (95, 60, 130, 110, 45, 150, 105, 50, 70, 40)


class Sample:
    """Plans the weeks of the sample account around one anchor week."""

    def __init__(self, profile: Profile, seed: int, monday: int) -> None:
        self.profile, self.seed, self.monday = profile, seed, monday
        self.end = monday + 7
        self._marks = self._follower_marks()

    def week(self, monday: int, older: list[Post]) -> list[Post]:
        if monday == self.monday - 7:
            return self._week_before(older)
        if monday == self.monday:
            return self._anchor_week(older)
        # The eleven posts leave no tail, so the weeks after them start stronger, the first one with a post early on its Monday.
        posts = natural_week(self.profile, self.seed, monday, lift={self.end: 1300, self.end + 7: 1100}.get(monday, 1000))
        return [self._opening_post(), *posts] if monday == self.end else posts

    def _opening_post(self) -> Post:
        made, total = self.end * DAY + 6 * 3600 + 917, 214_600 + draw(self.seed, "opening") % 9_000
        likes, comments, shares = interactions(total * 56 // 1000)
        return Post(
            item_id=item_id_for(made, draw(self.seed, "opening", made)),
            handle=HANDLE,
            created=made,
            caption="How the color grading reel was cut #colorgrading",
            duration_ms=46_200,
            media_type="VIDEO",
            course=Curve(made, total, "usual"),
            likes=likes,
            comments=comments,
            shares=shares,
            favorites=likes * 14 // 100,
            full_rate=5_900,
            reach_rate=8_710,
        )

    def followers(self, boundary: int) -> int:
        if boundary >= self.end:
            return self.profile.followers
        if boundary in self._marks:
            return self._marks[boundary]
        start = self.monday - 7
        earlier = replace(self.profile, followers=self._marks[start])
        return natural_followers(earlier, self.seed, start, boundary)

    def _follower_marks(self) -> dict[int, int]:
        count, marks = self.profile.followers, {}
        for back, gain in enumerate(reversed(GAIN_BEFORE + GAIN), start=1):
            count -= gain
            marks[self.end - back] = count
        return marks

    def _week_before(self, older: Sequence[Post]) -> list[Post]:
        start = self.monday - 7
        natural = natural_week(replace(self.profile, posts_a_week=len(SLOTS_BEFORE) + 2), self.seed, start)
        created = [(start + weekday) * DAY + hour * 3600 + minute * 60 + 7 for weekday, hour, minute in SLOTS_BEFORE]
        cells = []  # one row of post parts for each day
        for place, total in enumerate(VIEWS_BEFORE):
            day = start + place
            weights = [
                weight * (reached("usual", (day + 1) * DAY - made) - reached("usual", day * DAY - made) >> 8)
                for weight, made in zip(WEIGHTS_BEFORE, created, strict=True)
            ]
            cells.append(split(total - _views_between(older, day * DAY, (day + 1) * DAY), weights))
        in_week = [sum(row[post] for row in cells) for post in range(len(created))]
        # Their natural tails are scaled so that the anchor week has the room its own posts need.
        at_end = [reached("usual", self.monday * DAY - made) for made in created]
        week_later = [reached("usual", self.end * DAY - made) for made in created]
        natural_tails = sum(views * (late - early) // early for views, early, late in zip(in_week, at_end, week_later, strict=True))
        wanted = TAILS - _views_between(older, self.monday * DAY, self.end * DAY)
        tails = [views * (ONE - early) // early * wanted // natural_tails for views, early in zip(in_week, at_end, strict=True)]

        rates = [90 + draw(self.seed, "rate", made) % 21 for made in created]
        owed = ENGAGEMENT_BEFORE - _engagement_between(older, start * DAY, self.monday * DAY)
        earned = split(owed, [views * rate for views, rate in zip(in_week, rates, strict=True)])
        posts = []
        for place, made in enumerate(created):
            total = in_week[place] + tails[place]
            likes, comments, shares = interactions(earned[place] * total // in_week[place])
            course = _steps(made, start, [row[place] for row in cells], total)
            posts.append(
                replace(
                    natural[place % len(natural)],
                    item_id=item_id_for(made, draw(self.seed, "before", made)),
                    created=made,
                    course=course,
                    likes=likes,
                    comments=comments,
                    shares=shares,
                    favorites=likes // 9,
                )
            )
        return posts

    def _anchor_week(self, older: Sequence[Post]) -> list[Post]:
        created = [(self.monday + post.weekday) * DAY + post.hour * 3600 + post.minute * 60 + 11 for post in KNOWN]
        room = [views - _views_between(older, (self.monday + day) * DAY, (self.monday + day + 1) * DAY) for day, views in enumerate(VIEWS)]
        left = split(sum(room) - sum(post.views for post in KNOWN), [post.weight for post in KNOWN])
        totals = [post.views + part for post, part in zip(KNOWN, left, strict=True)]
        rows = fit(totals, room, [self._wishes(made) for made in created])
        owed = ENGAGEMENT - _engagement_between(older, self.monday * DAY, self.end * DAY) - sum(post.engagement for post in KNOWN)
        earned = split(owed, left)
        return [
            self._known_post(place, created[place], rows[place], KNOWN[place].engagement + earned[place]) for place in range(len(KNOWN))
        ]

    def _wishes(self, made: int) -> list[int]:
        """How a post would like to spread over the week's days; nothing before it exists."""
        days = range(self.monday, self.end)
        return [reached("burst", (day + 1) * DAY - made) - reached("burst", day * DAY - made) for day in days]

    def _known_post(self, place: int, made: int, row: list[int], engagement: int) -> Post:
        known = KNOWN[place]
        likes, comments, shares = interactions(engagement, comments_share=36 + place, shares_share=70 + 2 * place)
        return Post(
            item_id=item_id_for(made, draw(self.seed, "sample", place)),
            handle=HANDLE,
            created=made,
            caption=known.caption,
            duration_ms=int(known.seconds * 1000),
            media_type="VIDEO",
            course=_steps(made, self.monday, row, sum(row)),
            likes=likes,
            comments=comments,
            shares=shares,
            favorites=likes * 13 // 100,
            full_rate=known.full_rate,
            reach_rate=8_640 + 23 * place,
            lasting_visits=True,
        )


def fit(totals: Sequence[int], columns: Sequence[int], wishes: Sequence[Sequence[int]]) -> list[list[int]]:
    """Whole numbers with the given row and column sums, as close in proportion to the wishes as rows and columns allow."""
    cells = [[wish / max(1, *row) for wish in row] for row in wishes]
    for _ in range(400):
        for place, total in enumerate(columns):
            reach = sum(row[place] for row in cells)
            for row in cells:
                row[place] *= total / reach
        for row, total in zip(cells, totals, strict=True):
            reach = sum(row)
            row[:] = [cell * total / reach for cell in row]
    whole = [split(total, [int(cell * 1024) for cell in row]) for row, total in zip(cells, totals, strict=True)]
    spare = [sum(row[place] for row in whole) - total for place, total in enumerate(columns)]
    for place in range(len(columns)):  # rounding left a few units in the wrong column of a row that uses both
        for other in range(len(columns)):
            for row in whole:
                moved = min(max(0, spare[place]), max(0, -spare[other]), row[place]) if row[other] else 0
                row[place] -= moved
                row[other] += moved
                spare[place] -= moved
                spare[other] += moved
    if any(spare):
        raise ArithmeticError("the sample week cannot be fitted")
    return whole


def _steps(made: int, first_day: int, row: Sequence[int], total: int) -> Steps:
    moments, views, so_far = [], [], 0
    for place, cell in enumerate(row):
        end = (first_day + place + 1) * DAY
        if end > made:
            so_far += cell
            moments.append(end)
            views.append(so_far)
    return Steps(made, total, "usual", tuple(moments), tuple(views))


def _views_between(posts: Sequence[Post], start: int, end: int) -> int:
    return sum(post.course.views_at(end) - post.course.views_at(start) for post in posts)


def _engagement_between(posts: Sequence[Post], start: int, end: int) -> int:
    return sum(post.counters_at(end).engagement - post.counters_at(start).engagement for post in posts)
