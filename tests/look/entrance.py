"""Forms like those of the product, and the pages on the way in: sign-in, passwords, second factor."""

from datetime import UTC, datetime
from typing import Any

import qrcode
from django import forms
from qrcode.image.svg import SvgPathImage


class InvitationForm(forms.Form):
    email = forms.EmailField(label="E-mail address")
    role = forms.ChoiceField(label="Role", choices=(("client_viewer", "Client viewer"), ("creator", "Creator")))
    purpose = forms.CharField(label="What staff access is for", required=False, help_text="It is shown in the audit log.")


class AccessForm(forms.Form):
    role = forms.ChoiceField(label="Role", choices=(("client_viewer", "Client viewer"), ("creator", "Creator")))
    purpose = forms.CharField(label="What staff access is for", required=False)
    ends_on = forms.DateField(label="Last day of staff access", required=False, widget=forms.DateInput(attrs={"type": "date"}))


class AuditFilterForm(forms.Form):
    since = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    verb = forms.ChoiceField(label="What", required=False, choices=(("", "Anything"), ("page.read", "Looked at a page")))
    subject = forms.CharField(label="About the id", required=False)


class AcceptanceForm(forms.Form):
    name = forms.CharField(label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label="Password", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), help_text="At least 12 characters."
    )


class AccountForm(forms.Form):
    name = forms.CharField(label="Your name")
    theme = forms.ChoiceField(
        label="Appearance", choices=(("system", "As the device"), ("light", "Light"), ("dark", "Dark")), widget=forms.RadioSelect
    )


class SignInForm(forms.Form):
    login = forms.EmailField(label="Email", widget=forms.EmailInput(attrs={"placeholder": "Email address", "autocomplete": "email"}))
    password = forms.CharField(
        label="Password", widget=forms.PasswordInput(attrs={"placeholder": "Password", "autocomplete": "current-password"})
    )
    remember = forms.BooleanField(label="Remember me", required=False)


class CodeForm(forms.Form):
    code = forms.CharField(label="Code", widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}))
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class RenameForm(forms.Form):
    name = forms.CharField(label="Name")


KEY = {
    "pk": 1,
    "wrap": {"name": "Edge on Windows"},
    "created_at": datetime(2026, 5, 1, tzinfo=UTC),
    "last_used_at": datetime(2026, 5, 20, tzinfo=UTC),
}


def two_factor() -> dict[str, Any]:
    drawing = qrcode.make("otpauth://totp/Sample:maya", image_factory=SvgPathImage).to_string(encoding="unicode")
    return {"form": CodeForm(), "totp_svg": drawing}


PAGES: dict[str, tuple[str, Any]] = {
    "sign-in": ("account/login.html", lambda: {"form": SignInForm({"login": "maya", "password": ""})}),
    "sign-out": ("account/logout.html", dict),
    "inactive": ("account/account_inactive.html", dict),
    "password-reset": ("account/password_reset.html", lambda: {"form": InvitationForm()}),
    "password-reset-sent": ("account/password_reset_done.html", dict),
    "password-choose": ("account/password_reset_from_key.html", lambda: {"form": AcceptanceForm()}),
    "password-choose-late": ("account/password_reset_from_key.html", lambda: {"token_fail": True}),
    "password-chosen": ("account/password_reset_from_key_done.html", dict),
    "password-change": ("account/password_change.html", lambda: {"form": AcceptanceForm()}),
    "password-set": ("account/password_set.html", lambda: {"form": AcceptanceForm()}),
    "again": (
        "account/reauthenticate.html",
        lambda: {"form": CodeForm(), "reauthentication_alternatives": ({"url": "/x", "description": "Use your code"},)},
    ),
    "code-again": ("mfa/reauthenticate.html", two_factor),
    "code": ("mfa/authenticate.html", two_factor),
    "two-factor": ("mfa/index.html", lambda: {"authenticators": {"totp": True}, "is_mfa_enabled": True}),
    "two-factor-off": ("mfa/index.html", lambda: {"authenticators": {}}),
    "two-factor-start": ("mfa/totp/activate_form.html", two_factor),
    "two-factor-end": ("mfa/totp/deactivate_form.html", lambda: {"form": forms.Form()}),
    "passkey-add": (
        "mfa/webauthn/add_form.html",
        lambda: {"form": RenameForm(), "js_data": {"creation_options": {"publicKey": {"challenge": "x"}}}},
    ),
    "passkeys": ("mfa/webauthn/authenticator_list.html", lambda: {"authenticators": (KEY, KEY | {"pk": 2, "last_used_at": None})}),
    "passkeys-none": ("mfa/webauthn/authenticator_list.html", lambda: {"authenticators": ()}),
    "passkey-remove": ("mfa/webauthn/authenticator_confirm_delete.html", lambda: {"object": KEY}),
    "passkey-rename": ("mfa/webauthn/edit_form.html", lambda: {"form": RenameForm()}),
    "passkey-again": (
        "mfa/webauthn/reauthenticate.html",
        lambda: {"js_data": {"request_options": {"publicKey": {"challenge": "x"}}}, "reauthentication_alternatives": ()},
    ),
    "codes": (
        "mfa/recovery_codes/index.html",
        lambda: {
            "unused_codes": [f"{n:08}" for n in range(10)],
            "total_count": 10,
            "can_view_codes": True,
            "can_download_codes": True,
            "can_generate_codes": True,
        },
    ),
    "codes-new": ("mfa/recovery_codes/generate.html", lambda: {"form": forms.Form(), "unused_code_count": 3}),
}
