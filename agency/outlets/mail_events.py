"""What the mail provider tells afterwards: bounces and complaints of Amazon SES, which come through Amazon SNS.

A notice counts only when it is signed by Amazon for the topic that is set (`MAIL_EVENTS_TOPIC`), in signature version 2 (SHA-256): an
unsigned one could stop anybody's mail. Owns reading and verifying; never decides what a bounce means for a report.
https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificate
from django.conf import settings

LARGEST_BODY_BYTES: Final = 256 * 1024  # of an SNS message
_HOST: Final = re.compile(r"sns\.[a-z0-9-]{3,32}\.amazonaws\.com(\.cn)?")
_SIGNED: Final = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_CERTIFICATE_BYTES, _SECONDS = 16 * 1024, 5.0
REF_HEADER: Final = "x-message-ref"


class NotGenuine(Exception):
    """Not signed by Amazon for our topic."""


class NotUnderstood(Exception):
    """Genuine, and not in a form that we can read."""


@dataclass(frozen=True)
class Event:
    """A mail that came back, or whose reader called it unwanted."""

    kind: Literal["gone", "came_back", "complained"]  # gone: never try this address again
    address: str
    ref: str  # what our mail carried in X-Message-Ref
    detail: str


def read(body: bytes) -> list[Event]:
    """The events of one notice. A topic that asks whether we listen is answered, and tells nothing."""
    try:
        notice = json.loads(body)
        kind, topic = notice["Type"], notice["TopicArn"]
    except (ValueError, TypeError, KeyError) as error:
        raise NotUnderstood(type(error).__name__) from error
    if kind not in _SIGNED or not settings.MAIL_EVENTS_TOPIC or topic != settings.MAIL_EVENTS_TOPIC:
        raise NotGenuine("topic or type")
    _verify(notice)
    if kind == "SubscriptionConfirmation":
        _fetch(str(notice["SubscribeURL"]))
        return []
    try:
        return list(_events(json.loads(notice["Message"])))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotUnderstood(type(error).__name__) from error


def _verify(notice: dict[str, Any]) -> None:
    if str(notice.get("SignatureVersion")) != "2":
        raise NotGenuine("signature version")
    text = "".join(f"{name}\n{notice[name]}\n" for name in _SIGNED[notice["Type"]] if name in notice)
    try:
        key = _key(str(notice["SigningCertURL"]))
        key.verify(b64decode(str(notice["Signature"]), validate=True), text.encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError, KeyError) as error:
        raise NotGenuine("signature") from error


@lru_cache(maxsize=8)
def _key(url: str) -> RSAPublicKey:
    """Of Amazon's certificate; they change it now and then and name the new one."""
    if not urlsplit(url).path.endswith(".pem"):
        raise NotGenuine("certificate")
    key = load_pem_x509_certificate(_fetch(url)).public_key()
    if not isinstance(key, RSAPublicKey):
        raise NotGenuine("certificate")
    return key


def _fetch(url: str) -> bytes:
    """From Amazon's notification service and from nowhere else, without redirects."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not _HOST.fullmatch(parts.netloc):
        raise NotGenuine("address")
    with httpx.Client(timeout=_SECONDS, follow_redirects=False, trust_env=False) as client:
        answer = client.get(url)
    if answer.status_code != 200 or len(answer.content) > _CERTIFICATE_BYTES:
        raise NotGenuine("address")
    return answer.content


def _events(told: dict[str, Any]) -> Iterator[Event]:
    kind = str(told.get("eventType") or told.get("notificationType"))
    ref = next((str(h["value"]) for h in told["mail"].get("headers", ()) if str(h["name"]).lower() == REF_HEADER), "")
    if kind == "Bounce":
        bounce = told["bounce"]
        is_final = bounce["bounceType"] == "Permanent"
        for one in bounce["bouncedRecipients"]:
            detail = f"{bounce['bounceType']} {bounce.get('bounceSubType', '')} {one.get('status', '')}".strip()
            yield Event("gone" if is_final else "came_back", str(one["emailAddress"]), ref, detail)
    elif kind == "Complaint":
        for one in told["complaint"]["complainedRecipients"]:
            yield Event("complained", str(one["emailAddress"]), ref, str(told["complaint"].get("complaintFeedbackType") or "complaint"))
