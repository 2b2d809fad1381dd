"""Leaving, for people without a sign-in: the form, the link in the mail, the status by reference, the certificates and their key."""

from allauth.account.adapter import get_adapter
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from agency import guessing, signing
from agency.access import networked, public
from agency.key_service import KeyServiceError
from privacy import certificates, public_requests, queries
from privacy.forms import HANDLE, PublicDeletionForm
from privacy.models import DeletionRequest, PublicRequest
from privacy.references import as_written


@require_http_methods(["GET", "HEAD", "POST"])
@networked
@public
def data_deletion(request: HttpRequest) -> HttpResponse:
    """A few fields. What follows is the same whether or not anybody holds the account."""
    if reference := as_written(request.GET.get("reference", "")):
        return redirect("deletion_status", reference=reference)
    form = PublicDeletionForm(request.POST if request.method == "POST" else None, initial=_asked_before(request))
    if not form.is_valid():
        return render(request, "privacy/data_deletion.html", {"form": form}, status=422 if form.errors else 200)
    given = dict(form.cleaned_data)
    way, contact = given.pop("way"), given["contact"]
    is_much = guessing.begin(f"deletion form from {get_adapter().get_client_ip(request)}") is None
    if is_much or (contact and guessing.begin(f"deletion form to {contact}") is None):
        return render(request, "errors/429.html", {"retry_after": int(guessing.WINDOW.total_seconds())}, status=429)
    try:
        kept = public_requests.receive(public_requests.Said(**given), way=way)
    except KeyServiceError:
        form.add_error(None, "Your request cannot be kept safely at this moment. Please send it again in a few minutes.")
        return render(request, "privacy/data_deletion.html", {"form": form}, status=503)
    return redirect("deletion_status", reference=kept.reference)


def _asked_before(request: HttpRequest) -> dict[str, str]:
    """What a link of ours fills in, for who signed in to TikTok with an account that has another handle here."""
    handle = request.GET.get("handle", "")
    return {"handle": f"@{handle}", "way": PublicRequest.Way.TIKTOK} if HANDLE.fullmatch(handle) else {}


@require_http_methods(["GET", "HEAD", "POST"])
@networked
@public
def deletion_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link in the mail leads. Mail programs open links by themselves, so only the button counts."""
    kept = public_requests.behind(token)
    if kept is None:
        return render(request, "privacy/deletion_confirm.html", {"kept": None}, status=410)
    if request.method == "POST" or kept.state != PublicRequest.State.UNVERIFIED:
        public_requests.confirm(kept)
        return redirect("deletion_status", reference=kept.reference)
    return render(request, "privacy/deletion_confirm.html", {"kept": kept})


@require_safe
@networked
@public
def deletion_status(request: HttpRequest, reference: str) -> HttpResponse:
    """How a request stands. The reference is the proof; the page names no account and no workspace."""
    reference = as_written(reference)
    kept = public_requests.by_reference(reference)
    if kept is not None:
        # What is being checked, or was refused, looks the same as what nobody holds.
        shown = [child for child in public_requests.children(kept) if child.state in _SHOWN]
        parts = [s for child in shown if (s := queries.standing(child.reference))]
        return render(request, "privacy/deletion_status.html", {"reference": reference, "kept": kept, "parts": parts})
    standing = queries.standing(reference)
    if standing is None:
        return render(request, "privacy/deletion_status.html", {"reference": reference, "parts": []}, status=404)
    return render(request, "privacy/deletion_status.html", {"reference": reference, "parts": [standing]})


_SHOWN = (DeletionRequest.State.SCHEDULED, DeletionRequest.State.RUNNING, DeletionRequest.State.DONE)
_KINDS = {"json": "application/json", "sig": "application/octet-stream", "pdf": "application/pdf"}


@require_safe
@networked
@public
def certificate(request: HttpRequest, reference: str, kind: str) -> HttpResponse:
    """The signed document, its signature, or the same to print. It names nobody."""
    found = queries.certificate(as_written(reference)) if kind in _KINDS else None
    if found is None:
        raise Http404("No such certificate.")
    if kind == "pdf":
        body = certificates.printed(found)
    else:
        body = found.document.encode() if kind == "json" else bytes(found.signature)
    name = f"deletion-certificate-{as_written(reference)}.{kind}"
    return HttpResponse(body, content_type=_KINDS[kind], headers={"Content-Disposition": f'attachment; filename="{name}"'})


@require_safe
@networked
@public
def certificate_key(request: HttpRequest) -> HttpResponse:
    """The key with which anybody verifies our certificates."""
    return HttpResponse(signing.public_key_pem(purpose=certificates.PURPOSE), content_type="application/x-pem-file")
