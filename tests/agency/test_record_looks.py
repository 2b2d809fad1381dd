"""Every page that shows staff a workspace's data leaves a row; the registry of addresses is the list of pages."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from agency import access, audit, checks, clock, jobs, scope
from agency.local.home import PROJECT
from agency.models import AuditRow, Workspace
from agency.roles import Can
from integrations import letters
from integrations.models import Connection
from integrations.tasks import tell_one
from reports import queries as report_queries
from tests.agency import matrix
from tests.agency.test_web_matrix import TABLE
from tests.people import Cast, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
STAFF = "manager"
PATTERNS = {pattern.name: pattern for _, pattern in checks.every_pattern()}
# Addresses without a capability that answer staff with a page, and what is on it instead of a workspace's data.
SHOWS_NO_WORKSPACE = {
    "avatar": "a picture in a page, whose look is recorded",
    "account": "the person's own name and sign-in",
    "account_change_password": "a form",
    "account_inactive": "a sentence",
    "account_login": "a form",
    "account_logout": "a button",
    "account_reauthenticate": "a form",
    "account_reset_password": "a form",
    "account_reset_password_done": "a sentence",
    "account_reset_password_from_key": "a form",
    "account_reset_password_from_key_done": "a sentence",
    "community_doing": "part of a comment's page, whose look is recorded, asked for again by itself",
    "community_narrowing": "what the list of a page, whose look is recorded, can be narrowed by",
    "community_news": "a number",
    "certificate_key": "a public key",
    "data_deletion": "a form",
    "deletion_proof": "what somebody showed at TikTok, to their own browser alone",
    "deletion_status": "how a request stands, to whoever has its reference; names nobody",
    "correction_status": "how a correction stands, to whoever has its reference; names nobody",
    "my_copy": "how the copy of one's own data stands",
    "my_deletion": "what goes and what stays when one leaves, and how one's own request stands",
    "my_corrections": "what one asked to have corrected oneself",
    "callback": "what became of a consent; the figures are on another page",
    "health": "two letters",
    "invitation": "an invitation, to whoever holds its link",
    "mfa_reauthenticate": "a form",
    "mfa_list_webauthn": "the person's own passkeys",
    "mfa_index": "the person's own second factors",
    "security_txt": "where to report a weakness",
    **dict.fromkeys(("tiktok_api", "walkthrough", "privacy_policy", "terms", "glossary", "security"), "what everybody may read"),
    "stop_mail": "a workspace's name, to whoever holds the link",
    "confirm_recipient": "a workspace's name, to whoever holds the link",
    "shared_report": "a report that the workspace shared, to whoever holds the link",
}


@pytest.fixture(autouse=True)
def no_codes_used() -> None:
    """Used codes are remembered in the cache, which tests share."""
    cache.clear()


def looks(at: Workspace) -> list[AuditRow]:
    with scope.inside(at.pk):
        return list(AuditRow.objects.filter(verb=audit.READ).order_by("id"))


def ask(world: matrix.World, name: str, method: str) -> tuple[int, list[AuditRow]]:
    """One request by staff and the rows it left, both undone again."""
    path, body = matrix.fill(world, TABLE[name].path, TABLE[name].body, STAFF, "own")
    left: list[AuditRow] = []
    answer = matrix.ask(world, STAFF, method, path, body, meanwhile=lambda: left.extend(looks(world.brass.workspace)))
    return answer.status_code, left


def test_every_page_that_staff_are_shown_leaves_one_row_and_nothing_else_does(cast: Cast) -> None:
    world = matrix.build(cast)
    shown = set()
    for name, pattern in PATTERNS.items():
        for method in ("GET", "HEAD", "POST"):
            status, left = ask(world, name, method)
            is_look = isinstance(pattern.callback.needs, Can) and pattern.callback.is_look
            was_shown = is_look and (status < 300 or status == 422)
            assert [row.facts["kind"] for row in left] == ([name] if was_shown else []), (name, method, status)
            if was_shown:
                shown.add(name)
                assert (left[0].person_id, left[0].role, left[0].purpose) == (cast.manager.person_id, "account_manager", "tests")
            elif status == 200 and method == "GET":
                assert name in SHOWS_NO_WORKSPACE, name
    assert {"people", "integrations", "performance", "performance_steps", "reports", "week"} <= shown


def test_pages_without_a_capability_show_nothing_of_a_workspace(cast: Cast) -> None:
    """But its name in the switcher, which is the reader's own list of workspaces. Parts belong to pages whose looks are recorded."""
    world = matrix.build(cast)
    parts = {"avatar", "community_doing", "community_narrowing"}
    for name in set(SHOWS_NO_WORKSPACE) - parts - {"invitation", "stop_mail", "confirm_recipient", "shared_report"}:
        path, body = matrix.fill(world, TABLE[name].path, TABLE[name].body, STAFF, "own")
        text = matrix.ask(world, STAFF, "GET", path, body).content.decode()
        for canary in ("canary-brass@", "canarybrass", "creatorbrass", cast.admin.person.email):
            assert canary not in text, (name, canary)


def test_the_object_and_the_week_that_were_looked_at_are_named(cast: Cast) -> None:
    world = matrix.build(cast)
    (row,) = ask(world, "week", "GET")[1]
    assert (row.subject_kind, row.subject_id, row.facts) == ("workspace", str(cast.brass.pk), {"kind": "week", "week": "2026-W20"})


def test_looks_by_clients_and_creators_leave_none(cast: Cast) -> None:
    for who in (cast.admin, cast.viewer, cast.creator, cast.reviewer):
        assert sign_in(who).get("/reports").status_code == 200
    assert looks(cast.brass) == []


def test_what_was_not_shown_is_not_recorded(cast: Cast) -> None:
    client = sign_in(cast.manager)
    assert client.get("/reports/2026-W01").status_code == 404
    assert client.post("/reports").status_code == 405
    assert looks(cast.brass) == []


@pytest.mark.parametrize("path", ["/performance", "/settings/people"])
def test_a_page_whose_row_cannot_be_written_is_not_shown(cast: Cast, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Inside the request's transaction, and where the view opens its own."""
    client = sign_in(cast.manager)

    def full(*args: object, **kwargs: object) -> None:
        raise OSError("no room for the audit log")

    monkeypatch.setattr(access.audit, "record_read", full)
    answer = client.get(path)
    assert answer.status_code == 500
    assert cast.admin.person.email not in answer.content.decode()


def test_a_look_is_recorded_with_the_purpose_of_that_time(cast: Cast) -> None:
    client: Client = sign_in(cast.manager)
    client.get("/reports")
    with scope.inside(cast.brass.pk):
        type(cast.manager).objects.filter(pk=cast.manager.pk).update(purpose="something else")
    client.get("/reports")
    with scope.inside(cast.brass.pk):
        assert list(AuditRow.objects.filter(verb=audit.READ).order_by("id").values_list("purpose", flat=True)) == [
            "tests",
            "something else",
        ]


# Every mail there is, and why staff need no row for it, or that they get one.
MAILS = {
    "access_removed": "recorded, as the mail below",
    "account": "about the reader's own sign-in",
    "alarms": "counts and ages over all workspaces, to the operator's own address",
    "connection_lost": "recorded",
    "confirm_recipient": "a link, to an address that somebody wants to add",
    "grant_ends": "recorded, as the mail that a connection stopped working",
    "alerts": "recorded, one row for each thing in it",
    "report_waits": "names a week of a workspace and holds no figures",
    "archive_ready": "names an account to whoever asked for its copy, which is on record",
    "person_copy_ready": "about the reader's own data",
    "correction": "recorded, as the mail of a request for deletion; to whoever asked",
    "deletion_cancelled": "recorded, as the mail of a request for deletion",
    "deletion_confirm": "a link, to whoever wrote an address into the public form",
    "deletion_done": "recorded, as above; names a reference and nobody",
    "deletion_nothing_held": "to whoever wrote into the public form",
    "deletion_refused": "recorded, as above",
    "deletion_run_failed": "names of tables, to the privacy contact",
    "deletion_scheduled": "recorded, as above",
    "invitation": "the name of a workspace, to whoever is invited into it",
    "second_factor_reset": "about the reader's own sign-in",
    "promise_broken": "words of promises, to the privacy contact",
    "weekly_report": "goes to clients and creators only",
}


def test_every_mail_has_been_thought_of() -> None:
    assert {path.name for path in (PROJECT / "templates" / "emails").iterdir() if path.is_dir()} == set(MAILS)
    assert not any(role.is_staff for role in report_queries._FOR)


def test_a_mail_that_tells_staff_about_an_account_leaves_a_row_before_it_goes(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "COLLECTS", timedelta())
    world = matrix.build(cast)
    with scope.inside(cast.brass.pk):
        Connection.objects.filter(pk=world.brass.refs["connection"]).update(state=Connection.State.BROKEN)
        jobs.put("connection_lost_mail", UUID(world.brass.refs["connection"]), workspace_id=cast.brass.pk, at=clock.now())
    (claim,) = jobs.claim_due("connection_lost_mail")
    mail.outbox.clear()
    tell_one(**claim.message())
    assert mail.outbox == []
    (row,) = looks(cast.brass)
    assert (row.person_id, row.facts) == (cast.manager.person_id, {"kind": "connection_lost_mail"})
    with scope.inside(cast.brass.pk):
        assert (row.subject_kind, row.subject_id) == ("connection", audit.names_of(world.brass.refs["connection"])[1])
    work_off("notice")
    assert {m.to[0] for m in mail.outbox} >= {cast.manager.person.email, cast.admin.person.email}
    assert looks(cast.brass) == [row]
