"""Requests made from the published description, against the running program: no 5xx, and no answer that it does not promise.

A fixed sample by default; CHAOS=long takes many more, new ones every time. With TIKTOK_OPENAPI_DIR naming a folder of TikTok's own
OpenAPI files, those of their operations that are imitated are asked for too.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, Response
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from tests.tiktok_sandbox.described import Undocumented, description_at
from tests.tiktok_sandbox.driver import API, client_of, running
from tests.tiktok_sandbox.fuzzing import LONG, METHODS, Document, Range, fuzz, imitated_operations, prepared, published_documents
from tiktok_sandbox.openapi import describe

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
REFUSED = re.compile(rb'"code":(?!0,|20001,|"ok")')
EXAMPLES = 400 if LONG else 6
OWN = describe("http://127.0.0.1")  # for the names of the tests; the requests are made from what the process publishes
OPERATIONS = [(path, method) for path, item in OWN["paths"].items() for method in METHODS if method in item]
FOLDER = os.environ.get("TIKTOK_OPENAPI_DIR", "")
PUBLISHED = [
    (document, path, method)
    for document in (published_documents(Path(FOLDER)) if FOLDER else ())
    for path, method in imitated_operations(document, OWN)
]


@pytest.fixture(scope="module")
def range_() -> Iterator[Range]:
    with running() as sandbox:
        yield prepared(sandbox)


@pytest.fixture(scope="module")
def client(range_: Range) -> Iterator[httpx.Client]:
    with client_of(range_.base) as http:
        yield http


def flow_of(path: str, method: str) -> str | None:
    security = OWN["paths"][path][method].get("security")
    return next(iter(security[0])) if security else None


def documented(range_: Range) -> Callable[[Case, Response], None]:
    """The judge of the own description: schemathesis' checks, and ours, which look at codes and headers too."""
    description = description_at(range_.base)

    def judge(case: Case, response: Response) -> None:
        case.validate_response(response, checks=CHECKS)
        headers = httpx.Headers({name: values[-1] for name, values in response.headers.items()})
        path = unquote(urlsplit(str(response.request.url)).path)
        range_.asked.add(str(case.operation.label))
        if response.status_code < 400 and b'"error_description"' not in response.content and not REFUSED.search(response.content):
            range_.succeeded.add(str(case.operation.label))
        description.check(str(response.request.method), path, response.status_code, headers, response.content)

    return judge


def enveloped(case: Case, response: Response) -> None:
    """The judge of TikTok's descriptions, whose answers say less than ours: no 5xx, and the envelope."""
    assert response.status_code in {200, 405, 413}, (response.status_code, response.content[:300])
    if response.status_code == 413 or response.headers["content-type"][-1].startswith("text/csv"):
        return
    body = json.loads(response.content)
    assert isinstance(body["code"], int) and isinstance(body["message"], str) and isinstance(body["request_id"], str), body


@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=str)
def test_every_described_request_gets_a_described_answer(range_: Range, path: str, method: str) -> None:
    document = description_at(range_.base).document
    fuzz(range_, document, path, method, documented(range_), flow=flow_of(path, method), examples=EXAMPLES)


def test_the_sample_comes_behind_the_checks(range_: Range) -> None:
    """Requests that are refused for their ids alone would show little."""
    if len(range_.asked) < len(OPERATIONS):
        pytest.skip("says something about the whole sample only")
    assert len(range_.succeeded) >= 0.8 * len(OPERATIONS), sorted(range_.asked - range_.succeeded)


ODD = st.sampled_from([10**400, -1, "", "[]", "{}", "[[[", "NaN", '{"a": [', "0", "true", "\ud800"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
BY_HAND = settings(
    max_examples=20_000 if LONG else 250,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@BY_HAND
@given(operation=st.sampled_from([one for one in OPERATIONS if one[1] == "post"]), data=st.data())
def test_a_member_of_any_kind_gets_a_described_answer(range_: Range, client: httpx.Client, operation: tuple[str, str], data: Any) -> None:
    path, method = operation
    content = OWN["paths"][path][method].get("requestBody", {}).get("content", {})
    names = sorted(next(iter(content.values()), {}).get("schema", {}).get("properties", {}))
    known = range_.aims(path)
    body = {name: data.draw(st.sampled_from(known[name]) if name in known and data.draw(st.booleans()) else JSON) for name in names}
    query = {"fields": "id"} if path.startswith("/v2/video/") else {}
    text = json.dumps(body).encode()
    client.post(path, params=query, content=text, headers={"Content-Type": "application/json", **range_.headers(flow_of(path, method))})


BODIES = st.sampled_from([b"[" * 100_000, b"--x\r\n\r\n", b"answer=allow&scope=a&scope=b", b"%ff=", b'{"a":1,"a":2}'])


@BY_HAND
@given(
    operation=st.sampled_from(OPERATIONS),
    token=st.none() | st.text(st.characters(min_codepoint=32, max_codepoint=126)).map(str.strip),
    pairs=st.lists(st.tuples(st.sampled_from(["fields", "advertiser_id", "business_id", "account"]) | st.text(), st.text()), max_size=4),
    kind=st.sampled_from(["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "video/mp4", "?"]),
    body=st.binary() | st.text().map(str.encode) | BODIES,
)
def test_a_request_of_any_kind_gets_a_described_answer(
    range_: Range,
    client: httpx.Client,
    operation: tuple[str, str],
    token: str | None,
    pairs: list[tuple[str, str]],
    kind: str,
    body: bytes,
) -> None:
    path, method = operation
    headers = (
        range_.headers(flow_of(path, method)) if token is None else {"Access-Token": token, "Authorization": f"Bearer {token}".strip()}
    )
    sent = {"content": body} if method != "get" else {}
    client.request(method, path, params=pairs, headers={"Content-Type": kind, **headers}, **sent)


@pytest.mark.parametrize(("document", "path", "method"), PUBLISHED, ids=[f"{method} {path}" for _, path, method in PUBLISHED])
def test_requests_of_tiktoks_own_description_get_an_envelope(range_: Range, document: Document, path: str, method: str) -> None:
    fuzz(range_, document, path, method, enveloped, flow=flow_of(path, method), examples=EXAMPLES)


PUBLISHED_SAMPLE = {
    "openapi": "3.0.1",
    "info": {"title": "Campaigns", "version": "1.3"},
    "servers": [{"url": "https://business-api.tiktok.com"}],
    "paths": {
        f"{API}/campaign/get/": {
            "get": {
                "parameters": [
                    {"name": "Access-Token", "in": "header", "required": True, "schema": {"type": "string"}},
                    {"name": "advertiser_id", "in": "query", "required": True, "schema": {"type": "string"}},
                    {"name": "filtering", "in": "query", "schema": {"$ref": "#/components/schemas/Filtering"}},
                    {"name": "page_size", "in": "query", "schema": {"type": "integer"}},
                ],
                "responses": {"200": {"description": "ok"}},
            }
        },
        f"{API}/campaign/create/": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Campaign"}}}},
                "responses": {"200": {"description": "ok"}},
            }
        },
        f"{API}/pixel/list/": {"get": {"responses": {"200": {"description": "ok"}}}},
    },
    "components": {
        "schemas": {
            "Filtering": {"type": "object", "properties": {"campaign_ids": {"type": "array", "items": {"type": "string"}}}},
            "Campaign": {"type": "object", "properties": {"advertiser_id": {"type": "string"}, "budget": {"type": "number"}}},
        }
    },
}


@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump], ids=["json", "yaml"])
def test_descriptions_of_tiktok_are_found_and_asked(
    range_: Range, client: httpx.Client, tmp_path: Path, write: Callable[[Any], str]
) -> None:
    """What the mode with TIKTOK_OPENAPI_DIR does, with a small description instead of TikTok's."""
    folder = tmp_path / "marketing"
    folder.mkdir()
    (folder / ("campaigns.json" if write is json.dumps else "campaigns.yml")).write_text(write(PUBLISHED_SAMPLE))
    (tmp_path / "package.json").write_text("{}")
    (document,) = published_documents(tmp_path)
    found = imitated_operations(document, OWN)
    assert sorted(found) == [(f"{API}/campaign/create/", "post"), (f"{API}/campaign/get/", "get")]
    for path, method in found:
        before = client.get("/__control__/log", params={"endpoint": path, "limit": 1}).json()["total"]
        fuzz(range_, document, path, method, enveloped, flow=flow_of(path, method), examples=4)
        assert client.get("/__control__/log", params={"endpoint": path, "limit": 1}).json()["total"] >= before + 6


@pytest.mark.parametrize(("kind", "value"), [("html", 200), ("status", 502)])
def test_an_answer_without_the_envelope_is_noticed(range_: Range, client: httpx.Client, kind: str, value: int) -> None:
    path = f"{API}/campaign/get/"
    client.post("/__control__/faults", json={"path": path, "kind": kind, "value": value, "times": None})
    try:
        with pytest.raises((AssertionError, ValueError)):
            fuzz(range_, PUBLISHED_SAMPLE, path, "get", enveloped, flow="advertiser", examples=2)
    finally:
        client.delete("/__control__/faults")


@pytest.mark.parametrize("fault", [{"kind": "code", "value": 40999}, {"kind": "status", "value": 418}, {"kind": "html", "value": 200}])
def test_an_answer_that_is_not_described_is_noticed(range_: Range, fault: dict[str, Any]) -> None:
    path = f"{API}/business/get/"
    with httpx.Client(base_url=range_.base) as http:
        http.post("/__control__/faults", json={"path": path, **fault})
        answer = http.get(path)
    with pytest.raises(Undocumented):
        description_at(range_.base).check("GET", path, answer.status_code, answer.headers, answer.content)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body["data"].update(surprise=1),
        lambda body: body["data"].update(followers_count="48210"),
        lambda body: body.update(request_id="1"),
        lambda body: body.update(code=1),
        lambda body: body["data"]["metrics"][0].pop("date"),
        lambda body: body["data"]["metrics"][0].update(likes=None),
    ],
)
def test_an_answer_with_one_thing_wrong_is_noticed(range_: Range, client: httpx.Client, change: Callable[[Any], Any]) -> None:
    path = f"{API}/business/get/"
    query = {"business_id": range_.values["business_id"][0], "fields": '["followers_count","likes"]'}
    answer = client.get(path, params=query, headers=range_.headers("account"))
    body = answer.json()
    change(body)
    with pytest.raises(Undocumented):
        description_at(range_.base).check("GET", path, 200, answer.headers, json.dumps(body).encode())
