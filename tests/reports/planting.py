"""Ads, brands and creators put straight into the tables, for reports with figures of a test's own choosing."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from agency import clock
from agency.models import Membership
from integrations.models import AdAccount, ApiCall, Connection
from metrics.models import Ad, AdDay

_numbers = count(1_178_456_620_900_130_001)


def plant_ad_account(by: Membership, name: str = "Brass ads", **values: Any) -> AdAccount:
    """A linked ad account whose figures have been read until now. Call inside the workspace's scope, like all of these."""
    now = clock.now()
    connection = Connection.objects.create(
        workspace_id=by.workspace_id,
        kind=Connection.Kind.ADVERTISER,
        tiktok_open_id=f"ads-{name}",
        state=Connection.State.LIVE,
        state_since=now,
        scopes_asked=[],
        scopes_granted=[],
        connected_at=now,
        connected_by_id=by.person_id,
    )
    facts = {"currency": "USD", "time_zone": "America/Los_Angeles", "figures_from": date(2026, 1, 1), "figures_seen_at": now} | values
    return AdAccount.objects.create(
        workspace_id=by.workspace_id,
        connection=connection,
        advertiser_id=str(next(_numbers)),
        name=name,
        state=values.pop("state", AdAccount.State.LINKED),
        state_since=now,
        **{k: v for k, v in facts.items() if k != "state"},
    )


def plant_ad(ad_account: AdAccount, days: Iterable[date], *, post: str = "", **figures: Any) -> Ad:
    """An ad with the same figures on each day; a Spark Ad when it names a post."""
    now, number = clock.now(), str(next(_numbers))
    call = ApiCall.objects.create(
        workspace_id=ad_account.workspace_id,
        connection=ad_account.connection,
        endpoint="/report/integrated/get/",
        tiktok_request_id="r",
        code=0,
        http_status=200,
        called_at=now,
        duration_ms=1,
    )
    ad = Ad.objects.create(
        workspace_id=ad_account.workspace_id,
        ad_account=ad_account,
        tiktok_ad_id=number,
        tiktok_adgroup_id="1",
        tiktok_campaign_id="1",
        tiktok_item_id=post,
        call=call,
        first_seen_at=now,
        changed_at=now,
    )
    values = {"spend": Decimal("10.00"), "impressions": 1000, "clicks": 20, "conversions": 1, "video_views": 900} | figures
    AdDay.objects.bulk_create(
        AdDay(
            workspace_id=ad_account.workspace_id,
            ad_account=ad_account,
            date=day,
            tiktok_ad_id=number,
            call=call,
            first_seen_at=now,
            changed_at=now,
            **values,
        )
        for day in days
    )
    return ad


def utc(*parts: int) -> datetime:
    """A moment."""
    return datetime(*parts, tzinfo=UTC)
