"""A person's rights in what is held about themselves, whatever their role and wherever they are a member."""

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agency import audit, jobs, scope
from agency.access import WorkspaceRequest, ask_to_confirm, confirmed_lately, networked, signed_in
from privacy import person_copies, person_requests, timing
from privacy.models import PersonCopy


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def my_copy(request: WorkspaceRequest) -> HttpResponse:
    """How the copy of one's own data stands. Posting asks for one, after proving who one is; asked twice, it is made once."""
    if request.method == "POST":
        if not confirmed_lately(request):
            return ask_to_confirm(request)
        person_copies.ask(request.user, by=request.membership)
        messages.success(request, "Your copy is being put together.")
        return redirect("my_copy")
    return render(request, "privacy/person_copy.html", {"copy": person_copies.last(request.user)})


@require_safe
@networked
@signed_in
def download_my_copy(request: WorkspaceRequest) -> HttpResponse:
    """The copy, to the person whom it is about, who has just proven who they are."""
    if not confirmed_lately(request):
        return ask_to_confirm(request)
    copy = person_copies.living(request.user)
    if copy is None or copy.state != PersonCopy.State.READY:
        raise Http404("Not ready, or expired.")
    if request.membership is not None:
        with scope.inside(request.membership.workspace_id):
            audit.record("person_copy.downloaded", request.user, by=request.membership)
    headers = {"Content-Disposition": f'attachment; filename="my-data-{copy.asked_at:%Y-%m-%d}.zip"'}
    return StreamingHttpResponse(person_copies.read(copy), content_type="application/zip", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def my_deletion(request: WorkspaceRequest) -> HttpResponse:
    """What goes and what stays when somebody leaves for good. Posting asks for it, after proving who one is; asked twice, it is once."""
    person, here = request.user, request.membership.workspace_id if request.membership else None
    if request.method == "POST":
        if not confirmed_lately(request):
            return ask_to_confirm(request)
        try:
            person_requests.ask(person, at=here)
        except person_requests.CannotLeave:
            messages.error(request, "Not yet: see below what has to be done first.")
        else:
            jobs.nudge("deletion_mail")
        return redirect("my_deletion")
    asked = person_requests.open_of(person)
    context = {"asked": asked, "reasons": [] if asked else person_requests.why_not(person), "days": timing.REQUEST_WITHIN.days}
    return render(request, "privacy/my_deletion.html", context)


@require_POST
@signed_in
def cancel_my_deletion(request: WorkspaceRequest) -> HttpResponse:
    """Take it back while the run has not begun."""
    asked = person_requests.open_of(request.user)
    if asked is None:
        messages.warning(request, "There is no request of yours any more.")
    elif person_requests.cancel(asked):
        jobs.nudge("deletion_mail")
        messages.success(request, f"Request {asked.reference} is taken back. Nothing was deleted.")
    else:
        messages.warning(request, f"Request {asked.reference} can no longer be taken back: its run has begun.")
    return redirect("my_deletion")
