"""Pages about connections: the Integrations page, the way to TikTok and back, refresh, disconnect."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agency import clock, jobs, scope, telemetry
from agency.access import WorkspaceRequest, ask_to_sign_in, get_visible, keep_private, networked, public, requires
from agency.key_service import KeyServiceError
from agency.models import Membership
from agency.outlets.parts import ScopeRow
from agency.roles import Can
from integrations import actions, consent, proofs, queries, revocation, trips, webhooks
from integrations.ad_rows import ad_context
from integrations.features import SCOPES
from integrations.models import Connection, Flow, Proof
from integrations.pace import pace_rows
from integrations.rows import account_row, picture_href
from integrations.webhooks import LARGEST_BODY_BYTES, Verdict
from integrations.wording import WORDS

DISCONNECT_PATIENCE_SECONDS = 2.0
_STATUS = {Verdict.TOO_LARGE: 413, Verdict.REFUSED: 403, Verdict.NOT_UNDERSTOOD: 400, Verdict.NOT_NOW: 503}  # all others: 200


@require_safe
@requires(Can.VIEW_INTEGRATIONS)
def integrations(request: WorkspaceRequest) -> HttpResponse:
    """What we ask TikTok for, the connected accounts, the way out."""
    rows = list(queries.connections(request.membership))
    current = [c for c in rows if c.state != Connection.State.DISCONNECTED]
    can_manage = request.membership.as_role.can(Can.MANAGE_CONNECTIONS)
    asked = list(queries.questions(request.membership))
    busy = queries.busy_among_later(current)()
    context = ad_context(request.membership) | {
        "card": {
            "connected_count": len(current),
            "scopes": [ScopeRow(name=name, reason=SCOPES[name].reason) for name in queries.scopes_of_workspace()],
            "can_connect": can_manage,
        },
        "accounts": [*(account_row(c) for c in asked), *(account_row(c, is_busy=c.pk in busy) for c in current)],
        "former": [account_row(c) for c in rows if c.state == Connection.State.DISCONNECTED],
        "can_manage": can_manage,
        "paces": pace_rows() if request.membership.as_role.can(Can.SET_PACE) else (),
        "pending_hint": bool(request.session.get("consent_started")) and not current,
    }
    return render(request, "integrations/integrations.html", context)


@require_POST
@networked
@requires(Can.MANAGE_CONNECTIONS)
def connect(request: WorkspaceRequest, connection_id: UUID | None = None) -> HttpResponse:
    """To TikTok's consent page. With a connection, to connect that very account again."""
    if is_closed(request):
        return redirect("integrations")
    reconnect = None
    if connection_id is not None:
        with scope.inside(request.membership.workspace_id):
            reconnect = get_visible(request, Connection, connection_id, kind=Flow.ACCOUNT)
    with scope.inside(request.membership.workspace_id):
        if not queries.scopes_of_workspace():
            messages.warning(request, "Every feature is switched off here, so there is nothing to ask TikTok for.")
            return redirect("integrations")
    try:
        address = consent.begin(request.membership, request.session, reconnect=reconnect)
    except KeyServiceError:
        return keep_private(callback_problem(request, consent.Cause.NOT_SAFE))
    request.session["consent_started"] = clock.now().isoformat()
    response = HttpResponse(status=303, headers={"Location": address})
    return keep_private(response)


def is_closed(request: WorkspaceRequest) -> bool:
    """Whether the workspace collects nothing any more; then the person is told."""
    if request.membership.workspace.closed_at is None:
        return False
    messages.warning(request, "This workspace is closed, so nothing can be connected. The platform's admin can open it again.")
    return True


@require_http_methods(["GET", "HEAD"])
@networked
@public
def callback(request: HttpRequest) -> HttpResponse:
    """Where TikTok sends the person back. Served on the redirect URI's host too, from where it bounces to the app's."""
    query = request.GET
    if request.get_host() != settings.APP_HOST:
        known = {k: query[k] for k in ("code", "auth_code", "state", "scopes", "error", "error_description") if k in query}
        return keep_private(HttpResponse(status=303, headers={"Location": f"{settings.APP_URL}{reverse('callback')}?{urlencode(known)}"}))
    if request.method == "HEAD":  # link checkers must not use a code up
        return keep_private(HttpResponse())
    if proof := proofs.of_state(query.get("state", "")):
        return keep_private(_proof_came_back(request, proof))
    if not query.get("state") and not request.user.is_authenticated and (begun := proofs.begun_in(request.session.get(trips.BROWSER, ""))):
        return keep_private(redirect("deletion_proof", proof_id=begun))  # TikTok may leave the state out when somebody declines
    if not request.user.is_authenticated:
        return keep_private(callback_problem(request, consent.Cause.SIGNED_OUT) if query.get("state") else ask_to_sign_in(request))
    outcome = consent.come_back(
        state=query.get("state", ""),
        code=query.get("auth_code") or query.get("code", ""),
        error=query.get("error", ""),
        memberships=request.memberships,
        browser_nonce=request.session.get(trips.BROWSER, ""),
    )
    if outcome.membership is not None:
        request.session["workspace"] = str(outcome.membership.workspace_id)
    if outcome.connection is not None and outcome.flow is Flow.ADVERTISER:
        jobs.nudge("ad_sync")
        return keep_private(redirect("choose_ad_accounts", connection_id=outcome.connection.pk))
    if outcome.cause is consent.Cause.CONNECTED:
        jobs.nudge("sync")
        request.session.pop("consent_started", None)
        return keep_private(_landed(request, outcome.membership, outcome.connection))
    if outcome.cause is consent.Cause.ASKED:
        return keep_private(redirect("choose", connection_id=outcome.connection.pk))
    return keep_private(callback_problem(request, outcome.cause, outcome.flow))


def _proof_came_back(request: HttpRequest, proof: Proof) -> HttpResponse:
    """Somebody showed which account is theirs. What that leads to, and what failed, is told where they began it."""
    code, nonce = request.GET.get("auth_code") or request.GET.get("code", ""), request.session.get(trips.BROWSER, "")
    cause = proofs.come_back(proof, code=code, error=request.GET.get("error", ""), browser_nonce=nonce)
    where = reverse("deletion_proof", args=[proof.pk])
    return redirect(f"{where}?again=1" if cause is consent.Cause.REPLAYED else where)


def _landed(request: HttpRequest, membership: Membership, connection: Connection) -> HttpResponse:
    """To the figures of the account; who may not see figures, as creators, to where the account is."""
    if membership.as_role.can(Can.VIEW_PERFORMANCE):
        return redirect(f"{reverse('performance')}?{urlencode({'connected': connection.handle or connection.pk})}")
    messages.success(request, f"Connected. {connection.shown_name} is now syncing.")
    return redirect("integrations")


def callback_problem(request: HttpRequest, cause: consent.Cause, flow: Flow = Flow.ACCOUNT) -> HttpResponse:
    """The page that says what happened and what to do."""
    words = WORDS[cause]
    context = {
        "title": words.title,
        "what": words.what,
        "do": words.do,
        "retry_href": reverse("connect_ads" if flow is Flow.ADVERTISER else "connect") if words.retry else "",
        "nothing_stored": words.nothing_stored,
    }
    return render(request, "integrations/callback_problem.html", context, status=words.status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.MANAGE_CONNECTIONS)
def choose(request: WorkspaceRequest, connection_id: UUID) -> HttpResponse:
    """Is this the account that was meant? Asked before it is attached."""
    connection = get_visible(request, Connection, connection_id, kind=Flow.ACCOUNT)
    if connection.connected_by_id != request.user.pk:
        raise Http404("Somebody else's question.")
    if connection.state != Connection.State.ASKED:
        if connection.state == Connection.State.DISCONNECTED:
            messages.warning(
                request, f"{connection.shown_name} was not attached in time, and its access has been given back. Connect again."
            )
        return redirect("integrations")
    if request.method == "POST":
        actions.attach(connection, by=request.membership)
        jobs.nudge("sync")
        return _landed(request, request.membership, connection)
    context = {
        "handle": connection.shown_name,
        "avatar": picture_href(connection),
        "connection": connection,
        "attach_href": reverse("choose", args=[connection.pk]),
        "refuse_href": reverse("disconnect", args=[connection.pk]),
        "workspace_name": request.membership.workspace.name,
    }
    return render(request, "integrations/choose.html", context)


@require_POST
@requires(Can.MANAGE_CONNECTIONS)
def refresh_now(request: WorkspaceRequest, connection_id: UUID) -> HttpResponse:
    """Sync this account ahead of everything else."""
    connection = get_visible(request, Connection, connection_id, kind=Flow.ACCOUNT)
    if actions.ask_for_refresh(connection, by=request.membership):
        jobs.nudge("sync")
        messages.success(request, f"Refreshing {connection.shown_name}. Figures change as they arrive.")
    else:
        messages.warning(request, f"{connection.shown_name} needs to be reconnected first.")
    return redirect("performance" if request.POST.get("from") == "performance" else "integrations")


@require_http_methods(["GET", "HEAD", "POST"])
@networked
@requires(Can.MANAGE_CONNECTIONS)
def disconnect(request: WorkspaceRequest, connection_id: UUID) -> HttpResponse:
    """One POST ends the connection; the page that follows says what happened and until when the data goes."""
    with scope.inside(request.membership.workspace_id):
        connection = get_visible(request, Connection, connection_id, kind=Flow.ACCOUNT)
    if request.method != "POST":
        return disconnected(request, connection, reconnect_href=reverse("reconnect", args=[connection.pk]))
    end(request, connection)
    return redirect("disconnect", connection_id=connection.pk)


def end(request: WorkspaceRequest, connection: Connection) -> None:
    """Leave. The page never waits for long; what TikTok did not confirm is asked again by a job."""
    if connection.state != Connection.State.DISCONNECTED:
        with scope.bound_to(request.membership.workspace_id):
            revocation.end(connection, by=request.membership, patience_seconds=DISCONNECT_PATIENCE_SECONDS)


def disconnected(request: WorkspaceRequest, connection: Connection, *, reconnect_href: str) -> HttpResponse:
    """What happened, and until when the data goes."""
    if connection.state != Connection.State.DISCONNECTED:
        return redirect("integrations")
    with scope.inside(request.membership.workspace_id):
        context = {
            "handle": connection.shown_name,
            "reconnect_href": reconnect_href,
            "revoked_at": connection.disconnected_at,
            "tiktok_answered": not queries.awaits_revocation(connection),
            "was_never_confirmed": queries.was_never_revoked(connection),
            "deletes_on": connection.delete_data_on,
            "removed_at": connection.tiktok_revoked_at if connection.was_removed_in_tiktok else None,
        }
    return render(request, "integrations/disconnected.html", context)


@csrf_exempt
@require_POST
@networked
@public
def webhook(request: HttpRequest) -> HttpResponse:
    """Where TikTok tells us what happened. The signature is the proof: no session, no cookie, and no word in the answer."""
    try:
        body = request.read(LARGEST_BODY_BYTES + 1)
    except UnreadablePostError:  # whoever sent it is gone
        return HttpResponse(status=400)
    verdict = webhooks.receive(request.headers.get("TikTok-Signature", ""), body)
    telemetry.count("webhook", outcome=verdict.value)
    if verdict is Verdict.DUE:
        jobs.nudge("event")
    return HttpResponse(status=_STATUS.get(verdict, 200))
