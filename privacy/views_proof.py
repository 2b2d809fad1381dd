"""Signing in to TikTok for a deletion request: the way there, what it showed, and what each return that did not work says."""

from dataclasses import dataclass
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from agency import guessing
from agency.access import keep_private, networked, public
from agency.key_service import KeyServiceError
from integrations import proofs, trips
from integrations.consent import Cause
from privacy import proving, public_requests
from privacy.models import PublicRequest
from privacy.proving import Match
from privacy.references import as_written


@dataclass(frozen=True)
class Words:
    """A page about a way back that showed nothing: what happened, then what to do."""

    title: str
    what: str
    do: str
    status: int


_AGAIN = "Your request is still here as you wrote it."
WORDS: dict[Cause, Words] = {
    Cause.DENIED: Words(
        "You did not allow it",
        "TikTok says that you declined on its page, so it did not say who you are.",
        f"{_AGAIN} Try again and choose Allow, or show it in another way.",
        200,
    ),
    Cause.FORGED: Words(
        "This way back from TikTok is not known here",
        "It was never given out, or more than a week ago.",
        "Open the page of your request by its reference and start again there. Never open such a link from a message.",
        410,
    ),
    Cause.OTHER_BROWSER: Words(
        "This was started in another browser",
        "For your safety the answer counts only in the browser in which it was begun. Nothing was read and nothing is deleted.",
        "Go back to that browser, or open the page of your request here by its reference and start again.",
        400,
    ),
    Cause.REPLAYED: Words(
        "This answer from TikTok was already used",
        "Each answer counts once. The page was probably loaded again, or the link opened twice.",
        "What it led to stands on the page of your request.",
        409,
    ),
    Cause.EXPIRED: Words(
        "That took longer than ten minutes",
        "What TikTok says counts for ten minutes, and nothing of it is kept after that.",
        f"{_AGAIN} Start again.",
        410,
    ),
    Cause.TIKTOK_SAID_NO: Words(
        "TikTok did not show or did not finish its page",
        "TikTok sent you back with an error of its own, without asking you or before you could answer.",
        f"{_AGAIN} Try again in a few minutes.",
        502,
    ),
    Cause.NO_CODE: Words(
        "TikTok has not said who you are", "It sent you back with neither a code nor a reason.", f"{_AGAIN} Try again.", 502
    ),
    Cause.REFUSED: Words(
        "TikTok did not confirm it", "TikTok refused what it had sent you back with, or it ran out.", f"{_AGAIN} Start again.", 502
    ),
    Cause.UPSTREAM: Words(
        "TikTok does not answer at the moment",
        "You allowed it, but TikTok could not be asked who you are.",
        f"{_AGAIN} Try again in a few minutes.",
        503,
    ),
    Cause.NOT_SAFE: Words(
        "This cannot be done safely at the moment",
        "The part of this platform that guards keys did not do its work.",
        f"{_AGAIN} Start again in a few minutes.",
        503,
    ),
    Cause.MISCONFIGURED: Words(
        "This platform is not set up correctly at TikTok",
        "TikTok refuses this installation, not you.",
        f"{_AGAIN} Show it by mail, or write to us.",
        502,
    ),
    Cause.NOT_UNDERSTOOD: Words(
        "TikTok answered in a way we do not understand",
        "The answer was not in TikTok's documented form.",
        f"{_AGAIN} Try again in a few minutes, or show it by mail.",
        502,
    ),
}
NO_ADDRESS = Words(
    "There is no address to send a link to",
    "You left it empty when you wrote the request.",
    f"{_AGAIN} Sign in to TikTok, or send a new one with an address.",
    409,
)
_NO_RETRY = (Cause.MISCONFIGURED, Cause.REPLAYED)


@require_POST
@networked
@public
def prove_deletion(request: HttpRequest, reference: str) -> HttpResponse:
    """To TikTok's page, to show whose account it is; or with `way=mail`, to have the link sent after all."""
    kept = public_requests.by_reference(as_written(reference))
    if kept is None or not kept.can_be_proved:
        return redirect("deletion_status", reference=as_written(reference) or "none")
    try:
        if request.POST.get("way") == PublicRequest.Way.MAIL:
            return _by_mail(request, kept)
        if guessing.begin(f"deletion proof from {get_adapter().get_client_ip(request)}") is None:
            return render(request, "errors/429.html", {"retry_after": int(guessing.WINDOW.total_seconds())}, status=429)
        address = proofs.begin(request.session, wanted_by=kept.pk)
    except KeyServiceError:
        return keep_private(_problem(request, Cause.NOT_SAFE, kept))
    return keep_private(HttpResponse(status=303, headers={"Location": address}))


def _by_mail(request: HttpRequest, kept: PublicRequest) -> HttpResponse:
    said = public_requests.said(kept)
    if said is None or not said.contact:
        return keep_private(_page(request, NO_ADDRESS, kept, can_retry=True))
    public_requests.mail_instead(kept)
    return redirect("deletion_status", reference=kept.reference)


@require_http_methods(["GET", "HEAD", "POST"])
@networked
@public
def deletion_proof(request: HttpRequest, proof_id: UUID) -> HttpResponse:
    """What TikTok said, to the browser that went there. Looking at it changes nothing; the button has the data deleted."""
    look = proofs.look(proof_id, browser_nonce=request.session.get(trips.BROWSER, ""))
    kept = public_requests.get(look.wanted_by) if look.wanted_by else None
    cause = Cause.REPLAYED if request.GET.get("again") and kept else look.cause
    if cause is not None or kept is None:
        return keep_private(_problem(request, cause or Cause.EXPIRED, kept))
    if not kept.can_be_proved:  # it was answered, or shown in another way, meanwhile
        return keep_private(redirect("deletion_status", reference=kept.reference))
    try:
        found = proving.found(kept, look.shown)
        if request.method == "POST" and found.match is Match.HELD:
            proving.accept(kept, proof_id, look.shown)
            return keep_private(redirect("deletion_status", reference=kept.reference))
    except KeyServiceError:
        return keep_private(_problem(request, Cause.NOT_SAFE, kept))
    context = {"kept": kept, "found": found, "name": look.shown.name, "proof_id": proof_id}
    return keep_private(render(request, "privacy/proof.html", context, status=409 if found.match is Match.OTHER_HANDLE else 200))


def _problem(request: HttpRequest, cause: Cause, kept: PublicRequest | None) -> HttpResponse:
    can_retry = kept is not None and kept.can_be_proved and cause not in _NO_RETRY
    return _page(request, WORDS.get(cause, WORDS[Cause.REFUSED]), kept, can_retry=can_retry)


def _page(request: HttpRequest, words: Words, kept: PublicRequest | None, *, can_retry: bool) -> HttpResponse:
    return render(request, "privacy/proof_problem.html", {"words": words, "kept": kept, "can_retry": can_retry}, status=words.status)
