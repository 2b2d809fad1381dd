"""Mails about people. One function per mail; each returns a message for agency/outlets/mail.py."""

from django.conf import settings

from agency import clock
from agency.models import Invitation, Person
from agency.outlets import mail
from agency.roles import Role


def invitation(invitation: Invitation, token: str, *, inviter: str, workspace: str) -> mail.Message:
    """The link that accepts an invitation. It works once and for this address only."""
    return mail.compose(
        "invitation",
        to=invitation.email,
        context={
            "workspace_name": workspace,
            "inviter": inviter,
            "role_label": Role(invitation.role).label,
            "open_url": f"{settings.APP_URL}/invitations/{token}",
            "expires_at": invitation.expires_at,
        },
    )


def second_factor_reset(person: Person) -> mail.Message:
    """Tells somebody that their devices were forgotten. If it was not they who asked, this is how they learn of it."""
    return mail.compose(
        "second_factor_reset",
        to=person.email,
        context={
            "name": person.name,
            "at": clock.now(),
            "security_email": settings.SECURITY_CONTACT,
            "open_url": f"{settings.APP_URL}/two-factor",
        },
    )
