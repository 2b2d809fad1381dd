"""Reads for reports: composing a week's content, and finding reports and their deliveries."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from agency.models import Membership, Workspace
from agency.roles import Can, Role
from integrations.models import Connection
from metrics import queries as metrics
from metrics.models import Account, Post
from metrics.periods import Week, day_final_at
from reports.content import Content, Creative, DayFigure, MissingAccount, Organic
from reports.models import Delivery, ReportSchedule, StoppedMail, WeeklyReport

CREATIVE_COUNT = 3
_FOR = (Role.CLIENT_ADMIN, Role.CLIENT_VIEWER, Role.CREATOR)


def compose(workspace: Workspace, week: Week, *, now: datetime) -> Content:
    """The content of a week as TikTok has delivered it by now. The same data gives the same content."""
    connections = list(Connection.objects.of(workspace).exclude(state=Connection.State.ASKED).order_by("handle", "pk"))
    present = [c for c in connections if c.state == Connection.State.LIVE]
    accounts = metrics.accounts_of(c.pk for c in present)
    this, last = metrics.period(accounts, week.monday, week.sunday), metrics.period(accounts, week.before.monday, week.before.sunday)
    posts = metrics.posts_between(accounts, week.monday, week.sunday)
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
            posts_count=posts.count() if any(c.has("video.list") for c in present) else None,
            posts_agreed=workspace.posts_per_week,
            views=this.views,
            # Like days only: a week that lacks its Sunday is not compared with one that has it.
            views_before=metrics.views_on(last, like=this),
            engagement_rate=this.engagement_rate,
            engagement_rate_before=metrics.engagement_on(last, like=this),
            new_followers=metrics.new_followers(accounts, week.monday, week.sunday),
            new_followers_before=metrics.new_followers(accounts, week.before.monday, week.before.sunday),
            followers=this.followers,
        ),
        creative=tuple(_creative(p, accounts) for p in posts[:CREATIVE_COUNT]),
        missing_days=tuple(d.isoformat() for d in this.missing),
        not_final_days=tuple(d.date for d in days if not d.is_final),
        missing_accounts=tuple(MissingAccount(c.shown_name, c.broken_reason) for c in connections if c.state == Connection.State.BROKEN),
    )


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


def due_at(week: Week, schedule: ReportSchedule, workspace: Workspace, *, now: datetime) -> datetime:
    """The slot; for a slot that had passed before the workspace had any data, the moment the week is final."""
    slot = slot_of(week, schedule, workspace)
    return slot if slot > now else max(now, week.final_at)


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
    members = Membership.objects.filter(role__in=[r.value for r in _FOR], person__is_active=True).select_related("person", "workspace")
    return [
        m
        for m in members.order_by("created_at", "pk")
        if m.pk not in stopped and m.as_role.can(Can.VIEW_REPORTS) and (m.as_role is not Role.CREATOR or _published(m, week))
    ]


def _published(membership: Membership, week: Week) -> bool:
    mine = Connection.objects.visible_to(membership).live().values_list("pk", flat=True)
    return metrics.posts_between(metrics.accounts_of(mine), week.monday, week.sunday).exists()


def deliveries(report: WeeklyReport) -> QuerySet[Delivery]:
    """Who got it, or is to get it."""
    return Delivery.objects.filter(report=report).select_related("person").order_by("created_at", "pk")
