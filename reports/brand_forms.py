"""Shapes of input about brands and cadence."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from agency.models import Brand, Membership
from integrations.actions import printable

LONGEST_NAME = 120


def brands_of(membership: Membership) -> list[Brand]:
    """The workspace's brands by name."""
    return sorted(Brand.objects.visible_to(membership), key=lambda b: b.name.casefold())


class BrandForm(forms.Form):
    """A brand's name."""

    name = forms.CharField(label="Name of the brand", max_length=LONGEST_NAME)

    def clean_name(self) -> str:
        """One line of visible characters."""
        name = printable(self.cleaned_data["name"], LONGEST_NAME).strip()
        if not name:
            raise forms.ValidationError("Write a name that can be seen.")
        return name


class CadenceForm(forms.Form):
    """What was agreed."""

    posts_per_week = forms.IntegerField(
        label="Posts a week", min_value=0, max_value=200, help_text="What the client and the agency agreed on, over all accounts together."
    )


class PlaceForm(forms.Form):
    """The brand that an account goes to; empty for none."""

    brand = forms.CharField(required=False)

    def __init__(self, *args: Any, brands: Sequence[Brand], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.brands = {b.pk: b for b in brands}

    def clean_brand(self) -> Brand | None:
        """One of the workspace's."""
        text = self.cleaned_data["brand"]
        if not text:
            return None
        try:
            return self.brands[UUID(text)]
        except (KeyError, ValueError):
            raise forms.ValidationError("Choose a brand of this workspace.") from None
