"""The audit log's one entrance. A row is written in the transaction of the act it tells of; if it fails, the act fails."""

from typing import Any

from django.db import models

from agency import clock, scope
from agency.models import AuditRow, Membership, Person

# What a row may say beside who, what and when. Never content, names, tokens or addresses.
FACTS = frozenset({"scopes_granted", "generation", "outcome", "role", "count", "week", "kind", "reason", "tiktok_answered"})


def record(verb: str, subject: models.Model, *, by: Person | Membership | None, **facts: Any) -> None:
    """Write one row in the open scope. `by=None` is the platform itself."""
    strange = facts.keys() - FACTS
    if strange:
        raise ValueError(f"Not on the audit log's list of facts: {', '.join(sorted(strange))}.")
    here = scope.current()
    if here is None or here.workspace_id is None:
        raise scope.UnscopedQuery("An audit row needs the scope of the workspace it belongs to.")
    person_id, role = (by.person_id, by.role) if isinstance(by, Membership) else (by.pk if by else None, "")
    AuditRow.objects.create(
        workspace_id=here.workspace_id,
        at=clock.now(),
        verb=verb,
        subject_kind=subject._meta.model_name,
        subject_id=str(subject.pk),
        person_id=person_id,
        role=role,
        facts=facts,
    )
