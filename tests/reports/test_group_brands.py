"""Grouping accounts into brands and agreeing on a cadence."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from agency import scope
from agency.models import AuditRow, Brand
from integrations.models import Connection
from metrics import store
from metrics.models import Account, BrandDay
from tests.metrics.planting import days_from, plant_account, plant_days
from tests.people import Cast, sign_in
from tests.reports.conftest import At

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
NOW = datetime(2026, 5, 27, 12, tzinfo=UTC)
LAST = date(2026, 5, 24)


def said(client: Client) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get("/settings/brands").content.decode()))


def test_a_brand_is_made_filled_renamed_emptied_and_removed(cast: Cast, at: At) -> None:
    at(NOW)
    with scope.inside(cast.brass.pk):
        account = plant_account(cast.admin, "a")
        plant_days(account, days_from(LAST - timedelta(days=6), 7))
    client = sign_in(cast.admin)
    assert client.post("/settings/brands", {"name": "  Moon  "}).status_code == 302
    with scope.inside(cast.brass.pk):
        brand = Brand.objects.get(name="Moon")
    place = f"/settings/brands/accounts/{account.connection_id}"
    assert client.post(place, {"brand": str(brand.pk)}).status_code == 302
    assert "@a is in Moon now." in said(client)
    with scope.inside(cast.brass.pk):
        assert Account.objects.get().brand_id == Connection.objects.get(pk=account.connection_id).brand_id == brand.pk
        assert BrandDay.objects.filter(brand=brand).count() == 7
    assert "700" in client.get(f"/performance?of=brand-{brand.pk}").content.decode()
    client.post(f"/settings/brands/{brand.pk}/remove")
    assert "Moon has accounts." in said(client)
    client.post(f"/settings/brands/{brand.pk}/name", {"name": "Sun"})
    assert "Sun" in said(client)
    client.post(place, {"brand": ""})
    client.post(f"/settings/brands/{brand.pk}/remove")
    with scope.inside(cast.brass.pk):
        assert not Brand.objects.exists()
        assert not BrandDay.objects.exists()
        verbs = list(AuditRow.objects.filter(verb__contains="brand").order_by("at", "pk").values_list("verb", flat=True))
    assert verbs == ["brand.made", "connection.brand_changed", "brand.renamed", "connection.brand_changed", "brand.removed"]


def test_names_are_there_once_and_can_be_seen(cast: Cast) -> None:
    client = sign_in(cast.admin)
    client.post("/settings/brands", {"name": "Moon"})
    assert "There is a brand Moon already." in client.post("/settings/brands", {"name": "Moon"}).content.decode()
    for name in ("", " ", "\u200b\u202e", "x" * 121):
        assert client.post("/settings/brands", {"name": name}).status_code == 422, repr(name)
    client.post("/settings/brands", {"name": "<b>Sun</b>"})
    assert "<b>Sun" not in client.get("/settings/brands").content.decode()


def test_another_workspaces_brand_takes_no_account(cast: Cast) -> None:
    with scope.inside(cast.moon.pk):
        theirs = Brand.objects.create(workspace=cast.moon, name="Theirs")
    with scope.inside(cast.brass.pk):
        account = plant_account(cast.admin, "a")
    client = sign_in(cast.admin)
    client.post(f"/settings/brands/accounts/{account.connection_id}", {"brand": str(theirs.pk)})
    assert "That brand is not in this workspace any more." in said(client)
    with scope.inside(cast.brass.pk):
        assert Account.objects.get().brand_id is None


def test_an_account_that_is_synced_later_is_in_its_brand_from_the_first_day(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        brand = Brand.objects.create(workspace=cast.brass, name="Moon")
        account = plant_account(cast.admin, "a")
        Connection.objects.filter(pk=account.connection_id).update(brand=brand)
        account.delete()
        assert store.account_of(account.connection_id, cast.brass.pk).brand_id == brand.pk


def test_the_cadence_decides_whether_posts_keep_up(cast: Cast) -> None:
    client = sign_in(cast.admin)
    assert client.post("/settings/brands/cadence", {"posts_per_week": "4"}).status_code == 302
    assert 'value="4"' in client.get("/settings/brands").content.decode()
    assert client.post("/settings/brands/cadence", {"posts_per_week": "-1"}).status_code == 422
