"""Every page with a context that a view could give it. No database."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from agency.forms_operating import OwnGrantForm, ResetForm, SearchForm, WorkspaceForm
from agency.outlets import parts
from integrations.ad_rows import AdAccountRow, AdvertiserRow, Choice
from integrations.features import PERMISSIONS
from integrations.models import Pace
from integrations.pace import MEANING, PaceRow
from integrations.sync_rows import SyncPage, SyncRow
from reports import corrections
from reports.forms import CreditForm, LinkForm, RecipientForm, ScheduleForm
from tests.look import entrance, leaving, samples

PERIOD = (
    {"label": "7 days", "href": "?period=7", "current": True},
    {"label": "28 days", "href": "?period=28"},
    {"label": "90 days", "href": "?period=90"},
)


def performance() -> dict[str, Any]:
    return {
        "chrome": samples.chrome("Performance"),
        "freshness": parts.Freshness("fresh", samples.recently(4), date(2026, 5, 23)),
        "connected_notice": {"name": "@brassorbit3", "handle": "brassorbit3"},
        "steps": (
            parts.Step("Profile", "done"),
            parts.Step("11 posts", "done"),
            parts.Step("Insights", "running", 7, 11),
            parts.Step("Comments", "waiting"),
        ),
        "kpis": samples.KPIS,
        "chart": samples.chart(),
        "posts": samples.POSTS,
        "posts_title": "Top posts",
        "posts_total": 11,
        "period": PERIOD,
        "needs_you": (
            parts.Todo("community", "12 comments waiting", "Oldest is 5 hours old", "/community"),
            parts.Todo("report", "Week 21 report is ready", "Goes out today at 09:00 UTC to 4 people", "/reports/2026-W21"),
        ),
        "connections": (samples.account("brassorbit3", "B3"),),
        "can_refresh": True,
    }


def performance_broken() -> dict[str, Any]:
    some = samples.points(missing=frozenset({2, 3}))
    sentence = "@brassorbit3 needs to be reconnected. Figures stop at May 22."
    return performance() | {
        "connected_notice": None,
        "freshness": parts.Freshness("broken", samples.recently(4000), date(2026, 5, 22), sentence),
        "problems": (parts.Problem(sentence, parts.Action("Reconnect", "/connect", "post")),),
        "kpis": samples.AWKWARD_KPIS,
        "chart": samples.chart(some),
        "connections": (
            samples.account("brassorbit3", "B3", state="reconnect", state_text="Needs to be reconnected"),
            samples.account("moontideco2", "M2", scopes_granted=7),
        ),
        "not_granted": ({"what": "Comments", "sentence": "Not granted. Ask @moontideco2 to allow comment.list."},),
    }


def performance_month() -> dict[str, Any]:
    return performance() | {
        "connected_notice": None,
        "freshness": parts.Freshness("late", samples.recently(190), date(2026, 5, 22), "Next try 14:20 UTC."),
        "chart": samples.chart(samples.month()),
        "posts": (),
        "posts_total": 0,
    }


def performance_money() -> dict[str, Any]:
    """A chart of money in which days are idle, missing and told."""
    days = ((6.5, "final"), (None, "idle"), (None, "missing"))
    points = tuple(parts.DayPoint(date(2026, 5, 18 + n), f"May {18 + n}", now, None, state) for n, (now, state) in enumerate(days))
    chart = parts.Chart("CPM per day (USD)", "May 18 – 20", "", "$6.50", "", points, "CPM per day", "CPM (USD)", "USD", idle="no ads shown")
    return performance() | {"connected_notice": None, "chart": chart}


def performance_empty() -> dict[str, Any]:
    return {
        "chrome": samples.chrome("Performance", spaces=()),
        "freshness": parts.Freshness("never", None, None, "Nothing connected yet"),
        "checklist": (
            {"text": "You are a member of Brass Studio", "done": True, "href": ""},
            {"text": "Connect a TikTok account", "done": False, "href": "/settings/integrations"},
            {"text": "Figures arrive, within a few minutes", "done": False, "href": ""},
            {"text": "The first report comes by mail", "done": False, "href": ""},
        ),
    }


def integrations() -> dict[str, Any]:
    return {
        "chrome": samples.chrome("Integrations"),
        "card": {"connected_count": 2, "scopes": samples.SCOPES, "can_connect": True},
        "paces": [PaceRow(pace.value, pace.label, MEANING[pace], pace == Pace.USUAL) for pace in Pace],
        "accounts": (
            samples.account("brassorbit3", "B3", ends_on=date(2027, 5, 22), days_left=12),
            samples.account(
                "moontideco2",
                "M2",
                scopes_granted=7,
                missing_scopes=("comment.list", "biz.ads.recommend"),
                connected_on=date(2026, 5, 24),
                token_refreshed_at=samples.recently(361),
                display_name="Moontide Collective",
            ),
            samples.account(
                "velvetfoxlab", "VF", state="reconnect", state_text="Needs to be reconnected", token_refreshed_at=samples.recently(4000)
            ),
        ),
        "former": (
            samples.account("oldbrass", "OB", state="disconnected", state_text="Disconnected May 25, 2026", deletes_on=date(2026, 8, 23)),
        ),
        "can_manage": True,
        "pending_hint": True,
        "ads": ads_of(
            accounts=(
                ad_account("Brass Studio", progress="Figures from Nov 19, 2024"),
                ad_account("Brass <b>Japan</b> 東京", state="syncing", state_text="Syncing…", progress="Figures of 120 of 731 days read"),
                ad_account("A" * 100, state="lost", state_text="No longer open to us", problems=("Not granted: Reporting.",)),
            ),
            former=(ad_account("Old shop", state="unlinked", state_text="Unlinked", deletes_on=date(2026, 8, 23)),),
            people=(
                AdvertiserRow(samples.PUBLIC_ID, "Brass Studio", "live", 2),
                AdvertiserRow(samples.PUBLIC_ID, "Northwind", "reconnect", 1),
                AdvertiserRow(samples.PUBLIC_ID, "Iris", "asked", 0),
            ),
        ),
    }


def ad_account(name: str, **values: Any) -> AdAccountRow:
    facts = "7000000000000000001 · USD · America/Los_Angeles"
    shown = {"state": "live", "state_text": "Live", "progress": "", "problems": (), "deletes_on": None} | values
    return AdAccountRow(public_id=samples.PUBLIC_ID, name=name, mark="BS", facts=facts, **shown)


def ads_of(**values: Any) -> dict[str, Any]:
    given = {"accounts": (), "former": (), "people": ()} | values
    permissions = [parts.ScopeRow(p.name, p.reason) for p in PERMISSIONS]
    return {"is_shown": True, "can_manage": True, "linked_count": len(given["accounts"]), "permissions": permissions} | given


def choose_ad_accounts() -> dict[str, Any]:
    facts = "7000000000000000001 · USD · America/Los_Angeles"
    names = ("Brass Studio", 'Closed "Shop" <b>& Sons</b>', "A" * 100)
    choices = [Choice(f"{samples.PUBLIC_ID}{n}", name, facts, n == 0) for n, name in enumerate(names)]
    return {"person": "Brass Studio", "choices": choices, "action_href": "/x", "workspace_name": "Brass Studio", "is_first": False}


def integrations_empty() -> dict[str, Any]:
    return {
        "chrome": samples.chrome("Integrations"),
        "card": {"connected_count": 0, "scopes": samples.SCOPES, "can_connect": True},
        "accounts": (),
        "former": (),
        "can_manage": True,
        "pending_hint": False,
        "ads": ads_of(),
    }


def callback_problem() -> dict[str, Any]:
    return {
        "title": "You did not allow the connection",
        "what": "TikTok says that access was declined on its page.",
        "do": "If that was not meant, try again and choose Allow. You can switch off single permissions there.",
        "retry_href": "/settings/integrations/connect",
        "nothing_stored": True,
    }


def choose() -> dict[str, Any]:
    return {"handle": "@velvetfoxlab", "attach_href": "/attach", "refuse_href": "/refuse", "workspace_name": "Logic Target in-house"}


def disconnected(*, answered: bool) -> dict[str, Any]:
    return {
        "chrome": samples.chrome("Integrations"),
        "handle": "@brassorbit3",
        "reconnect_href": f"/settings/integrations/{samples.PUBLIC_ID}/reconnect",
        "revoked_at": datetime(2026, 5, 25, 14, 2, tzinfo=UTC),
        "tiktok_answered": answered,
        "deletes_on": date(2026, 8, 23),
    }


def reports() -> dict[str, Any]:
    weeks = (
        {
            "href": "/reports/2026-W21",
            "title": "Week 21",
            "range": "May 18 – May 24",
            "headline": "1.42M views, up 18.7%. 11 posts.",
            "state": "New",
        },
        {
            "href": "/reports/2026-W20",
            "title": "Week 20",
            "range": "May 11 – May 17",
            "headline": "1.20M views, down 2.1%. 9 posts.",
            "state": "",
        },
    )
    return {"chrome": samples.chrome("Reports"), "weeks": weeks}


def reports_empty() -> dict[str, Any]:
    return {"chrome": samples.chrome("Reports"), "weeks": (), "empty_sentence": "The first report is written on Monday, May 25."}


def week(**changes: Any) -> dict[str, Any]:
    recipients = (
        parts.Recipient("MR", "Maya Reyes", "Client admin · delivered 09:01 UTC"),
        parts.Recipient("GR", "@grainandgold", "Bounced, mailbox full. Next try 13:00 UTC", "bad"),
    )
    return {
        "chrome": samples.chrome("Reports"),
        "report": samples.report(**changes),
        "previous": {"href": "/reports/2026-W20", "label": "Week 20"},
        "next": None,
        "recipients": recipients,
        "aggregate_line": "Reports contain only aggregated metrics.",
        "week": "2026-W21",
        "files": True,
        "can_export": True,
        "can_review": True,
        "is_released": True,
        "steps": ("Sent by the platform, 2026-05-25 16:00 UTC",),
        "corrected": corrections.Corrected(
            (
                corrections.Correction("Total views", "1,420,180", "1,423,905", corrections.COUNTED_ON),
                corrections.Correction("Sun 24", "154,400", "158,125", corrections.COUNTED_ON),
            )
        ),
        "corrected_at": "2026-05-26 09:00 UTC",
        "link_form": LinkForm(),
        "links": ({"pk": samples.PUBLIC_ID, "expires_at": datetime(2026, 6, 30, 9, tzinfo=UTC), "opened_count": 1},),
        "credit_form": CreditForm(posts=[(samples.PUBLIC_ID, "Quick-cut color grading reel")], creators=[(samples.PUBLIC_ID, "Mona Deco")]),
        "credits": (
            {
                "pk": samples.PUBLIC_ID,
                "creator": {"person": {"name": "Mona Deco"}},
                "post": {"caption": "Quick-cut color grading reel #colorgrading #reel and some more words"},
            },
        ),
    }


def week_waits() -> dict[str, Any]:
    """Before it goes: a reviewer's view."""
    return week() | {
        "is_released": False, "waits": "It goes 2026-05-25 16:00 UTC.", "is_held": False, "steps": (), "recipients": (), "links": (),
        "link_form": None, "not_sent_line": "It goes 2026-05-25 16:00 UTC.", "corrected": corrections.Corrected(),
    }  # fmt: skip


def week_shared() -> dict[str, Any]:
    """Behind a link, without a sign-in."""
    return {
        "shell": "layouts/public.html",
        "report": samples.report(),
        "aggregate_line": "Reports contain only aggregated metrics.",
        "shared_until": datetime(2026, 6, 30, 9, tzinfo=UTC),
    }


def report_settings() -> dict[str, Any]:
    person = {"mark": "MR", "name": "Maya Reyes", "role": "Client admin", "said": "", "retry": None}
    return {
        "chrome": samples.chrome("Reports"),
        "form": ScheduleForm({"weekday": 0, "hour": 9, "time_zone": "Nowhere", "review": "send", "review_hours": 3, "reply_to": ""}),
        "next": "The report of week 22 goes Monday, Jun 1, 09:00 PDT.",
        "recipient_form": RecipientForm(),
        "people": (
            person,
            person | {"mark": "JP", "name": "Jo Park", "said": "Its mail server refused it for good", "retry": samples.PUBLIC_ID},
        ),
        "extras": (
            {
                "id": samples.PUBLIC_ID,
                "email": "boss@client.example",
                "said": "Asked 2026-05-25 09:00 UTC; waits for its owner's yes.",
                "can_ask": True,
            },
        ),
        "can_send": True,
        "own_email": "maya@brass.example",
    }


def week_awkward() -> dict[str, Any]:
    return week(
        chart=samples.chart(samples.points(missing=frozenset({2}))),
        missing=("No data from TikTok for May 20.", "@moontideco2 is not in the figures: it needs to be reconnected."),
        paid=(),
        brands=samples.lines(
            "Brand",
            ("Posts", "Views", "Change", "Engagement", "New followers"),
            ("Moontide Collective", "@moontideco2", "4", "812,004", "+3.1%", "5.1%", "+204"),
            ("Velvet Fox Lab", "@velvetfoxlab", "–", "–", "–", "–", "–"),
        ),
    ) | {
        "recipients": (),
        "corrected": corrections.Corrected(sentence="@moontideco2 is no longer connected: what TikTok corrected since is not known."),
    }


def person(**values: Any) -> dict[str, Any]:
    return {
        "public_id": samples.PUBLIC_ID,
        "name": "Jo Park",
        "email": "jo@brass.example",
        "role_label": "Client viewer",
        "is_staff": False,
        "mark": "JP",
        "since": datetime(2026, 4, 1, tzinfo=UTC),
        "last_seen": None,
        "purpose": "",
        "ends_at": None,
        "knows_more": True,
        "two_factor": False,
        "is_closed": False,
        "you": False,
        "can_change": True,
    } | values


STAFF = {"name": "Bea Byers", "mark": "BB", "role_label": "Media buyer", "is_staff": True, "purpose": "Spend in Q2", "can_change": False}


def people() -> dict[str, Any]:
    everybody = (
        person(name="Maya Reyes", mark="MR", last_seen=samples.recently(3), two_factor=True, you=True, can_change=False),
        person(),
        person(name="Lee Gone", mark="LG", is_closed=True),
    )
    staff = (
        person(**STAFF, ends_at=datetime(2026, 7, 1, tzinfo=UTC)),
        person(**STAFF | {"name": "Old Grant", "mark": "OG", "email": "", "knows_more": False}),
    )
    waiting = (
        {
            "email": "sam@brass.example",
            "role_label": "Creator",
            "expires_at": datetime(2026, 6, 1, tzinfo=UTC),
            "public_id": samples.PUBLIC_ID,
            "can_change": True,
        },
    )
    form = entrance.InvitationForm({"email": "not an address", "role": "creator"})
    return {
        "chrome": samples.chrome("People"),
        "people": everybody,
        "staff": staff,
        "invitations": waiting,
        "form": form,
        "can_manage": True,
    }


def people_empty() -> dict[str, Any]:
    return {"chrome": samples.chrome("People"), "people": (), "staff": (), "invitations": (), "form": None, "can_manage": False}


def member() -> dict[str, Any]:
    form = entrance.AccessForm({"role": "", "purpose": "Spend in Q2"})
    return {"chrome": samples.chrome("People"), "person": person(), "form": form, "can_close": True}


def member_closed() -> dict[str, Any]:
    return member() | {"person": person(is_closed=True), "form": entrance.AccessForm()}


def member_untouchable() -> dict[str, Any]:
    return {"chrome": samples.chrome("People"), "person": person(**STAFF), "form": None, "can_close": False}


def looks() -> dict[str, Any]:
    look = {"name": "Bea Byers", "mark": "BB", "role_label": "Media buyer", "page": "Performance", "week": "", "purpose": "Spend in Q2"}
    rows = (look | {"at": samples.recently(3)}, look | {"at": samples.recently(9000), "page": "Weekly report", "week": "2026-W20"})
    return {"chrome": samples.chrome("Who looked"), "looks": rows, "older_href": "?before=7", "is_first": False}


def looks_empty() -> dict[str, Any]:
    return {"chrome": samples.chrome("Who looked"), "looks": (), "older_href": "", "is_first": True}


def sync_state() -> dict[str, Any]:
    def row(label: str, **changes: Any) -> SyncRow:
        usual = SyncRow(label, "good", "Up to date", "", samples.recently(4), samples.recently(-40), is_due=False, wrong="", do="")
        return replace(usual, **changes)

    rows = (
        row("Profile"),
        row("Posts", dot="off", state="Under way", progress="120 of 400", next_at=samples.recently(1), is_due=True),
        row(
            "Daily figures",
            dot="late",
            state="Did not work",
            wrong="TikTok cannot answer at the moment. We try again by ourselves.",
            do="There is nothing to do. What was read before stays.",
        ),
        row("Mentions", dot="off", state="Not granted", last_success_at=None, next_at=None, wrong="Not granted: biz.brand.insights."),
    )
    page = SyncPage(
        "@brassorbit3", samples.recently(90), samples.recently(-12 * 1440), "", parts.Action("Refresh now", "#", "post"), rows, 1
    )
    return {"chrome": samples.chrome("Integrations"), "sync": page}


def sync_stopped() -> dict[str, Any]:
    page = SyncPage(
        "Brass Studio US", None, None, "TikTok no longer opens this ad account to us.", parts.Action("Reconnect", "#", "post"), (), 0
    )
    return {"chrome": samples.chrome("Integrations"), "sync": page}


def audit() -> dict[str, Any]:
    row = {
        "what": "Looked at: Performance", "week": "", "name": "Bea Byers", "role_label": "Media buyer", "purpose": "Spend in Q2",
        "about": "workspace", "subject": samples.PUBLIC_ID, "at": samples.recently(3),
    }  # fmt: skip
    platform = row | {"name": "The platform", "role_label": "", "purpose": "", "what": "Report written", "week": "2026-W20"}
    return {
        "chrome": samples.chrome("Audit log"),
        "form": entrance.AuditFilterForm({"since": "2026-05-18", "verb": "x"}),
        "rows": (row, platform),
        "older_href": "?before=7",
        "export_query": "since=2026-05-18",
        "is_filtered": True,
        "standing": {"sealed_count": 12345, "waiting_count": 3, "is_late": False},
    }


def audit_empty() -> dict[str, Any]:
    late = {"sealed_count": 0, "waiting_count": 3, "is_late": True, "oldest_waiting_minutes": 7}
    return audit() | {"form": entrance.AuditFilterForm(), "rows": (), "older_href": "", "is_filtered": False, "standing": late}


def invitation() -> dict[str, Any]:
    return {
        "invitation": object(),
        "workspace_name": "Brass Studio",
        "inviter": "Maya Reyes",
        "role_label": "Client viewer",
        "email": "sam@brass.example",
        "form": entrance.AcceptanceForm({"name": "", "password": ""}),
        "problem": "",
    }


def account_page() -> dict[str, Any]:
    form = entrance.AccountForm(initial={"name": "Maya Reyes", "theme": "system"})
    session = {"public_id": "0" * 32, "device": "Edge on Windows", "began_at": samples.recently(90), "seen_at": samples.recently(2)}
    return {
        "chrome": samples.chrome(""),
        "form": form,
        "two_factor": True,
        "two_factor_required": True,
        "sessions": (session | {"is_here": True}, session | {"public_id": "1" * 32, "device": "Safari on iPhone", "is_here": False}),
        "sees_looks": True,
    }


def workspaces() -> dict[str, Any]:
    row = {
        "public_id": samples.PUBLIC_ID, "name": "Brass Studio", "slug": "brass-studio", "mark": "BS", "people_count": 3, "staff_count": 1,
        "starts_on": date(2026, 1, 1), "ends_on": None, "is_closed": False,
    }  # fmt: skip
    closed = row | {"name": "A name that is long enough to wrap on a phone, twice", "is_closed": True, "ends_on": date(2026, 5, 1)}
    return {
        "chrome": samples.chrome("Workspaces"),
        "form": WorkspaceForm({"new-name": "", "new-time_zone": "Mars/Base"}, prefix="new"),
        "search": SearchForm({"q": "studio"}),
        "wanted": "studio",
        "total": 2,
        "rows": (row, closed),
        "previous_href": "",
        "next_href": "?page=2",
    }


def workspace_page() -> dict[str, Any]:
    person = {
        "public_id": samples.PUBLIC_ID, "person_id": samples.PUBLIC_ID, "name": "Alex Marsh", "email": "alex@agency.example", "mark": "AM",
        "role_label": "Account manager", "is_staff": True, "purpose": "Weekly reports", "ends_at": samples.recently(-90000),
        "is_closed": True, "you": False,
    }  # fmt: skip
    client = person | {"name": "Maya Reyes", "is_staff": False, "role_label": "Client admin", "you": True, "is_closed": False}
    return {
        "chrome": samples.chrome("Workspaces"),
        "workspace": {"pk": samples.PUBLIC_ID, "name": "Brass Studio", "slug": "brass-studio"},
        "closed_at": None,
        "ends_on": None,
        "form": WorkspaceForm(initial={"name": "Brass Studio", "time_zone": "UTC", "posts_per_week": 5}),
        "own_form": OwnGrantForm({"own-purpose": ""}, prefix="own"),
        "is_member": False,
        "people": (client,),
        "staff": (person,),
        "open_invitation_count": 2,
    }


def workspace_closed() -> dict[str, Any]:
    closed = {"closed_at": samples.recently(3000), "ends_on": date(2026, 5, 1), "people": (), "staff": (), "is_member": True}
    return workspace_page() | closed


def accounts() -> dict[str, Any]:
    row = {"public_id": samples.PUBLIC_ID, "name": "Maya Reyes", "email": "maya@brass.example", "mark": "MR", "is_closed": True}
    found = {"search": SearchForm({"q": "maya"}), "wanted": "maya", "rows": (row,), "next_href": "?after=m"}
    return {"chrome": samples.chrome("All people")} | found


def person_page() -> dict[str, Any]:
    grant = {
        "workspace_id": samples.PUBLIC_ID, "workspace": "Brass Studio", "role_label": "Media buyer", "purpose": "Spend in Q2",
        "ends_at": samples.recently(-90000), "is_closed": True,
    }  # fmt: skip
    return {
        "chrome": samples.chrome("All people"),
        "person": {"public_id": samples.PUBLIC_ID, "name": "Bea Byers", "email": "bea@agency.example", "mark": "BB", "is_closed": False},
        "is_you": False,
        "memberships": (grant,),
        "session_count": 2,
        "has_second_factor": True,
        "needs_second_factor": True,
        "form": ResetForm({"reason": ""}),
    }


def mail(name: str = "1.eml") -> dict[str, Any]:
    return {
        "name": name,
        "subject": "Week 21 · Brass Studio: 1.42M views (+18.7%)",
        "to": "maya@brass.example",
        "date": "Mon, 25 May 2026 09:01:00 +0000",
        "headers": (("From", "reports@example.org"), ("List-Unsubscribe", "<https://app.example/stop/abc>")),
        "text": "Week 21\n\nTotal views   1,420,180",
        "html": "<p>x</p>",
    }


PAGES: dict[str, tuple[str, Any]] = {
    **leaving.PAGES,
    "performance": ("reports/performance.html", performance),
    "performance-broken": ("reports/performance.html", performance_broken),
    "performance-month": ("reports/performance.html", performance_month),
    "performance-money": ("reports/performance.html", performance_money),
    "performance-empty": ("reports/performance.html", performance_empty),
    "integrations": ("integrations/integrations.html", integrations),
    "integrations-empty": ("integrations/integrations.html", integrations_empty),
    "sync-state": ("integrations/sync_state.html", sync_state),
    "sync-stopped": ("integrations/sync_state.html", sync_stopped),
    "callback-problem": ("integrations/callback_problem.html", callback_problem),
    "choose": ("integrations/choose.html", choose),
    "choose-ad-accounts": ("integrations/choose_ad_accounts.html", choose_ad_accounts),
    "choose-no-ad-account": ("integrations/choose_ad_accounts.html", lambda: choose_ad_accounts() | {"choices": []}),
    "disconnected": ("integrations/disconnected.html", lambda: disconnected(answered=True)),
    "disconnected-unanswered": ("integrations/disconnected.html", lambda: disconnected(answered=False)),
    "reports": ("reports/index.html", reports),
    "reports-empty": ("reports/index.html", reports_empty),
    "week": ("reports/week.html", week),
    "week-awkward": ("reports/week.html", week_awkward),
    "week-waits": ("reports/week.html", week_waits),
    "week-shared": ("reports/week.html", week_shared),
    "report-settings": ("reports/settings.html", report_settings),
    "confirm-recipient": ("reports/confirm_recipient.html", lambda: {"workspace_name": "Brass Studio", "done": ""}),
    "recipient-confirmed": ("reports/confirm_recipient.html", lambda: {"workspace_name": "Brass Studio", "done": "confirmed"}),
    "recipient-too-late": ("reports/confirm_recipient.html", lambda: {"workspace_name": "Brass Studio", "done": "expired"}),
    "stop-mail": ("reports/stop_mail.html", lambda: {"workspace_name": "Brass Studio", "done": ""}),
    "mail-stopped": ("reports/stop_mail.html", lambda: {"workspace_name": "Brass Studio", "done": "stopped"}),
    "mail-resumed": ("reports/stop_mail.html", lambda: {"workspace_name": "Brass Studio", "done": "resumed"}),
    "people": ("agency/people.html", people),
    "people-empty": ("agency/people.html", people_empty),
    "member": ("agency/member.html", member),
    "member-closed": ("agency/member.html", member_closed),
    "member-untouchable": ("agency/member.html", member_untouchable),
    "workspaces": ("agency/workspaces.html", workspaces),
    "workspaces-empty": ("agency/workspaces.html", lambda: workspaces() | {"rows": (), "total": 0, "wanted": "x", "next_href": ""}),
    "workspace-page": ("agency/workspace.html", workspace_page),
    "workspace-closed": ("agency/workspace.html", workspace_closed),
    "accounts": ("agency/accounts.html", accounts),
    "accounts-empty": ("agency/accounts.html", lambda: accounts() | {"rows": (), "next_href": ""}),
    "account-page": ("agency/account_page.html", person_page),
    "account-page-own": ("agency/account_page.html", lambda: person_page() | {"is_you": True}),
    "looks": ("agency/looks.html", looks),
    "looks-empty": ("agency/looks.html", looks_empty),
    "audit": ("agency/audit.html", audit),
    "audit-empty": ("agency/audit.html", audit_empty),
    "audit-too-much": ("agency/audit_too_much.html", lambda: {"chrome": samples.chrome("Audit log"), "sentence": "Choose fewer days."}),
    "invitation": ("agency/invitation.html", invitation),
    "invitation-closed": ("agency/invitation.html", lambda: {"invitation": None}),
    "account": ("agency/account.html", account_page),
    "no-workspace": ("agency/no_workspace.html", dict),
    "dev-mail": ("agency/dev_mail.html", lambda: {"mails": (mail(), mail("2.eml"))}),
    "dev-mail-message": ("agency/dev_mail_message.html", lambda: {"mail": mail()}),
    **entrance.PAGES,
    **{f"error-{name}": (f"errors/{name}.html", dict) for name in ("400", "403", "403_stale_form", "404", "405", "429", "500", "503")},
}
