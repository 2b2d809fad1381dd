"""The list of weekly reports and one week's page."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client

from agency import scope
from agency.models import Workspace
from agency.roles import Role
from reports.models import Delivery, ReportSchedule, WeeklyReport
from tests.metrics.planting import plant_account, plant_post
from tests.people import Cast, member, sign_in
from tests.reports.conftest import At
from tests.reports.reporting import W21, account_with_weeks, compose
from tests.reports.test_compose_report import MIDWEEK, NEXT_SLOT
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


@pytest.fixture
def reported(cast: Cast, at: At) -> Cast:
    """Weeks 21 and 22 of Brass Studio, delivered."""
    at(MIDWEEK)
    account_with_weeks(cast.admin, last=W21.after.sunday, weeks=4)
    compose(cast.brass)
    at(NEXT_SLOT)
    compose(cast.brass)
    work_off("delivery")
    return cast


def test_all_weeks_are_listed_newest_first(reported: Cast) -> None:
    page = sign_in(reported.viewer).get("/reports").content.decode()
    assert page.index("/reports/2026-W22") < page.index("/reports/2026-W21")
    assert "May 18 – May 24" in page
    assert "700" in page


def test_all_weeks_leave_as_one_file_with_what_each_report_said(reported: Cast) -> None:
    client = sign_in(reported.admin)
    assert "/exports/of/weeks?as=csv" in client.get("/reports").content.decode()
    with scope.inside(reported.brass.pk):
        WeeklyReport.objects.filter(week="2026-W21").update(erased_at=MIDWEEK, content={})
    text = b"".join(client.get("/exports/of/weeks?as=csv").streaming_content).decode("utf-8-sig")
    newest, oldest = csv.DictReader(io.StringIO(text))
    assert [newest[k] for k in ("Week", "First day", "Last day", "Total views", "Days without figures", "Standing")] == [
        "2026-W22", "2026-05-25", "2026-05-31", "700", "0", "Sent",
    ]  # fmt: skip
    assert (oldest["Week"], oldest["Total views"], oldest["Standing"]) == ("2026-W21", "", "Its content was erased")
    assert "/exports/of/weeks" not in sign_in(reported.viewer).get("/reports").content.decode()
    assert sign_in(reported.viewer).get("/exports/of/weeks?as=csv").status_code == 403


def test_a_week_shows_its_figures_and_its_neighbours(reported: Cast) -> None:
    client = sign_in(reported.viewer)
    first, second = client.get("/reports/2026-W21").content.decode(), client.get("/reports/2026-W22").content.decode()
    assert "Week 21 · Brass Studio · May 18 – May 24" in first
    assert "Source: TikTok Marketing API · Generated 2026-05-28 12:00 UTC" in first
    assert 'rel="next"' in first
    assert 'rel="prev"' not in first
    assert 'rel="prev"' in second
    assert 'rel="next"' not in second
    assert len(first.encode()) <= 60 * 1024


NO_WEEKS = (
    "2026-W60", "2026-W00", "x", "2026-W21'%20OR%201=1--", "2026-W20", "%00", "2026-W21%00", "9999-W52", "0001-W01", "W21", "２０２６-W21",
)  # fmt: skip


@pytest.mark.parametrize("week", NO_WEEKS)
def test_what_is_no_reported_week_is_not_found(reported: Cast, week: str) -> None:
    assert sign_in(reported.admin).get(f"/reports/{week}").status_code == 404


def test_another_workspaces_week_is_not_found(reported: Cast) -> None:
    client = sign_in(reported.moon_admin)
    assert client.get("/reports/2026-W21").status_code == 404
    assert client.get("/reports/2026-W21?workspace=brass").status_code == 404
    assert "/reports/2026" not in client.get("/reports").content.decode()


def test_a_link_of_a_mail_opens_the_report_in_its_workspace(reported: Cast) -> None:
    member(reported.moon, "viewer@brass.example", Role.CLIENT_VIEWER)
    client = sign_in(reported.viewer)
    client.post("/workspace", {"workspace": "moon"})
    assert client.get("/reports/2026-W21").status_code == 404
    assert client.get("/reports/2026-W21?workspace=brass").status_code == 200


def test_strangers_are_asked_to_sign_in_and_newcomers_are_refused(reported: Cast, client: Client) -> None:
    assert client.get("/reports/2026-W21").status_code == 302
    assert sign_in(reported.newcomer).get("/reports").status_code == 403


def test_whoever_manages_people_sees_who_got_it(reported: Cast) -> None:
    for who in (reported.admin, reported.manager):
        page = sign_in(who).get("/reports/2026-W21").content.decode()
        assert "Viewer" in page
        assert "Admin" in page
        assert "Client viewer · delivered" in page


def test_a_viewer_sees_the_own_delivery_and_how_many_others_there_are(reported: Cast) -> None:
    page = sign_in(reported.viewer).get("/reports/2026-W21").content.decode()
    assert "Client viewer · delivered" in page
    assert "Client admin · delivered" not in page
    assert "1 other person" in page
    with scope.inside(reported.brass.pk):
        Delivery.objects.filter(person=reported.viewer.person).delete()
    page = sign_in(reported.viewer).get("/reports/2026-W21").content.decode()
    assert "1 other person" in page
    assert "Who got it" in page
    assert "Not sent yet" not in page


def test_a_creator_reads_only_weeks_in_which_an_own_post_stands(reported: Cast) -> None:
    client = sign_in(reported.creator)
    assert client.get("/reports/2026-W21").status_code == 404
    with scope.inside(reported.brass.pk):
        own = plant_account(reported.creator, "grainandgold")
        plant_post(own, MIDWEEK - timedelta(days=7))
    listed = client.get("/reports").content.decode()
    assert "/reports/2026-W21" in listed
    assert "/reports/2026-W22" not in listed
    assert client.get("/reports/2026-W21").status_code == 200
    assert client.get("/reports/2026-W22").status_code == 404
    assert 'rel="next"' not in client.get("/reports/2026-W21").content.decode()


@pytest.mark.parametrize(
    ("zone", "hour", "said"),
    # It is Thursday, May 28 in UTC; in each zone the next slot is on Monday by that zone's calendar.
    [("America/Los_Angeles", 23, "Monday, Jun 1."), ("Pacific/Auckland", 0, "Monday, Jun 1."), ("Asia/Kolkata", 9, "Monday, Jun 1.")],
)
def test_an_empty_list_names_the_next_monday_in_the_workspaces_own_calendar(cast: Cast, at: At, zone: str, hour: int, said: str) -> None:
    at(MIDWEEK)
    with scope.inside(cast.brass.pk):
        Workspace.objects.update(time_zone=zone)
        ReportSchedule.objects.create(workspace=cast.brass, hour=hour, next_week="2026-W22")
    assert f"The first report is written on {said}" in sign_in(cast.viewer).get("/reports").content.decode()


def test_an_empty_list_without_a_schedule_names_the_next_monday_too(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    assert "The first report is written on Monday, Jun 1." in sign_in(cast.viewer).get("/reports").content.decode()


def test_hostile_words_in_a_report_stay_words(cast: Cast, at: At) -> None:
    at(MIDWEEK)
    account = account_with_weeks(cast.admin, "<b>x</b>", last=W21.sunday)
    with scope.inside(cast.brass.pk):
        plant_post(account, MIDWEEK - timedelta(days=7), caption="<script>alert(1)</script>", views=100)
    compose(cast.brass)
    for address in ("/reports", "/reports/2026-W21"):
        page = sign_in(cast.admin).get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
