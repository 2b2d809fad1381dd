"""The platform's addresses and /empty."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from agency import urls
from agency.access import networked, public


@networked
@public
def empty(request: HttpRequest) -> HttpResponse:
    """Nothing but the middleware."""
    return HttpResponse(b"", content_type="text/plain")


handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500
urlpatterns = [path("empty", empty), *urls.urlpatterns]
