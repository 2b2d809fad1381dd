"""The Performance page as one object: what the figures are, how fresh they are, and what needs the person. Owns words, no formulas."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from agency.database.prepared import known
from agency.models import Membership
from agency.outlets import figures
from agency.outlets.parts import AccountRow, Action, Chart, Freshness, Kpi, PostRow, Problem, Step
from agency.paths import path_of
from agency.roles import Can
from integrations import queries as connections
from integrations.facts import ConnectionFacts
from integrations.features import SCOPES
from integrations.models import Connection, SyncRun
from integrations.rows import account_row
from metrics import published_queries
from metrics import queries as metrics
from metrics import subject_queries as subjects
from metrics.account_queries import AccountFacts
from metrics.asked_days import LENGTHS
from metrics.beside_queries import Beside, beside_later
from metrics.published_queries import RankedPost
from reports.asking import Asked
from reports.choosing import Choice, choice_of
from reports.key_figures import Days, KeyFigures
from reports.presentation import caption
from reports.sides_page import has_card

LATE_AFTER = timedelta(hours=2)
POSTS_SHOWN = 5
CONNECTIONS_SHOWN = 6
MORE_PAGES = {"posts": "Posts", "audience": "Audience", "mentions": "Mentions"}


@dataclass(frozen=True)
class BesideRow:
    """What ads did in one currency, worded."""

    currency: str
    spend: str
    impressions: str
    ctr: str
    paid_views: str


@dataclass(frozen=True)
class _Around:
    """What stands around the figures, and is known without them."""

    freshness: Freshness
    problems: tuple[Problem, ...]
    wishes: tuple[str, ...]  # what the address asked for and cannot be had
    checklist: tuple[dict[str, Any], ...]
    period: tuple[dict[str, Any], ...]
    choice: Choice
    brands_href: str  # where several brands stand side by side; empty where there are not several
    posts_href: str
    more_pages: tuple[dict[str, str], ...]
    source_href: str
    connections_total: int
    not_granted: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Dashboard(_Around):
    """Everything templates/reports/performance.html shows."""

    kpis: tuple[Kpi, ...]
    chart: Chart | None
    posts: tuple[PostRow, ...]
    posts_title: str
    posts_total: int
    fewest: tuple[PostRow, ...]  # the least viewed, where that is more than the top turned around
    beside: tuple[BesideRow, ...]  # what ads did, one line for each currency; empty without ad accounts
    connections: tuple[AccountRow, ...]


def dashboard(membership: Membership, asked: Asked, *, now: datetime) -> Dashboard:
    """Read and word the page. The number of queries depends neither on the amount of history nor on the number of accounts."""
    world = subjects.everything(membership)
    asked, subject = asked.subject(world)
    its = {a.connection_id for a in subject.accounts}
    rows = [c for c in world.connections if subject.kind == "workspace" or c.pk in its]
    ranges = [asked.range, *([asked.before] if asked.before else [])]
    accounts, first_rows = list(subject.accounts), rows[:CONNECTIONS_SHOWN]
    is_read = any(a.posts_seen_at for a in accounts)
    with connection.pipelined():  # words are made while figures are added up, and charts are drawn while posts are looked for
        days_later = subjects.periods_later(subject, ranges)
        published_later = published_queries.published_later(subject, ranges, now=now) if is_read else known(None)
        busy_later = connections.busy_among_later(first_rows)
        beside = beside_later(subject, membership, asked.range)
        around = _Around(
            freshness=_freshness(rows, accounts, asked, now, membership),
            problems=_problems(rows, accounts, membership),
            wishes=asked.problems,
            checklist=() if rows else _checklist(membership),
            period=_periods(asked),
            choice=choice_of(asked, subject, world, keep=(("metric", asked.metric),)),
            brands_href=asked.href("side_by_side") if has_card(world, subject) else "",
            posts_href=asked.href("posts"),
            more_pages=_more_pages(asked, world),
            source_href=asked.href("figure_source", figure=asked.metric),
            connections_total=len(rows),
            not_granted=_not_granted(rows),
        )
        sides = [Days(p.days, published_later) for p in days_later()]
        figures_ = KeyFigures(asked, membership.workspace, subject, rows, sides[0], sides[1] if asked.before else None)
        chart = figures_.chart() if accounts else None
        ends_later = published_queries.ends_later(subject, published_later(), asked.range, POSTS_SHOWN)
        kpis, busy = figures_.kpis(), busy_later()
        published_count = sides[0].published.count if sides[0].published else 0
        top, bottom = ends_later()
        return Dashboard(
            **vars(around),
            kpis=kpis,
            chart=chart,
            posts=_posts(top),
            posts_title="Top posts",
            posts_total=published_count,
            fewest=_posts(bottom) if published_count >= 2 * POSTS_SHOWN else (),
            beside=tuple(_beside(one) for one in beside()),
            connections=tuple(account_row(c, is_busy=c.pk in busy) for c in first_rows),
        )


def _more_pages(asked: Asked, world: subjects.Everything) -> tuple[dict[str, str], ...]:
    """Side by side only where there is more than one side."""
    names = MORE_PAGES | ({"side_by_side": "Side by side"} if len(world.shown) > 1 else {})
    return tuple({"label": label, "href": asked.href(name)} for name, label in names.items())


def _beside(one: Beside) -> BesideRow:
    rate = one.clicks / one.impressions if one.clicks is not None and one.impressions else None
    spend, shown = figures.money(one.spend, one.currency), figures.count(one.impressions)
    return BesideRow(one.currency, spend, shown, figures.ctr(rate), figures.count(one.paid_views))


def _periods(asked: Asked) -> tuple[dict[str, Any], ...]:
    """The usual lengths, and a way to one's own."""
    usual = tuple(
        {"label": label, "href": asked.href(**{"days": str(n), "from": None, "to": None}), "current": n == asked.days}
        for n, label in LENGTHS.items()
    )
    return (*usual, {"label": "Custom", "href": f"{asked.href()}&choose=1#choose", "current": asked.days is None})


def _freshness(rows: list[ConnectionFacts], accounts: list[AccountFacts], asked: Asked, now: datetime, membership: Membership) -> Freshness:
    """The worst state wins."""
    last = asked.final
    synced_at = metrics.last_synced_at(accounts) if len(accounts) == len(rows) else None
    broken = next((c for c in rows if c.state == Connection.State.BROKEN), None)
    if broken is not None:
        return Freshness("broken", synced_at, last, f"{broken.shown_name} needs to be reconnected.", _reconnect(broken, membership))
    if synced_at is None:
        return Freshness("never", None, None, _first_figures(rows, now) if rows else "No account is connected yet.")
    if now - synced_at > LATE_AFTER:
        return Freshness("late", synced_at, last, _next_try(rows, now))
    if asked.last > last:
        since = max(asked.first, last + timedelta(days=1))
        return Freshness("not_final", synced_at, last, f"TikTok still counts {figures.day_range(since, asked.last)}")
    return Freshness("fresh", synced_at, last)


def _first_figures(rows: list[ConnectionFacts], now: datetime) -> str:
    if connections.is_failing(rows):
        return f"The first figures could not be read. {_next_try(rows, now)}"
    return "The first figures are on their way."


def _next_try(rows: list[ConnectionFacts], now: datetime) -> str:
    due = connections.next_due(rows)
    return f"Next try {figures.time_text(due)}." if due is not None and due > now else "We try again by ourselves."


def _problems(rows: list[ConnectionFacts], accounts: list[AccountFacts], membership: Membership) -> tuple[Problem, ...]:
    broken = [c for c in rows if c.state == Connection.State.BROKEN]
    ends = metrics.last_days(accounts) if broken else {}
    return tuple(
        Problem(
            f"{c.shown_name} needs to be reconnected." + (f" Figures stop at {figures.day(ends[c.pk])}." if c.pk in ends else ""),
            _reconnect(c, membership),
        )
        for c in broken
    )


def _reconnect(connection: ConnectionFacts, membership: Membership) -> Action | None:
    """The button, for those who may press it."""
    if not membership.as_role.can(Can.MANAGE_CONNECTIONS):
        return None
    return Action("Reconnect", path_of("reconnect", connection.pk), "post")


def _checklist(membership: Membership) -> tuple[dict[str, Any], ...]:
    href = path_of("integrations") if membership.as_role.can(Can.MANAGE_CONNECTIONS) else ""
    return (
        {"text": f"You are a member of {membership.workspace.name}", "done": True, "href": ""},
        {"text": "Connect a TikTok account", "done": False, "href": href},
        {"text": "Figures arrive, within a few minutes", "done": False, "href": ""},
        {"text": "The first report comes by mail", "done": False, "href": ""},
    )


def _posts(posts: list[RankedPost]) -> tuple[PostRow, ...]:
    """As rows, ranked as they come."""
    most = max((p.views or 0 for p in posts), default=0)
    return tuple(
        PostRow(
            rank=i,
            title=caption(p.caption),
            href=path_of("post", p.pk),
            posted=figures.day(p.created_at.date()),
            views=figures.count(p.views),
            views_full=figures.count(p.views),
            share=(p.views or 0) / most if most else 0.0,
            engagement=figures.rate(p.engagement_rate),
            watch_through=figures.watch(p.watch_through_rate),
        )
        for i, p in enumerate(posts, 1)
    )


def _not_granted(rows: list[ConnectionFacts]) -> tuple[dict[str, str], ...]:
    """Each scope once, with whom to ask for it."""
    by_scope: dict[str, list[str]] = {}
    for c in rows:
        for name in c.missing_scopes if c.state == Connection.State.LIVE else ():
            if name in SCOPES:
                by_scope.setdefault(name, []).append(c.shown_name)
    return tuple(
        {"what": SCOPES[name].without_it.rstrip("."), "sentence": f"Not granted. Ask {_names(who)} to allow {name}."}
        for name, who in by_scope.items()
    )


def _names(who: list[str]) -> str:
    if len(who) == 1:
        return who[0]
    return f"{', '.join(who[:-1])} and {who[-1]}" if len(who) <= 3 else f"{', '.join(who[:2])} and {len(who) - 2} others"


def steps_of(connection: Connection) -> tuple[Step, ...]:
    """The first sync of an account, step by step."""
    state = {"waiting": "waiting", "running": "running", "done": "done", "skipped": "done", "failed": "failed"}
    return tuple(
        Step(label=_step_label(run), state=state[run.state], done=run.done_count, total=run.total_count)
        for run in connections.sync_state(connection).runs
        if run.state != SyncRun.State.SKIPPED and run.kind != SyncRun.Kind.OLDER_POSTS  # a first sync has just read them all
    )


def _step_label(run: SyncRun) -> str:
    label = SyncRun.Kind(run.kind).label
    if run.state == SyncRun.State.DONE and run.kind == SyncRun.Kind.POSTS:
        return f"{figures.count(run.done_count)} post{'' if run.done_count == 1 else 's'}"
    if run.state == SyncRun.State.DONE and run.kind == SyncRun.Kind.ACCOUNT_DAYS:
        return f"{run.done_count} day{'' if run.done_count == 1 else 's'}"
    return label
