"""The Campaigns page, and where its figures came from. Reads only."""

from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from agency import clock, exports
from agency.access import WorkspaceRequest, requires
from agency.outlets import figures
from agency.roles import Can
from campaigns import asked as asking
from campaigns import dashboard, queries
from metrics.ad_windows import zone_of


@require_safe
@requires(Can.VIEW_CAMPAIGNS)
def campaigns(request: WorkspaceRequest) -> HttpResponse:
    """What ads cost and brought. Everything that is chosen stands in the address."""
    with connection.pipelined():
        page = dashboard.page(request.membership, request.GET.dict(), request.GET.getlist("columns"), now=clock.now())
        context: dict[str, Any] = {"page": page, "exports": []}
        # What stands above the table is written before anything asks for it: PostgreSQL is still adding up its lines.
        context["above"] = render_to_string("campaigns/_above.html", {"page": page}) if page.asked else ""
        table = page.table
    if page.asked is not None and table is not None:
        pinned = {**page.asked.values, "from": page.asked.first.isoformat(), "to": page.asked.last.isoformat(), "days": ""}
        both = (("campaigns", table.what), ("campaign-days", "The same by day"))
        context["exports"] = exports.menu(request.membership, pinned, *both)
    return render(request, "campaigns/campaigns.html", context, status=422 if page.wishes else 200)


@require_safe
@requires(Can.VIEW_CAMPAIGNS)
def origin(request: WorkspaceRequest) -> HttpResponse:
    """The calls of TikTok's interface that the page's figures came with."""
    rows = queries.ad_accounts(request.membership)
    context = {"calls": [], "back": reverse("campaigns")}
    if rows or request.GET.get("account"):
        ad_account = dashboard.chosen(request.membership, rows, request.GET.dict())
        asked = asking.asked(request.GET.dict(), zone_of(ad_account.time_zone) or ZoneInfo("UTC"), now=clock.now())
        calls, total = queries.origins(
            ad_account, asked.first, asked.last, campaign_id=asked.get("campaign"), adgroup_id=asked.get("group")
        )
        context = {
            "name": ad_account.shown_name,
            "days": figures.day_range(asked.first, asked.last, year=True),
            "calls": [{"call": call, "days": figures.day_range(call.first, call.last)} for call in calls],
            "total": total,
            "back": asked.href(),
        }
    return render(request, "campaigns/origin.html", context)
