"""Pages of live figures: Performance and what it leads to."""

from collections.abc import Mapping
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import replace_url, reselect, reswap, retarget

from agency import clock, exports
from agency.access import WorkspaceRequest, get_visible, requires
from agency.outlets import figures
from agency.roles import Can
from integrations import queries as connections
from integrations.models import Connection
from metrics.models import Post
from reports import audience_page, dashboard, mentions_page, post_page, posts_page, sides_page, source_page
from reports.asking import Asked, asked


@require_safe
@requires(Can.VIEW_PERFORMANCE)
def performance(request: WorkspaceRequest) -> HttpResponse:
    """The figures of the workspace, a brand or an account. `?connected=` greets an account that has just been connected."""
    just = connections.connection_named(request.membership, request.GET["connected"]) if request.GET.get("connected") else None
    return _performance(request, request.GET, just)


def _performance(request: WorkspaceRequest, query: Mapping[str, str], just: Connection | None = None) -> HttpResponse:
    now = clock.now()
    wish = asked(query, now=now)
    page = dashboard.dashboard(request.membership, wish, now=now)
    context = {
        **vars(page),
        "connected_notice": {"name": just.shown_name, "handle": just.handle or str(just.pk)} if just else None,
        "steps": dashboard.steps_of(just) if just else (),
        "can_refresh": request.membership.as_role.can(Can.MANAGE_CONNECTIONS),
        "is_choosing": bool(query.get("choose")) or bool(page.wishes),
        "exports": exports.menu(request.membership, _pinned(wish), ("days", _what(wish.length, "day")), *_posts(page.posts_total)),
    }
    return render(request, "reports/performance.html", context)


def _what(number: int, noun: str) -> str:
    """11 posts."""
    return f"{figures.count(number)} {noun}{'' if number == 1 else 's'}"


def _posts(number: int | None) -> tuple[tuple[str, str], ...]:
    return (("posts", _what(number, "post")),) if number else ()


def _pinned(wish: Asked) -> dict[str, str]:
    """The days as dates: a file that is made tomorrow is about the days that were seen today."""
    return wish.query | {"from": wish.first.isoformat(), "to": wish.last.isoformat(), "days": ""}


@require_safe
@requires(Can.VIEW_PERFORMANCE)
def performance_steps(request: WorkspaceRequest) -> HttpResponse:
    """The sync steps of one account, for the page that polls them. When all are done it gets its figures in place of itself.

    It is not sent anywhere: a page that goes somewhere by itself takes along whoever was just leaving it.
    """
    connection = connections.connection_named(request.membership, request.GET.get("connected", ""))
    if connection is None:
        raise Http404("No such connection.")
    if connections.sync_state(connection).is_busy:
        return render(request, "reports/_steps.html", {"steps": dashboard.steps_of(connection)})
    page = reswap(reselect(retarget(_performance(request, {}), "#main"), "#main > *"), "innerHTML")
    return replace_url(page, reverse("performance"))


@require_safe
@requires(Can.VIEW_POSTS)
def posts(request: WorkspaceRequest) -> HttpResponse:
    """All posts of a subject, in an order, fifty a page. A creator sees those of the own accounts."""
    wish = asked(request.GET, now=clock.now())
    page = posts_page.posts_page(
        request.membership,
        wish,
        posts_page.Listing.of(request.GET),
        can_see_whole=request.membership.as_role.can(Can.VIEW_PERFORMANCE),
    )
    of_the_list = {name: request.GET.get(name, "") for name in ("sort", "q", "which")}
    context = {
        **vars(page),
        "is_choosing": bool(page.wishes),
        "page_title": "Posts",
        "exports": exports.menu(request.membership, _pinned(wish) | of_the_list, *_posts(page.total)),
    }
    return render(request, "reports/posts.html", context)


@require_safe
@requires(Can.VIEW_POSTS)
def post(request: WorkspaceRequest, post_id: UUID) -> HttpResponse:
    """One post over its life."""
    found = get_visible(request, Post, post_id)
    return render(request, "reports/post.html", vars(post_page.post_page(found, request.membership, now=clock.now())))


@require_safe
@requires(Can.VIEW_POSTS)
def figure_source(request: WorkspaceRequest) -> HttpResponse:
    """Where a figure comes from: a page of its own, or a panel in the page that asked for it."""
    named = source_page.named(request.GET.get("post", ""))
    if named is not None:
        page = source_page.source_of_post(get_visible(request, Post, named), reverse("post", args=[named]))
    else:
        figure = request.GET.get("figure", "")
        if figure not in source_page.FIGURES:
            raise Http404("No such figure.")
        page = source_page.source_page(request.membership, asked(request.GET, now=clock.now()), figure)
    template = "reports/_source.html" if request.htmx else "reports/source.html"
    return render(request, template, vars(page))


@require_safe
@requires(Can.VIEW_PERFORMANCE)
def audience(request: WorkspaceRequest) -> HttpResponse:
    """Who follows, when they are active, and where the posts of some days were found."""
    page = audience_page.audience_page(request.membership, asked(request.GET, now=clock.now()))
    return render(request, "reports/audience.html", {**vars(page), "is_choosing": bool(page.wishes)})


@require_safe
@requires(Can.VIEW_PERFORMANCE)
def side_by_side(request: WorkspaceRequest) -> HttpResponse:
    """Brands, or accounts, side by side over the same days: a page, or the brands' table for the card that asks for it."""
    wish = asked(request.GET, now=clock.now())
    if request.htmx:
        table = sides_page.brands_card(request.membership, wish)
        if table is None:
            raise Http404("Nothing stands side by side.")
        return render(request, "components/sides.html", {"table": table})
    page = sides_page.sides_page(request.membership, wish, request.GET)
    sort = {name: request.GET.get(name, "") for name in ("by", "sort")}
    items = [("sides", _what(page.table.count, page.table.by.removesuffix("s")))] if page.table else []
    context = {
        **vars(page),
        "is_choosing": bool(page.wishes),
        "exports": exports.menu(request.membership, _pinned(wish) | {"of": ""} | sort, *items) if items else [],
    }
    return render(request, "reports/sides.html", context)


@require_safe
@requires(Can.VIEW_PERFORMANCE)
def mentions(request: WorkspaceRequest) -> HttpResponse:
    """What others said about the accounts on some days."""
    wish = asked(request.GET, now=clock.now())
    page = mentions_page.mentions_page(request.membership, wish)
    files = exports.menu(request.membership, _pinned(wish), ("mentions", _what(page.listed, "mention"))) if page.listed else []
    return render(request, "reports/mentions.html", {**vars(page), "is_choosing": bool(page.wishes), "exports": files})
