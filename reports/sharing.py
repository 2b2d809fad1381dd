"""Links to one report for who has no sign-in: made, opened, withdrawn. The secret is only in the link; here stands its keyed hash."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from agency import address_book, audit, clock, counting, scope
from agency.models import Membership, Workspace
from reports.models import ShareLink, WeeklyReport

DAYS = (7, 30, 90)
MOST_LINKS = 10
OPENINGS_A_MINUTE = 30  # by one address; a guess needs 2^256 of them
_KIND = "report-link"


class TooMany(Exception):
    """The report has as many links as it may have."""


@dataclass(frozen=True)
class Shared:
    """What a link opens."""

    workspace: Workspace
    report: WeeklyReport
    link: ShareLink


def make_link(report: WeeklyReport, *, days: int, by: Membership) -> str:
    """A new link's secret. It is shown once, to whoever made it."""
    now, secret = clock.now(), secrets.token_urlsafe(32)
    with transaction.atomic():
        if ShareLink.objects.filter(report=report, withdrawn_at=None, expires_at__gt=now).count() >= MOST_LINKS:
            raise TooMany
        link = ShareLink.objects.create(
            workspace_id=report.workspace_id, report=report, made_by_id=by.person_id, made_at=now, expires_at=now + timedelta(days=days)
        )
        address_book.enter(_KIND, secret, workspace_id=report.workspace_id, ref=link.pk)
        audit.record("report_link.made", link, by=by, week=report.week)
    return secret


def withdraw_link(link: ShareLink, *, by: Membership) -> None:
    """It opens nothing any more, at once. Withdrawn again changes nothing."""
    with transaction.atomic():
        if ShareLink.objects.filter(pk=link.pk, withdrawn_at=None).update(withdrawn_at=clock.now()):
            address_book.strike(_KIND, ref=link.pk)
            audit.record("report_link.withdrawn", link, by=by)


def open_link(secret: str) -> Shared | None:
    """What stands behind a link; None when there is nothing, or nothing any more. Each opening is counted and recorded."""
    for entry in address_book.find(_KIND, secret):
        with scope.inside(entry.workspace_id):
            link = (
                ShareLink.objects.select_related("report")
                .filter(
                    pk=entry.ref, withdrawn_at=None, expires_at__gt=clock.now(), report__released_at__isnull=False, report__erased_at=None
                )
                .first()
            )
            if link is None:
                continue
            ShareLink.objects.filter(pk=link.pk).update(opened_count=F("opened_count") + 1, opened_at=clock.now())
            audit.record("report_link.opened", link, by=None)
            return Shared(Workspace.objects.get(pk=entry.workspace_id), link.report, link)
    return None


def opens_too_often(address: str) -> bool:
    """Whether one network address has opened links more often than a reader does."""
    key = f"report-link:{address_book.hash_of(_KIND, address).hex()[:32]}"
    return counting.is_too_often(key, times=OPENINGS_A_MINUTE, within=timedelta(minutes=1))
