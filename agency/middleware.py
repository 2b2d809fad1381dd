"""Per request: headers, and the transaction in its workspace's scope. Decides which workspace; never what may be done there."""

import secrets
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.loader import get_template
from django.urls import Resolver404, resolve
from django.utils.http import urlencode

from agency import access, clock, logs, restored, scope, sessions
from agency.models import Membership

Handler = Callable[[HttpRequest], HttpResponse]
_SEEN_EVERY = timedelta(minutes=10)
METHODS = ("GET", "HEAD", "POST")
_NO_FEATURES = ", ".join(
    f"{name}=()"
    for name in (
        "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation", "gyroscope",
        "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock",
        "usb", "xr-spatial-tracking",
    )
) + ", publickey-credentials-create=(self), publickey-credentials-get=(self)"  # fmt: skip


class HeadersMiddleware:
    """Headers that every answer carries, and the request id that every log line of this request carries."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = logs.request_id.set(secrets.token_hex(8))
        try:
            response = self.get_response(request)
            response.headers["Permissions-Policy"] = _NO_FEATURES
            response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
            response.headers["X-Request-Id"] = logs.request_id.get()
            if getattr(getattr(request, "user", None), "is_authenticated", False) and not request.path.startswith("/static/"):
                response.headers.setdefault("Cache-Control", "no-store")
            return response
        finally:
            logs.request_id.reset(token)


class RestoredMiddleware:
    """Answers 503 to everything while a restored database still holds what was erased before it was restored."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not restored.is_replayed():
            return HttpResponse(get_template("errors/503.html").render(), status=503, headers={"Retry-After": "60"})
        return self.get_response(request)


class MethodsMiddleware:
    """Refuses every method that no page, form or link uses, before anybody's session is read.

    Libraries' views answer PUT like POST; what no form sends must not be a second way in.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        return self.get_response(request)


class WorkspaceMiddleware:
    """Opens the request's transaction in the scope of the person and the workspace; the answer is rendered inside it.

    Addresses that talk to the network get no transaction. An exception or an answer of 500 rolls back.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.membership, request.memberships, request.roll_back = None, [], False
        try:
            view = resolve(request.path_info).func
        except Resolver404:
            return self.get_response(request)
        if request.user.is_authenticated:
            sessions.notice(request)
        response = self._answer(request, view)
        notice_membership(request)
        return response

    def _answer(self, request: Any, view: Any) -> HttpResponse:
        person_id = request.user.pk
        if getattr(view, "talks_to_network", False):
            with scope.inside(None, person_id=person_id) if person_id is not None else nullcontext():
                gate = enter(request, view)
            return gate or self.get_response(request)
        with scope.inside(None, person_id=person_id):
            gate = enter(request, view)
            if gate is not None:
                return gate
            membership = request.membership
            with scope.moved(membership.workspace_id, person_id=person_id) if membership else nullcontext():
                response = self.get_response(request)
            if request.roll_back or response.status_code >= 500:
                transaction.set_rollback(True)
        return response

    def process_exception(self, request: Any, exception: Exception) -> None:
        """The handler around us turns exceptions into pages; the transaction must know nevertheless."""
        request.roll_back = True


def enter(request: Any, view: Any) -> HttpResponse | None:
    """Find the person's workspace, and what to answer instead of the page if they may not open it yet. Asked in the scope of the person.

    The workspace comes from a membership row. A link may name one by `?workspace=`; only memberships count.
    """
    if not request.user.is_authenticated:
        return None
    request.memberships = Membership.objects.of_person(request.user.pk)
    asked, held = request.GET.get("workspace"), request.session.get("workspace")
    request.membership = access.find_membership(request.memberships, asked, held)
    if request.membership and held != str(request.membership.workspace_id):
        request.session["workspace"] = str(request.membership.workspace_id)
    return second_factor_gate(request, view)


def notice_membership(request: Any) -> None:
    """Note now and then that somebody was here. In a transaction of its own, after the page's: noted in that one, two people who change
    each other's access would wait for each other in a circle.
    """
    membership, now = request.membership, clock.now()
    if membership and (membership.last_seen_at is None or now - membership.last_seen_at > _SEEN_EVERY):
        with scope.inside(membership.workspace_id):
            Membership.objects.filter(pk=membership.pk).update(last_seen_at=now)


def second_factor_gate(request: Any, view: Any) -> HttpResponse | None:
    """Staff act only with a second factor younger than twelve hours; without a device they can only enrol or sign out.

    The device must still be there: removing a lost phone ends what was begun with it.
    """
    if not any(m.as_role.is_staff for m in request.memberships) or getattr(view, "open_before_second_factor", False):
        return None
    records = get_authentication_records(request, request.user)
    oldest = clock.real_timestamp() - settings.STAFF_SECOND_FACTOR_MAX_AGE.total_seconds()
    young = [r["id"] for r in records if r["method"] == "mfa" and r["at"] > oldest]
    if young and Authenticator.objects.filter(user=request.user, pk__in=young).exists():
        return None
    from_here = urlencode({"next": request.get_full_path() if request.method == "GET" else "/"})
    return redirect(f"/two-factor/start?{from_here}")
