"""The web matrix: every address, by everybody, with every method, on objects of one's own, of another workspace, and of nobody.

One literal table says how each is answered. The signs stand in the order of matrix.ACTORS, the words in that of matrix.METHODS.
Every other method is refused at every address, by whoever it is sent:

    s  to the sign-in page     r  to another page     2  the page         b  refused in words
    3  not this role           4  not found           5  not this method
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
import time_machine
from django.db.models.sql.query import Query
from django.db.models.sql.where import WhereNode
from django.http import HttpResponse

from agency import audit, checks, scope
from agency.models import AuditRow, Membership
from agency.roles import Can, Role
from tests.agency import matrix
from tests.people import Cast

pytestmark = pytest.mark.django_db(databases=("default", "keystore", "privacy"))


@dataclass(frozen=True)
class Row:
    """One address: with the actor's own object (or none), and with one that is absent. What is foreign is answered like what is absent."""

    path: str
    own: str
    absent: str = ""
    body: dict[str, str] = field(default_factory=dict)


EVERYBODY_READS = "22222222 22222222 55555555"
# anonymous, admin, viewer, creator, reviewer, manager, outsider, newcomer
TABLE: dict[str, Row] = {
    # GET      HEAD     POST
    "home": Row("/", "srrrrrr2 srrrrrr2 55555555"),
    "health": Row("/healthz", "22222222 22222222 55555555"),
    "security_txt": Row("/.well-known/security.txt", EVERYBODY_READS),
    "tiktok_api": Row("/tiktok-api", EVERYBODY_READS),
    "walkthrough": Row("/walkthrough", EVERYBODY_READS),
    "privacy_policy": Row("/privacy-policy", EVERYBODY_READS),
    "terms": Row("/terms", EVERYBODY_READS),
    "glossary": Row("/glossary", EVERYBODY_READS),
    "security": Row("/security", EVERYBODY_READS),
    "switch_workspace": Row(
        "/workspace",
        "55555555 55555555 srrrrrr4",
        "55555555 55555555 s4444444",
        body={"workspace": "{slug}"},
    ),
    "people": Row("/settings/people", "s2333223 s2333223 sb333bb3", body={"email": "not an address"}),
    "resend_invitation": Row(
        "/settings/people/invitations/{invitation}/resend",
        "55555555 55555555 sr333rr3",
        "55555555 55555555 s4333443",
    ),
    "withdraw_invitation": Row(
        "/settings/people/invitations/{invitation}/withdraw",
        "55555555 55555555 sr333rr3",
        "55555555 55555555 s4333443",
    ),
    "member": Row(
        "/settings/people/{membership}",
        "s2333223 s2333223 sb333bb3",
        "s4333443 s4333443 s4333443",
        body={"role": "nothing"},
    ),
    "end_access": Row(
        "/settings/people/{membership}/end",
        "55555555 55555555 sr333rr3",
        "55555555 55555555 s4333443",
    ),
    "close_account": Row("/settings/people/{membership}/close", "55555555 55555555 s3333333"),
    "open_account": Row("/settings/people/{membership}/open", "55555555 55555555 s3333333"),
    "workspaces": Row("/settings/workspaces", "s3333333 s3333333 s3333333"),
    "workspace_page": Row(
        "/settings/workspaces/{workspace_ref}",
        "s3333333 s3333333 s3333333",
        "s3333333 s3333333 s3333333",
    ),
    "join_workspace": Row("/settings/workspaces/{workspace_ref}/join", "55555555 55555555 s3333333"),
    "close_workspace": Row("/settings/workspaces/{workspace_ref}/close", "55555555 55555555 s3333333"),
    "open_workspace": Row("/settings/workspaces/{workspace_ref}/open", "55555555 55555555 s3333333"),
    "end_grant": Row("/settings/workspaces/{workspace_ref}/access/{membership}/end", "55555555 55555555 s3333333"),
    "accounts": Row("/settings/accounts", "s3333333 s3333333 55555555"),
    "account_page": Row(
        "/settings/accounts/{person}",
        "s3333333 s3333333 55555555",
        "s3333333 s3333333 55555555",
    ),
    "close_person": Row("/settings/accounts/{person}/close", "55555555 55555555 s3333333"),
    "open_person": Row("/settings/accounts/{person}/open", "55555555 55555555 s3333333"),
    "sign_out_person": Row("/settings/accounts/{person}/sign-out", "55555555 55555555 s3333333"),
    "reset_second_factor": Row("/settings/accounts/{person}/second-factor", "55555555 55555555 s3333333"),
    "account": Row("/settings/account", "s2222222 s2222222 sbbbbbbb"),
    "end_other_sessions": Row("/settings/account/sessions/end", "55555555 55555555 srrrrrrr"),
    "end_session": Row("/settings/account/sessions/0/end", "55555555 55555555 s4444444"),
    "unlink_tiktok": Row("/settings/account/tiktok/unlink", "55555555 55555555 srrrrrrr"),
    "looks": Row("/settings/looks", "s2222323 s2222323 55555555"),
    "audit": Row("/privacy/audit", "s3333333 s3333333 55555555"),
    "audit_export": Row("/privacy/audit/export", "s3333333 s3333333 55555555"),
    "invitation": Row("/invitations/{invitation_token}", "22222222 22222222 bbbbbbbb", "bbbbbbbb bbbbbbbb bbbbbbbb"),
    "dev_mail": Row("/dev/mail/", "44444444 44444444 55555555"),
    "dev_mail_message": Row("/dev/mail/1.eml", "44444444 44444444 55555555"),
    "dev_mail_html": Row("/dev/mail/1.eml/html", "44444444 44444444 55555555"),
    "dev_mail_raw": Row("/dev/mail/1.eml/raw", "44444444 44444444 55555555"),
    "account_login": Row("/sign-in", "2rrrrrrr 2rrrrrrr 2rrrrrrr"),
    "account_logout": Row("/sign-out", "s2222222 s2222222 ssssssss"),
    "account_reauthenticate": Row("/sign-in/again", "s2222222 s2222222 s2222222"),
    "account_inactive": Row("/sign-in/inactive", "22222222 22222222 55555555"),
    "account_change_password": Row("/password", "s2222222 s2222222 s2222222"),
    "account_set_password": Row("/password/set", "srrrrrrr srrrrrrr srrrrrrr"),
    "account_reset_password": Row("/password/reset", "22222222 22222222 22222222"),
    "account_reset_password_done": Row("/password/reset/sent", "22222222 22222222 55555555"),
    "account_reset_password_from_key": Row("/password/reset/1-{reset_key}", "22222222 22222222 22222222"),
    "account_reset_password_from_key_done": Row("/password/reset/done", "22222222 22222222 55555555"),
    "mfa_index": Row("/two-factor", "s2222222 s2222222 s5555555"),
    "second_factor": Row("/two-factor/start", "srrrrrrr srrrrrrr 55555555"),
    "mfa_authenticate": Row("/two-factor/code", "srrrrrrr srrrrrrr srrrrrrr", body={"code": "000000"}),
    "mfa_reauthenticate": Row("/two-factor/again", "srrrr2rr srrrr2rr srrrr2rr", body={"code": "000000"}),
    "mfa_activate_totp": Row("/two-factor/app", "srrrrrrr srrrrrrr srrrrrrr", body={"code": "000000"}),
    "mfa_deactivate_totp": Row("/two-factor/app/remove", "s4444r44 s4444r44 s4444r44"),
    "mfa_list_webauthn": Row("/two-factor/passkeys", "s2222222 s2222222 s5555555"),
    "mfa_add_webauthn": Row("/two-factor/passkeys/add", "srrrrrrr srrrrrrr srrrrrrr"),
    "mfa_edit_webauthn": Row("/two-factor/passkeys/1/name", "srrrrrrr srrrrrrr srrrrrrr"),
    "mfa_remove_webauthn": Row("/two-factor/passkeys/1/remove", "srrrrrrr srrrrrrr srrrrrrr"),
    "mfa_reauthenticate_webauthn": Row("/two-factor/passkey/again", "srrrrrrr srrrrrrr srrrrrrr"),
    "mfa_login_webauthn": Row("/sign-in/passkey", "srrrrrrr srrrrrrr srrrrrrr"),
    "mfa_view_recovery_codes": Row("/two-factor/codes", "s4444444 s4444444 s5555555"),
    "mfa_generate_recovery_codes": Row("/two-factor/codes/new", "srrrrrrr srrrrrrr srrrrrrr"),
    "mfa_download_recovery_codes": Row("/two-factor/codes/download", "s4444444 s4444444 s4444444"),
    "avatar": Row(
        "/accounts/{connection}/picture",
        "s2222224 s2222224 55555555",
        "s4444444 s4444444 55555555",
    ),
    "integrations": Row("/settings/integrations", "s2222223 s2222223 55555555"),
    "connect": Row("/settings/integrations/connect", "55555555 55555555 sr3rrrr3"),
    "choose_pace": Row("/settings/integrations/pace", "55555555 55555555 s3333r33", body={"pace": "usual"}),
    "reconnect": Row(
        "/settings/integrations/{connection}/reconnect",
        "55555555 55555555 sr3rrrr3",
        "55555555 55555555 s4344443",
    ),
    "choose": Row(
        "/settings/integrations/{connection}/choose",
        "sr3r44r3 sr3r44r3 sr3r44r3",
        "s4344443 s4344443 s4344443",
    ),
    "refresh_now": Row(
        "/settings/integrations/{connection}/refresh",
        "55555555 55555555 sr3rrrr3",
        "55555555 55555555 s4344443",
    ),
    "sync_state": Row(
        "/settings/integrations/{connection}/sync",
        "s2222223 s2222223 55555555",
        "s4444443 s4444443 55555555",
    ),
    "disconnect": Row(
        "/settings/integrations/{connection}/disconnect",
        "sr3rrrr3 sr3rrrr3 sr3rrrr3",
        "s4344443 s4344443 s4344443",
    ),
    "ask_archive": Row(
        "/settings/integrations/{connection}/archive",
        "55555555 55555555 sr3rrrr3",
        "55555555 55555555 s4344443",
    ),
    "archive": Row("/settings/archives/{archive}", "s2344423 s2344423 55555555", "s4344443 s4344443 55555555"),
    "download_archive": Row("/settings/archives/{archive}/download", "s4344443 s4344443 55555555"),
    "my_copy": Row("/settings/account/copy", "s2222222 s2222222 srrrrrrr"),
    "download_my_copy": Row("/settings/account/copy/download", "s4444444 s4444444 55555555"),
    "my_deletion": Row("/settings/account/deletion", "s2222222 s2222222 srrrrrrr"),
    "cancel_my_deletion": Row("/settings/account/deletion/cancel", "55555555 55555555 srrrrrrr"),
    "my_corrections": Row("/settings/corrections", "s2222222 s2222222 sbbbbbb2"),
    "withdraw_correction": Row(
        "/settings/corrections/{correction}/withdraw",
        "55555555 55555555 sr4444r4",
        "55555555 55555555 s4444444",
    ),
    "correction_status": Row("/corrections/{correction_reference}", "22222222 22222222 55555555"),
    "privacy_corrections": Row("/privacy/corrections", "s3333333 s3333333 s3333333"),
    "privacy_correction": Row("/privacy/corrections/{correction}", "s3333333 s3333333 s3333333"),
    "request_deletion": Row(
        "/settings/integrations/{connection}/deletion",
        "55555555 55555555 sr3rrrr3",
        "55555555 55555555 s4344443",
    ),
    "deletion": Row(
        "/settings/deletions/{deletion}",
        "s2342223 s2342223 55555555",
        "s4344443 s4344443 55555555",
    ),
    "cancel_deletion": Row(
        "/settings/deletions/{deletion}/cancel",
        "55555555 55555555 sr34rrr3",
        "55555555 55555555 s4344443",
    ),
    "data_deletion": Row("/data-deletion", "22222222 22222222 bbbbbbbb"),
    "deletion_confirm": Row("/data-deletion/confirm/nothing", "bbbbbbbb bbbbbbbb bbbbbbbb"),
    "prove_deletion": Row("/data-deletion/{reference}/proof", "55555555 55555555 rrrrrrrr"),
    "deletion_proof": Row("/data-deletion/proofs/{deletion}", "bbbbbbbb bbbbbbbb bbbbbbbb"),
    "deletion_status": Row("/data-deletion/{reference}", "22222222 22222222 55555555"),
    "certificate": Row("/data-deletion/{reference}/certificate.json", "44444444 44444444 55555555"),
    "certificate_key": Row("/.well-known/deletion-certificate-key.pem", "22222222 22222222 55555555"),
    "privacy_requests": Row("/privacy/requests", "s3333333 s3333333 s3333333"),
    "privacy_request": Row("/privacy/requests/{deletion}", "s3333333 s3333333 s3333333"),
    "privacy_close_form": Row("/privacy/forms/{deletion}/close", "55555555 55555555 s3333333"),
    "privacy_run": Row("/privacy/runs/{deletion}", "s3333333 s3333333 s3333333"),
    "privacy_register": Row("/privacy/register", "s3333333 s3333333 55555555"),
    "privacy_promises": Row("/privacy/promises", "s3333333 s3333333 s3333333"),
    "privacy_evidence": Row("/privacy/promises/evidence", "s3333333 s3333333 55555555"),
    "privacy_incidents": Row("/privacy/incidents", "s3333333 s3333333 s3333333"),
    "privacy_close_incident": Row("/privacy/incidents/{deletion}/close", "55555555 55555555 s3333333"),
    "connect_ads": Row("/settings/integrations/ad-accounts/connect", "55555555 55555555 sr33rrr3"),
    "choose_ad_accounts": Row(
        "/settings/integrations/{advertiser}/ad-accounts",
        "s2332223 s2332223 sr33rrr3",
        "s4334443 s4334443 s4334443",
    ),
    "disconnect_ads": Row(
        "/settings/integrations/{advertiser}/ad-accounts/disconnect",
        "sr33rrr3 sr33rrr3 sr33rrr3",
        "s4334443 s4334443 s4334443",
    ),
    "refresh_ad_account": Row(
        "/settings/integrations/ad-accounts/{ad_account}/refresh",
        "55555555 55555555 sr33rrr3",
        "55555555 55555555 s4334443",
    ),
    "ad_sync_state": Row(
        "/settings/integrations/ad-accounts/{ad_account}/sync",
        "s2242223 s2242223 55555555",
        "s4444443 s4444443 55555555",
    ),
    "unlink_ad_account": Row(
        "/settings/integrations/ad-accounts/{ad_account}/unlink",
        "55555555 55555555 sr33rrr3",
        "55555555 55555555 s4334443",
    ),
    "callback": Row("/tiktok/auth/callback", "sbbbbbbb 22222222 55555555"),
    "health_page": Row("/settings/health", "s3333233 s3333233 55555555"),
    "metrics": Row("/internal/metrics", "44444444 44444444 55555555"),
    "tiktok_sign_in": Row("/tiktok/sign-in", "55555555 55555555 rrrrrrrr"),
    "tiktok_sign_in_back": Row("/tiktok/sign-in/callback", "brrrrrrr 22222222 55555555"),
    "webhooks": Row("/tiktok/webhooks", "55555555 55555555 33333333"),
    "performance": Row(
        "/performance?connected={connection}",
        "s2232223 s2232223 55555555",
        "s2232223 s2232223 55555555",
    ),
    "performance_steps": Row(
        "/performance/steps?connected={connection}",
        "s2232223 s2232223 55555555",
        "s4434443 s4434443 55555555",
    ),
    "community": Row("/community", "s2232223 s2232223 55555555"),
    "community_thread": Row("/community/{comment}", "s2232223 s2232223 55555555", "s4434443 s4434443 55555555"),
    "community_replies": Row("/community/replies", "55555555 55555555 sr33rrr3"),
    "community_report": Row("/community/report", "s2232223 s2232223 55555555"),
    "community_export": Row("/community/export", "s3333233 s3333233 55555555"),
    "community_narrowing": Row("/community/filter", "s2232223 s2232223 55555555"),
    "community_news": Row("/community/news?since=2026-05-27T09:00:00%2B00:00", "s2232223 s2232223 55555555"),
    "community_bulk": Row(
        "/community/bulk",
        "55555555 55555555 s3333r33",
        "55555555 55555555 s3333r33",
        body={"act": "done", "thread": "{comment}"},
    ),
    "community_undo_bulk": Row(
        "/community/bulk/undo",
        "55555555 55555555 s3333r33",
        "55555555 55555555 s3333r33",
        body={"batch": "{comment_act}"},
    ),
    "community_aim": Row("/community/aim", "55555555 55555555 s3333r33", body={"hours": "3"}),
    "community_views": Row("/community/views", "55555555 55555555 s3333r33", body={"name": "Mine", "back": "view=mine"}),
    "community_forget_view": Row(
        "/community/views/{comment_view}/removal",
        "55555555 55555555 s3333r33",
        "55555555 55555555 s3333433",
    ),
    "community_undo": Row("/community/acts/{comment_act}/undo", "55555555 55555555 s3333r33", "55555555 55555555 s3333433"),
    "community_done": Row("/community/{comment}/done", "55555555 55555555 s3333r33", "55555555 55555555 s3333433"),
    "community_open": Row("/community/{comment}/open", "55555555 55555555 s3333r33", "55555555 55555555 s3333433"),
    "community_later": Row(
        "/community/{comment}/later",
        "55555555 55555555 s3333r33",
        "55555555 55555555 s3333433",
        body={"until": "tomorrow"},
    ),
    "community_assignment": Row(
        "/community/{comment}/assignment",
        "55555555 55555555 s3333r33",
        "55555555 55555555 s3333433",
        body={"assignee": "me"},
    ),
    "community_tag": Row(
        "/community/{comment}/tags",
        "55555555 55555555 s3333r33",
        "55555555 55555555 s3333433",
        body={"name": "lens"},
    ),
    "community_untag": Row(
        "/community/{comment}/tags/{comment_tag}/removal",
        "55555555 55555555 s3333r33",
        "55555555 55555555 s3333433",
    ),
    "community_note": Row(
        "/community/{comment}/notes",
        "55555555 55555555 s3333r33",
        "55555555 55555555 s3333433",
        body={"text": "Look at this"},
    ),
    "community_reply": Row(
        "/community/{comment}/replies",
        "55555555 55555555 s3333b33",
        "55555555 55555555 s3333433",
        body={"text": "Thank you"},
    ),
    "community_like": Row("/community/{comment}/like", "55555555 55555555 s3333r33", "55555555 55555555 s3333433"),
    "community_unlike": Row("/community/{comment}/unlike", "55555555 55555555 s3333r33", "55555555 55555555 s3333433"),
    "community_hide": Row("/community/{comment}/hide", "55555555 55555555 s3333r33", "55555555 55555555 s3333433"),
    "community_show": Row("/community/{comment}/show", "55555555 55555555 s3333r33", "55555555 55555555 s3333433"),
    "community_delete": Row("/community/{comment}/delete", "55555555 55555555 s3333r33", "55555555 55555555 s3333433"),
    "community_doing": Row("/community/{comment}/doing", "s3333233 s3333233 55555555", "s3333433 s3333433 55555555"),
    "community_answering": Row("/community/{comment}/answering", "55555555 55555555 s3333233", "55555555 55555555 s3333433"),
    "community_stop": Row(
        "/community/sendings/{comment_sending}/stop",
        "55555555 55555555 s3333r33",
        "55555555 55555555 s3333433",
    ),
    "posts": Row("/performance/posts?which=all", "s2222223 s2222223 55555555"),
    "post": Row(
        "/performance/posts/{post}",
        "s2222223 s2222223 55555555",
        "s4444443 s4444443 55555555",
    ),
    "figure_source": Row(
        "/performance/source?post={post}",
        "s2222223 s2222223 55555555",
        "s4444443 s4444443 55555555",
    ),
    "audience": Row("/performance/audience", "s2232223 s2232223 55555555"),
    "mentions": Row("/performance/mentions", "s2232223 s2232223 55555555"),
    "side_by_side": Row("/performance/brands", "s2232223 s2232223 55555555"),
    "brands": Row("/settings/brands", "s2333223 s2333223 sb333bb3", body={"name": ""}),
    "agree_on_cadence": Row("/settings/brands/cadence", "55555555 55555555 sb333bb3", body={"posts_per_week": "many"}),
    "assign_brand": Row(
        "/settings/brands/accounts/{connection}",
        "55555555 55555555 sr333rr3",
        "55555555 55555555 s4333443",
        body={"brand": "{brand}"},
    ),
    "rename_brand": Row(
        "/settings/brands/{brand}/name",
        "55555555 55555555 sr333rr3",
        "55555555 55555555 s4333443",
        body={"name": "Another"},
    ),
    "remove_brand": Row(
        "/settings/brands/{brand}/remove",
        "55555555 55555555 sr333rr3",
        "55555555 55555555 s4333443",
    ),
    "reports": Row("/reports", "s2222223 s2222223 55555555"),
    "week": Row("/reports/{week}", "s2242223 s2242223 55555555", "s4444443 s4444443 55555555"),
    "week_pdf": Row("/reports/{week}/pdf", "s2242223 s2242223 55555555", "s4444443 s4444443 55555555"),
    "week_csv": Row("/reports/{week}/csv", "s2332223 s2332223 55555555", "s4334443 s4334443 55555555"),
    "week_xlsx": Row("/reports/{week}/xlsx", "s2332223 s2332223 55555555", "s4334443 s4334443 55555555"),
    "report_settings": Row("/reports/settings", "s2333223 s2333223 sb333bb3"),
    "send_test": Row("/reports/settings/test", "55555555 55555555 sr333rr3"),
    "send_now": Row("/reports/settings/send", "55555555 55555555 s3333r33"),
    "add_recipient": Row("/reports/settings/recipients", "55555555 55555555 sb333bb3"),
    "ask_recipient": Row(
        "/reports/settings/recipients/{recipient}/ask",
        "55555555 55555555 sr333rr3",
        "55555555 55555555 s4333443",
    ),
    "remove_recipient": Row(
        "/reports/settings/recipients/{recipient}/remove",
        "55555555 55555555 sr333rr3",
        "55555555 55555555 s4333443",
    ),
    "retry_address": Row(
        "/reports/settings/people/{membership}/retry",
        "55555555 55555555 sr333rr3",
        "55555555 55555555 s4333443",
    ),
    "withdraw_link": Row(
        "/reports/links/{link}/withdraw",
        "55555555 55555555 sr333rr3",
        "55555555 55555555 s4333443",
    ),
    "make_link": Row(
        "/reports/{week}/links",
        "55555555 55555555 sr333rr3",
        "55555555 55555555 s4333443",
    ),
    "remove_credit": Row(
        "/reports/credits/{credit}/remove",
        "55555555 55555555 s3333r33",
        "55555555 55555555 s3333433",
    ),
    "approve_week": Row(
        "/reports/{week}/approve",
        "55555555 55555555 s3333r33",
        "55555555 55555555 s3333433",
    ),
    "hold_week": Row(
        "/reports/{week}/hold",
        "55555555 55555555 s3333r33",
        "55555555 55555555 s3333433",
    ),
    "send_week": Row(
        "/reports/{week}/send",
        "55555555 55555555 s3333r33",
        "55555555 55555555 s3333433",
    ),
    "add_credit": Row(
        "/reports/{week}/credits",
        "55555555 55555555 s3333r33",
        "55555555 55555555 s3333433",
    ),
    "shared_report": Row("/shared/reports/{link_secret}", "22222222 22222222 55555555", "44444444 44444444 55555555"),
    "confirm_recipient": Row("/email/confirm/{confirm_token}", "22222222 22222222 22222222", "44444444 44444444 44444444"),
    "mail_events": Row("/email/events", "55555555 55555555 bbbbbbbb"),
    "campaigns": Row(
        "/campaigns?account={ad_account}",
        "s2232223 s2232223 55555555",
        "s4434443 s4434443 55555555",
    ),
    "campaigns_origin": Row(
        "/campaigns/origin?account={ad_account}",
        "s2232223 s2232223 55555555",
        "s4434443 s4434443 55555555",
    ),
    "export": Row(
        "/exports/of/campaigns?account={ad_account}",
        "s2332223 s2332223 sr33rrr3",
        "s4334443 s4334443 s4334443",
    ),
    "exports": Row("/exports", "s2332223 s2332223 55555555"),
    "export_progress": Row("/exports/progress", "s2332223 s2332223 55555555"),
    "export_file": Row("/exports/files/{export}", "s2334423 s2334423 55555555", "s4334443 s4334443 55555555"),
    "delete_export": Row(
        "/exports/files/{export}/delete",
        "55555555 55555555 sr3344r3",
        "55555555 55555555 s4334443",
    ),
    "stop_mail": Row("/email/stop/{stop_token}", "22222222 22222222 22222222", "44444444 44444444 44444444"),
}

# Whoever holds such a link is meant to read what it leads to, signed in or not.
PROOF_BY_LINK = {"invitation", "stop_mail", "shared_report", "confirm_recipient"}
# What is fetched changes nothing either; that it left is on record.
LEAVES = ("export.made", "export.downloaded")
# The platform admin's pages name workspaces and people of the whole installation; what a workspace holds is not on them.
ACROSS = {"workspaces", "workspace_page", "join_workspace", "accounts", "account_page", "reset_second_factor"}


def leaked(world: matrix.World, name: str, actor: str, answer: HttpResponse, path: str) -> list[str]:
    """Words of workspaces that the reader has nothing to do with, but what stood in the address that they sent themselves."""
    found = matrix.canaries_in(world, actor, answer, is_across=name in ACROSS and actor == "platform")
    return [word for word in found if word not in path]


def test_every_address_is_in_the_table_and_no_other() -> None:
    assert set(TABLE) == {pattern.name for _, pattern in checks.every_pattern()}


OBJECTS = [name for name, row in TABLE.items() if row.absent and name not in PROOF_BY_LINK]


@pytest.mark.parametrize("part", range(4))
def test_everybody_is_answered_as_the_table_says(cast: Cast, part: int) -> None:
    """What belongs to another workspace is answered like what is absent: the same status and the same words."""
    assert {"member", "week", "disconnect", "unlink_ad_account"} <= set(OBJECTS)
    with time_machine.travel(datetime.now(UTC), tick=False):
        world = matrix.build(cast)
        for name in list(TABLE)[part::4]:
            go_through(world, name, TABLE[name])


def go_through(world: matrix.World, name: str, row: Row) -> None:
    told: dict[tuple[str, str, str], tuple[int, str, str]] = {}
    for which, expected in {"own": row.own, "absent": row.absent, "foreign": row.absent}.items():
        if not expected or (which == "foreign" and name not in OBJECTS):
            continue
        signs = []
        for method in matrix.METHODS:
            signs.append("")
            for actor in matrix.ACTORS:
                path, body = matrix.fill(world, row.path, row.body, actor, which)
                answer = matrix.ask(world, actor, method, path, body)
                signs[-1] += matrix.letter(answer)
                if not (name in PROOF_BY_LINK and which == "own"):
                    assert leaked(world, name, actor, answer, path) == [], (name, actor, which)
                named = (path, *matrix.named_in(world, row.path + str(row.body), actor, which))
                told[which, method, actor] = matrix.same_to_the_reader(answer, *named)
        assert " ".join(signs) == expected, f"{name}, {which}"
        for actor in matrix.ACTORS:
            for method in matrix.NO_METHODS:
                refused = matrix.ask(world, actor, method, *matrix.fill(world, row.path, row.body, actor, which))
                assert (refused.status_code, refused.content) == (405, b""), (name, actor, method, which)
    for (which, method, actor), answer in told.items():
        if which == "foreign":
            assert answer == told["absent", method, actor], (name, actor, method)


def test_looking_changes_nothing(cast: Cast) -> None:
    """GET and HEAD, on one's own things: no act is on record afterwards. A view that asks only whether it is a GET would act on HEAD."""
    world = matrix.build(cast)

    def acts() -> int:
        with scope.inside(cast.brass.pk):
            return AuditRow.objects.exclude(verb__in=(audit.READ, *LEAVES)).count()

    before, after = acts(), []
    for name, row in TABLE.items():
        for method in ("GET", "HEAD") if name != "shared_report" else ():  # that a link was opened is what its owner wants to know
            path, body = matrix.fill(world, row.path, row.body, "admin", "own")
            matrix.ask(world, "admin", method, path, body, meanwhile=lambda: after.append(acts()))
            assert after.pop() == before, (name, method)


def test_a_creator_finds_the_accounts_of_others_no_more_than_absent_ones(cast: Cast) -> None:
    world = matrix.build(cast)
    for name in ("reconnect", "choose", "refresh_now", "sync_state", "disconnect"):
        path = TABLE[name].path.format(connection=world.brass.refs["connection"])
        for method in ("GET", "POST"):
            if TABLE[name].absent.split()[matrix.METHODS.index(method)][matrix.ACTORS.index("creator")] == "4":
                assert matrix.letter(matrix.ask(world, "creator", method, path)) == "4", (name, method)
    assert (
        matrix.letter(
            matrix.ask(world, "creator", "POST", TABLE["disconnect"].path.format(connection=world.brass.refs["creators_connection"]))
        )
        == "r"
    )


# --- the roles without a column of their own ---------------------------------------------------------------------------

SIGN_OF_MANAGER = matrix.ACTORS.index("manager")


def expected_of(role: Role, needs: object, manager: str) -> str:
    """Signs that the role may be answered with, by the table of roles and by what staff with another role are answered."""
    if not isinstance(needs, Can):
        return manager
    return "2rb4" if role.can(needs) else "3"


def test_every_other_role_is_let_in_where_the_table_of_roles_says_and_nowhere_else(cast: Cast) -> None:
    """Own and absent objects, by every method that the address knows (others are refused before anybody is looked at, as above)."""
    world = matrix.build(cast)
    needs = {pattern.name: pattern.callback.needs for _, pattern in checks.every_pattern()}
    for name, row in TABLE.items():
        for which, expected in (("own", row.own), ("absent", row.absent)):
            for method, signs in zip(matrix.METHODS, expected.split(), strict=False):
                for who, role in matrix.MORE_ACTORS.items() if "5" not in signs else ():
                    path, body = matrix.fill(world, row.path, row.body, who, which)
                    answer = matrix.ask(world, who, method, path, body)
                    where = (name, which, method, who)
                    # The people page and its like look closer: a form may ask for more than the page does.
                    allowed = expected_of(role, needs[name], signs[SIGN_OF_MANAGER]) + ("3" if method == "POST" else "")
                    assert matrix.letter(answer) in allowed, (*where, allowed)
                    if name not in PROOF_BY_LINK:
                        assert leaked(world, name, who, answer, path) == [], where


def test_a_role_in_neither_list_is_none() -> None:
    """Every role of the platform is asked as, so that a new one is not forgotten."""
    columns = {Role.CLIENT_ADMIN, Role.CLIENT_VIEWER, Role.CREATOR, Role.REVIEWER, Role.ACCOUNT_MANAGER}
    assert columns | set(matrix.MORE_ACTORS.values()) == set(Role)


# --- without the filters of the ORM ------------------------------------------------------------------------------------


@pytest.fixture
def no_filter_by_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every condition on a workspace that the code states is dropped; row-level security is what remains."""
    build = Query.build_filter

    def without(self: Query, expression: object, *args: object, **kwargs: object) -> object:
        if isinstance(expression, tuple) and str(expression[0]).split("__")[0] in {"workspace", "workspace_id"}:
            return WhereNode(), ()
        return build(self, expression, *args, **kwargs)

    monkeypatch.setattr(Query, "build_filter", without)


def test_without_any_filter_by_workspace_nothing_foreign_is_shown(cast: Cast, no_filter_by_workspace: None) -> None:
    """Whoever gets past the door, on their own things and on foreign ones: still nothing of the other workspace."""
    with scope.inside(cast.brass.pk):
        assert Membership.objects.of(cast.moon).count() == Membership.objects.count() > 0, "the filters are still there"
    world = matrix.build(cast)
    for name, row in TABLE.items():
        for which, expected in (("own", row.own), ("foreign", row.absent)):
            if not expected or name in PROOF_BY_LINK:
                continue
            for method in ("GET", "POST"):
                signs = dict(zip(matrix.ACTORS, expected.split()[matrix.METHODS.index(method)], strict=True))
                looking = [actor for actor, sign in signs.items() if sign not in "s35"]
                looking += matrix.MORE_ACTORS if set(signs.values()) != {"5"} else ()
                for actor in looking:
                    path, body = matrix.fill(world, row.path, row.body, actor, which)
                    answer = matrix.ask(world, actor, method, path, body)
                    assert leaked(world, name, actor, answer, path) == [], (name, actor, which, method)
