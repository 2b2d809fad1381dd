"""The battery's table for calls that an app makes in its own name: codes and tokens of all flows, subscriptions, addresses."""

from collections.abc import Callable
from typing import Any

from agency.secret import Secret
from integrations.tiktok import advertisers, login_kit, oauth, token_info, url_properties, webhook_subscriptions
from integrations.tiktok.errors import CodeRefused, ReconnectNeeded, TokenExpired
from integrations.tiktok.transport import Answer
from integrations.tiktok.url_properties import PropertyKind
from tests.integrations.tiktok.families import (
    A_YEAR,
    ACCOUNT,
    ADVERTISER,
    APP_ONLY,
    BIG,
    BUSINESS,
    LOGIN,
    WHO,
    Family,
    Holder,
    as_it_is,
    called,
)
from tests.local_tiktok import LocalTikTok

VERIFIER = oauth.new_verifier()
EVENT = {"event_type": "COMMENT"}
DOMAIN: dict[str, Any] = {"kind": PropertyKind.DOMAIN, "url": "media.example.com"}


def redirect_of(tiktok: LocalTikTok, *, portal: str = "app") -> str:
    return str(tiktok.http.get("/__control__/world", params={"limit": 0}).json()[portal]["redirect_uris"][0])


def an_account_code(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    redirect = redirect_of(tiktok)
    address = oauth.account_consent_url(
        holder.transport.base_urls,
        client_key=holder.app.app_id,
        scopes=["user.info.basic"],
        redirect_uri=redirect,
        state="s",
        challenge=oauth.hex_challenge(VERIFIER),
    )
    return {"code": Secret(tiktok.answer_consent(address, WHO)["code"]), "redirect": redirect}


def a_login_code(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    redirect = redirect_of(tiktok, portal="login_kit_app")
    address = login_kit.login_consent_url(
        holder.transport.base_urls,
        client_key=holder.app.app_id,
        scopes=["user.info.basic"],
        redirect_uri=redirect,
        state="s",
        challenge=oauth.hex_challenge(VERIFIER),
    )
    return {"code": Secret(tiktok.answer_consent(address, WHO)["code"]), "redirect": redirect}


def an_advertiser_code(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    address = advertisers.advertiser_consent_url(
        holder.transport.base_urls, app_id=holder.app.app_id, redirect_uri=redirect_of(tiktok), state="s"
    )
    return {"code": Secret(tiktok.answer_consent(address, WHO)["auth_code"])}


def a_refresh_token(flow: str) -> Callable[[LocalTikTok, Holder], dict[str, Any]]:
    def before(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
        granted = tiktok.control("grant", account=WHO, flow=flow, scopes=None)
        return {"refresh": Secret(granted.get("data", granted)["refresh_token"])}

    return before


def a_domain(tiktok: LocalTikTok, holder: Holder) -> dict[str, Any]:
    url_properties.add_property(holder.transport, holder.app, **DOMAIN)
    return {}


def app(function: Callable[..., Answer[Any]], path: str, arguments: dict[str, Any], **more: Any) -> Family:
    """With the app's id and secret alone: nobody's consent is in question."""
    return Family(
        function,
        BUSINESS + path,
        APP_ONLY,
        lambda h: function(h.transport, h.app, **arguments),
        **{"outlived": None, "revoked": None, **more},
    )


GRANT: dict[str, Any] = {"record": as_it_is, "names": called("open_id")}
BUSINESS_GRANT = {"open_id": BIG, "access_token": "a", "refresh_token": "r", "expires_in": 1, "refresh_token_expires_in": 1, "scope": ""}
LOGIN_GRANT = {"open_id": BIG, "access_token": "a", "refresh_token": "r", "expires_in": 1, "refresh_expires_in": 1, "scope": ""}
TOKEN_FAMILIES = (
    Family(
        oauth.exchange_code,
        f"{BUSINESS}/tt_user/oauth2/token/",
        ACCOUNT,
        lambda h: oauth.exchange_code(h.transport, h.app, code=h.known["code"], verifier=VERIFIER, redirect_uri=h.known["redirect"]),
        before=an_account_code,
        outlived=CodeRefused,
        revoked=CodeRefused,
        row=BUSINESS_GRANT,
        **GRANT,
    ),
    Family(
        oauth.refresh_grant,
        f"{BUSINESS}/tt_user/oauth2/refresh_token/",
        ACCOUNT,
        lambda h: oauth.refresh_grant(h.transport, h.app, refresh_token=h.known["refresh"]),
        before=a_refresh_token(ACCOUNT),
        life_seconds=A_YEAR,
        outlived=ReconnectNeeded,
        row=BUSINESS_GRANT,
        **GRANT,
    ),
    Family(
        oauth.revoke,
        f"{BUSINESS}/tt_user/oauth2/revoke/",
        ACCOUNT,
        lambda h: oauth.revoke(h.transport, h.app, access_token=h.token),
        revoked=None,
        takes_nothing=True,
    ),
    Family(
        token_info.token_info,
        f"{BUSINESS}/tt_user/token_info/get/",
        ACCOUNT,
        lambda h: token_info.token_info(h.transport, h.app, access_token=h.token),
        record=as_it_is,
        row={"app_id": "7", "creator_id": BIG, "scope": ""},
        names=called("open_id"),
    ),
    Family(
        login_kit.exchange_login_code,
        "/v2/oauth/token/",
        LOGIN,
        lambda h: login_kit.exchange_login_code(
            h.transport, h.app, code=h.known["code"], verifier=VERIFIER, redirect_uri=h.known["redirect"]
        ),
        before=a_login_code,
        outlived=CodeRefused,
        revoked=CodeRefused,
        is_flat=True,
        row=LOGIN_GRANT,
        **GRANT,
    ),
    Family(
        login_kit.refresh_login,
        "/v2/oauth/token/",
        LOGIN,
        lambda h: login_kit.refresh_login(h.transport, h.app, refresh_token=h.known["refresh"]),
        before=a_refresh_token(LOGIN),
        life_seconds=A_YEAR,
        outlived=ReconnectNeeded,
        is_flat=True,
        row=LOGIN_GRANT,
        **GRANT,
    ),
    Family(
        login_kit.revoke_login,
        "/v2/oauth/revoke/",
        LOGIN,
        lambda h: login_kit.revoke_login(h.transport, h.app, access_token=h.token),
        revoked=TokenExpired,
        takes_nothing=True,
        is_flat=True,
    ),
    Family(
        advertisers.exchange_auth_code,
        f"{BUSINESS}/oauth2/access_token/",
        ADVERTISER,
        lambda h: advertisers.exchange_auth_code(h.transport, h.app, auth_code=h.known["code"]),
        before=an_advertiser_code,
        outlived=CodeRefused,
        revoked=CodeRefused,
        record=as_it_is,
        row={"access_token": "a", "advertiser_ids": [BIG], "scope": []},
        names=lambda grant: grant.advertiser_ids[0],
    ),
    Family(
        advertisers.revoke_advertiser_token,
        f"{BUSINESS}/oauth2/revoke_token/",
        ADVERTISER,
        lambda h: advertisers.revoke_advertiser_token(h.transport, h.app, access_token=h.token),
        outlived=None,
        revoked=None,
        takes_nothing=True,
    ),
    app(
        webhook_subscriptions.update_subscription,
        "/business/webhook/update/",
        {**EVENT, "callback_url": "https://app.example.com/hook"},
        takes_nothing=True,
    ),
    app(
        webhook_subscriptions.subscription,
        "/business/webhook/list/",
        EVENT,
        record=as_it_is,
        row={"item_list": [BIG]},
        names=lambda found: found.item_ids[0],
        takes_nothing=True,
    ),
    app(webhook_subscriptions.delete_subscription, "/business/webhook/delete/", EVENT, takes_nothing=True),
    app(url_properties.add_property, "/business/property/add/", DOMAIN),
    app(url_properties.verify_property, "/business/property/verify/", DOMAIN, before=a_domain),
    app(url_properties.delete_property, "/business/property/delete/", DOMAIN, before=a_domain),
    app(url_properties.url_properties, "/business/property/list/", {}),
)
