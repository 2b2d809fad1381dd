"""Reading figures over days and accounts: what is missing stays missing, and only like days are compared."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from agency import scope
from metrics import queries
from metrics.queries import alike, new_followers, period
from tests.metrics.planting import days_from, plant_account, plant_days, plant_post
from tests.people import Cast

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))

MONDAY = date(2026, 5, 18)
SUNDAY = MONDAY + timedelta(days=6)
BEFORE = MONDAY - timedelta(days=7)


@pytest.fixture(autouse=True)
def inside(cast: Cast) -> Iterator[None]:
    with scope.inside(cast.brass.pk):
        yield


def this_and_before(accounts: list) -> tuple[queries.Period, queries.Period]:
    return period(accounts, MONDAY, SUNDAY), period(accounts, BEFORE, BEFORE + timedelta(days=6))


def test_a_sum_goes_over_the_delivered_days_and_names_the_others(cast: Cast) -> None:
    account = plant_account(cast.admin, "a")
    plant_days(account, days_from(MONDAY, 5))
    week = period([account], MONDAY, SUNDAY)
    assert week.views == 500
    assert week.missing == (MONDAY + timedelta(days=5), SUNDAY)
    assert (week.first, week.last, len(week.days)) == (MONDAY, SUNDAY, 7)


def test_a_period_without_any_day_is_unknown_and_not_zero(cast: Cast) -> None:
    account = plant_account(cast.admin, "a")
    week = period([account], MONDAY, SUNDAY)
    assert (week.views, week.engagement_rate, week.followers) == (None, None, None)
    assert len(week.missing) == 7
    assert period([], MONDAY, SUNDAY).views is None


def test_a_day_of_zeros_counts_as_delivered(cast: Cast) -> None:
    account = plant_account(cast.admin, "a")
    plant_days(account, days_from(MONDAY, 7), video_views=0, likes=0, comments=0, shares=0)
    week = period([account], MONDAY, SUNDAY)
    assert (week.views, week.engagement_rate, week.missing) == (0, None, ())


def test_a_day_of_which_only_one_account_is_known_is_summed_and_named(cast: Cast) -> None:
    one, two = plant_account(cast.admin, "a"), plant_account(cast.admin, "b")
    plant_days(one, days_from(MONDAY, 7))
    plant_days(two, days_from(MONDAY, 6), video_views=1000)
    week = period([one, two], MONDAY, SUNDAY)
    assert (week.views, week.missing) == (6700, (SUNDAY,))


def test_followers_are_known_only_when_all_accounts_have_the_day(cast: Cast) -> None:
    one, two = plant_account(cast.admin, "a"), plant_account(cast.admin, "b")
    plant_days(one, days_from(MONDAY, 7))
    plant_days(two, days_from(MONDAY, 6), followers_count=50)
    week = period([one, two], MONDAY, SUNDAY)
    assert [d.followers for d in week.days] == [1050] * 6 + [None]
    assert week.followers is None


def test_an_account_that_grants_no_days_does_not_make_everybody_elses_look_late(cast: Cast) -> None:
    one = plant_account(cast.admin, "a")
    plant_account(cast.admin, "b", scopes=("user.info.basic", "video.list"))
    plant_days(one, days_from(MONDAY, 7))
    accounts = queries.accounts_of([one.connection_id, *(a.connection_id for a in type(one).objects.all())])
    assert len(accounts) == 2
    assert period(accounts, MONDAY, SUNDAY).missing == ()
    assert period(accounts, MONDAY, SUNDAY).followers is None


def test_engagement_is_a_ratio_of_sums_and_not_an_average_of_rates(cast: Cast) -> None:
    account = plant_account(cast.admin, "a")
    plant_days(account, [MONDAY], video_views=1000, likes=10, comments=0, shares=0)
    plant_days(account, [MONDAY + timedelta(days=1)], video_views=10, likes=5, comments=0, shares=0)
    assert period([account], MONDAY, SUNDAY).engagement_rate == 15 / 1010


def test_engagement_leaves_out_days_that_lack_a_part(cast: Cast) -> None:
    account = plant_account(cast.admin, "a")
    plant_days(account, [MONDAY], video_views=100, likes=10, comments=0, shares=0)
    plant_days(account, [MONDAY + timedelta(days=1)], video_views=900, likes=None)
    week = period([account], MONDAY, SUNDAY)
    assert (week.engagement_rate, week.views) == (0.1, 1000)


def test_engagement_of_one_account_is_not_measured_against_the_views_of_two(cast: Cast) -> None:
    one, two = plant_account(cast.admin, "a"), plant_account(cast.admin, "b")
    plant_days(one, days_from(MONDAY, 2), video_views=100, likes=10, comments=0, shares=0)
    plant_days(two, [MONDAY], video_views=900, likes=None, comments=None, shares=None)
    plant_days(two, [MONDAY + timedelta(days=1)], video_views=100, likes=30, comments=0, shares=0)
    monday, tuesday = period([one, two], MONDAY, MONDAY + timedelta(days=1)).days
    assert monday.engagement_rate is None
    assert tuesday.engagement_rate == 0.2


def test_new_followers_may_be_negative_and_need_both_ends(cast: Cast) -> None:
    account = plant_account(cast.admin, "a")
    plant_days(account, [MONDAY - timedelta(days=1)], followers_count=1000)
    assert new_followers([account], MONDAY, SUNDAY) is None
    plant_days(account, [SUNDAY], followers_count=960)
    assert new_followers([account], MONDAY, SUNDAY) == -40


def test_only_days_that_both_periods_have_are_compared(cast: Cast) -> None:
    account = plant_account(cast.admin, "a")
    plant_days(account, days_from(MONDAY, 5), video_views=120)  # Saturday and Sunday are not there yet
    plant_days(account, days_from(BEFORE + timedelta(days=2), 5))  # history began on that Wednesday
    this, before = alike(*this_and_before([account]), until=SUNDAY)
    assert (this.views, before.views, len(this.days)) == (360, 300, 3)


def test_a_day_that_is_not_final_is_not_compared(cast: Cast) -> None:
    account = plant_account(cast.admin, "a")
    plant_days(account, days_from(BEFORE, 14))
    this, before = alike(*this_and_before([account]), until=SUNDAY - timedelta(days=2))
    assert (this.views, before.views) == (500, 500)
    assert alike(*this_and_before([account]), until=MONDAY - timedelta(days=1)) is None


def test_a_day_of_which_only_one_of_two_accounts_is_known_is_not_compared(cast: Cast) -> None:
    one, two = plant_account(cast.admin, "a"), plant_account(cast.admin, "b")
    plant_days(one, days_from(BEFORE, 14))
    plant_days(two, days_from(BEFORE, 13))
    this, before = alike(*this_and_before([one, two]), until=SUNDAY)
    assert (this.views, before.views) == (1200, 1200)


def test_posts_are_counted_by_their_utc_day_most_viewed_first(cast: Cast) -> None:
    account = plant_account(cast.admin, "a")
    midnight = datetime(2026, 5, 18, tzinfo=UTC)
    plant_post(account, midnight - timedelta(microseconds=1), views=9000)
    first = plant_post(account, midnight, views=5)
    unknown = plant_post(account, midnight + timedelta(hours=1), views=None)
    last = plant_post(account, midnight + timedelta(days=7, microseconds=-1), views=7)
    plant_post(account, midnight + timedelta(days=7), views=9000)
    assert list(queries.posts_between([account], MONDAY, SUNDAY)) == [last, first, unknown]
    assert list(queries.posts_per_day([account], MONDAY, SUNDAY).values()) == [2, 0, 0, 0, 0, 0, 1]


def test_a_post_nobody_viewed_has_no_engagement_rate(cast: Cast) -> None:
    account = plant_account(cast.admin, "a")
    post = plant_post(account, datetime(2026, 5, 18, tzinfo=UTC), views=0)
    assert queries.engagement_of(post) is None


def test_the_stalest_account_decides_how_fresh_figures_are(cast: Cast) -> None:
    fresh, never = plant_account(cast.admin, "a"), plant_account(cast.admin, "b", synced=False)
    assert queries.last_synced_at([fresh, never]) is None
    assert queries.last_synced_at([fresh]) == fresh.days_seen_at
    assert queries.last_synced_at([]) is None


def test_a_scope_that_was_never_granted_does_not_make_an_account_late(cast: Cast) -> None:
    account = plant_account(cast.admin, "a", scopes=("user.info.basic",))
    account.days_seen_at = account.posts_seen_at = None
    assert queries.last_synced_at([account]) == account.profile_seen_at


def test_the_last_known_day_is_told_for_each_account(cast: Cast) -> None:
    one, two = plant_account(cast.admin, "a"), plant_account(cast.admin, "b")
    plant_days(one, days_from(MONDAY, 7))
    plant_days(two, days_from(MONDAY, 3))
    plant_days(two, [SUNDAY], video_views=None)
    assert queries.last_days([one, two]) == {one.connection_id: SUNDAY, two.connection_id: MONDAY + timedelta(days=2)}
