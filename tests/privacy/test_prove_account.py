"""Showing at TikTok whose account it is, against local TikTok over real HTTP: from the form to the erased account."""

import os
import re
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from django.core import mail
from django.db import connections
from django.test import Client

from agency import address_book, clock, scope
from agency.keyring import key_refs
from agency.models import AddressBook, AuditRow, DueWork
from agency.roles import Role
from integrations import queries
from integrations.models import Connection, Proof
from privacy import actions, timing
from privacy.models import DeletionRun, PublicRequest, RequestStep
from privacy.tasks import forms_due
from tests.integrations.connecting import connect
from tests.integrations.steering import words
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in, staff
from tests.privacy.proving import HANDLE, ask, come_back, leave, press, requests, shown, states
from tests.work import work_off


@pytest.fixture
def held(committed: Cast, tiktok: LocalTikTok) -> Cast:
    """@brassorbit3 is connected by Brass Studio."""
    assert connect(sign_in(committed.admin), tiktok, HANDLE).status_code == 302
    return committed


def proved(tiktok: LocalTikTok, account: str = HANDLE, **changes: str) -> tuple[Client, str]:
    """The whole way, with the sweep that follows."""
    browser, where = ask(**changes)
    assert press(browser, shown(browser, where, tiktok, account)).headers["Location"] == where
    forms_due()
    return browser, where


def also_in_moon(cast: Cast, tiktok: LocalTikTok) -> None:
    """Moontide holds the same account by a consent of its own, after it was asked whether that was meant."""
    client = sign_in(cast.moon_admin)
    answer = connect(client, tiktok, HANDLE)
    assert client.post(answer.headers["Location"]).status_code == 302


def tonight() -> None:
    """Tonight is now."""
    DueWork.objects.filter(kind="erase").update(due_at=clock.now())
    DeletionRun.objects.using("privacy").filter(state="waiting").update(scheduled_at=clock.now())


def everything() -> str:
    """All that the database holds, as text, read as the superuser."""
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"]) as superuser:
        tables = [n for (n,) in superuser.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") if "keystore" not in n]
        return "\n".join(str(superuser.execute(f'SELECT t::text FROM "{table}" t').fetchall()) for table in tables)


def test_who_lost_the_mailbox_signs_in_to_tiktok_and_the_account_goes_from_every_workspace(held: Cast, tiktok: LocalTikTok) -> None:
    also_in_moon(held, tiktok)
    browser, where = ask()
    said = words(browser.get(where))
    assert "One step is left: sign in to TikTok with the account." in said
    assert "nothing" not in said
    page = shown(browser, where, tiktok)
    assert page.status_code == 200, words(page)
    assert "Have all data of this account deleted?" in words(page)
    assert f"kept here as @{HANDLE}" in words(page)
    assert held.moon.name not in page.content.decode(), "whose client they met is nobody's business"
    forms_due()
    assert browser.get(page.request["PATH_INFO"]).status_code == 200
    assert states(held) == [], "looking at it changes nothing"
    assert press(browser, page).headers["Location"] == where
    forms_due()
    assert states(held) == ["scheduled", "scheduled"]
    assert mail.outbox == []
    said = words(browser.get(where))
    assert re.search(r"Shown on \w+ \d+, \d+ by signing in to TikTok with the account", said), said
    assert said.count("For the nightly run of") == 2
    for request in requests(held):
        assert (request.source, request.contact, request.identity_note) == ("form", "", actions.PROVED)
    tonight()
    work_off("erase", "deletion_mail", "revoke")
    forms_due()
    assert states(held) == ["done", "done"]
    assert words(browser.get(where)).count("Certificate (PDF)") == 2
    assert not Connection.objects.using("privacy").exists()
    assert not AddressBook.objects.filter(kind__in=(queries.HELD, "tiktok_account")).exists()
    assert tiktok.account(HANDLE)["open_id"] not in everything()
    kept = PublicRequest.objects.get()
    assert (kept.state, kept.way, kept.said_sealed) == ("answered", "tiktok", None)
    assert key_refs("deletion_form:") == key_refs("proof:") == []


def test_it_runs_as_one_that_a_mail_confirmed_and_can_be_taken_back_until_then(held: Cast, tiktok: LocalTikTok) -> None:
    proved(tiktok)
    (request,) = requests(held)
    kept = PublicRequest.objects.get()
    assert (request.due_at, request.run_at) == (kept.created_at + timing.REQUEST_WITHIN, timing.next_run(kept.verified_at))
    with scope.inside(held.brass.pk):
        steps = list(RequestStep.objects.values_list("state", "note", "person_id"))
        asked = AuditRow.objects.get(verb="deletion.asked")
        run = DeletionRun.objects.get(request=request)
    assert steps == [("scheduled", actions.PROVED, None)]
    assert (asked.person_id, asked.facts) == (None, {"kind": "form", "reason": "tiktok"})
    assert run.state == "waiting"
    team = sign_in(staff(held.brass, "privacy@agency.example", Role.PRIVACY))
    said = words(team.get(f"/privacy/requests/{request.pk}"))
    assert f"How we made sure {actions.PROVED}" in said
    assert "Needs a decision" not in said
    admin = sign_in(held.admin)
    assert admin.post(f"/settings/deletions/{request.pk}/cancel").status_code == 302
    forms_due()
    assert states(held) == ["cancelled"]
    tonight()
    work_off("erase")
    with scope.inside(held.brass.pk):
        assert Connection.objects.get().state == "live"


def test_a_disconnected_account_is_found_and_goes_tonight_instead_of_later(held: Cast, tiktok: LocalTikTok) -> None:
    with scope.inside(held.brass.pk):
        connection = Connection.objects.get()
    assert sign_in(held.admin).post(f"/settings/integrations/{connection.pk}/disconnect").status_code == 302
    work_off("revoke")
    proved(tiktok)
    (request,) = requests(held)
    assert (request.state, request.account_id) == ("scheduled", connection.pk)
    assert request.run_at < clock.now() + timedelta(days=1)
    tonight()
    work_off("erase")
    assert states(held) == ["done"]


def test_a_name_that_we_never_learned_does_not_stand_in_the_way(committed: Cast, tiktok: LocalTikTok) -> None:
    connect(sign_in(committed.admin), tiktok, HANDLE, scopes=["user.info.basic", "video.list"])
    with scope.inside(committed.brass.pk):
        assert Connection.objects.get().handle == ""
    browser, where = ask()
    page = shown(browser, where, tiktok)
    assert "Have all data of this account deleted?" in words(page)
    press(browser, page)
    forms_due()
    assert states(committed) == ["scheduled"]


def test_what_waits_for_the_privacy_team_after_a_mail_is_settled_by_it(held: Cast, tiktok: LocalTikTok) -> None:
    browser, where = ask(way="mail", contact="someone@elsewhere.example")
    forms_due()
    link = re.search(r"http://testserver(/data-deletion/confirm/\S+)", mail.outbox[-1].body)[1]
    browser.post(link)
    forms_due()
    assert states(held) == ["checking"]
    assert "Can you sign in to the account?" in words(browser.get(where))
    press(browser, shown(browser, where, tiktok))
    forms_due()
    (request,) = requests(held)
    assert (request.state, request.identity_note) == ("scheduled", actions.PROVED)
    with scope.inside(held.brass.pk):
        assert AuditRow.objects.get(verb="deletion.approved").facts == {"reason": "tiktok"}
    assert "Sign in to TikTok" not in words(browser.get(where)), "it is shown"


def test_a_sweep_under_way_does_not_take_a_proof_for_sorted(held: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch) -> None:
    from privacy import public_requests

    browser, where = ask(way="mail", contact="someone@elsewhere.example")
    page = shown(browser, where, tiktok)
    PublicRequest.objects.update(state="checking", verified_at=clock.now())
    known: Callable[..., int] = public_requests._sort_commenters
    monkeypatch.setattr(public_requests, "_sort_commenters", lambda *a: press(browser, page).status_code * 0 + known(*a))
    forms_due()
    assert states(held) == ["checking"]
    monkeypatch.setattr(public_requests, "_sort_commenters", known)
    forms_due()
    assert states(held) == ["scheduled"]


def test_an_address_that_nobody_confirmed_reads_no_name(held: Cast, tiktok: LocalTikTok) -> None:
    proved(tiktok, contact="mistyped@elsewhere.example")
    work_off("deletion_mail")
    (letter,) = [m for m in mail.outbox if m.to == ["mistyped@elsewhere.example"]]
    assert HANDLE not in letter.body + letter.subject
    assert "the account that was asked about" in letter.body
    (to_admin,) = [m for m in mail.outbox if m.to == [held.admin.person.email]]
    assert HANDLE in to_admin.body


def test_accounts_that_were_held_before_are_filed_by_the_migration(held: Cast, tiktok: LocalTikTok, django_db_blocker: Any) -> None:
    AddressBook.objects.filter(kind=queries.HELD).delete()
    migration = import_module("integrations.migrations.0004_file_held_accounts")
    with connections["owner"].schema_editor() as editor:
        migration.file_held(None, editor)
        migration.file_held(None, editor)
    with scope.inside(held.brass.pk):
        connection = Connection.objects.get()
    found = address_book.find(queries.HELD, connection.tiktok_open_id)
    assert [(entry.workspace_id, entry.ref) for entry in found] == [(held.brass.pk, connection.pk)]


def test_nothing_is_asked_but_who_it_is_with_a_hex_challenge_and_no_token_stays(held: Cast, tiktok: LocalTikTok) -> None:
    browser, where = ask()
    address = leave(browser, where)
    asked = parse_qs(urlsplit(address).query)
    assert asked["scope"] == ["user.info.basic"]
    assert re.fullmatch(r"[0-9a-f]{64}", asked["code_challenge"][0])
    assert asked["disable_auto_auth"] == ["1"]
    sent = tiktok.answer_consent(address, HANDLE)
    page = come_back(browser, sent)
    assert page.redirect_chain[0][1] == 302
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("no-store", "strict-origin")
    text = everything()
    assert sent["state"] not in text
    assert sent["code"] not in text
    assert "act." not in text
    assert text.count(tiktok.account(HANDLE)["open_id"]) == 1, "in the connection alone, as before"
    (proof,) = Proof.objects.all()
    assert (proof.state, proof.verifier_sealed) == ("proved", None)
    assert len(bytes(proof.account_sealed)) > 80
