"""Which events TikTok sends to us: one subscription per event type, for every account that authorised the app.

Authenticated by app id and secret, without a token. Reads no events; that is `webhooks`.
Besides what it names, each function raises OurMistake (app id, secret, address), TryLater and its kinds, and NotUnderstood.

TikTok's pages: https://business-api.tiktok.com/portal/docs (Accounts API, Webhooks).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.tiktok import reading
from integrations.tiktok.answers import understood
from integrations.tiktok.oauth import App
from integrations.tiktok.transport import Answer, Transport

MOST_POSTS = 100


@dataclass(frozen=True)
class Subscription:
    """`callback_url` is None when there is no subscription. `item_ids` limit comments to those posts; empty means all."""

    event_type: str
    callback_url: str | None
    item_ids: tuple[str, ...]


def update_subscription(
    transport: Transport, app: App, *, event_type: str, callback_url: str, item_ids: Sequence[str] | None = None
) -> Answer[Subscription]:
    """POST /business/webhook/update/: send events of this type to this address, in place of any other.

    `event_type` is COMMENT, BRAND_MENTION, VIDEO or DIRECT_MESSAGE. `item_ids` is for COMMENT only, at most 100; ValueError above.
    """
    body = _body(app, event_type, item_ids) | {"callback_url": callback_url}
    return _subscription(transport.business_post("/business/webhook/update/", body=body), event_type)


def subscription(transport: Transport, app: App, *, event_type: str) -> Answer[Subscription]:
    """GET /business/webhook/list/: where events of this type go at present."""
    params = {"app_id": app.app_id, "secret": app.secret, "event_type": event_type}
    return _subscription(transport.business_get("/business/webhook/list/", params=params), event_type)


def delete_subscription(transport: Transport, app: App, *, event_type: str, item_ids: Sequence[str] | None = None) -> Answer[Subscription]:
    """POST /business/webhook/delete/: no more events of this type, or none of these posts. Answers what TikTok echoes."""
    return _subscription(transport.business_post("/business/webhook/delete/", body=_body(app, event_type, item_ids)), event_type)


def _body(app: App, event_type: str, item_ids: Sequence[str] | None) -> dict[str, Any]:
    if item_ids is not None and not 1 <= len(item_ids) <= MOST_POSTS:
        raise ValueError("name one to a hundred posts, or none for all")
    body = {"app_id": app.app_id, "secret": app.secret, "event_type": event_type}
    return body if item_ids is None else {**body, "item_list": list(item_ids)}


def _subscription(answer: Answer[Mapping[str, Any]], event_type: str) -> Answer[Subscription]:
    def read(data: Mapping[str, Any]) -> Subscription:
        if reading.text_or_none(data, "event_type") not in (None, event_type):
            raise reading.Malformed("event_type")
        return Subscription(event_type, reading.text_or_none(data, "callback_url"), reading.identifiers(data, "item_list"))

    return understood(answer, read, "the subscription")
