"""What an answer says about itself, in each of TikTok's shapes: codes for Business, words for Developers, flat ones for Login Kit, and for
uploads the status with a header.

Reads what was received; sends nothing, and never keeps a parser's error, which carries the whole body.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.tiktok.codes import error_class_for, error_class_for_word
from integrations.tiktok.errors import (
    NO_CODE,
    NotUnderstood,
    OurMistake,
    TikTokError,
    UploadGone,
)

OK, PARTIAL_SUCCESS = 0, 20001


@dataclass(frozen=True)
class Received:
    """What came back over HTTP. Names of headers are in lower case; `fault` says why the body is not whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    fault: type[TikTokError] | None = None


@dataclass(frozen=True)
class Envelope:
    """`error_class` is None for a success; then `data` holds what was asked for."""

    code: int = NO_CODE
    word: str = ""
    error_class: type[TikTokError] | None = None
    message: object = field(default=None, repr=False)
    request_id: object = field(default=None, repr=False)
    data: Any = field(default=None, repr=False)


def business(answer: Received) -> Envelope | None:
    """`{"code", "message", "request_id", "data"}`; None when it is none."""
    parsed = _object(answer.body)
    if parsed is None or type(parsed.get("code")) is not int:
        return None
    code, data = parsed["code"], parsed.get("data")
    error_class = None if code in (OK, PARTIAL_SUCCESS) else error_class_for(code)
    if error_class is None:
        data = {} if data is None else data
        error_class = None if isinstance(data, dict) else NotUnderstood
    return Envelope(code, "", error_class, parsed.get("message"), parsed.get("request_id"), data)


def document(answer: Received) -> Envelope | None:
    """A text without an envelope. Refusals come in the envelope of Business; a success there is none, for its text is missing."""
    envelope = business(answer)
    if envelope is not None:
        return envelope if envelope.error_class else Envelope(envelope.code, error_class=NotUnderstood, request_id=envelope.request_id)
    if answer.status != 200:
        return None
    try:
        return Envelope(OK, data=answer.body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return None


def developers(answer: Received) -> Envelope | None:
    """`{"data", "error": {"code": "ok", "message", "log_id"}}`; the inner object may come alone. The word decides, not the status."""
    parsed = _object(answer.body)
    return None if parsed is None else _with_word(parsed)


def login(answer: Received) -> Envelope | None:
    """Login Kit: a success is flat or empty, an error `{"error", "error_description", "log_id"}`, seen with HTTP 200 too."""
    if not answer.body.strip() and answer.status < 400:
        return Envelope(OK, data={})
    parsed = _object(answer.body)
    if parsed is None:
        return None
    error = parsed.get("error")
    if isinstance(error, str) and error:
        return _refused(error, parsed.get("error_description"), parsed.get("log_id"))
    if isinstance(error, dict) or "code" in parsed:
        return _with_word(parsed)
    return Envelope(OK, request_id=parsed.get("log_id"), data=parsed) if answer.status < 400 else None


def upload(answer: Received) -> Envelope | None:
    """A piece of a file: the status says what became of it, `Content-Range` how far the whole is, and that it is the upload host that
    speaks. 416 is an answer too: another piece is due."""
    if answer.status in (200, 201, 206, 416):
        progress = re.fullmatch(r"bytes 0-([0-9]{1,15})/[0-9]{1,15}", answer.headers.get("content-range", "").strip())
        return Envelope(OK, data={"is_taken": answer.status != 416, "received": int(progress[1])}) if progress else None
    if answer.status in (403, 404):
        return Envelope(error_class=UploadGone)
    return Envelope(error_class=OurMistake) if answer.status == 400 else None


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
