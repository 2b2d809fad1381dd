"""The Performance page as one object: what the figures are, how fresh they are, and what needs the person. Owns words, no formulas."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from agency.models import Membership, Workspace
from agency.outlets import charts, figures
from agency.outlets.parts import AccountRow, Action, Chart, DayPoint, Freshness, Kpi, PostRow, Problem, Step, count_delta, delta, rate_delta
from agency.roles import Can
from integrations import queries as connections
from integrations.features import SCOPES
from integrations.models import Connection, SyncRun
from integrations.rows import account_row
from metrics import queries as metrics
from metrics.models import Account, Post
from metrics.periods import last_final_day
from metrics.queries import Day, Period
from reports.presentation import caption

LENGTHS = {7: "7 days", 28: "28 days"}
LATE_AFTER = timedelta(hours=2)
POSTS_SHOWN = 10
_KEYS = ("followers", "views", "engagement", "posts")


@dataclass(frozen=True)
class Asked:
    """What the address asks for, cleaned: an unknown period or metric falls back to the usual one."""

    length: int = 7
    metric: str = "views"

    @classmethod
    def of(cls, query: Any) -> "Asked":
        """From a query string."""
        length, metric = query.get("days", ""), query.get("metric", "")
        return cls(int(length) if length in {str(n) for n in LENGTHS} else 7, metric if metric in _KEYS else "views")

    def href(self, **changes: Any) -> str:
        """The same page with something changed."""
        values = {"days": self.length, "metric": self.metric} | changes
        return f"{reverse('performance')}?{urlencode(values)}"


@dataclass(frozen=True)
class Dashboard:
    """Everything templates/reports/performance.html shows."""

    freshness: Freshness
    problems: tuple[Problem, ...]
    checklist: tuple[dict[str, Any], ...]
    period: tuple[dict[str, Any], ...]
    kpis: tuple[Kpi, ...]
    chart: Chart | None
    posts: tuple[PostRow, ...]
    posts_title: str
    posts_total: int
    connections: tuple[AccountRow, ...]
    not_granted: tuple[dict[str, str], ...]


def dashboard(membership: Membership, asked: Asked, *, now: datetime) -> Dashboard:
    """Read and word the page. The number of queries does not depend on the amount of history."""
    rows = [c for c in connections.connections(membership) if c.state != Connection.State.DISCONNECTED]
    accounts = metrics.accounts_of(c.pk for c in rows)
    last = last_final_day(now)
    first = last - timedelta(days=asked.length - 1)
    this = metrics.period(accounts, first, last)
    before = metrics.period(accounts, first - timedelta(days=asked.length), first - timedelta(days=1))
    posts = list(metrics.posts_between(accounts, first, last)[:POSTS_SHOWN])
    per_day = metrics.posts_per_day(accounts, first - timedelta(days=asked.length), last)
    figures_ = _Figures(membership.workspace, rows, accounts, this, before, per_day, asked)
    syncs = {c.pk: connections.sync_state(c) for c in rows}
    return Dashboard(
        freshness=_freshness(rows, accounts, this, last, now, membership),
        problems=_problems(rows, accounts, membership),
        checklist=() if rows else _checklist(membership),
        period=tuple({"label": label, "href": asked.href(days=n), "current": n == asked.length} for n, label in LENGTHS.items()),
        kpis=figures_.kpis(),
        chart=figures_.chart() if accounts else None,
        posts=_posts(posts),
        posts_title="Top posts",
        posts_total=sum(n for day, n in per_day.items() if day >= first),
        connections=tuple(account_row(c, syncs[c.pk]) for c in rows),
        not_granted=_not_granted(rows),
    )


@dataclass(frozen=True)
class _Figures:
    """The key figures and their charts."""

    workspace: Workspace
    rows: Sequence[Connection]
    accounts: Sequence[Account]
    this: Period
    before: Period
    posts: dict[date, int]
    asked: Asked

    def kpis(self) -> tuple[Kpi, ...]:
        return (self._followers(), self._views(), self._engagement(), self._posts())

    def _granted(self, scope: str) -> bool:
        return not self.rows or any(c.has(scope) for c in self.rows)

    def _kpi(
        self, key: str, label: str, scope: str, value: Any, shape: Callable[[Any], str], full: Callable[[Any], str], **more: Any
    ) -> Kpi:
        state, reason = "ok", ""
        if not self._granted(scope):
            state, reason = "not_granted", f"Not granted: {scope}"
        elif value is None:
            state, reason = "missing", "No data from TikTok"
        ok = state == "ok"
        blank = {"delta": None, "note": "", "note_ok": False, "spark": ()}
        return Kpi(
            key=key,
            label=label,
            value=shape(value) if ok else figures.MISSING,
            full=full(value) if ok else figures.MISSING,
            href=self.asked.href(metric=key),
            current=self.asked.metric == key,
            state=state,
            reason=reason,
            **(blank | more if ok else blank),
        )

    def _followers(self) -> Kpi:
        now, then = self.this.followers, self.before.followers
        if now is None and not any(c.has("user.insights") for c in self.rows):
            counts = [a.followers_count for a in self.accounts]
            now = sum(counts) if counts and None not in counts else None
        chip = None
        if now is not None and then is not None:
            chip = delta(
                f"{figures.signed_count(now - then)} / {self.asked.length}d",
                f"{self.asked.length} days before: {figures.count(then)}",
                now - then,
            )
        scope = "user.insights" if self._granted("user.insights") else "user.info.stats"
        spark = tuple(d.followers for d in self.this.days)
        return self._kpi("followers", "Followers", scope, now, figures.compact, figures.count, delta=chip, spark=spark)

    def _views(self) -> Kpi:
        pair = metrics.alike(self.this, self.before, until=self.this.last)
        spark = tuple(d.views for d in self.this.days)
        return self._kpi(
            "views",
            f"Views ({self.asked.length}d)",
            "user.insights",
            self.this.views,
            figures.compact,
            figures.count,
            delta=count_delta(pair[0].views, pair[1].views) if pair else None,
            spark=spark,
        )

    def _engagement(self) -> Kpi:
        pair = metrics.alike(self.this, self.before, until=self.this.last)
        return self._kpi(
            "engagement",
            "Engagement",
            "user.insights",
            self.this.engagement_rate,
            figures.rate,
            figures.rate,
            delta=rate_delta(pair[0].engagement_rate, pair[1].engagement_rate) if pair else None,
            spark=tuple(d.engagement_rate for d in self.this.days),
        )

    def _posts(self) -> Kpi:
        per_day = [n for day, n in self.posts.items() if day >= self.this.first]
        count, agreed = sum(per_day), self.workspace.posts_per_week * self.asked.length / 7
        on_cadence = count >= agreed
        value = count if any(a.posts_seen_at for a in self.accounts) else None
        return self._kpi(
            "posts",
            f"Posts ({self.asked.length}d)",
            "video.list",
            value,
            figures.compact,
            figures.count,
            note="on cadence" if on_cadence else "behind",
            note_ok=on_cadence,
            spark=tuple(per_day),
        )

    def chart(self) -> Chart:
        """The chosen figure by day, beside the same days a period before."""
        title, unit, form, of = {
            "followers": ("Followers per day", "Followers", "count", lambda d: d.followers),
            "views": ("Views per day", "Views", "count", lambda d: d.views),
            "engagement": ("Engagement per day", "Engagement", "rate", lambda d: d.engagement_rate),
            "posts": ("Posts per day", "Posts", "count", self._posts_on),
        }[self.asked.metric]
        short = self.asked.length <= 14
        points = tuple(
            DayPoint(
                date=d.date,
                label=f"{d.date:%a %-d}" if short else figures.day(d.date),
                now=of(d),
                before=of(b),
                state="missing" if of(d) is None else "final",
            )
            for d, b in zip(self.this.days, self.before.days, strict=True)
        )
        return Chart(
            title=title,
            legend_now=figures.short_range(self.this.first, self.this.last),
            legend_before=figures.short_range(self.before.first, self.before.last),
            total_now=self._total(self.this),
            total_before=self._total(self.before),
            points=points,
            news=charts.news(points, title, form=form),
            unit=unit,
            form=form,
        )

    def _posts_on(self, day: Day) -> int | None:
        return self.posts.get(day.date, 0) if any(a.posts_seen_at for a in self.accounts) else None

    def _total(self, period: Period) -> str:
        return {
            "followers": lambda: figures.count(period.followers),
            "views": lambda: figures.count(period.views),
            "engagement": lambda: figures.rate(period.engagement_rate),
            "posts": lambda: figures.count(sum(self.posts.get(d.date, 0) for d in period.days)),
        }[self.asked.metric]()


def _freshness(
    rows: list[Connection], accounts: list[Account], this: Period, last: date, now: datetime, membership: Membership
) -> Freshness:
    """The worst state wins."""
    synced_at = metrics.last_synced_at(accounts) if len(accounts) == len(rows) else None
    broken = next((c for c in rows if c.state == Connection.State.BROKEN), None)
    if broken is not None:
        return Freshness("broken", synced_at, last, f"{broken.shown_name} needs to be reconnected.", _reconnect(broken, membership))
    if synced_at is None:
        return Freshness("never", None, None, "The first figures are on their way." if rows else "No account is connected yet.")
    if now - synced_at > LATE_AFTER:
        return Freshness("late", synced_at, last, "We try again by ourselves.")
    return Freshness("fresh", synced_at, last)


def _problems(rows: list[Connection], accounts: list[Account], membership: Membership) -> tuple[Problem, ...]:
    broken = [c for c in rows if c.state == Connection.State.BROKEN]
    ends = metrics.last_days(accounts) if broken else {}
    return tuple(
        Problem(
            f"{c.shown_name} needs to be reconnected." + (f" Figures stop at {figures.day(ends[c.pk])}." if c.pk in ends else ""),
            _reconnect(c, membership),
        )
        for c in broken
    )


def _reconnect(connection: Connection, membership: Membership) -> Action | None:
    """The button, for those who may press it."""
    if not membership.as_role.can(Can.MANAGE_CONNECTIONS):
        return None
    return Action("Reconnect", reverse("reconnect", args=[connection.pk]), "post")


def _checklist(membership: Membership) -> tuple[dict[str, Any], ...]:
    href = reverse("integrations") if membership.as_role.can(Can.MANAGE_CONNECTIONS) else ""
    return (
        {"text": f"You are a member of {membership.workspace.name}", "done": True, "href": ""},
        {"text": "Connect a TikTok account", "done": False, "href": href},
        {"text": "Figures arrive, within a few minutes", "done": False, "href": ""},
        {"text": "The first report comes by mail", "done": False, "href": ""},
    )


def _posts(posts: list[Post]) -> tuple[PostRow, ...]:
    most = max((p.views or 0 for p in posts), default=0)
    return tuple(
        PostRow(
            rank=i,
            title=caption(p.caption),
            href=p.share_url if p.share_url.startswith("https://") else "",
            posted=figures.day(p.created_at.date()),
            views=figures.count(p.views),
            views_full=figures.count(p.views),
            share=(p.views or 0) / most if most else 0.0,
            engagement=figures.rate(metrics.engagement_of(p)),
            watch_through=figures.watch(p.watch_through_rate),
        )
        for i, p in enumerate(posts, 1)
    )


def _not_granted(rows: list[Connection]) -> tuple[dict[str, str], ...]:
    return tuple(
        {"what": SCOPES[name].without_it.rstrip("."), "sentence": f"Not granted. Ask {c.shown_name} to allow {name}."}
        for c in rows
        if c.state == Connection.State.LIVE
        for name in c.missing_scopes
        if name in SCOPES
    )


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
