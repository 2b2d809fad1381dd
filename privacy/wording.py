"""Words about a person in rows that stay: where people write freely, and how a name or an address is taken out of there.

What was published on TikTok, and names of clients and brands, are not ours to change: a caption may name an address, a brand a person.
"""

import re
from collections.abc import Iterator

from django.apps import apps
from django.db import connections, models, transaction

from privacy.columns import COLUMNS
from privacy.register import REGISTER

_DB = "privacy"
# Words that are published, a client's name, signed, or sealed by the audit log. Audit rows hold ids; what an access was for stays as said.
NOT_OURS_TO_CHANGE = frozenset({"agency.Workspace", "agency.Brand", "agency.AuditRow", "community.Sending", "privacy.Certificate"})
# Looked after elsewhere: the person's own row, and the name in the run's own request, which is emptied at its end.
_APART = frozenset({"agency.Person.name", "privacy.DeletionRequest.account_name"})


def is_published(label: str) -> bool:
    """Whether what a table says is TikTok's, or was sent there."""
    return REGISTER[label].kind == "tiktok" or label in NOT_OURS_TO_CHANGE


def ours() -> Iterator[tuple[type[models.Model], str]]:
    """Columns in which our own people write about each other."""
    for model in apps.get_models():
        label = model._meta.label
        if label not in COLUMNS or is_published(label):
            continue
        for name in f"{COLUMNS[label].words} {COLUMNS[label].name}".split():
            field = model._meta.get_field(name)
            is_text = isinstance(field, models.CharField | models.TextField | models.JSONField) and not isinstance(field, models.EmailField)
            if is_text and f"{label}.{name}" not in _APART:
                yield model, name


def replace(model: type[models.Model], column: str, pattern: str, *, instead: str, limit: int) -> int:
    """Put other words where the pattern fits. Returns in how many rows it did."""
    table, pk = model._meta.db_table, model._meta.pk.column
    field = model._meta.get_field(column)
    changed = f"""regexp_replace("{column}"::text, %s, %s, 'gi')"""
    is_json = isinstance(field, models.JSONField)
    said = f"{changed}::jsonb" if is_json else f"left({changed}, {field.max_length or 1_000_000})"
    found = f'SELECT "{pk}" FROM "{table}" WHERE "{column}"::text ~* %s LIMIT %s'  # noqa: S608  # nosec B608 - names of our models
    with transaction.atomic(using=_DB), connections[_DB].cursor() as cursor:
        change = f'UPDATE "{table}" SET "{column}" = {said} WHERE "{pk}" IN ({found})'  # noqa: S608  # nosec B608
        cursor.execute(change, [pattern, instead, pattern, limit])
        return cursor.rowcount


def take_out(model: type[models.Model], column: str, word: str, *, instead: str, limit: int) -> int:
    """The same for one word as it stands."""
    return replace(model, column, re.escape(word), instead=instead, limit=limit)
