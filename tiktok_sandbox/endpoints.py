"""What an endpoint is: everything that is declared of it, and what its handler may use. The endpoints themselves live in families/."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from tiktok_sandbox import publishing
from tiktok_sandbox.advertiser_grants import AdvertiserGrant, AdvertiserGrants
from tiktok_sandbox.answers import NOTHING, Schema
from tiktok_sandbox.dialects import Dialect
from tiktok_sandbox.envelope import (
    METHOD_NOT_ALLOWED,
    NO_SUCH_PATH,
    NOT_FOUND,
    ApiError,
)
from tiktok_sandbox.grants import Grant, Grants
from tiktok_sandbox.limits import Limit, Limits
from tiktok_sandbox.options import App
from tiktok_sandbox.params import Param
from tiktok_sandbox.switches import Switches
from tiktok_sandbox.webhooks import Webhooks
from tiktok_sandbox.wire import Request
from tiktok_sandbox.world.feed import Feed
from tiktok_sandbox.world.posts import Post
from tiktok_sandbox.world.world import World
from tiktok_sandbox.writes import Writes

PREFIX = "/open_api/v1.3"
REMOVED_BY_PERSON, REMOVED_BY_APP = 1, 5
OWNER_PARAMETERS = ("business_id", "creator_id")


class Flow(StrEnum):
    """Whose token an endpoint takes."""

    ACCOUNT = "account"
    ADVERTISER = "advertiser"


@dataclass(slots=True)
class Desk:
    """What handlers may use. One for the life of the process; reset replaces the world in it."""

    app: App
    login: App  # the same developer's app at TikTok for Developers
    world: World
    grants: Grants
    limits: Limits
    webhooks: Webhooks
    advertiser_grants: AdvertiserGrants
    writes: Writes
    switches: Switches

    def withdraw(self, handle: str, client: str, reason: int) -> int:
        """End the app's access to an account and tell the app so."""
        ended = self.grants.end(handle, client)
        if ended:
            publishing.fail_all_of(self, handle, client, self.webhooks.now())
            self.tell("authorization.removed", handle, client, {"reason": reason})
        return ended

    def tell(
        self,
        event: str,
        handle: str,
        client: str,
        content: dict[str, Any],
        *,
        kind: str = "",
        item_id: str = "",
        at: float | None = None,
        key: str = "",
    ) -> None:
        """Send an event to who subscribed to its kind, or else to the app's one address."""
        subscription, url = self.writes.subscriptions.get(kind) if client == self.app.app_id else None, None
        if subscription is not None:
            if item_id and subscription["item_list"] and item_id not in subscription["item_list"]:
                return
            url = subscription["callback_url"]
        self.webhooks.announce(event, self.world.open_id(handle, client), content, client=client, url=url, at=at, key=key)


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
    request: Request | None = None

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

    def own_post(self, item_id: str) -> Post:
        """A post of the account behind the token, as of now."""
        post = self.feed.find(item_id, self.now + 1)
        if post is None:
            raise ApiError(NOT_FOUND, "The post does not exist or is not one of this account.")
        return post


Handler = Callable[[Call], Any]


class Word(NamedTuple):
    """A refusal of TikTok for Developers: its word, and the status it comes with."""

    code: str
    status: int


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
    dialect: Dialect = Dialect.BUSINESS
    body: str = "json"  # what a POST carries: json, form, multipart, or raw bytes that the handler reads itself
    kinds: tuple[str, ...] = ()  # the content types of raw bytes
    any_scope: tuple[str, ...] = ()  # one of these is enough
    flow: Flow = Flow.ACCOUNT
    permission: int | None = None  # what the app needs towards advertisers
    is_kept: bool = False  # a state file keeps the calls, and they are carried out again after a restart
    # What it answers, for the description.
    gives: Schema | None = field(default_factory=lambda: NOTHING)  # the data of a success; None: it has none
    is_flat: bool = False  # its fields stand beside the code
    may_be_partial: bool = False
    file: str | None = None  # the content type, where a file can come instead of the envelope
    statuses: tuple[int, ...] = ()  # where a status says everything
    refuses: tuple[int | Word, ...] = ()  # codes beyond those that follow from the rest of the declaration

    @property
    def full_path(self) -> str:
        return PREFIX + self.path if self.dialect is Dialect.BUSINESS else self.path


class Directory:
    """Every endpoint by path and method."""

    def __init__(self, endpoints: tuple[Endpoint, ...]) -> None:
        self._by_path: dict[str, dict[str, Endpoint]] = {}
        for endpoint in endpoints:
            self._by_path.setdefault(endpoint.full_path, {})[endpoint.method] = endpoint

    def knows(self, path: str) -> bool:
        return path in self._by_path

    def find(self, request: Request) -> Endpoint:
        methods = self._by_path.get(request.path)
        if methods is None:
            raise ApiError(NO_SUCH_PATH, f"No schema found for path: {request.path[:200]}")
        endpoint = methods.get(request.method)
        if endpoint is None:
            raise ApiError(METHOD_NOT_ALLOWED, f"Method not allowed. Use {' or '.join(methods)}.", status=405)
        return endpoint
