"""How a session finds its person. Who may sign in, and how, is allauth's."""

from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend

from agency.models import Person


class PersonBackend(AuthenticationBackend):
    """allauth's, reading the person as every request needs it."""

    def get_user(self, user_id: UUID | str) -> Person | None:
        """The person of a session; None for one who is gone or may not sign in any more."""
        person = Person.objects.of_session(user_id)
        return person if person is not None and self.user_can_authenticate(person) else None
