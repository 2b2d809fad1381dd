"""Addresses that get no mail which they can do without: those that bounced for good, and those whose reader complained.

Known by a keyed hash only, for all workspaces together: a mailbox that does not exist does not exist for anybody. Mails that
somebody asks for at that moment, such as a new password, are not held back.
"""

from collections.abc import Iterable

from agency import address_book, clock
from agency.models import Suppression

Cause = Suppression.Cause


def suppress(address: str, cause: str) -> None:
    """Send nothing there any more. A complaint stays a complaint; told again changes nothing."""
    made, is_new = Suppression.objects.get_or_create(keyed_hash=hash_of(address), defaults={"cause": cause, "since": clock.now()})
    if not is_new and cause == Cause.COMPLAINED and made.cause != cause:
        made.cause, made.since = cause, clock.now()
        made.save(update_fields=("cause", "since"))


def cause_of(address: str) -> str:
    """Why nothing is sent there, in words; empty when mail may go."""
    return causes_of((address,)).get(address, "")


def causes_of(addresses: Iterable[str]) -> dict[str, str]:
    """Of these addresses those that get nothing, and why."""
    known = {address: hash_of(address) for address in addresses}
    found = Suppression.objects.filter(keyed_hash__in=set(known.values())).values_list("keyed_hash", "cause")
    causes = {bytes(keyed_hash): Cause(cause).label for keyed_hash, cause in found}
    return {address: causes[keyed_hash] for address, keyed_hash in known.items() if keyed_hash in causes}


def lift(address: str, *, complaint_too: bool = False) -> bool:
    """Try it again: somebody mended the mailbox. A complaint is only lifted by the reader's own word."""
    found = Suppression.objects.filter(keyed_hash=hash_of(address))
    return bool((found if complaint_too else found.filter(cause=Cause.BOUNCED)).delete()[0])


def hash_of(address: str) -> bytes:
    """Under what an address stands here."""
    return address_book.hash_of("suppressed", address.strip().lower())
