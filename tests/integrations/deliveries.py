"""Deliveries of events as TikTok makes them, signed, for tests of what the platform does with them."""

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from agency import clock, scope
from integrations.models import Connection, WebhookEvent
from tests.integrations.connecting import connect, only_connection
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in

ADDRESS = "/tiktok/webhooks"
REMOVED, COMMENT = "authorization.removed", "comment.update"
CONTENTS = {
    REMOVED: '{"reason":1}',
    COMMENT: '{"comment_id":7510000000000000001,"video_id":7500000000000000003,"parent_comment_id":0,"comment_type":"comment",'
    '"comment_action":"insert","timestamp":1767313000123,"unique_identifier":"u_7b1"}',
}


def event(open_id: str | None, name: Any = REMOVED, *, at: datetime | None = None, content: Any = None, **changed: Any) -> bytes:
    """The body that tells of one event. None leaves a part out."""
    parts = {
        "client_key": settings.TIKTOK_APP_ID,
        "event": name,
        "create_time": int((at or clock.now()).timestamp()),
        "user_openid": open_id,
        "content": CONTENTS[name] if content is None else content,
    }
    return json.dumps({k: v for k, v in (parts | changed).items() if v is not None}, separators=(",", ":")).encode()


def signature(body: bytes, *, secret: str | None = None, age_seconds: float = 0) -> str:
    """The header that proves it."""
    stamp = str(int(clock.now().timestamp() - age_seconds))
    key = settings.TIKTOK_APP_SECRET if secret is None else secret
    return f"t={stamp},s={hmac.new(key.encode(), stamp.encode() + b'.' + body, hashlib.sha256).hexdigest()}"


def deliver(body: bytes, header: str | None = None) -> HttpResponse:
    """One POST, as from a server: without cookies, and with Django's check against forged forms switched on."""
    given = signature(body) if header is None else header
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    return client.post(ADDRESS, body, content_type="application/json", headers={"TikTok-Signature": given} if given else {})


def kept(connection: Connection) -> list[WebhookEvent]:
    """What a workspace keeps, oldest first."""
    with scope.inside(connection.workspace_id):
        return list(WebhookEvent.objects.order_by("happened_at", "name"))


def in_two_workspaces(cast: Cast, tiktok: LocalTikTok) -> tuple[Connection, Connection]:
    """Brass Studio's and Moontide's own consents for the same account."""
    connect(sign_in(cast.admin), tiktok, "brassorbit3")
    moon = sign_in(cast.moon_admin)
    moon.post(connect(moon, tiktok, "brassorbit3").headers["Location"])
    tiktok.advance(60)
    return only_connection(cast.admin), only_connection(cast.moon_admin)
