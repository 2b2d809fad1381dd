"""Writes about brands, which group accounts inside a workspace, and about the cadence that was agreed. Which account is in a brand is
written where accounts are (metrics/actions.py).
"""

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from agency import audit
from agency.actions import NotAllowed
from agency.models import Brand, Membership, Workspace


def create_brand(name: str, *, by: Membership) -> Brand:
    """A new, empty brand. Its name is its own within the workspace."""
    try:
        with transaction.atomic():
            brand = Brand.objects.create(workspace_id=by.workspace_id, name=name)
            audit.record("brand.made", brand, by=by)
    except IntegrityError:
        raise NotAllowed(f"There is a brand {name} already.") from None
    return brand


def rename_brand(brand: Brand, name: str, *, by: Membership) -> None:
    """The same brand by another name. The name it has already changes nothing."""
    if name == brand.name:
        return
    try:
        with transaction.atomic():
            Brand.objects.filter(pk=brand.pk).update(name=name)
            audit.record("brand.renamed", brand, by=by)
    except IntegrityError:
        raise NotAllowed(f"There is a brand {name} already.") from None


def remove_brand(brand: Brand, *, by: Membership) -> None:
    """Only an empty one goes: what accounts are in it is for somebody to decide, not for us."""
    try:
        with transaction.atomic():
            audit.record("brand.removed", brand, by=by)
            brand.delete()
    except ProtectedError:
        said = f"{brand.name} has accounts. Put them in another brand, or in none, first. A disconnected one stays until it is deleted."
        raise NotAllowed(said) from None


def agree_on_cadence(posts_per_week: int, *, by: Membership) -> None:
    """How many posts a week were agreed."""
    with transaction.atomic():
        if Workspace.objects.filter(pk=by.workspace_id).exclude(posts_per_week=posts_per_week).update(posts_per_week=posts_per_week):
            audit.record("workspace.cadence_agreed", by.workspace, by=by)
