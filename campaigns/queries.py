"""Reads of the Campaigns page: ad accounts, names above a line, posts behind Spark Ads, TikTok's own totals, where figures came from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min

from agency.database.prepared import Later, ask, known
from agency.models import Membership
from integrations import queries as connections
from integrations.models import AdAccount
from metrics.models import AdDay, Post

CALLS_SHOWN = 50
COMPARED = ("spend", "impressions", "clicks", "conversions")


def ad_accounts(membership: Membership) -> list[AdAccount]:
    """Those whose figures this member sees, by name."""
    return connections.ad_accounts(membership)


@dataclass(frozen=True)
class Structure:
    """How many campaigns an ad account has, of those that need a word."""

    total: int
    reservation: int
    smart: int
    deleted: int


def structure_later(ad_account: AdAccount) -> Later[Structure]:
    """Counts over all campaigns."""
    return ask(_STRUCTURE, [ad_account.workspace_id, ad_account.pk], lambda rows: Structure(*rows[0]))


_STRUCTURE = """
    SELECT count(*), count(*) FILTER (WHERE objective LIKE 'RF\\_%%' OR objective LIKE 'TOPVIEW%%'), count(*) FILTER (WHERE is_smart),
        count(*) FILTER (WHERE secondary_status LIKE '%%\\_DELETE')
    FROM "metrics_adcampaign" WHERE workspace_id = %s AND ad_account_id = %s
"""


def names_above_later(ad_account: AdAccount, campaign_id: str, adgroup_id: str) -> Later[dict[str, str]]:
    """Names of a campaign and of an ad group, under "campaign" and "group"; without those that TikTok's lists do not have."""
    if not campaign_id and not adgroup_id:
        return known({})
    here = (ad_account.workspace_id, ad_account.pk)
    return ask(_NAMES_ABOVE, [*here, campaign_id, *here, adgroup_id], dict)


_NAMES_ABOVE = """
    SELECT 'campaign', name FROM "metrics_adcampaign" WHERE workspace_id = %s AND ad_account_id = %s AND tiktok_campaign_id = %s
    UNION ALL SELECT 'group', name FROM "metrics_adgroup" WHERE workspace_id = %s AND ad_account_id = %s AND tiktok_adgroup_id = %s
"""


def posts(membership: Membership, item_ids: Iterable[str]) -> dict[str, Post]:
    """The workspace's own posts behind Spark Ads, by TikTok's id, with their accounts."""
    wanted = {item for item in item_ids if item}
    if not wanted:
        return {}
    rows = Post.objects.visible_to(membership).filter(tiktok_item_id__in=wanted).select_related("account__connection")
    return {post.tiktok_item_id: post for post in rows}


Totals = dict[date, dict[str, Any]]


def totals_of_tiktok_later(ad_account: AdAccount, first: date, last: date) -> Later[Totals]:
    """What TikTok says of whole days of the ad account."""
    return ask(
        _TOTALS,
        [ad_account.workspace_id, ad_account.pk, first, last],
        lambda rows: {on: dict(zip(COMPARED, figures, strict=True)) for on, *figures in rows},
    )


_TOTALS = f"""
    SELECT date, {", ".join(COMPARED)} FROM "metrics_adaccountday"
    WHERE workspace_id = %s AND ad_account_id = %s AND date BETWEEN %s AND %s
"""  # noqa: S608 # nosec B608 - names of columns


@dataclass(frozen=True)
class Origin:
    """A call of TikTok's interface and what of a period's figures came with it."""

    endpoint: str
    called_at: datetime
    request_id: str
    rows_count: int
    first: date
    last: date


def origins(ad_account: AdAccount, first: date, last: date, *, campaign_id: str = "", adgroup_id: str = "") -> tuple[list[Origin], int]:
    """The newest calls behind the figures of a period, and how many there are."""
    rows = AdDay.objects.filter(workspace_id=ad_account.workspace_id, ad_account=ad_account, date__range=(first, last))
    if campaign_id:
        rows = rows.filter(tiktok_campaign_id=campaign_id)
    if adgroup_id:
        rows = rows.filter(tiktok_adgroup_id=adgroup_id)
    calls = rows.values("call__endpoint", "call__called_at", "call__tiktok_request_id", "call_id")
    calls = calls.annotate(n=Count("id"), first=Min("date"), last=Max("date")).order_by("-call_id")
    found = [
        Origin(c["call__endpoint"], c["call__called_at"], c["call__tiktok_request_id"], c["n"], c["first"], c["last"])
        for c in calls[: CALLS_SHOWN + 1]
    ]
    total = len(found) if len(found) <= CALLS_SHOWN else rows.aggregate(n=Count("call_id", distinct=True))["n"]
    return found[:CALLS_SHOWN], total


def ad_account_named(membership: Membership, rows: list[AdAccount], wanted: str) -> AdAccount | None:
    """The one that an address names; None for one that is not there or not this member's."""
    try:
        key = UUID(wanted)
    except ValueError:
        return None
    return next((row for row in rows if row.pk == key), None)
