"""What this app holds about an account: its name in requests, and what was noted about who asked."""

from uuid import UUID

from django.db.models import QuerySet

from community.erasure import Commenter
from integrations.models import Connection
from privacy.models import ArchivePart, Correction, DataArchive, DeletionRequest, RequestStep

_DB = "privacy"


def rows_of(connection: Connection) -> tuple[QuerySet, ...]:
    """Copies that somebody asked for, and what somebody said is wrong about it."""
    ours = {"workspace_id": connection.workspace_id}
    return (
        Correction.objects.filter(**ours, account_id=connection.pk),
        ArchivePart.objects.filter(**ours, archive__account_id=connection.pk),
        DataArchive.objects.filter(**ours, account_id=connection.pk),
    )


def made_archives(workspace_id: UUID) -> QuerySet[DataArchive]:
    """Copies that are made. One that still waits is made without whoever is erased meanwhile."""
    return DataArchive.objects.filter(workspace_id=workspace_id).exclude(state=DataArchive.State.WAITING)


def rows_of_commenter(somebody: Commenter) -> tuple[QuerySet, ...]:
    """Copies of whole accounts, in which their comments stand."""
    copies = made_archives(somebody.workspace_id)
    return (ArchivePart.objects.filter(workspace_id=somebody.workspace_id, archive__in=copies.values("pk")), copies)


def redact(connection: Connection, *, limit: int) -> int:
    """Empty what might name the account in requests of before, and in notes. The run's own request is emptied at the end of the run."""
    requests = DeletionRequest.objects.using(_DB).filter(workspace_id=connection.workspace_id, account_id=connection.pk)
    notes = RequestStep.objects.using(_DB).filter(workspace_id=connection.workspace_id, request__in=requests).exclude(note="")
    changed = notes.filter(pk__in=list(notes.values_list("pk", flat=True)[:limit])).update(note="")
    changed += requests.exclude(identity_note="").update(identity_note="")
    closed = requests.exclude(state__in=DeletionRequest.OPEN)
    return changed + closed.update(account_id=None, account_name="")
