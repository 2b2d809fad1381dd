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
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import httpcore
import httpx

from agency.secret import DOTS, Secret, keep_quiet
from integrations.tiktok import envelopes
from integrations.tiktok.deadline import PooledTransport, all_within
from integrations.tiktok.envelopes import Envelope
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
)

T = TypeVar("T")

BUSINESS_PREFIX = "/open_api/v1.3"
LARGEST_DOCUMENT_BYTES = 64 * 1024 * 1024
LONGEST_DOWNLOAD_SECONDS = 120.0

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


@dataclass(frozen=True)
class _Request:
    """One request as it is meant; `path` names the endpoint, `read` tells what TikTok answers there."""

    method: str
    base: str
    path: str
    access_token: Secret | None
    params: Mapping[str, Any]
    read: Callable[[bytes, int], Envelope | None]
    json: Mapping[str, Any] | None = None
    form: Mapping[str, Any] | None = None
    is_bearer: bool = False
    is_download: bool = False


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
        self._guard: Callable[[str], AbstractContextManager[None]] = nullcontext

    def guarded(self, guard: Callable[[str], AbstractContextManager[None]]) -> "Transport":
        """The same pool behind a guard: it is given the path of each call, is entered before it and left with its outcome."""
        twin = copy(self)
        twin._guard = guard
        return twin

    def business_get(self, path: str, *, params: Mapping[str, Any], access_token: Secret | None = None) -> Answer[Mapping[str, Any]]:
        """GET of the API for Business. Parameters that are None are left out; lists and mappings travel as JSON text."""
        return self._call(self._business("GET", path, access_token, params, None, envelopes.business))

    def business_post(self, path: str, *, body: Mapping[str, Any], access_token: Secret | None = None) -> Answer[Mapping[str, Any]]:
        """POST of the API for Business with a JSON body, in which secrets may stand as they are."""
        return self._call(self._business("POST", path, access_token, {}, body, envelopes.business))

    def business_download(self, path: str, *, params: Mapping[str, Any], access_token: Secret) -> Answer[str]:
        """GET of the API for Business that is answered with a text instead of an envelope: up to 64 MiB, within two minutes."""
        request = self._business("GET", path, access_token, params, None, envelopes.document)
        return self._call(replace(request, is_download=True))

    def developers_get(self, path: str, *, params: Mapping[str, Any], access_token: Secret) -> Answer[Mapping[str, Any]]:
        """GET of TikTok for Developers."""
        return self._call(self._developers("GET", path, access_token, params, None))

    def developers_post(
        self, path: str, *, params: Mapping[str, Any], body: Mapping[str, Any], access_token: Secret
    ) -> Answer[Mapping[str, Any]]:
        """POST of TikTok for Developers with a JSON body; `fields` go into the query there too."""
        return self._call(self._developers("POST", path, access_token, params, body))

    def developers_form(self, path: str, *, form: Mapping[str, Any]) -> Answer[Mapping[str, Any]]:
        """POST of a form to Login Kit, whose answers have no envelope and whose secrets travel in the body."""
        return self._call(_Request("POST", self.base_urls.developers, path, None, {}, envelopes.login, form=form))

    def close(self) -> None:
        """Close this process's connections. A later call opens new ones."""
        client = self._clients.pop(os.getpid(), None)
        if client is not None:
            client.close()

    def _business(
        self,
        method: str,
        path: str,
        access_token: Secret | None,
        params: Mapping[str, Any],
        body: Mapping[str, Any] | None,
        read: Callable[[bytes, int], Envelope | None],
    ) -> _Request:
        return _Request(method, self.base_urls.business + BUSINESS_PREFIX, path, access_token, params, read, json=body)

    def _developers(
        self, method: str, path: str, access_token: Secret, params: Mapping[str, Any], body: Mapping[str, Any] | None
    ) -> _Request:
        return _Request(method, self.base_urls.developers, path, access_token, params, envelopes.developers, json=body, is_bearer=True)

    def _call(self, request: _Request) -> Answer[Any]:
        with self._guard(request.path):
            outcome = self._outcome(request)
            if isinstance(outcome, TikTokError):
                raise outcome  # from here, where no local holds a body or a revealed secret
            return outcome

    def _outcome(self, request: _Request) -> Answer[Any] | TikTokError:
        started_at, started = self._now(), time.monotonic()
        answer = self._exchange(request)
        duration_ms = round((time.monotonic() - started) * 1000)
        if not isinstance(answer, _HttpAnswer):
            return answer(call=Call(request.path, "", NO_ANSWER, NO_CODE, started_at, duration_ms))

        envelope = request.read(answer.body, answer.status) if answer.fault is None else None
        call = Call(
            endpoint=request.path,
            request_id=_request_id(answer, envelope),
            http_status=answer.status,
            code=envelope.code if envelope else NO_CODE,
            started_at=started_at,
            duration_ms=duration_ms,
            word=envelope.word if envelope else "",
            notice=_blotted(answer.headers.get("x-tt-ads-throttle"), []),
        )
        if answer.status == 429 or envelope is None or envelope.error_class is not None:
            sent = [request.access_token, *request.params.values(), *(request.json or {}).values(), *(request.form or {}).values()]
            return _failure(answer, envelope, call, _blotted(envelope.message if envelope else None, sent), self._now())
        return Answer(envelope.data, call)

    def _exchange(self, request: _Request) -> _HttpAnswer | type[TikTokError]:
        """One request and its answer, or why there is none.

        Failures leave as classes, not as exceptions: exceptions of the libraries below keep the request, and tracebacks keep the locals of
        this function, in which the secrets stand in clear.
        """
        headers, content = {}, None
        if request.access_token is not None:
            token = request.access_token.reveal()
            if not re.fullmatch(r"[\x21-\x7e]+", token):
                return OurMistake
            headers = {"Authorization": f"Bearer {token}"} if request.is_bearer else {"Access-Token": token}
        if request.json is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(request.json, default=_revealed).encode()
        elif request.form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            content = _urlencoded(request.form).encode()
        query = _urlencoded(request.params)
        url = f"{request.base}{request.path}?{query}" if query else request.base + request.path
        seconds = max(self.total_deadline_seconds, LONGEST_DOWNLOAD_SECONDS) if request.is_download else self.total_deadline_seconds
        try:
            with all_within(seconds), self._client().stream(request.method, url, headers=headers, content=content) as response:
                text, fault = self._read(response, is_download=request.is_download)
                return _HttpAnswer(response.status_code, dict(response.headers), text, fault)
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout):
            return TryLater
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
            return AnswerLost
        except (httpcore.UnsupportedProtocol, httpx.InvalidURL):
            return OurMistake

    def _read(self, response: httpx.Response, *, is_download: bool) -> tuple[bytes, type[TikTokError] | None]:
        limit = max(self._max_body_bytes, LARGEST_DOCUMENT_BYTES) if is_download else self._max_body_bytes
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip"):
            return b"", NotUnderstood
        inflater = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
        text = bytearray()
        try:
            for chunk in response.iter_raw():
                # Inflated here and not by the client, which would unpack a small bomb whole before its size could be seen.
                text += inflater.decompress(chunk, limit + 1 - len(text)) if inflater else chunk
                if len(text) > limit:
                    return b"", NotUnderstood
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
            return b"", AnswerLost
        except zlib.error:
            return b"", NotUnderstood
        if inflater and not inflater.eof:
            return b"", AnswerLost
        if is_download and not (inflater or _tells_its_end(response)):
            return b"", AnswerLost  # an envelope that was cut does not parse, but half a table looks like a table
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


def _urlencoded(values: Mapping[str, Any]) -> str:
    return urlencode({name: _query_text(value) for name, value in values.items() if value is not None}, quote_via=quote)


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


def _tells_its_end(response: httpx.Response) -> bool:
    return response.http_version == "HTTP/2" or "content-length" in response.headers or "transfer-encoding" in response.headers


def _request_id(answer: _HttpAnswer, envelope: Envelope | None) -> str:
    for candidate in (envelope.request_id if envelope else None, answer.headers.get("x-tt-logid")):
        if isinstance(candidate, str) and re.fullmatch(r"[0-9A-Za-z_-]{1,64}", candidate):
            return candidate
    return ""


def _failure(answer: _HttpAnswer, envelope: Envelope | None, call: Call, message: str, now: datetime) -> TikTokError:
    """TikTok says: trust the code over the HTTP status. Without an envelope, the status has to do."""
    if answer.status == 429:
        error_class: type[TikTokError] = Throttled
    elif envelope is not None:
        error_class = envelope.error_class or NotUnderstood
    elif answer.status == 503:
        error_class = TryLater
    elif answer.status >= 500:
        error_class = AnswerLost  # a gateway gave up; what is behind it may have done the work
    else:
        error_class = answer.fault or NotUnderstood
    if issubclass(error_class, TryLater):
        return error_class(call=call, tiktok_message=message, retry_after_seconds=_retry_after_seconds(answer.headers, now))
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
