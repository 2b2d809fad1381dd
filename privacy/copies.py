"""What copies of an account's data and of a person's have in common: how their pieces are sealed, and for how long they can be had."""

from typing import Any

from agency import clock
from agency.sealing import Binding
from privacy.models import ArchivePart, DataArchive, PersonCopy, PersonCopyPart


def binding(copy: DataArchive | PersonCopy, number: int) -> Binding:
    """To which place of which copy a sealed piece belongs."""
    is_account = isinstance(copy, DataArchive)
    return Binding(
        workspace=str(copy.workspace_id) if is_account else "",
        subject=copy.key_ref,
        table=(ArchivePart if is_account else PersonCopyPart)._meta.db_table,
        column="sealed",
        row=str(number),
        generation=0,
        purpose="archive" if is_account else "person copy",
    )


def when_ready(copy: DataArchive | PersonCopy, *, rows_count: int, bytes_count: int) -> dict[str, Any]:
    """What its row says from then on, for a day."""
    now = clock.now()
    return {
        "state": copy.State.READY,
        "rows_count": rows_count,
        "bytes_count": bytes_count,
        "ready_at": now,
        "expires_at": now + copy.LIFETIME,
    }
