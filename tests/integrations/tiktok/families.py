"""The table of the battery: one line for each function of the client, how to ask, and what the person's doings mean for it."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from agency.secret import Secret
from integrations.tiktok.errors import ReconnectNeeded, TikTokError, TokenExpired
from integrations.tiktok.oauth import App
from integrations.tiktok.transport import Answer, Transport
from tests.local_tiktok import LocalTikTok

BIG = 7510000000000000001
BUSINESS = "/open_api/v1.3"
ACCOUNT, ADVERTISER, LOGIN, APP_ONLY = "account", "advertiser", "login_kit", "app"
A_DAY, A_YEAR = 86_401, 366 * 86_400
WHO = "brassorbit3"


def _anything() -> dict[str, Any]:
    return defaultdict(lambda: "7500000000000000001")


@dataclass(frozen=True)
class Holder:
    """Whose token it is: `me` is the account's open_id or an ad account. `known` is what was made or looked up before the call."""

    transport: Transport
    token: Secret
    me: str
    app: App = field(default_factory=lambda: App("7400000000000000001", Secret("CanarySecret")))
    known: dict[str, Any] = field(default_factory=_anything)

    def account(self) -> dict[str, Any]:
        return {"access_token": self.token, "business_id": self.me}

    def creator(self) -> dict[str, Any]:
        return {"access_token": self.token, "creator_id": self.me}

    def advertiser(self) -> dict[str, Any]:
        return {"access_token": self.token, "advertiser_id": self.me}


Before = Callable[[LocalTikTok, Holder], dict[str, Any]]


def by_cursor(name: str) -> Callable[[list[Any], bool], dict[str, Any]]:
    return lambda rows, more: {name: rows, "cursor": 20, "has_more": more}


def by_number(name: str) -> Callable[[list[Any], bool], dict[str, Any]]:
    def page(rows: list[Any], more: bool) -> dict[str, Any]:
        return {name: rows, "page_info": {"page": 1, "page_size": 10, "total_number": 25 if more else 1, "total_page": 3 if more else 1}}

    return page


def as_it_is(row: dict[str, Any]) -> dict[str, Any]:
    """The record is the whole of the data."""
    return row


def under(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The record stands under a name."""
    return lambda row: {name: row}


def among(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The record is one of a list that has no pages."""
    return lambda row: {name: [row]}


@dataclass(frozen=True)
class Family:
    """`page` puts rows where TikTok puts them, `record` does so where there are no pages; `row` is the least one with a bare big id, and
    `names` reads that out of the answer.

    `before` makes or looks up what the call needs; it is run anew for each call, for not every call can be made twice. When it tells that
    it is `later`, the token has run out meanwhile and another one is needed. `less` are scopes or
    permissions with which TikTok does not open it. `outlived` and `revoked` are what comes when the token, or the code, has run out after
    `life_seconds`, or when the consent was taken back; None when that changes nothing. `takes_nothing` says that an answer without any
    part can be read: everything in it may be absent. `is_flat` answers have no envelope. `otherwise` names faults that mean something of
    their own here.
    """

    function: Callable[..., Any]
    path: str
    flow: str
    ask: Callable[[Holder], Answer[Any]]
    less: list[Any] = field(default_factory=list)
    page: Callable[[list[Any], bool], dict[str, Any]] | None = None
    record: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    row: dict[str, Any] = field(default_factory=dict)
    names: Callable[[Any], Any] = lambda value: value
    before: Before = lambda tiktok, holder: {}
    person: str = WHO
    life_seconds: int = A_DAY
    outlived: type[TikTokError] | None = TokenExpired
    revoked: type[TikTokError] | None = ReconnectNeeded
    takes_nothing: bool = False
    is_flat: bool = False
    otherwise: dict[str, type[TikTokError]] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.function.__name__


def first(name: str) -> Callable[[Any], Any]:
    return lambda value: getattr(value.records[0], name)


def called(name: str) -> Callable[[Any], Any]:
    return lambda value: getattr(value, name)
