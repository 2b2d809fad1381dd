"""TikTok's codes and the envelope every API answer wears. HTTP is 200 for logical errors too; the code decides."""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

OK = 0
PARTIAL = 20001
NO_PERMISSION = 40001
BAD_PARAMETER = 40002
NO_SUCH_PATH = 40006
NOT_FOUND = 40007
DUPLICATE_REQUEST = 40050
TOO_WIDE = 40067
TOO_MANY_REQUESTS = 40100
BAD_APP_SECRET = 40101
TOKEN_EXPIRED = 40102
REFRESH_EXPIRED = 40103
TOKEN_MISSING = 40104
TOKEN_INVALID = 40105
REFRESH_INVALID = 40107
BAD_GRANT_TYPE = 40108
BAD_CODE = 40110
SCOPE_MISSING = 40130
TASK_FAILED = 40200
TASK_NOT_READY = 40201
SYSTEM_ERROR = 50000
MAINTENANCE = 60001
WRONG_KIND_OF_TOKEN = 70001


class ApiError(Exception):
    """An endpoint's refusal, with TikTok's code. The HTTP status stays 200 unless the gateway itself refuses."""

    def __init__(self, code: int, message: str, *, status: int = 200) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


@dataclass(frozen=True, slots=True)
class Ready:
    """Data that is JSON already."""

    text: str


@dataclass(frozen=True, slots=True)
class Partly:
    """Some of what was asked for was done: code 20001, and the data says what was not."""

    data: Any


@dataclass(frozen=True, slots=True)
class Flat:
    """Fields that stand beside the code instead of under `data`."""

    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Document:
    """A body without an envelope."""

    body: bytes
    content_type: str


class RequestIds:
    """Fresh request ids: fourteen digits of UTC time, then hex, 34 characters in all."""

    def __init__(self) -> None:
        self._second, self._stamp = -1, ""

    def fresh(self, moment: int) -> str:
        if moment != self._second:
            self._second, self._stamp = moment, datetime.fromtimestamp(moment, UTC).strftime("%Y%m%d%H%M%S")
        return self._stamp + secrets.token_hex(10).upper()


def wrap(code: int, message: str, request_id: str, data: Any) -> bytes:
    if isinstance(data, Ready):
        return f'{{"code":{code},"message":"{message}","request_id":"{request_id}","data":{data.text}}}'.encode()
    if isinstance(data, Flat):
        return to_json({"code": code, "message": message, "request_id": request_id, **data.fields})
    return to_json({"code": code, "message": message, "request_id": request_id, "data": data})


def to_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
