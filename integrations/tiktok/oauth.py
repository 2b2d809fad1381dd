"""Consent and tokens of the TikTok-account flow of the API for Business.

Owns the consent address, the PKCE challenge, and the exchange, refresh and revocation of tokens.
Stores nothing and refreshes nothing by itself: the old refresh token may die with the call, so who calls when is the caller's to decide.

TikTok's pages: https://business-api.tiktok.com/portal/docs (Accounts API, Authorization).
"""

import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from agency.secret import Secret
from integrations.tiktok import reading
from integrations.tiktok.errors import CodeRefused, NotUnderstood, ReconnectNeeded
from integrations.tiktok.transport import Answer, BaseUrls, Transport

CONSENT_PATH = "/v2/auth/authorize"
CODE_TOKEN_REVOKED = 40105


@dataclass(frozen=True)
class App:
    """Our app at TikTok: `app_id` is also its client id and client key."""

    app_id: str
    secret: Secret


@dataclass(frozen=True)
class TokenGrant:
    """What the person granted. `scopes` are those of the answer, which may be fewer than were asked for.

    `open_id` is the account's id within this app, and the `business_id` of every later call.
    """

    open_id: str
    access_token: Secret
    refresh_token: Secret
    expires_in_seconds: int
    refresh_expires_in_seconds: int
    scopes: frozenset[str]


def new_verifier() -> Secret:
    """A PKCE verifier: 64 characters out of the 43 to 128 allowed."""
    return Secret(secrets.token_urlsafe(48))


def hex_challenge(verifier: Secret) -> str:
    """TikTok's own encoding of the challenge: lower-case hexadecimal, although it calls the method S256."""
    return hashlib.sha256(verifier.reveal().encode("ascii")).hexdigest()


def base64url_challenge(verifier: Secret) -> str:
    """The encoding of RFC 7636, which TikTok refuses today."""
    digest = hashlib.sha256(verifier.reveal().encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


CHALLENGES: dict[str, Callable[[Secret], str]] = {"hex": hex_challenge, "base64url": base64url_challenge}


def account_consent_url(
    base_urls: BaseUrls, *, client_key: str, scopes: Iterable[str], redirect_uri: str, state: Secret | str, challenge: str | None
) -> str:
    """Where to send the person's browser. ValueError when no scope is asked for.

    `redirect_uri` must equal the registered one byte for byte. `disable_auto_auth` makes TikTok show its page even to somebody who has
    consented before; without it that person may come back without a fresh code.
    """
    asked = list(scopes)
    if not asked or not all(re.fullmatch(r"[a-z0-9_.]+", scope) for scope in asked):
        raise ValueError("a consent needs at least one scope, and scopes are words like user.info.basic")
    parameters = {
        "client_key": client_key,
        "scope": ",".join(asked),
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "state": state.reveal() if isinstance(state, Secret) else state,
    }
    if challenge is not None:
        parameters |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    parameters["disable_auto_auth"] = "1"
    return f"{base_urls.auth}{CONSENT_PATH}?{urlencode(parameters, quote_via=quote)}"


def exchange_code(transport: Transport, app: App, *, code: Secret, verifier: Secret | None, redirect_uri: str) -> Answer[TokenGrant]:
    """POST /tt_user/oauth2/token/: turn the code of the callback into tokens. A code works once and for ten minutes.

    Raises CodeRefused (start the consent again), OurMistake (app id, secret or redirect address), TryLater and its kinds, NotUnderstood.
    After AnswerLost the code is spent in all likelihood.
    """
    body: dict[str, Any] = {
        "client_id": app.app_id,
        "client_secret": app.secret,
        "grant_type": "authorization_code",
        "auth_code": code,
        "redirect_uri": redirect_uri,
    }
    if verifier is not None:
        body["code_verifier"] = verifier
    return granted(transport.business_post("/tt_user/oauth2/token/", body=body))


def refresh_grant(transport: Transport, app: App, *, refresh_token: Secret) -> Answer[TokenGrant]:
    """POST /tt_user/oauth2/refresh_token/: fresh tokens. The old refresh token may be dead at once: keep the one that comes back.

    `refresh_expires_in_seconds` is what remains; refreshing does not start the year anew.
    Raises ReconnectNeeded (refresh token dead), OurMistake, TryLater and its kinds, NotUnderstood. When the error's `may_have_run` is
    true, TikTok may have rotated the token without our hearing of it.
    """
    body = {"client_id": app.app_id, "client_secret": app.secret, "grant_type": "refresh_token", "refresh_token": refresh_token}
    try:
        answer = transport.business_post("/tt_user/oauth2/refresh_token/", body=body)
    except CodeRefused as refused:  # TikTok's family "account consent failed": here there is no code, so it means the refresh token
        raise ReconnectNeeded(call=refused.call, tiktok_message=refused.tiktok_message) from None
    return granted(answer)


def revoke(transport: Transport, app: App, *, access_token: Secret) -> Answer[None]:
    """POST /tt_user/oauth2/revoke/: end the consent at TikTok. Needs a live access token; one that is revoked already counts as done.

    Raises TokenExpired (refresh first, then revoke), OurMistake, TryLater and its kinds, NotUnderstood.
    """
    body = {"client_id": app.app_id, "client_secret": app.secret, "access_token": access_token}
    try:
        return Answer(None, transport.business_post("/tt_user/oauth2/revoke/", body=body).call)
    except ReconnectNeeded as gone:
        if gone.call is None or gone.code != CODE_TOKEN_REVOKED:
            raise
        return Answer(None, gone.call)


def granted(answer: Answer[Mapping[str, Any]], *, refresh_expiry: str = "refresh_token_expires_in") -> Answer[TokenGrant]:
    """The grant in an answer, of which Login Kit calls one part by another name. Raises NotUnderstood when a part is missing."""
    grant = _grant(answer.value, refresh_expiry)
    if grant is None:
        raise NotUnderstood(call=answer.call)
    return Answer(grant, answer.call)


def _grant(data: Mapping[str, Any], refresh_expiry: str) -> TokenGrant | None:
    """All parts or nothing: a grant without its refresh token or its expiry would look healthy and die unseen."""
    try:
        return TokenGrant(
            open_id=_of_length(reading.identifier(data, "open_id"), "open_id", 120),
            access_token=Secret(reading.required_text(data, "access_token")),
            refresh_token=Secret(reading.required_text(data, "refresh_token")),
            expires_in_seconds=reading.positive(data, "expires_in"),
            refresh_expires_in_seconds=reading.positive(data, refresh_expiry),
            scopes=frozenset(
                _of_length(scope, "scope", 40)
                for scope in re.split(r"[,\s]+", reading.required_text(data, "scope", may_be_empty=True))
                if scope
            ),
        )
    except reading.Malformed:
        return None


def _of_length(name: str, part: str, longest: int) -> str:
    if len(name) > longest or not name.isprintable():
        raise reading.Malformed(part)
    return name
