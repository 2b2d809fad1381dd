"""Tokens of the advertiser flow: exchange in both forms, revoke, and what the token opens. They never expire and are never refreshed."""

import hmac
from typing import Any

from tiktok_sandbox.answers import COUNT, ID, TEXT, list_of, record
from tiktok_sandbox.endpoints import Call, Endpoint, Flow
from tiktok_sandbox.envelope import BAD_APP_SECRET, BAD_CODE, BAD_GRANT_TYPE, TOKEN_INVALID, ApiError, Flat
from tiktok_sandbox.grants import mark_of
from tiktok_sandbox.limits import Limit
from tiktok_sandbox.params import Param
from tiktok_sandbox.readers import Flag, Text
from tiktok_sandbox.scopes import PERMISSIONS
from tiktok_sandbox.world.chance import draw
from tiktok_sandbox.world.world import World


def exchange(call: Call) -> dict[str, Any]:
    _check_app(call, call.values["app_id"], call.values["secret"])
    answer = _exchanged(call, call.values["auth_code"])
    if not call.values["return_advertiser_ids"]:
        del answer["advertiser_ids"]
    return answer


def exchange_flat(call: Call) -> Flat:
    _check_app(call, call.values["client_id"], call.values["client_secret"])
    if call.values["grant_type"] != "authorization_code":
        raise ApiError(BAD_GRANT_TYPE, "Invalid grant type, authorization_code is expected.")
    return Flat(_exchanged(call, call.values["code"]))


def _exchanged(call: Call, text_of_code: str) -> dict[str, Any]:
    grants = call.desk.advertiser_grants
    code = grants.code(text_of_code, call.moment)
    if code is None or code.client != call.desk.app.app_id:
        raise ApiError(BAD_CODE, "Auth code is expired, has been used or is incorrect.")
    grants.take_code(text_of_code)
    return advertiser_answer(call, code.client, code.person, tuple(PERMISSIONS))


def advertiser_answer(call: Call, client: str, person: str, permissions: tuple[int, ...]) -> dict[str, Any]:
    """A new grant and the answer of the token endpoint for it."""
    grant = call.desk.advertiser_grants.consent(client, person, permissions, call.moment)
    return {"access_token": grant.token, "advertiser_ids": call.desk.world.ads.ids_of(person), "scope": list(permissions)}


def advertisers(call: Call) -> dict[str, Any]:
    _check_app(call, call.values["app_id"], call.values["secret"])
    ads = call.desk.world.ads
    return {"list": [{"advertiser_id": one, "advertiser_name": ads.advertisers[one].name} for one in ads.ids_of(call.person.person)]}


def tiktok_one_accounts(call: Call) -> dict[str, Any]:
    _check_app(call, call.values["app_id"], call.values["secret"])
    return {"tto_tcm_account_ids": [tiktok_one_account(call.desk.world, call.person.person)]}


def tiktok_one_account(world: World, person: str) -> str:
    """Everybody of TikTok for Business has one account of a brand there."""
    return str(7_600_000_000_000_000_000 + draw(world.seed, person, "tiktok one") % 10**15)


def revoke(call: Call) -> dict[str, Any]:
    token = call.values["access_token"]
    call.mark = mark_of(token)
    _check_app(call, call.values["app_id"], call.values["secret"])
    grant = call.desk.advertiser_grants.by_token(token)
    if grant is None:
        raise ApiError(TOKEN_INVALID, "Access token is incorrect or has been revoked.")
    opened = call.desk.world.ads.ids_of(grant.person)
    call.desk.advertiser_grants.end(grant.person, grant.client)
    return {"app_id": grant.client, "advertiser_ids": opened}


def _check_app(call: Call, app_id: str, secret: str) -> None:
    app = call.desk.app
    if app_id != app.app_id or not hmac.compare_digest(secret.encode(), app.secret.encode()):
        raise ApiError(BAD_APP_SECRET, "App id or secret is invalid.")


APP_PARAMS = (Param("app_id", Text(), required=True), Param("secret", Text(), required=True))

TOKEN = {"access_token": TEXT, "scope": list_of(COUNT)}
OPENED = {"advertiser_ids": list_of(ID)}

ENDPOINTS = (
    Endpoint(
        "/oauth2/access_token/",
        "POST",
        exchange,
        (*APP_PARAMS, Param("auth_code", Text(), required=True), Param("return_advertiser_ids", Flag(), default=True)),
        evidence="T",
        flow=Flow.ADVERTISER,
        gives=record(TOKEN, optional=OPENED),
        refuses=(BAD_APP_SECRET, BAD_CODE),
    ),
    *(
        Endpoint(
            path,
            "POST",
            exchange_flat,
            (
                Param("client_id", Text(), required=True),
                Param("client_secret", Text(), required=True),
                Param("grant_type", Text(), required=True),
                Param("code", Text(), required=True),
            ),
            evidence="C",
            flow=Flow.ADVERTISER,
            gives=record({**TOKEN, **OPENED}),
            is_flat=True,
            refuses=(BAD_APP_SECRET, BAD_GRANT_TYPE, BAD_CODE),
        )
        for path in ("/oauth/token/", "/oauth2/token/")
    ),
    Endpoint(
        "/oauth2/advertiser/get/",
        "GET",
        advertisers,
        APP_PARAMS,
        needs_token=True,
        limit=Limit.MARKETING,
        evidence="T",
        flow=Flow.ADVERTISER,
        gives=record({"list": list_of(record({"advertiser_id": ID, "advertiser_name": TEXT}))}),
        refuses=(BAD_APP_SECRET,),
    ),
    Endpoint(
        "/tto/oauth2/tcm/",
        "GET",
        tiktok_one_accounts,
        APP_PARAMS,
        needs_token=True,
        limit=Limit.MARKETING,
        evidence="C",
        flow=Flow.ADVERTISER,
        gives=record({"tto_tcm_account_ids": list_of(ID)}),
        refuses=(BAD_APP_SECRET,),
    ),
    Endpoint(
        "/oauth2/revoke_token/",
        "POST",
        revoke,
        (*APP_PARAMS, Param("access_token", Text(), required=True)),
        evidence="T",
        flow=Flow.ADVERTISER,
        gives=record({"app_id": ID, **OPENED}),
        refuses=(BAD_APP_SECRET, TOKEN_INVALID),
    ),
)
