"""Signing in with TikTok: the way there, the way back, and what each return that did not work says."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from agency import queries
from agency.access import keep_private, networked, public
from agency.key_service import KeyServiceError
from integrations import sign_in
from integrations.sign_in import Ending
from integrations.wording import Words

WORDS: dict[Ending, Words] = {
    Ending.UNKNOWN: Words(
        "Nobody signs in here with this TikTok account yet",
        "Nobody registers by themselves: a creator is invited by a workspace, and links TikTok when accepting.",
        "Open the link in your invitation and choose Continue with TikTok there. If you set a password instead, sign in with it.",
        403,
    ),
    Ending.TAKEN: Words(
        "This TikTok account already signs somebody in",
        "One TikTok account belongs to one person here. Your invitation is still open.",
        "Are you signed in to another account on TikTok than you meant? Switch there and open your invitation again, or choose a password.",
        409,
    ),
    Ending.CLOSED: Words("This sign-in is closed", "Your account here was closed.", "Ask the person who invited you.", 403, retry=False),
    Ending.INVITATION_GONE: Words(
        "This invitation is no longer open",
        "It was used, withdrawn, or has expired meanwhile.",
        "Have you accepted it before? Then sign in. If not, ask the person who invited you for a new one.",
        410,
        retry=False,
    ),
    Ending.DENIED: Words(
        "You did not allow it", "TikTok says that you declined on its page.", "Try again and choose Allow, or sign in with your password."
    ),
    Ending.FORGED: Words(
        "This link does not belong to a sign-in that was started in this browser",
        "It was used before, or begun somewhere else.",
        "Start again from the sign-in page. Never open such a link from a message.",
        400,
    ),
    Ending.EXPIRED: Words("That took longer than ten minutes", "The way back is open for ten minutes.", "Start again.", 400),
    Ending.REFUSED: Words("TikTok did not confirm it", "TikTok refused what it had sent you back with.", "Start again.", 400),
    Ending.UPSTREAM: Words(
        "TikTok does not answer", "It could not be asked who you are.", "Wait a minute and start again, or sign in with your password.", 503
    ),
    Ending.MISCONFIGURED: Words(
        "Signing in with TikTok is not set up rightly here",
        "TikTok refuses this installation, not you.",
        "Sign in with your password. The people who run this platform have to check the client key, its secret and the redirect address.",
        500,
        retry=False,
    ),
    Ending.NOT_UNDERSTOOD: Words(
        "TikTok's answer was not understood", "It was not what TikTok documents.", "Sign in with your password, or try later.", 502
    ),
    Ending.NOT_SAFE: Words(
        "This cannot be done safely now", "What was noted when you started could not be opened.", "Start again in a minute.", 503
    ),
}


@require_POST
@networked
@public
def tiktok_sign_in(request: HttpRequest) -> HttpResponse:
    """To TikTok: with an invitation to accept it, without one to sign in."""
    if not sign_in.is_offered():
        raise Http404("No app at TikTok for Developers is set up.")
    if request.user.is_authenticated:
        return redirect("home")
    invitation, token = None, request.POST.get("invitation", "")
    if token:
        invitation = queries.open_invitation(token)
        if invitation is None or not sign_in.may_join(invitation):
            return redirect("invitation", token=token[:100])
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    try:
        address = sign_in.begin(request.session, invitation=invitation, back=back)
    except KeyServiceError:
        return keep_private(_problem(request, Ending.NOT_SAFE))
    return keep_private(HttpResponse(status=303, headers={"Location": address}))


@require_http_methods(["GET", "HEAD"])
@networked
@public
def tiktok_sign_in_back(request: HttpRequest) -> HttpResponse:
    """Where TikTok sends the person back. A second factor, where there is one, is asked for as after a password."""
    if request.method == "HEAD":  # link checkers must not use a code up
        return keep_private(HttpResponse())
    if request.user.is_authenticated:
        return keep_private(redirect("home"))
    query = request.GET
    outcome = sign_in.come_back(request.session, state=query.get("state", ""), code=query.get("code", ""), error=query.get("error", ""))
    if outcome.person is None or outcome.ending not in {Ending.SIGNED_IN, Ending.JOINED}:
        return keep_private(_problem(request, outcome.ending))
    if outcome.ending is Ending.JOINED:
        messages.success(request, "Welcome. From now on you sign in with TikTok.")
    record_authentication(request, outcome.person, method="tiktok")
    return keep_private(perform_login(request, outcome.person, email_verification="none", redirect_url=outcome.back))


def _problem(request: HttpRequest, ending: Ending) -> HttpResponse:
    words = WORDS[ending]
    context = {
        "title": words.title,
        "what": words.what,
        "do": words.do,
        "retry_href": reverse("tiktok_sign_in") if words.retry and ending is not Ending.TAKEN else "",
    }
    return render(request, "integrations/sign_in_problem.html", context, status=words.status)
