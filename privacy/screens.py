"""The walkthrough's screens: the platform's real templates, drawn with sample data and made into pictures of themselves.

A screen that changes in the product changes here too. The sample is made up; nothing of it comes from an account.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from agency.outlets import charts, figures
from agency.outlets.parts import AccountRow, Chart, DayPoint, Freshness, Kpi, PostRow, ScopeRow, Step, count_delta, rate_delta
from integrations.features import AT_FIRST, SCOPES, scopes_for
from reports.content import Content, Creative, DayFigure, Organic
from reports.presentation import shown

HANDLE, WORKSPACE = "samplestudio", "Sample Studio"
_MONDAY = date(2026, 5, 18)
_VIEWS = (118_300, 126_950, 141_200, 163_480, 152_770, 131_640, 109_860)
_VIEWS_BEFORE = (109_400, 121_300, 128_050, 139_900, 140_620, 127_480, 104_150)
_POSTS = (
    ("A desk in four lights", 214_300, 0.071, 0.64),
    ("Cutting on the beat", 131_900, 0.058, 0.59),
    ("What is in the bag", 88_150, 0.049, 0.52),
)
# What makes a page work and has no meaning in a picture of it.
_LIVE = re.compile(
    r'\s(?:id|for|name|href|action|method|title|tabindex|role|data-[a-z-]+|hx-[a-z-]+|aria-(?:labelledby|controls|describedby))="[^"]*"'
)
_CONTROLS = re.compile(r"<(/?)(?:form|a|button|main|nav)\b")
_HIDDEN = re.compile(r"<input[^>]*type=\"hidden\"[^>]*>|<details class=\"data\">.*?</details>", re.DOTALL)


@dataclass(frozen=True)
class Screen:
    """One step: what a person does, the picture, and what passes between server and TikTok."""

    number: int
    key: str
    title: str
    text: str
    address: str
    is_imitation: bool
    pictures: tuple[SafeString, ...]
    caption: str
    technical: str

    @property
    def following(self) -> str:
        """Where the next step stands in the list, as the `slice` filter takes it."""
        return f"{self.number}:{self.number + 1}"


def picture(template: str, **context: Any) -> SafeString:
    """A real page's own part, with everything taken out that would make it work: links, forms, ids, scripts' hooks."""
    html = render_to_string(template, context | {"shell": "layouts/screen.html", "chrome": {"workspace_name": WORKSPACE}})
    html = _CONTROLS.sub(r"<\1span", _LIVE.sub("", _HIDDEN.sub("", html)))
    for level in ("1", "2", "3"):
        html = re.sub(rf"<h{level}([^>]*)>(.*?)</h{level}>", rf'<p\1><b class="h{level}">\2</b></p>', html, flags=re.DOTALL)
    return mark_safe(html)  # noqa: S308 # nosec - our own template over our own sample


def screens(*, app_host: str, redirect_uri: str, business_host: str) -> tuple[Screen, ...]:
    """The five steps, in order."""
    scopes = scopes_for(AT_FIRST)
    return (
        Screen(
            1, "connect", "Connect",
            "A client admin opens Integrations, reads what is asked for and why, and presses one button. No password of"
            " TikTok is typed on our side.",
            f"{app_host}/settings/integrations", False, (_integrations(connected=False),),
            "The Integrations page with the card TikTok for Business, its scopes with reasons, and the button Connect TikTok.",
            f"POST /settings/integrations/connect answers 303 to TikTok's consent page with client_key, {len(scopes)}"
            " scopes, redirect_uri, a one-time"
            " state and code_challenge, method S256. The verifier stays on our server, encrypted.",
        ),
        Screen(
            2, "consent", "Consent",
            "TikTok asks the account's owner on its own page, in its own words. Any scope can be left out; the platform"
            " then shows “Not granted”"
            " where its figures would be. The picture below imitates that page.",
            "an imitation of TikTok's own page", True, (_consent(),),
            "An imitation of TikTok's consent page: scopes with switches, one left out, and the buttons Allow and Deny.",
            f"The answer comes to {redirect_uri} with code and state, or with error=access_denied. After a denial nothing is stored.",
        ),
        Screen(
            3, "callback", "Callback",
            "Our server checks the state, trades the code for tokens and encrypts them. The browser never sees a token."
            " The person lands on the"
            " dashboard while the first figures come in.",
            f"{app_host}/performance?connected={HANDLE}", False, (_performance(),),
            "The Performance page with the notice Connected, four key figures, the views of each day and the top posts.",
            f"POST {business_host}/open_api/v1.3/tt_user/oauth2/token/ from server to server. Tokens are sealed with"
            " AES-256-GCM under a key of"
            " their own, renewed before they run out, and rotated on every use.",
        ),
        Screen(
            4, "weekly-report", "Weekly report",
            "Every Monday the client's people and the creators whose posts are in it get the same report, by mail and on this page. Reports"
            " contain only aggregated metrics.",
            f"{app_host}/reports/2026-W21", False, (_report(),),
            "The report of week 21 with its sentence of news, the views of each day, the organic figures and the top-performing creative.",
            "GET /business/get/ under user.insights, GET /business/video/list/ under video.list and video.insights."
            " Every figure keeps the request_id"
            " of the answer that it came from.",
        ),
        Screen(
            5, "disconnect", "Disconnect",
            "One click. Tokens are revoked at TikTok and destroyed here at once; the account's data is deleted within 90"
            " days, or within 30 on"
            " request. Removing the app inside TikTok does the same.",
            f"{app_host}/settings/integrations", False, (_integrations(connected=True), _disconnected()),
            "The danger zone with Disconnect, and the page that confirms it.",
            "POST /open_api/v1.3/tt_user/oauth2/revoke/, then the key is destroyed, which makes the tokens unreadable in backups too.",
        ),
    )  # fmt: skip


def _integrations(*, connected: bool) -> SafeString:
    granted = tuple(ScopeRow(name, SCOPES[name].reason) for name in scopes_for(AT_FIRST))
    account = AccountRow(
        public_id="00000000-0000-4000-8000-000000000000",
        handle=HANDLE,
        mark="SS",
        avatar_url="",
        state="live",
        state_text="Live",
        connected_on=_MONDAY,
        token_refreshed_at=None,
        scopes_granted=len(granted),
        scopes_asked=len(granted),
    )
    return picture(
        "integrations/integrations.html",
        card={"connected_count": int(connected), "scopes": granted, "can_connect": True},
        accounts=[account] if connected else [],
        can_manage=True,
    )


def _consent() -> SafeString:
    """Local TikTok has a page for this; TikTok's own is not ours to copy."""
    return picture(
        "public/_consent_imitation.html",
        handle=HANDLE,
        scopes=[SCOPES[n] for n in scopes_for(AT_FIRST)[:5]],
        more=len(scopes_for(AT_FIRST)) - 5,
    )


def _performance() -> SafeString:
    views, before = sum(_VIEWS), sum(_VIEWS_BEFORE)
    kpis = (
        Kpi(
            "followers", "Followers", figures.compact(31_480), figures.count(31_480), None, "", False, (31_020, 31_190, 31_350, 31_480), ""
        ),
        Kpi(
            "views",
            "Views (7d)",
            figures.compact(views),
            figures.count(views),
            count_delta(views, before),
            "",
            False,
            _VIEWS,
            "",
            current=True,
        ),
        Kpi("engagement", "Engagement", figures.rate(0.061), figures.rate(0.061), rate_delta(0.061, 0.058), "", False, (), ""),
        Kpi("posts", "Posts (7d)", "6", "6", None, "on cadence", True, (), ""),
    )
    return picture(
        "reports/performance.html",
        connected_notice={"name": f"@{HANDLE}", "handle": HANDLE},
        steps=(Step("Profile", "done"), Step("6 posts", "done"), Step("Insights", "running", 4, 6)),
        freshness=Freshness("fresh", datetime(2026, 5, 26, 9, 56, tzinfo=UTC), _MONDAY + timedelta(days=6)),
        kpis=kpis,
        chart=_chart(),
        posts=_posts(),
        posts_total=6,
    )


def _chart() -> Chart:
    days = [_MONDAY + timedelta(days=n) for n in range(7)]
    points = tuple(DayPoint(day, f"{day:%a %-d}", now, then) for day, now, then in zip(days, _VIEWS, _VIEWS_BEFORE, strict=True))
    return Chart(
        title="Views per day",
        legend_now=figures.short_range(days[0], days[-1]),
        legend_before=figures.short_range(days[0] - timedelta(days=7), days[-1] - timedelta(days=7)),
        total_now=figures.count(sum(_VIEWS)),
        total_before=figures.count(sum(_VIEWS_BEFORE)),
        points=points,
        news=charts.news(points, "Views per day"),
    )


def _posts() -> tuple[PostRow, ...]:
    most = _POSTS[0][1]
    return tuple(
        PostRow(
            i,
            title,
            "",
            figures.day(_MONDAY + timedelta(days=i)),
            figures.count(n),
            figures.count(n),
            n / most,
            figures.rate(e),
            figures.watch(w),
        )
        for i, (title, n, e, w) in enumerate(_POSTS, 1)
    )


def _report() -> SafeString:
    days = tuple(
        DayFigure(str(_MONDAY + timedelta(days=n)), now, then, is_final=True)
        for n, (now, then) in enumerate(zip(_VIEWS, _VIEWS_BEFORE, strict=True))
    )
    views, before = sum(_VIEWS), sum(_VIEWS_BEFORE)
    content = Content(
        week="2026-W21",
        workspace=WORKSPACE,
        monday=str(_MONDAY),
        sunday=str(_MONDAY + timedelta(days=6)),
        composed_at="2026-05-26T09:00:00+00:00",
        accounts=(f"@{HANDLE}",),
        days=days,
        organic=Organic(6, 5, views, 7, views, before, 0.061, 0.061, 0.058, 460, 415, 31_480),
        creative=tuple(
            Creative("", f"@{HANDLE}", title, str(_MONDAY + timedelta(days=i)), n, e, w) for i, (title, n, e, w) in enumerate(_POSTS, 1)
        ),
        missing_days=(),
        not_final_days=(),
        missing_accounts=(),
    )
    return picture("reports/week.html", report=shown(content))


def _disconnected() -> SafeString:
    return picture(
        "integrations/disconnected.html",
        handle=f"@{HANDLE}",
        tiktok_answered=True,
        revoked_at=datetime(2026, 5, 26, 14, 2, tzinfo=UTC),
        deletes_on=date(2026, 8, 24),
    )
