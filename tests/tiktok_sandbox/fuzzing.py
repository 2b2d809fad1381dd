"""What the request fuzz needs: real values to aim with, descriptions narrowed to them, and the requests themselves. Judges no answer."""

import os
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import requests
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, Response

from tests.tiktok_sandbox import advertising, login_kit
from tests.tiktok_sandbox.advertising import Desk
from tests.tiktok_sandbox.driver import API, APP_ID, REDIRECT_URI, SECRET, VERIFIER, Driver
from tests.tiktok_sandbox.login_kit import LoginKit

LONG = os.environ.get("CHAOS") == "long"
NOW = "2026-05-27T09:00:00Z"
Document = dict[str, Any]
Values = dict[str, list[Any]]
METHODS = ("get", "post", "put")


@schemathesis.serializer("video/mp4", "video/quicktime", "video/webm")
def video(context: Any, value: Any) -> bytes:
    return value.data if hasattr(value, "data") else str(value).encode()


@dataclass
class Range:
    """A running sandbox with tokens of every flow, and the values by which its things are known."""

    base: str
    tokens: dict[str, str]
    values: Values
    by_path: dict[str, Values]  # what differs below a path
    session: requests.Session
    asked: set[str] = field(default_factory=set)  # operations
    succeeded: set[str] = field(default_factory=set)  # those that gave something

    def below(self, path: str) -> Values:
        return {name: known for start, some in self.by_path.items() if path.startswith(start) for name, known in some.items()}

    def aims(self, path: str) -> Values:
        return {**self.values, **self.below(path)}

    def headers(self, flow: str | None) -> dict[str, str]:
        if flow is None:
            return {}
        return {"Authorization": f"Bearer {self.tokens[flow]}"} if flow == "login_kit" else {"Access-Token": self.tokens[flow]}


def prepared(sandbox: Driver) -> Range:
    """The same world each time. Tokens that the calls end belong to somebody else."""
    sandbox.control("reset", {"now": NOW})
    sandbox.control("limits", {"enabled": False})
    sandbox.control("switches", {"verified_urls": ["https://www.example.com/"], "direct_posts_a_day": 10_000, "pending_drafts": 10_000})
    own, ads, kit = sandbox.grant(), advertising.desk(sandbox), LoginKit(sandbox)
    values = {**_of_app(sandbox), **_of_account(sandbox), **_of_ads(ads)}
    publish = kit_publish(kit)
    values |= {"publish_id": [publish["publish_id"]], "upload_id": [publish["upload_id"]], "upload_token": [publish["upload_token"]]}
    with_images = {"business_id": own.open_id, "post_info": {}, "photo_images": ["https://www.example.com/a.jpg"]}
    shared = sandbox.http.post(f"{API}/business/photo/publish/", json=with_images, headers={"Access-Token": own.access}).json()["data"]
    session = requests.Session()
    session.trust_env = False
    tokens = {"account": own.access, "advertiser": ads.token, "login_kit": kit.token["access_token"]}
    return Range(sandbox.base, tokens, values, _by_path(sandbox, shared["share_id"]), session)


def kit_publish(kit: LoginKit) -> dict[str, str]:
    kit.grant()
    source = {"source": "FILE_UPLOAD", "video_size": 5, "chunk_size": 5, "total_chunk_count": 1}
    begun = kit.post("/post/publish/inbox/video/init/", {"source_info": source}).json()["data"]
    query = dict(part.split("=") for part in begun["upload_url"].partition("?")[2].split("&"))
    return {"publish_id": begun["publish_id"], **query}


def same(names: tuple[str, ...], known: list[Any]) -> Values:
    return dict.fromkeys(names, known)


def _of_app(sandbox: Driver) -> Values:
    meta = {"url_property_meta": {"property_type": 1, "url": "www.example.com"}}
    for name in ("add", "verify"):
        assert sandbox.post(f"/business/property/{name}/", app_id=APP_ID, secret=SECRET, **meta)["code"] == 0
    doomed = sandbox.control("grant", {"account": "moontideco2", "flow": "account"})["data"]
    doomed_ads = advertising.desk(sandbox, "moontideco2").token
    return {
        **same(("app_id", "client_id"), [APP_ID]),
        **same(("secret", "client_secret"), [SECRET]),
        "client_key": [APP_ID],
        "grant_type": ["authorization_code"],
        "redirect_uri": [REDIRECT_URI],
        "code": [advertising.answer_portal(sandbox, person="moontideco2")["code"]],
        "code_verifier": [VERIFIER],
        "code_challenge": [sha256(VERIFIER.encode()).hexdigest()],
        "access_token": [doomed["access_token"], doomed_ads],
        "refresh_token": [doomed["refresh_token"]],
        "scope": ["user.info.basic,video.list"],
        "account": ["brassorbit3", "moontideco2"],
        **same(("url", "callback_url", "video_url"), ["https://www.example.com/a.mp4", "https://www.example.com/"]),
        "photo_images": ["https://www.example.com/a.jpg"],
        "content-range": ["bytes 0-4/5", "bytes 0-9/10"],
    }


def _by_path(sandbox: Driver, share_id: str) -> dict[str, Values]:
    kit = LoginKit(sandbox)
    doomed = sandbox.control("grant", {"account": "moontideco2", "flow": "login_kit"})
    report = {"report_type": ["BASIC"], "data_level": ["AUCTION_AD"], "dimensions": ["ad_id"]}
    seen, week = sandbox.world("brassorbit3")["mentions"], sandbox.control("clock")["sample_week"]
    dates = {"start_date": [week["first"]], "end_date": [week["last"]]}
    return {
        "/v2/oauth/": {
            "client_key": [login_kit.CLIENT_KEY],
            "client_secret": [login_kit.SECRET],
            "grant_type": ["authorization_code", "refresh_token", "client_credentials"],
            "redirect_uri": [login_kit.REDIRECT_URI],
            "code": [kit.code("moontideco2")],
            "refresh_token": [doomed["refresh_token"]],
            "token": [doomed["access_token"]],
        },
        f"{API}/tt_user/oauth2/token/": {"auth_code": [sandbox.answer_consent(account="moontideco2")["code"] for _ in range(3)]},
        f"{API}/tt_user/oauth2/refresh_token/": {"grant_type": ["refresh_token"]},
        f"{API}/oauth2/access_token/": {"auth_code": [advertising.answer_portal(sandbox)["code"] for _ in range(3)]},
        f"{API}/business/mention/video/get/": {"item_id": [seen["videos"][-1]["item_id"]]},
        f"{API}/business/mention/comment/get/": {name: [seen["comments"][-1][name]] for name in ("item_id", "comment_id")},
        f"{API}/business/publish/": {"publish_id": [share_id]},
        f"{API}/report/integrated/": {**report, **dates},
        f"{API}/report/task/create/": {**report, **dates, "file_name": ["a report"]},
        f"{API}/business/comment/": {"text": ["Thank you"]},
        f"{API}/adgroup/budget/": {"budget": [60, 500]},
    }


def _of_account(sandbox: Driver) -> Values:
    me = sandbox.world("brassorbit3")
    posts = [post["item_id"] for post in me["posts"] if post["comments"]][-6:]
    comments = sandbox.control("world", account="brassorbit3", limit=0, item_id=posts[-1])["comments"]
    tops = [one["comment_id"] for one in comments if one["parent_comment_id"] is None][:4]
    replies = [one["comment_id"] for one in comments if one["parent_comment_id"] is not None][:2]
    join = {"creator_id": me["open_id"], "tto_invite_link": me["invite_link"]}
    headers = {"Access-Token": sandbox.token.access}
    sandbox.http.post(f"{API}/tto/creator/campaign/join/", json=join, headers=headers)
    asked = sandbox.http.get(f"{API}/tto/creator/link/request/get/", params=join, headers=headers).json()["data"]["link_requests"]
    week = sandbox.control("clock")["sample_week"]
    return {
        **same(("business_id", "creator_id"), [me["open_id"]]),
        "username": [me["handle"]],
        **same(("video_id", "item_id", "video_ids", "item_ids", "item_list"), posts),
        "video_id": posts[-1:],
        "tiktok_item_id": posts,
        **same(("comment_id", "comment_ids"), [*tops, *replies]),
        "tto_invite_link": [me["invite_link"]],
        "link_request_id": [one["link_request_id"] for one in asked],
        **same(("hashtag", "hashtags", "keyword"), ["hiking", "brass"]),
        **same(("start_date", "end_date"), [week["first"], week["last"]]),
        "auth_code": [post["auth_code"] for post in me["posts"][-2:]],
        "privacy_level": ["PUBLIC_TO_EVERYONE", "SELF_ONLY"],
    }


def _of_ads(ads: Desk) -> Values:
    ids = {
        level: [one[f"{level}_id"] for one in ads.read(f"/{level}/get/", advertiser_id=ads.first, page_size=6)["list"]]
        for level in ("campaign", "adgroup", "ad")
    }
    identities = ads.read("/identity/get/", advertiser_id=ads.first)["identity_list"]
    week = ads.driver.control("clock")["sample_week"]
    report = {"report_type": "BASIC", "data_level": "AUCTION_AD", "dimensions": ["ad_id"]}
    tasks = [
        ads.write(
            "/report/task/create/", advertiser_id=ads.first, start_date=week["first"], end_date=week["last"], output_format=output, **report
        )["task_id"]
        for output in ("CSV_STRING", "XLSX_DOWNLOAD")
    ]
    ads.driver.control("clock", {"seconds": 30})
    return {
        **same(("advertiser_id", "advertiser_ids"), [ads.first]),
        **{f"{level}_id{many}": known for level, known in ids.items() for many in ("", "s")},
        "tcm_account_id": ads.read("/tto/oauth2/tcm/", app_id=APP_ID, secret=SECRET)["tto_tcm_account_ids"],
        "bc_id": [ads.read("/bc/get/")["list"][0]["bc_info"]["bc_id"]],
        **{name: [one[name] for one in identities if one["identity_type"] == "TT_USER"] for name in ("identity_id", "identity_type")},
        "ad_format": ["SINGLE_VIDEO"],
        "task_id": tasks,
        "budget": [60, 500],
        **same(("video_size", "chunk_size"), [5]),
        "total_chunk_count": [1],
        "photo_cover_index": [0],
        "schedule_start_time": ["2026-06-01 00:00:00"],
        "schedule_end_time": ["2026-07-01 00:00:00"],
    }


def narrowed(part: Any, values: Values, needed: Values, name: str = "") -> Any:
    """The same description, where a parameter or member of a known name takes the known values only; the needed ones must be there."""
    values = {**values, **needed}
    if isinstance(part, list):
        return [narrowed(one, values, needed, name) for one in part]
    if not isinstance(part, dict):
        return part
    if "in" in part and "name" in part:
        own = str(part["name"])
        aimed = {key: narrowed(one, values, needed, own) if key in {"schema", "content"} else one for key, one in part.items()}
        return {**aimed, "required": part.get("required", False) or own in needed}
    if name in values:
        if part.get("type") in ("string", "integer", "number"):
            return {"enum": values[name]}
        if part.get("type") == "array" and part["items"].get("type") == "string":
            return {**part, "items": {"enum": values[name]}, "maxItems": 4}
    if isinstance(part.get("properties"), dict):
        members = {key: narrowed(one, values, needed, key) for key, one in part["properties"].items()}
        required = sorted({*part.get("required", ()), *(members.keys() & needed.keys())})
        part = {**part, "properties": members, "required": required}
    return {key: one if key in {"properties", "required"} else narrowed(one, values, needed, name) for key, one in part.items()}


def alone(document: Document, path: str, method: str) -> Document:
    """The description of this one operation."""
    item = document["paths"][path]
    kept = {key: one for key, one in item.items() if key == method or key not in {*METHODS, "delete", "patch", "head", "options"}}
    return {**document, "paths": {path: deepcopy(kept)}}


def fuzz(
    range_: Range, document: Document, path: str, method: str, judge: Callable[[Case, Response], None], *, flow: str | None, examples: int
) -> None:
    """Requests as they are described, near what exists; the same with anything else in them; and requests that break the description."""
    own = alone(document, path, method)
    operation = own["paths"][path][method]
    asked = {key: narrowed(operation[key], range_.values, range_.below(path)) for key in ("parameters", "requestBody") if key in operation}
    near = {**own, "paths": {path: {**own["paths"][path], method: {**operation, **asked}}}}
    aimed = schemathesis.openapi.from_dict(near)[path][method]
    plain = schemathesis.openapi.from_dict(own)[path][method]
    kinds: list[tuple[Any, int]] = [
        (aimed.as_strategy(), examples),
        (plain.as_strategy(), examples // 2),
        (plain.as_strategy(generation_mode=GenerationMode.NEGATIVE), examples // 2),
    ]
    for strategy, most in kinds:

        @settings(
            max_examples=max(1, most),
            phases=[Phase.generate, *([Phase.shrink] if LONG else [])],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=strategy, with_token=st.sampled_from([True, True, True, False]))
        def send(case: Case, with_token: bool) -> None:
            headers = range_.headers(flow) if with_token else {}
            judge(case, case.call(base_url=range_.base, session=range_.session, headers=headers, allow_redirects=False, timeout=30))

        send()


def published_documents(folder: Path) -> Iterator[Document]:
    """TikTok's own OpenAPI files, as far as a folder holds some."""
    for file in sorted(folder.rglob("*")):
        if file.suffix in {".json", ".yaml", ".yml"}:
            document = yaml.safe_load(file.read_text(encoding="utf-8"))
            if isinstance(document, dict) and isinstance(document.get("paths"), dict):
                yield document


def imitated_operations(document: Document, known: Document) -> list[tuple[str, str]]:
    """The paths and methods of a published document that the sandbox describes too."""
    return [
        (path, method)
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item and method in known["paths"].get(path, {})
    ]
