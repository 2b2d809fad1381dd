"""Makes the agency's own workspace and its first platform admin, and prints a link under which they choose a password.

Everybody else is invited from the pages. While there is a platform admin who can sign in, the command refuses.
"""

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from agency import actions, audit, clock, directory, scope
from agency.adapters import AccountAdapter
from agency.forms import LONGEST_GRANT
from agency.models import Membership, Person
from agency.roles import Role


class Command(BaseCommand):
    """What it made is on record in that workspace, by the platform itself."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="The address that the platform admin signs in with.")
        parser.add_argument("--name", required=True, help="Their name.")
        parser.add_argument("--workspace", default="The agency", help="What the agency's own workspace is called.")

    def handle(self, *args: Any, **options: Any) -> None:
        email, name = options["email"].strip().lower(), options["name"].strip()
        validate_email(email)
        if not name:
            raise CommandError("Say the name of the platform admin.")
        if any(_has_platform_admin(workspace_id) for workspace_id in directory.workspace_ids()):
            raise CommandError("There is a platform admin already. They invite others, under Workspaces and People.")
        if Person.objects.filter(email=email).exists():
            raise CommandError(f"{email} signs in here already. Name an address that is new.")
        with transaction.atomic():
            person = _make(email, name, options["workspace"].strip() or "The agency")
        key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
        self.stdout.write("Choose a password here, once, within three days; then sign in and set up the second factor:")
        self.stdout.write(AccountAdapter().get_reset_password_from_key_url(key))


def _has_platform_admin(workspace_id: Any) -> bool:
    with scope.inside(workspace_id):
        return Membership.objects.filter(role=Role.PLATFORM_ADMIN.value, person__is_active=True).exists()


def _make(email: str, name: str, workspace_name: str) -> Person:
    person = Person.objects.create_person(email=email, name=name)
    EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    slug = "agency" if not directory.workspace_ids() else f"agency-{len(directory.workspace_ids()) + 1}"
    workspace = actions.create_workspace(slug=slug, name=workspace_name, accent="teal", time_zone="UTC", posts_per_week=5)
    now = clock.now()
    with scope.inside(workspace.pk):
        grant = Membership.objects.create(
            workspace=workspace,
            person=person,
            role=Role.PLATFORM_ADMIN.value,
            purpose="Run the platform",
            created_at=now,
            ends_at=now + LONGEST_GRANT,
        )
        audit.record("membership.began", grant, by=None, role=grant.role)
    return person
