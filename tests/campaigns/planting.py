"""An ad account with figures of a test's own choosing, put into the tables the way a sync keeps them."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from agency import clock
from agency.models import Membership
from integrations.models import AdAccount, ApiCall, Connection, SyncRun
from integrations.tiktok.ad_reports import ReportRow
from metrics import ad_store
from metrics.models import Ad, AdCampaign, AdGroup


def plant_ad_account(by: Membership, name: str = "Brass Ads", *, currency: str = "USD", zone: str = "Etc/UTC", **values: Any) -> AdAccount:
    """Linked, read just now, with its history. Call inside the workspace's scope, like all of these."""
    now = clock.now()
    connection = Connection.objects.create(
        workspace_id=by.workspace_id, kind=Connection.Kind.ADVERTISER, tiktok_open_id=name, state=Connection.State.LIVE, state_since=now,
        scopes_asked=[], scopes_granted=["1", "4", "200"], connected_at=now, connected_by_id=by.person_id,
    )  # fmt: skip
    one = AdAccount.objects.create(
        **{
            "workspace_id": by.workspace_id, "connection": connection, "advertiser_id": str(7_000_000_000 + AdAccount.objects.count()),
            "name": name, "currency": currency, "time_zone": zone, "state": AdAccount.State.LINKED, "state_since": now,
            "figures_from": date(2024, 1, 1), "figures_seen_at": now,
        }
        | values
    )  # fmt: skip
    for kind in (SyncRun.Kind.AD_DAYS, SyncRun.Kind.AD_HISTORY):
        SyncRun.objects.create(
            workspace_id=by.workspace_id, connection=connection, ad_account=one, kind=kind, state=SyncRun.State.DONE, generation=1,
            last_success_at=now,
        )  # fmt: skip
    return one


def a_call(ad_account: AdAccount, at: datetime | None = None, request_id: str = "r") -> ApiCall:
    """Where planted figures came from."""
    return ApiCall.objects.create(
        workspace_id=ad_account.workspace_id, connection=ad_account.connection, endpoint="/report/integrated/get/",
        tiktok_request_id=request_id, code=0, http_status=200, called_at=at or clock.now(), duration_ms=1,
    )  # fmt: skip


def plant_days(ad_account: AdAccount, ad: int, days: Iterable[date], *, campaign: int = 1, group: int = 1, **figures: Any) -> None:
    """An ad on some days: 1,000 impressions, 20 clicks, 2 conversions for 5.00, unless other figures are named."""
    values = dict.fromkeys(ad_store.DAY_FIGURES, 10) | {
        "spend": Decimal("5.00"), "impressions": 1000, "clicks": 20, "conversion": 2, "campaign_id": str(campaign), "adgroup_id": str(group)
    } | figures  # fmt: skip
    rows = [ReportRow({"ad_id": str(ad)}, on, None, {}, values) for on in days]
    ad_store.keep_ad_days(ad_account, rows, date.min, date.max, call_id=a_call(ad_account).pk, now=clock.now())


def plant_totals(ad_account: AdAccount, on: date, **figures: Any) -> None:
    """TikTok's own total of a day."""
    values = dict.fromkeys(ad_store.TOTAL_FIGURES, 0) | figures
    row = ReportRow({}, on, None, {}, values)
    ad_store.keep_totals(ad_account, [row], date.min, date.max, call_id=a_call(ad_account).pk, now=clock.now())


def plant_campaign(ad_account: AdAccount, number: int, name: str, **values: Any) -> AdCampaign:
    """A campaign that TikTok's list names."""
    return AdCampaign.objects.create(tiktok_campaign_id=str(number), name=name, **_common(ad_account, "CAMPAIGN_STATUS_ENABLE") | values)


def plant_group(ad_account: AdAccount, number: int, name: str, campaign: int, **values: Any) -> AdGroup:
    """An ad group."""
    common = _common(ad_account, "ADGROUP_STATUS_DELIVERY_OK")
    return AdGroup.objects.create(tiktok_adgroup_id=str(number), tiktok_campaign_id=str(campaign), name=name, **common | values)


def plant_ad(ad_account: AdAccount, number: int, name: str, campaign: int, group: int, **values: Any) -> Ad:
    """An ad."""
    return Ad.objects.create(
        tiktok_ad_id=str(number), tiktok_adgroup_id=str(group), tiktok_campaign_id=str(campaign), name=name,
        **_common(ad_account, "AD_STATUS_DELIVERY_OK") | values,
    )  # fmt: skip


def _common(ad_account: AdAccount, state: str) -> dict[str, Any]:
    now = clock.now()
    return {
        "workspace_id": ad_account.workspace_id, "ad_account": ad_account, "call": a_call(ad_account), "first_seen_at": now,
        "changed_at": now, "operation_status": "ENABLE", "secondary_status": state,
    }  # fmt: skip
