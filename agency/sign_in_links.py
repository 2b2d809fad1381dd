"""Accounts elsewhere with which a person signs in here. Keeps a keyed hash of the account's id and a time: no token, no name, no id."""

from agency import address_book, audit, clock
from agency.models import Person, SignInLink

_KIND = "sign_in_account"


def person_behind(account_id: str) -> Person | None:
    """Whose sign-in this account is."""
    link = SignInLink.objects.filter(keyed_hash=address_book.hash_of(_KIND, account_id)).select_related("person").first()
    return link.person if link else None


def make(account_id: str, person: Person) -> None:
    """Link an account to somebody who has just accepted their invitation, in its scope. IntegrityError when it is somebody else's."""
    SignInLink.objects.create(person=person, keyed_hash=address_book.hash_of(_KIND, account_id), linked_at=clock.now())
    audit.record("person.sign_in_linked", person, by=person, kind="tiktok")


def of(person: Person) -> SignInLink | None:
    """The link of a person."""
    return SignInLink.objects.filter(person=person).first()


def end(person: Person) -> bool:
    """Forget the account. False when there was none."""
    return SignInLink.objects.filter(person=person).delete()[0] > 0
