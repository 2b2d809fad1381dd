"""What came in and how it was answered: volume, response times, what is open by age, topics. Reads only; each figure says its base.

A comment counts on the UTC day on which it was said, if somebody else than the account said it. It is answered when the account said
something after it in its thread, here or in TikTok's app.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from agency.models import Membership
from community.models import Comment, Reading, ThreadTag
from community.queries import aim
from metrics.models import Account
from metrics.periods import days_between, start_of

MOST_EXPORTED = 50_000


@dataclass(frozen=True)
class Day:
    """One UTC day."""

    date: date
    came: int
    answered: int  # of those that came on this day, whenever


@dataclass(frozen=True)
class Week:
    """The line of a weekly report."""

    came: int
    answered: int
    in_aim: int  # answered within the aim
    median_seconds: float | None
    waiting: int  # now

    @property
    def answered_rate(self) -> float | None:
        """Of what came."""
        return self.answered / self.came if self.came else None

    @property
    def in_aim_rate(self) -> float | None:
        """Of what was answered."""
        return self.in_aim / self.answered if self.answered else None


@dataclass(frozen=True)
class Report:
    """A period."""

    first: date
    last: date
    days: tuple[Day, ...]
    week: Week
    slow_seconds: float | None  # nine of ten answers came sooner
    open_by_age: tuple[tuple[str, int], ...]
    topics: tuple[tuple[UUID, str, int], ...]
    aim: timedelta


def week_line(membership_or_workspace: Membership | UUID, first: date, last: date, *, accounts: Collection[UUID] | None = None) -> Week:
    """Volume and response times of some days, for the report of a week; of some accounts, or of all. Call in the workspace's scope."""
    workspace = getattr(membership_or_workspace, "workspace_id", membership_or_workspace)
    values = _values(workspace, first, last) | {"accounts": None if accounts is None else list(accounts)}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), count(answered_at), count(*) FILTER (WHERE answered_at - said_at <= %(aim)s),
                percentile_cont(0.5) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM answered_at - said_at))
            FROM community_comment c
            WHERE c.workspace_id = %(workspace)s AND c.said_at >= %(first)s AND c.said_at < %(end)s AND NOT c.is_own
                AND (%(accounts)s::uuid[] IS NULL OR c.account_id = ANY(%(accounts)s::uuid[]))
            """,
            values,
        )
        came, answered, in_aim, median = cursor.fetchone()
    waiting = Comment.objects.of(workspace).waiting()
    return Week(came, answered, in_aim, median, (waiting if accounts is None else waiting.filter(account__in=accounts)).count())


def accounts_that_are_read(accounts: Iterable[Account]) -> list[Account]:
    """Those whose comments may be read and were read at least once."""
    granting = [a for a in accounts if a.connection.has("comment.list")]
    read = set(Reading.objects.filter(account__in=[a.pk for a in granting], read_at__isnull=False).values_list("account_id", flat=True))
    return [a for a in granting if a.pk in read]


def _values(workspace: UUID, first: date, last: date) -> dict[str, object]:
    return {"workspace": workspace, "first": start_of(first), "end": start_of(last + timedelta(days=1)), "aim": aim()}


def report(membership: Membership, first: date, last: date, *, now: datetime) -> Report:
    """Everything on the page, in five queries whatever the number of comments."""
    values = _values(membership.workspace_id, first, last)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (c.said_at AT TIME ZONE 'UTC')::date, count(*), count(answered_at)
            FROM community_comment c
            WHERE c.workspace_id = %(workspace)s AND c.said_at >= %(first)s AND c.said_at < %(end)s AND NOT c.is_own GROUP BY 1
            """,
            values,
        )
        by_day = {day: Day(day, came, answered) for day, came, answered in cursor.fetchall()}
        cursor.execute(
            """
            SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM answered_at - said_at))
            FROM community_comment c
            WHERE c.workspace_id = %(workspace)s AND c.said_at >= %(first)s AND c.said_at < %(end)s AND NOT c.is_own
            """,
            values,
        )
        (slow,) = cursor.fetchone()
    return Report(
        first,
        last,
        tuple(by_day.get(day, Day(day, 0, 0)) for day in days_between(first, last)),
        week_line(membership, first, last),
        slow,
        _open_by_age(membership, now),
        _topics(membership, first, last),
        aim(),
    )


def _open_by_age(membership: Membership, now: datetime) -> tuple[tuple[str, int], ...]:
    within, day, days = now - aim(), now - timedelta(days=1), now - timedelta(days=3)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FILTER (WHERE waits_since >= %(within)s),
                count(*) FILTER (WHERE waits_since < %(within)s AND waits_since >= %(day)s),
                count(*) FILTER (WHERE waits_since < LEAST(%(within)s, %(day)s) AND waits_since >= %(days)s),
                count(*) FILTER (WHERE waits_since < LEAST(%(within)s, %(days)s))
            FROM community_comment
            WHERE workspace_id = %(workspace)s AND NOT is_reply AND waits_since IS NOT NULL AND later_until IS NULL
            """,
            {"workspace": membership.workspace_id, "within": within, "day": day, "days": days},
        )
        found = cursor.fetchone()
    names = ("Within the aim", "Past the aim, up to a day", "One to three days", "Longer than three days")
    return tuple(zip(names, found, strict=True))


def _topics(membership: Membership, first: date, last: date) -> tuple[tuple[UUID, str, int], ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.id, t.name, count(*) FROM community_threadtag tt
            JOIN community_tag t ON t.workspace_id = tt.workspace_id AND t.id = tt.tag_id
            JOIN community_comment c ON c.workspace_id = tt.workspace_id AND c.id = tt.thread_id
            WHERE tt.workspace_id = %(workspace)s AND c.said_at >= %(first)s AND c.said_at < %(end)s AND NOT c.is_own
            GROUP BY 1, 2 ORDER BY 3 DESC, 2 LIMIT 20
            """,
            _values(membership.workspace_id, first, last),
        )
        return tuple(cursor.fetchall())


def rows(membership: Membership, first: date, last: date) -> Iterator[tuple[object, ...]]:
    """The comments of a period, oldest first, for a table. Bounded; goes through them once."""
    found = Comment.objects.visible_to(membership).filter(
        said_at__gte=start_of(first), said_at__lt=start_of(last + timedelta(days=1)), is_own=False
    )
    tags: dict[UUID, list[str]] = {}
    for thread, name in ThreadTag.objects.filter(thread__said_at__gte=start_of(first) - timedelta(days=400)).values_list(
        "thread_id", "tag__name"
    ):
        tags.setdefault(thread, []).append(name)
    ordered = found.select_related("account__connection", "ad_account", "post", "thread__assignee").order_by("said_at", "pk")
    for one in ordered[:MOST_EXPORTED].iterator(chunk_size=500):
        answered = (one.answered_at - one.said_at).total_seconds() if one.answered_at else None
        holder = one.thread.assignee.name if one.thread.assignee else ""
        yield (
            one.said_at, one.stands_under, one.post.caption[:200] if one.post else "", one.author, one.text, one.language, one.shown,
            one.likes_count, one.answered_at, answered, one.settled_at, holder, ", ".join(tags.get(one.thread_id, ())),
        )  # fmt: skip
