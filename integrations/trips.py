"""Trips to TikTok's consent page: begun, used once, closed, forgotten. What comes back with them is kept by `actions`. No network."""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.encoding import force_bytes

from agency import address_book, audit, clock, jobs
from agency.models import Membership
from agency.secret import Secret
from integrations.models import Connection, ConsentRequest, Flow

_BOOK = "oauth_state"
BROWSER = "consent_browser"  # in the session: what ties every trip to the browser that began it
AT_ONCE = 1_000  # rows forgotten in one transaction


def nonce_of(session: Any) -> str:
    """What this browser's trips are tied to; drawn with the first."""
    return session.setdefault(BROWSER, secrets.token_urlsafe(24))


def browser_hash(nonce: str) -> bytes:
    """What ties a consent to the browser that started it."""
    return hmac.digest(force_bytes(settings.SECRET_KEY), b"consent-browser:" + nonce.encode(), hashlib.sha256)


def start_trip(
    *,
    request_id: UUID,
    by: Membership,
    browser_nonce: str,
    flow: Flow,
    verifier_sealed: bytes | None,
    scopes: tuple[str, ...],
    redirect_uri: str,
    reconnect: Connection | None = None,
) -> Secret:
    """Note a trip to TikTok's consent page. Returns the state to send along; only its keyed hash is kept."""
    state, now = Secret(secrets.token_urlsafe(32)), clock.now()
    with transaction.atomic():
        request = ConsentRequest.objects.create(
            pk=request_id,
            workspace_id=by.workspace_id,
            person_id=by.person_id,
            browser_hash=browser_hash(browser_nonce),
            flow=flow,
            verifier_sealed=verifier_sealed,
            scopes_asked=list(scopes),
            redirect_uri=redirect_uri,
            connection=reconnect,
            started_at=now,
            expires_at=now + ConsentRequest.LIFETIME,
        )
        address_book.enter(_BOOK, state.reveal(), workspace_id=by.workspace_id, ref=request.pk)
        jobs.put("old_consents", by.workspace_id, workspace_id=by.workspace_id, at=request.expires_at + ConsentRequest.KEPT)
        audit.record("consent.started", request, by=by, kind=flow.value)
    return state


def claim_trip(request_id: UUID) -> ConsentRequest | None:
    """Use a consent, once. Of two callbacks at the same moment exactly one gets it."""
    now = clock.now()
    if not ConsentRequest.objects.filter(pk=request_id, used_at=None, expires_at__gt=now).update(used_at=now):
        return None
    return ConsentRequest.objects.get(pk=request_id)


def close_trip(request: ConsentRequest, outcome: str) -> None:
    """Note how it ended."""
    ConsentRequest.objects.filter(pk=request.pk).update(outcome=outcome)


def forget_old_trips(workspace_id: UUID) -> None:
    """Forget trips of the open workspace that ended long ago, the oldest at once. The audit log still says who began one, and when.

    What led to a trip goes by its own age: the trip itself may have gone before, with its account.
    """
    ended_before = clock.now() - ConsentRequest.KEPT
    address_book.strike_older(_BOOK, workspace_id=workspace_id, than=ended_before - ConsentRequest.LIFETIME)
    old = ConsentRequest.objects.filter(expires_at__lte=ended_before).order_by("expires_at")
    ConsentRequest.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:AT_ONCE])).delete()


def next_trip_to_forget(workspace_id: UUID) -> datetime | None:
    """When the oldest that is left has been kept long enough."""
    oldest = ConsentRequest.objects.order_by("expires_at").values_list("expires_at", flat=True).first()
    entered = address_book.oldest(_BOOK, workspace_id=workspace_id)
    ends = [oldest, entered + ConsentRequest.LIFETIME if entered else None]
    return min((end + ConsentRequest.KEPT for end in ends if end), default=None)
