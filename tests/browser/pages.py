"""Every page that people see, and how the browser tests come to it. A new page is one line here: a test compares this list with the
addresses, and each page is looked at in both widths and both schemes.
"""

from dataclasses import dataclass

MAYA, COLE, GRAY, IRIS = "maya@brassstudio.example", "cole@brassstudio.example", "grain@creators.example", "iris@logictarget.example"
ALEX, BEA, MO, PRI, ROOT = (f"{name}@logictarget.example" for name in ("alex", "bea", "mo", "pri", "root"))
NOBODY = ""


@dataclass(frozen=True)
class Visit:
    """One page: the name of its address, who opens it, and the path. With `on`, the path is a pattern that is looked for in that page."""

    name: str
    who: str
    path: str
    on: str = ""
    asks_again: bool = False  # the password, before it opens
    refuses: bool = False  # says in words why there is nothing here


# What opens with its address alone. `NOBODY` is not signed in.
OPENED = (
    Visit("account_login", NOBODY, "/sign-in"),
    Visit("account_inactive", NOBODY, "/sign-in/inactive"),
    Visit("account_reset_password", NOBODY, "/password/reset"),
    Visit("account_reset_password_done", NOBODY, "/password/reset/sent"),
    Visit("account_reset_password_from_key", NOBODY, "/password/reset/1-gone", refuses=True),
    Visit("account_reset_password_from_key_done", NOBODY, "/password/reset/done"),
    Visit("invitation", NOBODY, "/invitations/nothing", refuses=True),
    Visit("stop_mail", NOBODY, "/email/stop/nothing", refuses=True),
    Visit("shared_report", NOBODY, "/shared/reports/nothing", refuses=True),
    Visit("confirm_recipient", NOBODY, "/email/confirm/nothing", refuses=True),
    Visit("dev_mail", NOBODY, "/dev/mail/"),
    Visit("tiktok_api", NOBODY, "/tiktok-api"),
    Visit("walkthrough", NOBODY, "/walkthrough"),
    Visit("privacy_policy", NOBODY, "/privacy-policy"),
    Visit("terms", NOBODY, "/terms"),
    Visit("glossary", NOBODY, "/glossary"),
    Visit("security", NOBODY, "/security"),
    Visit("data_deletion", NOBODY, "/data-deletion"),
    Visit("deletion_confirm", NOBODY, "/data-deletion/confirm/nothing", refuses=True),
    Visit("deletion_proof", NOBODY, "/data-deletion/proofs/00000000-0000-4000-8000-000000000000", refuses=True),
    Visit("correction_status", NOBODY, "/corrections/LT-NONE-00", refuses=True),
    Visit("deletion_status", NOBODY, "/data-deletion/LT-NONE-00", refuses=True),
    Visit("tiktok_sign_in_back", NOBODY, "/tiktok/sign-in/callback?state=forged&code=x", refuses=True),
    Visit("performance", MAYA, "/performance"),
    Visit("performance", MAYA, "/performance?connected=brassorbit3"),
    Visit("performance", MAYA, "/performance?days=28&metric=followers"),
    Visit("performance", MAYA, "/performance?metric=engagement"),
    Visit("posts", MAYA, "/performance/posts"),
    Visit("post", MAYA, r"/performance/posts/[0-9a-f-]{36}", on="/performance/posts"),
    Visit("audience", MAYA, "/performance/audience?days=28"),
    Visit("side_by_side", MAYA, "/performance/brands?days=28"),
    Visit("mentions", MAYA, "/performance/mentions?days=28"),
    Visit("brands", MAYA, "/settings/brands"),
    Visit("figure_source", MAYA, r"/performance/source\?[^\"]*", on="/performance"),
    Visit("reports", MAYA, "/reports"),
    Visit("week", MAYA, r"/reports/\d{4}-W\d\d", on="/reports"),
    Visit("campaigns", MAYA, "/campaigns"),
    Visit("campaigns", MAYA, "/campaigns?level=ads&days=28&metric=ctr&against=year"),
    Visit("campaigns_origin", MAYA, "/campaigns/origin"),
    Visit("report_settings", MAYA, "/reports/settings"),
    Visit("exports", MAYA, "/exports"),
    Visit("integrations", MAYA, "/settings/integrations"),
    Visit("sync_state", MAYA, r"/settings/integrations/[0-9a-f-]{36}/sync", on="/settings/integrations"),
    Visit("ad_sync_state", MAYA, r"/settings/integrations/ad-accounts/[0-9a-f-]{36}/sync", on="/settings/integrations"),
    Visit("people", MAYA, "/settings/people"),
    Visit("member", MAYA, r"/settings/people/[0-9a-f-]{36}", on="/settings/people"),
    Visit("looks", MAYA, "/settings/looks"),
    Visit("account", MAYA, "/settings/account"),
    Visit("my_copy", MAYA, "/settings/account/copy"),
    Visit("my_deletion", MAYA, "/settings/account/deletion"),
    Visit("my_corrections", MAYA, "/settings/corrections"),
    Visit("callback", MAYA, "/tiktok/auth/callback?state=forged&code=x", refuses=True),
    Visit("account_change_password", MAYA, "/password"),
    Visit("account_reauthenticate", MAYA, "/sign-in/again"),
    Visit("account_logout", MAYA, "/sign-out"),
    Visit("mfa_index", MAYA, "/two-factor"),
    Visit("mfa_activate_totp", MAYA, "/two-factor/app", asks_again=True),
    Visit("mfa_add_webauthn", MAYA, "/two-factor/passkeys/add", asks_again=True),
    Visit("posts", GRAY, "/performance/posts?which=all"),
    Visit("reports", GRAY, "/reports"),
    Visit("looks", GRAY, "/settings/looks"),
    Visit("community", MO, "/community"),
    Visit("community_thread", MO, r"/community/[0-9a-f-]{36}", on="/community"),
    Visit("community", MO, "/community?view=all&ads=any"),
    Visit("community_thread", ALEX, r"/community/[0-9a-f-]{36}\?[^\"]*ads=any[^\"]*", on="/community?view=all&ads=any"),
    Visit("community_report", MO, "/community/report"),
    Visit("audit", PRI, "/privacy/audit"),
    Visit("mfa_index", PRI, "/two-factor"),
    Visit("mfa_deactivate_totp", PRI, "/two-factor/app/remove", asks_again=True),
    Visit("mfa_reauthenticate", PRI, "/two-factor/again"),
    Visit("mfa_generate_recovery_codes", PRI, "/two-factor/codes/new", asks_again=True),
    Visit("privacy_requests", PRI, "/privacy/requests"),
    Visit("privacy_corrections", PRI, "/privacy/corrections"),
    Visit("privacy_register", PRI, "/privacy/register"),
    Visit("privacy_promises", PRI, "/privacy/promises"),
    Visit("privacy_incidents", PRI, "/privacy/incidents"),
    Visit("workspaces", ROOT, "/settings/workspaces"),
    Visit("workspace_page", ROOT, r"/settings/workspaces/[0-9a-f-]{36}", on="/settings/workspaces"),
    Visit("accounts", ROOT, "/settings/accounts"),
    Visit("account_page", ROOT, r"/settings/accounts/[0-9a-f-]{36}", on="/settings/accounts"),
    Visit("health_page", ROOT, "/settings/health"),
    Visit("people", ROOT, "/settings/people"),
)

# What is no page, by the reason. What only takes a form is known by that and is not listed.
NOT_PAGES = {
    "leads on": ("home", "second_factor", "account_set_password"),
    "part of a page": (
        "performance_steps", "mfa_login_webauthn", "community_news", "community_narrowing", "community_doing", "export_progress",
    ),
    "a mail as it is": ("dev_mail_html", "dev_mail_raw"),
    "a picture": ("avatar",),
    "a file": (
        "audit_export", "export", "export_file", "community_export",
        "mfa_download_recovery_codes", "security_txt", "week_pdf", "week_csv", "week_xlsx",
        "download_archive", "download_my_copy", "certificate", "certificate_key",
        "privacy_evidence",
    ),
    "for programs": ("health", "metrics"),
}  # fmt: skip
