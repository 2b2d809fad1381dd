"""Holds every answer of a sandbox against the description that the sandbox publishes of itself. Knows nothing about single endpoints."""

import json
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

import httpx
import jsonschema_rs


class Undocumented(AssertionError):
    pass


@dataclass
class Description:
    """One published document, with its answers ready to be compared."""

    document: dict[str, Any]
    _patterns: list[tuple[re.Pattern[str], str]] = field(init=False)
    _validators: dict[str, Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        paths = sorted(self.document["paths"], key=lambda path: path.count("{"))
        self._patterns = [(re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), path) for path in paths]

    def template(self, path: str) -> str | None:
        return next((template for pattern, template in self._patterns if pattern.fullmatch(path)), None)

    def check(self, method: str, path: str, status: int, headers: httpx.Headers, body: bytes) -> None:
        """Raise Undocumented when this answer is not one that the description promises."""
        where, answer = self._answer(method, path, status)
        call = f"{method} {path} {status}"
        if answer is None:
            raise Undocumented(f"{call}: the status is not documented. {body[:300]!r}")
        for name, header in answer.get("headers", {}).items():
            if header.get("required") and not self._fits(f"{where} {name}", header["schema"], headers.get(name)):
                raise Undocumented(f"{call}: the header {name} is {headers.get(name)!r}")
        kind = headers.get("content-type", "")
        if "content" not in answer:
            return
        media = answer["content"].get(kind)
        if media is None:
            raise Undocumented(f"{call}: the content type {kind} is not documented")
        if method == "HEAD" or kind != "application/json":
            return
        found = json.loads(body)
        if not self._fits(where, media["schema"], found):
            raise Undocumented(f"{call}: {self._complaint(media['schema'], found)}\n{body[:2_000]!r}")

    def _answer(self, method: str, path: str, status: int) -> tuple[str, dict[str, Any] | None]:
        template = self.template(path)
        if template is None:
            name = "NoSuchPath" if path.startswith("/open_api/") else "NothingHere"
            return name, self.document["components"]["responses"][name]
        methods = self.document["paths"][template]
        operation = methods.get("get" if method == "HEAD" and "post" in methods and "open_api" not in path else method.lower())
        if operation is None:
            dialect = (
                "OAuth" if path.startswith("/v2/oauth/") else "Open" if path.startswith("/v2/") else "Upload" if path == "/video/" else ""
            )
            return (name := f"WrongMethod{dialect}"), self.document["components"]["responses"][name]
        answers = operation["responses"]
        answer = answers.get(str(status)) or answers.get(f"{status // 100}XX")
        if answer is not None and "$ref" in answer:
            answer = self.document["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        return f"{method} {template} {status}", answer

    def _fits(self, key: str, schema: dict[str, Any], value: Any) -> bool:
        if key not in self._validators:
            self._validators[key] = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        return bool(self._validators[key].is_valid(value))

    @staticmethod
    def _complaint(schema: dict[str, Any], value: Any) -> str:
        """What is wrong with the alternative that has the right code, rather than that none of them fits."""
        code = value.get("code") if isinstance(value, dict) else None
        for branch in schema.get("oneOf", [schema]):
            rule = branch.get("properties", {}).get("code", {})
            if code is None or rule.get("const") == code or code in rule.get("enum", ()):
                errors = list(jsonschema_rs.Draft202012Validator(branch, validate_formats=True).iter_errors(value))
                return "; ".join(f"{'/'.join(map(str, error.instance_path))}: {error.message[:200]}" for error in errors[:4])
        return f"the code {code} is not documented"


@lru_cache(maxsize=8)
def description_at(base: str) -> Description:
    return Description(httpx.get(f"{base}/__control__/openapi.json", timeout=10).json())


class Watcher:
    """An event hook for a client: looks at every answer, but not where the test has asked for a fault."""

    def __init__(self, base: str) -> None:
        self._description = description_at(base)
        self._faulty: list[str] = []

    def __call__(self, response: httpx.Response) -> None:
        request = response.request
        path = request.url.path
        if path.startswith("/__control__"):
            self._follow(request)
        elif path != "/" and not path.endswith(".css") and not any(fnmatchcase(path, pattern) for pattern in self._faulty):
            response.read()
            self._description.check(request.method, path, response.status_code, response.headers, response.content)

    def _follow(self, request: httpx.Request) -> None:
        name = request.url.path.removeprefix("/__control__").strip("/")
        if name == "reset":
            self._faulty.clear()
        elif name == "faults" and request.method == "POST":
            self._faulty.append(str(json.loads(request.content).get("path")))
