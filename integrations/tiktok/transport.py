"""The only module that speaks HTTP with TikTok.

Owns the connection pool, the total deadline, the size limit, the envelope, and the translation of failures into `errors`.
Never retries, never follows a redirect, never keeps a cookie, and lets no secret into an exception, a log line or a repr.
"""

import email.utils
import json
import os
import re
import time
import zlib
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import httpcore
import httpx

from agency.secret import DOTS, Secret, keep_quiet
from integrations.tiktok.deadline import PooledTransport, all_within
from integrations.tiktok.errors import (
    NO_ANSWER,
    NO_CODE,
    AnswerLost,
    Call,
    NotUnderstood,
    OurMistake,
    Throttled,
    TikTokError,
    TryLater,
    error_class_for,
)

T = TypeVar("T")

BUSINESS_PREFIX = "/open_api/v1.3"
OK, PARTIAL_SUCCESS = 0, 20001


# They log addresses with their queries (info) and headers (debug), and both carry secrets.
keep_quiet("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "hpack.hpack", "hpack.table")


@dataclass(frozen=True)
class BaseUrls:
    """Where TikTok is: scheme and host, without a path. The paths are the client's."""

    auth: str
    business: str
    developers: str

    def __post_init__(self) -> None:
        for name in ("auth", "business", "developers"):
            url = getattr(self, name).rstrip("/")
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname or url != f"{parts.scheme}://{parts.netloc}" or "@" in url:
                raise ValueError(f"the base URL {name} is scheme and host only, like https://business-api.tiktok.com")
            object.__setattr__(self, name, url)


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What TikTok said, and the call it came from. The value does not print: before it is read, it may hold tokens in clear."""

    value: T = field(repr=False)
    call: Call


@dataclass(frozen=True)
class _HttpAnswer:
    status: int
    headers: Mapping[str, str]
    body: bytes
    fault: type[TikTokError] | None = None  # why the body is not whole


class Transport:
    """Calls to TikTok. Safe to share between threads and across a fork; each process has a pool of its own, made at its first call.

    `now` is the clock for `Call.started_at`; durations and deadlines are measured with the machine's own.
    """

    def __init__(
        self,
        base_urls: BaseUrls,
        *,
        now: Callable[[], datetime],
        total_deadline_seconds: float = 20,
        max_body_bytes: int = 8 * 1024 * 1024,
    ) -> None:
        self.base_urls = base_urls
        self.total_deadline_seconds = total_deadline_seconds
        self._now = now
        self._max_body_bytes = max_body_bytes
        self._clients: dict[int, httpx.Client] = {}
        self._gate: Callable[[str], None] | None = None

    def gated(self, gate: Callable[[str], None]) -> "Transport":
        """The same pool behind a gate: it hears the path of each call first, and what it raises is raised."""
        twin = copy(self)
        twin._gate = gate
        return twin

    def business_get(self, path: str, *, params: Mapping[str, Any], access_token: Secret | None = None) -> Answer[Mapping[str, Any]]:
        """GET of the API for Business. Parameters that are None are left out; lists and mappings travel as JSON text."""
        return self._business("GET", path, access_token=access_token, params=params, body=None)

    def business_post(self, path: str, *, body: Mapping[str, Any], access_token: Secret | None = None) -> Answer[Mapping[str, Any]]:
        """POST of the API for Business with a JSON body, in which secrets may stand as they are."""
        return self._business("POST", path, access_token=access_token, params={}, body=body)

    def close(self) -> None:
        """Close this process's connections. A later call opens new ones."""
        client = self._clients.pop(os.getpid(), None)
        if client is not None:
            client.close()

    def _business(
        self, method: str, path: str, *, access_token: Secret | None, params: Mapping[str, Any], body: Mapping[str, Any] | None
    ) -> Answer[Mapping[str, Any]]:
        if self._gate is not None:
            self._gate(path)
        outcome = self._outcome(method, path, access_token=access_token, params=params, body=body)
        if isinstance(outcome, TikTokError):
            raise outcome  # from here, where no local holds a body or a revealed secret
        return outcome

    def _outcome(
        self, method: str, path: str, *, access_token: Secret | None, params: Mapping[str, Any], body: Mapping[str, Any] | None
    ) -> Answer[Mapping[str, Any]] | TikTokError:
        started_at, started = self._now(), time.monotonic()
        url = self.base_urls.business + BUSINESS_PREFIX + path
        answer = self._exchange(method, url, access_token=access_token, params=params, body=body)
        duration_ms = round((time.monotonic() - started) * 1000)
        if not isinstance(answer, _HttpAnswer):
            return answer(call=Call(path, "", NO_ANSWER, NO_CODE, started_at, duration_ms))

        envelope = _envelope(answer.body) if answer.fault is None else None
        call = Call(
            endpoint=path,
            request_id=_request_id(answer, envelope),
            http_status=answer.status,
            code=envelope["code"] if envelope else NO_CODE,
            started_at=started_at,
            duration_ms=duration_ms,
        )
        if answer.status == 429 or envelope is None or call.code not in (OK, PARTIAL_SUCCESS):
            message = _blotted(envelope.get("message") if envelope else None, [access_token, *params.values(), *(body or {}).values()])
            return _failure(answer, call, message, self._now())
        data = envelope.get("data")
        if data is None:
            return Answer({}, call)
        return Answer(data, call) if isinstance(data, dict) else NotUnderstood(call=call)

    def _exchange(
        self, method: str, url: str, *, access_token: Secret | None, params: Mapping[str, Any], body: Mapping[str, Any] | None
    ) -> _HttpAnswer | type[TikTokError]:
        """One request and its answer, or why there is none.

        Failures leave as classes, not as exceptions: exceptions of the libraries below keep the request, and tracebacks keep the locals of
        this function, in which the secrets stand in clear.
        """
        token = access_token.reveal() if access_token is not None else None
        if token is not None and not re.fullmatch(r"[\x21-\x7e]+", token):
            return OurMistake
        headers = {"Access-Token": token} if token is not None else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        query = urlencode({name: _query_text(value) for name, value in params.items() if value is not None}, quote_via=quote)
        content = None if body is None else json.dumps(body, default=_revealed).encode()
        try:
            with (
                all_within(self.total_deadline_seconds),
                self._client().stream(method, f"{url}?{query}" if query else url, headers=headers, content=content) as response,
            ):
                text, fault = self._read(response)
                return _HttpAnswer(response.status_code, dict(response.headers), text, fault)
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout):
            return TryLater
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
            return AnswerLost
        except (httpcore.UnsupportedProtocol, httpx.InvalidURL):
            return OurMistake

    def _read(self, response: httpx.Response) -> tuple[bytes, type[TikTokError] | None]:
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip"):
            return b"", NotUnderstood
        inflater = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
        text = bytearray()
        try:
            for chunk in response.iter_raw():
                # Inflated here and not by the client, which would unpack a small bomb whole before its size could be seen.
                text += inflater.decompress(chunk, self._max_body_bytes + 1 - len(text)) if inflater else chunk
                if len(text) > self._max_body_bytes:
                    return b"", NotUnderstood
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
            return b"", AnswerLost
        except zlib.error:
            return b"", NotUnderstood
        if inflater and not inflater.eof:
            return b"", AnswerLost
        return bytes(text), None

    def _client(self) -> httpx.Client:
        # By process id and without a lock: a lock could be held by another thread at the moment of a fork, and a child that inherits
        # its parent's sockets must neither use nor close them.
        pid = os.getpid()
        client = self._clients.get(pid)
        if client is None:
            made = httpx.Client(
                transport=PooledTransport(),
                trust_env=False,
                follow_redirects=False,
                timeout=self.total_deadline_seconds,
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                headers={"User-Agent": "agency-platform", "Accept": "application/json", "Accept-Encoding": "gzip"},
            )
            client = self._clients.setdefault(pid, made)
            if client is not made:
                made.close()
        return client


def _query_text(value: Any) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, str):
        return value
    return json.dumps(value, default=_revealed, separators=(",", ":"))


def _revealed(value: object) -> str:
    if isinstance(value, Secret):
        return value.reveal()
    raise TypeError(f"{type(value).__name__} does not travel to TikTok")


def _envelope(body: bytes) -> dict[str, Any] | None:
    """The envelope, or None when this is not one. The parser's own error is dropped here because it carries the whole body."""
    try:
        parsed = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    if not isinstance(parsed, dict) or type(parsed.get("code")) is not int:
        return None
    return parsed


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _request_id(answer: _HttpAnswer, envelope: Mapping[str, Any] | None) -> str:
    for candidate in ((envelope or {}).get("request_id"), answer.headers.get("x-tt-logid")):
        if isinstance(candidate, str) and re.fullmatch(r"[0-9A-Za-z_-]{1,64}", candidate):
            return candidate
    return ""


def _failure(answer: _HttpAnswer, call: Call, message: str, now: datetime) -> TikTokError:
    """TikTok says: trust the code over the HTTP status. Without a code, the status has to do."""
    retry_after_seconds = _retry_after_seconds(answer.headers, now)
    if answer.status == 429:
        error_class: type[TikTokError] = Throttled
    elif call.code != NO_CODE:
        error_class = error_class_for(call.code)
    elif answer.status == 503:
        error_class = TryLater
    elif answer.status >= 500:
        error_class = AnswerLost  # a gateway gave up; what is behind it may have done the work
    else:
        error_class = answer.fault or NotUnderstood
    if issubclass(error_class, TryLater):
        return error_class(call=call, tiktok_message=message, retry_after_seconds=retry_after_seconds)
    return error_class(call=call, tiktok_message=message)


def _retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    said = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", said):
        return float(said)
    until = _http_date(said)
    if until is None:
        return None
    here = _http_date(headers.get("date", "")) or now  # TikTok's own clock where it tells it, so that ours need not agree
    return max(0.0, (until - here).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        date = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _blotted(message: object, sent: list[Any]) -> str:
    """TikTok's text for our log, at most a line, without the secrets of this call and without anything that looks like a token."""
    if not isinstance(message, str):
        return ""
    for value in sent:
        if isinstance(value, Secret) and value:
            message = message.replace(value.reveal(), DOTS)
    message = re.sub(r"\b(?:act|rft|clt)\.\S+", DOTS, message)
    return "".join(character if character.isprintable() else " " for character in message)[:300]
