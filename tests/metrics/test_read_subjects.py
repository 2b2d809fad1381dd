"""A brand's and a workspace's days from kept totals are what the accounts' own days add up to, and accounts that count no more are off."""

import random
from datetime import date, timedelta

import pytest

from agency import scope
from agency.models import Brand
from integrations.models import Connection
from metrics import queries
from metrics.models import Account
from metrics.subject_queries import everything, periods
from tests.metrics.planting import days_from, plant_account, plant_days
from tests.people import Cast

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
MONDAY = date(2026, 5, 18)
SUNDAY = MONDAY + timedelta(days=6)
BEFORE = (MONDAY - timedelta(days=7), MONDAY - timedelta(days=1))


def test_every_subject_equals_the_sum_over_its_accounts(cast: Cast) -> None:
    dice = random.Random(3)
    with scope.inside(cast.brass.pk):
        moon, fox = (Brand.objects.create(workspace=cast.brass, name=n) for n in ("Moon", "Fox"))
        for n, brand in enumerate((moon, moon, fox, None, fox, None)):
            scopes = ("user.info.basic",) if n == 1 else None
            account = plant_account(cast.admin, f"a{n}", **({"scopes": scopes} if scopes else {}))
            Account.objects.filter(pk=account.pk).update(brand=brand)
            for day in days_from(BEFORE[0], 14):
                if dice.random() < 0.8:
                    names = ("video_views", "likes", "comments", "shares", "followers_count", "viewers", "profile_views")
                    plant_days(account, [day], **{k: dice.choice((None, 0, dice.randint(1, 9999))) for k in names})
        ended = Account.objects.order_by("pk").first()
        Connection.objects.filter(pk=ended.connection_id).update(state=Connection.State.DISCONNECTED)
        world = everything(cast.viewer)
        assert ended.pk not in {a.pk for a in world.shown}
        assert len(world.shown) == 5
        subjects = [
            world.workspace(),
            *(world.of_brand(b.pk) for b in world.brands),
            *(world.of_account(a.connection_id) for a in world.shown),
        ]
        assert {s.kind for s in subjects} == {"workspace", "brand", "account"}
        for subject in subjects:
            this, before = periods(subject, [(MONDAY, SUNDAY), BEFORE])
            assert this == queries.period(subject.accounts, MONDAY, SUNDAY), subject.kind
            assert before == queries.period(subject.accounts, *BEFORE), subject.kind


def test_a_creator_sees_own_accounts_and_totals_of_them_alone(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        plant_days(plant_account(cast.admin, "a"), days_from(MONDAY, 7))
        mine = plant_account(cast.creator, "mine")
        plant_days(mine, days_from(MONDAY, 7), video_views=3)
        world = everything(cast.creator)
        assert [a.pk for a in world.shown] == [mine.pk]
        (period,) = periods(world.workspace(), [(MONDAY, SUNDAY)])
        assert period.views == 21
        assert world.of_account(Account.objects.exclude(pk=mine.pk).get().connection_id) is None
