"""Calls an app makes for itself, with its id and secret instead of a token: webhook subscriptions and URL properties."""

import hmac
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from tiktok_sandbox.answers import ID, TEXT, each, list_of, record, word
from tiktok_sandbox.endpoints import Call, Endpoint
from tiktok_sandbox.envelope import BAD_APP_SECRET, NOT_FOUND, ApiError
from tiktok_sandbox.options import is_web_address
from tiktok_sandbox.params import Param, bad
from tiktok_sandbox.readers import Choice, Id, ListOf, Shape, Text, Whole
from tiktok_sandbox.world.chance import draw

EVENT_TYPES = ("COMMENT", "BRAND_MENTION", "VIDEO", "DIRECT_MESSAGE", "DEFAULT")
DOMAIN, PREFIX = 1, 2
VERIFIED, FAILED = 1, 2


def subscribe(call: Call) -> dict[str, Any]:
    _check_app(call)
    kind, url = call.values["event_type"], call.values["callback_url"]
    if not is_web_address(url):
        raise bad("callback_url: an address is expected.")
    _only_for_comments(call)
    call.desk.writes.subscriptions[kind] = {"callback_url": url, "item_list": list(call.values["item_list"])}
    call.desk.writes.changed()
    return _subscription(call)


def subscription(call: Call) -> dict[str, Any]:
    _check_app(call)
    return _subscription(call)


def unsubscribe(call: Call) -> dict[str, Any]:
    _check_app(call)
    _only_for_comments(call)
    kind, stop = call.values["event_type"], set(call.values["item_list"])
    answer, known = _subscription(call), call.desk.writes.subscriptions.get(kind)
    if known is not None:
        left = [item for item in known["item_list"] if item not in stop]
        if stop and left:
            known["item_list"] = left
        elif not stop or known["item_list"]:
            del call.desk.writes.subscriptions[kind]
        call.desk.writes.changed()
    return answer


def _subscription(call: Call) -> dict[str, Any]:
    """Without a subscription the answer has no address."""
    kind = call.values["event_type"]
    return {"app_id": call.values["app_id"], "event_type": kind, **call.desk.writes.subscriptions.get(kind, {})}


def _only_for_comments(call: Call) -> None:
    if call.values["item_list"] and call.values["event_type"] != "COMMENT":
        raise bad("item_list: only comments can be limited to posts.")


def add_property(call: Call) -> dict[str, Any]:
    _check_app(call)
    meta = call.values["url_property_meta"]
    key, properties = _property_key(meta), call.desk.writes.properties
    if key not in properties:
        signature = f"{draw(call.desk.world.seed, 'property', key):016x}{draw(call.desk.world.seed, 'signature', key):016x}"
        properties[key] = {
            "property_type": meta["property_type"],
            "url": meta["url"],
            "property_status": FAILED,
            "signature": f"tiktok-developers-site-verification={signature}",
            "file_name": f"tiktok{signature}.txt",
        }
        call.desk.writes.changed()
    return {"url_property_info": properties[key]}


def verify_property(call: Call) -> dict[str, Any]:
    """Nothing is fetched: every name proves to be the app's own, but those under .invalid and bare IP addresses do not."""
    row = _known_property(call)
    host = urlsplit(row["url"] if "//" in row["url"] else f"https://{row['url']}").hostname or ""
    row["property_status"] = FAILED if host.endswith(".invalid") or _is_ip(host) else VERIFIED
    call.desk.writes.changed()
    return {"url_property_info": row}


def delete_property(call: Call) -> dict[str, Any]:
    row = _known_property(call)
    del call.desk.writes.properties[_property_key(call.values["url_property_meta"])]
    call.desk.writes.changed()
    return {"url_property_info": row}


def list_properties(call: Call) -> dict[str, Any]:
    _check_app(call)
    return {"url_property_info_list": list(call.desk.writes.properties.values())}


def verified_addresses(call: Call) -> tuple[str, ...]:
    rows = [row for row in call.desk.writes.properties.values() if row["property_status"] == VERIFIED]
    return tuple(row["url"] if "//" in row["url"] else f"https://{row['url']}" for row in rows)


def _known_property(call: Call) -> dict[str, Any]:
    _check_app(call)
    row: dict[str, Any] | None = call.desk.writes.properties.get(_property_key(call.values["url_property_meta"]))
    if row is None:
        raise ApiError(NOT_FOUND, "The URL property does not exist.")
    return row


def _property_key(meta: dict[str, Any]) -> str:
    if meta["property_type"] == PREFIX and not (is_web_address(meta["url"]) and meta["url"].startswith("https://")):
        raise bad("url_property_meta.url: an https address is expected.")
    return f"{meta['property_type']} {meta['url']}"


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _check_app(call: Call) -> None:
    app = call.desk.app
    if call.values["app_id"] != app.app_id or not hmac.compare_digest(call.values["secret"].encode(), app.secret.encode()):
        raise ApiError(BAD_APP_SECRET, "App id or secret is invalid.")


APP = (Param("app_id", Text(), required=True), Param("secret", Text(), required=True))
EVENT = Param("event_type", Choice(EVENT_TYPES), required=True)
POSTS = Param("item_list", ListOf(Id(), 100, least=0), default=())
META = Param(
    "url_property_meta",
    Shape((Param("property_type", Whole(DOMAIN, PREFIX), required=True), Param("url", Text(2_048), required=True))),
    required=True,
)

SUBSCRIPTION = record({"app_id": ID, "event_type": word(*EVENT_TYPES)}, optional={"callback_url": TEXT, "item_list": list_of(ID)})
KNOWN = record(
    {**each(("property_type", "property_status"), {"type": "integer", "enum": [1, 2]}), **each(("url", "signature", "file_name"), TEXT)}
)
PROPERTY, PROPERTIES = record({"url_property_info": KNOWN}), record({"url_property_info_list": list_of(KNOWN)})
WRONG_APP = (BAD_APP_SECRET,)

ENDPOINTS = (
    Endpoint(
        "/business/webhook/update/",
        "POST",
        subscribe,
        (*APP, EVENT, Param("callback_url", Text(2_048), required=True), POSTS),
        evidence="T",
        gives=SUBSCRIPTION,
        refuses=WRONG_APP,
    ),
    Endpoint("/business/webhook/list/", "GET", subscription, (*APP, EVENT), evidence="T", gives=SUBSCRIPTION, refuses=WRONG_APP),
    Endpoint("/business/webhook/delete/", "POST", unsubscribe, (*APP, EVENT, POSTS), evidence="T", gives=SUBSCRIPTION, refuses=WRONG_APP),
    Endpoint("/business/property/add/", "POST", add_property, (*APP, META), evidence="C", gives=PROPERTY, refuses=WRONG_APP),
    Endpoint(
        "/business/property/verify/",
        "POST",
        verify_property,
        (*APP, META),
        evidence="C",
        gives=PROPERTY,
        refuses=(BAD_APP_SECRET, NOT_FOUND),
    ),
    Endpoint(
        "/business/property/delete/",
        "POST",
        delete_property,
        (*APP, META),
        evidence="C",
        gives=PROPERTY,
        refuses=(BAD_APP_SECRET, NOT_FOUND),
    ),
    Endpoint("/business/property/list/", "GET", list_properties, APP, evidence="C", gives=PROPERTIES, refuses=WRONG_APP),
)
