"""Totals of brands and workspaces equal the sum of their accounts' days, after whatever happened to a day."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.db.models import Count, Q, Sum

from agency import clock, scope
from agency.models import Brand, Workspace
from integrations.models import Connection
from integrations.tiktok.records import AccountDayRecord
from metrics import store
from metrics.models import Account, AccountDay, BrandDay, WorkspaceDay
from tests.metrics.planting import a_call, days_from, plant_account, plant_days
from tests.people import Cast

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
MONDAY = date(2026, 5, 18)
WHOLE = Q(video_views__isnull=False, likes__isnull=False, comments__isnull=False, shares__isnull=False)
SUMS = {
    "accounts_count": Count("id"),
    "views": Sum("video_views", default=0),
    "with_views": Count("video_views"),
    "profile_views": Sum("profile_views", default=0),
    "with_profile_views": Count("profile_views"),
    "viewers": Sum("viewers", default=0),
    "with_viewers": Count("viewers"),
    "likes": Sum("likes", filter=WHOLE, default=0),
    "comments": Sum("comments", filter=WHOLE, default=0),
    "shares": Sum("shares", filter=WHOLE, default=0),
    "with_engagement": Count("id", filter=WHOLE),
    "followers": Sum("followers_count", default=0),
    "with_followers": Count("followers_count"),
}


def kept(model: type, *key: str) -> list[dict[str, Any]]:
    return list(model.objects.order_by(*key).values(*key, *SUMS))


def summed(*key: str) -> list[dict[str, Any]]:
    names = {k: k if k == "date" else "account__brand_id" for k in key}
    days = AccountDay.objects.filter(**({"account__brand__isnull": False} if "brand_id" in key else {}))
    # One sum at a time, under names that no column has.
    rows = days.values(*names.values()).annotate(**{f"its_{name}": what for name, what in SUMS.items()}).order_by(*names.values())
    return [{k: row[v] for k, v in names.items()} | {name: int(row[f"its_{name}"]) for name in SUMS} for row in rows]


def assert_in_step() -> None:
    assert kept(WorkspaceDay, "date") == summed("date")
    assert kept(BrandDay, "brand_id", "date") == summed("brand_id", "date")


def record(day: date, **figures: int | None) -> AccountDayRecord:
    values: dict[str, Any] = dict.fromkeys(f for f in AccountDayRecord.__dataclass_fields__ if f != "date")
    return AccountDayRecord(date=day, **(values | figures))


def brand(workspace: Workspace, name: str) -> Brand:
    return Brand.objects.create(workspace=workspace, name=name)


def test_a_days_correction_reaches_brand_and_workspace(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        one, two = plant_account(cast.admin, "a"), plant_account(cast.admin, "b")
        Account.objects.filter(pk=one.pk).update(brand=brand(cast.brass, "Moon"))
        plant_days(one, days_from(MONDAY, 3), viewers=70)
        plant_days(two, days_from(MONDAY, 2), video_views=1000, likes=None)
        assert_in_step()
        assert WorkspaceDay.objects.get(date=MONDAY).views == 1100
        now, call = clock.now(), a_call(one)
        store.keep_days(one, [record(MONDAY, video_views=105, likes=4)], call_id=call.pk, now=now)
        assert WorkspaceDay.objects.get(date=MONDAY).views == 1105
        assert BrandDay.objects.get(date=MONDAY).views == 105
        assert_in_step()


def test_an_account_takes_its_days_along_to_another_brand(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        one, two = plant_account(cast.admin, "a"), plant_account(cast.admin, "b")
        moon, fox = brand(cast.brass, "Moon"), brand(cast.brass, "Fox")
        plant_days(one, days_from(MONDAY, 3))
        plant_days(two, days_from(MONDAY, 3))
        Account.objects.update(brand=moon)
        assert BrandDay.objects.get(brand=moon, date=MONDAY).views == 200
        Account.objects.filter(pk=two.pk).update(brand=fox)
        assert_in_step()
        Account.objects.update(brand=None)
        assert not BrandDay.objects.exists()
        assert_in_step()


@pytest.mark.parametrize("way", ["days", "account", "connection", "by the database alone"])
def test_what_goes_leaves_the_totals_too(cast: Cast, way: str) -> None:
    with scope.inside(cast.brass.pk):
        one, two = plant_account(cast.admin, "a"), plant_account(cast.admin, "b")
        Account.objects.update(brand=brand(cast.brass, "Moon"))
        plant_days(one, days_from(MONDAY, 3))
        plant_days(two, days_from(MONDAY, 1))
        if way == "days":
            AccountDay.objects.filter(account=one).delete()
        elif way == "account":
            Account.objects.get(pk=one.pk).delete()
        elif way == "connection":
            Connection.objects.get(pk=one.connection_id).delete()
        else:
            with database.cursor() as cursor:
                cursor.execute("DELETE FROM integrations_connection WHERE id = %s", [one.connection_id])
        assert [(d.date, d.accounts_count, d.views) for d in WorkspaceDay.objects.all()] == [(MONDAY, 1, 100)]
        assert_in_step()


def test_whatever_happens_in_whatever_order_the_totals_equal_the_sums(cast: Cast) -> None:
    """Three hundred random changes; a seed that fails can be run again."""
    dice = random.Random(7)
    with scope.inside(cast.brass.pk):
        accounts = [plant_account(cast.admin, f"a{n}") for n in range(4)]
        brands = [brand(cast.brass, "Moon"), brand(cast.brass, "Fox"), None]
        calls = {a.pk: a_call(a).pk for a in accounts}
        for step in range(300):
            account = dice.choice(accounts)
            days = [MONDAY + timedelta(days=n) for n in dice.sample(range(9), dice.randint(1, 5))]
            match dice.randint(0, 5):
                case 0:
                    Account.objects.filter(pk=account.pk).update(brand=dice.choice(brands))
                case 1:
                    AccountDay.objects.filter(account=account, date__in=days).delete()
                case _:
                    names = ("video_views", "likes", "comments", "shares", "followers_count", "unique_video_views", "profile_views")
                    told = [record(d, **{n: dice.choice((None, 0, dice.randint(1, 10**6))) for n in names}) for d in days]
                    store.keep_days(account, told, call_id=calls[account.pk], now=clock.now())
            if step % 10 == 0:
                assert_in_step()
        assert_in_step()
        assert WorkspaceDay.objects.exists()


def test_a_neighbours_totals_stay_as_they_are(cast: Cast) -> None:
    with scope.inside(cast.moon.pk):
        plant_days(plant_account(cast.moon_admin, "m"), days_from(MONDAY, 2))
    with scope.inside(cast.brass.pk):
        plant_days(plant_account(cast.admin, "a"), days_from(MONDAY, 2), video_views=7)
        assert [d.views for d in WorkspaceDay.objects.all()] == [7, 7]
    with scope.inside(cast.moon.pk):
        assert [d.views for d in WorkspaceDay.objects.all()] == [100, 100]
