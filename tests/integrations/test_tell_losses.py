"""Whoever can mend a broken connection hears of it once, whatever the mail server does meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.core import mail
from django.test import Client

from agency import clock, scope
from agency.models import AuditRow, DueWork, Membership
from agency.outlets import mail as outlet
from integrations import actions
from integrations.models import Connection, Notice
from tests.integrations.connecting import connect
from tests.integrations.steering import again
from tests.local_tiktok import LocalTikTok
from tests.people import Cast
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
TOLD = ["admin@brass.example", "manager@agency.example", "reviewer@tiktok.example"]


@pytest.fixture
def broken(connected: Connection) -> Connection:
    """TikTok has just stopped accepting it."""
    mail.outbox.clear()
    with scope.inside(connected.workspace_id):
        assert actions.mark_broken(connected, reason="Access was ended.")
    return again(connected)


@pytest.fixture
def down(settings: Any) -> Any:
    """Nobody answers where mail is handed over. Returns how to mend that."""
    before = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", 1
    return lambda: setattr(settings, "EMAIL_BACKEND", before)


def told() -> list[str]:
    return sorted(m.to[0] for m in mail.outbox)


def waiting(connection: Connection) -> int:
    with scope.inside(connection.workspace_id):
        return Notice.objects.count()


def outcomes(connection: Connection) -> list[str]:
    with scope.inside(connection.workspace_id):
        return [row.facts["outcome"] for row in AuditRow.objects.filter(verb__startswith="notice.").order_by("id")]


def test_a_mail_server_that_is_down_delays_the_letters_and_loses_none(broken: Connection, tiktok: LocalTikTok, down: Any) -> None:
    work_off("connection_lost_mail")
    assert (told(), waiting(broken)) == ([], 3)
    down()
    assert work_off("notice") == 0, "not at once"
    tiktok.advance(60)
    work_off("notice", "connection_lost_mail")
    work_off("notice", "connection_lost_mail")
    assert (told(), waiting(broken), outcomes(broken)) == (TOLD, 0, ["sent"] * 3)
    assert not DueWork.objects.filter(kind__in=("notice", "connection_lost_mail")).exists()


def test_every_try_carries_the_same_message_id(broken: Connection, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch) -> None:
    ids: list[str | None] = []

    def taken_but_not_heard(message: outlet.Message, *, message_id: str | None = None) -> None:
        ids.append(message_id)
        raise outlet.TryAgain("the answer was lost")

    monkeypatch.setattr(outlet, "send", taken_but_not_heard)
    for _ in range(2):
        work_off("connection_lost_mail", "notice")
        tiktok.advance(60)
    assert len(ids) == 6
    assert len(set(ids)) == 3
    assert all(one and one.endswith(f"@{live_settings.MAIL_DOMAIN}>") for one in ids)


def test_after_two_days_it_is_given_up_and_the_audit_log_says_so(broken: Connection, tiktok: LocalTikTok, down: Any) -> None:
    work_off("connection_lost_mail")
    tiktok.advance(timedelta(hours=48).total_seconds() + 60)
    work_off("notice")
    assert (waiting(broken), outcomes(broken)) == (0, ["given_up"] * 3)
    assert not DueWork.objects.filter(kind="notice").exists()


def test_one_refused_address_holds_up_nobody(broken: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    really = outlet.send

    def refuse_one(message: outlet.Message, *, message_id: str | None = None) -> None:
        if message.to == TOLD[0]:
            raise outlet.Refused("no such person")
        really(message, message_id=message_id)

    monkeypatch.setattr(outlet, "send", refuse_one)
    work_off("connection_lost_mail")
    assert (told(), waiting(broken), sorted(outcomes(broken))) == (TOLD[1:], 0, ["refused", "sent", "sent"])


def test_who_left_meanwhile_is_not_written_to(broken: Connection, cast: Cast, tiktok: LocalTikTok, down: Any) -> None:
    work_off("connection_lost_mail")
    with scope.inside(cast.brass.pk):
        Membership.objects.filter(pk=cast.manager.pk).delete()
    down()
    tiktok.advance(60)
    work_off("notice")
    assert (told(), waiting(broken)) == ([TOLD[0], TOLD[2]], 0)
    assert not DueWork.objects.filter(kind="notice").exists()


def test_what_works_again_is_not_written_about(admin: Client, broken: Connection, tiktok: LocalTikTok, down: Any) -> None:
    work_off("connection_lost_mail")
    connect(admin, tiktok, "brassorbit3")
    down()
    tiktok.advance(60)
    work_off("notice")
    assert (again(broken).state, told(), waiting(broken)) == ("live", [], 0)


def test_a_worker_that_dies_while_writing_down_the_letters_leaves_them_to_the_next(
    broken: Connection, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, written = Notice.objects.get_or_create, []

    def die_at_the_second(**kwargs: Any) -> Any:
        written.append(kwargs)
        if len(written) == 2:
            raise KeyboardInterrupt
        return really(**kwargs)

    monkeypatch.setattr(Notice.objects, "get_or_create", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        work_off("connection_lost_mail")
    assert (waiting(broken), told()) == (0, [])
    tiktok.advance(3600)  # the lease of who died runs out
    work_off("connection_lost_mail")
    assert told() == TOLD
    assert clock.now() > broken.state_since
