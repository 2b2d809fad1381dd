"""Reads for reports: when they are due, whom they concern, and finding them and their deliveries."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from agency.models import Membership, Workspace
from agency.roles import Role
from integrations.models import Connection
from metrics import queries as metrics
from metrics.models import Post
from metrics.periods import Week
from reports.composition import creators_of
from reports.models import Credit, Delivery, ExportFile, ReportSchedule, StoppedMail, WeeklyReport

LATE_AFTER = timedelta(hours=2)  # a sync is due every half hour
_FOR = (Role.CLIENT_ADMIN, Role.CLIENT_VIEWER, Role.CREATOR)


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
    """Reports a member may read. A creator reads those of weeks with a post of an own account, or one that was credited to them."""
    reports = WeeklyReport.objects.visible_to(membership).order_by("-week")
    if membership.as_role is not Role.CREATOR:
        return reports
    mine = Connection.objects.visible_to(membership).values_list("pk", flat=True)
    credited = Credit.objects.filter(creator=membership).values_list("post_id", flat=True)
    concerns = Post.objects.filter(Q(account__connection__in=list(mine)) | Q(pk__in=list(credited)))
    weeks = {str(Week.of(at.date())) for at in concerns.values_list("created_at", flat=True)}
    return reports.filter(week__in=weeks)


def recipients(workspace: Workspace, week: Week) -> list[Membership]:
    """Who gets a week's report: client people, and creators whom a post of it concerns. Not those who stopped it."""
    stopped = set(StoppedMail.objects.values_list("membership_id", flat=True))
    live = Connection.objects.of(workspace).live().of_accounts().values_list("pk", flat=True)
    creators = creators_of(workspace, list(metrics.posts_between(metrics.accounts_of(live), week.monday, week.sunday)))
    members = _readers().order_by("created_at", "pk")
    return [m for m in members if m.pk not in stopped and (m.as_role is not Role.CREATOR or m in creators)]


def recipient(delivery: Delivery) -> Membership | None:
    """The member whom a delivery still reaches; None when they left, or changed to a role that gets no report."""
    return _readers().filter(person_id=delivery.person_id).first()


def has_stopped(membership: Membership) -> bool:
    """Whether they want no Monday reports."""
    return StoppedMail.objects.filter(membership=membership).exists()


def _readers() -> QuerySet[Membership]:
    return Membership.objects.filter(role__in=[r.value for r in _FOR], person__is_active=True).select_related("person", "workspace")


def deliveries(report: WeeklyReport) -> QuerySet[Delivery]:
    """Who got it, or is to get it."""
    return Delivery.objects.filter(report=report).select_related("person").order_by("created_at", "pk")


def export_files(membership: Membership) -> QuerySet[ExportFile]:
    """The files that a member asked for, newest first."""
    return ExportFile.objects.visible_to(membership).order_by("-asked_at", "pk")
