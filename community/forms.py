"""Shapes of what people type and choose in the inbox."""

from django import forms

from community.answering import longest, units
from community.models import Note, SavedView, Tag
from community.presentation import LATERS


class LaterForm(forms.Form):
    """Until when."""

    until = forms.ChoiceField(choices=LATERS)


class TagForm(forms.Form):
    """A tag, known or new."""

    name = forms.CharField(max_length=Tag.LONGEST, label="Tag")


class NoteForm(forms.Form):
    """A note for the team."""

    text = forms.CharField(
        max_length=Note.LONGEST,
        label="Note",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write something first.", "max_length": f"A note has up to {Note.LONGEST:,} characters."},
    )


class ReplyForm(forms.Form):
    """A reply, as long as TikTok takes it."""

    text = forms.CharField(
        label="Reply",
        strip=True,
        widget=forms.Textarea(attrs={"rows": 2, "id": "id_reply"}),
        error_messages={"required": "Write something first."},
    )

    def clean_text(self) -> str:
        """Counted as TikTok counts."""
        text, most = self.cleaned_data["text"].replace("\r\n", "\n").replace("\x00", ""), longest()
        if units(text) > most:
            over = units(text) - most
            raise forms.ValidationError(f"TikTok takes {most} characters at most. This is {over} too long; an emoji counts as two or more.")
        return text


class SavedViewForm(forms.Form):
    """A name for what is shown now."""

    name = forms.CharField(max_length=SavedView._meta.get_field("name").max_length, label="Name")


class AimForm(forms.Form):
    """How soon, in hours."""

    hours = forms.IntegerField(min_value=1, max_value=168, label="Hours until a comment is late")
