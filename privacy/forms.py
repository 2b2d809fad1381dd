"""Shapes of input about leaving."""

import re
from uuid import UUID

from django import forms

from agency.models import Membership, Person
from community.erasure import Commenter, commenters_named
from integrations.models import Connection
from privacy.models import PublicRequest
from privacy.person_requests import person_known_to
from privacy.public_requests import bare

HANDLE = re.compile(r"[A-Za-z0-9_.]{1,40}")


class _AddressInput(forms.EmailInput):
    """Needed or not, as is chosen beside it: browsers must not insist."""

    def use_required_attribute(self, initial: object) -> bool:
        return False


class PublicDeletionForm(forms.Form):
    """For people who have no sign-in here."""

    handle = forms.CharField(
        label="TikTok account", max_length=120, help_text="Its handle, such as @brassorbit3. It is in the address of its profile."
    )
    way = forms.ChoiceField(
        label="How you show that you may ask",
        choices=PublicRequest.Way.choices,
        initial=PublicRequest.Way.MAIL,
        required=False,
        widget=forms.RadioSelect,
        help_text="At TikTok we ask who you are, nothing else, and keep no access. It counts for accounts that are or were connected here.",
    )
    contact = forms.EmailField(
        label="Your e-mail address",
        max_length=254,
        widget=_AddressInput,
        error_messages={"required": "We need an address to send the link to. Or choose to sign in to TikTok."},
        help_text="For the link, and to tell you how it stands. If you sign in to TikTok, you may leave it empty and follow the reference.",
    )
    relation = forms.ChoiceField(
        label="What the account is to you",
        choices=(
            ("owner", "It is mine"),
            ("was_owner", "It was mine, and I cannot sign in to it any more"),
            ("acts", "I act for its owner"),
        ),
    )
    message = forms.CharField(
        label="Anything that helps us find it",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="An earlier handle, for example. Please send no passwords or documents.",
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].required = self["way"].value() != PublicRequest.Way.TIKTOK

    def clean_handle(self) -> str:
        handle = bare(self.cleaned_data["handle"])
        if not HANDLE.fullmatch(handle):
            raise forms.ValidationError("A handle has letters, digits, full stops and underscores, such as @brassorbit3.")
        return handle

    def clean_way(self) -> str:
        return self.cleaned_data["way"] or PublicRequest.Way.MAIL


class EnteredRequestForm(forms.Form):
    """A request that came by mail to the privacy contact."""

    account = forms.ModelChoiceField(Connection.objects.none(), label="Account", empty_label="Choose an account")
    contact = forms.EmailField(label="Who wrote", max_length=254, help_text="They are told when it is scheduled and when it is done.")
    identity_note = forms.CharField(
        label="How you made sure who wrote", max_length=300, help_text="Such as: wrote from the address in the account's profile."
    )

    def __init__(self, *args: object, accounts: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = accounts


class EnteredCommenterForm(forms.Form):
    """The same from somebody who wrote comments under posts here. Finds whom the handle stands for."""

    handle = forms.CharField(label="Handle of who wrote the comments", max_length=120, help_text="As it stands beside their comments.")
    contact = forms.EmailField(label="Who wrote", max_length=254, help_text="They are told when it is scheduled and when it is done.")
    identity_note = forms.CharField(
        label="How you made sure who wrote", max_length=300, help_text="Such as: put a code of ours into their profile on TikTok."
    )

    def __init__(self, *args: object, workspace_id: UUID, **kwargs: object) -> None:
        super().__init__(*args, prefix="commenter", **kwargs)
        self._workspace_id = workspace_id
        self.found: list[Commenter] = []

    def clean_handle(self) -> str:
        handle = bare(self.cleaned_data["handle"])
        self.found = commenters_named(self._workspace_id, handle)
        if not self.found:
            raise forms.ValidationError(
                "Nobody has commented here under that handle. Of an account that is connected here, the data goes with the account."
            )
        return handle


class EnteredPersonForm(forms.Form):
    """The same from somebody who signs in here, and wants to be deleted themselves."""

    address = forms.EmailField(label="Address that they sign in with", max_length=254)
    contact = forms.EmailField(label="Who wrote", max_length=254, help_text="They are told when it is scheduled and when it is done.")
    identity_note = forms.CharField(
        label="How you made sure who wrote", max_length=300, help_text="Such as: wrote from the address that they sign in with."
    )

    def __init__(self, *args: object, memberships: list[Membership], **kwargs: object) -> None:
        super().__init__(*args, prefix="person", **kwargs)
        self._memberships = memberships
        self.person: Person | None = None

    def clean_address(self) -> str:
        self.person = person_known_to(self._memberships, self.cleaned_data["address"])
        if self.person is None:
            raise forms.ValidationError(
                "Nobody with that address has, or had, access to a workspace that you work for. Look for typing errors."
            )
        return self.cleaned_data["address"]


class DecisionForm(forms.Form):
    """Why a request is approved or refused."""

    note = forms.CharField(label="How you made sure, or why not", max_length=300)


class IncidentForm(forms.Form):
    """Something that was not as it should be, and that no check found."""

    title = forms.CharField(label="What happened, in a line", max_length=200)
    what = forms.CharField(
        label="What is known and what was done",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="No names and no addresses: this page is kept.",
    )


class CorrectionForm(forms.Form):
    """What is wrong, from whoever it is about."""

    account = forms.ModelChoiceField(
        Connection.objects.none(), label="What it is about", empty_label="Myself: my name, my roles, what I did", required=False
    )
    said = forms.CharField(
        label="What is wrong, and what would be right",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Figures come from TikTok as they are: say which figure of which day, and what TikTok shows.",
    )

    def __init__(self, *args: object, accounts: list[Connection], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if accounts:
            self.fields["account"].queryset = Connection.objects.filter(pk__in=[account.pk for account in accounts])
        else:
            del self.fields["account"]

    @property
    def asked(self) -> dict[str, object]:
        """What the action takes."""
        return {"said": self.cleaned_data["said"], "account": self.cleaned_data.get("account")}


class EnteredCorrectionForm(CorrectionForm):
    """One that came by mail."""

    contact = forms.EmailField(label="Who wrote", max_length=254, help_text="They are told that it is here, and of the answer.")
    field_order = ("contact", "account", "said")


class AnswerForm(forms.Form):
    """The answer to whoever asked."""

    text = forms.CharField(
        label="What was corrected, or why not",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="Whoever asked reads this as it is.",
    )
