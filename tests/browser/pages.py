"""Every page that people see, and how the browser tests come to it. A new page is one line here: a test compares this list with the
addresses, and each page is looked at in both widths and both schemes.
"""

from dataclasses import dataclass

MAYA, COLE, GRAY, IRIS = "maya@brassstudio.example", "cole@brassstudio.example", "grain@creators.example", "iris@logictarget.example"
ALEX, MO, PRI, ROOT = (f"{name}@logictarget.example" for name in ("alex", "mo", "pri", "root"))
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
    Visit("dev_mail", NOBODY, "/dev/mail/"),
    Visit("tiktok_api", NOBODY, "/tiktok-api"),
    Visit("walkthrough", NOBODY, "/walkthrough"),
    Visit("privacy_policy", NOBODY, "/privacy-policy"),
    Visit("terms", NOBODY, "/terms"),
    Visit("glossary", NOBODY, "/glossary"),
    Visit("security", NOBODY, "/security"),
    Visit("performance", MAYA, "/performance"),
    Visit("performance", MAYA, "/performance?connected=brassorbit3"),
    Visit("performance", MAYA, "/performance?days=28&metric=followers"),
    Visit("performance", MAYA, "/performance?metric=engagement"),
    Visit("reports", MAYA, "/reports"),
    Visit("week", MAYA, r"/reports/\d{4}-W\d\d", on="/reports"),
    Visit("integrations", MAYA, "/settings/integrations"),
    Visit("people", MAYA, "/settings/people"),
    Visit("member", MAYA, r"/settings/people/[0-9a-f-]{36}", on="/settings/people"),
    Visit("looks", MAYA, "/settings/looks"),
    Visit("account", MAYA, "/settings/account"),
    Visit("callback", MAYA, "/tiktok/auth/callback?state=forged&code=x", refuses=True),
    Visit("account_change_password", MAYA, "/password"),
    Visit("account_reauthenticate", MAYA, "/sign-in/again"),
    Visit("account_logout", MAYA, "/sign-out"),
    Visit("mfa_index", MAYA, "/two-factor"),
    Visit("mfa_activate_totp", MAYA, "/two-factor/app", asks_again=True),
    Visit("mfa_add_webauthn", MAYA, "/two-factor/passkeys/add", asks_again=True),
    Visit("reports", GRAY, "/reports"),
    Visit("looks", GRAY, "/settings/looks"),
    Visit("audit", PRI, "/privacy/audit"),
    Visit("mfa_index", PRI, "/two-factor"),
    Visit("mfa_deactivate_totp", PRI, "/two-factor/app/remove", asks_again=True),
    Visit("mfa_reauthenticate", PRI, "/two-factor/again"),
    Visit("mfa_generate_recovery_codes", PRI, "/two-factor/codes/new", asks_again=True),
    Visit("health_page", ROOT, "/settings/health"),
    Visit("people", ROOT, "/settings/people"),
)

# What is no page, by the reason.
NOT_PAGES = {
    "only takes a form": (
        "switch_workspace", "resend_invitation", "withdraw_invitation", "end_access", "close_account", "open_account", "end_session",
        "end_other_sessions", "connect", "reconnect", "refresh_now", "connect_ads", "refresh_ad_account", "unlink_ad_account",
    ),
    "leads on": ("home", "second_factor", "account_set_password"),
    "part of a page": ("performance_steps", "mfa_login_webauthn"),
    "a mail as it is": ("dev_mail_html", "dev_mail_raw"),
    "a picture": ("avatar",),
    "a file": ("audit_export", "mfa_download_recovery_codes", "security_txt"),
    "for programs": ("health", "metrics", "webhooks"),
}  # fmt: skip
