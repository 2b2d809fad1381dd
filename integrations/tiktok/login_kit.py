"""Login Kit of TikTok for Developers: consent and tokens for the Display API and posting. Not those of the API for Business, although both
consents begin at the same address.

Owns the consent address and the exchange, refresh and revocation of these tokens. Stores nothing and refreshes nothing by itself: the old
refresh token dies with the call, so who calls when is the caller's to decide. Two lives of tokens are documented (2 hours and 180 days, 24
hours and a year): go by what the grant says.

TikTok's pages: https://developers.tiktok.com/doc/login-kit-web and https://developers.tiktok.com/doc/oauth-user-access-token-management
"""

import re
from collections.abc import Iterable
from urllib.parse import quote, urlencode

from agency.secret import Secret
from integrations.tiktok.errors import CodeRefused, NotUnderstood, ReconnectNeeded, TokenExpired
from integrations.tiktok.oauth import App, TokenGrant, granted
from integrations.tiktok.transport import Answer, BaseUrls, Transport

CONSENT_PATH = "/v2/auth/authorize/"
TOKEN_PATH = "/v2/oauth/token/"  # noqa: S105
REVOKE_PATH = "/v2/oauth/revoke/"
REFRESH_EXPIRY = "refresh_expires_in"


def login_consent_url(
    base_urls: BaseUrls, *, client_key: str, scopes: Iterable[str], redirect_uri: str, state: Secret | str, challenge: str
) -> str:
    """Where to send the person's browser. The challenge is `oauth.hex_challenge`. ValueError when no scope is asked for."""
    asked = list(scopes)
    if not asked or not all(re.fullmatch(r"[a-z0-9_.]+", scope) for scope in asked):
        raise ValueError("a consent needs at least one scope, and scopes are words like user.info.basic")
    parameters = {
        "client_key": client_key,
        "response_type": "code",
        "scope": ",".join(asked),
        "redirect_uri": redirect_uri,
        "state": state.reveal() if isinstance(state, Secret) else state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "disable_auto_auth": "1",
    }
    return f"{base_urls.auth}{CONSENT_PATH}?{urlencode(parameters, quote_via=quote)}"


def exchange_login_code(transport: Transport, app: App, *, code: Secret, verifier: Secret, redirect_uri: str) -> Answer[TokenGrant]:
    """POST /v2/oauth/token/: turn the decoded code of the callback into tokens. A code works once.

    Raises CodeRefused (start the consent again), OurMistake (client key, secret, redirect address, verifier), TryLater and its kinds,
    NotUnderstood. After AnswerLost the code is spent in all likelihood.
    """
    form = {
        "client_key": app.app_id,
        "client_secret": app.secret,
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    return granted(transport.developers_form(TOKEN_PATH, form=form), refresh_expiry=REFRESH_EXPIRY)


def refresh_login(transport: Transport, app: App, *, refresh_token: Secret) -> Answer[TokenGrant]:
    """The same address: fresh tokens. Keep the refresh token that comes back, for the old one is dead at once.

    Raises ReconnectNeeded (refresh token dead), OurMistake, TryLater and its kinds, NotUnderstood. When the error's `may_have_run` is true,
    TikTok may have rotated the token without our hearing of it.
    """
    form = {"client_key": app.app_id, "client_secret": app.secret, "grant_type": "refresh_token", "refresh_token": refresh_token}
    try:
        answer = transport.developers_form(TOKEN_PATH, form=form)
    except CodeRefused as refused:  # invalid_grant: here there is no code, so it means the refresh token
        raise ReconnectNeeded(call=refused.call, tiktok_message=refused.tiktok_message) from None
    return granted(answer, refresh_expiry=REFRESH_EXPIRY)


def revoke_login(transport: Transport, app: App, *, access_token: Secret) -> Answer[None]:
    """POST /v2/oauth/revoke/: end the consent at TikTok. Needs a live access token.

    Raises TokenExpired when TikTok does not know the token: refresh first, then revoke; when that says ReconnectNeeded, it is done already.
    Also OurMistake, TryLater and its kinds, NotUnderstood.
    """
    form = {"client_key": app.app_id, "client_secret": app.secret, "token": access_token}
    try:
        answer = transport.developers_form(REVOKE_PATH, form=form)
    except CodeRefused as refused:
        raise TokenExpired(call=refused.call, tiktok_message=refused.tiktok_message) from None
    if set(answer.value) - {"log_id"}:
        raise NotUnderstood(call=answer.call)  # a success says nothing
    return Answer(None, answer.call)
