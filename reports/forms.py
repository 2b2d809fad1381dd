"""Shapes of input about reports. What may be done with it, actions say."""

from functools import cache
from zoneinfo import available_timezones

from django import forms

from agency.outlets.figures import WEEKDAYS_IN_FULL
from reports.models import ReportSchedule
from reports.sharing import DAYS


@cache
def _zones() -> tuple[tuple[str, str], ...]:
    """Zones as people know them: a region and a city. Abbreviations and aliases of old are left out."""
    regions = ("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    names = sorted(z for z in available_timezones() if z.startswith(regions))
    return (("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names))


class ScheduleForm(forms.Form):
    """When the report goes, who looks at it before, and where answers go."""

    weekday = forms.TypedChoiceField(label="Day", coerce=int, choices=list(enumerate(WEEKDAYS_IN_FULL)))
    hour = forms.TypedChoiceField(label="Hour", coerce=int, choices=[(h, f"{h:02d}:00") for h in range(24)])
    time_zone = forms.ChoiceField(
        label="Time zone", help_text="Decides when the report goes. Days in it stay TikTok's: UTC for posts, the ad account's zone for ads."
    )
    review = forms.ChoiceField(label="Review", choices=ReportSchedule.Review.choices)
    review_hours = forms.TypedChoiceField(
        label="Time for the review",
        coerce=int,
        choices=[(h, "1 hour before" if h == 1 else f"{h} hours before") for h in (1, 2, 3, 4, 6, 8, 12)],
        help_text="So long before the hour the report is written. It tells what TikTok had delivered by then.",
    )
    holds_while_broken = forms.BooleanField(
        label="Wait while an account needs to be reconnected",
        required=False,
        help_text="For two days at most. Without this the report goes on time and names the account that is missing.",
    )
    reply_to = forms.EmailField(label="Answers go to", required=False, max_length=254, help_text="Empty: answers come to the platform.")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = _zones()


class RecipientForm(forms.Form):
    """One extra address."""

    email = forms.EmailField(label="E-mail address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))


class LinkForm(forms.Form):
    """For how long a link holds."""

    days = forms.TypedChoiceField(label="Holds for", coerce=int, choices=[(d, f"{d} days") for d in DAYS], initial=30)


class CreditForm(forms.Form):
    """A post of the week and a creator."""

    post = forms.UUIDField(label="Post", widget=forms.Select)
    creator = forms.UUIDField(label="Creator", widget=forms.Select)

    def __init__(self, *args: object, posts: list[tuple[str, str]], creators: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["post"].widget.choices = posts
        self.fields["creator"].widget.choices = creators
