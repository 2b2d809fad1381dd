"""Writes of reports: composing once, claiming and ending deliveries, stopping mail, planning the next week. No network."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from agency import address_book, audit, clock, jobs
from agency.jobs import Claim
from agency.models import Membership, Workspace
from metrics.dictionary import VERSION
from metrics.periods import Week, last_final_week
from reports import composition, queries
from reports.models import Delivery, ReportSchedule, StoppedMail, WeeklyReport

# After an outage a sync is due as well; the report waits for it a while, but TikTok being down does not stop it.
TRIES_FOR_FRESH_FIGURES, WAIT_FOR_FRESH_FIGURES = 3, timedelta(minutes=5)


def schedule_of(workspace: Workspace) -> ReportSchedule:
    """The workspace's schedule; a new one begins with the last week that is already final."""
    schedule, _ = ReportSchedule.objects.get_or_create(workspace_id=workspace.pk, defaults={"next_week": str(last_final_week(clock.now()))})
    return schedule


def compose_due_report(claim: Claim) -> WeeklyReport | None:
    """Write the report that is due, with a delivery per person, and plan the next: one transaction, so that it happens once.

    None when it is not time yet, or when there is nothing to report on.
    """
    with transaction.atomic():
        workspace = Workspace.objects.get(pk=claim.workspace_id)
        schedule = ReportSchedule.objects.select_for_update().get(pk=schedule_of(workspace).pk)
        now, began_at, week = clock.now(), queries.began_at(), Week.parse(schedule.next_week)
        if not queries.has_live_account():
            _hold(workspace, schedule, week, claim)
            return None
        if began_at is None:
            week = last_final_week(now)
        report, due = None, queries.due_at(week, schedule, workspace, began_at=began_at)
        if due <= now:
            if claim.attempt <= TRIES_FOR_FRESH_FIGURES and queries.figures_are_late(now):
                jobs.postpone(claim, until=now + WAIT_FOR_FRESH_FIGURES)
                return None
            report = _write(workspace, week)
            week = week.after
            due = queries.due_at(week, schedule, workspace, began_at=began_at or now)
        schedule.next_week = str(week)
        schedule.save(update_fields=("next_week",))
        jobs.finish(claim, again_at=due)
    return report


def _hold(workspace: Workspace, schedule: ReportSchedule, week: Week, claim: Claim) -> None:
    """Without a live account no report is written. The newest week that was missed stays next, for when there is one again."""
    following, slot = queries.next_slot(week, schedule, workspace, now=clock.now())
    schedule.next_week = str(max(week, following.before))
    schedule.save(update_fields=("next_week",))
    jobs.finish(claim, again_at=slot)


def _write(workspace: Workspace, week: Week) -> WeeklyReport:
    now = clock.now()
    content = composition.compose(workspace, week, now=now)
    report = WeeklyReport.objects.create(
        workspace_id=workspace.pk,
        week=str(week),
        content=content.as_json(),
        content_hash=content.hash,
        definitions_version=VERSION,
        composed_at=now,
    )
    for membership in queries.recipients(workspace, week):
        add_delivery(report, membership)
    audit.record("report.composed", report, by=None, week=str(week))
    return report


def add_delivery(report: WeeklyReport, membership: Membership) -> Delivery:
    """A row per person, with the Message-ID that every try will carry."""
    pk, now = uuid4(), clock.now()
    delivery = Delivery.objects.create(
        pk=pk,
        workspace_id=report.workspace_id,
        report=report,
        person_id=membership.person_id,
        role=membership.role,
        message_id=f"<{pk}@{settings.MAIL_DOMAIN}>",
        created_at=now,
    )
    jobs.put("delivery", pk, workspace_id=report.workspace_id, at=now)
    return delivery


def claim_delivery(claim: Claim) -> tuple[Delivery, Membership] | None:
    """Claim before the mail leaves. None when it was sent or given up already, or when the person stopped it or left meanwhile."""
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update(of=("self",)).select_related("report").filter(pk=claim.ref).first()
        if delivery is None or delivery.state not in {Delivery.State.WAITING, Delivery.State.SENDING}:
            jobs.finish(claim)
            return None
        if delivery.report.erased_at is not None:
            end_delivery(delivery, claim, state=Delivery.State.GIVEN_UP, detail="What it reported was erased.")
            return None
        membership = queries.recipient(delivery)
        if membership is None:
            end_delivery(delivery, claim, state=Delivery.State.GIVEN_UP, detail="No longer a member who gets it.")
            return None
        if queries.has_stopped(membership):
            end_delivery(delivery, claim, state=Delivery.State.STOPPED)
            return None
        delivery.state = Delivery.State.SENDING
        delivery.save(update_fields=("state",))
        jobs.renew(claim)
    return delivery, membership


def put_off_delivery(delivery: Delivery, claim: Claim, *, until: datetime, detail: str) -> None:
    """The mail server was busy. The same message, with the same Message-ID, is tried again later."""
    with transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.WAITING, detail=detail[:200])
        jobs.postpone(claim, until=until)


def end_delivery(delivery: Delivery, claim: Claim, *, state: str, detail: str = "") -> None:
    """Sent, refused or given up."""
    with transaction.atomic():
        now = clock.now()
        Delivery.objects.filter(pk=delivery.pk).update(
            state=state, detail=detail[:200], sent_at=now if state == Delivery.State.SENT else None
        )
        jobs.finish(claim)
        audit.record("report.delivered" if state == Delivery.State.SENT else "report.not_delivered", delivery, by=None, outcome=state)


def stop_token(membership: Membership) -> str:
    """The signed part of a stop link. It carries no address and works without signing in."""
    return f"{membership.workspace_id.hex}{membership.pk.hex}{_stop_signature(membership.workspace_id, membership.pk)}"


def _stop_signature(workspace_id: UUID, membership_id: UUID) -> str:
    return address_book.hash_of("stop", f"{workspace_id}{membership_id}").hex()[:32]


def membership_behind(token: str) -> tuple[UUID, UUID] | None:
    """Workspace and membership of a stop link, if it is genuine."""
    try:
        workspace_id, membership_id = UUID(token[:32]), UUID(token[32:64])
    except ValueError:
        return None
    genuine = address_book.same(token[64:], _stop_signature(workspace_id, membership_id))
    return (workspace_id, membership_id) if genuine else None


def stop_mail(membership: Membership) -> None:
    """No more Monday reports of this workspace to this person. Stopping again changes nothing."""
    with transaction.atomic():
        _, is_new = StoppedMail.objects.get_or_create(
            workspace_id=membership.workspace_id, membership=membership, defaults={"stopped_at": clock.now()}
        )
        Delivery.objects.filter(person_id=membership.person_id, state=Delivery.State.WAITING).update(state=Delivery.State.STOPPED)
        if is_new:
            audit.record("report_mail.stopped", membership, by=membership)


def resume_mail(membership: Membership) -> None:
    """Monday reports again."""
    with transaction.atomic():
        if StoppedMail.objects.filter(membership=membership).delete()[0]:
            audit.record("report_mail.resumed", membership, by=membership)
