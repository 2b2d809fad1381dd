"""The platform's addresses and /empty, and a way round the audit row, to compare with."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path

from agency import access, urls
from agency.access import networked, public

_note_look = access.note_look


def _note_unless_told(request: Any, *rest: Any) -> None:
    """The same server answers with and without the row, so that nothing but the row differs."""
    if "X-Bench-Unaudited" not in request.headers:
        _note_look(request, *rest)


access.note_look = _note_unless_told


@networked
@public
def empty(request: HttpRequest) -> HttpResponse:
    """Nothing but the middleware."""
    return HttpResponse(b"", content_type="text/plain")


handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
urlpatterns = [path("empty", empty), *urls.urlpatterns]
