"""Every address says who may open it; one that does not stops start-up."""

from typing import Any

import pytest
from django.core import checks as django_checks
from django.http import HttpResponse
from django.urls import include, path

from agency import checks, urls
from agency.access import PUBLIC, SIGNED_IN
from agency.roles import Can

# What anybody on the internet may open, and why. A new line here is a decision.
OPEN_TO_ALL = {
    "health": "the load balancer asks",
    "security_txt": "where to report a weakness",
    **dict.fromkeys(("tiktok_api", "walkthrough", "privacy_policy", "terms", "glossary", "security"), "for everybody, the same for all"),
    "invitation": "the token is the proof",
    "stop_mail": "the signed link is the proof; mail programs have no session",
    "mail_events": "Amazon's servers post here; the signature is the proof",
    "confirm_recipient": "the signed link is the proof; its owner has no sign-in",
    "shared_report": "the link is the proof",
    "callback": "TikTok sends the browser here; it answers strangers with a page",
    "metrics": "Prometheus has a token and no session; without the token there is no such address",
    "webhooks": "TikTok's servers post here; the signature is the proof",
    "data_deletion": "for people who have no sign-in; it answers everybody the same",
    "deletion_confirm": "the signed link is the proof",
    "prove_deletion": "to TikTok's page; the reference is the proof, and it shows nothing",
    "deletion_proof": "the browser that went to TikTok is the proof",
    "deletion_status": "the reference is the proof; it names nobody",
    "correction_status": "likewise",
    "certificate": "as above",
    "certificate_key": "the key with which anybody verifies a certificate",
    "dev_mail": "does not exist unless a mail folder is set, which production forbids",
    "dev_mail_message": "as above",
    "dev_mail_html": "as above",
    "dev_mail_raw": "as above",
    "account_login": "signing in",
    "account_logout": "signing out",
    "account_inactive": "says that an account is closed",
    "tiktok_sign_in": "signing in with TikTok",
    "tiktok_sign_in_back": "the way back from TikTok; a trip of this browser is the proof",
    "account_reset_password": "asks for a mail",
    "account_reset_password_done": "says that a mail is on its way",
    "account_reset_password_from_key": "the key is the proof",
    "account_reset_password_from_key_done": "says that it worked",
    "mfa_login_webauthn": "signing in with a passkey",
    "mfa_authenticate": "the second half of signing in",
}


def undeclared(request: Any) -> HttpResponse:
    return HttpResponse()


def test_every_address_declares_who_may_open_it() -> None:
    found = checks.every_pattern()
    assert len(found) > 40
    for where, pattern in found:
        assert isinstance(pattern.callback.needs, Can) or pattern.callback.needs in {PUBLIC, SIGNED_IN}, where
    assert checks.every_address_declares_who_may_open_it(None) == []


@pytest.mark.parametrize("nested", [False, True])
def test_an_address_that_declares_nothing_stops_start_up(monkeypatch: pytest.MonkeyPatch, nested: bool) -> None:
    planted = path("planted", undeclared)
    if nested:
        planted = path("deep/", include([path("er/", include([path("planted", undeclared)]))]))
    monkeypatch.setattr(urls, "urlpatterns", [*urls.urlpatterns, planted])
    resolver = checks.get_resolver()
    monkeypatch.setitem(resolver.__dict__, "url_patterns", urls.urlpatterns)
    (error,) = (e for e in django_checks.run_checks(tags=["urls"]) if e.id == "agency.E001")
    assert error.level == django_checks.ERROR
    assert "planted" in error.msg
    assert error.hint


def test_only_these_addresses_are_open_to_strangers() -> None:
    assert {p.name for _, p in checks.every_pattern() if p.callback.needs == PUBLIC} == set(OPEN_TO_ALL)


def test_every_address_has_a_name_of_its_own_and_no_trailing_slash() -> None:
    names = [p.name for _, p in checks.every_pattern()]
    assert None not in names
    assert len(names) == len(set(names))
    assert [where for where, _ in checks.every_pattern() if where.endswith("/")] == ["dev/mail/"]
