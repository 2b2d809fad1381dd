"""Which addresses of ours TikTok may fetch files from: domains and prefixes that the app has proved to be its own.

Authenticated by app id and secret, without a token. The proof, a text in the DNS or a file, is the caller's to place.
Besides what it names, each function raises OurMistake (app id, secret, address), TryLater and its kinds, and NotUnderstood.

TikTok's pages: https://business-api.tiktok.com/portal/docs (Accounts API, URL properties).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from integrations.tiktok import reading
from integrations.tiktok.answers import understood
from integrations.tiktok.oauth import App
from integrations.tiktok.transport import Answer, Transport

VERIFIED = 1


class PropertyKind(IntEnum):
    """A domain covers the names below it, a prefix everything that begins with it."""

    DOMAIN = 1
    PREFIX = 2


@dataclass(frozen=True)
class UrlProperty:
    """`signature` is the text for the DNS of a domain, and the content of the file `file_name` at a prefix."""

    kind: PropertyKind
    url: str
    is_verified: bool
    signature: str | None
    file_name: str | None


def add_property(transport: Transport, app: App, *, kind: PropertyKind, url: str) -> Answer[UrlProperty]:
    """POST /business/property/add/: claim an address. Claiming it again answers the same proof."""
    return _property(transport, "/business/property/add/", app, kind, url)


def verify_property(transport: Transport, app: App, *, kind: PropertyKind, url: str) -> Answer[UrlProperty]:
    """POST /business/property/verify/: have TikTok look for the proof. One that it did not find is an answer, not an error."""
    return _property(transport, "/business/property/verify/", app, kind, url)


def delete_property(transport: Transport, app: App, *, kind: PropertyKind, url: str) -> Answer[UrlProperty]:
    """POST /business/property/delete/: claim it no more. Answers what it was."""
    return _property(transport, "/business/property/delete/", app, kind, url)


def url_properties(transport: Transport, app: App) -> Answer[tuple[UrlProperty, ...]]:
    """GET /business/property/list/: everything that the app has claimed."""
    params = {"app_id": app.app_id, "secret": app.secret}
    answer = transport.business_get("/business/property/list/", params=params)

    def read(data: Mapping[str, Any]) -> tuple[UrlProperty, ...]:
        if "url_property_info_list" not in data:
            raise reading.Malformed("url_property_info_list")  # nobody has shown its name: under another one it would look empty
        return reading.each(data, "url_property_info_list", _read)

    return understood(answer, read, "the list of addresses")


def _property(transport: Transport, path: str, app: App, kind: PropertyKind, url: str) -> Answer[UrlProperty]:
    body = {"app_id": app.app_id, "secret": app.secret, "url_property_meta": {"property_type": int(kind), "url": url}}
    answer = transport.business_post(path, body=body)
    return understood(answer, lambda data: _read(reading.required_part(data, "url_property_info")), "the address")


def _read(data: Mapping[str, Any]) -> UrlProperty:
    kind = reading.whole(data, "property_type")
    if kind not in tuple(PropertyKind):
        raise reading.Malformed("property_type")
    return UrlProperty(
        kind=PropertyKind(kind),
        url=reading.required_text(data, "url"),
        is_verified=reading.whole(data, "property_status") == VERIFIED,
        signature=reading.text_or_none(data, "signature"),
        file_name=reading.text_or_none(data, "file_name"),
    )
