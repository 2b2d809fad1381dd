"""Figures of the community work, and the file of a period's comments."""

from datetime import timedelta

import pytest

from agency import clock, scope
from agency.models import AuditRow
from community import actions, reporting
from tests.community.planting import a_post, hours, keep, told
from tests.integrations.steering import words
from tests.people import Cast, sign_in

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


def plant_week(cast: Cast) -> None:
    """Three comments by others, one answered after an hour, one after ten, one that waits; a fourth is too old."""
    with scope.inside(cast.brass.pk):
        post = a_post(cast.admin)
        first, second, third, _old = keep(
            post,
            told("=1+1", at=hours(30), comment_id="1", by="=cmd"),
            told("Which kit?", at=hours(29), comment_id="2"),
            told("Hello?", at=hours(1), comment_id="3"),
            told("Long ago", at=hours(24 * 40), comment_id="4"),
        )
        keep(post, told("Two", at=hours(29), own=True, parent="1", comment_id="11"))
        keep(post, told("The big one", at=hours(19), own=True, parent="2", comment_id="21"))
        actions.tag(second, name="kit", by=cast.manager)
        assert (first.author, third.text) == ("@=cmd", "Hello?")


def test_the_figures_are_those_of_what_others_said_in_the_period(cast: Cast) -> None:
    plant_week(cast)
    with scope.inside(cast.brass.pk):
        today = clock.today()
        found = reporting.report(cast.manager, today - timedelta(days=6), today, now=clock.now())
        assert (found.week.came, found.week.answered, found.week.in_aim) == (3, 2, 1)
        assert found.week.median_seconds == pytest.approx(5.5 * 3600, abs=5)
        assert sum(day.came for day in found.days) == 3
        assert [number for _, number in found.open_by_age] == [1, 0, 0, 1]
        assert [(name, number) for _, name, number in found.topics] == [("kit", 1)]
        empty = reporting.week_line(cast.manager, today - timedelta(days=300), today - timedelta(days=294))
        assert (empty.came, empty.answered_rate, empty.in_aim_rate, empty.median_seconds) == (0, None, None, None)


def test_the_page_shows_them_and_nothing_of_another_workspace(cast: Cast) -> None:
    plant_week(cast)
    page = words(sign_in(cast.viewer).get("/community/report"))
    assert "5.5 h" in page
    assert "66.7%" in page
    assert "Export" not in page, "clients do not take other people's words away"
    assert "5.5 h" not in words(sign_in(cast.moon_admin).get("/community/report"))
    assert sign_in(cast.viewer).get("/community/report?period=x").status_code == 200


def test_the_file_holds_the_periods_comments_runs_nothing_and_is_on_record(cast: Cast) -> None:
    plant_week(cast)
    manager = sign_in(cast.manager)
    answer = manager.get("/community/export?period=7")
    text = answer.content.decode("utf-8-sig")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="comments-brass-')
    assert len(text.strip().splitlines()) == 4
    assert ",'=1+1," in text
    assert ",kit" in text
    assert "Long ago" not in text
    assert manager.get("/community/export?period=7&as=xlsx").content[:2] == b"PK"
    with scope.inside(cast.brass.pk):
        assert AuditRow.objects.filter(verb="comments.exported", person_id=cast.manager.person_id).count() == 2
    assert sign_in(cast.viewer).get("/community/export").status_code == 403
