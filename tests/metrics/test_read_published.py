"""What was published on which day, and that the posts at both ends of a ranking are those that all posts, sorted, have there."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from agency import scope
from agency.models import Brand
from metrics.models import Account, Post
from metrics.published_queries import SETTLED_AFTER, ends_later, published_later, together
from metrics.subject_queries import Subject, everything
from tests.metrics.planting import plant_account, plant_post
from tests.people import Cast

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
MONDAY = date(2026, 5, 18)
SUNDAY = MONDAY + timedelta(days=6)
NOW = datetime(2026, 5, 24, 15, 30, tzinfo=UTC)
MOST = 3


def test_published_posts_are_counted_by_utc_day_without_those_that_went(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        account = plant_account(cast.admin, "a")
        plant_post(account, datetime(2026, 5, 17, 23, 59, 59, tzinfo=UTC))
        plant_post(account, datetime(2026, 5, 18, 0, 0, tzinfo=UTC), views=100, watch_through_rate=0.5, watched_seconds=300.0)
        plant_post(account, datetime(2026, 5, 18, 9, 0, tzinfo=UTC), views=300, watch_through_rate=0.9)
        plant_post(account, datetime(2026, 5, 18, 9, 0, tzinfo=UTC), views=300, watch_through_rate=None)
        plant_post(account, datetime(2026, 5, 24, 23, 59, 59, tzinfo=UTC), views=None, watch_through_rate=None)
        plant_post(account, datetime(2026, 5, 20, 12, 0, tzinfo=UTC), gone_at=datetime(2026, 5, 21, tzinfo=UTC))
        per_day = published_later(everything(cast.viewer).workspace(), [(MONDAY, SUNDAY)], now=NOW)().each
        assert {d: p.count for d, p in per_day.items()} == {MONDAY: 3, SUNDAY: 1}
        all_of_them = together(per_day.values())
        assert all_of_them.count == 4
        assert all_of_them.watch_through_rate == pytest.approx((100 * 0.5 + 300 * 0.9) / 400)
        assert (all_of_them.seconds, all_of_them.timed_views) == (300.0, 100)
        assert together([]).watch_through_rate is None


@pytest.mark.parametrize("seed", range(8))
def test_both_ends_are_those_of_all_posts_sorted(cast: Cast, seed: int) -> None:
    dice = random.Random(seed)
    with scope.inside(cast.brass.pk):
        moon = Brand.objects.create(workspace=cast.brass, name="Moon")
        accounts = [plant_account(cast.admin, f"a{n}") for n in range(3)]
        Account.objects.filter(pk=accounts[0].pk).update(brand=moon)
        begin = datetime(2026, 5, 14, tzinfo=UTC)
        for _ in range(dice.choice((4, 60))):
            # Few figures and few moments, so that many posts are level and only the later rules tell them apart.
            moment = begin + timedelta(hours=dice.choice((0, 7, 12, 23)), days=dice.randrange(12))
            gone = {"gone_at": NOW} if dice.random() < 0.1 else {}
            plant_post(dice.choice(accounts), moment, views=dice.choice((None, 0, 10, 10, 11, 500)), **gone)
        world = everything(cast.viewer)
        subjects = [world.workspace(), world.of_brand(moon.pk), world.of_account(accounts[1].connection_id)]
        for subject in subjects:
            assert subject is not None
            for days in ((MONDAY, SUNDAY), (SUNDAY, SUNDAY), (date(2026, 5, 14), date(2026, 5, 26)), (date(2026, 4, 1), date(2026, 4, 9))):
                before = (days[0] - timedelta(days=7), days[0] - timedelta(days=1))  # what stands beside is no part of the ranking
                ends = ends_later(subject, published_later(subject, [days, before], now=NOW)(), days, MOST)()
                assert [[post.pk for post in end] for end in ends] == sorted_ends(subject, days), (subject.kind, days)


def sorted_ends(subject: Subject, days: tuple[date, date]) -> list[list[object]]:
    """Of all posts that are there, by the rules that the page names: views, then the newer (the older), then the number."""
    posts = [
        post
        for post in Post.objects.filter(account__in=subject.account_ids, gone_at=None)
        if days[0] <= post.created_at.astimezone(UTC).date() <= days[1]
    ]
    top = sorted(posts, key=lambda p: (p.views is None, -(p.views or 0), -p.created_at.timestamp(), p.tiktok_item_id))
    old = [p for p in posts if p.views is not None and p.created_at < NOW - SETTLED_AFTER]
    bottom = sorted(old, key=lambda p: (p.views, p.created_at, p.tiktok_item_id))
    return [[post.pk for post in end[:MOST]] for end in (top, bottom)]
