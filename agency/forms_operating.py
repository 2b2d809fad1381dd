"""Shapes of the platform admin's input: workspaces, their own grants, and why a second factor was reset."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import available_timezones

from django import forms

from agency import clock
from agency.forms import LONGEST_GRANT
from agency.models import Workspace


class WorkspaceForm(forms.ModelForm):
    """A tenant and the agreement with its client."""

    posts_per_week = forms.IntegerField(
        label="Posts a week that were agreed",
        help_text="What the cadence is measured by.",
        min_value=1,
        max_value=200,
        error_messages=dict.fromkeys(("min_value", "max_value"), "Between 1 and 200 posts a week."),
    )

    class Meta:
        model = Workspace
        fields = ("name", "time_zone", "posts_per_week", "accent", "engagement_starts_on", "engagement_ends_on")
        labels = {
            "name": "Name",
            "time_zone": "Time zone",
            "accent": "Colour",
            "engagement_starts_on": "First day of the engagement",
            "engagement_ends_on": "Last day of the engagement",
        }
        help_texts = {
            "time_zone": "As the zone database names it, such as America/Los_Angeles. It decides when the report goes out.",
            "engagement_starts_on": "May stay open.",
            "engagement_ends_on": "The workspace closes by itself after this day; its data is deleted 90 days later. Empty: no end.",
        }
        widgets = {
            name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d") for name in ("engagement_starts_on", "engagement_ends_on")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].max_length = 64
        self.fields["accent"].choices = [(value, value.capitalize()) for value in Workspace.Accent.values]
        for name in ("engagement_starts_on", "engagement_ends_on"):
            self.fields[name].required = False

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_time_zone(self) -> str:
        if self.cleaned_data["time_zone"] not in available_timezones():
            raise forms.ValidationError("No such time zone. Write it as the zone database does, such as Europe/London.")
        return self.cleaned_data["time_zone"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        first, last = data.get("engagement_starts_on"), data.get("engagement_ends_on")
        if last is not None and first is not None and last < first:
            self.add_error("engagement_ends_on", "The last day is before the first.")
        elif last is not None and last < clock.today() and "engagement_ends_on" in self.changed_data:
            self.add_error("engagement_ends_on", "That day has passed. To end the engagement now, close the workspace.")
        return data

    def _post_clean(self) -> None:
        """The model is written by an action under a lock, never by the form."""

    def values(self) -> dict[str, Any]:
        """What was entered, by the names of the model."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class OwnGrantForm(forms.Form):
    """Access for oneself: what for and until when."""

    purpose = forms.CharField(label="What you need access for", max_length=200, help_text="Everybody in the workspace can read it.")
    ends_on = forms.DateField(
        label="Last day", widget=forms.DateInput(attrs={"type": "date"}), help_text="Access stops at the end of that day, UTC."
    )

    def clean_ends_on(self) -> Any:
        last_day = self.cleaned_data["ends_on"]
        if last_day < clock.today():
            raise forms.ValidationError("That day has passed.")
        if last_day > clock.today() + LONGEST_GRANT:
            raise forms.ValidationError("A grant lasts a year at most; then look at it again.")
        return last_day

    def ends_at(self) -> datetime:
        """The instant, once the form is valid."""
        return datetime.combine(self.cleaned_data["ends_on"] + timedelta(days=1), time.min, UTC)


class ResetForm(forms.Form):
    """Why somebody's second factor is taken away. It stands in the audit log, so it is one of a few words."""

    REASONS = (
        ("device_lost", "The device is lost or broken"),
        ("device_replaced", "The device was replaced"),
        ("codes_used_up", "The recovery codes are used up or lost"),
        ("suspicion", "Somebody else may hold the device"),
    )
    reason = forms.ChoiceField(label="Why", choices=(("", "Choose"), *REASONS))
    was_checked = forms.BooleanField(
        label="I have made sure who is asking",
        help_text="By a call to a number that was known before, or face to face. Never by mail alone.",
    )


class SearchForm(forms.Form):
    """What to look for; it comes from the address."""

    q = forms.CharField(label="Name or address", required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"}))
    after = forms.CharField(required=False, max_length=254)
