"""The OpenAPI description of what the sandbox imitates, made from the declarations that the server reads. It serves nothing."""

from collections.abc import Iterable, Mapping
from typing import Any

from tiktok_sandbox import pictures
from tiktok_sandbox.answers import NOTHING, TEXT, Schema, record, word
from tiktok_sandbox.checks import refusals
from tiktok_sandbox.dialects import OAUTH_WORDS, OPEN_WORDS, Dialect
from tiktok_sandbox.endpoints import Endpoint, Flow, Word
from tiktok_sandbox.envelope import BAD_PARAMETER, METHOD_NOT_ALLOWED, NO_SUCH_PATH, OK, PARTIAL
from tiktok_sandbox.families import ENDPOINTS, report_tasks
from tiktok_sandbox.params import HEADER, QUERY, Param
from tiktok_sandbox.readers import File, ListOf, Names, Shape, object_schema, param_schema
from tiktok_sandbox.screens import SCREENS, Screen

JSON, FORM, MULTIPART, PLAIN, HTML = (
    "application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain", "text/html; charset=utf-8",
)  # fmt: skip
BODIES = {"json": JSON, "form": FORM, "multipart": MULTIPART}
REQUEST_ID: Schema = {"type": "string", "pattern": "^[0-9]{14}[0-9A-F]{20}$"}
LOG_ID = {"X-Tt-Logid": {"required": True, "schema": REQUEST_ID}}
LOCATION = {"Location": {"required": True, "schema": {"type": "string", "pattern": "^https?://"}}}
SCHEMES = {
    "account": {"type": "apiKey", "in": "header", "name": "Access-Token", "description": "Of the TikTok account flow."},
    "advertiser": {"type": "apiKey", "in": "header", "name": "Access-Token", "description": "Of the advertiser flow."},
    "login_kit": {"type": "http", "scheme": "bearer", "description": "Of Login Kit."},
}
ABOUT = """Paths, parameters and answers that the sandbox imitates, and nothing else: faults that were asked for, the front page and the
control plane itself are not in it. An empty parameter counts as left out, unknown ones are passed over."""


def describe(base: str) -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.full_path, {})[endpoint.method.lower()] = _operation(endpoint)
    for screen in SCREENS:
        paths |= {path: _screen(screen, path) for path in sorted(screen.paths)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "TikTok sandbox", "version": "1.3", "description": ABOUT},
        "servers": [{"url": base}],
        "paths": {**paths, **_files()},
        "components": {
            "securitySchemes": SCHEMES,
            "responses": {
                "NoSuchPath": _answer("No endpoint has this path.", {JSON: _refusal((NO_SUCH_PATH,))}),
                "WrongMethod": _answer("The path has no such method.", {JSON: _refusal((METHOD_NOT_ALLOWED,))}),
                "WrongMethodOpen": _answer("The path has no such method.", {JSON: _open_refusal([OPEN_WORDS[METHOD_NOT_ALLOWED][1]])}),
                "WrongMethodOAuth": _answer("The path has no such method.", {JSON: _oauth_refusal([OAUTH_WORDS[METHOD_NOT_ALLOWED]])}),
                "WrongMethodUpload": _answer("The path has no such method.", {PLAIN: TEXT}),
                "NothingHere": _answer("Not a path of the APIs.", {JSON: record({"error": TEXT, "path": TEXT})}),
                "NotHttp": {"description": "The request is not HTTP.", "content": {PLAIN: {"schema": TEXT}}},
                "TooLarge": {"description": "Head or body are too large.", "content": {PLAIN: {"schema": TEXT}}},
            },
        },
    }


# requests


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    in_body = _body_params(endpoint)
    operation: dict[str, Any] = {
        "operationId": f"{endpoint.method.lower()}{endpoint.path.rstrip('/').replace('/', '_')}",
        "tags": [_flow(endpoint)],
        "x-evidence": endpoint.evidence,
        "parameters": [_parameter(endpoint, param) for param in endpoint.params if param not in in_body and param.name != "content-type"],
        "responses": _responses(endpoint),
    }
    if endpoint.needs_token:
        operation["security"] = [{_flow(endpoint): []}]
    scopes = [endpoint.scope] if endpoint.scope is not None else list(endpoint.any_scope)
    if scopes or endpoint.permission is not None:
        operation["description"] = f"Needs {' or '.join(scopes) or f'the permission {endpoint.permission}'}."
    if endpoint.kinds:
        chunk = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {"required": True, "content": dict.fromkeys(endpoint.kinds, chunk)}
    elif endpoint.method != "GET" and (in_body or endpoint.dialect is not Dialect.OPEN):
        body: dict[str, Any] = {"schema": object_schema(in_body)}
        files = {param.name: {"contentType": "image/*"} for param in in_body if isinstance(param.read, File)}
        required = endpoint.dialect is not Dialect.OPEN or any(param.required for param in in_body)
        operation["requestBody"] = {
            "required": required,
            "content": {BODIES[endpoint.body]: {**body, **({"encoding": files} if files else {})}},
        }
    return operation


def _flow(endpoint: Endpoint) -> str:
    if endpoint.dialect is not Dialect.BUSINESS:
        return "login_kit"
    return "advertiser" if endpoint.flow is Flow.ADVERTISER else "account"


def _body_params(endpoint: Endpoint) -> tuple[Param, ...]:
    if endpoint.method == "GET" or endpoint.kinds:
        return ()
    return tuple(param for param in endpoint.params if not param.where)


def _parameter(endpoint: Endpoint, param: Param) -> dict[str, Any]:
    """Arrays and objects stand in a query as JSON text."""
    schema = param_schema(param)
    is_json = isinstance(param.read, ListOf | Names | Shape)
    return {
        "name": param.name,
        "in": HEADER if param.where == HEADER else QUERY,
        "required": param.required,
        **({"content": {JSON: {"schema": schema}}} if is_json else {"schema": schema}),
    }


# answers


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    shared = {name: {"$ref": f"#/components/responses/{of}"} for name, of in (("400", "NotHttp"), ("413", "TooLarge"))}
    match endpoint.dialect:
        case Dialect.BUSINESS:
            own = {"200": _answer("Success, or a refusal with its code.", _business(endpoint))}
        case Dialect.OPEN:
            own = _open(endpoint)
        case Dialect.OAUTH:
            return _oauth(endpoint)
        case _:
            own = {str(status): _answer("See the status.", {PLAIN: {"type": "string", "maxLength": 0}}) for status in endpoint.statuses}
    return {**shared, **own}


def _business(endpoint: Endpoint) -> dict[str, Schema]:
    gives = endpoint.gives or NOTHING
    if endpoint.is_flat:
        fine = _envelope(OK, {}) | {"properties": {**_envelope(OK, {})["properties"], **gives["properties"]}}
        fine["required"] = [*fine["required"], *gives["required"]]
    else:
        fine = _envelope(OK, {"data": gives}, "OK")
    partly = [_envelope(PARTIAL, {"data": gives}, "Partial success")] if endpoint.may_be_partial else []
    files = {} if endpoint.file is None else {endpoint.file: TEXT}
    return {JSON: {"oneOf": [fine, *partly, _refusal(refusals(endpoint))]}, **files}


def _envelope(code: int, rest: Mapping[str, Schema], message: str = "OK") -> Schema:
    return record({"code": {"const": code}, "message": {"const": message}, "request_id": REQUEST_ID, **rest})


def _refusal(codes: Iterable[int]) -> Schema:
    return record({"code": {"type": "integer", "enum": list(codes)}, "message": TEXT, "request_id": REQUEST_ID, "data": NOTHING})


def _open(endpoint: Endpoint) -> dict[str, Any]:
    """By status, with the words that come with it."""
    words: dict[int, list[str]] = {}
    for code in refusals(endpoint):
        status, name = OPEN_WORDS.get(code, (0, ""))
        if status and name not in words.setdefault(status, []):
            words[status].append(name)
    for one in endpoint.refuses:
        if isinstance(one, Word):
            words.setdefault(one.status, []).append(one.code)
    found = {str(status): _open_refusal(names) for status, names in sorted(words.items())}
    error = record({"code": {"const": "ok"}, "message": {"const": ""}, "log_id": REQUEST_ID})
    fine = record({"error": error} if endpoint.gives is None else {"data": endpoint.gives, "error": error})
    found["200"] = {"oneOf": [fine, found["200"]]} if "200" in found else fine
    answers = {status: _answer("As the word says.", {JSON: schema}) for status, schema in sorted(found.items())}
    return {**answers, "400": _wire_too(answers["400"])}


def _open_refusal(words: list[str]) -> Schema:
    return record({"data": NOTHING, "error": record({"code": word(*words), "message": TEXT, "log_id": REQUEST_ID})})


def _oauth(endpoint: Endpoint) -> dict[str, Any]:
    """Flat, with the status that a switch decides."""
    words = dict.fromkeys([OAUTH_WORDS[BAD_PARAMETER], *(one.code for one in endpoint.refuses if isinstance(one, Word))])
    refused = _oauth_refusal(list(words))
    return {
        "200": _answer("Success, or a refusal.", {JSON: {"oneOf": [endpoint.gives or NOTHING, refused]}}),
        "4XX": _wire_too(_answer("A refusal, if the switch says so.", {JSON: refused})),
    }


def _oauth_refusal(words: list[str]) -> Schema:
    return record({"error": word(*words), "error_description": TEXT, "log_id": REQUEST_ID})


def _answer(description: str, content: Mapping[str, Schema]) -> dict[str, Any]:
    return {"description": description, "headers": LOG_ID, "content": {kind: {"schema": schema} for kind, schema in content.items()}}


def _wire_too(answer: dict[str, Any]) -> dict[str, Any]:
    """The same status when the request is not even HTTP: plain text that no endpoint made."""
    return {"description": answer["description"], "content": {**answer["content"], PLAIN: {"schema": TEXT}}}


# pages and files


def _screen(screen: Screen, path: str) -> dict[str, Any]:
    query = [{"name": one.name, "in": QUERY, "required": one.required, "schema": param_schema(one)} for one in screen.params]
    page = {"headers": LOG_ID, "content": {HTML: {"schema": TEXT}}}
    sent_back = {"description": "Back to the app, with a code or an error.", "headers": {**LOG_ID, **LOCATION}}
    refused = _wire_too({"description": "A page that names the wrong parameter; nobody is sent back.", **page})
    name = path.strip("/").replace("/", "_") + ("_slash" if path.endswith("/") else "")
    too_large = {"413": {"$ref": "#/components/responses/TooLarge"}}
    return {
        "get": {
            "operationId": f"get_{name}",
            "tags": ["consent"],
            "parameters": query,
            "responses": {"200": {"description": "The consent page.", **page}, "302": sent_back, "400": refused, **too_large},
        },
        "post": {
            "operationId": f"post_{name}",
            "tags": ["consent"],
            "parameters": query,
            "requestBody": {"required": True, "content": {FORM: {"schema": object_schema(screen.form)}}},
            "responses": {"302": sent_back, "400": refused, **too_large},
        },
    }


def _files() -> dict[str, Any]:
    """Addresses that come with answers; they are signed and expire."""
    signed = [{"name": name, "in": QUERY, "required": True, "schema": TEXT} for name in ("x-expires", "x-signature")]
    kinds = {f"{pictures.PREFIX}{{kind}}/{{name}}": ("image/png",), f"{report_tasks.PREFIX}{{name}}": (report_tasks.CSV, report_tasks.XLSX)}
    found: dict[str, Any] = {}
    for path, types in kinds.items():
        parts = [name for name in ("kind", "name") if f"{{{name}}}" in path]
        answer = {"description": "The file.", "headers": LOG_ID, "content": {kind: {"schema": {"format": "binary"}} for kind in types}}
        responses = {
            "200": answer,
            "403": _answer("The address has expired or was never given.", {PLAIN: TEXT}),
            **{name: {"$ref": f"#/components/responses/{of}"} for name, of in (("400", "NotHttp"), ("413", "TooLarge"))},
        }
        places = [{"name": part, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}} for part in parts]
        operation = {
            "operationId": f"get_{path.split('/')[2]}",
            "tags": ["files"],
            "parameters": [*places, *signed],
            "responses": responses,
        }
        found[path] = {"get": operation}
    return found
