"""What is written down about acts and errors: audit rows, the address book, logs. Ids and hashes, never content."""

import json
import logging
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.conf import settings

from agency import address_book, audit, logs, scope
from agency.models import AddressBook, AuditRow, Brand
from agency.secret import Secret
from tests.people import Cast

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


def test_an_audit_row_says_who_did_what_to_what_and_in_which_role(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        audit.record("brand.renamed", cast.brass, by=cast.admin, count=2)
        audit.record("brand.renamed", cast.brass, by=cast.viewer.person)
        audit.record("brand.renamed", cast.brass, by=None)
        by_role, by_person, by_platform = AuditRow.objects.filter(verb="brand.renamed").order_by("id")
    assert (by_role.person_id, by_role.role, by_role.facts) == (cast.admin.person_id, "client_admin", {"count": 2})
    assert (by_person.person_id, by_person.role) == (cast.viewer.person_id, "")
    assert (by_platform.person_id, by_platform.role) == (None, "")
    assert {r.subject_id for r in (by_role, by_person, by_platform)} == {str(cast.brass.pk)}


@pytest.mark.parametrize("fact", ["name", "email", "token", "handle", "caption", "text", "body", "address", "ip"])
def test_a_fact_that_is_not_on_the_list_is_refused_and_nothing_is_written(cast: Cast, fact: str) -> None:
    with scope.inside(cast.brass.pk):
        before = AuditRow.objects.count()
        with pytest.raises(ValueError, match=fact):
            audit.record("brand.made", cast.brass, by=None, **{fact: "content"})
        assert AuditRow.objects.count() == before


def test_the_list_of_facts_names_no_content() -> None:
    """Adding a line here is a decision about what is kept for ever."""
    assert {"scopes_granted", "generation", "outcome", "role", "count", "week", "kind", "reason", "tiktok_answered"} == audit.FACTS


def test_an_act_that_fails_leaves_no_audit_row(cast: Cast) -> None:
    with pytest.raises(ZeroDivisionError), scope.inside(cast.brass.pk):
        audit.record("brand.made", cast.brass, by=None)
        raise ZeroDivisionError
    with scope.inside(cast.brass.pk):
        assert not AuditRow.objects.filter(verb="brand.made").exists()


def test_an_audit_row_that_cannot_be_written_stops_the_act(cast: Cast) -> None:
    with pytest.raises(Exception, match="too long"), scope.inside(cast.brass.pk):
        Brand.objects.create(workspace=cast.brass, name="never")
        audit.record("x" * 61, cast.brass, by=None)
    with scope.inside(cast.brass.pk):
        assert not Brand.objects.exists()


def test_the_address_book_leads_to_the_row_and_holds_no_value(cast: Cast) -> None:
    ref, value = uuid4(), "a value nobody may read"
    address_book.enter("tried", value, workspace_id=cast.brass.pk, ref=ref)
    assert address_book.find("tried", value) == [address_book.Entry(cast.brass.pk, ref, is_live=True)]
    row = AddressBook.objects.get(ref=ref)
    assert len(bytes(row.keyed_hash)) == 32
    assert value not in repr(list(AddressBook.objects.values()))


def test_the_same_value_of_two_kinds_or_under_two_secrets_gives_different_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    first = address_book.hash_of("one", "value")
    assert first != address_book.hash_of("two", "value")
    assert first != address_book.hash_of("one", "value ")
    # The border between kind and value carries no meaning that could be moved.
    assert address_book.hash_of("onev", "alue") != first
    monkeypatch.setattr(settings, "SECRET_KEY", "another secret")
    assert address_book.hash_of("one", "value") != first


def test_filing_again_points_to_the_new_row_and_other_workspaces_keep_theirs(cast: Cast) -> None:
    first, second, theirs = uuid4(), uuid4(), uuid4()
    address_book.enter("tried", "v", workspace_id=cast.brass.pk, ref=first)
    address_book.enter("tried", "v", workspace_id=cast.moon.pk, ref=theirs)
    address_book.enter("tried", "v", workspace_id=cast.brass.pk, ref=second)
    assert [(e.workspace_id, e.ref) for e in address_book.find("tried", "v")] == [(cast.brass.pk, second), (cast.moon.pk, theirs)]
    address_book.strike("tried", ref=second)
    assert [e.ref for e in address_book.find("tried", "v")] == [theirs]
    address_book.strike("other", ref=theirs)
    assert [e.ref for e in address_book.find("tried", "v")] == [theirs]


@pytest.mark.parametrize("given", ["", "x", "é" * 10, "\x00", "same "])
def test_comparing_secrets_takes_anything(given: str) -> None:
    assert not address_book.same(given, "same")
    assert address_book.same(given, given)


# --- logs -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What a logger writes, as the formatter writes it."""
    written: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler = Keep()
    handler.setFormatter(logs.JsonFormatter())
    logger = logging.getLogger("tried")
    logger.addHandler(handler)
    logger.propagate = False
    yield written
    logger.removeHandler(handler)
    logger.propagate = True


SECRETS = (
    "act.Abc123!*._-~xyz",
    "rft.Abc123~4.5",
    "clt.9a8b7c6d5e4f",
)


@pytest.mark.parametrize("secret", SECRETS)
def test_what_looks_like_a_token_is_not_logged(lines: list[str], secret: str) -> None:
    log = logging.getLogger("tried")
    log.error("plain %s", secret)
    log.error(f"in an address https://x.example/?access={secret}&b=1")
    log.error("in facts", extra={"facts": {"said": f"token {secret}", "list": [secret], "deep": {"er": secret}}})
    try:
        raise ValueError(f"refused: {secret}")
    except ValueError:
        log.exception("in a traceback")
    assert len(lines) == 4
    for line in lines:
        assert secret not in line
        assert secret.split(".", 1)[1] not in line


@pytest.mark.parametrize(
    "name", ["code", "auth_code", "state", "code_verifier", "token", "key", "access_token", "refresh_token", "client_secret"]
)
def test_what_an_address_carries_is_not_logged(lines: list[str], name: str) -> None:
    logging.getLogger("tried").error("GET /tiktok/auth/callback?x=1&%s=s3cr3tvalue&y=2", name)
    logging.getLogger("tried").error("GET /tiktok/auth/callback?%s=s3cr3tvalue", name)
    for line in lines:
        assert "s3cr3tvalue" not in line
        assert f"{name}=…" in json.loads(line)["message"]


def test_the_links_that_are_proofs_themselves_are_not_logged(lines: list[str]) -> None:
    """Whoever reads a log could otherwise accept an invitation, choose a password, or stop a mail."""
    log = logging.getLogger("tried")
    for path in ("/invitations/s3cr3tvalue", "/password/reset/1a2b-s3cr3tvalue", "/email/stop/s3cr3tvalue"):
        log.error("Internal Server Error: %s", path)
        log.error("at https://app.agency.example%s?x=1", path)
        log.error("after signing in: /sign-in?next=%s", path.replace("/", "%2F"))
    assert len(lines) == 9
    for line in lines:
        assert "s3cr3tvalue" not in line, line
        json.loads(line)
    log.error("/settings/people/invitations/6b2d5a52/withdraw")
    assert "6b2d5a52" in lines[-1]


def test_a_secret_prints_as_dots(lines: list[str]) -> None:
    logging.getLogger("tried").error("%s %r", Secret("s3cr3t"), Secret("s3cr3t"), extra={"facts": {"held": Secret("s3cr3t")}})
    assert "s3cr3t" not in lines[0]


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00", "\x1b[2K"])
def test_a_hostile_value_forges_no_line(lines: list[str], break_: str) -> None:
    forged = f'name{break_}{{"level": "info", "message": "all is well"}}'
    logging.getLogger("tried").error("said %s", forged, extra={"facts": {"said": forged}})
    (line,) = lines
    assert len(line.splitlines()) == 1
    assert json.loads(line)["message"].startswith("said name")
    assert not any(ord(c) < 32 for c in line)


def test_a_fact_does_not_stand_in_for_what_the_line_itself_says(lines: list[str]) -> None:
    logging.getLogger("tried").error("real", extra={"facts": {"message": "forged", "level": "info", "at": "never"}})
    line = json.loads(lines[0])
    assert (line["message"], line["level"]) == ("real", "error")
    assert line["at"] != "never"


def test_a_value_that_json_does_not_know_is_written_all_the_same(lines: list[str]) -> None:
    logging.getLogger("tried").error("odd", extra={"facts": {"id": uuid4(), "set": {1}, "bytes": b"x", 1: 2, "lone": "\ud800"}})
    lines[0].encode()
    assert json.loads(lines[0])["message"] == "odd"


def test_every_line_of_a_request_carries_its_id(lines: list[str]) -> None:
    token = logs.request_id.set("0123456789abcdef")
    logging.getLogger("tried").warning("inside")
    logs.request_id.reset(token)
    logging.getLogger("tried").warning("outside")
    assert json.loads(lines[0])["request_id"] == "0123456789abcdef"
    assert "request_id" not in json.loads(lines[1])
