"""Writes down every secret that passes, for whoever has to prove that none of them stayed anywhere. Off unless a file is named.

One JSON object a line. Only the wire is looked at, so that what the sandbox does not keep itself (verifiers, states) is told too.
"""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tiktok_sandbox.wire import Request, Response

NAMES = frozenset({"access_token", "refresh_token", "auth_code", "code", "code_verifier", "state", "client_secret", "secret"})


class Revealed:
    """The file, and what stands in it already."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: set[tuple[str, str]] = set()

    def note(self, request: Request, response: Response) -> None:
        """Every named value of a request and of its answer."""
        location = next((value for name, value in response.headers if name == "Location"), "")
        asked = (_pairs(request), _members(request.body) or parse_qsl(request.body.decode(errors="replace"), max_num_fields=200))
        for source in (*asked, parse_qsl(urlsplit(location).query), _members(response.body)):
            for name, value in source:
                if name in NAMES and isinstance(value, str) and value:
                    self._write("auth_code" if name == "code" else name, value)
        token = request.headers.get("access-token", "")
        if token:
            self._write("access_token", token)

    def _write(self, name: str, value: str) -> None:
        if (name, value) in self._known:
            return
        self._known.add((name, value))
        handle = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(json.dumps({"name": name, "value": value}) + "\n")


def _pairs(request: Request) -> list[tuple[str, Any]]:
    try:
        return list(request.pairs())
    except ValueError:
        return []


def _members(body: bytes) -> list[tuple[str, Any]]:
    """The members of a JSON object, those of its `data` included."""
    try:
        found = json.loads(body)
    except ValueError:
        return []
    if not isinstance(found, dict):
        return []
    data = found.get("data")
    return [*found.items(), *(data.items() if isinstance(data, dict) else ())]
