"""A person's own pages: name, appearance, ways to sign in, and the browsers they are signed in with."""

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from agency import sessions, sign_in_links
from agency.access import WorkspaceRequest, ask_to_confirm, confirmed_lately, signed_in
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
    here, link = request.session.session_key, sign_in_links.of(request.user)
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
        "tiktok_linked_at": link.linked_at if link else None,
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
def unlink_tiktok(request: WorkspaceRequest) -> HttpResponse:
    """No signing in with TikTok any more. Whoever has no password would be locked out, and gets one first."""
    if not confirmed_lately(request):
        return ask_to_confirm(request, "/settings/account")
    if not request.user.has_usable_password():
        messages.error(request, "You have no password yet, so TikTok is your only way in. Ask for a password by mail first, then unlink.")
    elif sign_in_links.end(request.user):
        messages.success(request, "TikTok is unlinked. From now on you sign in with your password.")
    return redirect("account")


@require_POST
@signed_in
def end_other_sessions(request: WorkspaceRequest) -> HttpResponse:
    """Sign every other browser out."""
    count = sessions.end_all(request.user, but=request.session.session_key)
    said = f"{count} other browser{'s are' if count > 1 else ' is'} signed out." if count else "You are signed in nowhere else."
    messages.success(request, said)
    return redirect("account")
