"""Links to one report: for who has no sign-in, as long as they hold."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from agency import clock, scope
from agency.models import AddressBook, AuditRow
from reports import sharing
from reports.models import ShareLink, WeeklyReport
from tests.people import Cast, sign_in
from tests.reports.conftest import At
from tests.reports.reporting import W21, account_with_weeks, compose
from tests.reports.test_compose_report import MIDWEEK

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


@pytest.fixture
def reported(cast: Cast, at: At) -> Cast:
    cache.clear()
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=W21.sunday)
    compose(cast.brass)
    return cast


def make(cast: Cast, days: int = 7) -> str:
    page = sign_in(cast.admin).post("/reports/2026-W21/links", {"days": days}, follow=True).content.decode()
    assert "it is shown once" in page
    return "/shared/reports/" + page.split("/shared/reports/")[1][:43]


def link(cast: Cast) -> ShareLink:
    with scope.inside(cast.brass.pk):
        return ShareLink.objects.get()


def test_a_link_opens_what_was_sent_and_names_no_recipient(reported: Cast, client: Client) -> None:
    address = make(reported)
    answer = client.get(address)
    page = answer.content.decode()
    assert "Week 21 · Brass Studio · May 18 – May 24" in page
    assert "This report was shared with you." in page
    assert answer.headers["X-Robots-Tag"].startswith("noindex")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "sessionid" not in answer.cookies
    for word in (
        "Who got it",
        "Who gets it",
        "Corrected since",
        "<form",
        reported.admin.person.email,
        reported.admin.person.name,
        str(reported.brass.pk),
    ):
        assert word not in page, word


def test_the_secret_is_kept_nowhere(reported: Cast, client: Client) -> None:
    secret = make(reported).rsplit("/", 1)[1]
    with scope.inside(reported.brass.pk):
        kept = [*ShareLink.objects.values(), *AuditRow.objects.values(), *AddressBook.objects.values()]
    assert secret not in str([{k: bytes(v) if isinstance(v, memoryview) else v for k, v in row.items()} for row in kept])
    assert secret not in sign_in(reported.admin).get("/reports/2026-W21").content.decode()


def test_a_link_ends_by_itself_and_when_it_is_withdrawn(reported: Cast, at: At, client: Client) -> None:
    address = make(reported)
    at(MIDWEEK + timedelta(days=7) - timedelta(seconds=1))
    assert client.get(address).status_code == 200
    at(MIDWEEK + timedelta(days=7))
    assert client.get(address).status_code == 404
    at(MIDWEEK)
    assert client.get(address).status_code == 200
    sign_in(reported.admin).post(f"/reports/links/{link(reported).pk}/withdraw")
    assert client.get(address).status_code == 404
    assert link(reported).opened_count == 2


def test_openings_are_counted_and_on_the_audit_log(reported: Cast, client: Client) -> None:
    address = make(reported)
    client.get(address)
    with scope.inside(reported.brass.pk):
        assert AuditRow.objects.filter(verb="report_link.opened").count() == 1
    assert "Opened 1 time" in sign_in(reported.admin).get("/reports/2026-W21").content.decode()


def test_who_tries_often_has_to_wait(reported: Cast, client: Client) -> None:
    for n in range(sharing.OPENINGS_A_MINUTE):
        assert client.get(f"/shared/reports/{n:043d}").status_code == 404
    answer = client.get(make(reported))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")


def test_a_viewer_shares_nothing_and_a_report_has_so_many_links(reported: Cast) -> None:
    assert sign_in(reported.viewer).post("/reports/2026-W21/links", {"days": 7}).status_code == 403
    with scope.inside(reported.brass.pk):
        for _ in range(sharing.MOST_LINKS):
            sharing.make_link(WeeklyReport.objects.get(), days=7, by=reported.admin)
    answer = sign_in(reported.admin).post("/reports/2026-W21/links", {"days": 7}, follow=True)
    assert "has 10 links already" in answer.content.decode()


def test_the_neighbours_cannot_withdraw_it(reported: Cast, client: Client) -> None:
    address = make(reported)
    assert sign_in(reported.moon_admin).post(f"/reports/links/{link(reported).pk}/withdraw").status_code == 404
    assert client.get(address).status_code == 200
    assert clock.now() == MIDWEEK
