"""What stands side by side equals what each side's own days and posts say, whatever is missing, hidden, not granted or without a brand."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from agency import clock, scope
from agency.models import Brand
from integrations.models import Connection
from metrics.models import Account, Mention, PostSnapshot
from metrics.published_queries import published_later, together
from metrics.queries import alike
from metrics.side_queries import Side, accounts, brands, side_by_side
from metrics.subject_queries import Everything, everything, periods
from tests.metrics.planting import ALL_SCOPES, a_call, days_from, plant_account, plant_days, plant_post
from tests.people import Cast

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
NOW = datetime(2026, 5, 27, 12, tzinfo=UTC)
FINAL = date(2026, 5, 24)
THIS = (date(2026, 5, 18), date(2026, 5, 25))  # the last of them is not final
BEFORE = (date(2026, 5, 10), date(2026, 5, 17))


def plant(cast: Cast, dice: random.Random, *, hides: bool) -> Everything:
    """Six accounts in two brands and none, with days that lack figures and days that are not there."""
    alone, *named = [Brand.objects.create(workspace=cast.brass, name=name) for name in ("Alder", "Ash", "Birch")]
    for n in range(6):
        without = {"user.insights"} if n == 3 else {"biz.brand.insights"} if n == 2 else set()
        account = plant_account(cast.admin, f"a{n}", scopes=[s for s in ALL_SCOPES if s not in without])
        brand = alone if n == 3 and dice.random() < 0.5 else dice.choice([*named, None])  # then a brand whose days nobody granted
        Account.objects.filter(pk=account.pk).update(brand=brand, mentions_whole_at=NOW)
        for day in days_from(BEFORE[0] - timedelta(days=1), 18):
            if dice.random() < 0.9:
                names = ("video_views", "likes", "comments", "shares", "followers_count")
                plant_days(account, [day], **{name: None if dice.random() < 0.05 else dice.randrange(5000) for name in names})
        for _ in range(4):
            at = NOW - timedelta(days=dice.randrange(1, 20), minutes=dice.randrange(1440))
            watched = dice.choice([None, 0.25, 0.75])
            post = plant_post(
                account, at, views=dice.randrange(900), watch_through_rate=watched, gone_at=NOW if dice.random() < 0.2 else None
            )
            for hour in sorted(dice.sample(range(1, 20 * 24), 12), reverse=True):  # hours ago, the oldest look first
                seen_at = (NOW - timedelta(hours=hour)).replace(minute=0)
                PostSnapshot.objects.create(
                    workspace=cast.brass, post=post, hour=seen_at, taken_at=seen_at, likes=480 - hour, comments=1, shares=1, call=post.call,
                    views=5 * (480 - hour) if dice.random() < 0.9 else None,
                )  # fmt: skip
        for k in range(dice.randrange(3)):
            Mention.objects.create(
                workspace=cast.brass, account=account, kind="post", tiktok_id=f"m{n}-{k}", created_at=NOW - timedelta(days=4),
                first_seen_at=NOW, seen_at=NOW, call=a_call(account),
            )  # fmt: skip
        if n == 5 and hides:
            Connection.objects.filter(pk=account.connection_id).update(state=Connection.State.DISCONNECTED)
    return everything(cast.admin)


def assert_equals_its_own_days(side: Side) -> None:
    this, before = periods(side.subject, [THIS, BEFORE])
    assert side.views == this.views
    assert side.whole_days == 8 - len(this.missing)
    assert side.engagement_rate == pytest.approx(this.engagement_rate)
    assert (side.followers, side.followers_before) == (this.followers, before.followers)
    pair = alike(this, before, until=FINAL)
    if pair is None:
        assert side.compared is None
    else:
        assert side.compared is not None
        assert (side.compared.views, side.compared.views_before) == (pair[0].views, pair[1].views)
        assert side.compared.engagement_rate == pytest.approx(pair[0].engagement_rate)
        assert side.compared.engagement_rate_before == pytest.approx(pair[1].engagement_rate)
    posts, posts_before = (together(published_later(side.subject, [days], now=NOW)().each.values()) for days in (THIS, BEFORE))
    assert (side.posts, side.posts_before) == (posts.count, posts_before.count)
    assert side.watch_through_rate == pytest.approx(posts.watch_through_rate)


@pytest.mark.parametrize("hides", [True, False])  # with nobody hidden a brand's days are taken as they are
@pytest.mark.parametrize("seed", range(6))
def test_each_side_has_the_figures_of_its_own_page(cast: Cast, monkeypatch: pytest.MonkeyPatch, seed: int, hides: bool) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with scope.inside(cast.brass.pk):
        world = plant(cast, random.Random(seed), hides=hides)
        for some in (brands(world), accounts(world)):
            sides = side_by_side(world, some, THIS, BEFORE, final=FINAL)
            assert [s.subject for s in sides] == some
            for side in sides:
                assert_equals_its_own_days(side)
            read = [a.pk for a in world.shown if a.connection.has("biz.brand.insights")]
            assert sum(s.mentions or 0 for s in sides) == Mention.objects.filter(account__in=read).count()
        whole = side_by_side(world, accounts(world), THIS, None, final=FINAL)
        assert all(s.posts_before is None and s.compared is None and s.followers_before is None for s in whole)
