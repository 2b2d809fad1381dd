"""Reads for reports: composing a week's content, and finding reports and their deliveries."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from agency.models import Membership, Workspace
from agency.roles import Role
from integrations.models import Connection
from metrics import queries as metrics
from metrics.models import Account, Post
from metrics.periods import Week, day_final_at, last_final_day
from reports.content import Content, Creative, DayFigure, MissingAccount, Organic
from reports.models import Delivery, ExportFile, ReportSchedule, StoppedMail, WeeklyReport

CREATIVE_COUNT = 3
LATE_AFTER = timedelta(hours=2)  # a sync is due every half hour
_FOR = (Role.CLIENT_ADMIN, Role.CLIENT_VIEWER, Role.CREATOR)


def compose(workspace: Workspace, week: Week, *, now: datetime) -> Content:
    """The content of a week as TikTok has delivered it by now. The same data gives the same content."""
    connections = list(Connection.objects.of(workspace).of_accounts().exclude(state=Connection.State.ASKED).order_by("handle", "pk"))
    present = [c for c in connections if c.state == Connection.State.LIVE]
    accounts = metrics.accounts_of(c.pk for c in present)
    shares_days = any(a.connection.has("user.insights") for a in accounts)
    this, last = metrics.period(accounts, week.monday, week.sunday), metrics.period(accounts, week.before.monday, week.before.sunday)
    posts = metrics.posts_between(accounts, week.monday, week.sunday)
    alike = metrics.alike(this, last, until=last_final_day(now))
    days = tuple(
        DayFigure(date=d.date.isoformat(), views=d.views, views_before=b.views, is_final=day_final_at(d.date) <= now)
        for d, b in zip(this.days, last.days, strict=True)
    )
    return Content(
        week=str(week),
        workspace=workspace.name,
        monday=week.monday.isoformat(),
        sunday=week.sunday.isoformat(),
        composed_at=now.replace(microsecond=0).isoformat(),
        accounts=tuple(c.shown_name for c in present),
        days=days,
        organic=Organic(
            posts_count=posts.count() if any(a.posts_seen_at for a in accounts) else None,
            posts_agreed=workspace.posts_per_week,
            views=this.views,
            # Like days only: a week that lacks its Sunday is not compared with one that has it.
            days_alike=len(alike[0].days) if alike else 0,
            views_alike=alike[0].views if alike else None,
            views_before=alike[1].views if alike else None,
            engagement_rate=this.engagement_rate,
            engagement_rate_alike=alike[0].engagement_rate if alike else None,
            engagement_rate_before=alike[1].engagement_rate if alike else None,
            new_followers=metrics.new_followers(accounts, week.monday, week.sunday),
            new_followers_before=metrics.new_followers(accounts, week.before.monday, week.before.sunday),
            followers=this.followers,
        ),
        creative=tuple(_creative(p, accounts) for p in posts[:CREATIVE_COUNT]),
        # Days that nobody allowed us to ask for are not late: the accounts below say so.
        missing_days=tuple(d.isoformat() for d in this.missing) if shares_days else (),
        not_final_days=tuple(d.date for d in days if not d.is_final),
        missing_accounts=tuple(_missing(connections, accounts)),
    )


def _missing(connections: Iterable[Connection], accounts: Iterable[Account]) -> Iterator[MissingAccount]:
    synced = {a.connection_id for a in accounts}
    for c in connections:
        if c.state == Connection.State.BROKEN:
            yield MissingAccount(c.shown_name, "broken", c.broken_reason)
        elif c.state == Connection.State.LIVE and c.pk not in synced:
            yield MissingAccount(c.shown_name, "not_synced", "")
        elif c.state == Connection.State.LIVE and not c.has("user.insights"):
            yield MissingAccount(c.shown_name, "not_granted", "user.insights")


def has_live_account() -> bool:
    """Whether the open workspace has an account that can have figures."""
    return Connection.objects.live().of_accounts().exists()


def figures_are_late(now: datetime) -> bool:
    """Whether a live account of the open workspace has not been synced lately, as after an outage."""
    live = list(Connection.objects.live().of_accounts())
    accounts = metrics.accounts_of(c.pk for c in live)
    synced_at = metrics.last_synced_at(accounts) if len(accounts) == len(live) else None
    return synced_at is None or now - synced_at > LATE_AFTER


def began_at() -> datetime | None:
    """When the open workspace got its first report."""
    return WeeklyReport.objects.order_by("composed_at").values_list("composed_at", flat=True).first()


def _creative(post: Post, accounts: Iterable[Account]) -> Creative:
    account = next(a for a in accounts if a.pk == post.account_id)
    return Creative(
        post_id=str(post.pk),
        account=account.connection.shown_name,
        caption=post.caption,
        posted_on=post.created_at.date().isoformat(),
        views=post.views,
        engagement_rate=metrics.engagement_of(post),
        watch_through_rate=post.watch_through_rate,
    )


def slot_of(week: Week, schedule: ReportSchedule, workspace: Workspace) -> datetime:
    """When the report of a week goes: the Monday after it, at the workspace's hour in the workspace's zone."""
    monday = week.after.monday
    local = datetime(monday.year, monday.month, monday.day, schedule.hour, tzinfo=ZoneInfo(workspace.time_zone))
    return local.astimezone(ZoneInfo("UTC"))


def due_at(week: Week, schedule: ReportSchedule, workspace: Workspace, *, began_at: datetime | None) -> datetime:
    """When a week is to be reported: in its slot, or as soon as it can be once the slot was missed.

    The first report does not wait for Monday, and a week whose slot had passed before it only waits until it is final.
    """
    slot = slot_of(week, schedule, workspace)
    return slot if began_at is not None and slot > began_at else week.final_at


def next_slot(week: Week, schedule: ReportSchedule, workspace: Workspace, *, now: datetime) -> tuple[Week, datetime]:
    """The first week, from this one on, whose slot is still to come, and that slot."""
    while (slot := slot_of(week, schedule, workspace)) <= now:
        week = week.after
    return week, slot


def visible_reports(membership: Membership) -> QuerySet[WeeklyReport]:
    """Reports a member may read. A creator reads those of weeks in which a post of an own account stands."""
    reports = WeeklyReport.objects.visible_to(membership).order_by("-week")
    if membership.as_role is not Role.CREATOR:
        return reports
    mine = Connection.objects.visible_to(membership).values_list("pk", flat=True)
    weeks = {str(Week.of(at.date())) for at in Post.objects.filter(account__connection__in=list(mine)).values_list("created_at", flat=True)}
    return reports.filter(week__in=weeks)


def recipients(week: Week) -> list[Membership]:
    """Who gets a week's report: client people, and creators whose account published in it. Not those who stopped it."""
    stopped = set(StoppedMail.objects.values_list("membership_id", flat=True))
    members = _readers().order_by("created_at", "pk")
    return [m for m in members if m.pk not in stopped and (m.as_role is not Role.CREATOR or _published(m, week))]


def recipient(delivery: Delivery) -> Membership | None:
    """The member whom a delivery still reaches; None when they left, or changed to a role that gets no report."""
    return _readers().filter(person_id=delivery.person_id).first()


def has_stopped(membership: Membership) -> bool:
    """Whether they want no Monday reports."""
    return StoppedMail.objects.filter(membership=membership).exists()


def _readers() -> QuerySet[Membership]:
    return Membership.objects.filter(role__in=[r.value for r in _FOR], person__is_active=True).select_related("person", "workspace")


def _published(membership: Membership, week: Week) -> bool:
    mine = Connection.objects.visible_to(membership).live().values_list("pk", flat=True)
    return metrics.posts_between(metrics.accounts_of(mine), week.monday, week.sunday).exists()


def deliveries(report: WeeklyReport) -> QuerySet[Delivery]:
    """Who got it, or is to get it."""
    return Delivery.objects.filter(report=report).select_related("person").order_by("created_at", "pk")


def export_files(membership: Membership) -> QuerySet[ExportFile]:
    """The files that a member asked for, newest first."""
    return ExportFile.objects.visible_to(membership).order_by("-asked_at", "pk")
