"""A person's own pages: name, appearance, ways to sign in, and the browsers they are signed in with."""

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from agency import sessions
from agency.access import WorkspaceRequest, signed_in
from agency.forms import AccountForm
from agency.roles import Can


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def account(request: WorkspaceRequest) -> HttpResponse:
    """A person's own name, appearance, second factor and sessions."""
    form = AccountForm(request.POST if request.method == "POST" else None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("account")
    here = request.session.session_key
    context = {
        "form": form,
        "two_factor": is_mfa_enabled(request.user),
        "two_factor_required": any(m.as_role.is_staff for m in request.memberships),
        "sessions": [
            {
                "public_id": sessions.public_id(session),
                "device": session.device or "A browser",
                "began_at": session.began_at,
                "seen_at": session.seen_at,
                "is_here": session.session_key == here,
            }
            for session in sorted(sessions.of(request.user), key=lambda session: session.session_key != here)
        ],
        "sees_looks": request.membership is not None and request.membership.as_role.can(Can.VIEW_LOOKS),
    }
    return render(request, "agency/account.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def end_session(request: WorkspaceRequest, public_id: str) -> HttpResponse:
    """Sign one browser out. One's own is signed out with its own button, so that the page can say so."""
    if not sessions.end_one(request.user, public_id):
        raise Http404("No such session, or not this person's.")
    messages.success(request, "That browser is signed out.")
    return redirect("account")


@require_POST
@signed_in
def end_other_sessions(request: WorkspaceRequest) -> HttpResponse:
    """Sign every other browser out."""
    count = sessions.end_all(request.user, but=request.session.session_key)
    said = f"{count} other browser{'s are' if count > 1 else ' is'} signed out." if count else "You are signed in nowhere else."
    messages.success(request, said)
    return redirect("account")
