"""The advertiser flow: consent and token of a TikTok for Business user, and the ad accounts and Business Centers that the token opens.

Owns the advertiser consent address, the exchange and revocation of that token, and who is behind it. The token has no expiry and no
refresh: it ends when the person or the app ends it (ReconnectNeeded). The consent takes no PKCE and no scopes; it shows what TikTok has
approved the app for. Stores nothing.

Besides what it names, each function raises ReconnectNeeded, NotGranted, OurMistake, Throttled, TryLater, AnswerLost and NotUnderstood.
TikTok's pages: https://business-api.tiktok.com/portal/docs (Authorization; Ad accounts; Business Center).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from agency.secret import Secret
from integrations.tiktok import reading
from integrations.tiktok.answers import NumberedPage, numbered_page, understood
from integrations.tiktok.errors import NotUnderstood, ReconnectNeeded
from integrations.tiktok.oauth import App
from integrations.tiktok.transport import Answer, BaseUrls, Transport

CONSENT_PATH = "/portal/auth"
CODE_TOKEN_REVOKED = 40105
MOST_ADVERTISERS_AT_ONCE = 100
ADVERTISER_FIELDS = (
    "advertiser_id", "name", "status", "role", "currency", "timezone", "display_timezone", "country", "language", "company", "industry",
    "balance", "create_time", "owner_bc_id", "advertiser_account_type", "rejection_reason",
)  # fmt: skip


@dataclass(frozen=True)
class AdvertiserGrant:
    """What the person granted. `permissions` are TikTok's numbers: 1 ad accounts, 2 ads, 4 reports, 6 creatives, and those below them."""

    access_token: Secret
    advertiser_ids: tuple[str, ...]
    permissions: frozenset[int]


@dataclass(frozen=True)
class AdvertiserName:
    advertiser_id: str
    advertiser_name: str | None


@dataclass(frozen=True)
class BusinessUser:
    """The person behind the token. `email` is masked by TikTok."""

    core_user_id: str
    display_name: str | None
    email: str | None
    avatar_url: str | None
    created_at: datetime | None


@dataclass(frozen=True)
class Advertiser:
    """An ad account. `timezone` may be an Etc/GMT name, whose sign is reversed: Etc/GMT+8 lies eight hours behind UTC.

    `balance` is in `currency`; `status` is a word such as STATUS_ENABLE.
    """

    advertiser_id: str
    name: str | None
    status: str | None
    role: str | None
    currency: str | None
    timezone: str | None
    display_timezone: str | None
    country: str | None
    language: str | None
    company: str | None
    industry: str | None
    balance: Decimal | None
    created_at: datetime | None
    owner_bc_id: str | None
    account_type: str | None
    rejection_reason: str | None


@dataclass(frozen=True)
class BusinessCenter:
    bc_id: str
    name: str | None
    company: str | None
    currency: str | None
    registered_area: str | None
    timezone: str | None
    status: str | None
    kind: str | None
    verification_status: str | None
    user_role: str | None


@dataclass(frozen=True)
class BusinessCenterAsset:
    """Something a Business Center owns or may use: an ad account, a TikTok account. The `advertiser_` parts are of ad accounts only."""

    asset_id: str
    asset_type: str | None
    asset_name: str | None
    relation_type: str | None
    relation_status: str | None
    advertiser_status: str | None
    advertiser_role: str | None
    advertiser_account_type: str | None
    owner_bc_name: str | None
    tt_account_roles: tuple[str, ...]


def advertiser_consent_url(base_urls: BaseUrls, *, app_id: str, redirect_uri: str, state: Secret | str) -> str:
    """Where to send the person's browser. TikTok sends it back to `redirect_uri` with `auth_code` and `state`."""
    parameters = {"app_id": app_id, "state": state.reveal() if isinstance(state, Secret) else state, "redirect_uri": redirect_uri}
    return f"{base_urls.business}{CONSENT_PATH}?{urlencode(parameters, quote_via=quote)}"


def exchange_auth_code(transport: Transport, app: App, *, auth_code: Secret) -> Answer[AdvertiserGrant]:
    """POST /oauth2/access_token/: turn the code of the callback into a token. A code works once and for an hour.

    Raises CodeRefused (start the consent again). After AnswerLost the code is spent in all likelihood.
    """
    body = {"app_id": app.app_id, "secret": app.secret, "auth_code": auth_code}
    answer = transport.business_post("/oauth2/access_token/", body=body)
    grant = _grant(answer.value)
    if grant is None:
        raise NotUnderstood(call=answer.call)
    return Answer(grant, answer.call)


def granted_advertisers(transport: Transport, app: App, *, access_token: Secret) -> Answer[tuple[AdvertiserName, ...]]:
    """GET /oauth2/advertiser/get/: every ad account that the token opens, not paged."""
    params = {"app_id": app.app_id, "secret": app.secret}
    answer = transport.business_get("/oauth2/advertiser/get/", params=params, access_token=access_token)
    return understood(
        answer,
        lambda data: reading.each(data, "list", _advertiser_name, noun="the ad account", named_by="advertiser_id"),
        "the list of ad accounts",
    )


def revoke_advertiser_token(transport: Transport, app: App, *, access_token: Secret) -> Answer[None]:
    """POST /oauth2/revoke_token/: end the consent at TikTok. One that is revoked already counts as done."""
    body = {"app_id": app.app_id, "secret": app.secret, "access_token": access_token}
    try:
        return Answer(None, transport.business_post("/oauth2/revoke_token/", body=body).call)
    except ReconnectNeeded as gone:
        if gone.call is None or gone.code != CODE_TOKEN_REVOKED:
            raise
        return Answer(None, gone.call)


def business_user(transport: Transport, *, access_token: Secret) -> Answer[BusinessUser]:
    """GET /user/info/: who gave the consent."""
    return understood(transport.business_get("/user/info/", params={}, access_token=access_token), _user, "the person")


def advertiser_info(
    transport: Transport, *, access_token: Secret, advertiser_ids: Sequence[str], fields: Sequence[str] = ADVERTISER_FIELDS
) -> Answer[tuple[Advertiser, ...]]:
    """GET /advertiser/info/: currency, time zone and state of up to 100 ad accounts. ValueError for none or more.

    One ad account that the token does not open fails the call with NotGranted.
    """
    if not 1 <= len(advertiser_ids) <= MOST_ADVERTISERS_AT_ONCE:
        raise ValueError("ask for one to a hundred ad accounts")
    params = {"advertiser_ids": list(advertiser_ids), "fields": list(fields)}
    answer = transport.business_get("/advertiser/info/", params=params, access_token=access_token)
    return understood(
        answer,
        lambda data: reading.each(data, "list", _advertiser, noun="the ad account", named_by="advertiser_id"),
        "the list of ad accounts",
    )


def business_centers_page(
    transport: Transport, *, access_token: Secret, bc_id: str | None = None, keyword: str | None = None, page: int = 1, page_size: int = 50
) -> Answer[NumberedPage[BusinessCenter]]:
    """GET /bc/get/: the Business Centers of the person, up to 50 a page."""
    filtering = None if keyword is None else {"keyword": keyword}
    params = {"bc_id": bc_id, "filtering": filtering, "page": page, "page_size": page_size}
    answer = transport.business_get("/bc/get/", params=params, access_token=access_token)
    return numbered_page(answer, "list", _business_center, noun="Business Center", asked=page)


def business_center_assets_page(
    transport: Transport,
    *,
    access_token: Secret,
    bc_id: str,
    asset_type: str,
    keyword: str | None = None,
    page: int = 1,
    page_size: int = 50,
) -> Answer[NumberedPage[BusinessCenterAsset]]:
    """GET /bc/asset/get/: what a Business Center holds of one kind, such as ADVERTISER or TT_ACCOUNT, up to 50 a page."""
    filtering = None if keyword is None else {"keyword": keyword}
    params = {"bc_id": bc_id, "asset_type": asset_type, "filtering": filtering, "page": page, "page_size": page_size}
    answer = transport.business_get("/bc/asset/get/", params=params, access_token=access_token)
    return numbered_page(answer, "list", _asset, noun="asset", named_by="asset_id", asked=page)


def _grant(data: Mapping[str, Any]) -> AdvertiserGrant | None:
    """All parts or nothing. That no ad account is open is an answer; that their list is missing is none."""
    permissions = data.get("scope")
    if not isinstance(data.get("advertiser_ids"), list) or not isinstance(permissions, list):
        return None
    if not all(type(permission) is int for permission in permissions):
        return None
    try:
        token = Secret(reading.required_text(data, "access_token"))
        return AdvertiserGrant(token, reading.identifiers(data, "advertiser_ids"), frozenset(permissions))
    except reading.Malformed:
        return None


def _advertiser_name(data: Mapping[str, Any]) -> AdvertiserName:
    return AdvertiserName(reading.identifier(data, "advertiser_id"), reading.text_or_none(data, "advertiser_name"))


def _user(data: Mapping[str, Any]) -> BusinessUser:
    return BusinessUser(
        core_user_id=reading.identifier(data, "core_user_id"),
        display_name=reading.text_or_none(data, "display_name"),
        email=reading.text_or_none(data, "email"),
        avatar_url=reading.text_or_none(data, "avatar_url"),
        created_at=reading.unix_time_or_none(data, "create_time"),
    )


def _advertiser(data: Mapping[str, Any]) -> Advertiser:
    return Advertiser(
        advertiser_id=reading.identifier(data, "advertiser_id"),
        name=reading.text_or_none(data, "name"),
        status=reading.text_or_none(data, "status"),
        role=reading.text_or_none(data, "role"),
        currency=reading.text_or_none(data, "currency"),
        timezone=reading.text_or_none(data, "timezone"),
        display_timezone=reading.text_or_none(data, "display_timezone"),
        country=reading.text_or_none(data, "country"),
        language=reading.text_or_none(data, "language"),
        company=reading.text_or_none(data, "company"),
        industry=reading.identifier_or_none(data, "industry"),
        balance=reading.decimal(data, "balance"),
        created_at=reading.unix_time_or_none(data, "create_time"),
        owner_bc_id=reading.identifier_or_none(data, "owner_bc_id"),
        account_type=reading.text_or_none(data, "advertiser_account_type"),
        rejection_reason=reading.text_or_none(data, "rejection_reason"),
    )


def _business_center(data: Mapping[str, Any]) -> BusinessCenter:
    info = reading.required_part(data, "bc_info")
    return BusinessCenter(
        bc_id=reading.identifier(info, "bc_id"),
        name=reading.text_or_none(info, "name"),
        company=reading.text_or_none(info, "company"),
        currency=reading.text_or_none(info, "currency"),
        registered_area=reading.text_or_none(info, "registered_area"),
        timezone=reading.text_or_none(info, "timezone"),
        status=reading.text_or_none(info, "status"),
        kind=reading.text_or_none(info, "type"),
        verification_status=reading.text_or_none(info, "verification_status"),
        user_role=reading.text_or_none(data, "user_role"),
    )


def _asset(data: Mapping[str, Any]) -> BusinessCenterAsset:
    return BusinessCenterAsset(
        asset_id=reading.identifier(data, "asset_id"),
        asset_type=reading.text_or_none(data, "asset_type"),
        asset_name=reading.text_or_none(data, "asset_name"),
        relation_type=reading.text_or_none(data, "relation_type"),
        relation_status=reading.text_or_none(data, "relation_status"),
        advertiser_status=reading.text_or_none(data, "advertiser_status"),
        advertiser_role=reading.text_or_none(data, "advertiser_role"),
        advertiser_account_type=reading.text_or_none(data, "advertiser_account_type"),
        owner_bc_name=reading.text_or_none(data, "owner_bc_name"),
        tt_account_roles=reading.texts(data, "tt_account_roles") or (),
    )
