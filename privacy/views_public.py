"""Pages for everybody: how the TikTok API is used, privacy, terms, security, glossary. No sign-in, script or cookie; the same for all."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from agency.access import networked, public
from integrations.features import PERMISSIONS
from metrics import dictionary
from privacy import publication, screens

_MINUTES = 5


@dataclass(frozen=True)
class PageLink:
    """One entry of the public pages' navigation."""

    label: str
    href: str
    current: bool


_PAGES = (
    ("How we use the TikTok API", "tiktok_api"),
    ("Walkthrough", "walkthrough"),
    ("Privacy", "privacy_policy"),
    ("Data deletion", "data_deletion"),
    ("Terms", "terms"),
    ("Glossary", "glossary"),
    ("Security", "security"),
)


def _host(address: str) -> str:
    return address.partition("//")[2]


def _page(request: HttpRequest, template: str, *, lead: str, contents: tuple[tuple[str, str], ...], **context: Any) -> HttpResponse:
    here = request.resolver_match.url_name if request.resolver_match else ""
    shared = {
        "pages": tuple(PageLink(label, reverse(name), name == here) for label, name in _PAGES),
        "lead": lead,
        "contents": contents,
        "app_id": settings.TIKTOK_APP_ID,
    }
    response = render(request, template, shared | context)
    response.headers["Cache-Control"] = f"public, max-age={_MINUTES * 60}"
    return response


@require_safe
@networked
@public
def tiktok_api(request: HttpRequest) -> HttpResponse:
    """Identity, uses, scopes, authorization, storage, security, limits, retention, subprocessors, commitments, controls."""
    return _page(
        request,
        "public/tiktok_api.html",
        lead="For TikTok's reviewers, and for everybody who is asked to connect an account: what we ask for, why, and what becomes of it.",
        contents=(
            ("identity", "Who we are"),
            ("uses", "What it is used for"),
            ("scopes", "Scopes"),
            ("authorization", "Authorization"),
            ("storage", "Storage"),
            ("security", "Security"),
            ("limits", "Rate limits"),
            ("retention", "Retention"),
            ("subprocessors", "Subprocessors"),
            ("commitments", "Commitments"),
            ("controls", "Controls"),
        ),
        business_center_id=settings.BUSINESS_CENTER_ID,
        app_host=settings.APP_HOST,
        redirect_uri=settings.TIKTOK_REDIRECT_URI,
        business_host=_host(settings.TIKTOK_BUSINESS_BASE),
        developers_host=_host(settings.TIKTOK_DEVELOPERS_BASE),
        use_cases=publication.USE_CASES,
        scopes=publication.scope_rows(),
        permissions=PERMISSIONS,
        authorization=publication.AUTHORIZATION,
        storage=publication.storage(),
        security=publication.SECURITY,
        limits=publication.limits(),
        retention=publication.retention(),
        subprocessors=publication.subprocessors(),
        commitments=publication.COMMITMENTS,
        policies=publication.POLICIES,
        controls=publication.CONTROLS,
    )


@require_safe
@networked
@public
def privacy_policy(request: HttpRequest) -> HttpResponse:
    """What is held, why, how long, by whom, and people's rights; the register itself at the end."""
    return _page(
        request,
        "public/privacy_policy.html",
        lead="What we hold about you, why, for how long, and how you have it shown, corrected or deleted.",
        contents=(
            ("who", "Who is responsible"),
            ("what", "What we hold"),
            ("why", "What it is used for"),
            ("how-long", "How long"),
            ("who-else", "Who else handles it"),
            ("rights", "Your rights"),
            ("safe", "How it is kept safe"),
            ("held", "The whole register"),
        ),
        use_cases=publication.USE_CASES,
        commitments=publication.COMMITMENTS,
        retention=publication.retention(),
        subprocessors=publication.subprocessors(),
        controls=publication.CONTROLS,
        security=publication.SECURITY,
        register=publication.register_by_kind(),
    )


@require_safe
@networked
@public
def terms(request: HttpRequest) -> HttpResponse:
    """The terms of use."""
    return _page(
        request,
        "public/terms.html",
        lead="Short, because the work itself is agreed in contracts. These are the rules of the house.",
        contents=(
            ("who", "Between whom"),
            ("access", "Access"),
            ("accounts", "TikTok accounts"),
            ("use", "Fair use"),
            ("content", "What is yours"),
            ("figures", "Figures"),
            ("service", "The service"),
            ("end", "The end"),
        ),
        engagement_days=publication.ENGAGEMENT_DAYS,
    )


@require_safe
@networked
@public
def security(request: HttpRequest) -> HttpResponse:
    """How to report a weakness, and the measures."""
    return _page(
        request,
        "public/security.html",
        lead="Found a hole, or asked to judge us? This page is for you.",
        contents=(("report", "Report a weakness"), ("measures", "How it is kept safe"), ("storage", "Where what lies")),
        security=publication.SECURITY,
        storage=publication.storage(),
    )


@require_safe
@networked
@public
def glossary(request: HttpRequest) -> HttpResponse:
    """Every figure: meaning, source, when it is final, what it means when there is none. From the metric dictionary."""
    metrics = tuple(dictionary.METRICS.values())
    return _page(
        request,
        "public/glossary.html",
        lead="What each figure on pages, mails and exports means, where it comes from, and when it stops moving.",
        contents=tuple((m.key, m.name) for m in metrics),
        metrics=metrics,
        version=dictionary.VERSION,
    )


@require_safe
@networked
@public
def walkthrough(request: HttpRequest) -> HttpResponse:
    """From connecting to leaving: five screens drawn from the real templates, and what happens behind each."""
    steps = screens.screens(
        app_host=settings.APP_HOST,
        redirect_uri=settings.TIKTOK_REDIRECT_URI,
        business_host=_host(settings.TIKTOK_BUSINESS_BASE),
    )
    return _page(
        request,
        "public/walkthrough.html",
        lead="These are the platform's own pages, drawn with sample data. Below each stands what happens between our server and TikTok.",
        contents=tuple((s.key, f"{s.number} {s.title}") for s in steps),
        steps=steps,
    )
