"""Shapes of input about people. Forms know no rules of the trade; actions do."""

import logging
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm
from allauth.core import context as allauth
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.utils import decrypt, encrypt
from django import forms
from django.contrib.auth import password_validation
from django.http import HttpRequest

from agency.models import Person
from agency.outlets import mail
from agency.roles import Role

logger = logging.getLogger(__name__)


class InvitationForm(forms.Form):
    """Whom to invite, as what. The roles on offer depend on who invites."""

    email = forms.EmailField(label="E-mail address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label="Role")
    purpose = forms.CharField(
        label="What staff access is for",
        max_length=200,
        required=False,
        help_text="Needed for staff roles only. It is shown in the audit log.",
    )

    def __init__(self, *args: Any, roles: tuple[Role, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(r.value, r.label) for r in roles]
        if not any(r.is_staff for r in roles):
            del self.fields["purpose"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("role") and Role(data["role"]).is_staff and not data.get("purpose"):
            self.add_error("purpose", "Say what this member of staff needs access for.")
        return data


class AcceptanceForm(forms.Form):
    """Name and password of somebody who accepts an invitation."""

    name = forms.CharField(label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label="Password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters. A sentence is easier to remember than a word.",
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("password"):
            try:
                password_validation.validate_password(data["password"], Person(email=self.email, name=data.get("name", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return data


class AccountForm(forms.ModelForm):
    """What a person sets about themselves."""

    class Meta:
        model = Person
        fields = ("name", "theme")
        labels = {"name": "Your name", "theme": "Appearance"}


class ForgottenPasswordForm(ResetPasswordForm):
    """Asking for a link by mail. The page that follows says the same whether the address is known, unknown or refused."""

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email = self.cleaned_data["email"]
        try:
            if self.users:
                super().save(request, **kwargs)
            else:
                # allauth would lead an unknown address to its registration page, and there is none.
                get_adapter().send_mail("account/email/unknown_account", email, {})
        except (mail.TryAgain, mail.Refused) as error:
            logger.error("a mail about a password could not be sent: %s", error)
        return email


class EnrolmentForm(ActivateTOTPForm):
    """Setting up an authenticator app. The seed waits in the session between page and code; allauth would leave it there in clear."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        session = allauth.request.session
        waiting = session.get(SECRET_SESSION_KEY)
        super().__init__(*args, **kwargs)
        if self.is_bound and waiting:
            self.secret = decrypt(waiting)
        else:
            session[SECRET_SESSION_KEY] = encrypt(self.secret)
