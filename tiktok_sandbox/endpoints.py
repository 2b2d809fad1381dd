"""What an endpoint is, and the order in which TikTok checks a call. The endpoints themselves live in families/."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tiktok_sandbox import params
from tiktok_sandbox.advertiser_grants import AdvertiserGrant, AdvertiserGrants
from tiktok_sandbox.envelope import (
    NO_PERMISSION,
    NO_SUCH_PATH,
    SCOPE_MISSING,
    TOKEN_EXPIRED,
    TOKEN_INVALID,
    TOKEN_MISSING,
    TOO_MANY_REQUESTS,
    WRONG_KIND_OF_TOKEN,
    ApiError,
)
from tiktok_sandbox.grants import Access, Grant, Grants, mark_of
from tiktok_sandbox.limits import Limit, Limits
from tiktok_sandbox.options import App
from tiktok_sandbox.params import Param
from tiktok_sandbox.webhooks import Webhooks
from tiktok_sandbox.wire import Request
from tiktok_sandbox.world.feed import Feed
from tiktok_sandbox.world.world import World

PREFIX = "/open_api/v1.3"
REMOVED_BY_PERSON, REMOVED_BY_APP = 1, 5


class Flow(StrEnum):
    """Whose token an endpoint takes."""

    ACCOUNT = "account"
    ADVERTISER = "advertiser"


@dataclass(slots=True)
class Desk:
    """What handlers may use. One for the life of the process; reset replaces the world in it."""

    app: App
    world: World
    grants: Grants
    limits: Limits
    webhooks: Webhooks
    advertiser_grants: AdvertiserGrants

    def withdraw(self, handle: str, client: str, reason: int) -> int:
        """End the app's access to an account and tell the app so."""
        ended = self.grants.end(handle, client)
        if ended:
            self.webhooks.announce("authorization.removed", self.world.open_id(handle, client), {"reason": reason})
        return ended


@dataclass(slots=True)
class Call:
    """One checked call on its way to its handler."""

    desk: Desk
    values: dict[str, Any]
    moment: float
    base: str
    grant: Grant | None = None
    mark: str | None = None
    advertiser_grant: AdvertiserGrant | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def now(self) -> int:
        return int(self.moment)

    @property
    def account(self) -> Grant:
        """The grant behind the token; endpoints without a token never ask."""
        assert self.grant is not None
        return self.grant

    @property
    def person(self) -> AdvertiserGrant:
        """The person of TikTok for Business behind the token; only endpoints of the advertiser flow ask."""
        assert self.advertiser_grant is not None
        return self.advertiser_grant

    @property
    def feed(self) -> Feed:
        return self.desk.world.feed(self.account.handle)

    def has(self, scope: str) -> bool:
        return scope in self.account.scopes


Handler = Callable[[Call], Any]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One line of the interface. `scope` is what the endpoint as a whole needs; fields have their own."""

    path: str
    method: str
    handler: Handler
    params: tuple[Param, ...]
    needs_token: bool = False
    scope: str | None = None
    limit: Limit | None = None
    evidence: str = "?"
    flow: Flow = Flow.ACCOUNT
    permission: int | None = None  # what the app needs towards advertisers
    is_kept: bool = False  # a state file keeps the calls, and they are carried out again after a restart


class Directory:
    """Every endpoint by path and method."""

    def __init__(self, endpoints: tuple[Endpoint, ...]) -> None:
        self._by_path: dict[str, dict[str, Endpoint]] = {}
        for endpoint in endpoints:
            self._by_path.setdefault(PREFIX + endpoint.path, {})[endpoint.method] = endpoint

    def find(self, request: Request) -> Endpoint:
        methods = self._by_path.get(request.path)
        if methods is None:
            raise ApiError(NO_SUCH_PATH, f"No schema found for path: {request.path[:200]}")
        endpoint = methods.get(request.method)
        if endpoint is None:
            raise ApiError(40000, f"Method not allowed. Use {' or '.join(methods)}.", status=405)
        return endpoint


def carry_out(endpoint: Endpoint, request: Request, call: Call) -> Any:
    """Token, scope, limit, parameters, ownership, in this order; then the handler."""
    if endpoint.needs_token and endpoint.flow is Flow.ADVERTISER:
        _check_advertiser_token(endpoint, request, call)
    elif endpoint.needs_token:
        access = _access(request, call)
        call.grant = access.grant
        if endpoint.scope is not None and endpoint.scope not in access.grant.scopes:
            raise ApiError(SCOPE_MISSING, f"The account has not authorized the scope {endpoint.scope}.")
        limit, grant = endpoint.limit, access.grant
        if limit is not None and not call.desk.limits.allow(limit, grant.client, grant.open_id, endpoint.path, call.moment):
            raise ApiError(TOO_MANY_REQUESTS, "Due to too many requests, requests from App are temporarily restricted.")
    values = params.query_values(request) if request.method == "GET" else params.body_values(request)
    call.values = params.read_all(endpoint.params, values)
    if call.grant is not None and call.values.get("business_id", call.grant.open_id) != call.grant.open_id:
        raise ApiError(NO_PERMISSION, "No permission to operate this business account.")
    advertiser = call.values.get("advertiser_id")
    if call.advertiser_grant is not None and advertiser is not None:
        check_advertiser(call, advertiser)
    return endpoint.handler(call)


def carry_out_again(endpoint: Endpoint, values: dict[str, Any], call: Call) -> None:
    """A kept call after a restart: it was allowed and checked when it came."""
    call.values = params.read_all(endpoint.params, values)
    endpoint.handler(call)


def check_advertiser(call: Call, advertiser_id: str) -> None:
    if advertiser_id not in call.desk.world.ads.ids_of(call.person.person):
        raise ApiError(NO_PERMISSION, f"No permission to operate advertiser {advertiser_id}.")


def _check_advertiser_token(endpoint: Endpoint, request: Request, call: Call) -> None:
    token = request.headers.get("access-token", "")
    if not token:
        raise ApiError(TOKEN_MISSING, "access_token is empty")
    call.mark = mark_of(token)
    grant = call.advertiser_grant = call.desk.advertiser_grants.by_token(token)
    if grant is None:
        if call.desk.grants.access(token) is not None:
            raise ApiError(WRONG_KIND_OF_TOKEN, "The access token does not fit this endpoint: an advertiser's token is needed.")
        raise ApiError(TOKEN_INVALID, "Access token is incorrect or has been revoked.")
    if endpoint.permission is not None and endpoint.permission not in grant.permissions:
        raise ApiError(NO_PERMISSION, f"The app has no permission for {endpoint.path}.")
    limit = endpoint.limit
    if limit is not None and not call.desk.limits.allow(limit, grant.client, grant.person, endpoint.path, call.moment):
        raise ApiError(TOO_MANY_REQUESTS, "Too many requests. Please retry in some time.")


def _access(request: Request, call: Call) -> Access:
    token = request.headers.get("access-token", "")
    if not token:
        raise ApiError(TOKEN_MISSING, "access_token is empty")
    call.mark = mark_of(token)
    return live_access(call, token)


def live_access(call: Call, token: str) -> Access:
    access = call.desk.grants.access(token)
    if access is None and call.desk.advertiser_grants.by_token(token) is not None:
        raise ApiError(WRONG_KIND_OF_TOKEN, "The access token does not fit this endpoint: a TikTok account's token is needed.")
    if access is None or access.grant.ended:
        raise ApiError(TOKEN_INVALID, "Access token is incorrect or has been revoked.")
    if call.moment >= access.ends_at:
        raise ApiError(TOKEN_EXPIRED, "Access token has expired.")
    return access
