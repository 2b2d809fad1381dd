"""Deliveries of TikTok's webhooks: whose they are, and what they say."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from agency.secret import Secret
from integrations.tiktok.webhooks import (
    AuthorizationRemoved,
    BrandMentioned,
    CommentChanged,
    DeliveryNotUnderstood,
    PublishChanged,
    SignatureRefused,
    UnknownEvent,
    parse_delivery,
    verify_signature,
)

SECRET = Secret("sim_client_secret_0123456789abcdef")
BODY = (
    b'{"client_key":"aw0simulator0key","event":"authorization.removed","create_time":1764000000,'
    b'"user_openid":"-000SimOpenId0001","content":"{\\"reason\\":1}"}'
)
MAC = "5c887a23adb2d03ebb388fd2426228457c61c6975c8acad09799ed9eec8d20ea"


def delivery(event: Any, content: Any, **changed: Any) -> bytes:
    text = content if isinstance(content, str) else json.dumps(content)
    return json.dumps(
        {"client_key": "7400000000000000001", "event": event, "create_time": 1767313000, "user_openid": "_000X", "content": text, **changed}
    ).encode()


def test_the_signature_is_tiktoks() -> None:
    assert verify_signature(f"t=1764000005,s={MAC}", BODY, secret=SECRET) == datetime.fromtimestamp(1764000005, UTC)
    assert verify_signature(f" s={MAC} , t=1764000005", BODY, secret=SECRET)


@pytest.mark.parametrize(
    ("header", "body", "secret"),
    [
        (f"t=1764000006,s={MAC}", BODY, SECRET),
        (f"t=1764000005,s={MAC}", BODY + b" ", SECRET),
        (f"t=1764000005,s={MAC}", BODY, Secret("another")),
        (f"t=1764000005,s={MAC.upper()}", BODY, SECRET),
        (f"t=1764000005,s={MAC[:-1]}", BODY, SECRET),
        (f"t=1764000005,s={MAC},s={MAC}", BODY, SECRET),
        (f"s={MAC}", BODY, SECRET),
        ("t=1764000005", BODY, SECRET),
        ("", BODY, SECRET),
        ("t=1764000005,s=é", BODY, SECRET),
        (f"t=999999999999999,s={MAC}", BODY, SECRET),
        (f"t=-1,s={MAC}", BODY, SECRET),
    ],
)
def test_what_is_not_signed_by_tiktok_is_refused(header: str, body: bytes, secret: Secret) -> None:
    with pytest.raises(SignatureRefused) as caught:
        verify_signature(header, body, secret=secret)
    assert MAC not in str(caught.value)


def test_an_app_without_a_secret_accepts_nothing() -> None:
    stamp = "1764000005"
    forged = hmac.new(b"", stamp.encode() + b"." + BODY, hashlib.sha256).hexdigest()
    with pytest.raises(SignatureRefused):
        verify_signature(f"t={stamp},s={forged}", BODY, secret=Secret(""))


def test_a_removed_authorization_is_read() -> None:
    read = parse_delivery(BODY)
    assert (read.client_key, read.name, read.user_open_id) == ("aw0simulator0key", "authorization.removed", "-000SimOpenId0001")
    assert read.created_at == datetime.fromtimestamp(1764000000, UTC)
    assert read.event == AuthorizationRemoved(1)
    assert read.digest == hashlib.sha256(BODY).hexdigest()
    assert parse_delivery(delivery("authorization.removed", "")).event == AuthorizationRemoved(None)


def test_bare_ids_in_a_comment_event_stay_exact() -> None:
    content = (
        '{"comment_id":7510000000000000001,"video_id":7500000000000000003,"parent_comment_id":0,"comment_type":"comment",'
        '"comment_action":"insert","timestamp":1767313000123,"unique_identifier":"u_7b1"}'
    )
    event = parse_delivery(delivery("comment.update", content)).event
    assert event == CommentChanged(
        comment_id="7510000000000000001",
        video_id="7500000000000000003",
        parent_comment_id=None,
        kind="comment",
        action="insert",
        unique_identifier="u_7b1",
        happened_at=datetime(2026, 1, 2, 0, 16, 40, 123000, tzinfo=UTC),
    )


def test_a_mention_without_a_comment_has_none() -> None:
    content = {"type_of_event": "CREATE", "mention_type": "VIDEO_MENTION", "video_id": 7500000000000000077, "comment_id": "0"}
    event = parse_delivery(delivery("brand.mention.event", content)).event
    assert isinstance(event, BrandMentioned)
    assert (event.change, event.video_id, event.comment_id, event.video_created_at) == ("CREATE", "7500000000000000077", None, None)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("post.publish.complete", "complete"),
        ("post.publish.failed", "failed"),
        ("post.publish.inbox_delivered", "inbox_delivered"),
        ("post.publish.publicly_available", "publicly_available"),
        ("post.publish.no_longer_publicly_available", "no_longer_publicly_available"),
        ("post.publish.no_longer_publicaly_available", "no_longer_publicly_available"),
    ],
)
def test_a_post_on_its_way_is_read_in_both_spellings(name: str, state: str) -> None:
    event = parse_delivery(delivery(name, '{"publish_id":"v_pub_url~v1.7","post_id":7512000000000000001,"reason":""}')).event
    assert event == PublishChanged(state, "v_pub_url~v1.7", None, "7512000000000000001", None)


@pytest.mark.parametrize("content", ["", "not json", '{"a":1}'])
def test_an_event_that_nobody_has_described_is_kept_as_it_came_and_not_printed(content: str) -> None:
    read = parse_delivery(delivery("portability.download.ready", content, user_openid=None))
    assert (read.event, read.user_open_id) == (UnknownEvent(content), None)
    assert not content or content not in repr(read)


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (b"", "body"),
        (b"[]", "body"),
        (b"\xff", "body"),
        (b'{"a":NaN}', "body"),
        (b"[" * 100_000, "body"),
        (delivery("comment.update", "canary"), "content"),
        (delivery("comment.update", "[]"), "content"),
        (delivery("comment.update", {}), "comment_id"),
        (delivery("comment.update", {"comment_id": 1, "video_id": 7.5e18, "comment_action": "insert"}), "video_id"),
        (delivery("comment.update", {"comment_id": 1, "video_id": 2, "comment_action": "insert", "timestamp": -1}), "timestamp"),
        (delivery("comment.update", {"comment_id": 1, "video_id": 2, "comment_action": "insert", "timestamp": 10**14 * 9}), "timestamp"),
        (delivery("authorization.removed", {"reason": "canary"}), "reason"),
        (delivery(7, {}), "event"),
        (json.dumps({"client_key": "7", "event": "authorization.removed", "create_time": 1, "content": {"reason": 1}}).encode(), "content"),
        (delivery("authorization.removed", {}, create_time="soon"), "create_time"),
        (delivery("x", "y" * 300_000), "size"),
    ],
)
def test_a_delivery_that_cannot_be_read_names_the_part_and_not_what_it_says(body: bytes, part: str) -> None:
    with pytest.raises(DeliveryNotUnderstood) as caught:
        parse_delivery(body)
    assert caught.value.part == part
    assert "canary" not in str(caught.value)
