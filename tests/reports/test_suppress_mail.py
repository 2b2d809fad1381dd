"""Bounces and complaints: what the mail server answers at once, and what the provider tells afterwards, signed."""

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from django.core import mail as outbox
from django.test import Client

from agency import scope
from agency.models import Suppression
from agency.outlets import mail, mail_events, suppression
from reports import delivering
from reports.models import Delivery
from tests.people import Cast, sign_in
from tests.reports.conftest import At
from tests.reports.reporting import W21, account_with_weeks, compose
from tests.reports.test_compose_report import MIDWEEK, NEXT_SLOT
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
TOPIC = "arn:aws:sns:us-east-1:123456789012:mail"
CERTIFICATE = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0.pem"
State = Delivery.State


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def tell(key: rsa.RSAPrivateKey, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Posts a notice as Amazon does; `forged` changes it after it was signed."""
    settings.MAIL_EVENTS_TOPIC = TOPIC
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    asked: list[str] = []
    honest = mail_events._fetch

    def fetch(url: str) -> bytes:
        if url != CERTIFICATE:
            return honest(url)
        asked.append(url)
        return certificate.public_bytes(serialization.Encoding.PEM)

    monkeypatch.setattr(mail_events, "_fetch", fetch)
    mail_events._key.cache_clear()

    def post(event: dict[str, Any], **forged: Any) -> int:
        notice = {
            "Type": "Notification", "MessageId": "m", "TopicArn": TOPIC, "Message": json.dumps(event), "Timestamp": "2026-05-28T12:00:00Z",
            "SignatureVersion": "2", "SigningCertURL": CERTIFICATE,
        }  # fmt: skip
        text = "".join(f"{k}\n{notice[k]}\n" for k in ("Message", "MessageId", "Timestamp", "TopicArn", "Type"))
        notice["Signature"] = b64encode(key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
        return (
            Client(raise_request_exception=False)
            .post("/email/events", json.dumps(notice | forged), content_type="text/plain; charset=UTF-8")
            .status_code
        )

    return post


@pytest.fixture
def sent(cast: Cast, at: At) -> Cast:
    """Week 21, accepted by the mail server for the admin and the viewer."""
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=W21.after.sunday, weeks=4)
    compose(cast.brass)
    work_off("delivery")
    return cast


def delivery(cast: Cast, who: str = "viewer") -> Delivery:
    with scope.inside(cast.brass.pk):
        return Delivery.objects.get(person=getattr(cast, who).person, report__week="2026-W21")


def bounce(cast: Cast, kind: str = "Permanent") -> dict[str, Any]:
    headers = [{"name": "X-Message-Ref", "value": delivering.ref_of(delivery(cast))}]
    recipients = [{"emailAddress": "Viewer@Brass.example", "status": "5.1.1"}]
    return {
        "eventType": "Bounce", "mail": {"headers": headers},
        "bounce": {"bounceType": kind, "bounceSubType": "General", "bouncedRecipients": recipients},
    }  # fmt: skip


def complaint(cast: Cast) -> dict[str, Any]:
    told = {"complainedRecipients": [{"emailAddress": "viewer@brass.example"}], "complaintFeedbackType": "abuse"}
    return bounce(cast) | {"eventType": "Complaint", "complaint": told}


def next_week(cast: Cast, at: At) -> list[str]:
    """Who gets the next report."""
    outbox.outbox.clear()
    at(NEXT_SLOT)
    compose(cast.brass)
    work_off("delivery")
    return sorted(m.to[0] for m in outbox.outbox)


def test_a_late_bounce_shows_beside_the_recipient_and_ends_mail_to_the_address(sent: Cast, at: At, tell: Callable[..., int]) -> None:
    assert tell(bounce(sent)) == 200
    assert tell(bounce(sent)) == 200
    assert (delivery(sent).state, delivery(sent).detail) == (State.BOUNCED, "Permanent General 5.1.1")
    assert delivery(sent, "admin").state == State.SENT
    assert "Came back. Check the address." in sign_in(sent.admin).get("/reports/2026-W21").content.decode()
    assert next_week(sent, at) == ["admin@brass.example"]
    page = sign_in(sent.admin).get("/reports/2026-W22").content.decode()
    assert "Not sent: this address refused mail before." in page


def test_a_mailbox_that_was_full_is_tried_with_the_next_report(sent: Cast, at: At, tell: Callable[..., int]) -> None:
    assert tell(bounce(sent, "Transient")) == 200
    assert delivery(sent).state == State.BOUNCED
    assert next_week(sent, at) == ["admin@brass.example", "viewer@brass.example"]


def test_a_complaint_ends_mail_and_is_lifted_by_nobody_else(sent: Cast, at: At, tell: Callable[..., int]) -> None:
    assert tell(bounce(sent)) == tell(complaint(sent)) == tell(bounce(sent)) == 200
    assert delivery(sent).state == State.BOUNCED or delivery(sent).state == State.COMPLAINED
    assert suppression.cause_of("viewer@brass.example") == "Its reader called our mail unwanted"
    sign_in(sent.admin).post(f"/reports/settings/people/{sent.viewer.pk}/retry")
    assert next_week(sent, at) == ["admin@brass.example"]


def test_somebody_who_mended_the_mailbox_gets_reports_again(sent: Cast, at: At, tell: Callable[..., int]) -> None:
    tell(bounce(sent))
    client = sign_in(sent.admin)
    assert "Its mail server refused it for good" in client.get("/reports/settings").content.decode()
    client.post(f"/reports/settings/people/{sent.viewer.pk}/retry")
    assert next_week(sent, at) == ["admin@brass.example", "viewer@brass.example"]


def test_a_mail_that_somebody_asks_for_is_not_held_back(sent: Cast, tell: Callable[..., int], client: Client) -> None:
    tell(bounce(sent))
    outbox.outbox.clear()
    client.post("/password/reset", {"email": "viewer@brass.example"})
    assert [m.to[0] for m in outbox.outbox] == ["viewer@brass.example"]


@pytest.mark.parametrize(
    "forged",
    [
        {"Message": "{}"},
        {"TopicArn": "arn:aws:sns:us-east-1:1:other"},
        {"SignatureVersion": "1"},
        {"Signature": b64encode(b"x" * 256).decode()},
        {"Signature": "no base64!"},
        {"SigningCertURL": "https://sns.us-east-1.amazonaws.com.evil.example/x.pem"},
        {"SigningCertURL": "http://sns.us-east-1.amazonaws.com/x.pem"},
        {"SigningCertURL": "https://evil.example/sns.us-east-1.amazonaws.com.pem"},
        {"SigningCertURL": "https://sns.us-east-1.amazonaws.com@evil.example/x.pem"},
        {"Type": "UnsubscribeConfirmation"},
    ],
)
def test_what_amazon_did_not_sign_for_our_topic_changes_nothing(sent: Cast, tell: Callable[..., int], forged: dict[str, str]) -> None:
    assert tell(bounce(sent), **forged) == 403
    assert not Suppression.objects.exists()
    assert delivery(sent).state == State.SENT


def test_without_a_topic_nothing_is_believed(sent: Cast, tell: Callable[..., int], settings: Any) -> None:
    settings.MAIL_EVENTS_TOPIC = ""
    assert tell(bounce(sent), TopicArn="") == 403


@pytest.mark.parametrize("body", ["", "[]", "{", '{"Type": 1}', "x" * 300_000])
def test_nonsense_is_refused(body: str, client: Client) -> None:
    assert client.post("/email/events", body, content_type="text/plain").status_code in {400, 413}


@pytest.mark.parametrize("event", [{"eventType": "Delivery", "mail": {}}, {"eventType": "Open", "mail": {"headers": []}}])
def test_events_that_we_do_not_want_are_taken_and_forgotten(tell: Callable[..., int], event: dict[str, Any], cast: Cast) -> None:
    assert tell(event) == 200
    assert not Suppression.objects.exists()


def test_a_reference_of_somebody_else_is_none(sent: Cast, tell: Callable[..., int]) -> None:
    event = bounce(sent)
    ref = event["mail"]["headers"][0]["value"]
    event["mail"]["headers"][0]["value"] = ref[:-1] + ("0" if ref[-1] != "0" else "1")
    assert tell(event) == 200
    assert delivery(sent).state == State.SENT


def test_an_address_is_kept_as_a_keyed_hash_only(cast: Cast) -> None:
    suppression.suppress("Somebody@Example.org", suppression.Cause.BOUNCED)
    suppression.suppress("somebody@example.org ", suppression.Cause.BOUNCED)
    (row,) = Suppression.objects.values()
    assert b"example" not in bytes(row["keyed_hash"])
    assert suppression.lift("SOMEBODY@example.org")
    assert suppression.cause_of("somebody@example.org") == ""


def test_a_reference_stands_in_each_mail_and_names_no_recipient(sent: Cast) -> None:
    (letter,) = (m for m in outbox.outbox if m.to == ["viewer@brass.example"])
    assert letter.extra_headers["X-Message-Ref"] == delivering.ref_of(delivery(sent))
    assert delivering.behind_ref(letter.extra_headers["X-Message-Ref"]) == (sent.brass.pk, delivery(sent).pk)
    assert mail.message_id_of("x").startswith("<x@")
