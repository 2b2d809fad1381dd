"""The page on which accounts are grouped into brands, and on which the cadence is set that was agreed."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from agency import brands as actions
from agency.access import WorkspaceRequest, get_visible, requires
from agency.actions import NotAllowed
from agency.models import Brand
from agency.roles import Can
from integrations import queries as connections
from integrations.models import Connection
from metrics.actions import assign_brand as put_in_brand
from reports.brand_forms import BrandForm, CadenceForm, PlaceForm, brands_of


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Can.MANAGE_BRANDS)
def brands(request: WorkspaceRequest) -> HttpResponse:
    """Which accounts are in which brand; a new brand."""
    form = BrandForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_brand(form.cleaned_data["name"], by=request.membership)
        except NotAllowed as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, f"{made.name} is there. Put accounts in it below.")
            return redirect("brands")
    return _page(request, form=form)


def _page(request: WorkspaceRequest, *, form: BrandForm, cadence: CadenceForm | None = None) -> HttpResponse:
    rows = [c for c in connections.connections(request.membership).select_related("brand") if c.state != Connection.State.DISCONNECTED]
    known = brands_of(request.membership)
    context: dict[str, Any] = {
        "brands": [
            {
                "public_id": b.pk,
                "name": b.name,
                "accounts": [c.shown_name for c in rows if c.brand_id == b.pk],
                "form": BrandForm(initial={"name": b.name}, auto_id=f"brand-{b.pk}-%s"),
            }
            for b in known
        ],
        "accounts": [
            {
                "public_id": c.pk,
                "name": c.shown_name,
                "options": [("", "No brand", c.brand_id is None), *((str(b.pk), b.name, c.brand_id == b.pk) for b in known)],
            }
            for c in rows
        ],
        "form": form,
        "cadence": cadence or CadenceForm(initial={"posts_per_week": request.membership.workspace.posts_per_week}),
    }
    is_refused = bool(form.errors or (cadence and cadence.errors))
    return render(request, "reports/brands.html", context, status=422 if is_refused else 200)


@require_POST
@requires(Can.MANAGE_BRANDS)
def rename_brand(request: WorkspaceRequest, brand_id: UUID) -> HttpResponse:
    """Another name for a brand."""
    brand = get_visible(request, Brand, brand_id)
    form = BrandForm(request.POST)
    if not form.is_valid():
        messages.error(request, "A brand needs a name of at most 120 characters.")
        return redirect("brands")
    try:
        actions.rename_brand(brand, form.cleaned_data["name"], by=request.membership)
    except NotAllowed as error:
        messages.error(request, str(error))
    return redirect("brands")


@require_POST
@requires(Can.MANAGE_BRANDS)
def remove_brand(request: WorkspaceRequest, brand_id: UUID) -> HttpResponse:
    """An empty brand goes."""
    brand = get_visible(request, Brand, brand_id)
    try:
        actions.remove_brand(brand, by=request.membership)
    except NotAllowed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{brand.name} is removed. No account was in it.")
    return redirect("brands")


@require_POST
@requires(Can.MANAGE_BRANDS)
def assign_brand(request: WorkspaceRequest, connection_id: UUID) -> HttpResponse:
    """Put an account in a brand, or in none."""
    connection = get_visible(request, Connection, connection_id, kind=Connection.Kind.ACCOUNT)
    form = PlaceForm(request.POST, brands=brands_of(request.membership))
    if not form.is_valid():
        messages.error(request, "That brand is not in this workspace any more. Choose again.")
        return redirect("brands")
    brand = form.cleaned_data["brand"]
    if put_in_brand(connection, brand, by=request.membership):
        messages.success(
            request, f"{connection.shown_name} is in {brand.name} now." if brand else f"{connection.shown_name} is in no brand now."
        )
    return redirect("brands")


@require_POST
@requires(Can.MANAGE_BRANDS)
def agree_on_cadence(request: WorkspaceRequest) -> HttpResponse:
    """How many posts a week were agreed."""
    form = CadenceForm(request.POST)
    if not form.is_valid():
        return _page(request, form=BrandForm(), cadence=form)
    actions.agree_on_cadence(form.cleaned_data["posts_per_week"], by=request.membership)
    messages.success(request, f"Agreed: {form.cleaned_data['posts_per_week']} posts a week.")
    return redirect("brands")
