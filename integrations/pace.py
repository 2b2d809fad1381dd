"""How often a workspace's figures are looked at: chosen for the workspace, applied to every pause between two looks.

Owns the choice and what it means; knows nothing of what is looked at.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from agency import audit, clock, jobs
from agency.models import Membership
from integrations.models import AdAccount, Connection, Pace, SyncPace, SyncRun

# What every pause is multiplied by. TikTok's limits and the turns of workspaces hold whatever is chosen.
STRETCH = {Pace.CLOSE: 0.5, Pace.USUAL: 1.0, Pace.RELAXED: 4.0}
MEANING = {
    Pace.CLOSE: "Twice as often, about every half hour: for launches and live campaigns.",
    Pace.USUAL: "About every hour, young posts every half hour.",
    Pace.RELAXED: "About every four hours: for accounts that are only reported on.",
}
_AT_THE_LATEST = timedelta(minutes=30)  # after a change, so that it is felt


@dataclass(frozen=True, slots=True)
class PaceRow:
    """One pace on the page."""

    value: str
    label: str
    meaning: str
    is_current: bool


def pace_of_workspace() -> Pace:
    """What is chosen in the open workspace."""
    chosen = SyncPace.objects.values_list("pace", flat=True).first()
    return Pace(chosen) if chosen in Pace.values else Pace.USUAL


def stretch_of_workspace() -> float:
    """By how much the open workspace's pauses are longer than the usual ones."""
    return STRETCH[pace_of_workspace()]


def pace_rows() -> list[PaceRow]:
    """All paces, the current one marked."""
    current = pace_of_workspace()
    return [PaceRow(pace.value, pace.label, MEANING[pace], pace == current) for pace in Pace]


def choose_pace(pace: Pace, *, by: Membership) -> bool:
    """Choose a pace. Choosing it again changes nothing and returns False; a quicker one is felt within half an hour."""
    with transaction.atomic():
        if pace_of_workspace() == pace:
            return False
        values = {"pace": pace, "person_id": by.person_id, "changed_at": clock.now()}
        row, _ = SyncPace.objects.update_or_create(workspace_id=by.workspace_id, defaults=values)
        audit.record("sync_pace.chosen", row, by=by, kind=pace.value)
        soon = clock.now() + _AT_THE_LATEST
        SyncRun.objects.filter(due_at__gt=soon).exclude(kind=SyncRun.Kind.AD_HISTORY).update(due_at=soon)
        for connection in Connection.objects.live().of_accounts():
            jobs.put("sync", connection.pk, workspace_id=by.workspace_id, at=clock.now() + jobs.spread(_AT_THE_LATEST))
        for ad_account in AdAccount.objects.linked().filter(connection__state=Connection.State.LIVE):
            jobs.put("ad_sync", ad_account.pk, workspace_id=by.workspace_id, at=clock.now() + jobs.spread(_AT_THE_LATEST))
    return True
