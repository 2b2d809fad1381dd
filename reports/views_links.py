"""What links open without a sign-in: stopping reports, confirming an address, a shared report."""

import logging
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agency import scope
from agency.access import networked, public
from agency.outlets import mail_events as mail_events_of
from reports import addressees, content, delivering, presentation, queries, sharing

logger = logging.getLogger(__name__)


@csrf_exempt  # RFC 8058: mail programs post here without a page, a cookie or a token; the signed link is the proof
@require_http_methods(["GET", "HEAD", "POST"])
@public
def stop_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Stop one kind of mail of one workspace. Opening the link changes nothing; posting does, and asks nothing."""
    found = addressees.behind_stop(token)
    if found is None:
        raise Http404("Not a link of ours.")
    workspace_id, ref, kind = found
    with scope.inside(workspace_id):
        if kind != addressees.Kind.REPORT:
            return _stop_kind(request, ref, kind)
        addressee = addressees.addressee_behind(workspace_id, ref)
        if addressee is None:
            raise Http404("Not on any list any more.")
        done = ""
        if request.method == "POST" and request.POST.get("again"):
            addressees.resume_mail(addressee)
            done = "resumed"
        elif request.method == "POST":
            addressees.stop_mail(addressee)
            done = "stopped"
        elif queries.has_stopped(addressee):
            done = "stopped"
        return render(request, "reports/stop_mail.html", {"workspace_name": addressee.workspace.name, "done": done})


def _stop_kind(request: HttpRequest, ref: UUID, kind: str) -> HttpResponse:
    member = queries.member_behind(ref)
    if member is None:
        raise Http404("Not on any list any more.")
    resumed = request.method == "POST" and bool(request.POST.get("again"))
    if resumed:
        addressees.resume_kind(member, kind)
    elif request.method == "POST":
        addressees.stop_kind(member, kind)
    done = "resumed" if resumed else "stopped" if queries.stopped_kind(member.pk, kind) else ""
    context = {"workspace_name": member.workspace.name, "done": done, "what": addressees.Kind(kind).label}
    return render(request, "reports/stop_kind.html", context)


@csrf_exempt  # the signed link is the proof, and it was sent to nobody else
@require_http_methods(["GET", "HEAD", "POST"])
@public
def confirm_recipient(request: HttpRequest, token: str) -> HttpResponse:
    """The owner of an extra address says yes. Opening the link changes nothing: mail scanners open links."""
    found = addressees.behind_confirm(token)
    if found is None:
        raise Http404("Not a link of ours.")
    with scope.inside(found[0]):
        extra = queries.extra_recipients().filter(pk=found[1]).select_related("workspace").first()
        if extra is None:
            raise Http404("Not on any list any more.")
        context = {"workspace_name": extra.workspace.name, "done": "confirmed" if extra.confirmed_at else ""}
        if request.method == "POST":
            context["done"] = "confirmed" if addressees.confirm(extra) else "expired"
        return render(request, "reports/confirm_recipient.html", context)


@csrf_exempt  # Amazon's servers post here; the signature is the proof
@require_POST
@networked
@public
def mail_events(request: HttpRequest) -> HttpResponse:
    """Bounces and complaints. Answered once they are kept; told again they change nothing."""
    if len(request.body) > mail_events_of.LARGEST_BODY_BYTES:
        return HttpResponse(status=413)
    try:
        events = mail_events_of.read(request.body)
    except mail_events_of.NotGenuine as error:
        logger.warning("mail event turned away", extra={"facts": {"reason": str(error)}})
        return HttpResponse(status=403)
    except mail_events_of.NotUnderstood as error:
        logger.warning("mail event not understood", extra={"facts": {"reason": str(error)}})
        return HttpResponse(status=400)
    for event in events:
        delivering.note_event(event)
    return HttpResponse(status=200)


@require_safe
@public
def shared_report(request: HttpRequest, secret: str) -> HttpResponse:
    """A report behind a link: what was sent, aggregates only, for who has the link and as long as it holds."""
    if sharing.opens_too_often(request.META.get("REMOTE_ADDR", "")):
        answer = HttpResponse("Too many links in a minute. Try again in 60 seconds.", status=429, content_type="text/plain")
        answer.headers["Retry-After"] = "60"
        return answer
    shared = sharing.open_link(secret)
    if shared is None:
        raise Http404("No such link, or it does not hold any more.")
    context = {
        "shell": "layouts/public.html",
        "report": presentation.shown(content.from_json(shared.report.content)),
        "aggregate_line": presentation.AGGREGATES_ONLY,
        "shared_until": shared.link.expires_at,
    }
    answer = render(request, "reports/week.html", context)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer
