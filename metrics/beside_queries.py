"""What ads did beside a subject's organic figures: of the whole workspace all of its ad accounts, of a brand or an account the ads that
showed its posts. One line for each currency; nothing is added to anything organic.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from agency.database.prepared import Later, Row, ask, known
from agency.models import Membership
from integrations.models import AdAccount
from metrics.periods import Range
from metrics.subject_queries import Subject

_FIGURES = ("spend", "impressions", "clicks", "video_views")


@dataclass(frozen=True)
class Beside:
    """Sums over days of ad accounts that share a currency. None: a part was not told, so that a sum would be too low."""

    currency: str
    ad_accounts: int
    spend: Decimal | None
    impressions: int | None
    clicks: int | None
    paid_views: int | None


_WHOLE = "metrics_adaccountday d"
_OF_POSTS = """metrics_adday d
    JOIN metrics_ad ad ON ad.workspace_id = d.workspace_id AND ad.ad_account_id = d.ad_account_id AND ad.tiktok_ad_id = d.tiktok_ad_id
     AND ad.tiktok_item_id <> '' AND EXISTS (
        SELECT 1 FROM metrics_post p
        WHERE p.workspace_id = ad.workspace_id AND p.account_id = ANY(%s) AND p.tiktok_item_id = ad.tiktok_item_id)"""


def beside_later(subject: Subject, membership: Membership, days: Range) -> Later[list[Beside]]:
    """Of the ad accounts' own days, which are not UTC's. One query."""
    if not AdAccount.are_seen_by(membership):
        return known([])
    whole = subject.kind == "workspace"
    sums = ", ".join(f"CASE WHEN count(*) = count(d.{name}) THEN sum(d.{name}) END" for name in _FIGURES)
    sql = f"""SELECT a.currency, count(DISTINCT a.id), {sums} FROM {_WHOLE if whole else _OF_POSTS}
        JOIN integrations_adaccount a ON a.workspace_id = d.workspace_id AND a.id = d.ad_account_id AND a.state = %s
        WHERE d.workspace_id = %s AND d.date BETWEEN %s AND %s GROUP BY a.currency ORDER BY a.currency"""  # noqa: S608 # nosec B608
    values: list[Any] = [] if whole else [subject.account_ids]
    return ask(sql, [*values, AdAccount.State.LINKED.value, subject.workspace_id, *days], _besides)


def _besides(rows: Iterable[Row]) -> list[Beside]:
    return [Beside(c, n, spend, *(None if v is None else int(v) for v in rest)) for c, n, spend, *rest in rows]
