"""The published description itself: it is whole, it is sound, and the package's README lists what it describes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

import tiktok_sandbox
from tests.tiktok_sandbox.driver import API, Driver
from tiktok_sandbox import readers
from tiktok_sandbox.endpoints import Endpoint
from tiktok_sandbox.families import ENDPOINTS
from tiktok_sandbox.openapi import describe
from tiktok_sandbox.params import Param
from tiktok_sandbox.screens import SCREENS

README = Path(tiktok_sandbox.__file__).with_name("README.md")
DOCUMENT = describe("http://127.0.0.1")
OPERATIONS = [
    (path, method, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if isinstance(operation, dict)
]
EACH = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.full_path}")


def schemas(part: Any) -> Iterator[Any]:
    if isinstance(part, dict):
        if isinstance(part.get("schema"), dict):
            yield part["schema"]
        for inner in part.values():
            yield from schemas(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from schemas(inner)


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from [part["$ref"]] if "$ref" in part else []
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_the_process_publishes_it_with_its_own_address(sandbox: Driver) -> None:
    published = sandbox.control("openapi.json")
    assert published["openapi"] == "3.1.0" and published["servers"] == [{"url": sandbox.base.rstrip("/")}]
    assert published == json.loads(json.dumps(describe(published["servers"][0]["url"])))


def test_every_endpoint_and_page_is_described_once() -> None:
    wanted = {(one.full_path, one.method.lower()) for one in ENDPOINTS}
    wanted |= {(path, method) for screen in SCREENS for path in screen.paths for method in ("get", "post")}
    described = [(path, method) for path, method, _ in OPERATIONS if not path.startswith("/__sandbox__/")]
    assert set(described) == wanted and len(described) == len(wanted)
    names = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(names)) == len(names)


def test_schemas_are_sound_and_references_lead_somewhere() -> None:
    found = list(schemas(DOCUMENT))
    assert len(found) > 500
    for schema in found:
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
    for reference in references(DOCUMENT):
        place: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
        assert place


@EACH
def test_every_parameter_says_what_it_accepts(endpoint: Endpoint) -> None:
    def bounded(schema: dict[str, Any]) -> bool:
        match schema.get("type"):
            case "string":
                return bool({"maxLength", "enum", "pattern", "format"} & schema.keys())
            case "integer":
                return {"minimum", "maximum"} <= schema.keys() or "enum" in schema
            case "number":
                return {"minimum", "maximum"} <= schema.keys()
            case "array":
                return bounded(schema["items"])
            case "object":
                return all(bounded(member) for member in schema["properties"].values())
            case kind:
                return kind == "boolean"

    for param in endpoint.params:
        assert bounded(param.read.schema()), param.name


@EACH
def test_every_parameter_stands_where_the_server_looks_for_it(endpoint: Endpoint) -> None:
    operation = DOCUMENT["paths"][endpoint.full_path][endpoint.method.lower()]
    outside = {one["name"]: one for one in operation["parameters"]}
    bodies = [media["schema"].get("properties", {}) for media in operation.get("requestBody", {}).get("content", {}).values()]
    inside = {name for body in bodies for name in body}
    named = {param.name for param in endpoint.params} - {"content-type"}  # which the description says by the body's type
    assert outside.keys() | inside == named and not outside.keys() & inside
    assert {name for name, one in outside.items() if one["required"]} == {
        param.name for param in endpoint.params if param.required and param.name in outside
    }


@pytest.mark.parametrize(
    ("reader", "good", "bad"),
    [
        (readers.Text(5, least=2), ["ab", "abcde"], ["a", "abcdef", 7, None]),
        (readers.Id(), ["1", "9223372036854775807"], ["", "-1", "1.0", "a", True]),
        (readers.Choice(("A", "B")), ["A", "B"], ["C", "a", 1, None]),
        (readers.Whole(1, 20), [1, 20], [0, 21, "x", None]),
        (readers.Whole(7, 365, among=(7, 30)), [7, 30], [8, 365]),
        (readers.Number(0.5, 2), [0.5, 1, 2], [0, 3, None]),
        (readers.Flag(), [True, False], ["yes", None, 2]),
        (readers.Day(), ["2026-02-28"], ["2026-02-30", "2026-2-1", 5]),
        (readers.Moment(), ["2026-02-28 10:00:00"], ["2026-02-28", "2026-02-28T10:00:00", 5]),
        (readers.ListOf(readers.Id(), 2), [["1"], ["1", "2"]], [[], ["1", "2", "3"], ["a"], {}]),
        (readers.Names(frozenset("ab")), [[], ["a", "b"]], [["c"], "a", {}]),
        (readers.CommaNames(("a", "b")), ["a", "a,b"], ["c", "a,c", 1]),
        (readers.Shape((Param("a", readers.Id(), required=True),)), [{"a": "1"}, {"a": "1", "b": 2}], [{}, {"a": "x"}, []]),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_reader_takes_what_it_says(reader: Any, good: list[Any], bad: list[Any]) -> None:
    described = jsonschema_rs.Draft202012Validator(reader.schema(), validate_formats=True)
    for value in good:
        reader("x", value)
        assert described.is_valid(value)
    for value in bad:
        with pytest.raises(Exception, match=r"^x"):
            reader("x", value)
        assert not described.is_valid(value)


def listed_endpoints() -> Iterator[tuple[str, str]]:
    """The first column of the README's tables. A path without a slash goes on from a folder of the one before it."""
    known = {(one.method, one.full_path) for one in ENDPOINTS}
    known |= {(method, path) for screen in SCREENS for path in screen.paths for method in ("GET", "POST")}
    for row in re.findall(
        r"^\| ([^|]*`[A-Z]{3,4}[ `][^|]*) \|", README.read_text(encoding="utf-8").partition("## The world")[0], re.MULTILINE
    ):
        method, before, methods = "GET", "", []
        for cell in re.findall(r"`([^`]+)`", row):
            word, _, path = cell.rpartition(" ")
            if cell in {"GET", "POST"}:
                methods.append(cell)
                continue
            if not re.fullmatch(r"[/\w.]+(\?.*)?", path):
                continue
            method, path = word or method, path.partition("?")[0]
            if path.startswith("/"):
                folders = ["", API, f"{API}/business"]
            else:
                parts = before.rstrip("/").split("/")
                folders = ["/".join(parts[:end]) + "/" for end in range(len(parts), 1, -1)]
            found = [(one, folder + path) for one in methods or [method] for folder in folders if (one, folder + path) in known]
            assert found, f"the README lists {cell}, which is not served"
            before = found[0][1]
            yield from found[: len(methods) or 1]


def test_the_readme_lists_every_endpoint_and_none_besides() -> None:
    listed = set(listed_endpoints())
    assert {(one.method, one.full_path) for one in ENDPOINTS} - listed == set()
    assert "openapi.json" in README.read_text(encoding="utf-8")
