"""The Monday mail on its way: one per person, over a real mail server, whatever goes wrong in between."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.core import mail as outbox

from agency import clock, jobs, scope
from agency.local.home import PROJECT, free_port
from agency.models import DueWork, Membership, Workspace
from agency.outlets import mail
from agency.roles import Role
from reports import addressees, delivering, emails, queries, tasks
from reports import content as content_of
from reports.models import Delivery, StoppedMail
from tests.metrics.planting import plant_account, plant_post
from tests.people import Cast, member, sign_in
from tests.reports.conftest import At
from tests.reports.reporting import W21, account_with_weeks, compose
from tests.reports.test_compose_report import MIDWEEK, NEXT_SLOT
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))

SMTP = "django.core.mail.backends.smtp.EmailBackend"


class PostOffice:
    """The demo's mail server as its own process; it refuses addresses with "gone" and defers those with "busy"."""

    def __init__(self, folder: Path, *patterns: str) -> None:
        self.folder, self.port = folder, free_port()
        command = [sys.executable, "-m", "agency.local.mailbox", "--port", str(self.port), "--folder", str(folder), *patterns]
        self.process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert any(line.strip() == "ready" for line in iter(self.process.stdout.readline, "")), "the mail server did not start"

    def letters(self) -> list[EmailMessage]:
        """What it has accepted, oldest first."""
        found = [message_from_bytes(p.read_bytes(), policy=policy.default) for p in sorted(self.folder.glob("*.eml"))]
        return [m for m in found if isinstance(m, EmailMessage)]

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope="module")
def strict_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostOffice]:
    office = PostOffice(tmp_path_factory.mktemp("strict"), "--refuse", "gone", "--defer", "busy")
    yield office
    office.close()


@pytest.fixture(scope="module")
def kind_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostOffice]:
    office = PostOffice(tmp_path_factory.mktemp("kind"))
    yield office
    office.close()


@pytest.fixture
def use(settings: Any, strict_office: PostOffice, kind_office: PostOffice) -> Any:
    """Point the platform's mail at one of the servers, both emptied."""
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_TIMEOUT, settings.EMAIL_USE_TLS = SMTP, "127.0.0.1", 60, False
    for office in (strict_office, kind_office):
        for letter in office.folder.glob("*.eml"):
            letter.unlink()

    def point(office: PostOffice) -> PostOffice:
        settings.EMAIL_PORT = office.port
        return office

    return point


@pytest.fixture
def due(cast: Cast, at: At) -> Cast:
    """A composed report whose mails wait: to the admin and to the viewer."""
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=W21.sunday)
    compose(cast.brass)
    return cast


def states(workspace: Workspace) -> dict[str, str]:
    with scope.inside(workspace.pk):
        return {d.person.email: d.state for d in Delivery.objects.select_related("person")}


def stop_token(member: Membership) -> str:
    return addressees.stop_token(member.workspace_id, member.pk)


def later(at: At, **step: float) -> None:
    at(clock.now() + timedelta(**step))


def move(cast: Cast, role: str, email: str) -> None:
    """Give a member another address."""
    person = getattr(cast, role).person
    person.email = email
    person.save(update_fields=("email",))


# over a real mail server


def test_each_person_gets_one_mail_addressed_to_them_alone(due: Cast, use: Any, kind_office: PostOffice) -> None:
    office = use(kind_office)
    assert work_off("delivery") == 2
    letters = office.letters()
    assert sorted(m["To"] for m in letters) == ["admin@brass.example", "viewer@brass.example"]
    assert [m["Delivered-To"] for m in letters] == [m["To"] for m in letters]
    assert all(m["Cc"] is m["Bcc"] is None for m in letters)
    assert set(states(due.brass).values()) == {Delivery.State.SENT}
    assert work_off("delivery") == 0


def test_in_a_handful_each_mail_is_what_it_would_be_alone(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=W21.sunday)
    for role in (Role.CLIENT_ADMIN, Role.CLIENT_VIEWER):
        for n in (1, 2):
            member(cast.brass, f"{role.value}{n}@brass.example", role)
    compose(cast.brass)
    with scope.inside(cast.brass.pk):
        deliveries = list(Delivery.objects.select_related("report").order_by("pk"))
        content = content_of.from_json(deliveries[0].report.content)
        edition = emails.Edition(content, reply_to="studio@brass.example")
        made, readers = [], queries.recipients_of(deliveries)
        for delivery in deliveries:
            reader = readers[delivery.pk]
            alone = emails.weekly_report(content, reader, reply_to="studio@brass.example", delivery=delivery)
            made.append(edition.to(reader, delivery))
            assert made[-1] == alone
    assert len(made) == 6
    for part in ("to", "text", "html"):
        assert len({getattr(letter, part) for letter in made}) == 6, part
    for name in ("List-Unsubscribe", "X-Message-Ref"):
        assert len({letter.headers[name] for letter in made}) == 6, name


def test_a_mail_carries_its_headers_its_text_and_its_picture(due: Cast, use: Any, kind_office: PostOffice) -> None:
    office = use(kind_office)
    work_off("delivery")
    letter = next(m for m in office.letters() if m["To"] == "admin@brass.example")
    with scope.inside(due.brass.pk):
        delivery = Delivery.objects.get(person=due.admin.person)
    assert letter["Message-ID"] == delivery.message_id == f"<{delivery.pk}@{live_settings.MAIL_DOMAIN}>"
    assert parsedate_to_datetime(letter["Date"]) == MIDWEEK
    assert delivery.sent_at == MIDWEEK
    assert letter["Subject"] == "Week 21 · Brass Studio: 700 views (0.0%)"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["List-Unsubscribe"].strip() == f"<{live_settings.APP_URL}/email/stop/{stop_token(due.admin)}>"
    assert letter["List-Id"] == "Weekly reports of Brass Studio <brass.reports.logictarget.online>"
    html = letter.get_body(("html",)).get_content()
    text = letter.get_body(("plain",)).get_content()
    (picture,) = [part for part in letter.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<views>"
    assert 'src="cid:views"' in html
    assert len(picture.get_payload(decode=True)) <= 12 * 1024
    assert len(html.encode()) <= 60 * 1024
    for figure in (
        "Week 21 · Brass Studio · May 18 – May 24",
        "700",
        "5.0%",
        "Posts published",
        "Reports contain only aggregated metrics.",
    ):
        assert figure in html
        assert figure in text
    assert "/reports/2026-W21?workspace=brass" in html
    assert "/reports/2026-W21?workspace=brass" in text
    assert stop_token(due.admin) in text


def test_a_mail_fetches_nothing_and_tracks_nobody(due: Cast, use: Any, kind_office: PostOffice) -> None:
    office = use(kind_office)
    work_off("delivery")
    for letter in office.letters():
        html = letter.get_body(("html",)).get_content().lower()
        assert "<script" not in html
        assert html.count("<img") == 1
        for fetched in ('src="http', "url(", "<link", "@import", "<iframe", "background="):
            assert fetched not in html


def test_a_busy_mailbox_is_tried_again_under_the_same_message_id(
    due: Cast, at: At, use: Any, strict_office: PostOffice, kind_office: PostOffice
) -> None:
    move(due, "viewer", "busy@brass.example")
    with scope.inside(due.brass.pk):
        message_id = Delivery.objects.get(person=due.viewer.person).message_id
    use(strict_office)
    work_off("delivery")
    assert states(due.brass) == {"admin@brass.example": "sent", "busy@brass.example": "waiting"}
    with scope.inside(due.brass.pk):
        assert "451" in Delivery.objects.get(state="waiting").detail
    for _ in range(3):
        later(at, hours=1)
        assert work_off("delivery") == 1
    office = use(kind_office)
    later(at, hours=1)
    assert work_off("delivery") == 1
    (letter,) = office.letters()
    assert letter["Message-ID"] == message_id
    assert set(states(due.brass).values()) == {"sent"}


def test_a_mailbox_that_stays_busy_is_given_up_after_two_days(due: Cast, at: At, use: Any, strict_office: PostOffice) -> None:
    move(due, "viewer", "busy@brass.example")
    use(strict_office)
    later(at, hours=47, minutes=59)
    work_off("delivery")
    assert states(due.brass)["busy@brass.example"] == "waiting"
    later(at, hours=1)
    work_off("delivery")
    assert states(due.brass)["busy@brass.example"] == "given_up"
    assert not DueWork.objects.filter(kind="delivery").exists()
    page = sign_in(due.admin).get("/reports/2026-W21").content.decode()
    assert "Could not be delivered." in page


def test_a_refused_address_is_not_tried_again_and_shown(due: Cast, at: At, use: Any, strict_office: PostOffice) -> None:
    move(due, "viewer", "gone@brass.example")
    use(strict_office)
    work_off("delivery")
    assert states(due.brass) == {"admin@brass.example": "sent", "gone@brass.example": "refused"}
    later(at, days=1)
    assert work_off("delivery") == 0
    page = sign_in(due.admin).get("/reports/2026-W21").content.decode()
    assert "Refused by the mail server. Check the address." in page


def test_a_mail_server_that_is_away_costs_time_and_no_mail(due: Cast, at: At, use: Any, settings: Any, kind_office: PostOffice) -> None:
    office = use(kind_office)
    settings.EMAIL_PORT = free_port()
    work_off("delivery")
    assert set(states(due.brass).values()) == {"waiting"}
    use(kind_office)
    later(at, hours=1)
    work_off("delivery")
    assert len(office.letters()) == 2


class KilledHere(BaseException):
    """Stands for kill -9."""


def test_a_crash_between_acceptance_and_commit_sends_again_under_the_same_message_id(
    due: Cast, at: At, use: Any, kind_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = use(kind_office)
    with scope.inside(due.brass.pk):
        delivery = Delivery.objects.get(person=due.admin.person)
    claim = next(c for c in jobs.claim_due("delivery") if c.ref == delivery.pk)

    def killed(*args: Any, **kwargs: Any) -> None:
        raise KilledHere

    with monkeypatch.context() as broken:
        broken.setattr(delivering, "end_delivery", killed)
        with pytest.raises(KilledHere):
            tasks.deliver_some(claims=[claim.message()])
    assert states(due.brass)["admin@brass.example"] == "sending"
    later(at, minutes=2)
    work_off("delivery")
    mine = [m["Message-ID"] for m in office.letters() if m["To"] == "admin@brass.example"]
    assert mine == [delivery.message_id] * 2
    assert set(states(due.brass).values()) == {"sent"}


def test_a_message_delivered_five_times_sends_one_mail(due: Cast, use: Any, kind_office: PostOffice) -> None:
    office = use(kind_office)
    for claim in jobs.claim_due("delivery"):
        for _ in range(5):
            tasks.deliver_some(claims=[claim.message()])
    assert len(office.letters()) == 2


# without a mail server


def test_a_second_worker_finds_the_claim_taken(due: Cast, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = jobs.claim_due("delivery"), jobs.claim_due("delivery")
    assert (len(first), len(second)) == (2, 0)
    later(at, minutes=2)  # the lease is over and a sweep claims again, while the first worker has not begun
    again = {c.ref: c for c in jobs.claim_due("delivery")}
    for claim in first:
        tasks.deliver_some(claims=[claim.message()])
    assert outbox.outbox == []
    for claim in again.values():
        tasks.deliver_some(claims=[claim.message()])
    assert len(outbox.outbox) == 2


def test_who_has_left_the_workspace_gets_no_mail(due: Cast) -> None:
    with scope.inside(due.brass.pk):
        Membership.objects.get(pk=due.viewer.pk).delete()
    work_off("delivery")
    assert [m.to for m in outbox.outbox] == [["admin@brass.example"]]
    assert states(due.brass)["viewer@brass.example"] == "given_up"
    assert not DueWork.objects.filter(kind="delivery").exists()


@pytest.mark.parametrize("role", [Role.COMMUNITY, Role.REVIEWER])
def test_who_has_changed_to_a_role_without_reports_gets_no_mail(due: Cast, role: Role) -> None:
    with scope.inside(due.brass.pk):
        Membership.objects.filter(pk=due.viewer.pk).update(role=role, purpose="triage")
    work_off("delivery")
    assert [m.to for m in outbox.outbox] == [["admin@brass.example"]]


def test_whose_login_was_ended_gets_no_mail(due: Cast) -> None:
    due.viewer.person.is_active = False
    due.viewer.person.save()
    work_off("delivery")
    assert [m.to for m in outbox.outbox] == [["admin@brass.example"]]


def test_who_stops_before_the_mail_leaves_gets_none(due: Cast) -> None:
    with scope.inside(due.brass.pk):
        addressees.stop_mail(queries.addressee_of(due.viewer))
    work_off("delivery")
    assert [m.to for m in outbox.outbox] == [["admin@brass.example"]]
    assert states(due.brass)["viewer@brass.example"] == "stopped"


def test_who_stops_between_two_tries_gets_none(due: Cast, at: At, use: Any, strict_office: PostOffice, kind_office: PostOffice) -> None:
    move(due, "viewer", "busy@brass.example")
    use(strict_office)
    work_off("delivery")
    with scope.inside(due.brass.pk):
        addressees.stop_mail(queries.addressee_of(due.viewer))
    office = use(kind_office)
    later(at, hours=2)
    work_off("delivery")
    assert office.letters() == []
    assert states(due.brass)["busy@brass.example"] == "stopped"


def test_who_stops_while_a_dead_worker_holds_the_mail_gets_none(due: Cast, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    claims = {c.ref: c for c in jobs.claim_due("delivery")}
    with scope.inside(due.brass.pk):
        mine = claims[Delivery.objects.get(person=due.viewer.person).pk]

    def killed(*args: Any, **kwargs: Any) -> None:
        raise KilledHere

    with monkeypatch.context() as broken:
        broken.setattr(mail.Line, "send", killed)
        with pytest.raises(KilledHere):
            tasks.deliver_some(claims=[mine.message()])
    assert states(due.brass)["viewer@brass.example"] == "sending"
    with scope.inside(due.brass.pk):
        addressees.stop_mail(queries.addressee_of(due.viewer))
    later(at, minutes=2)
    work_off("delivery")
    assert [m.to for m in outbox.outbox] == [["admin@brass.example"]]
    assert states(due.brass)["viewer@brass.example"] == "stopped"


def test_who_stopped_is_left_out_of_the_next_report_until_they_resume(due: Cast, at: At) -> None:
    with scope.inside(due.brass.pk):
        addressees.stop_mail(queries.addressee_of(due.viewer))
        addressees.stop_mail(queries.addressee_of(due.viewer))
        assert StoppedMail.objects.count() == 1
    at(NEXT_SLOT)
    compose(due.brass)
    with scope.inside(due.brass.pk):
        assert [d.person for d in Delivery.objects.filter(report__week="2026-W22")] == [due.admin.person]
        addressees.resume_mail(queries.addressee_of(due.viewer))
        addressees.resume_mail(queries.addressee_of(due.viewer))
    at(NEXT_SLOT + timedelta(weeks=1))
    compose(due.brass)
    with scope.inside(due.brass.pk):
        assert Delivery.objects.filter(report__week="2026-W23").count() == 2


def test_staff_and_reviewers_get_no_monday_mail_and_creators_only_weeks_with_their_posts(cast: Cast, at: At) -> None:
    other = member(cast.brass, "idle@people.example", Role.CREATOR)
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=W21.sunday)
    with scope.inside(cast.brass.pk):
        own = plant_account(cast.creator, "grainandgold")
        plant_post(own, MIDWEEK - timedelta(days=7))
        plant_post(plant_account(other, "idle"), MIDWEEK - timedelta(days=30))
    compose(cast.brass)
    assert set(states(cast.brass)) == {"admin@brass.example", "viewer@brass.example", "creator@people.example"}
    work_off("delivery")
    mine = next(m for m in outbox.outbox if m.to == ["creator@people.example"])
    assert "You get this because a post that concerns you is in this week's report of Brass Studio." in mine.body


def test_hostile_names_break_neither_headers_nor_bodies(cast: Cast, at: At) -> None:
    hostile = 'Evil\r\nBcc: all@example.com\u202e <b>"x",</b> =cmd|1 Zoë 👩‍🎤'
    with scope.inside(cast.brass.pk):
        Workspace.objects.update(name=hostile)
    at(MIDWEEK)
    account = account_with_weeks(cast.admin, '<script>alert(1)</script>"\u202e', last=W21.sunday)
    with scope.inside(cast.brass.pk):
        plant_post(account, MIDWEEK - timedelta(days=7), caption="<img src=x onerror=alert(1)>\u2028\r\nSubject: x\u202e", views=100)
    compose(cast.brass)
    work_off("delivery")
    assert set(states(cast.brass).values()) == {"sent"}
    for sent in outbox.outbox:
        letter = message_from_bytes(sent.message().as_bytes(), policy=policy.default)
        assert sorted(set(letter.keys())) == sorted({
            "Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post",
            "List-Id", "X-Message-Ref",
        })  # fmt: skip
        assert "\u202e" not in letter["Subject"]
        assert "\n" not in letter["Subject"]
        assert str(letter["List-Id"]).endswith("<brass.reports.logictarget.online>")
        assert str(letter["List-Id"]).count("<") == 1 or '"' in str(letter["List-Id"])
        tags = Tags()
        tags.feed(letter.get_body(("html",)).get_content())
        assert not {"script", "iframe", "object"} & tags.found.keys()
        assert tags.found["img"] == ["cid:views"]
        assert not any(name.startswith("on") for name in tags.attributes)


class Tags(HTMLParser):
    """The elements of a page with their sources, and the names of all attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.setdefault(tag, []).append(dict(attrs).get("src") or "")
        self.attributes |= {name for name, _ in attrs}


# what the door for mail makes of what a mail server says


class Says:
    """A mail connection that answers with an error."""

    def __init__(self, error: Exception | None, *, farewell: Exception | None = None) -> None:
        self.error, self.farewell = error, farewell

    def open(self) -> None:
        return None

    def send_messages(self, messages: list[Any]) -> int:
        if self.error:
            raise self.error
        return len(messages)

    def close(self) -> None:
        if self.farewell:
            raise self.farewell


def letter_to(address: str = "a@b.example") -> mail.Message:
    return mail.Message(to=address, subject="s", text="t", html="<p>t</p>")


def outcomes() -> Iterator[tuple[Exception, type[Exception]]]:
    import smtplib as s

    from anymail import exceptions as anymail

    yield s.SMTPRecipientsRefused({"a@b.example": (550, b"no")}), mail.Refused
    yield s.SMTPRecipientsRefused({"a@b.example": (451, b"later")}), mail.TryAgain
    yield s.SMTPDataError(554, b"content"), mail.Refused
    yield s.SMTPDataError(452, b"full"), mail.TryAgain
    yield s.SMTPAuthenticationError(535, b"our password"), mail.TryAgain
    yield s.SMTPSenderRefused(553, b"our address", "us@x.example"), mail.TryAgain
    yield s.SMTPConnectError(554, b"not here"), mail.TryAgain
    yield s.SMTPServerDisconnected("gone"), mail.TryAgain
    yield ConnectionRefusedError(), mail.TryAgain
    yield TimeoutError(), mail.TryAgain
    yield anymail.AnymailRecipientsRefused(), mail.Refused
    yield anymail.AnymailAPIError("throttled"), mail.TryAgain


@pytest.mark.parametrize(("said", "means"), list(outcomes()), ids=lambda o: getattr(o, "__name__", type(o).__name__))
def test_only_what_concerns_the_recipient_or_the_content_is_a_refusal(
    monkeypatch: pytest.MonkeyPatch, said: Exception, means: type[Exception]
) -> None:
    monkeypatch.setattr(mail, "get_connection", lambda: Says(said))
    with pytest.raises(means):
        mail.send(letter_to())


def test_a_farewell_that_fails_does_not_undo_an_acceptance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "get_connection", lambda: Says(None, farewell=ConnectionResetError()))
    mail.send(letter_to())
