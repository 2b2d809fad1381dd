"""Writes about accounts that people make: which brand an account is in."""

from django.db import transaction

from agency import audit
from agency.models import Brand, Membership
from integrations.models import Connection
from metrics.models import Account


def assign_brand(connection: Connection, brand: Brand | None, *, by: Membership) -> bool:
    """Put an account in a brand, or in none. Its days move with it, in the same transaction. False when it was there already."""
    with transaction.atomic():
        row = Connection.objects.select_for_update(of=("self",), no_key=True).get(pk=connection.pk)
        if row.brand_id == (brand.pk if brand else None):
            return False
        Connection.objects.filter(pk=row.pk).update(brand=brand)
        Account.objects.filter(connection=connection).update(brand=brand)
        audit.record("connection.brand_changed", connection, by=by)
    return True
