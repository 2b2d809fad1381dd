"""Shapes of input about people. Forms know no rules of the trade; actions do."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from operator import itemgetter
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm
from allauth.core import context as allauth
from allauth.mfa.adapter import get_adapter as mfa_adapter
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.utils import decrypt, encrypt
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm, LoginWebAuthnForm, ReauthenticateWebAuthnForm
from django import forms
from django.contrib.auth import password_validation
from django.db.models import QuerySet
from django.http import HttpRequest

from agency import clock, guessing
from agency.audit_words import VERBS
from agency.models import Membership, Person
from agency.outlets import mail
from agency.queries import AuditFilter
from agency.roles import Role

LONGEST_GRANT = timedelta(days=366)
logger = logging.getLogger(__name__)


class _GrantForm(forms.Form):
    """A role; for staff also what the access is for and until when. The roles on offer depend on who gives them."""

    role = forms.ChoiceField(label="Role")
    purpose = forms.CharField(
        label="What staff access is for",
        max_length=200,
        required=False,
        help_text="Needed for staff roles only. It is shown in the audit log, and to the people whose data it is about.",
    )
    ends_on = forms.DateField(
        label="Last day of staff access",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Needed for staff roles only. Access stops at the end of that day, UTC.",
    )

    def __init__(self, *args: Any, roles: tuple[Role, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(r.value, r.label) for r in roles]
        if not any(r.is_staff for r in roles):
            del self.fields["purpose"], self.fields["ends_on"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("role") or not Role(data["role"]).is_staff:
            return data | {"purpose": "", "ends_at": None}
        if not data.get("purpose"):
            self.add_error("purpose", "Say what this member of staff needs access for.")
        last_day = data.get("ends_on")
        if last_day is None and "ends_on" not in self.errors:
            self.add_error("ends_on", "Say until when. It can be made longer later.")
        elif last_day is not None and last_day < clock.today():
            self.add_error("ends_on", "That day has passed.")
        elif last_day is not None and last_day > clock.today() + LONGEST_GRANT:
            self.add_error("ends_on", "A grant lasts a year at most; then look at it again.")
        elif last_day is not None:
            data["ends_at"] = datetime.combine(last_day + timedelta(days=1), time.min, UTC)
        return data


class InvitationForm(_GrantForm):
    """Whom to invite, as what."""

    email = forms.EmailField(label="E-mail address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    field_order = ("email", "role", "purpose", "ends_on")


class AccessForm(_GrantForm):
    """What somebody who is there may do."""

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        ends_on = (membership.ends_at - timedelta(days=1)).date() if membership.ends_at else None
        initial = {"role": membership.role, "purpose": membership.purpose, "ends_on": ends_on}
        super().__init__(*args, initial=initial, **kwargs)


class AuditFilterForm(forms.Form):
    """What to look for in the audit log; it comes from the address."""

    since = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    person = forms.ModelChoiceField(label="Who", required=False, queryset=None, empty_label="Anybody")
    verb = forms.ChoiceField(label="What", required=False, choices=[("", "Anything"), *sorted(VERBS.items(), key=itemgetter(1))])
    subject = forms.CharField(label="About the id", required=False, max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, people: QuerySet[Person], **kwargs: Any) -> None:
        super().__init__(*args, auto_id="filter_%s", **kwargs)
        self.fields["person"].queryset = people

    def wanted(self) -> AuditFilter:
        """The filter, once the form is valid."""
        data = self.cleaned_data
        return AuditFilter(
            since=data["since"],
            until=data["until"],
            person=data["person"].pk if data["person"] else None,
            verb=data["verb"],
            subject=data["subject"].strip(),
        )


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


class _CountedCode(BaseAuthenticateForm):
    """A code from an app, or a recovery code. It shares its tries with the password."""

    def clean_code(self) -> str:
        guess = guessing.begin(self.user.email)
        if guess is None:
            raise get_adapter().validation_error("too_many_login_attempts")
        code = super().clean_code()
        guessing.was_right(guess)
        return code


class CodeForm(_CountedCode, AuthenticateForm):
    """The second half of signing in."""


class CodeAgainForm(_CountedCode, ReauthenticateForm):
    """The second factor asked for again."""


class _AnyBytes:
    """What a browser hands over as a passkey may be anything, and the library that reads it raises anything."""

    def clean_credential(self) -> Any:
        return _or_refused(super().clean_credential)


def _or_refused(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except forms.ValidationError:
        raise
    except Exception as error:
        logger.info("what should be a passkey is none: %s", type(error).__name__)
        raise mfa_adapter().validation_error("incorrect_code") from None


class PasskeySignInForm(_AnyBytes, LoginWebAuthnForm):
    """Signing in with a passkey alone."""


class PasskeyCodeForm(_AnyBytes, AuthenticateWebAuthnForm):
    """A passkey after the password."""


class PasskeyAgainForm(_AnyBytes, ReauthenticateWebAuthnForm):
    """A passkey asked for again."""


class PasskeyForm(AddWebAuthnForm):
    """A new passkey. All of ours sign in by themselves, so each must have made sure of its owner."""

    passwordless = None

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["passwordless"] = True
        return _or_refused(super().clean)


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
