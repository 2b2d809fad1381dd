"""What TikTok tells us unasked: whether a delivery is TikTok's, and what it says.

Owns the signature, the envelope and the content of each known event. Works on the bytes of one delivery: no network, no clock, no memory,
so that age and repetition are the caller's to judge. TikTok names no event id, delivers at least once and in any order; a delivery is known
by the digest of its body. An event that nobody has described is kept as it came.

TikTok's pages: https://developers.tiktok.com/doc/webhooks-verification and https://developers.tiktok.com/doc/webhooks-events
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from agency.secret import Secret
from integrations.tiktok import reading

LARGEST_BODY_BYTES = 256 * 1024


class SignatureRefused(Exception):
    """The delivery is not signed by TikTok with this app's secret. Nothing in it is to be believed."""


class DeliveryNotUnderstood(Exception):
    """The delivery is signed and yet unreadable. `part` names what is odd, never its content."""

    def __init__(self, part: str) -> None:
        super().__init__(f"a webhook delivery is unreadable: {part}")
        self.part = part


@dataclass(frozen=True)
class AuthorizationRemoved:
    """The tokens are dead already. `reason` is 0 unknown, 1 removed in TikTok, 2 account deleted, 3 age changed, 4 banned, 5 revoked by us;
    None when TikTok gave none."""

    reason: int | None


@dataclass(frozen=True)
class CommentChanged:
    """`action` is insert, delete, set_to_hidden, set_to_friends_only or set_to_public. The text is to be fetched."""

    comment_id: str
    video_id: str
    parent_comment_id: str | None
    kind: str | None
    action: str
    unique_identifier: str | None
    happened_at: datetime | None


@dataclass(frozen=True)
class BrandMentioned:
    """`change` is CREATE, EDIT or PRIVACY_CHANGE, `kind` VIDEO_MENTION or COMMENT. `mentioned_open_id` is the brand's account."""

    change: str
    kind: str | None
    video_id: str
    comment_id: str | None
    mentioned_open_id: str | None
    mentioned_username: str | None
    unique_identifier: str | None
    share_url: str | None
    caption: str | None
    video_created_at: datetime | None


@dataclass(frozen=True)
class PublishChanged:
    """How a post is coming: `state` is complete, failed, inbox_delivered, publicly_available or no_longer_publicly_available.

    `post_id` comes with the last two, `reason` with a failure. A draft may be complete several times.
    """

    state: str
    publish_id: str
    publish_type: str | None
    post_id: str | None
    reason: str | None


@dataclass(frozen=True)
class UnknownEvent:
    """Nobody has described it. `content` is TikTok's text, untouched and not to be shown."""

    content: str = field(repr=False)


Event = AuthorizationRemoved | CommentChanged | BrandMentioned | PublishChanged | UnknownEvent


@dataclass(frozen=True)
class Delivery:
    """One event as delivered. `user_open_id` is None where the event concerns nobody; `digest` knows a repetition."""

    client_key: str
    name: str
    created_at: datetime
    user_open_id: str | None
    event: Event
    digest: str


def verify_signature(header: str, body: bytes, *, secret: Secret) -> datetime:
    """When TikTok signed this body, exactly as it was received. Raises SignatureRefused.

    `header` is TikTok-Signature: `t=<unix seconds>,s=<hex>`. How old is too old is the caller's to say: TikTok repeats for 72 hours, and
    whether a repetition is signed anew is not documented.
    """
    parts = [part.strip().partition("=") for part in header.split(",")]
    found = {name: value for name, _, value in parts}
    stamp, given = found.get("t", ""), found.get("s", "")
    if len(found) != len(parts) or not re.fullmatch(r"[0-9]{1,11}", stamp) or not re.fullmatch(r"[0-9a-f]{64}", given):
        raise SignatureRefused("the signature has not TikTok's form")
    expected = hmac.new(secret.reveal().encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not secret or not hmac.compare_digest(expected, given):
        raise SignatureRefused("the signature is not that of this app")
    return datetime.fromtimestamp(int(stamp), UTC)


def parse_delivery(body: bytes) -> Delivery:
    """The event in a delivery whose signature has been verified. Raises DeliveryNotUnderstood, for an unknown event never."""
    try:
        return _delivery(body)
    except reading.Malformed as malformed:
        part = str(malformed)
    raise DeliveryNotUnderstood(part)


def _delivery(body: bytes) -> Delivery:
    if len(body) > LARGEST_BODY_BYTES:
        raise reading.Malformed("size")
    envelope = _object(body, "body")
    name = reading.required_text(envelope, "event")
    content = reading.text(envelope, "content") or ""
    read = EVENTS.get(name)
    return Delivery(
        client_key=reading.identifier(envelope, "client_key"),
        name=name,
        created_at=reading.unix_time(envelope, "create_time"),
        user_open_id=reading.identifier_or_none(envelope, "user_openid"),
        event=UnknownEvent(content) if read is None else read(_object(content or "{}", "content")),
        digest=hashlib.sha256(body).hexdigest(),
    )


def _object(text: bytes | str, part: str) -> Mapping[str, Any]:
    """Whole numbers stay exact however long: ids arrive as bare integers beyond what a float holds."""
    try:
        parsed = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        raise reading.Malformed(part)
    return parsed


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _removed(content: Mapping[str, Any]) -> AuthorizationRemoved:
    return AuthorizationRemoved(reading.whole(content, "reason"))


def _comment(content: Mapping[str, Any]) -> CommentChanged:
    return CommentChanged(
        comment_id=reading.identifier(content, "comment_id"),
        video_id=reading.identifier(content, "video_id"),
        parent_comment_id=reading.identifier_or_none(content, "parent_comment_id"),
        kind=reading.text_or_none(content, "comment_type"),
        action=reading.required_text(content, "comment_action"),
        unique_identifier=reading.text_or_none(content, "unique_identifier"),
        happened_at=_milliseconds(content, "timestamp"),
    )


def _milliseconds(data: Mapping[str, Any], name: str) -> datetime | None:
    value = reading.whole(data, name)
    if value is None:
        return None
    if not 0 < value < 10**15:
        raise reading.Malformed(name)
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)
    except OverflowError:
        raise reading.Malformed(name) from None


def _mention(content: Mapping[str, Any]) -> BrandMentioned:
    return BrandMentioned(
        change=reading.required_text(content, "type_of_event"),
        kind=reading.text_or_none(content, "mention_type"),
        video_id=reading.identifier(content, "video_id"),
        comment_id=reading.identifier_or_none(content, "comment_id"),
        mentioned_open_id=reading.identifier_or_none(content, "open_id_of_mentioned_user"),
        mentioned_username=reading.text_or_none(content, "unique_name_of_mentioned_user"),
        unique_identifier=reading.text_or_none(content, "unique_identifier"),
        share_url=reading.text_or_none(content, "share_url"),
        caption=reading.text(content, "video_caption"),
        video_created_at=reading.unix_time_or_none(content, "video_create_time"),
    )


def _publish(state: str) -> Callable[[Mapping[str, Any]], PublishChanged]:
    def read(content: Mapping[str, Any]) -> PublishChanged:
        return PublishChanged(
            state=state,
            publish_id=reading.required_text(content, "publish_id"),
            publish_type=reading.text_or_none(content, "publish_type"),
            post_id=reading.identifier_or_none(content, "post_id"),
            reason=reading.text_or_none(content, "reason"),
        )

    return read


EVENTS: dict[str, Callable[[Mapping[str, Any]], Event]] = {
    "authorization.removed": _removed,
    "comment.update": _comment,
    "brand.mention.event": _mention,
    "post.publish.complete": _publish("complete"),
    "post.publish.failed": _publish("failed"),
    "post.publish.inbox_delivered": _publish("inbox_delivered"),
    "post.publish.publicly_available": _publish("publicly_available"),
    # The API for Business spells it right, TikTok for Developers does not.
    "post.publish.no_longer_publicly_available": _publish("no_longer_publicly_available"),
    "post.publish.no_longer_publicaly_available": _publish("no_longer_publicly_available"),
}
