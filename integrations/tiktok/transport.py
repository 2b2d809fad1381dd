"""The only module that speaks HTTP with TikTok.

Owns the connection pool, the total deadline, the size limit, the envelope, and the translation of failures into `errors`.
Never retries, never follows a redirect, never keeps a cookie, and lets no secret into an exception, a log line or a repr.
"""

import os
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import httpcore
import httpx

from agency.secret import Secret, keep_quiet
from integrations.tiktok import envelopes
from integrations.tiktok.deadline import PooledTransport, all_within
from integrations.tiktok.envelopes import Received
from integrations.tiktok.errors import NO_ANSWER, NO_CODE, AnswerLost, Call, NotUnderstood, OurMistake, TikTokError, TryLater
from integrations.tiktok.failures import blotted, failure, request_id
from integrations.tiktok.upload_addresses import parts_of_upload
from integrations.tiktok.wire import File, Piece, Request, written

T = TypeVar("T")

BUSINESS_PREFIX = "/open_api/v1.3"
LARGEST_DOCUMENT_BYTES = 64 * 1024 * 1024
LONGEST_TRANSFER_SECONDS = 120.0

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
        return self._call(Request("GET", self._business, path, envelopes.business, access_token, params))

    def business_post(self, path: str, *, body: Mapping[str, Any], access_token: Secret | None = None) -> Answer[Mapping[str, Any]]:
        """POST of the API for Business with a JSON body, in which secrets may stand as they are."""
        return self._call(Request("POST", self._business, path, envelopes.business, access_token, json=body))

    def business_file(
        self, path: str, *, form: Mapping[str, Any], part: str, file: File, access_token: Secret
    ) -> Answer[Mapping[str, Any]]:
        """POST of the API for Business with a file in a form: within two minutes."""
        request = Request("POST", self._business, path, envelopes.business, access_token, form=form, file=(part, file), is_long=True)
        return self._call(request)

    def business_download(self, path: str, *, params: Mapping[str, Any], access_token: Secret) -> Answer[str]:
        """GET of the API for Business that is answered with a text instead of an envelope: up to 64 MiB, within two minutes."""
        request = Request("GET", self._business, path, envelopes.document, access_token, params, is_document=True, is_long=True)
        return self._call(request)

    def developers_get(self, path: str, *, params: Mapping[str, Any], access_token: Secret) -> Answer[Mapping[str, Any]]:
        """GET of TikTok for Developers."""
        return self._call(Request("GET", self.base_urls.developers, path, envelopes.developers, access_token, params, is_bearer=True))

    def developers_post(
        self, path: str, *, params: Mapping[str, Any], body: Mapping[str, Any], access_token: Secret
    ) -> Answer[Mapping[str, Any]]:
        """POST of TikTok for Developers with a JSON body; `fields` go into the query there too."""
        base = self.base_urls.developers
        return self._call(Request("POST", base, path, envelopes.developers, access_token, params, json=body, is_bearer=True))

    def developers_form(self, path: str, *, form: Mapping[str, Any]) -> Answer[Mapping[str, Any]]:
        """POST of a form to Login Kit, whose answers have no envelope and whose secrets travel in the body."""
        return self._call(Request("POST", self.base_urls.developers, path, envelopes.login, form=form))

    def developers_upload(self, address: Secret, *, piece: Piece) -> Answer[Mapping[str, Any]]:
        """PUT of a piece to an address that TikTok gave for it: exactly as given, without a token, within two minutes.

        NotUnderstood when the address is not TikTok's own.
        """
        base, path, query = parts_of_upload(address, developers=self.base_urls.developers) or ("", "", None)
        if query is None:
            raise NotUnderstood(sentence="TikTok gave an address for the upload that is not its own. Nothing was sent there.")
        return self._call(Request("PUT", base, path, envelopes.upload, exact_query=query, piece=piece, is_long=True))

    def close(self) -> None:
        """Close this process's connections. A later call opens new ones."""
        client = self._clients.pop(os.getpid(), None)
        if client is not None:
            client.close()

    @property
    def _business(self) -> str:
        return self.base_urls.business + BUSINESS_PREFIX

    def _call(self, request: Request) -> Answer[Any]:
        with self._guard(request.path):
            outcome = self._outcome(request)
            if isinstance(outcome, TikTokError):
                raise outcome  # from here, where no local holds a body or a revealed secret
            return outcome

    def _outcome(self, request: Request) -> Answer[Any] | TikTokError:
        started_at, started = self._now(), time.monotonic()
        answer = self._exchange(request)
        duration_ms = round((time.monotonic() - started) * 1000)
        if not isinstance(answer, Received):
            return answer(call=Call(request.path, "", NO_ANSWER, NO_CODE, started_at, duration_ms))

        envelope = request.read(answer) if answer.fault is None else None
        call = Call(
            endpoint=request.path,
            request_id=request_id(answer, envelope),
            http_status=answer.status,
            code=envelope.code if envelope else NO_CODE,
            started_at=started_at,
            duration_ms=duration_ms,
            word=envelope.word if envelope else "",
            notice=blotted(answer.headers.get("x-tt-ads-throttle"), []),
        )
        if answer.status == 429 or envelope is None or envelope.error_class is not None:
            return failure(answer, envelope, call, request.sent(), self._now())
        return Answer(envelope.data, call)

    def _exchange(self, request: Request) -> Received | type[TikTokError]:
        """One request and its answer, or why there is none.

        Failures leave as classes, not as exceptions: exceptions of the libraries below keep the request, and tracebacks keep the locals of
        this function, in which the secrets stand in clear.
        """
        out = written(request)
        if out is None:
            return OurMistake
        seconds = max(self.total_deadline_seconds, LONGEST_TRANSFER_SECONDS) if request.is_long else self.total_deadline_seconds
        client = self._client()  # made once, on our own time: where the machine is busy, reading certificates takes longer than some calls
        try:
            with all_within(seconds), client.stream(request.method, out.url, headers=out.headers, content=out.content) as response:
                text, fault = self._read(response, is_document=request.is_document)
                return Received(response.status_code, dict(response.headers), text, fault)
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout):
            return TryLater
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
            return AnswerLost
        except (httpcore.UnsupportedProtocol, httpx.InvalidURL):
            return OurMistake

    def _read(self, response: httpx.Response, *, is_document: bool) -> tuple[bytes, type[TikTokError] | None]:
        limit = max(self._max_body_bytes, LARGEST_DOCUMENT_BYTES) if is_document else self._max_body_bytes
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
        if is_document and not (inflater or _tells_its_end(response)):
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


def _tells_its_end(response: httpx.Response) -> bool:
    return response.http_version == "HTTP/2" or "content-length" in response.headers or "transfer-encoding" in response.headers
