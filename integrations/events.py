"""What TikTok's events do here. Keeps each once, settles those that are this floor's own, forgets them all in time.

Owns the rows of `WebhookEvent`; the apps above find theirs in the state `stored`. No network in any of it; runs in the open scope.
"""

import hashlib
import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from agency import audit, clock, jobs
from integrations import actions
from integrations.models import Connection, SyncRun, WebhookEvent
from integrations.tiktok.webhooks import Delivery, UnknownEvent

REMOVED = "authorization.removed"
COMMENT = "comment.update"
MENTIONED = "brand.mention.event"
AT_ONCE = 1_000  # rows forgotten in one transaction
_MAY_BE_LATER = timedelta(minutes=5)  # between TikTok's clock and ours, and its whole seconds
_REASONS = range(6)  # those that TikTok has described


def is_ours(event: WebhookEvent) -> bool:
    """Whether this floor settles it, at once."""
    return event.name == REMOVED


def keep(connection_id: UUID, delivery: Delivery, *, content: str) -> WebhookEvent | None:
    """Keep an event of one connection, with the work that follows from it. None when it is known, or the connection is no more."""
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is None:
        return None
    now = clock.now()
    event, is_new = WebhookEvent.objects.get_or_create(
        workspace_id=connection.workspace_id,
        connection=connection,
        digest=_identity(delivery, content),
        defaults={
            "name": _storable(delivery.name)[:80],
            "payload": _payload(delivery),
            "happened_at": delivery.created_at,
            "received_at": now,
            "state": WebhookEvent.State.UNKNOWN if isinstance(delivery.event, UnknownEvent) else WebhookEvent.State.STORED,
        },
    )
    if not is_new:
        return None
    if is_ours(event):
        jobs.put("event", event.pk, workspace_id=event.workspace_id, at=now, priority=jobs.Priority.INTERACTIVE)
    elif event.name == COMMENT:
        actions.read_comments_soon(connection)
    elif event.name == MENTIONED and event.state == WebhookEvent.State.STORED:
        actions.look_soon(connection, SyncRun.Kind.MENTIONS)
    jobs.put("old_events", event.workspace_id, workspace_id=event.workspace_id, at=now + WebhookEvent.KEPT)
    return event


def _identity(delivery: Delivery, content: str) -> bytes:
    """What makes two deliveries the same event, whatever order or spacing their envelopes have."""
    parts = [delivery.client_key, delivery.name, delivery.user_open_id, int(delivery.created_at.timestamp()), content]
    return hashlib.sha256(json.dumps(parts).encode()).digest()


def _payload(delivery: Delivery) -> dict[str, Any]:
    return {name: _plain(value) for name, value in asdict(delivery.event).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return _storable(value) if isinstance(value, str) else value


def _storable(text: str) -> str:
    """PostgreSQL takes neither a NUL nor half a character."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def settle(event_id: UUID) -> UUID | None:
    """Act on one event. Returns the connection that it ended, whose keys are now to be destroyed."""
    event = WebhookEvent.objects.filter(pk=event_id, state=WebhookEvent.State.STORED).first()
    if event is None:
        return None
    row = Connection.objects.select_for_update().get(pk=event.connection_id)
    is_outdated = event.happened_at < row.connected_at
    waiting = WebhookEvent.objects.filter(pk=event.pk, state=WebhookEvent.State.STORED)
    if not waiting.update(state=WebhookEvent.State.OUTDATED if is_outdated else WebhookEvent.State.DONE):
        return None
    if is_outdated:
        _doubt(row, event)
        return None
    if row.state == Connection.State.DISCONNECTED:
        return None
    _end(row, event)
    return row.pk


def _doubt(row: Connection, event: WebhookEvent) -> None:
    """It tells of an earlier consent, or of this one by a clock that is not quite ours: then the tokens themselves will say."""
    if row.state == Connection.State.LIVE and row.connected_at - event.happened_at < _MAY_BE_LATER:
        jobs.put("refresh", row.pk, workspace_id=row.workspace_id, at=clock.now(), priority=jobs.Priority.INTERACTIVE)


def _end(row: Connection, event: WebhookEvent) -> None:
    """As disconnecting here does, but that nothing remains to be revoked."""
    actions.close(row, by=None)
    Connection.objects.filter(pk=row.pk).update(tiktok_revoked_at=min(event.happened_at, row.disconnected_at))
    reason = event.payload.get("reason")
    facts = {"kind": "removed_in_tiktok", "reason": reason if reason in _REASONS else None}
    audit.record("connection.ended", row, by=None, generation=row.generation, **facts)
    jobs.put("connection_lost_mail", row.pk, workspace_id=row.workspace_id, at=clock.now())


def waiting(connection_id: UUID, name: str) -> bool:
    """Whether events of a name wait for whoever works with them."""
    return WebhookEvent.objects.filter(connection_id=connection_id, name=name, state=WebhookEvent.State.STORED).exists()


def done_until(connection_id: UUID, name: str, moment: datetime) -> None:
    """Events of a name that came before a moment have had their effect."""
    stored = WebhookEvent.objects.filter(connection_id=connection_id, name=name, state=WebhookEvent.State.STORED)
    stored.filter(received_at__lte=moment).update(state=WebhookEvent.State.DONE)


def forget_old() -> None:
    """Forget those of the open workspace's events that were kept long enough, the oldest of them at once."""
    old = WebhookEvent.objects.filter(received_at__lte=clock.now() - WebhookEvent.KEPT).order_by("received_at")
    WebhookEvent.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:AT_ONCE])).delete()


def next_to_forget() -> datetime | None:
    """When the oldest event that is left has been kept long enough."""
    oldest = WebhookEvent.objects.order_by("received_at").values_list("received_at", flat=True).first()
    return oldest + WebhookEvent.KEPT if oldest else None
