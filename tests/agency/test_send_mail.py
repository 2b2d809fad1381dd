"""The door for mail: what hostile names do to headers, and what each failure of the mail server means."""

from email import message_from_bytes, policy
from html.parser import HTMLParser
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail as outgoing
from django.core.cache import cache

from agency import emails, scope
from agency.models import Invitation, Person
from agency.outlets import mail
from tests.people import Cast, sign_in

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
HOSTILE = (
    "Brass\nBcc: everybody@x.example",
    "Brass\r\nBcc: everybody@x.example",
    "Brass\rX-Forged: 1",
    "Brass\x0b\x0c\x1c\x85Bcc: x",
    "Brass\u2028Bcc: x\u2029",
    "Brass\u202eoiduts\u202c",
    "\u2066Bra\u200bss\u2069\ufeff",
    "Brass\x00\x07\x1b[2J",
    "=?utf-8?q?Brass?=",
    "é" * 300,
    "\ud800Brass",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_in_its_header(name: str) -> None:
    """As a whole message on the wire, read back by a parser that is not ours."""
    mail.send(
        mail.Message(
            to="to@x.example", subject=mail.header_text(f"{name} invites you"), text="t\n", html="<p>t</p>", headers={"List-Id": name}
        )
    )
    (sent,) = outgoing.outbox
    read = message_from_bytes(sent.message().as_bytes(), policy=policy.default)
    assert read["To"] == "to@x.example"
    assert "Bcc" not in read
    assert "X-Forged" not in read
    assert set(read.keys()) == {"Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "List-Id"}
    for c in str(read["Subject"]):
        assert c.isprintable(), repr(c)


@pytest.mark.parametrize("name", [n for n in HOSTILE if "\x00" not in n and "\ud800" not in n])  # the database takes neither
def test_a_person_with_a_hostile_name_can_still_invite(cast: Cast, name: str) -> None:
    """One newline in a name would otherwise stop a mail."""
    Person.objects.filter(pk=cast.admin.person_id).update(name=name[:120])
    cache.clear()
    client = sign_in(cast.admin)
    assert client.post("/settings/people", {"email": "new@x.example", "role": "creator"}).status_code == 302
    (sent,) = outgoing.outbox
    read = message_from_bytes(sent.message().as_bytes(), policy=policy.default)
    assert (read["To"], "Bcc" in read) == ("new@x.example", False)


def test_markup_in_a_name_is_text_in_the_mail(cast: Cast) -> None:
    hostile = '<script>alert(1)</script><img src="https://evil.example/x">'
    with scope.inside(cast.brass.pk):
        row = Invitation(email="a@x.example", role="creator", expires_at=cast.brass.created_at)
        letter = emails.invitation(row, "token", inviter=hostile, workspace=hostile)
    found: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: found.append(f"{tag} {dict(attrs).get('src', '')}")
    parser.feed(letter.html)
    assert len(found) > 10
    assert not [tag for tag in found if tag.startswith("script") or "evil.example" in tag]
    assert "alert(1)" in letter.html, "shown as it was written"
    assert hostile in letter.text


def test_header_text_keeps_what_people_wrote() -> None:
    for text in ("Müller & Söhne", "日本語", "O’Brien — “quoted”", "naïve café", "👩 studio"):
        assert mail.header_text(text) == text
    assert mail.header_text("  two   spaces ") == "two spaces"


FAILURES = (
    (SMTPRecipientsRefused({"x@x.example": (550, b"no such user")}), mail.Refused),
    (SMTPRecipientsRefused({"x@x.example": (450, b"mailbox busy")}), mail.TryAgain),
    (SMTPRecipientsRefused({"x@x.example": (550, b"no"), "y@x.example": (451, b"later")}), mail.TryAgain),
    (SMTPDataError(554, b"looks like spam"), mail.Refused),
    (SMTPDataError(452, b"disk full"), mail.TryAgain),
    (SMTPServerDisconnected("gone"), mail.TryAgain),
    (ConnectionRefusedError(111, "refused"), mail.TryAgain),
    (TimeoutError(), mail.TryAgain),
)


@pytest.mark.parametrize("failure, meaning", FAILURES, ids=lambda v: repr(v)[:60])
def test_each_failure_means_later_or_never(monkeypatch: pytest.MonkeyPatch, failure: Exception, meaning: type[Exception]) -> None:
    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", fail)
    with pytest.raises(meaning) as raised:
        mail.send(mail.Message(to="x@x.example", subject="s", text="t\n", html="<p>t</p>"))
    assert "x.example" not in str(raised.value), "addresses stay out of logs"


def test_a_mail_carries_the_message_id_it_was_given_and_both_parts() -> None:
    mail.send(mail.Message(to="x@x.example", subject="s", text="plain\n", html="<p>rich</p>"), message_id="<fixed@agency.example>")
    read = message_from_bytes(outgoing.outbox[0].message().as_bytes(), policy=policy.default)
    assert read["Message-ID"] == "<fixed@agency.example>"
    assert read.get_body(("plain",)).get_content().strip() == "plain"
    assert read.get_body(("html",)).get_content().strip() == "<p>rich</p>"
