"""The key figures of a subject over a period, each with its change, its trend and its chart. Owns labels and which figure a change is told
of; the formulas are in metrics.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from agency.database.prepared import Later
from agency.models import Workspace
from agency.outlets import charts, figures
from agency.outlets.parts import BARS_UP_TO, MOST_POINTS, NO_DATA, Chart, DayPoint, Delta, Kpi, count_delta, delta, rate_delta
from integrations.facts import ConnectionFacts
from metrics import queries as metrics
from metrics.published_queries import Published, PublishedDays, together
from metrics.queries import Day, Period
from metrics.subject_queries import Subject
from reports.asking import Asked

NO_POSTS = Published()
Form = Literal["count", "rate", "seconds"]
Number = int | float | None
FROM_LOOKS = "from looks at posts"  # where nobody granted TikTok's own days
NO_LOOKS = "Not enough looks at posts yet"
BY_LOOKS = {"views", "engagement"}


@dataclass(frozen=True)
class Days:
    """Some days with what was published on them, which is read once a figure is about it."""

    days: tuple[Day, ...]
    posts: Later[PublishedDays | None]  # None: nobody has read the posts yet

    @cached_property
    def period(self) -> Period:
        """As one."""
        return Period(self.days)

    @cached_property
    def published(self) -> Published | None:
        """All posts of these days."""
        posts = self.posts()
        return None if posts is None else together(posts.each[d.date] for d in self.days if d.date in posts.each)

    @cached_property
    def missing_count(self) -> int:
        """How many of them TikTok has not delivered for every account."""
        return len(self.period.missing)

    @cached_property
    def each(self) -> tuple["OneDay", ...]:
        """Every day by itself, for all figures that are drawn by day."""
        return tuple(OneDay(day, self.posts) for day in self.days)

    @cached_property
    def weeks(self) -> tuple["Days", ...]:
        """Sevens of them, counted from the end."""
        return tuple(Days(self.days[start : start + 7], self.posts) for start in range(len(self.days) % 7, len(self.days), 7))


class OneDay(NamedTuple):
    """A day with what was published on it: what a period has, without adding anything up, for a chart of a quarter has ninety of them."""

    period: Day
    posts: Later[PublishedDays | None]

    @property
    def days(self) -> tuple[Day, ...]:
        """Itself."""
        return (self.period,)

    @property
    def published(self) -> Published | None:
        """Its posts."""
        posts = self.posts()
        return None if posts is None else posts.each.get(self.period.date, NO_POSTS)


@dataclass(frozen=True)
class Figure:
    """One key figure: where it comes from and how it is said."""

    key: str
    label: str
    title: str  # of its chart
    scope: str  # what must be granted
    form: Form
    value: Callable[[Days | OneDay], Number]
    of_period: bool = True  # the period is in the label: "Views (7d)"
    shape: Callable[[Number], str] = figures.compact
    needs_whole_days: bool = True  # a sum over days, of which one that is missing must not look like a fall
    missing: str = "No data from TikTok"
    gap: str = NO_DATA


def _seconds_of_a_view(days: Days | OneDay) -> float | None:
    posts = days.published
    return posts.seconds / posts.timed_views if posts and posts.seconds is not None and posts.timed_views else None


FIGURES: dict[str, Figure] = {
    f.key: f
    for f in (
        Figure("followers", "Followers", "Followers", "user.insights", "count", lambda d: d.period.followers, of_period=False),
        Figure("views", "Views", "Views", "user.insights", "count", lambda d: d.period.views),
        Figure("engagement", "Engagement", "Engagement", "user.insights", "rate", lambda d: d.period.engagement_rate, of_period=False,
               shape=figures.rate),
        Figure("posts", "Posts", "Posts", "video.list", "count", lambda d: d.published and d.published.count, needs_whole_days=False),
        Figure("reach", "Daily reach", "Reach", "user.insights", "count", lambda d: d.period.viewers_of_a_day, of_period=False,
               missing="TikTok tells it of business accounts"),
        Figure("profile_views", "Profile views", "Profile views", "user.insights", "count", lambda d: d.period.profile_views),
        Figure("watch_through", "Watch-through", "Watch-through of the posts", "video.insights", "rate",
               lambda d: d.published and d.published.watch_through_rate, of_period=False, shape=figures.watch, needs_whole_days=False,
               missing="No post with this figure", gap="no post"),
        Figure("watch_time", "Avg. watch time", "Watch time of the posts", "video.insights", "seconds", _seconds_of_a_view,
               of_period=False, shape=figures.seconds, needs_whole_days=False, missing="No post with this figure", gap="no post"),
    )
}  # fmt: skip


@dataclass(frozen=True)
class KeyFigures:
    """The figures of one wish."""

    asked: Asked
    workspace: Workspace
    subject: Subject
    connections: Sequence[ConnectionFacts]
    this: Days
    before: Days | None

    def kpis(self) -> tuple[Kpi, ...]:
        """In the order of the table above."""
        return tuple(self._kpi(f) for f in FIGURES.values())

    def _granted(self, scope: str) -> bool:
        return not self.connections or any(c.has(scope) for c in self.connections)

    def value(self, figure: Figure, days: Days) -> Number:
        """The figure over some days. Followers of now where the days were not granted and the profile was."""
        if figure.key == "followers" and not self._granted("user.insights") and days is self.this:
            counts = [a.followers_count for a in self.subject.accounts]
            return sum(counts) if counts and None not in counts else None
        return figure.value(days)

    def _kpi(self, figure: Figure) -> Kpi:
        value, scope = self.value(figure, self.this), figure.scope
        if figure.key == "followers" and not self._granted(scope):
            scope = "user.info.stats"
        if self._by_looks(figure):
            scope = "video.list"
        state, reason = "ok", ""
        if not self._granted(scope):
            state, reason = "not_granted", f"Not granted: {scope}"
        elif value is None:
            state, reason = "missing", figure.missing if self.subject.accounts else "No data from TikTok"
            reason = NO_LOOKS if self._by_looks(figure) else reason
        ok = state == "ok"
        note, note_ok = self._cadence() if ok and figure.key == "posts" else ("", False)
        full = figures.count if figure.shape is figures.compact else figure.shape
        return Kpi(
            key=figure.key,
            label=f"{figure.label} ({self.asked.length}d)" if figure.of_period else figure.label,
            value=figure.shape(value) if ok else figures.MISSING,
            full=full(value) if ok else figures.MISSING,
            delta=self._delta(figure) if ok and not note else None,
            note=note,
            note_ok=note_ok,
            spark=tuple(n for _, n in self._series(figure, self.this)) if ok else (),
            href=self.asked.href(metric=figure.key),
            current=self.asked.metric == figure.key,
            state=state,
            reason=reason,
            gap=self._gap(figure) if ok and figure.needs_whole_days and figure.key != "followers" else "",
        )

    def _by_looks(self, figure: Figure) -> bool:
        return figure.key in BY_LOOKS and self.subject.is_read_by_looks

    def _gap(self, figure: Figure) -> str:
        """A sum over fewer days than were asked for says so, and one that is not out of TikTok's days."""
        missing = self.this.missing_count
        told = f"{self.asked.length - missing} of {self.asked.length} days" if missing else ""
        return ", ".join(part for part in (FROM_LOOKS if self._by_looks(figure) else "", told) if part)

    def _cadence(self) -> tuple[str, bool]:
        """Against what was agreed for the workspace; parts of a workspace agreed on nothing."""
        if self.subject.kind != "workspace":
            return "", False
        posts = self.this.published
        keeps_up = posts is not None and posts.count >= self.workspace.posts_per_week * self.asked.length / 7
        return "on cadence" if keeps_up else "behind", keeps_up

    def _delta(self, figure: Figure) -> Delta | None:
        """Only days that are whole on both sides are compared; followers are a level and compare their ends."""
        if self.before is None:
            return None
        if figure.key == "followers":
            now, then = self.this.period.followers, self.before.period.followers
            if now is None or then is None:
                return None
            since = "1y" if self.asked.against == "year" else f"{self.asked.length}d"
            said = "a year before" if self.asked.against == "year" else f"{self.asked.length} days before"
            return delta(f"{figures.signed_count(now - then)} / {since}", f"{said}: {figures.count(then)}", now - then)
        this, before = self.this, self.before
        if figure.needs_whole_days:
            if self._alike is None:
                return None
            this, before = self._alike
        now, then = figure.value(this), figure.value(before)
        if figure.form == "count":
            return count_delta(now, then)
        if figure.form == "rate":
            return rate_delta(now, then)
        if now is None or then is None:
            return None
        return delta(figures.change(now, then), f"from {figures.seconds(then)}", round(now - then, 1))

    @cached_property
    def _alike(self) -> tuple[Days, Days] | None:
        """The days of both sides that can be compared."""
        assert self.before is not None
        pair = metrics.alike(self.this.period, self.before.period, until=self.asked.final)
        return (Days(pair[0].days, self.this.posts), Days(pair[1].days, self.before.posts)) if pair else None

    def _is_by_day(self, figure: Figure) -> bool:
        """Whether a day is a point. Of single days some have no post, and a line of them would be all gaps."""
        return self.asked.length <= (BARS_UP_TO if figure.gap != NO_DATA else MOST_POINTS)

    def _series(self, figure: Figure, some: Days) -> Iterator[tuple[tuple[Day, ...], Number]]:
        """The figure by day, or by week where days would be too many."""
        for group in some.each if self._is_by_day(figure) else some.weeks:
            yield group.days, self._of_group(figure, group)

    @staticmethod
    def _of_group(figure: Figure, group: Days | OneDay) -> Number:
        # A week that lacks a day is a gap: its sum would look like a fall.
        if figure.needs_whole_days and figure.key != "followers" and len(group.days) > 1 and group.missing_count:
            return None
        return figure.value(group)

    def chart(self) -> Chart:
        """The chosen figure, beside the days that it is compared with."""
        figure = FIGURES[self.asked.metric]
        now = list(self._series(figure, self.this))
        before = [n for _, n in self._series(figure, self.before)] if self.before else [None] * len(now)
        points = tuple(self._point(group, n, b) for (group, n), b in zip(now, before, strict=True))
        by = "day" if self._is_by_day(figure) else "week"
        title = f"{figure.title} per {by}" if figure.key not in {"watch_through", "watch_time"} else f"{figure.title} of each {by}"
        title += f", {FROM_LOOKS}" if self._by_looks(figure) else ""
        full = {"count": figures.count, "rate": figures.rate, "seconds": figures.seconds}[figure.form]
        return Chart(
            title=title,
            legend_now=figures.short_range(*self.asked.range),
            legend_before=figures.short_range(*self.asked.before) if self.asked.before else "",
            total_now=full(figure.value(self.this)),
            total_before=full(figure.value(self.before)) if self.before else "",
            points=points,
            news=charts.news(points, title, form=figure.form, gap=figure.gap, step=by),
            unit=figure.label,
            form=figure.form,
            step="Day" if by == "day" else "Week",
            gap=figure.gap,
        )

    def _point(self, group: tuple[Day, ...], now: Number, before: Number) -> DayPoint:
        first, last = group[0].date, group[-1].date
        label = figures.day(first) if first == last else figures.short_range(first, last)
        if self.asked.length <= 14:
            label = f"{figures.weekday(first)} {first.day}"
        open_still = last > self.asked.final
        return DayPoint(first, label, now, before, "missing" if now is None else "provisional" if open_still else "final")
