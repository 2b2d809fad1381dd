"""Reads about a subject: one account, one brand, or the whole workspace. A subject's days come from the totals that are kept of it, so that
a page reads some hundred rows, however many accounts and years there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

from django.db.models import QuerySet

from agency.database.prepared import Later, Row, ask, known
from agency.models import Brand, Membership
from agency.roles import Role
from integrations.facts import ConnectionFacts
from integrations.models import Connection
from metrics import gain_queries as gains
from metrics.account_queries import AccountFacts, accounts_of_workspace
from metrics.models import AccountDay, Post
from metrics.periods import Range
from metrics.queries import AS_DAYS, SUMS, Period, period_of


@dataclass(frozen=True)
class Subject:
    """Whose figures. `accounts` are those that count; `left_out` are in the totals but count no more, and are taken off again."""

    kind: Literal["account", "brand", "rest", "workspace"]  # the rest: what belongs to no brand
    workspace_id: UUID
    accounts: tuple[AccountFacts, ...]
    left_out: tuple[UUID, ...] = ()
    brand: Brand | None = None

    @property
    def account_ids(self) -> list[UUID]:
        """Their keys."""
        return [a.pk for a in self.accounts]

    @property
    def is_everything(self) -> bool:
        """Nothing of the workspace is left out, so that nothing has to be named."""
        return self.kind == "workspace" and not self.left_out

    def granting(self, scope: str) -> int:
        """How many of its accounts granted a scope."""
        return sum(a.connection.has(scope) for a in self.accounts)

    @cached_property  # asked for each day of a page
    def is_read_by_looks(self) -> bool:
        """Nobody granted TikTok's days and somebody their posts: what these gained between our looks stands in for the days."""
        return not self.granting("user.insights") and self.granting("video.list") > 0


@dataclass(frozen=True)
class Everything:
    """All accounts of a workspace that a member sees, and the subjects among them."""

    membership: Membership
    shown: tuple[AccountFacts, ...]
    hidden: tuple[AccountFacts, ...] = field(default=())  # disconnected, and waiting for the end of their data
    connections: tuple[ConnectionFacts, ...] = field(default=())  # what is attached and seen, newest first, read once or not yet

    @cached_property
    def _by_brand(self) -> dict[UUID | None, tuple[AccountFacts, ...]]:
        """The accounts that are shown, by the key of their brand."""
        groups: dict[UUID | None, list[AccountFacts]] = {}
        for account in self.shown:
            groups.setdefault(account.brand_id, []).append(account)
        return {key: tuple(group) for key, group in groups.items()}

    @property
    def brands(self) -> tuple[Brand, ...]:
        """Brands that have an account to show, by name."""
        found = (group[0].brand for group in self._by_brand.values())
        return tuple(sorted((b for b in found if b is not None), key=lambda b: (b.name.casefold(), str(b.pk))))

    def workspace(self) -> Subject:
        """All of them."""
        return Subject("workspace", self.membership.workspace_id, self.shown, tuple(a.pk for a in self.hidden))

    def of_brand(self, brand_id: UUID) -> Subject | None:
        """One brand's; None when no account of it can be seen."""
        mine = self._by_brand.get(brand_id)
        hidden = tuple(a.pk for a in self.hidden if a.brand_id == brand_id)
        return Subject("brand", self.membership.workspace_id, mine, hidden, brand=mine[0].brand) if mine else None

    def rest(self) -> Subject | None:
        """What belongs to no brand; None when everything does."""
        mine = self._by_brand.get(None)
        others = (*(a for a in self.shown if a.brand is not None), *self.hidden)
        return Subject("rest", self.membership.workspace_id, mine, tuple(a.pk for a in others)) if mine else None

    def of_account(self, connection_id: UUID) -> Subject | None:
        """One account's, by its connection."""
        mine = tuple(a for a in self.shown if a.connection_id == connection_id)
        return Subject("account", self.membership.workspace_id, mine) if mine else None


def everything(membership: Membership) -> Everything:
    """The accounts of a workspace with their connections and brands, by name. One query; two for a creator."""
    seen = set(Connection.objects.visible_to(membership).values_list("pk", flat=True)) if membership.as_role is Role.CREATOR else None
    shown, hidden, attached = [], [], []
    for facts, account in accounts_of_workspace(membership.workspace_id):
        is_shown = facts.state != Connection.State.DISCONNECTED and (seen is None or facts.pk in seen)
        if account is not None:
            (shown if is_shown else hidden).append(account)
        if is_shown and facts.state != Connection.State.ASKED:
            attached.append(facts)
    attached.sort(key=lambda c: c.connected_at, reverse=True)
    return Everything(membership, tuple(shown), tuple(hidden), tuple(attached))


TOTAL_DAY = {"v": "views", "nv": "with_views", "li": "likes", "co": "comments", "sh": "shares", "ne": "with_engagement", "fo": "followers",
           "nf": "with_followers", "vi": "viewers", "nvi": "with_viewers", "pv": "profile_views", "npv": "with_profile_views",
           "n": "accounts_count"}  # fmt: skip
_OVER = {"v": "nv", "li": "ne", "co": "ne", "sh": "ne", "vi": "nvi", "pv": "npv"}  # a sum, and over how many accounts it goes
_WHOLE = "video_views IS NOT NULL AND likes IS NOT NULL AND comments IS NOT NULL AND shares IS NOT NULL"
ACCOUNT_DAY = {
    "v": "coalesce(video_views, 0)", "nv": "(video_views IS NOT NULL)::int",
    "li": f"CASE WHEN {_WHOLE} THEN likes ELSE 0 END", "co": f"CASE WHEN {_WHOLE} THEN comments ELSE 0 END",
    "sh": f"CASE WHEN {_WHOLE} THEN shares ELSE 0 END", "ne": f"({_WHOLE})::int",
    "fo": "coalesce(followers_count, 0)", "nf": "(followers_count IS NOT NULL)::int",
    "vi": "coalesce(viewers, 0)", "nvi": "(viewers IS NOT NULL)::int",
    "pv": "coalesce(profile_views, 0)", "npv": "(profile_views IS NOT NULL)::int", "n": "1",
}  # fmt: skip


def _sql(subject: Subject, when: str) -> str:
    """Totals of the subject and, taken off them, the days of those left out; of one account, its own days. Made of our own words alone."""
    sign = 1 if subject.kind == "account" else -1
    days = ", ".join(f"{sign} * ({what}) AS {name}" for name, what in ACCOUNT_DAY.items())
    days = f"SELECT date, {days} FROM metrics_accountday WHERE workspace_id = %s AND account_id = ANY(%s) AND {when}"  # noqa: S608 # nosec B608
    if subject.kind == "account":
        return days
    table, of_brand = ("metrics_brandday", "AND brand_id = %s") if subject.brand else ("metrics_workspaceday", "")
    totals = ", ".join(f"{TOTAL_DAY[name]} AS {name}" for name in ACCOUNT_DAY)
    totals = f"SELECT date, {totals} FROM {table} WHERE workspace_id = %s {of_brand} AND {when}"  # noqa: S608 # nosec B608
    return f"{totals} UNION ALL {days}" if subject.left_out else totals


def _looks_sql(when: str) -> str:
    """What the posts of accounts gained, by day."""
    of_days = gains.sums(tuple(ACCOUNT_DAY))
    return f"SELECT date, {of_days} FROM metrics_gainedday WHERE workspace_id = %s AND account_id = ANY(%s) AND {when} GROUP BY date"  # noqa: S608 # nosec B608


def _days(subject: Subject, ranges: Sequence[Range]) -> Later[list[Row]]:
    """The days of the ranges as `AS_DAYS` tells them."""
    when, dates = " OR ".join(["date BETWEEN %s AND %s"] * len(ranges)), [day for pair in ranges for day in pair]
    values: list[Any] = [subject.workspace_id, subject.account_ids, *dates]
    by_looks = subject.is_read_by_looks
    if subject.kind != "account" and not by_looks:
        values = [subject.workspace_id, *([subject.brand.pk] if subject.brand else []), *dates]
        values += [subject.workspace_id, list(subject.left_out), *dates] if subject.left_out else []
    of_days = _looks_sql(f"({when})") if by_looks else _sql(subject, f"({when})")
    total = "sum({})::bigint" if subject.left_out else "{}::bigint"  # with nobody to take off, there is one row for a day
    # A sum over no account at all is unknown and not zero.
    sums = ", ".join(
        (f"CASE WHEN {total.format(_OVER[name])} > 0 THEN {total.format(name)} END" if name in _OVER else total.format(name))
        + f" AS {name}"
        for name in SUMS
    )
    known = "GROUP BY date HAVING sum(n) > 0" if subject.left_out else "WHERE n > 0"
    sql = AS_DAYS.format(sums=f"SELECT date, {sums} FROM ({of_days}) d {known}")  # noqa: S608 # nosec B608
    granted = subject.granting("video.list" if by_looks else "user.insights")
    return ask(sql, [len(subject.accounts), granted, granted, *values], list)


def periods(subject: Subject, ranges: Sequence[Range]) -> tuple[Period, ...]:
    """The days of each range (first and last day included), one query for all."""
    return periods_later(subject, ranges)()


def periods_later(subject: Subject, ranges: Sequence[Range]) -> Later[tuple[Period, ...]]:
    """The same, once it is needed."""
    told = _days(subject, ranges) if subject.accounts else known([])
    return lambda: tuple(period_of(told(), first, last) for first, last in ranges)


def posts_of(subject: Subject) -> QuerySet[Post]:
    """All posts of its accounts, those that went from TikTok too."""
    posts = Post.objects.filter(workspace_id=subject.workspace_id)
    return posts if subject.is_everything else posts.filter(account__in=subject.account_ids)


def day_rows(subject: Subject, first: date, last: date) -> QuerySet[AccountDay]:
    """The stored days behind its figures, for whoever asks where they come from."""
    return AccountDay.objects.filter(workspace_id=subject.workspace_id, account__in=subject.account_ids, date__range=(first, last))
