"""How allauth is bent to the house: nobody registers, second-factor seeds are sealed, mail leaves through our door."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.urls import reverse

from agency.keyring import data_key
from agency.outlets import mail
from agency.sealing import Binding, seal, unseal

_SEEDS = Binding(workspace="", subject="people", table="mfa_authenticator", column="data", row="", generation=0, purpose="second factor")
_KEY = "second-factors"


class AccountAdapter(DefaultAccountAdapter):
    """No public registration; sign-in mail is ours."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """allauth's mails (password reset, sign-in notices) use our three-file templates under emails/account/<name>/."""
        name = template_prefix.rsplit("/", 1)[-1]
        mail.send(mail.compose(f"account/{name}", to=email, context=context | {"request": None}))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")


class MFAAdapter(DefaultMFAAdapter):
    """allauth keeps seeds in clear unless these two are overridden."""

    def encrypt(self, text: str) -> str:
        return seal(data_key(_KEY, create=True), text.encode(), _SEEDS).hex()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(data_key(_KEY), bytes.fromhex(encrypted_text), _SEEDS).decode()
