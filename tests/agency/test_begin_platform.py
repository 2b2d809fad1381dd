"""The first platform admin of a new installation comes by a command, once; everybody after them by an invitation."""

import io
import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from agency import directory, scope
from agency.models import AuditRow, Membership, Person
from agency.roles import Role
from tests.people import PASSWORD, Cast, staff

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


def begin(email: str = "first@agency.example", name: str = "Robin Root") -> str:
    said = io.StringIO()
    call_command("begin_platform", email, "--name", name, stdout=said)
    return re.search(r"http://testserver(/password/reset/\S+)", said.getvalue())[1]


def test_the_first_platform_admin_chooses_a_password_and_enrols() -> None:
    link = begin()
    browser = Client(raise_request_exception=False)
    page = browser.get(link, follow=True)
    answer = browser.post(page.redirect_chain[-1][0], {"password1": PASSWORD, "password2": PASSWORD})
    assert answer.status_code == 302
    assert browser.post("/sign-in", {"login": "first@agency.example", "password": PASSWORD}).status_code == 302
    assert browser.get("/settings/workspaces").headers["Location"].startswith("/two-factor/start")
    (workspace_id,) = directory.workspace_ids()
    with scope.inside(workspace_id):
        grant = Membership.objects.get()
        assert (grant.role, grant.purpose) == ("platform_admin", "Run the platform")
        assert list(AuditRow.objects.order_by("id").values_list("verb", flat=True)) == ["workspace.created", "membership.began"]


def test_it_refuses_while_somebody_can_do_it_from_the_pages(cast: Cast) -> None:
    root = staff(cast.brass, "root@agency.example", Role.PLATFORM_ADMIN)
    with pytest.raises(CommandError, match="already"):
        begin()
    Person.objects.filter(pk=root.person_id).update(is_active=False)
    begin()
    assert len(directory.workspace_ids()) == 3


def test_an_address_that_signs_in_already_is_not_made_platform_admin(cast: Cast) -> None:
    with pytest.raises(CommandError, match="signs in here already"):
        begin(cast.viewer.person.email)
    assert len(directory.workspace_ids()) == 2
