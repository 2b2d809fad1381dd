"""Where figures come from: TikTok's answers behind stored rows, with endpoint, time and TikTok's request id."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Min, QuerySet

from integrations.models import ApiCall
from metrics.gain_queries import looks_behind
from metrics.models import Post
from metrics.periods import Range
from metrics.post_queries import looks_at, published_on
from metrics.subject_queries import Subject, day_rows, posts_of

MOST = 50


@dataclass(frozen=True)
class Origin:
    """One answer of TikTok, and what of the figure it brought."""

    account: str
    endpoint: str
    request_id: str
    called_at: datetime
    count: int  # days, posts or looks
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Origins:
    """The newest answers, and how many answers and rows there are in all."""

    shown: tuple[Origin, ...]
    calls_count: int
    rows_count: int


_CALL = ("call_id", "call__endpoint", "call__tiktok_request_id", "call__called_at")


def of_days(subject: Subject, days: Range) -> Origins:
    """Behind the days of accounts."""
    return _of(day_rows(subject, *days), subject, first=Min("date"), last=Max("date"))


def of_posts(subject: Subject, days: Range) -> Origins:
    """Behind the counters of the posts published on some days, as they were last read."""
    return _of(posts_of(subject).filter(published_on(days), gone_at=None), subject)


def _of(rows: QuerySet[Any], subject: Subject, **more: Any) -> Origins:
    names = {a.pk: a.connection.shown_name for a in subject.accounts}
    totals = rows.aggregate(calls=Count("call_id", distinct=True), rows=Count("pk"))
    newest = rows.values("account_id", *_CALL).annotate(n=Count("pk"), **more).order_by("-call__called_at", "account_id")[:MOST]
    return Origins(tuple(_origin(r, names.__getitem__) for r in newest), totals["calls"], totals["rows"])


def _origin(row: dict[str, Any], name_of: Callable[[UUID], str]) -> Origin:
    return Origin(
        account=name_of(row["account_id"]),
        endpoint=row["call__endpoint"],
        request_id=row["call__tiktok_request_id"],
        called_at=row["call__called_at"],
        count=row["n"],
        first=row.get("first"),
        last=row.get("last"),
    )


def of_looks(subject: Subject, days: Range) -> Origins:
    """Behind what posts gained between looks: the looks of these days."""
    names = {a.pk: a.connection.shown_name for a in subject.accounts}
    looks = looks_behind(subject.workspace_id, subject.account_ids, days)
    totals = looks.aggregate(calls=Count("call_id", distinct=True), rows=Count("pk"))
    newest = (
        looks.values(*_CALL, account_id=F("post__account_id")).annotate(n=Count("pk")).order_by("-call__called_at", "account_id")[:MOST]
    )
    return Origins(tuple(_origin(r, names.__getitem__) for r in newest), totals["calls"], totals["rows"])


def of_profiles(subject: Subject) -> Origins:
    """Behind the followers that profiles show now."""
    names = {a.profile_call: a.connection.shown_name for a in subject.accounts if a.profile_call is not None}
    calls = ApiCall.objects.filter(workspace_id=subject.workspace_id, pk__in=list(names)).order_by("-called_at")
    shown = tuple(Origin(names[c.pk], c.endpoint, c.tiktok_request_id, c.called_at, 1) for c in calls[:MOST])
    return Origins(shown, len(names), len(names))


def of_post(post: Post) -> Origins:
    """Behind one post: each look at its counters."""
    account = post.account.connection.shown_name
    looks = looks_at(post)
    shown = tuple(Origin(account, s.call.endpoint, s.call.tiktok_request_id, s.call.called_at, 1) for s in looks[:MOST])
    return Origins(shown, looks.count(), looks.count())
