"""The link that stops the Monday mail: for people without a session, and for the button of their mail program."""

import pytest
from django.test import Client

from agency import scope
from agency.models import AuditRow, Membership
from reports import addressees
from reports.models import StoppedMail
from tests.people import Cast, sign_in

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


def strict_client() -> Client:
    """A browser without cookies that Django would ask for a CSRF token."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


def link(membership: Membership) -> str:
    return f"/email/stop/{addressees.stop_token(membership.workspace_id, membership.pk)}"


def stopped(cast: Cast) -> list[Membership]:
    with scope.inside(cast.brass.pk):
        return [s.membership for s in StoppedMail.objects.select_related("membership")]


def test_opening_the_link_changes_nothing_and_shows_one_button(cast: Cast) -> None:
    answer = strict_client().get(link(cast.viewer))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("<button") == 1
    assert "Brass Studio" in page
    assert cast.viewer.person.email not in page
    assert stopped(cast) == []


def test_head_changes_nothing_either(cast: Cast) -> None:
    strict_client().head(link(cast.viewer))
    assert stopped(cast) == []


def test_one_click_of_a_mail_program_stops_it_without_cookie_token_or_question(cast: Cast) -> None:
    answer = strict_client().post(link(cast.viewer), "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert "You will get no more Monday reports" in answer.content.decode()
    assert stopped(cast) == [cast.viewer]
    with scope.inside(cast.brass.pk):
        assert AuditRow.objects.get(verb="report_mail.stopped").person_id == cast.viewer.person_id


def test_stopping_twice_is_stopping_once(cast: Cast) -> None:
    for _ in range(2):
        assert strict_client().post(link(cast.viewer)).status_code == 200
    assert stopped(cast) == [cast.viewer]
    with scope.inside(cast.brass.pk):
        assert AuditRow.objects.filter(verb="report_mail.stopped").count() == 1


def test_who_stopped_can_have_them_again(cast: Cast) -> None:
    strict_client().post(link(cast.viewer))
    assert "Send them again" in strict_client().get(link(cast.viewer)).content.decode()
    answer = strict_client().post(link(cast.viewer), {"again": "1"})
    assert "from the next one on" in answer.content.decode()
    assert stopped(cast) == []
    assert strict_client().post(link(cast.viewer), {"again": "1"}).status_code == 200


def test_a_link_stops_one_person_in_one_workspace(cast: Cast) -> None:
    strict_client().post(link(cast.viewer))
    assert stopped(cast) == [cast.viewer]
    with scope.inside(cast.moon.pk):
        assert not StoppedMail.objects.exists()


def test_it_works_whoever_is_signed_in(cast: Cast) -> None:
    assert sign_in(cast.moon_admin).post(link(cast.viewer)).status_code == 200
    assert stopped(cast) == [cast.viewer]


def forged(cast: Cast) -> list[str]:
    token, other = (addressees.stop_token(m.workspace_id, m.pk) for m in (cast.viewer, cast.moon_admin))
    flipped = token[:-1] + ("0" if token[-1] != "0" else "1")
    return [
        flipped,
        token[:-1],
        token + "0",
        token[:64],
        other[:32] + token[32:],  # another workspace
        token[:32] + other[32:64] + token[64:],  # another member
        token.upper(),
        "x",
        "é" * 96,
        "0" * 96,
        "%00" * 96,
        "%F0%9F%92%A9" * 40,
        "a" * 5000,
    ]


def test_a_forged_or_foreign_token_is_not_found_and_changes_nothing(cast: Cast) -> None:
    for token in forged(cast):
        for answer in (strict_client().get(f"/email/stop/{token}"), strict_client().post(f"/email/stop/{token}")):
            assert answer.status_code == 404, token
    assert stopped(cast) == []


def test_the_link_of_somebody_who_left_is_not_found(cast: Cast) -> None:
    address = link(cast.viewer)
    with scope.inside(cast.brass.pk):
        Membership.objects.get(pk=cast.viewer.pk).delete()
    assert strict_client().post(address).status_code == 404


def test_other_methods_are_refused(cast: Cast) -> None:
    for method in ("put", "patch", "delete"):
        assert getattr(strict_client(), method)(link(cast.viewer)).status_code == 405
    assert stopped(cast) == []


def test_a_hostile_workspace_name_stays_text(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        type(cast.brass).objects.update(name="<script>alert(1)</script>")
    assert "<script>alert" not in strict_client().get(link(cast.viewer)).content.decode()
