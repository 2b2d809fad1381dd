"""What a write call on the advertiser side may say: budgets by currency, names, batches, repeats. Changes nothing."""

import unicodedata
from typing import Any

from tiktok_sandbox.endpoints import Call
from tiktok_sandbox.envelope import DUPLICATE_REQUEST, NOT_FOUND, ApiError
from tiktok_sandbox.params import bad
from tiktok_sandbox.world.adbook import RATIOS, Book
from tiktok_sandbox.world.adentities import DELETE

MOST_AT_ONCE = 20
HIGHEST = 10_000_000
CAMPAIGN_LEAST, GROUP_LEAST, SHOP_LEAST = 50, 20, 10
REMEMBERED = 10_000


def once(book: Book, values: dict[str, Any]) -> None:
    """A request id works once; the repeat is refused before anything happens."""
    given = values.get("request_id")
    if given is not None and given in book.requests:
        raise ApiError(DUPLICATE_REQUEST, "Duplicated request: this request_id has been used.")


def remember(book: Book, values: dict[str, Any]) -> None:
    given = values.get("request_id")
    if given is not None:
        book.requests[given] = None
        while len(book.requests) > REMEMBERED:
            book.requests.pop(next(iter(book.requests)))


def find(book: Book, kind: str, known: str) -> Any:
    """The entity, unless it is missing or deleted: deleted stays deleted."""
    table: dict[str, Any] = {"campaign": book.find_campaign, "adgroup": book.find_group, "ad": book.find_ad}[kind]
    if known not in table:
        raise ApiError(NOT_FOUND, f"{kind}_id: {known} does not exist.")
    return table[known]


def living(call: Call, book: Book, kind: str, known: str) -> Any:
    book.until(call.now)
    entity = find(book, kind, known)
    if entity.created > call.now:
        raise ApiError(NOT_FOUND, f"{kind}_id: {known} does not exist.")
    if entity.operation_at(call.now) == DELETE:
        raise bad(f"{kind}_id: {known} has been deleted.")
    return entity


def budget(book: Book, name: str, value: float, least: int) -> int:
    """The smallest units of an allowed daily budget; the range is that of the base currency times the currency's ratio."""
    currency = book.advertiser.currency
    ratio = RATIOS.get(currency, 1)
    if not least * ratio <= value < HIGHEST * ratio:
        raise bad(f"{name}: the budget must be at least {least * ratio:,} and less than {HIGHEST * ratio:,} {currency}.")
    units = value * 100 if book.advertiser.has_decimals else value
    if abs(units - round(units)) > 1e-6:
        raise bad(f"{name}: the precision of the budget is {'0.01' if book.advertiser.has_decimals else '1'} {currency}.")
    return round(units)


def plain_name(name: str, value: str, most: int) -> str:
    """Names of ad groups and ads take no emoji."""
    if not 1 <= len(value) <= most:
        raise bad(f"{name}: between 1 and {most} characters are expected.")
    if any(unicodedata.category(letter) == "So" and ord(letter) > 0x2BFF for letter in value):
        raise bad(f"{name}: emoji are not supported.")
    return value
