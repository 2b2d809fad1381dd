"""The platform's own application, with a view that does nothing and a way round the audit row, to compare with."""

from typing import Any

from django.conf import settings

from agency import access
from agency.wsgi import application

settings.ROOT_URLCONF = "tests.bench.urls"
_note_look = access.note_look


def _note_unless_told(request: Any, *rest: Any) -> None:
    """The same server answers with and without the audit row, so that nothing but the row differs."""
    if "X-Bench-Unaudited" not in request.headers:
        _note_look(request, *rest)


access.note_look = _note_unless_told

__all__ = ["application"]
