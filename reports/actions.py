"""Writes of reports: setting when they go, writing one once, reviewing and releasing it, crediting posts. No network."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from agency import audit, clock, jobs
from agency.jobs import Claim
from agency.models import Membership, Workspace
from agency.outlets import mail
from metrics.dictionary import VERSION
from metrics.models import Post
from metrics.periods import Week, last_final_week, start_of
from reports import composition, queries, reviewing
from reports.models import Credit, Delivery, ExtraRecipient, ReportSchedule, ReportStep, WeeklyReport

# After an outage a sync is due as well; the report waits for it a while, but TikTok being down does not stop it.
TRIES_FOR_FRESH_FIGURES, WAIT_FOR_FRESH_FIGURES = 3, timedelta(minutes=5)
# A broken account holds a report for so long at most, where the workspace wants that; whoever reconnects it ends the waiting.
LONGEST_HOLD, LOOK_AGAIN = timedelta(hours=48), timedelta(minutes=10)
Review, Step = ReportSchedule.Review, ReportStep.Kind


class TooEarly(Exception):
    """The week is not over yet."""


@dataclass(frozen=True)
class Settings:
    """What a workspace sets about its reports."""

    weekday: int
    hour: int
    time_zone: str
    review: str
    review_hours: int
    holds_while_broken: bool
    reply_to: str


def schedule_of(workspace: Workspace) -> ReportSchedule:
    """The workspace's schedule; a new one begins with the last week that is already final."""
    schedule, _ = ReportSchedule.objects.get_or_create(workspace_id=workspace.pk, defaults={"next_week": str(last_final_week(clock.now()))})
    return schedule


def _locked_schedule(workspace_id: UUID) -> ReportSchedule:
    """The same for writing, with its workspace."""
    rows = ReportSchedule.objects.select_for_update(of=("self",)).select_related("workspace")
    return rows.filter(workspace_id=workspace_id).first() or rows.get(pk=schedule_of(Workspace.objects.get(pk=workspace_id)).pk)


def set_schedule(workspace: Workspace, wanted: Settings, *, by: Membership) -> None:
    """Keep the settings and plan the next report by them. A slot that the change moves into the past is made up at once."""
    with transaction.atomic():
        schedule = _locked_schedule(workspace.pk)
        for name in ("weekday", "hour", "review", "review_hours", "holds_while_broken", "reply_to"):
            setattr(schedule, name, getattr(wanted, name))
        schedule.save()
        Workspace.objects.filter(pk=workspace.pk).update(time_zone=wanted.time_zone)
        workspace.time_zone = wanted.time_zone
        began_at = queries.began_at()
        if began_at is not None:  # the first report comes with the first complete sync, whatever is set here
            # Put anew: a plan that stands can only be brought forward, and a later hour would come too early.
            jobs.drop("report", ref=workspace.pk)
            due = queries.due_at(Week.parse(schedule.next_week), schedule, workspace, began_at=began_at)
            jobs.put("report", workspace.pk, workspace_id=workspace.pk, at=due)
        audit.record("report_schedule.changed", schedule, by=by)


def compose_due_report(claim: Claim) -> WeeklyReport | None:
    """Write the report that is due, plan the next, and release it or leave it for review: one transaction, so that it happens once.

    None when it is not time yet, or when there is nothing to report on.
    """
    with transaction.atomic():
        schedule = _locked_schedule(claim.workspace_id)
        workspace, now, week = schedule.workspace, clock.now(), Week.parse(schedule.next_week)
        began_at, known = queries.began_at(), composition.sources(workspace)
        if workspace.closed_at is not None or not known.live:
            _wait_for_account(workspace, schedule, week, claim)
            return None
        if began_at is None:
            week = last_final_week(now)
        report, due = None, queries.due_at(week, schedule, workspace, began_at=began_at)
        if due <= now:
            if claim.attempt <= TRIES_FOR_FRESH_FIGURES and known.are_late(now):
                jobs.postpone(claim, until=now + WAIT_FOR_FRESH_FIGURES)
                return None
            if schedule.holds_while_broken and now < due + LONGEST_HOLD and known.has_broken:
                jobs.postpone(claim, until=min(now + LOOK_AGAIN, due + LONGEST_HOLD))
                return None
            report = _write(workspace, schedule, week, known=known)
            week = week.after
            due = queries.due_at(week, schedule, workspace, began_at=began_at or now)
        schedule.next_week = str(week)
        schedule.save(update_fields=("next_week",))
        jobs.finish(claim, again_at=due)
    return report


def _wait_for_account(workspace: Workspace, schedule: ReportSchedule, week: Week, claim: Claim) -> None:
    """Without a live account no report is written. The newest week that was missed stays next, for when there is one again."""
    following, slot = queries.next_slot(week, schedule, workspace, now=clock.now())
    schedule.next_week = str(max(week, following.before))
    schedule.save(update_fields=("next_week",))
    jobs.finish(claim, again_at=slot)


def _write(workspace: Workspace, schedule: ReportSchedule, week: Week, *, known: composition.Sources | None = None) -> WeeklyReport:
    now = clock.now()
    content = composition.compose(workspace, week, now=now, known=known)
    slot = max(now, queries.slot_of(week, schedule, workspace))
    leaves_now = schedule.review == Review.NONE or (schedule.review == Review.SEND and slot <= now)
    report = WeeklyReport.objects.create(
        workspace=workspace,
        week=str(week),
        content=content.as_json(),
        content_hash=content.hash,
        definitions_version=VERSION,
        composed_at=now,
        slot_at=slot,
        goes_at=None if schedule.review == Review.HOLD else slot,
        released_at=now if leaves_now else None,
    )
    audit.record("report.composed", report, by=None, week=str(week))
    if leaves_now:
        _note_release(report, by=None)
        _add_deliveries(report)
        return report
    if report.goes_at is not None:
        jobs.put("report_release", report.pk, workspace_id=workspace.pk, at=report.goes_at)
    if not queries.steps(report).exists():
        reviewing.call_reviewers(report, now=now)
    return report


def release_due_report(claim: Claim) -> bool:
    """Send what was to go at this moment, unless somebody held it back meanwhile."""
    with transaction.atomic():
        report = WeeklyReport.objects.select_for_update().filter(pk=claim.ref).first()
        if report is None or report.released_at is not None or report.goes_at is None:
            jobs.finish(claim)
            return False
        if report.goes_at > clock.now():
            jobs.finish(claim, again_at=report.goes_at)
            return False
        release(report, by=None)
        jobs.finish(claim)
    return True


def release(report: WeeklyReport, *, by: Membership | None) -> None:
    """Let a report go: a delivery for each who is to get it. Released again it only reaches who has come since."""
    with transaction.atomic():
        report = WeeklyReport.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=report.pk)
        if report.released_at is None:
            now = clock.now()
            WeeklyReport.objects.filter(pk=report.pk).update(released_at=now, goes_at=report.goes_at or now)
            _note_release(report, by=by)
        _add_deliveries(report)


def _note_release(report: WeeklyReport, *, by: Membership | None) -> None:
    ReportStep.objects.create(
        workspace_id=report.workspace_id, report=report, kind=Step.RELEASED, person_id=by.person_id if by else None, at=clock.now()
    )
    audit.record("report.released", report, by=by, week=report.week)


def _add_deliveries(report: WeeklyReport) -> None:
    """A row for each recipient who has none, and the work that goes with it."""
    reached = set(Delivery.objects.filter(report=report).values_list("person_id", "extra_id"))
    members = queries.recipients(report.workspace, report.as_week)
    extras = queries.extra_recipients().filter(confirmed_at__isnull=False, stopped_at=None)
    made = [_delivery(report, person_id=m.person_id, role=m.role) for m in members if (m.person_id, None) not in reached]
    made += [_delivery(report, extra=e) for e in extras if (None, e.pk) not in reached]
    Delivery.objects.bulk_create(made)
    jobs.put_all("delivery", [d.pk for d in made], workspace_id=report.workspace_id, at=clock.now())


def _delivery(report: WeeklyReport, *, person_id: UUID | None = None, extra: ExtraRecipient | None = None, role: str = "") -> Delivery:
    """With the Message-ID that every try will carry."""
    pk = uuid4()
    return Delivery(
        pk=pk,
        workspace_id=report.workspace_id,
        report=report,
        person_id=person_id,
        extra=extra,
        role=role,
        message_id=mail.message_id_of(str(pk)),
        created_at=clock.now(),
    )


def approve(report: WeeklyReport, *, by: Membership) -> None:
    """Somebody looked: it goes at its hour, or now where that has passed. Approved again changes nothing."""
    with transaction.atomic():
        report = WeeklyReport.objects.select_for_update().get(pk=report.pk)
        if report.released_at is not None:
            return
        now = clock.now()
        _step(report, Step.APPROVED, by)
        _let_go_at(report, max(report.slot_at or now, now))
        if report.goes_at == now:
            release(report, by=by)


def hold(report: WeeklyReport, *, by: Membership) -> None:
    """Keep it back until somebody sends or approves it."""
    with transaction.atomic():
        report = WeeklyReport.objects.select_for_update().get(pk=report.pk)
        if report.released_at is None:
            WeeklyReport.objects.filter(pk=report.pk).update(goes_at=None)
            _step(report, Step.HELD, by)
            jobs.drop("report_release", ref=report.pk)


def _let_go_at(report: WeeklyReport, moment: datetime) -> None:
    report.goes_at = moment
    report.save(update_fields=("goes_at",))
    jobs.put("report_release", report.pk, workspace_id=report.workspace_id, at=moment)


def _step(report: WeeklyReport, kind: str, by: Membership) -> None:
    ReportStep.objects.create(workspace_id=report.workspace_id, report=report, kind=kind, person_id=by.person_id, at=clock.now())
    audit.record(f"report.{kind}", report, by=by, week=report.week)


def send_now(workspace: Workspace, *, by: Membership) -> WeeklyReport:
    """Write the week that is next, whatever it waits for, and release it. Raises TooEarly while that week still runs."""
    with transaction.atomic():
        schedule = _locked_schedule(workspace.pk)
        week = Week.parse(schedule.next_week)
        if clock.now() < start_of(week.after.monday) or not queries.has_live_account():
            raise TooEarly(str(week))
        report = _write(workspace, schedule, week)
        release(report, by=by)
        schedule.next_week = str(week.after)
        schedule.save(update_fields=("next_week",))
    return report


def credit(post: Post, creator: Membership, *, by: Membership) -> None:
    """Say that a post concerns a creator. Reports written from now on know it. Said again changes nothing."""
    with transaction.atomic():
        made, is_new = Credit.objects.get_or_create(
            workspace_id=post.workspace_id,
            post=post,
            creator=creator,
            defaults={"credited_by_id": by.person_id, "credited_at": clock.now()},
        )
        if is_new:
            audit.record("post.credited", made, by=by)


def take_credit_back(made: Credit, *, by: Membership) -> None:
    """The post does not concern the creator after all."""
    with transaction.atomic():
        audit.record("post.uncredited", made, by=by)
        made.delete()
