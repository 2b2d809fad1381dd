"""Calling reviewers: a report waits for them. A mail for each, once for a report, until it has left. No network."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from agency import audit, clock, jobs
from agency.jobs import Claim
from agency.models import Membership
from agency.outlets import suppression
from reports import queries
from reports.models import ReviewCall, StoppedMail, WeeklyReport


@dataclass(frozen=True)
class Call:
    """A mail that is to leave now."""

    row: ReviewCall
    report: WeeklyReport
    to: Membership


def call_reviewers(report: WeeklyReport, *, now: datetime) -> None:
    """Write down whom to call: every reviewer who did not stop these mails. In the transaction that writes the report."""
    for member in queries.reviewers():
        if not queries.stopped_kind(member.pk, StoppedMail.Kind.REVIEW):
            row, is_new = ReviewCall.objects.get_or_create(
                workspace_id=report.workspace_id, report=report, membership=member, defaults={"created_at": now}
            )
            if is_new:
                jobs.put("review_mail", row.pk, workspace_id=report.workspace_id, at=now)


def claim_call(claim: Claim) -> Call | None:
    """Claim before the mail leaves. None, and the work is over, when there is nothing left to review, or nobody to be called."""
    with transaction.atomic():
        row = ReviewCall.objects.select_for_update(of=("self",)).select_related("report").filter(pk=claim.ref, outcome="").first()
        member = queries.reviewers().filter(pk=row.membership_id).first() if row else None
        if row is None or member is None or not _is_wanted(row.report, member):
            ReviewCall.objects.filter(pk=claim.ref, outcome="").update(outcome="needless")
            jobs.finish(claim)
            return None
        jobs.renew(claim)
    return Call(row, row.report, member)


def _is_wanted(report: WeeklyReport, member: Membership) -> bool:
    if report.released_at is not None or report.erased_at is not None or queries.steps(report).exists():
        return False  # it has gone, or somebody is at it already
    return not queries.stopped_kind(member.pk, StoppedMail.Kind.REVIEW) and not suppression.cause_of(member.person.email)


def end_call(call: Call, claim: Claim, *, outcome: str) -> None:
    """It has left, or never will."""
    with transaction.atomic():
        ReviewCall.objects.filter(pk=call.row.pk).update(outcome=outcome)
        jobs.finish(claim)
        audit.record("review_mail.sent" if outcome == "sent" else "review_mail.not_sent", call.to, by=None, outcome=outcome)


def is_too_late(call: Call) -> bool:
    """Whether trying again makes no sense any more: the report goes before anybody could look, or the mail waits for two days."""
    now = clock.now()
    return now - call.row.created_at >= queries.GIVE_UP_AFTER or (call.report.goes_at is not None and call.report.goes_at <= now)
