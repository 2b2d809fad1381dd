"""How allauth is bent to the house: nobody registers, second-factor seeds are sealed to their person, mail leaves through our door."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import unstash_login
from allauth.core import context as allauth
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from agency import guessing, sessions
from agency.keyring import data_key
from agency.models import Person
from agency.outlets import mail
from agency.sealing import Binding, CannotOpen, seal, unseal

logger = logging.getLogger(__name__)
_KEY = "second-factors"
_owner: ContextVar[Person | None] = ContextVar("owner_of_second_factors", default=None)


class AccountAdapter(DefaultAccountAdapter):
    """No public registration; sign-in mail is ours."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        """Back to an address of the app and nowhere else; the callback's host, for one, is not the app."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts={settings.APP_HOST}, require_https=settings.APP_IS_HTTPS)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """allauth's mails (password reset, sign-in notices) use our three-file templates under emails/account/<name>/."""
        name = template_prefix.rsplit("/", 1)[-1]
        mail.send(mail.compose(f"account/{name}", to=email, context=context | {"email": email, "request": None}))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Under the app's address, whatever host the request named."""
        return settings.APP_URL + reverse(
            "account_reset_password_from_key", kwargs=dict(zip(("uidb36", "key"), key.split("-", 1), strict=True))
        )

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Person | None:
        """Signing in and being asked again, both by password. allauth counts in the cache; what counts is counted here."""
        guess = guessing.begin(str(credentials.get("email", "")))
        if guess is None:
            raise self.validation_error("too_many_login_attempts")
        person = super().authenticate(request, **credentials)
        if person is not None:
            guessing.was_right(guess)
        return person

    def set_password(self, user: Person, password: str) -> None:
        """A new password signs out every other browser, and after a reset every one."""
        super().set_password(user, password)
        request = allauth.request
        is_own = request is not None and request.user.is_authenticated and request.user.pk == user.pk
        sessions.end_all(user, but=request.session.session_key if is_own else None)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")


@contextmanager
def second_factors_of(person: Person) -> Iterator[None]:
    """Name the person whose second factors are made or read where no request does: commands and tests."""
    token = _owner.set(person)
    try:
        yield
    finally:
        _owner.reset(token)


class MFAAdapter(DefaultMFAAdapter):
    """allauth keeps seeds in clear unless these two are overridden.

    It does not say whose seed it is, so the person is the one who is signed in, or who is half-way through signing in. A seed
    that was moved to somebody else's row stays shut: its owner's app would otherwise sign in as them.
    """

    def encrypt(self, text: str) -> str:
        return seal(data_key(_KEY, create=True), text.encode(), _binding(_whose())).hex()

    def generate_authenticator_name(self, user: Person, type: Authenticator.Type) -> str:
        """What a new passkey is called until its owner says otherwise."""
        return sessions.device_of(allauth.request.headers.get("User-Agent", ""))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to the app's own host, whatever host the request named."""
        return {"id": urlsplit(settings.APP_URL).hostname or "", "name": settings.PRODUCT_NAME}

    def decrypt(self, encrypted_text: str) -> str:
        person = _whose()
        try:
            return unseal(data_key(_KEY), bytes.fromhex(encrypted_text), _binding(person)).decode()
        except (CannotOpen, ValueError):
            logger.error("a second factor cannot be opened", extra={"facts": {"person": str(person.pk)}})
            raise self.validation_error("incorrect_code") from None


def _whose() -> Person:
    request = allauth.request
    if (named := _owner.get()) is not None:
        return named
    if request is not None and request.user.is_authenticated:
        return request.user
    login = unstash_login(request, peek=True) if request is not None else None
    if login is None or login.user is None:
        raise LookupError("Whose second factor? Use second_factors_of(person).")
    return login.user


def _binding(person: Person) -> Binding:
    return Binding(
        workspace="", subject="people", table="mfa_authenticator", column="data", row=str(person.pk), generation=0, purpose="second factor"
    )
