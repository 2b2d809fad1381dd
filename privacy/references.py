"""References that people can read out: LT-4F7K-22. No letters or digits that look alike."""

import re
import secrets

from django.conf import settings

BOOK = "deletion"  # where the address book files them
BOOK_OF_PEOPLE = "person_deletion"  # and where the open request of a person, who belongs to no workspace
_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_reference() -> str:
    """One of 700 million, by chance."""
    drawn = "".join(secrets.choice(_SIGNS) for _ in range(6))
    return f"{settings.REFERENCE_PREFIX}-{drawn[:4]}-{drawn[4:]}"


def as_written(text: str) -> str:
    """A reference as we write it, however somebody typed it: without what none of ours has, which may have come along with it."""
    return re.sub(r"[^0-9A-Z-]", "", text.upper())[:16]
