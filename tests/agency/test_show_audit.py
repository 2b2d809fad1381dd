"""Who looked at my data, for the people concerned; searching and exporting the audit log, for the privacy team."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from agency import audit, audit_chain, audit_words, checks, scope, views_audit
from agency.adapters import second_factors_of
from agency.models import AuditRow, Membership, Person
from agency.roles import Can, Role
from tests.people import PASSWORD, SEED, Cast, member, sign_in

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


@pytest.fixture(autouse=True)
def no_codes_used() -> None:
    cache.clear()


@pytest.fixture
def privacy(cast: Cast) -> Client:
    """The privacy team's browser, in Brass Studio."""
    who = member(cast.brass, "privacy@agency.example", Role.PRIVACY)
    with second_factors_of(who.person):
        TOTP.activate(who.person, SEED)
    return sign_in(who)


def look(cast: Cast, page: str = "performance", *, at: datetime | None = None, by: Membership | None = None, week: str = "") -> None:
    with scope.inside(cast.brass.pk), time_machine.travel(at or datetime.now(UTC), tick=False):
        audit.record_read(page, by=by or cast.manager, week=week)


def text_of(answer: HttpResponse) -> str:
    assert answer.status_code in {200, 422}, answer.status_code
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode().split("<main")[1]).split())


# --- who looked -------------------------------------------------------------------------------------------------------


def test_clients_and_creators_see_who_looked_as_what_what_for_and_when(cast: Cast) -> None:
    look(cast)
    for who in (cast.admin, cast.viewer, cast.creator, cast.reviewer):
        said = text_of(sign_in(who).get("/settings/looks"))
        for word in ("Manager", "Account manager", "Performance", "For: tests", "Just now"):
            assert word.lower() in said.lower(), (who.role, word)
        assert "manager@agency.example" not in said


def test_nobody_has_looked_yet(cast: Cast) -> None:
    assert "Nobody of the staff has looked yet." in text_of(sign_in(cast.viewer).get("/settings/looks"))


def test_looks_by_clients_and_acts_of_the_platform_are_not_on_the_page(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        audit.record_read("performance", by=cast.admin)
        audit.record("report.composed", cast.brass, by=None)
    assert "Nobody of the staff has looked yet." in text_of(sign_in(cast.viewer).get("/settings/looks"))


def test_looks_at_another_workspace_are_not_on_the_page(cast: Cast) -> None:
    look(cast)
    assert "Nobody of the staff" in text_of(sign_in(cast.moon_admin).get("/settings/looks"))


def test_a_creator_learns_of_no_week_of_no_person_and_of_nothing_from_before(cast: Cast) -> None:
    look(cast, "week", week="2026-W20")
    look(cast, "people")
    look(cast, "integrations", at=cast.creator.created_at - timedelta(days=1))
    creator, admin = (text_of(sign_in(who).get("/settings/looks")) for who in (cast.creator, cast.admin))
    assert "Weekly report" in creator
    assert "2026-W20" not in creator
    assert "Connected accounts" not in creator
    assert creator.count("Account manager") == 1
    assert "Weekly report 2026-W20" in admin
    assert "Connected accounts" in admin
    assert admin.count("Account manager") == 3


def test_earlier_looks_are_a_page_away(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_audit, "PAGE", 3)
    for _ in range(7):
        look(cast)
    client, seen, href = sign_in(cast.viewer), [], ""
    while True:
        answer = client.get(f"/settings/looks{href}")
        seen.append(text_of(answer).count("Account manager"))
        older = re.search(r'href="(\?before=\d+)"', answer.content.decode())
        if older is None:
            break
        href = older.group(1)
    assert seen == [3, 3, 1]


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "１", "0", "1;drop", "\x00"])
def test_a_page_that_is_none_is_the_first_or_empty(cast: Cast, before: str) -> None:
    look(cast)
    assert sign_in(cast.viewer).get("/settings/looks", {"before": before}).status_code == 200


def test_who_is_gone_is_still_named_and_who_was_erased_is_not(cast: Cast) -> None:
    look(cast)
    with scope.inside(cast.brass.pk):
        Membership.objects.filter(pk=cast.manager.pk).update(ended_at=datetime.now(UTC))
    client = sign_in(cast.viewer)
    assert "Manager" in text_of(client.get("/settings/looks"))
    assert views_audit._name({}, AuditRow(person_id=cast.manager.person_id)) == "Somebody who is gone"


def test_every_page_that_is_recorded_has_a_name_that_people_understand() -> None:
    recorded = {p.name for _, p in checks.every_pattern() if isinstance(p.callback.needs, Can) and p.callback.is_look}
    pages = {name for name in recorded if not _only_posts(name)}
    assert pages - set(audit_words.PAGES) == {"looks"}, "which is not for staff"
    assert set(audit_words.PAGES) <= recorded


def _only_posts(name: str) -> bool:
    from tests.agency.test_web_matrix import TABLE

    return set(TABLE[name].own.split()[0]) == {"5"}


# --- the privacy team's search ----------------------------------------------------------------------------------------


def test_the_audit_log_shows_what_was_done_by_whom_and_what_for(cast: Cast, privacy: Client) -> None:
    look(cast, "week", week="2026-W20")
    said = text_of(privacy.get("/privacy/audit"))
    what = ("Workspace made", "Looked at: Weekly report 2026-W20")
    for word in (*what, "The platform", "Manager", "Account manager", "tests", str(cast.brass.pk)):
        assert word in said, word


@pytest.mark.parametrize(
    "query, expected",
    [
        ({}, {"page.read", "workspace.created", "connection.ended"}),
        ({"verb": "connection.ended"}, {"connection.ended"}),
        ({"since": "2026-05-19"}, {"page.read", "workspace.created"}),
        ({"until": "2026-05-17"}, set()),
        ({"since": "2026-05-18", "until": "2026-05-18"}, {"connection.ended"}),
        ({"person": "manager"}, {"page.read"}),
        ({"subject": "nothing-of-the-kind"}, set()),
        ({"subject": "brass"}, {"page.read", "workspace.created", "connection.ended"}),
    ],
)
def test_the_filter_stands_in_the_address(cast: Cast, privacy: Client, query: dict[str, str], expected: set[str]) -> None:
    with scope.inside(cast.brass.pk), time_machine.travel(datetime(2026, 5, 18, 23, 59, 59, tzinfo=UTC), tick=False):
        audit.record("connection.ended", cast.brass, by=cast.admin)
    look(cast)
    known = {"manager": str(cast.manager.person_id), "brass": str(cast.brass.pk)}
    found = privacy.get("/privacy/audit/export", {name: known.get(value, value) for name, value in query.items()})
    assert {line["What"] for line in lines_of(found)} == expected
    shown = privacy.get("/privacy/audit", {name: known.get(value, value) for name, value in query.items()})
    assert ("Nothing fits" in text_of(shown)) is (not expected)


@pytest.mark.parametrize(
    "query", [{"since": "yesterday"}, {"person": "x"}, {"verb": "all.of.it"}, {"subject": "x" * 65}, {"subject": "\x00"}]
)
def test_a_filter_that_does_not_fit_says_so_and_shows_nothing(cast: Cast, privacy: Client, query: dict[str, str]) -> None:
    look(cast)
    for path in ("/privacy/audit", "/privacy/audit/export"):
        answer = privacy.get(path, query)
        assert answer.status_code == 422
        assert str(cast.brass.pk) not in text_of(answer)


def test_people_of_another_workspace_are_not_on_offer(cast: Cast, privacy: Client) -> None:
    page = privacy.get("/privacy/audit").content.decode()
    assert str(cast.admin.person_id) in page
    assert str(cast.moon_admin.person_id) not in page
    assert privacy.get("/privacy/audit", {"person": str(cast.moon_admin.person_id)}).status_code == 422


def test_the_page_tells_how_much_waits_to_be_sealed(cast: Cast, privacy: Client) -> None:
    assert "about to be sealed" in text_of(privacy.get("/privacy/audit"))
    audit_chain._seal_batch()
    assert "Everything is sealed" in text_of(privacy.get("/privacy/audit"))


# --- the export -------------------------------------------------------------------------------------------------------


def lines_of(answer: HttpResponse) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.status_code
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_an_export_says_everything_and_is_on_record_with_its_count(cast: Cast, privacy: Client) -> None:
    look(cast)
    answer = privacy.get("/privacy/audit/export", {"verb": "page.read"})
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert re.fullmatch(r'attachment; filename="audit-brass-\d{4}-\d\d-\d\d\.csv"', answer.headers["Content-Disposition"])
    (line,) = lines_of(answer)
    told = (line["Who"], line["E-mail address"], line["Role"], line["Purpose"])
    assert told == ("Manager", "manager@agency.example", "Account manager", "tests")
    with scope.inside(cast.brass.pk):
        (row,) = AuditRow.objects.filter(verb="audit.exported")
    assert row.facts == {"count": 1, "kind": "csv"}


def test_an_export_asks_again_who_it_is_once_signing_in_was_long_ago(cast: Cast, privacy: Client) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=11)):
        asked = privacy.get("/privacy/audit/export?verb=page.read")
        assert asked.headers["Location"] == "/sign-in/again?next=%2Fprivacy%2Faudit%2Fexport%3Fverb%3Dpage.read"
        back = privacy.post(asked.headers["Location"], {"password": PASSWORD})
        assert lines_of(privacy.get(back.headers["Location"])) == []


def test_too_much_is_not_exported_halfway(cast: Cast, privacy: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_audit, "MOST_EXPORTED", 3)
    for _ in range(4):
        look(cast)
    answer = privacy.get("/privacy/audit/export")
    assert answer.status_code == 422
    assert "Choose fewer days" in text_of(answer)


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_name_that_a_spreadsheet_would_run_is_text(cast: Cast, privacy: Client, start: str) -> None:
    look(cast)
    Person.objects.filter(pk=cast.manager.person_id).update(name=f'{start}"|cmd')
    (line,) = lines_of(privacy.get("/privacy/audit/export", {"verb": "page.read"}))
    assert line["Who"] == f"'{start}\"|cmd"
