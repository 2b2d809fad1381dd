"""Days of accounts that did not grant TikTok's own: what their posts gained between looks. The shape of a row is that of a day's totals, so
that whatever reads days reads these as well.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from metrics.models import PostSnapshot
from metrics.periods import Range, start_of

# A day on which a post came up whose history nobody knows has no sum: what it had before our first look is not that day's.
_IS_KNOWN = "sum(begun_count) = 0"
_HAS_PARTS = "sum(begun_count) + sum(lacking_count) = 0"
SUMS = {
    "v": f"(CASE WHEN {_IS_KNOWN} THEN sum(views) ELSE 0 END)::bigint",
    "nv": f"(CASE WHEN {_IS_KNOWN} THEN count(*) ELSE 0 END)::bigint",
    "li": f"(CASE WHEN {_HAS_PARTS} THEN sum(likes) ELSE 0 END)::bigint",
    "co": f"(CASE WHEN {_HAS_PARTS} THEN sum(comments) ELSE 0 END)::bigint",
    "sh": f"(CASE WHEN {_HAS_PARTS} THEN sum(shares) ELSE 0 END)::bigint",
    "ne": f"(CASE WHEN {_HAS_PARTS} THEN count(*) ELSE 0 END)::bigint",
    "fo": "0", "nf": "0", "vi": "0", "nvi": "0", "pv": "0", "npv": "0", "n": "1",
}  # fmt: skip


def sums(names: Sequence[str]) -> str:
    """The columns of a statement over metrics_gainedday that groups by day."""
    return ", ".join(f"{SUMS[name]} AS {name}" for name in names)


def looks_behind(workspace_id: UUID, account_ids: Sequence[UUID], days: Range) -> QuerySet[PostSnapshot]:
    """The looks that counted on these days."""
    first, end = start_of(days[0]), start_of(days[1]).replace(hour=23)
    return PostSnapshot.objects.filter(workspace_id=workspace_id, post__account__in=account_ids, hour__range=(first, end))
