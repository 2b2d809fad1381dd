"""The demo's people and workspaces. Accounts, figures and reports come through the real OAuth flow, never from here.

Running it again changes nothing. All values are demo values; production refuses the command.
"""

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from agency import actions, clock, scope
from agency.adapters import second_factors_of
from agency.forms import LONGEST_GRANT
from agency.models import Brand, Membership, Person, Workspace
from agency.roles import Role

PASSWORD = "demo only, never elsewhere"  # noqa: S105 - the demo's one password, printed at start
_BRASS, _HOUSE = "brass-studio", "logic-target"
_WORKSPACES = (
    {"slug": _BRASS, "name": "Brass Studio", "accent": "teal", "time_zone": "America/Los_Angeles", "posts_per_week": 10},
    {"slug": _HOUSE, "name": "Logic Target in-house", "accent": "violet", "time_zone": "America/Los_Angeles", "posts_per_week": 7},
)
_BRANDS = {_HOUSE: ("Moontide Collective", "Velvet Fox Lab")}
_PEOPLE = (
    ("maya@brassstudio.example", "Maya Reyes", {_BRASS: Role.CLIENT_ADMIN}),
    ("cole@brassstudio.example", "Cole Varga", {_BRASS: Role.CLIENT_VIEWER}),
    ("grain@creators.example", "Gray Andgold", {_BRASS: Role.CREATOR}),
    ("iris@logictarget.example", "Iris Moon", {_HOUSE: Role.CLIENT_ADMIN}),
    ("review@logictarget.example", "TikTok Review", {_BRASS: Role.REVIEWER}),
    ("alex@logictarget.example", "Alex Marsh", {_BRASS: Role.ACCOUNT_MANAGER, _HOUSE: Role.ACCOUNT_MANAGER}),
    ("mo@logictarget.example", "Mo Tide", {_BRASS: Role.COMMUNITY, _HOUSE: Role.COMMUNITY}),
    ("bea@logictarget.example", "Bea Byers", {_BRASS: Role.MEDIA_BUYER, _HOUSE: Role.MEDIA_BUYER}),
    ("pri@logictarget.example", "Pri Vasquez", {_BRASS: Role.PRIVACY, _HOUSE: Role.PRIVACY}),
    ("root@logictarget.example", "Robin Root", {_HOUSE: Role.PLATFORM_ADMIN}),
)


class Command(BaseCommand):
    """Makes what is missing."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people-file", help="Where to write sign-ins for scripts, as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo's people have known passwords. They are never made in production.")
        workspaces = {w["slug"]: self._workspace(**w) for w in _WORKSPACES}
        for slug, names in _BRANDS.items():
            with scope.inside(workspaces[slug].pk):
                for name in names:
                    Brand.objects.get_or_create(workspace=workspaces[slug], name=name)
        people = [self._person(email, name, roles, workspaces) for email, name, roles in _PEOPLE]
        if options["people_file"]:
            path = Path(options["people_file"])
            spare = path.with_suffix(".new")
            with os.fdopen(os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(people, file, indent=1)
            spare.replace(path)

    def _workspace(self, **values: Any) -> Workspace:
        from_before = self._known_workspace(values["slug"])
        return from_before or actions.create_workspace(**values)

    def _known_workspace(self, slug: str) -> Workspace | None:
        """Row-level security hides workspaces from whoever is no member, so they are looked for through a member."""
        for person in Person.objects.all():
            with scope.inside(None, person_id=person.pk):
                found = Workspace.objects.filter(slug=slug).first()
            if found:
                return found
        return None

    def _person(self, email: str, name: str, roles: dict[str, Role], workspaces: dict[str, Workspace]) -> dict[str, Any]:
        person = Person.objects.filter(email=email).first()
        if person is None:
            person = Person.objects.create_person(email=email, name=name, password=PASSWORD)
            EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
        for slug, role in roles.items():
            with scope.inside(workspaces[slug].pk):
                Membership.objects.get_or_create(
                    workspace=workspaces[slug],
                    person=person,
                    defaults={
                        "role": role.value,
                        "purpose": "Demo" if role.is_staff else "",
                        "created_at": clock.now(),
                        "ends_at": clock.now() + LONGEST_GRANT if role.is_staff else None,
                    },
                )
        is_staff = any(role.is_staff for role in roles.values())
        secret = base64.b32encode(hashlib.sha256(f"demo:{email}".encode()).digest()[:20]).decode() if is_staff else None
        if secret and not Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists():
            with second_factors_of(person):
                TOTP.activate(person, secret)
        return {
            "email": email,
            "name": name,
            "password": PASSWORD,
            "totp_secret": secret,
            "role": next(iter(roles.values())).value,
            "workspaces": list(roles),
        }
