"""What posts gained by day, out of looks at them: what is counted, what is a gap, and that it is what the looks say."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from agency import clock, scope
from integrations.tiktok.records import PostRecord
from metrics import subject_queries as subjects
from metrics.models import Account, GainedDay, Post
from metrics.store import keep_posts
from tests.metrics.planting import a_call, never_analysed, plant_account, plant_days, rows_read
from tests.people import Cast

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
MONDAY = datetime(2026, 5, 18, 9, tzinfo=UTC)
LAST_MONTH = datetime(2026, 4, 1, tzinfo=UTC)
_SUMS = ("looks_count", "begun_count", "lacking_count", "views", "likes", "comments", "shares")


@pytest.fixture
def shy(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """An account that allows its posts and not its days."""
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    with scope.inside(cast.brass.pk):
        yield plant_account(cast.admin, "shy", scopes=["user.info.basic", "video.list"])


def look(account: Account, at: datetime, *posts: tuple[str, datetime, int | None], likes: int | None = 0) -> None:
    """All of these posts at one moment, as a sync keeps them."""
    records = [
        PostRecord(**dict.fromkeys(PostRecord.__dataclass_fields__) | {
            "item_id": item, "created_at": created, "video_views": views, "likes": likes, "comments": 0, "shares": 0,
        })
        for item, created, views in posts
    ]  # fmt: skip
    keep_posts(account, records, call_id=a_call(account).pk, now=at)


def views_of(cast: Cast, first: date, last: date) -> list[int | None]:
    (period,) = subjects.periods(subjects.everything(cast.admin).workspace(), [(first, last)])
    return [d.views for d in period.days]


def days(number: int) -> timedelta:
    return timedelta(days=number)


def test_a_day_has_what_posts_gained_since_the_look_before(cast: Cast, shy: Account) -> None:
    new = MONDAY + days(2)
    look(shy, MONDAY, ("1", LAST_MONTH, 1000), ("2", LAST_MONTH, 500))
    look(shy, MONDAY + timedelta(hours=3), ("1", LAST_MONTH, 1010))
    look(shy, MONDAY + days(1), ("1", LAST_MONTH, 1100), ("2", LAST_MONTH, 480))
    look(shy, MONDAY + days(2), ("1", LAST_MONTH, 1100))
    look(shy, new + timedelta(hours=1), ("3", new, 40))
    look(shy, MONDAY + days(4), ("2", LAST_MONTH, 530), ("3", new, 45))
    # Monday: nobody knows what the posts had before. Tuesday: 90, and TikTok lowered the other. Wednesday: a new post from nothing.
    # Thursday: nobody looked. Friday: 50 since Tuesday, and 5.
    assert views_of(cast, MONDAY.date(), MONDAY.date() + days(4)) == [None, 90, 40, None, 55]
    (monday, *_) = GainedDay.objects.order_by("date")
    assert (monday.looks_count, monday.begun_count, monday.views) == (3, 2, 10)


def test_what_tiktok_leaves_out_is_a_gap_and_not_a_fall(cast: Cast, shy: Account) -> None:
    look(shy, MONDAY, ("1", LAST_MONTH, 1000), likes=10)
    look(shy, MONDAY + days(1), ("1", LAST_MONTH, None), likes=10)
    look(shy, MONDAY + days(2), ("1", LAST_MONTH, 1200), likes=None)
    look(shy, MONDAY + days(3), ("1", LAST_MONTH, 1300), likes=40)
    look(shy, MONDAY + days(4), ("1", LAST_MONTH, 1400), likes=50)
    (period,) = subjects.periods(subjects.everything(cast.admin).workspace(), [(MONDAY.date(), MONDAY.date() + days(4))])
    assert [d.views for d in period.days] == [None, None, None, 100, 100]
    assert [d.likes for d in period.days] == [None, None, None, None, 10]
    assert period.engagement_rate == 10 / 100
    assert period.missing == tuple(MONDAY.date() + days(n) for n in range(3))


def test_tiktoks_own_days_go_first(cast: Cast, shy: Account) -> None:
    look(shy, MONDAY, ("1", LAST_MONTH, 1000))
    look(shy, MONDAY + days(1), ("1", LAST_MONTH, 1100))
    plant_days(shy, [MONDAY.date()], video_views=7777)  # of a consent that was wider
    assert views_of(cast, MONDAY.date(), MONDAY.date() + days(1)) == [None, 100]
    open_one = plant_account(cast.admin, "open")
    plant_days(open_one, [MONDAY.date() + days(1)], video_views=3)
    whole = subjects.everything(cast.admin)
    assert not whole.workspace().is_read_by_looks
    of_shy = whole.of_account(shy.connection_id)
    assert of_shy is not None
    (period,) = subjects.periods(of_shy, [(MONDAY.date(), MONDAY.date() + days(1))])
    assert period.views == 100


def test_the_sum_of_days_is_the_difference_of_lifetime_counters(cast: Cast, shy: Account) -> None:
    look(shy, MONDAY, *((str(n), LAST_MONTH, 100 * n) for n in range(1, 6)))
    for step in range(1, 30):
        at = MONDAY + timedelta(hours=7 * step)
        look(shy, at, *((str(n), LAST_MONTH, 100 * n + 3 * step * n) for n in range(1, 6) if (step + n) % 3))
    kept = GainedDay.objects.order_by("date")
    assert sum(day.views for day in kept) == sum(p.views or 0 for p in Post.objects.all()) - 1500
    assert sum(day.looks_count for day in kept) == sum(p.snapshots.count() for p in Post.objects.all())


def summed_anew() -> dict[date, dict[str, int]]:
    """The same, from all looks at once, in Python."""
    posts = list(Post.objects.prefetch_related("snapshots"))
    begun_at = min(post.first_seen_at for post in posts)
    found: dict[date, Counter[str]] = {}
    for post in posts:
        for before, now in pairwise([None, *sorted(post.snapshots.all(), key=lambda look: look.hour)]):
            gained: dict[str, int | None] = {}
            for name in ("views", "likes", "comments", "shares"):
                had = getattr(before, name) if before else (0 if post.created_at >= begun_at else None)
                has = getattr(now, name)
                gained[name] = None if has is None or had is None else max(has - had, 0)
            views, *parts = gained.values()
            day = found.setdefault(now.hour.date(), Counter())
            day["looks_count"] += 1
            if views is None:
                day["begun_count"] += 1
                continue
            day["views"] += views
            if None in parts:
                day["lacking_count"] += 1
            else:
                day.update({name: gained[name] for name in ("likes", "comments", "shares")})
    return {day: {name: counts[name] for name in _SUMS} for day, counts in found.items()}


def test_what_is_kept_in_step_is_what_all_looks_say(cast: Cast, shy: Account) -> None:
    look(shy, MONDAY, ("1", LAST_MONTH, 1000), ("2", LAST_MONTH, None))
    for n in range(1, 12):
        at = MONDAY + timedelta(hours=9 * n)
        look(shy, at, ("1", LAST_MONTH, 1000 + 7 * n), ("2", LAST_MONTH, 5 * n), (f"new{n}", at, n), likes=None if n == 5 else n)
    kept = {day.date: {name: getattr(day, name) for name in _SUMS} for day in GainedDay.objects.all()}
    assert kept == summed_anew()
    assert len(kept) == 5


def test_looking_twice_in_an_hour_and_erasing_leave_it_in_step(cast: Cast, shy: Account) -> None:
    look(shy, MONDAY, ("1", LAST_MONTH, 1000))
    look(shy, MONDAY + days(1), ("1", LAST_MONTH, 1100))
    look(shy, MONDAY + days(1) + timedelta(minutes=5), ("1", LAST_MONTH, 1150))
    assert views_of(cast, MONDAY.date() + days(1), MONDAY.date() + days(1)) == [100]
    shy.connection.delete()
    assert not GainedDay.objects.exists()


def test_a_page_of_posts_reads_the_account_once_and_not_once_for_each_post(shy: Account) -> None:
    """A table that nobody has analysed yet, as in a first sync, must not mislead the planner."""
    never_analysed("metrics_post")
    posts = [(str(n), LAST_MONTH, n) for n in range(400)]
    for start in range(0, 380, 20):
        look(shy, MONDAY, *posts[start : start + 20])
    before = rows_read("metrics_post")
    look(shy, MONDAY, *posts[380:])
    assert rows_read("metrics_post") - before < 6 * len(posts)
