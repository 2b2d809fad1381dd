"""What the ground floor holds about an account: its salt in the audit log, what is due for it, what leads to it, words in sessions.

`connection` is a connection of integrations, by its `pk` and `workspace_id`; this floor knows nothing more of it.
"""

import json
from typing import Any

from django.db.models import QuerySet

from agency.models import AddressBook, AuditSubject, DueWork, Session
from agency.sessions import SessionStore

_MESSAGES = "_messages"


def rows_of(connection: Any) -> tuple[QuerySet, ...]:
    """Everything held about the account. Destroying the salt unlinks the audit rows, which stay."""
    return (
        DueWork.objects.filter(ref=connection.pk),
        AddressBook.objects.filter(ref=connection.pk),
        AuditSubject.objects.filter(workspace_id=connection.workspace_id, pk=connection.pk),
    )


def redact(connection: Any, *, limit: int) -> int:
    """Take notices that name the account, and that nobody has read yet, out of sessions. Returns how many changed."""
    return forget_notices([connection.shown_name], limit=limit)


def forget_notices(names: list[str], *, limit: int) -> int:
    """The same for whoever, or whatever, one of these names stands for."""
    changed = 0
    for session in Session.objects.using("privacy").order_by("pk").iterator(chunk_size=500):
        held = session.get_decoded()
        said = json.dumps(held.get(_MESSAGES, ""), ensure_ascii=False)
        if any(name in said for name in names):
            del held[_MESSAGES]
            Session.objects.using("privacy").filter(pk=session.pk).update(session_data=SessionStore().encode(held))
            changed += 1
            if changed == limit:
                break
    return changed
