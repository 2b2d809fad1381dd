"""The four ways TikTok answers on this port: API for Business, TikTok for Developers, its OAuth endpoints, its upload host.

Endpoints and checks speak in the codes of the API for Business; what the other three say instead is written here.
"""

from enum import StrEnum
from typing import Any

from tiktok_sandbox.envelope import (
    BAD_PARAMETER,
    METHOD_NOT_ALLOWED,
    OK,
    PARTIAL,
    SCOPE_MISSING,
    SYSTEM_ERROR,
    TOKEN_EXPIRED,
    TOKEN_INVALID,
    TOKEN_MISSING,
    TOO_MANY_REQUESTS,
    WRONG_KIND_OF_TOKEN,
    ApiError,
    Document,
    Partly,
    to_json,
    wrap,
)
from tiktok_sandbox.wire import Response


class Dialect(StrEnum):
    BUSINESS = "business"
    OPEN = "open"
    OAUTH = "oauth"
    UPLOAD = "upload"


BAD_TOKEN = "access_token_invalid"  # noqa: S105
OPEN_WORDS: dict[int, tuple[int, str]] = {
    METHOD_NOT_ALLOWED: (405, "invalid_params"),
    BAD_PARAMETER: (400, "invalid_params"),
    TOKEN_MISSING: (401, BAD_TOKEN),
    TOKEN_INVALID: (401, BAD_TOKEN),
    TOKEN_EXPIRED: (401, BAD_TOKEN),
    WRONG_KIND_OF_TOKEN: (401, BAD_TOKEN),
    SCOPE_MISSING: (401, "scope_not_authorized"),
    TOO_MANY_REQUESTS: (429, "rate_limit_exceeded"),
    SYSTEM_ERROR: (500, "internal_error"),
}
# What TikTok's texts say where its wording is known.
OPEN_TEXTS = {
    BAD_TOKEN: "The access token is invalid or not found in the request.",
    "scope_not_authorized": "The user did not authorize the scope required for completing this request.",
}
STATUSES = {"scope_permission_missed": 400, **{word: status for status, word in OPEN_WORDS.values() if status != 405}}
OAUTH_WORDS = {METHOD_NOT_ALLOWED: "invalid_request", BAD_PARAMETER: "invalid_request", TOO_MANY_REQUESTS: "temporarily_unavailable"}


def dialect_of(path: str) -> Dialect:
    if path.startswith("/v2/oauth/"):
        return Dialect.OAUTH
    if path.startswith("/v2/") and not path.startswith("/v2/auth/"):
        return Dialect.OPEN
    return Dialect.UPLOAD if path == "/video/" else Dialect.BUSINESS


def success(dialect: Dialect, data: Any, request_id: str) -> Response:
    match dialect:
        case Dialect.BUSINESS:
            if isinstance(data, Document):
                return Response(200, data.body, data.content_type)
            if isinstance(data, Partly):
                return Response(200, wrap(PARTIAL, "Partial success", request_id, data.data))
            return Response(200, wrap(OK, "OK", request_id, data))
        case Dialect.OPEN:
            body = {"error": {"code": "ok", "message": "", "log_id": request_id}}
            return Response(200, to_json(body if data is None else {"data": data, **body}))
        case _:
            return Response(200, to_json(data))


def refusal(dialect: Dialect, error: ApiError, request_id: str, *, oauth_status: int = 200, retry_after: bool = False) -> Response:
    match dialect:
        case Dialect.BUSINESS:
            response = Response(error.status, wrap(error.code, error.message, request_id, {}))
        case Dialect.OPEN:
            status, word, message = _in_words(error)
            response = Response(status, to_json({"data": {}, "error": {"code": word, "message": message, "log_id": request_id}}))
            if status == 429 and retry_after:
                response.headers.append(("Retry-After", str(error.retry_after or 60)))
        case Dialect.OAUTH:
            word = str(code_of(dialect, error))
            status = error.status if error.status != 200 else 500 if word == "server_error" else oauth_status
            response = Response(status, to_json({"error": word, "error_description": error.message, "log_id": request_id}))
        case Dialect.UPLOAD:
            response = Response(error.status if error.status != 200 else 400, b"", "text/plain")
    return response


def code_of(dialect: Dialect, error: ApiError) -> int | str:
    """The code a client reads, and the log shows."""
    match dialect:
        case Dialect.OPEN:
            return _in_words(error)[1]
        case Dialect.OAUTH if not isinstance(error.code, str):
            return OAUTH_WORDS.get(error.code, "server_error")
        case _:
            return error.code


def _in_words(error: ApiError) -> tuple[int, str, str]:
    if isinstance(error.code, str):
        return error.status if error.status != 200 else STATUSES.get(error.code, 200), error.code, error.message
    status, word = OPEN_WORDS.get(error.code, (500, "internal_error"))
    return status, word, OPEN_TEXTS.get(word, error.message)
