"""Pages of live figures: Performance and what it leads to."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from agency import clock
from agency.access import WorkspaceRequest, requires
from agency.roles import Can
from integrations import queries as connections
from reports import dashboard
from reports.asking import asked


@require_safe
@requires(Can.VIEW_PERFORMANCE)
def performance(request: WorkspaceRequest) -> HttpResponse:
    """The figures of the workspace, a brand or an account. `?connected=` greets an account that has just been connected."""
    now = clock.now()
    page = dashboard.dashboard(request.membership, asked(request.GET, now=now), now=now)
    just = connections.connection_named(request.membership, request.GET["connected"]) if request.GET.get("connected") else None
    context = {
        **vars(page),
        "connected_notice": {"name": just.shown_name, "handle": just.handle or str(just.pk)} if just else None,
        "steps": dashboard.steps_of(just) if just else (),
        "can_refresh": request.membership.as_role.can(Can.MANAGE_CONNECTIONS),
        "is_choosing": bool(request.GET.get("choose")) or bool(page.wishes),
    }
    return render(request, "reports/performance.html", context)


@require_safe
@requires(Can.VIEW_PERFORMANCE)
def performance_steps(request: WorkspaceRequest) -> HttpResponse:
    """The sync steps of one account, for the page that polls them. When all are done the page is loaded anew, once."""
    connection = connections.connection_named(request.membership, request.GET.get("connected", ""))
    if connection is None:
        raise Http404("No such connection.")
    response = render(request, "reports/_steps.html", {"steps": dashboard.steps_of(connection)})
    if not connections.sync_state(connection).is_busy:
        response.headers["HX-Redirect"] = reverse("performance")
    return response
