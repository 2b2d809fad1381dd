"""How often somebody may guess: five tries in five minutes for an account, counted in the database for all processes together.

Passwords, codes and recovery codes share the five. A try that was right is taken back. Tries for addresses that nobody has are
counted the same, so that the answer tells nothing.
"""

from datetime import timedelta

from django.db import connection, transaction

from agency import address_book, clock
from agency.models import Guess

TRIES = 5
WINDOW = timedelta(minutes=5)


def begin(account: str) -> Guess | None:
    """Count a try. None when there were five already: then it must not be looked at.

    The lock makes tries of one account wait for one another, or six at the same moment would each see four before them.
    """
    key, now = address_book.hash_of("guess", account.strip().lower()), clock.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(key[:8], "big", signed=True)])
        if Guess.objects.filter(keyed_hash=key, at__gt=now - WINDOW).count() >= TRIES:
            return None
        return Guess.objects.create(keyed_hash=key, at=now)


def was_right(guess: Guess) -> None:
    """Take a try back that was none. The wrong ones before it stay."""
    Guess.objects.filter(pk=guess.pk).delete()


def forget_old() -> None:
    """Tries that no longer count."""
    Guess.objects.filter(at__lte=clock.now() - WINDOW).delete()
