"""Pages of the privacy team about promises: whether each is kept, with evidence and thirty days; and incidents."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agency import audit, clock
from agency.access import WorkspaceRequest, networked, requires
from agency.outlets import sheets
from agency.roles import Can
from privacy import keeping
from privacy.forms import IncidentForm
from privacy.models import PromiseCheck
from privacy.promises import PROMISES

_COLUMNS = (
    sheets.Column("promise", "Promise"),
    sheets.Column("result", "Result"),
    sheets.Column("evidence", "Evidence"),
    sheets.Column("at", "Looked at", "moment"),
)


@require_http_methods(["GET", "HEAD", "POST"])
@networked
@requires(Can.MANAGE_PRIVACY)
def promises(request: WorkspaceRequest) -> HttpResponse:
    """Each promise with its last look. Posting looks at all of them now."""
    if request.method == "POST":
        keeping.look_at_all(now_even_if_looked=True)
        messages.success(request, "All promises were looked at just now.")
        return redirect("privacy_promises")
    standings = keeping.standings()
    kept = sum(s.result == PromiseCheck.Result.KEPT for s in standings)
    looked = [s.at for s in standings if s.at]
    context = {
        "standings": standings,
        "kept_count": kept,
        "broken": [s for s in standings if s.result == PromiseCheck.Result.BROKEN],
        "oldest_look": min(looked) if looked else None,
    }
    return render(request, "privacy/promises.html", context)


@require_safe
@requires(Can.MANAGE_PRIVACY)
def evidence(request: WorkspaceRequest) -> HttpResponse:
    """Thirty days of looks as a file."""
    rows = keeping.evidence()
    audit.record("promises.exported", request.membership.workspace, by=request.membership, kind="csv")
    body = b"".join(sheets.csv_stream(sheets.Sheet("Promises", _COLUMNS, ([words(p), r, e, at] for p, r, e, at in rows))))
    name = f'attachment; filename="promises-{clock.today()}.csv"'
    return HttpResponse(body, content_type=sheets.CSV_TYPE, headers={"Content-Disposition": name})


def words(key: str) -> str:
    """A promise as it is said; one that was given up by its key."""
    return PROMISES[key].words if key in PROMISES else key


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.MANAGE_PRIVACY)
def incidents(request: WorkspaceRequest) -> HttpResponse:
    """What was not as promised: open ones first. Posting notes one that no check found."""
    form = IncidentForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        keeping.open_incident(by=request.user, **form.cleaned_data)
        messages.success(request, "The incident is noted.")
        return redirect("privacy_incidents")
    rows = keeping.incidents()
    context = {"form": form, "open": rows.filter(closed_at=None), "closed": rows.exclude(closed_at=None)[:100]}
    return render(request, "privacy/incidents.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Can.MANAGE_PRIVACY)
def close_incident(request: WorkspaceRequest, incident_id: UUID) -> HttpResponse:
    """Say what it was and what was done."""
    incident = keeping.incidents().filter(pk=incident_id).first()
    if incident is None:
        raise Http404("No such incident.")
    what = request.POST.get("what", "").strip()[:5000]
    if not what:
        messages.warning(request, "Say what it was and what was done before you close it.")
    elif keeping.close_incident(incident, by=request.user, what=what):
        messages.success(request, "The incident is closed.")
    return redirect("privacy_incidents")
