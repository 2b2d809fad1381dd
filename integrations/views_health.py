"""How the machinery stands: a page for staff, the same for Prometheus, and for each account a page that its people understand."""

import hmac
from collections.abc import Iterator
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from agency import clock
from agency.access import WorkspaceRequest, get_visible, public, requires
from agency.roles import Can
from integrations import health, pace, queries
from integrations.models import AdAccount, Connection, Flow, Pace
from integrations.sync_rows import sync_of_account, sync_of_ad_account

_COUNTERS = {
    "tiktok_call": ("Calls to TikTok by family and outcome", ("family", "outcome")),
    "token_refresh": ("Renewals of tokens by outcome", ("", "outcome")),
    "sync_step": ("Steps of syncs by kind and outcome", ("kind", "outcome")),
    "webhook": ("Deliveries from TikTok by verdict", ("", "verdict")),
    "mail": ("Mails handed to the mail server by outcome", ("", "outcome")),
}


@require_safe
@requires(Can.VIEW_HEALTH)
def health_page(request: WorkspaceRequest) -> HttpResponse:
    """Queues, limits, breakers, what failed today. Shows nothing of any workspace."""
    now = health.health()
    outcomes = [(title, now.outcomes(event)) for event, (title, _) in _COUNTERS.items()]
    return render(request, "integrations/health.html", {"now": now, "alarms": health.alarms(now), "outcomes": outcomes})


@require_safe
@requires(Can.VIEW_INTEGRATIONS)
def sync_state(request: WorkspaceRequest, connection_id: UUID) -> HttpResponse:
    """Of one account, each kind of sync: when it last worked, when it is next, what went wrong, what to do."""
    connection = get_visible(request, Connection, connection_id, kind=Flow.ACCOUNT)
    can_manage = request.membership.as_role.can(Can.MANAGE_CONNECTIONS)
    runs = queries.sync_state(connection, with_comments=True)
    context = {"sync": sync_of_account(connection, runs, can_manage=can_manage, now=clock.now())}
    return render(request, "integrations/sync_state.html", context)


@require_safe
@requires(Can.VIEW_INTEGRATIONS)
def ad_sync_state(request: WorkspaceRequest, ad_account_id: UUID) -> HttpResponse:
    """The same of an ad account."""
    ad_account = get_visible(request, AdAccount, ad_account_id)
    can_manage = request.membership.as_role.can(Can.MANAGE_AD_ACCOUNTS)
    runs = queries.ad_sync_state(ad_account, with_comments=True)
    context = {"sync": sync_of_ad_account(ad_account, runs, can_manage=can_manage, now=clock.now())}
    return render(request, "integrations/sync_state.html", context)


@require_POST
@requires(Can.SET_PACE)
def choose_pace(request: WorkspaceRequest) -> HttpResponse:
    """How often this workspace's figures are looked at."""
    wanted = request.POST.get("pace", "")
    if wanted not in Pace.values:
        messages.warning(request, "Nothing was changed: choose one of the paces that are shown.")
    elif pace.choose_pace(Pace(wanted), by=request.membership):
        messages.success(request, f"Figures are now looked at at the pace “{Pace(wanted).label}”. It is felt within half an hour.")
    return redirect("integrations")


@require_safe
@public
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus's text format, for whoever shows the token of the settings. Without a token there is no such address."""
    shown = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not hmac.compare_digest(shown.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector())
    return HttpResponse(generate_latest(registry), content_type="text/plain; version=0.0.4; charset=utf-8")


class _Collector:
    """One reading as Prometheus's families."""

    def collect(self) -> Iterator[Metric]:
        """Gauges of this moment, then counters since the counting began."""
        now = health.health()
        work = {
            "due": GaugeMetricFamily("agency_work_due", "Pieces of work that are due", labels=["kind"]),
            "at_work": GaugeMetricFamily("agency_work_claimed", "Pieces of work that somebody is at", labels=["kind"]),
            "oldest": GaugeMetricFamily("agency_work_oldest_seconds", "Age of the oldest piece that is due", labels=["kind"]),
        }
        for one in now.work:
            work["due"].add_metric([one.kind], one.due_count)
            work["at_work"].add_metric([one.kind], one.at_work_count)
            work["oldest"].add_metric([one.kind], one.oldest.total_seconds() if one.oldest else 0.0)
        yield from work.values()
        if now.queues is not None:
            queues = GaugeMetricFamily("agency_queue_messages", "Messages in the broker", labels=["queue"])
            for name, length in now.queues.items():
                queues.add_metric([name], length)
            yield queues
        used = GaugeMetricFamily("agency_tiktok_limit_used", "Calls in the window that ends now", labels=["limit"])
        most = GaugeMetricFamily("agency_tiktok_limit", "Calls that TikTok allows in the window", labels=["limit"])
        for limit in now.limits or ():
            used.add_metric([limit.name], limit.used)
            most.add_metric([limit.name], limit.limit)
        opened = GaugeMetricFamily("agency_breaker_open", "1 while calls are held back because TikTok does not answer", labels=["family"])
        for state in now.breakers:
            opened.add_metric([state.family], int(state.is_open))
        yield from (used, most, opened)
        for event, (title, labels) in _COUNTERS.items():
            counter = CounterMetricFamily(f"agency_{event}", title, labels=[label for label in labels if label])
            for (name, kind, outcome), number in sorted(now.totals.items()):
                if name == event:
                    counter.add_metric([word for label, word in zip(labels, (kind, outcome), strict=True) if label], number)
            yield counter
