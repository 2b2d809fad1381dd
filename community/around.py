"""What stands around the list: how much each view holds, how the reading of comments stands; and, once somebody asks for it, what a
view can be narrowed by.

A statement each, whatever there is of it, written out and prepared for the reason that `listing` has. Counts stop at a thousand: more is
more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.db import connection

from agency.models import Membership
from agency.roles import Can, Role
from community import queries
from community.models import Aim
from community.queries import MOST_COUNTED
from community.wanted import Wanted
from integrations.models import name_of_account, name_of_ad_account

_WAITS = "NOT c.is_reply AND c.waits_since IS NOT NULL AND c.later_until IS NULL"
# The views that are counted, as `queries.threads` finds them, and the order of the index that holds them; of what is done, today's.
_COUNTED = {
    "open": (_WAITS, "c.waits_since"),
    "mine": (f"{_WAITS} AND c.assignee_id = %(person)s", "c.waits_since"),
    "nobody": (f"{_WAITS} AND c.assignee_id IS NULL", "c.assignee_id, c.waits_since"),
    "later": ("NOT c.is_reply AND c.later_until IS NOT NULL", "c.later_until"),
    "done": ("NOT c.is_reply AND c.done_at >= %(today)s", "c.done_at DESC"),
    "mentions": (
        """NOT c.is_reply AND c.id IN (
            SELECT n.thread_id FROM community_mention m JOIN community_note n ON n.workspace_id = m.workspace_id AND n.id = m.note_id
            WHERE m.workspace_id = %(workspace)s AND m.person_id = %(person)s AND m.seen_at IS NULL)""",
        "c.id",
    ),
}
# A creator sees what was said under the posts of accounts that they connected themselves.
_OWN = """ AND c.account_id IN (
    SELECT m.id FROM metrics_account m JOIN integrations_connection k ON k.workspace_id = m.workspace_id AND k.id = m.connection_id
    WHERE m.workspace_id = %(workspace)s AND k.connected_by_id = %(person)s)"""


@dataclass(frozen=True)
class Counts:
    """How many threads each view has, none above a thousand and one; since when the oldest waits."""

    of: dict[str, int]
    oldest: datetime | None


def counts(membership: Membership, views: Iterable[str], *, now: datetime) -> Counts:
    """Of these views, those that are counted at all."""
    named = tuple(view for view in views if view in _COUNTED)
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    values = {"workspace": membership.workspace_id, "person": membership.person_id, "today": today}
    with connection.prepared_cursor() as cursor:
        cursor.execute(_counting(named, is_creator=membership.as_role is Role.CREATOR), values)
        oldest, *found = cursor.fetchone()
    return Counts(dict(zip(named, found, strict=True)), oldest)


@cache
def _counting(views: tuple[str, ...], *, is_creator: bool) -> str:
    # Without an order the planner takes the first thousand from the table itself where it has not been vacuumed lately: where those that
    # it looks for stand last in it, it reads all of it.
    rows = "FROM community_comment c WHERE c.workspace_id = %(workspace)s AND "
    whose, most = _OWN if is_creator else "", MOST_COUNTED + 1
    parts = [f"(SELECT c.waits_since {rows}{_WAITS}{whose} ORDER BY c.waits_since, c.id LIMIT 1)"]
    for condition, order in (_COUNTED[view] for view in views):
        parts.append(f"(SELECT count(*) FROM (SELECT {rows}{condition}{whose} ORDER BY {order} LIMIT {most}) v)")  # noqa: S608 # nosec B608
    return "SELECT " + ", ".join(parts)


@dataclass(frozen=True)
class Unread:
    """Whose comments TikTok does not let us read, and why."""

    name: str
    sentence: str = ""


@dataclass(frozen=True)
class Standing:
    """How the reading of comments stands, over all live accounts that the member sees."""

    read_at: datetime | None  # by the account that was read longest ago
    is_granted: bool  # whether any account shares its comments
    is_first_time: bool  # whether one of those is still being read for the first time
    not_granted: tuple[Unread, ...]
    ads_not_read: tuple[Unread, ...]
    problem: str  # what went wrong last, in words


@dataclass(frozen=True)
class Saved:
    """A person's own view, by its name."""

    pk: str
    name: str
    wanted: Wanted


@dataclass(frozen=True)
class Around:
    """What a member has around every list."""

    aim: timedelta
    has_several: bool  # accounts, so that a row says whose it is
    standing: Standing
    saved: tuple[Saved, ...]


# Each part is a list of lists.
_AROUND = """
SELECT
    (SELECT seconds FROM community_aim WHERE workspace_id = %(workspace)s),
    (
        SELECT count(*) > 1 FROM community_reading r
        JOIN metrics_account m ON m.workspace_id = r.workspace_id AND m.id = r.account_id
        JOIN integrations_connection k ON k.workspace_id = m.workspace_id AND k.id = m.connection_id
        WHERE r.workspace_id = %(workspace)s AND {own}),
    (
        SELECT json_agg(json_build_array(k.id, k.handle, k.display_name, 'comment.list' = ANY (k.scopes_granted),
            EXTRACT(EPOCH FROM r.read_at), CASE WHEN s.state = 'failed' THEN s.sentence END) ORDER BY k.handle)
        FROM integrations_connection k
        LEFT JOIN metrics_account m ON m.workspace_id = k.workspace_id AND m.connection_id = k.id
        LEFT JOIN community_reading r ON r.workspace_id = m.workspace_id AND r.account_id = m.id
        LEFT JOIN integrations_syncrun s ON s.workspace_id = k.workspace_id AND s.connection_id = k.id AND s.kind = 'comments'
        WHERE k.workspace_id = %(workspace)s AND k.kind = 'account' AND k.state = 'live' AND {own}),
    (
        SELECT json_agg(json_build_array(v.name, v.advertiser_id, s.state, s.sentence) ORDER BY v.name)
        FROM integrations_adaccount v
        JOIN integrations_syncrun s ON s.workspace_id = v.workspace_id AND s.ad_account_id = v.id AND s.kind = 'ad_comments'
        WHERE v.workspace_id = %(workspace)s AND v.state = 'linked' AND %(sees_ads)s),
    (
        SELECT json_agg(json_build_array(id, name, wanted) ORDER BY name)
        FROM community_savedview WHERE workspace_id = %(workspace)s AND person_id = %(person)s AND %(is_team)s)
"""


def around(membership: Membership) -> Around:
    """All of it."""
    aim, has_several, *parts = _ask(_AROUND, membership)
    live, ad_runs, saved = (part or [] for part in parts)
    return Around(
        aim=timedelta(seconds=aim) if aim else Aim.AT_FIRST,
        has_several=has_several,
        standing=_standing(live, ad_runs),
        saved=tuple(Saved(pk, name, Wanted.of(wanted)) for pk, name, wanted in saved),
    )


def _standing(live: list[list[Any]], ad_runs: list[list[Any]]) -> Standing:
    read_at = [seconds for _, _, _, is_granted, seconds, _ in live if is_granted]
    known = [seconds for seconds in read_at if seconds is not None]
    problems = [sentence for _, _, _, is_granted, _, sentence in live if is_granted and sentence]
    problems += [sentence for _, _, state, sentence in ad_runs if state == "failed" and sentence]
    return Standing(
        read_at=datetime.fromtimestamp(min(known), UTC) if known else None,
        is_granted=bool(read_at),
        is_first_time=len(known) < len(read_at),
        not_granted=tuple(Unread(name_of_account(pk, handle, name)) for pk, handle, name, is_granted, _, _ in live if not is_granted),
        ads_not_read=tuple(Unread(name_of_ad_account(name, number), why) for name, number, state, why in ad_runs if state == "skipped"),
        problem=problems[0] if problems else "",
    )


@dataclass(frozen=True)
class Choice:
    """One of what a view can be narrowed by: as it stands in an address, and in words."""

    value: str
    label: str


@dataclass(frozen=True)
class Choices:
    """What a workspace has to narrow a view by. Tags and team are the team's."""

    accounts: tuple[Choice, ...]  # that have comments here, or had
    brands: tuple[Choice, ...]
    ad_accounts: tuple[Choice, ...]  # whose comments have been read, linked or still kept
    tags: tuple[Choice, ...]
    team: tuple[Choice, ...]  # who may triage here


_CHOICES = """
SELECT
    (
        SELECT json_agg(json_build_array(m.id, k.id, k.handle, k.display_name) ORDER BY k.handle)
        FROM community_reading r
        JOIN metrics_account m ON m.workspace_id = r.workspace_id AND m.id = r.account_id
        JOIN integrations_connection k ON k.workspace_id = m.workspace_id AND k.id = m.connection_id
        WHERE r.workspace_id = %(workspace)s AND {own}),
    (
        SELECT json_agg(json_build_array(v.id, v.name, v.advertiser_id) ORDER BY v.name, v.advertiser_id)
        FROM integrations_adaccount v
        WHERE v.workspace_id = %(workspace)s AND %(sees_ads)s AND EXISTS (
            SELECT FROM community_groupreading g WHERE g.workspace_id = v.workspace_id AND g.ad_account_id = v.id)),
    (SELECT json_agg(json_build_array(id, name) ORDER BY name) FROM agency_brand WHERE workspace_id = %(workspace)s),
    (SELECT json_agg(json_build_array(id, name) ORDER BY name) FROM community_tag WHERE workspace_id = %(workspace)s AND %(is_team)s)
"""


def choices(membership: Membership) -> Choices:
    """All of them: for whoever opens the filter, and not with every list."""
    accounts, ad_accounts, brands, tags = (part or [] for part in _ask(_CHOICES, membership))
    team = queries.names_of_team() if membership.as_role.can(Can.TRIAGE) else []
    return Choices(
        accounts=tuple(Choice(pk, name_of_account(*named)) for pk, *named in accounts),
        brands=tuple(Choice(pk, name) for pk, name in brands),
        ad_accounts=tuple(Choice(pk, name_of_ad_account(*named)) for pk, *named in ad_accounts),
        tags=tuple(Choice(pk, name) for pk, name in tags),
        team=tuple(Choice(str(pk), name) for pk, name in team),
    )


def _ask(statement: str, membership: Membership) -> tuple[Any, ...]:
    is_creator = membership.as_role is Role.CREATOR
    values = {
        "workspace": membership.workspace_id,
        "person": membership.person_id,
        "sees_ads": not is_creator,  # a creator has no business with what the workspace spends
        "is_team": membership.as_role.can(Can.TRIAGE),
    }
    with connection.prepared_cursor() as cursor:
        cursor.execute(statement.replace("{own}", "k.connected_by_id = %(person)s" if is_creator else "true"), values)
        return cursor.fetchone()
