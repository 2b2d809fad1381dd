"""Tokens of TikTok for Developers: exchange, refresh, client token, revoke. Flat answers, and errors with a word instead of a number."""

import hmac
import secrets
from hashlib import sha256
from typing import Any

from tiktok_sandbox.answers import COUNT, TEXT, each, record, word
from tiktok_sandbox.checks import live_access
from tiktok_sandbox.dialects import Dialect
from tiktok_sandbox.endpoints import REMOVED_BY_APP, Call, Endpoint, Word
from tiktok_sandbox.envelope import ApiError
from tiktok_sandbox.grants import Grant, mark_of
from tiktok_sandbox.params import Param, bad
from tiktok_sandbox.readers import Text

# Access and refresh token by profile: the documents of November 2026, and the older ones.
LIVES = {"2h": (7_200, 15_552_000), "24h": (86_400, 31_536_000)}
CLIENT_TOKEN_LIFE = 7_200


def token(call: Call) -> dict[str, Any]:
    _check_client(call)
    match call.values["grant_type"]:
        case "authorization_code":
            return _exchange(call)
        case "refresh_token":
            return _refresh(call)
        case "client_credentials":
            return {"access_token": f"clt.{secrets.token_urlsafe(36)}", "expires_in": CLIENT_TOKEN_LIFE, "token_type": "Bearer"}
    raise ApiError("unsupported_grant_type", "The grant type is not supported.")


def _exchange(call: Call) -> dict[str, Any]:
    text = _needed(call, "code")
    code = call.desk.grants.code(text, call.moment)
    if code is None or code.client != call.values["client_key"]:
        raise ApiError("invalid_grant", "Authorization code is expired.")
    if _needed(call, "redirect_uri") != code.redirect_uri:
        raise ApiError("invalid_request", "Redirect_uri is not matched with the uri when requesting code.")
    verifier = call.values["code_verifier"] or ""
    if code.challenge is not None and sha256(verifier.encode()).hexdigest() != code.challenge:
        raise ApiError("invalid_request", "Code verifier or code challenge is invalid.")
    call.desk.grants.take_code(text)
    return login_answer(call, code.handle, code.scopes)


def login_answer(call: Call, handle: str, scopes: tuple[str, ...]) -> dict[str, Any]:
    """A new grant and the answer of the token endpoint for it."""
    client = call.desk.login.client_key
    lives = LIVES[call.desk.switches.login_token_profile]
    open_id = call.desk.world.open_id(handle, client)
    grant, access, refresh = call.desk.grants.consent(client, handle, open_id, scopes, call.moment, lives=lives)
    return _answer(call, grant, access, refresh)


def _refresh(call: Call) -> dict[str, Any]:
    text = _needed(call, "refresh_token")
    call.mark = mark_of(text)
    grant = call.desk.grants.by_refresh_token(text)
    if grant is None or grant.client != call.values["client_key"] or call.moment >= grant.refresh_ends_at:
        raise ApiError("invalid_grant", "Refresh token is invalid or expired.")
    if call.desk.switches.login_token_profile == "24h":  # noqa: S105
        return _answer(call, grant, call.desk.grants.renew_access(grant, call.moment), text)
    return _answer(call, grant, *call.desk.grants.rotate(grant, call.moment, strict=True))


def revoke(call: Call) -> dict[str, Any]:
    _check_client(call)
    text = _needed(call, "token")
    call.mark = mark_of(text)
    try:
        grant = live_access(call, text).grant
    except ApiError:
        raise ApiError("invalid_grant", "Access token is invalid or expired.") from None
    if grant.client != call.values["client_key"]:
        raise ApiError("invalid_grant", "Access token is invalid or expired.")
    call.desk.withdraw(grant.handle, grant.client, REMOVED_BY_APP)
    return {}


def _check_client(call: Call) -> None:
    login, secret = call.desk.login, call.values["client_secret"]
    if secret is None:
        raise ApiError("invalid_request", "Client secret is missed in request.")
    if call.values["client_key"] != login.client_key or not hmac.compare_digest(secret.encode(), login.secret.encode()):
        raise ApiError("invalid_client", "Client key or secret is incorrect.")


def _needed(call: Call, name: str) -> str:
    value = call.values[name]
    if value is None:
        raise bad("The request parameters are malformed.")
    return str(value)


def _answer(call: Call, grant: Grant, access: str, refresh: str) -> dict[str, Any]:
    return {
        "access_token": access,
        "expires_in": grant.access_life,
        "open_id": grant.open_id,
        "refresh_expires_in": int(grant.refresh_ends_at - call.moment),
        "refresh_token": refresh,
        "scope": ",".join(grant.scopes),
        "token_type": "Bearer",
    }


CLIENT = (Param("client_key", Text(), required=True), Param("client_secret", Text()))

# A client's own token has no person: neither refresh token nor open id nor scopes.
TOKENS = record(
    {"access_token": TEXT, "expires_in": COUNT, "token_type": word("Bearer")},
    optional={**each(("open_id", "refresh_token", "scope"), TEXT), "refresh_expires_in": COUNT},
)
REFUSED = (Word("invalid_request", 200), Word("invalid_client", 200), Word("invalid_grant", 200))

ENDPOINTS = (
    Endpoint(
        "/v2/oauth/token/",
        "POST",
        token,
        (
            *CLIENT,
            Param("grant_type", Text(), required=True),
            Param("code", Text()),
            Param("redirect_uri", Text()),
            Param("code_verifier", Text()),
            Param("refresh_token", Text()),
        ),
        evidence="T",
        dialect=Dialect.OAUTH,
        body="form",
        gives=TOKENS,
        refuses=(*REFUSED, Word("unsupported_grant_type", 200)),
    ),
    Endpoint(
        "/v2/oauth/revoke/",
        "POST",
        revoke,
        (*CLIENT, Param("token", Text())),
        evidence="T",
        dialect=Dialect.OAUTH,
        body="form",
        refuses=REFUSED,
    ),
)
