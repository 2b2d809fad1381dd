"""Tokens of the TikTok-account flow: exchange, refresh, revoke, look up. They authenticate with app id and secret, not with a token."""

import hmac
from hashlib import sha256
from typing import Any

from tiktok_sandbox.answers import COUNT, TEXT, record, word
from tiktok_sandbox.checks import live_access
from tiktok_sandbox.endpoints import REMOVED_BY_APP, Call, Endpoint
from tiktok_sandbox.envelope import (
    BAD_APP_SECRET,
    BAD_CODE,
    BAD_GRANT_TYPE,
    REFRESH_EXPIRED,
    REFRESH_INVALID,
    TOKEN_EXPIRED,
    TOKEN_INVALID,
    WRONG_KIND_OF_TOKEN,
    ApiError,
)
from tiktok_sandbox.grants import ACCESS_LIFE, Grant, mark_of
from tiktok_sandbox.params import Param
from tiktok_sandbox.readers import Text


def exchange(call: Call) -> dict[str, Any]:
    _check_app(call, "authorization_code")
    code = call.desk.grants.code(call.values["auth_code"], call.moment)
    if code is None or code.client != call.values["client_id"]:
        raise ApiError(BAD_CODE, "Authorization code is expired, has been used or is incorrect.")
    if call.values["redirect_uri"] != code.redirect_uri:
        raise ApiError(BAD_CODE, "Redirect_uri is not matched with the uri when requesting code.")
    if code.challenge is not None and not _verifies(call.values["code_verifier"], code.challenge):
        raise ApiError(BAD_CODE, "Code verifier or code challenge is invalid.")
    call.desk.grants.take_code(call.values["auth_code"])
    return consent_answer(call, code.client, code.handle, code.scopes)


def consent_answer(call: Call, client: str, handle: str, scopes: tuple[str, ...]) -> dict[str, Any]:
    """A new grant and the answer of the token endpoint for it."""
    open_id = call.desk.world.open_id(handle, client)
    grant, access, refresh = call.desk.grants.consent(client, handle, open_id, scopes, call.moment)
    return _token_answer(call, grant, access, refresh)


def refresh(call: Call) -> dict[str, Any]:
    call.mark = mark_of(call.values["refresh_token"])
    _check_app(call, "refresh_token")
    grant = call.desk.grants.by_refresh_token(call.values["refresh_token"])
    if grant is None or grant.client != call.values["client_id"]:
        raise ApiError(REFRESH_INVALID, "Refresh token is invalid.")
    if call.moment >= grant.refresh_ends_at:
        raise ApiError(REFRESH_EXPIRED, "Refresh token has expired.")
    return _token_answer(call, grant, *call.desk.grants.rotate(grant, call.moment))


def revoke(call: Call) -> dict[str, Any]:
    call.mark = mark_of(call.values["access_token"])
    _check_app(call)
    grant = live_access(call, call.values["access_token"]).grant
    if grant.client != call.values["client_id"]:
        raise ApiError(TOKEN_INVALID, "Access token is incorrect or has been revoked.")
    call.desk.withdraw(grant.handle, grant.client, REMOVED_BY_APP)
    return {}


def token_info(call: Call) -> dict[str, Any]:
    call.mark = mark_of(call.values["access_token"])
    if call.values["app_id"] != call.desk.app.app_id:
        raise ApiError(BAD_APP_SECRET, "App id is invalid.")
    grant = live_access(call, call.values["access_token"]).grant
    return {"app_id": grant.client, "scope": ",".join(grant.scopes), "creator_id": grant.open_id}


def _check_app(call: Call, grant_type: str | None = None) -> None:
    app = call.desk.app
    if call.values["client_id"] != app.app_id or not hmac.compare_digest(call.values["client_secret"].encode(), app.secret.encode()):
        raise ApiError(BAD_APP_SECRET, "App id or secret is invalid.")
    if grant_type is not None and call.values["grant_type"] != grant_type:
        raise ApiError(BAD_GRANT_TYPE, f"Invalid grant type, {grant_type} is expected.")


def _verifies(verifier: str | None, challenge: str) -> bool:
    """TikTok's reading of S256: the digest as lower-case hex, not as base64url."""
    return verifier is not None and sha256(verifier.encode()).hexdigest() == challenge


def _token_answer(call: Call, grant: Grant, access: str, refresh: str) -> dict[str, Any]:
    return {
        "access_token": access,
        "token_type": "Bearer",
        "scope": ",".join(grant.scopes),
        "expires_in": ACCESS_LIFE,
        "refresh_token": refresh,
        "refresh_token_expires_in": int(grant.refresh_ends_at - call.moment),
        "open_id": grant.open_id,
    }


TOKENS = record(
    {
        "access_token": TEXT,
        "token_type": word("Bearer"),
        "scope": TEXT,
        "expires_in": COUNT,
        "refresh_token": TEXT,
        "refresh_token_expires_in": COUNT,
        "open_id": TEXT,
    }
)
NOT_LIVE = (TOKEN_INVALID, TOKEN_EXPIRED, WRONG_KIND_OF_TOKEN)
APP_PARAMS = (Param("client_id", Text(), required=True), Param("client_secret", Text(), required=True))

ENDPOINTS = (
    Endpoint(
        "/tt_user/oauth2/token/",
        "POST",
        exchange,
        (
            *APP_PARAMS,
            Param("grant_type", Text(), required=True),
            Param("auth_code", Text(), required=True),
            Param("redirect_uri", Text(), required=True),
            Param("code_verifier", Text()),
        ),
        evidence="T",
        gives=TOKENS,
        refuses=(BAD_APP_SECRET, BAD_GRANT_TYPE, BAD_CODE),
    ),
    Endpoint(
        "/tt_user/oauth2/refresh_token/",
        "POST",
        refresh,
        (*APP_PARAMS, Param("grant_type", Text(), required=True), Param("refresh_token", Text(), required=True)),
        evidence="T",
        gives=TOKENS,
        refuses=(BAD_APP_SECRET, BAD_GRANT_TYPE, REFRESH_INVALID, REFRESH_EXPIRED),
    ),
    Endpoint(
        "/tt_user/oauth2/revoke/",
        "POST",
        revoke,
        (*APP_PARAMS, Param("access_token", Text(), required=True)),
        evidence="T",
        refuses=(BAD_APP_SECRET, *NOT_LIVE),
    ),
    Endpoint(
        "/tt_user/token_info/get/",
        "POST",
        token_info,
        (Param("app_id", Text(), required=True), Param("access_token", Text(), required=True)),
        evidence="T",
        gives=record({"app_id": TEXT, "scope": TEXT, "creator_id": TEXT}),
        refuses=(BAD_APP_SECRET, *NOT_LIVE),
    ),
)
