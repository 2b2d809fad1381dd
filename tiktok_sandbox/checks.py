"""The order in which TikTok checks a call: token, scope, limit, parameters, ownership. Then the endpoint's handler answers."""

from typing import Any

from tiktok_sandbox import params
from tiktok_sandbox.dialects import Dialect
from tiktok_sandbox.endpoints import OWNER_PARAMETERS, Call, Endpoint, Flow
from tiktok_sandbox.envelope import (
    BAD_PARAMETER,
    NO_PERMISSION,
    SCOPE_MISSING,
    TOKEN_EXPIRED,
    TOKEN_INVALID,
    TOKEN_MISSING,
    TOO_MANY_REQUESTS,
    WRONG_KIND_OF_TOKEN,
    ApiError,
)
from tiktok_sandbox.grants import Access, mark_of
from tiktok_sandbox.wire import Request

OWNED = frozenset((*OWNER_PARAMETERS, "advertiser_id", "advertiser_ids", "bc_id"))


def carry_out(endpoint: Endpoint, request: Request, call: Call) -> Any:
    """Token, scope, limit, parameters, ownership, in this order; then the handler."""
    if endpoint.needs_token and endpoint.flow is Flow.ADVERTISER:
        _check_advertiser_token(endpoint, request, call)
    elif endpoint.needs_token:
        access = _access(endpoint, request, call)
        call.grant = access.grant
        if endpoint.scope is not None and endpoint.scope not in access.grant.scopes:
            raise ApiError(SCOPE_MISSING, f"The account has not authorized the scope {endpoint.scope}.")
        if endpoint.any_scope and not set(endpoint.any_scope) & set(access.grant.scopes):
            raise ApiError(SCOPE_MISSING, f"The account has authorized none of {', '.join(endpoint.any_scope)}.")
        limit, grant = endpoint.limit, access.grant
        if limit is not None and not call.desk.limits.allow(limit, grant.client, grant.open_id, endpoint.path, call.moment):
            wait = call.desk.limits.frees_in(limit, grant.client, grant.open_id, endpoint.path, call.moment)
            raise ApiError(TOO_MANY_REQUESTS, "Due to too many requests, requests from App are temporarily restricted.", retry_after=wait)
    call.request = request
    call.values = params.read_all(endpoint.params, _given(endpoint, request))
    for name in OWNER_PARAMETERS:
        if call.grant is not None and call.values.get(name, call.grant.open_id) != call.grant.open_id:
            raise ApiError(NO_PERMISSION, "No permission to operate this account.")
    advertiser = call.values.get("advertiser_id")
    if call.advertiser_grant is not None and advertiser is not None:
        check_advertiser(call, advertiser)
    return endpoint.handler(call)


def _given(endpoint: Endpoint, request: Request) -> dict[str, Any]:
    """What the caller sent, from where this endpoint looks for it."""
    if request.method == "GET":
        return params.query_values(request)
    if endpoint.body == "raw":
        return {**params.query_values(request), **_from_headers(endpoint, request)}
    if endpoint.body == "form":
        return params.form_values(request)
    if endpoint.body == "multipart":
        return params.multipart_values(request)
    # TikTok for Developers lets a body without content be left out.
    values = {} if endpoint.dialect is Dialect.OPEN and not request.body.strip() else params.body_values(request)
    in_query = [param.name for param in endpoint.params if param.where == params.QUERY]
    if in_query:
        query = params.query_values(request)
        values = {**values, **{name: query.get(name) for name in in_query}}
    return values


def _from_headers(endpoint: Endpoint, request: Request) -> dict[str, Any]:
    return {param.name: request.headers.get(param.name) for param in endpoint.params if param.where == params.HEADER}


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


def _access(endpoint: Endpoint, request: Request, call: Call) -> Access:
    if endpoint.dialect is Dialect.BUSINESS:
        token, client = request.headers.get("access-token", ""), call.desk.app.app_id
    else:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        token, client = token.strip() if kind.lower() == "bearer" else "", call.desk.login.client_key
    if not token:
        raise ApiError(TOKEN_MISSING, "access_token is empty")
    call.mark = mark_of(token)
    access = live_access(call, token)
    if access.grant.client != client:
        raise ApiError(WRONG_KIND_OF_TOKEN, "This kind of token is not for this endpoint.")
    return access


def live_access(call: Call, token: str) -> Access:
    access = call.desk.grants.access(token)
    if access is None and call.desk.advertiser_grants.by_token(token) is not None:
        raise ApiError(WRONG_KIND_OF_TOKEN, "The access token does not fit this endpoint: a TikTok account's token is needed.")
    if access is None or access.grant.ended:
        raise ApiError(TOKEN_INVALID, "Access token is incorrect or has been revoked.")
    if call.moment >= access.ends_at:
        raise ApiError(TOKEN_EXPIRED, "Access token has expired.")
    return access


def refusals(endpoint: Endpoint) -> tuple[int, ...]:
    """The codes of the API for Business with which a call can end, from the checks above and from the endpoint's own list."""
    names = {param.name for param in endpoint.params}
    codes = {BAD_PARAMETER, *(code for code in endpoint.refuses if isinstance(code, int))}
    if endpoint.needs_token:
        codes |= {TOKEN_MISSING, TOKEN_INVALID, WRONG_KIND_OF_TOKEN}
        codes |= {TOKEN_EXPIRED} if endpoint.flow is Flow.ACCOUNT else set()
    if endpoint.scope is not None or endpoint.any_scope:
        codes.add(SCOPE_MISSING)
    if endpoint.permission is not None or (endpoint.needs_token and names & OWNED):
        codes.add(NO_PERMISSION)
    if endpoint.limit is not None:
        codes.add(TOO_MANY_REQUESTS)
    return tuple(sorted(codes))
