"""What an answer says about itself, in each of TikTok's shapes: codes for Business, words for Developers, flat ones for Login Kit.

Reads bodies only; knows no HTTP beyond the status, and never keeps a parser's error, which carries the whole body.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.tiktok.errors import NO_CODE, NotUnderstood, TikTokError, error_class_for, error_class_for_word

OK, PARTIAL_SUCCESS = 0, 20001


@dataclass(frozen=True)
class Envelope:
    """`error_class` is None for a success; then `data` holds what was asked for."""

    code: int = NO_CODE
    word: str = ""
    error_class: type[TikTokError] | None = None
    message: object = field(default=None, repr=False)
    request_id: object = field(default=None, repr=False)
    data: Any = field(default=None, repr=False)


def business(body: bytes, status: int) -> Envelope | None:
    """`{"code", "message", "request_id", "data"}`; None when it is none."""
    parsed = _object(body)
    if parsed is None or type(parsed.get("code")) is not int:
        return None
    code, data = parsed["code"], parsed.get("data")
    error_class = None if code in (OK, PARTIAL_SUCCESS) else error_class_for(code)
    if error_class is None:
        data = {} if data is None else data
        error_class = None if isinstance(data, dict) else NotUnderstood
    return Envelope(code, "", error_class, parsed.get("message"), parsed.get("request_id"), data)


def document(body: bytes, status: int) -> Envelope | None:
    """A text without an envelope. Refusals come in the envelope of Business; a success there is none, for its text is missing."""
    envelope = business(body, status)
    if envelope is not None:
        return envelope if envelope.error_class else Envelope(envelope.code, error_class=NotUnderstood, request_id=envelope.request_id)
    if status != 200:
        return None
    try:
        return Envelope(OK, data=body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return None


def developers(body: bytes, status: int) -> Envelope | None:
    """`{"data", "error": {"code": "ok", "message", "log_id"}}`; the inner object may come alone. The word decides, not the status."""
    parsed = _object(body)
    return None if parsed is None else _with_word(parsed)


def login(body: bytes, status: int) -> Envelope | None:
    """Login Kit: a success is flat or empty, an error `{"error", "error_description", "log_id"}`, seen with HTTP 200 too."""
    if not body.strip() and status < 400:
        return Envelope(OK, data={})
    parsed = _object(body)
    if parsed is None:
        return None
    error = parsed.get("error")
    if isinstance(error, str) and error:
        return _refused(error, parsed.get("error_description"), parsed.get("log_id"))
    if isinstance(error, dict) or "code" in parsed:
        return _with_word(parsed)
    return Envelope(OK, request_id=parsed.get("log_id"), data=parsed) if status < 400 else None


def _with_word(parsed: Mapping[str, Any]) -> Envelope | None:
    error = parsed["error"] if isinstance(parsed.get("error"), dict) else parsed
    word, message, log_id = error.get("code"), error.get("message"), error.get("log_id", error.get("logid"))
    if not isinstance(word, str):
        return None
    if word != "ok":
        return _refused(word, message, log_id)
    data = {} if parsed.get("data") is None else parsed["data"]
    return Envelope(OK, "", None if isinstance(data, dict) else NotUnderstood, message, log_id, data)


def _refused(word: str, message: object, log_id: object) -> Envelope:
    known = word if re.fullmatch(r"[a-z][a-z0-9_]{1,79}", word) else ""
    return Envelope(NO_CODE, known, error_class_for_word(known), message, log_id)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        parsed = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
