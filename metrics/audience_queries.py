"""Reads of audiences: who follows a subject, when they are active, and where its posts were found. Several accounts are put together by
their followers, several posts by their views; what is not known of one is left out of both sides.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from metrics.account_queries import AccountFacts
from metrics.models import AccountAudience, ActiveHours, Post, PostAudience
from metrics.periods import Range
from metrics.subject_queries import Subject

KINDS = ("ages", "genders", "countries", "cities")
DAYS_OF_HOURS = 7


@dataclass(frozen=True)
class Shares:
    """Parts of a whole, the largest first. `weight` is how many followers, or views, they go over."""

    parts: tuple[tuple[str, float], ...]
    weight: int
    of: int  # how many accounts, or posts, told theirs


NONE = Shares((), 0, 0)


@dataclass(frozen=True)
class Audience:
    """Who follows. `told_at` is the oldest of the rows used; None when nothing was told."""

    kinds: dict[str, Shares]
    hours: tuple[float | None, ...]
    hours_last: date | None
    told_at: datetime | None


def together(some: Iterable[tuple[list[list[Any]] | None, int]]) -> Shares:
    """The mean of several lists of shares, weighted."""
    sums: dict[str, float] = {}
    weight = of = 0
    for shares, its_weight in some:
        if not shares or its_weight <= 0 or any(part is None for _, part in shares):
            continue
        of, weight = of + 1, weight + its_weight
        for name, part in shares:
            sums[name] = sums.get(name, 0.0) + part * its_weight
    if not weight:
        return NONE
    return Shares(tuple(sorted(((n, s / weight) for n, s in sums.items()), key=lambda pair: (-pair[1], pair[0]))), weight, of)


def audience(subject: Subject) -> Audience:
    """As told last, of each account. Two queries."""
    rows = AccountAudience.objects.filter(workspace_id=subject.workspace_id, account__in=subject.account_ids)
    newest = {row.account_id: row for row in rows.order_by("account_id", "-date").distinct("account_id")}
    followers = {a.pk: _followers(a) for a in subject.accounts}
    kinds = {kind: together((getattr(row, kind), followers[pk]) for pk, row in newest.items()) for kind in KINDS}
    hours, last = _hours(subject)
    return Audience(kinds, hours, last, min((r.seen_at for r in newest.values()), default=None))


def _followers(account: AccountFacts) -> int:
    return account.followers_count or 1


def _hours(subject: Subject) -> tuple[tuple[float | None, ...], date | None]:
    """The mean of each account's last days, added up over the accounts."""
    rows = ActiveHours.objects.filter(workspace_id=subject.workspace_id, account__in=subject.account_ids).order_by("account_id", "-date")
    by_account: dict[Any, list[list[int | None]]] = {}
    last = None
    for pk, day, counts in rows.values_list("account_id", "date", "counts"):
        days = by_account.setdefault(pk, [])
        if len(days) < DAYS_OF_HOURS:
            days.append(counts)
            last = max(last or day, day)
    if not by_account:
        return (None,) * 24, None
    return tuple(_sum(_mean([counts[hour] for counts in days]) for days in by_account.values()) for hour in range(24)), last


def _mean(values: Sequence[int | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) / len(known) if known else None


def _sum(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) if known else None


def sources(subject: Subject, days: Range) -> Shares:
    """Where the posts published on some days were found, as told last of each. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.sources, p.views FROM metrics_post p
            JOIN LATERAL (
                SELECT sources FROM metrics_postaudience a
                WHERE a.workspace_id = p.workspace_id AND a.post_id = p.id AND a.sources IS NOT NULL ORDER BY a.date DESC LIMIT 1) a ON true
            WHERE p.workspace_id = %s AND p.account_id = ANY(%s) AND p.gone_at IS NULL AND p.views IS NOT NULL
              AND p.created_at >= %s::date::timestamp AT TIME ZONE 'UTC' AND p.created_at < (%s::date + 1)::timestamp AT TIME ZONE 'UTC'
            """,
            [subject.workspace_id, subject.account_ids, *days],
        )
        return together((_json(shares), views) for shares, views in cursor.fetchall())


def _json(value: Any) -> list[list[Any]]:
    """A cursor of Django's hands JSON over as text."""
    return json.loads(value) if isinstance(value, str) else value


def of_post(post: Post) -> PostAudience | None:
    """How one post was found and who watched, as told last."""
    return PostAudience.objects.filter(workspace_id=post.workspace_id, post=post).order_by("-date").first()
