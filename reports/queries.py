"""Reads for reports: when they are due, whom they concern, and finding them and their deliveries."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from agency.models import Membership, Workspace
from agency.queries import roles_that
from agency.roles import Can, Role
from integrations.models import Connection
from metrics import queries as metrics
from metrics.models import Account, Post
from metrics.periods import Week
from reports.composition import creators_of
from reports.models import Credit, Delivery, ExportFile, ExtraRecipient, ReportSchedule, ReportStep, ShareLink, StoppedMail, WeeklyReport

GIVE_UP_AFTER = timedelta(hours=48)  # a mail that its server does not take
_FOR = (Role.CLIENT_ADMIN, Role.CLIENT_VIEWER, Role.CREATOR)


@dataclass(frozen=True)
class Addressee:
    """Somebody a report goes to by mail: a member, or an extra address that its owner confirmed."""

    ref: UUID  # of the membership or of the extra recipient; stop links carry it
    workspace: Workspace
    email: str
    name: str
    role: Role | None
    can_sign_in: bool


def addressee_of(member: Membership) -> Addressee:
    """A member as an addressee."""
    return Addressee(member.pk, member.workspace, member.person.email, member.person.name, member.as_role, can_sign_in=True)


def extra_addressee(extra: ExtraRecipient, workspace: Workspace) -> Addressee:
    """An extra address as an addressee."""
    return Addressee(extra.pk, workspace, extra.email, extra.email, None, can_sign_in=False)


def has_live_account() -> bool:
    """Whether the open workspace has an account that can have figures."""
    return Connection.objects.live().of_accounts().exists()


def began_at() -> datetime | None:
    """When the open workspace got its first report."""
    return WeeklyReport.objects.order_by("composed_at").values_list("composed_at", flat=True).first()


def slot_of(week: Week, schedule: ReportSchedule, workspace: Workspace) -> datetime:
    """When the report of a week goes: on the workspace's day of the week after, at its hour in its zone.

    An hour that a clock change leaves out is taken as the one after it, an hour that comes twice as the first.
    """
    day = week.after.monday + timedelta(days=schedule.weekday)
    local = datetime(day.year, day.month, day.day, schedule.hour, tzinfo=ZoneInfo(workspace.time_zone))
    return local.astimezone(ZoneInfo("UTC"))


def due_at(week: Week, schedule: ReportSchedule, workspace: Workspace, *, began_at: datetime | None) -> datetime:
    """When a week is to be written: in its slot, or some hours before where somebody reviews it, or as soon as it can be once the slot
    was missed.

    The first report does not wait for Monday, and a week whose slot had passed before it only waits until it is final.
    """
    slot = slot_of(week, schedule, workspace)
    if began_at is None or slot <= began_at:
        return week.final_at
    return slot if schedule.review == ReportSchedule.Review.NONE else slot - timedelta(hours=schedule.review_hours)


def next_slot(week: Week, schedule: ReportSchedule, workspace: Workspace, *, now: datetime) -> tuple[Week, datetime]:
    """The first week, from this one on, whose slot is still to come, and that slot."""
    while (slot := slot_of(week, schedule, workspace)) <= now:
        week = week.after
    return week, slot


def visible_reports(membership: Membership) -> QuerySet[WeeklyReport]:
    """Reports a member may read. A creator reads those of weeks with a post of an own account, or one that was credited to them."""
    reports = WeeklyReport.objects.visible_to(membership).order_by("-week")
    if not membership.as_role.can(Can.REVIEW_REPORTS):
        reports = reports.filter(released_at__isnull=False)
    if membership.as_role is not Role.CREATOR:
        return reports
    mine = Connection.objects.visible_to(membership).values_list("pk", flat=True)
    credited = Credit.objects.filter(creator=membership).values_list("post_id", flat=True)
    concerns = Post.objects.filter(Q(account__connection__in=list(mine)) | Q(pk__in=list(credited)))
    weeks = {str(Week.of(at.date())) for at in concerns.values_list("created_at", flat=True)}
    return reports.filter(week__in=weeks)


def recipients(workspace: Workspace, week: Week) -> list[Membership]:
    """Who gets a week's report: client people, and creators whom a post of it concerns. Not those who stopped it."""
    stopped = set(StoppedMail.objects.filter(kind=StoppedMail.Kind.REPORT).values_list("membership_id", flat=True))
    members = [m for m in _readers().select_related(None).order_by("created_at", "pk") if m.pk not in stopped]
    if any(m.as_role is Role.CREATOR for m in members):
        accounts = _live_accounts(workspace)
        concerned = creators_of(workspace, accounts, list(metrics.posts_between(accounts, week.monday, week.sunday)))
        members = [m for m in members if m.as_role is not Role.CREATOR or m in concerned]
    return members


def standing_recipients() -> list[Addressee]:
    """The people whom every report goes to, those who stopped it among them; creators only get weeks that concern them."""
    return [addressee_of(m) for m in _readers().order_by("person__name", "pk")]


def creators(workspace: Workspace) -> list[Membership]:
    """The workspace's creators, by name."""
    members = Membership.objects.of(workspace).filter(role=Role.CREATOR.value, person__is_active=True)
    return list(members.select_related("person").order_by("person__name", "pk"))


def posts_of(workspace: Workspace, week: Week) -> list[Post]:
    """The week's posts of the workspace's live accounts, most viewed first."""
    return list(metrics.posts_between(_live_accounts(workspace), week.monday, week.sunday))


def _live_accounts(workspace: Workspace) -> list[Account]:
    return metrics.accounts_of(Connection.objects.of(workspace).live().of_accounts().values_list("pk", flat=True))


def credits_of(posts: list[Post]) -> QuerySet[Credit]:
    """Credits of these posts, oldest first."""
    return Credit.objects.filter(post__in=posts).select_related("post", "creator__person").order_by("credited_at", "pk")


def local(moment: datetime, workspace: Workspace) -> datetime:
    """A moment in the workspace's zone."""
    return moment.astimezone(ZoneInfo(workspace.time_zone))


def extra_recipients() -> QuerySet[ExtraRecipient]:
    """Extra addresses that were not removed, confirmed or not, oldest first."""
    return ExtraRecipient.objects.filter(removed_at=None).order_by("asked_at", "pk")


def recipients_of(deliveries: Collection[Delivery]) -> dict[UUID, Addressee]:
    """Of these deliveries of the open workspace those that still reach somebody, and whom.

    Not those to people who left or changed to a role that gets no report, or to addresses that were removed.
    """
    extras = {d.extra_id for d in deliveries} - {None}
    found: dict[UUID | None, Addressee] = {}  # by person, or by extra address
    if extras:
        workspace = Workspace.objects.get(pk=next(d.workspace_id for d in deliveries))
        confirmed = extra_recipients().filter(pk__in=extras, confirmed_at__isnull=False)
        found |= {e.pk: extra_addressee(e, workspace) for e in confirmed}
    if len(extras) < len(deliveries):
        readers = _readers().filter(person_id__in=[d.person_id for d in deliveries if d.extra_id is None])
        found |= {m.person_id: addressee_of(m) for m in readers}
    return {d.pk: found[key] for d in deliveries if (key := d.extra_id or d.person_id) in found}


def has_stopped(addressee: Addressee) -> bool:
    """Whether they want no Monday reports."""
    return bool(stopped_among((addressee,)))


def stopped_among(addressees: Collection[Addressee]) -> set[UUID]:
    """Those of them who want no Monday reports, by `ref`."""
    members = [a.ref for a in addressees if a.role is not None]
    extras = [a.ref for a in addressees if a.role is None]
    stopped: set[UUID] = set()
    if members:
        stopped |= set(
            StoppedMail.objects.filter(membership__in=members, kind=StoppedMail.Kind.REPORT).values_list("membership", flat=True)
        )
    if extras:
        stopped |= set(ExtraRecipient.objects.filter(pk__in=extras, stopped_at__isnull=False).values_list("pk", flat=True))
    return stopped


def stopped_kind(membership_id: UUID, kind: str) -> bool:
    """Whether a member wants no mails of a kind."""
    return StoppedMail.objects.filter(membership=membership_id, kind=kind).exists()


def member_behind(ref: UUID) -> Membership | None:
    """The member of a stop link, inside the workspace's scope."""
    return Membership.objects.select_related("workspace").filter(pk=ref).first()


def reviewers() -> QuerySet[Membership]:
    """Members of the open workspace who may review its reports."""
    members = Membership.objects.filter(role__in=roles_that(Can.REVIEW_REPORTS), person__is_active=True)
    return members.select_related("person", "workspace").order_by("created_at", "pk")


def steps(report: WeeklyReport) -> QuerySet[ReportStep]:
    """What was decided about a report, newest first."""
    return ReportStep.objects.filter(report=report).select_related("person").order_by("-at")


def open_links(report: WeeklyReport, *, now: datetime) -> QuerySet[ShareLink]:
    """Links to a report that still open it."""
    return ShareLink.objects.filter(report=report, withdrawn_at=None, expires_at__gt=now).order_by("expires_at", "pk")


def _readers() -> QuerySet[Membership]:
    return Membership.objects.filter(role__in=[r.value for r in _FOR], person__is_active=True).select_related("person", "workspace")


def deliveries(report: WeeklyReport) -> QuerySet[Delivery]:
    """Who got it, or is to get it."""
    return Delivery.objects.filter(report=report).select_related("person", "extra").order_by("created_at", "pk")


def export_files(membership: Membership) -> QuerySet[ExportFile]:
    """The files that a member asked for, newest first."""
    return ExportFile.objects.visible_to(membership).order_by("-asked_at", "pk")
