"""Receiving what TikTok tells us unasked: whether a delivery is TikTok's, whose account it concerns, and keeping it before we say so.

Owns the verdict on one delivery. Never acts on an event (`events` does, as due work), never asks TikTok, never logs what a delivery says.
"""

import json
import logging
from datetime import timedelta
from enum import Enum

from django.conf import settings
from django.db import Error as DatabaseProblem

from agency import address_book, clock, scope
from integrations import events
from integrations.gateway import app
from integrations.models import WebhookEvent
from integrations.tiktok.oauth import App
from integrations.tiktok.webhooks import Delivery, DeliveryNotUnderstood, SignatureRefused, parse_delivery, verify_signature

logger = logging.getLogger(__name__)
LARGEST_BODY_BYTES = 64 * 1024  # events have a few hundred
CLOCKS_MAY_DIFFER = timedelta(minutes=5)


class Verdict(Enum):
    """How a delivery ended. TikTok repeats whatever is not answered with 200, for 72 hours."""

    DUE = "due"
    KEPT = "kept"
    NOBODYS = "nobody's"
    TOO_LARGE = "too large"
    REFUSED = "refused"
    NOT_UNDERSTOOD = "not understood"
    NOT_NOW = "not now"


class _Refused(Exception):
    """Not to be believed, and why in one word."""


def receive(signature: str, body: bytes) -> Verdict:
    """Judge one delivery and keep its event in every workspace that holds the account. A repetition is kept no second time."""
    if len(body) > LARGEST_BODY_BYTES:
        return _turned_away(Verdict.TOO_LARGE, "size")
    try:
        sender, late = _verified(signature, body)
        delivery = parse_delivery(body)
        if delivery.client_key != sender.app_id:
            raise _Refused("app")
    except _Refused as refused:
        return _turned_away(Verdict.REFUSED, str(refused))
    except DeliveryNotUnderstood as odd:
        # Refused although it is TikTok's: until it stops repeating there is time to learn to read it.
        return _turned_away(Verdict.NOT_UNDERSTOOD, odd.part)
    try:
        return _keep(delivery, body, late)
    except DatabaseProblem as problem:  # its own words may hold parts of the delivery
        logger.error("a webhook could not be kept", extra={"facts": {"error": type(problem).__name__}})
        return Verdict.NOT_NOW


def _turned_away(verdict: Verdict, reason: str) -> Verdict:
    logger.warning("webhook turned away", extra={"facts": {"verdict": verdict.value, "reason": reason}})
    return verdict


def _apps() -> tuple[App, ...]:
    """Ours at TikTok, each with a secret of its own."""
    return (app(),)


def _verified(signature: str, body: bytes) -> tuple[App, timedelta]:
    """Which of our apps it is for, and how long ago it was signed."""
    for one in _apps():
        try:
            signed_at = verify_signature(signature, body, secret=one.secret)
        except SignatureRefused:
            continue
        age = clock.now() - signed_at
        if not -CLOCKS_MAY_DIFFER <= age <= _oldest():
            raise _Refused("age")
        return one, age
    raise _Refused("signature")


def _oldest() -> timedelta:
    """How old a signature may be. Whether TikTok signs a repetition anew is not documented, so the whole time of its repetitions counts.

    A copy sent by somebody else in that time does no harm: its event is known. Therefore never longer than events are remembered.
    """
    return min(timedelta(seconds=settings.TIKTOK_WEBHOOK_SECONDS), WebhookEvent.KEPT)


def _keep(delivery: Delivery, body: bytes, late: timedelta) -> Verdict:
    """One short transaction for each workspace. What stops between two of them is completed by TikTok's repetition."""
    places = address_book.find("tiktok_account", delivery.user_open_id) if delivery.user_open_id else []
    content = json.loads(body).get("content") or ""
    new_count = due_count = 0
    for place in places:
        with scope.inside(place.workspace_id):
            event = events.keep(place.ref, delivery, content=content)
        new_count += event is not None
        due_count += event is not None and events.is_ours(event)
    facts = {"event": delivery.name[:80], "places": len(places), "new": new_count, "late_seconds": int(late.total_seconds())}
    logger.info("webhook kept" if places else "webhook about no account of ours", extra={"facts": facts})
    if not places:
        return Verdict.NOBODYS
    return Verdict.DUE if due_count else Verdict.KEPT
