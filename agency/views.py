"""The way in, the workspace itself, errors, health, and (outside production) the caught mails."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agency import actions, clock, logs, queries
from agency.access import WorkspaceRequest, networked, public, signed_in
from agency.chrome import home_of
from agency.forms import AcceptanceForm
from agency.outlets import mailbox
from agency.roles import Role


@require_safe
@signed_in
def home(request: WorkspaceRequest) -> HttpResponse:
    """Everybody to the first page of their own work."""
    if request.membership is None:
        return render(request, "agency/no_workspace.html")
    return redirect(home_of(request.membership))


@require_POST
@signed_in
def switch_workspace(request: WorkspaceRequest) -> HttpResponse:
    """Act in another of one's own workspaces from here on."""
    for membership in request.memberships:
        if membership.workspace.slug == request.POST.get("workspace"):
            request.session["workspace"] = str(membership.workspace_id)
            return redirect(home_of(membership))
    raise Http404("Not a member of such a workspace.")


@require_http_methods(["GET", "HEAD", "POST"])
@public
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation: as a new person, or as the one who is signed in."""
    found = queries.open_invitation(token)
    if found is None:
        return render(request, "agency/invitation.html", {"invitation": None}, status=410)
    known = queries.is_person(found.email)
    if known and not request.user.is_authenticated:
        return redirect("/sign-in?" + urlencode({"next": request.path}))
    form = None if known else AcceptanceForm(request.POST if request.method == "POST" else None, email=found.email)
    problem = ""
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            actions.accept_invitation(found, person=request.user if known else None, **({} if known else form.cleaned_data))
        except actions.NotAllowed as refusal:
            problem = str(refusal)
        else:
            messages.success(request, f"Welcome to {found.workspace.name}." + ("" if known else " Sign in to begin."))
            return redirect("home" if known else "account_login")
    context = {
        "invitation": found,
        "workspace_name": found.workspace.name,
        "inviter": found.invited_by.name,
        "role_label": Role(found.role).label,
        "email": found.email,
        "form": form,
        "problem": problem,
        "tiktok_token": token if form and found.role == Role.CREATOR and settings.TIKTOK_LOGIN_KEY else "",
    }
    return render(request, "agency/invitation.html", context, status=422 if problem or (form and form.errors) else 200)


@require_safe
@signed_in
def second_factor(request: WorkspaceRequest) -> HttpResponse:
    """Staff without a fresh second factor arrive here: to the device they have, or to enrolling one."""
    target = "mfa_activate_totp"
    if is_mfa_enabled(request.user, [Authenticator.Type.WEBAUTHN]):
        target = "mfa_reauthenticate_webauthn"
    if is_mfa_enabled(request.user, [Authenticator.Type.TOTP]):
        target = "mfa_reauthenticate"
    back = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    response = redirect(target)
    response.headers["Location"] += "?" + urlencode({"next": back})
    return response


second_factor.open_before_second_factor = True


@require_safe
@networked
@public
def health(request: HttpRequest) -> HttpResponse:
    """Answers 200 when the web process reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@networked
@public
def security_txt(request: HttpRequest) -> HttpResponse:
    """Where to report a weakness, as RFC 9116 has it. It has to end within a year; ours is always half a year ahead."""
    ends = datetime.combine(clock.today() + timedelta(days=182), time.min, UTC)
    lines = (
        f"Contact: mailto:{settings.SECURITY_CONTACT}",
        f"Expires: {ends:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {settings.APP_URL}{request.path}",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
@networked
@public
def dev_mail(request: HttpRequest, name: str | None = None, part: str = "page") -> HttpResponse:
    """The demo's caught mails. Does not exist unless a mail folder is set, which production forbids."""
    if not settings.MAIL_FOLDER:
        raise Http404("No mail folder here.")
    if name is None:
        return render(request, "agency/dev_mail.html", {"mails": mailbox.listing()})
    letter = mailbox.read(name)
    if letter is None:
        raise Http404("No such mail.")
    if part == "raw":
        return HttpResponse(letter.raw, content_type="text/plain; charset=utf-8")
    if part == "html":
        response = HttpResponse(letter.html_with_pictures, headers={"X-Frame-Options": "SAMEORIGIN"})
        # A mail is its own small world: inline styles and embedded pictures, nothing else, and no script.
        response._csp_replace = {
            "style-src": ["'unsafe-inline'"],
            "img-src": ["data:"],
            "frame-ancestors": ["'self'"],
            "form-action": ["'none'"],
        }
        return response
    return render(request, "agency/dev_mail_message.html", {"mail": letter})


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is too old or missing: say so, and lead back to the page with a fresh one."""
    return render(request, "errors/403_stale_form.html", {"back": request.path}, status=403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """The same words whether a thing is absent or not for this person."""
    return render(request, "errors/404.html", status=404)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Says whom to ask."""
    return render(request, "errors/403.html", status=403)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """The browser sent something that no page of ours would."""
    return render(request, "errors/400.html", status=400)


def too_many(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Somebody asks faster than people do."""
    return render(request, "errors/429.html", status=429)


def server_error(request: HttpRequest) -> HttpResponse:
    """Static, with the request id as the reference."""
    return render(request, "errors/500.html", {"chrome": None, "reference": logs.request_id.get()}, status=500)
