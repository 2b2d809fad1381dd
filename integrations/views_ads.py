"""Pages about ad accounts: the way to TikTok, the choice after it, refresh, unlinking, leaving. The callback is the one of all flows."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from agency import clock, jobs, scope
from agency.access import WorkspaceRequest, get_visible, keep_private, networked, requires
from agency.outlets import figures
from agency.roles import Can
from integrations import ad_accounts, consent, queries, views
from integrations.ad_rows import choice_of
from integrations.models import AdAccount, Connection, Flow


@require_POST
@networked
@requires(Can.MANAGE_AD_ACCOUNTS)
def connect_ads(request: WorkspaceRequest) -> HttpResponse:
    """To TikTok's consent page for ad accounts. Who has consented before comes back with what is linked."""
    if views.is_closed(request):
        return redirect("integrations")
    address = consent.begin_advertiser(request.membership, request.session)
    request.session["consent_started"] = clock.now().isoformat()
    return keep_private(HttpResponse(status=303, headers={"Location": address}))


@require_http_methods(["GET", "HEAD", "POST"])
@networked
@requires(Can.MANAGE_AD_ACCOUNTS)
def choose_ad_accounts(request: WorkspaceRequest, connection_id: UUID) -> HttpResponse:
    """Which of the ad accounts that TikTok opened are to be read. None chosen: the access is given back and nothing is kept."""
    with scope.inside(request.membership.workspace_id):
        connection = get_visible(request, Connection, connection_id, kind=Flow.ADVERTISER)
        if connection.state == Connection.State.ASKED and connection.connected_by_id != request.user.pk:
            raise Http404("Somebody else's question.")
        rows = list(queries.ad_accounts_to_choose(connection))
    if connection.state not in {Connection.State.ASKED, Connection.State.LIVE}:
        messages.warning(request, "The access to these ad accounts has ended. Connect again to choose.")
        return redirect("integrations")
    if request.method == "POST":
        return _chosen(request, connection, {row.pk for row in rows if str(row.pk) in request.POST.getlist("ad_account")})
    is_first = connection.state == Connection.State.ASKED
    context = {
        "person": connection.shown_name,
        "choices": [choice_of(row, is_first=is_first) for row in rows],
        "action_href": reverse("choose_ad_accounts", args=[connection.pk]),
        "workspace_name": request.membership.workspace.name,
        "is_first": is_first,
    }
    return render(request, "integrations/choose_ad_accounts.html", context)


def _chosen(request: WorkspaceRequest, connection: Connection, chosen: set[UUID]) -> HttpResponse:
    request.session.pop("consent_started", None)
    if not chosen:
        return _give_back(request, connection)
    with scope.inside(request.membership.workspace_id):
        linked_count = ad_accounts.choose(connection, chosen, by=request.membership)
    jobs.nudge("ad_sync")
    if linked_count:
        word = "ad account is" if linked_count == 1 else "ad accounts are"
        messages.success(request, f"{linked_count} {word} linked. Campaigns and paid figures arrive now, the newest first.")
    else:
        messages.warning(request, "Nothing could be linked: these ad accounts are linked already, or the access has ended.")
    return redirect("integrations")


def _give_back(request: WorkspaceRequest, connection: Connection) -> HttpResponse:
    was_linked = connection.state == Connection.State.LIVE
    views.end(request, connection)
    if was_linked:
        return redirect("disconnect_ads", connection_id=connection.pk)
    messages.success(request, "No ad account was chosen. The access was given back to TikTok, and nothing was kept.")
    return redirect("integrations")


@require_POST
@requires(Can.MANAGE_AD_ACCOUNTS)
def refresh_ad_account(request: WorkspaceRequest, ad_account_id: UUID) -> HttpResponse:
    """Sync this ad account ahead of everything else."""
    ad_account = get_visible(request, AdAccount, ad_account_id)
    if ad_accounts.ask_for_refresh(ad_account, by=request.membership):
        jobs.nudge("ad_sync")
        messages.success(request, f"Refreshing {ad_account.shown_name}. Figures change as they arrive.")
    else:
        messages.warning(request, f"{ad_account.shown_name} needs to be reconnected first.")
    return redirect("integrations")


@require_POST
@networked
@requires(Can.MANAGE_AD_ACCOUNTS)
def unlink_ad_account(request: WorkspaceRequest, ad_account_id: UUID) -> HttpResponse:
    """One POST stops reading an ad account. With the last one the access itself is given back."""
    with scope.inside(request.membership.workspace_id):
        ad_account = get_visible(request, AdAccount, ad_account_id)
        connection = ad_account.connection
        is_last = ad_accounts.unlink(ad_account, by=request.membership)
        ad_account.refresh_from_db()
    if is_last:
        views.end(request, connection)
        return redirect("disconnect_ads", connection_id=connection.pk)
    if ad_account.delete_data_on:
        last = figures.long_day(ad_account.delete_data_on)
        messages.success(request, f"Unlinked {ad_account.shown_name}. Its data will be deleted by {last}.")
    return redirect("integrations")


@require_http_methods(["GET", "HEAD", "POST"])
@networked
@requires(Can.MANAGE_AD_ACCOUNTS)
def disconnect_ads(request: WorkspaceRequest, connection_id: UUID) -> HttpResponse:
    """One POST ends a person's consent for ad accounts; the page that follows says what happened and until when the data goes."""
    with scope.inside(request.membership.workspace_id):
        connection = get_visible(request, Connection, connection_id, kind=Flow.ADVERTISER)
    if request.method != "POST":
        return views.disconnected(request, connection, reconnect_href=reverse("connect_ads"))
    was_asked = connection.state == Connection.State.ASKED
    views.end(request, connection)
    return redirect("integrations") if was_asked else redirect("disconnect_ads", connection_id=connection.pk)
