"""Every address of the platform, in one place per app. Each view declares who may open it; a system check insists.

allauth's views are mounted one by one, under our addresses and only those we use.
"""

from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import include, path, re_path

from agency import views, views_account, views_accounts, views_audit, views_people, views_workspaces
from agency.access import PUBLIC, SIGNED_IN


def _theirs(view: Any, needs: str, *, early: bool = False) -> Any:
    """Declare a view of allauth. They keep their own transactions and may send mail, so they count as networked."""

    def door(request: Any, *args: Any, **kwargs: Any) -> Any:
        return view(request, *args, **kwargs)

    door.needs = needs
    door.talks_to_network = True
    door.open_before_second_factor = early
    return door


handler400 = "agency.views.bad_request"
handler403 = "agency.views.forbidden"
handler404 = "agency.views.not_found"
handler429 = "agency.views.too_many"
handler500 = "agency.views.server_error"

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.health, name="health"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("workspace", views.switch_workspace, name="switch_workspace"),
    path("settings/people", views_people.people, name="people"),
    path("settings/people/invitations/<uuid:invitation_id>/resend", views_people.resend_invitation, name="resend_invitation"),
    path("settings/people/invitations/<uuid:invitation_id>/withdraw", views_people.withdraw_invitation, name="withdraw_invitation"),
    path("settings/people/<uuid:membership_id>", views_people.member, name="member"),
    path("settings/people/<uuid:membership_id>/end", views_people.end_access, name="end_access"),
    path("settings/people/<uuid:membership_id>/close", views_people.close_account, name="close_account"),
    path("settings/people/<uuid:membership_id>/open", views_people.open_account, name="open_account"),
    path("settings/workspaces", views_workspaces.workspaces, name="workspaces"),
    path("settings/workspaces/<uuid:workspace_ref>", views_workspaces.workspace_page, name="workspace_page"),
    path("settings/workspaces/<uuid:workspace_ref>/join", views_workspaces.join_workspace, name="join_workspace"),
    path("settings/workspaces/<uuid:workspace_ref>/close", views_workspaces.close_workspace, name="close_workspace"),
    path("settings/workspaces/<uuid:workspace_ref>/open", views_workspaces.open_workspace, name="open_workspace"),
    path("settings/workspaces/<uuid:workspace_ref>/access/<uuid:membership_id>/end", views_workspaces.end_grant, name="end_grant"),
    path("settings/accounts", views_accounts.accounts, name="accounts"),
    path("settings/accounts/<uuid:person_id>", views_accounts.account_page, name="account_page"),
    path("settings/accounts/<uuid:person_id>/close", views_accounts.close_person, name="close_person"),
    path("settings/accounts/<uuid:person_id>/open", views_accounts.open_person, name="open_person"),
    path("settings/accounts/<uuid:person_id>/sign-out", views_accounts.sign_out_person, name="sign_out_person"),
    path("settings/accounts/<uuid:person_id>/second-factor", views_accounts.reset_second_factor, name="reset_second_factor"),
    path("settings/account", views_account.account, name="account"),
    path("settings/account/sessions/end", views_account.end_other_sessions, name="end_other_sessions"),
    path("settings/account/sessions/<str:public_id>/end", views_account.end_session, name="end_session"),
    path("settings/account/tiktok/unlink", views_account.unlink_tiktok, name="unlink_tiktok"),
    path("settings/looks", views_audit.looks, name="looks"),
    path("privacy/audit", views_audit.audit_log, name="audit"),
    path("privacy/audit/export", views_audit.audit_export, name="audit_export"),
    path("invitations/<str:token>", views.invitation, name="invitation"),
    path("dev/mail/", views.dev_mail, name="dev_mail"),
    path("dev/mail/<str:name>", views.dev_mail, name="dev_mail_message"),
    path("dev/mail/<str:name>/html", views.dev_mail, {"part": "html"}, name="dev_mail_html"),
    path("dev/mail/<str:name>/raw", views.dev_mail, {"part": "raw"}, name="dev_mail_raw"),
    path("sign-in", _theirs(account.login, PUBLIC), name="account_login"),
    path("sign-out", _theirs(account.logout, PUBLIC, early=True), name="account_logout"),
    path("sign-in/again", _theirs(account.reauthenticate, SIGNED_IN, early=True), name="account_reauthenticate"),
    path("sign-in/inactive", _theirs(account.account_inactive, PUBLIC), name="account_inactive"),
    path("password", _theirs(account.password_change, SIGNED_IN), name="account_change_password"),
    path("password/set", _theirs(account.password_set, SIGNED_IN), name="account_set_password"),
    path("password/reset", _theirs(account.password_reset, PUBLIC), name="account_reset_password"),
    path("password/reset/sent", _theirs(account.password_reset_done, PUBLIC), name="account_reset_password_done"),
    re_path(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[\w:.-]{1,200})$",
        _theirs(account.password_reset_from_key, PUBLIC),
        name="account_reset_password_from_key",
    ),
    path("password/reset/done", _theirs(account.password_reset_from_key_done, PUBLIC), name="account_reset_password_from_key_done"),
    path("two-factor", _theirs(mfa.index, SIGNED_IN), name="mfa_index"),
    path("two-factor/start", views.second_factor, name="second_factor"),
    path("two-factor/code", _theirs(mfa.authenticate, PUBLIC, early=True), name="mfa_authenticate"),
    path("two-factor/again", _theirs(mfa.reauthenticate, SIGNED_IN, early=True), name="mfa_reauthenticate"),
    path("two-factor/app", _theirs(totp.activate_totp, SIGNED_IN, early=True), name="mfa_activate_totp"),
    path("two-factor/app/remove", _theirs(totp.deactivate_totp, SIGNED_IN), name="mfa_deactivate_totp"),
    path("two-factor/passkeys", _theirs(webauthn.list_webauthn, SIGNED_IN), name="mfa_list_webauthn"),
    path("two-factor/passkeys/add", _theirs(webauthn.add_webauthn, SIGNED_IN, early=True), name="mfa_add_webauthn"),
    path("two-factor/passkeys/<int:pk>/name", _theirs(webauthn.edit_webauthn, SIGNED_IN), name="mfa_edit_webauthn"),
    path("two-factor/passkeys/<int:pk>/remove", _theirs(webauthn.remove_webauthn, SIGNED_IN), name="mfa_remove_webauthn"),
    path("two-factor/passkey/again", _theirs(webauthn.reauthenticate_webauthn, SIGNED_IN, early=True), name="mfa_reauthenticate_webauthn"),
    path("sign-in/passkey", _theirs(webauthn.login_webauthn, PUBLIC), name="mfa_login_webauthn"),
    path("two-factor/codes", _theirs(recovery.view_recovery_codes, SIGNED_IN), name="mfa_view_recovery_codes"),
    path("two-factor/codes/new", _theirs(recovery.generate_recovery_codes, SIGNED_IN), name="mfa_generate_recovery_codes"),
    path("two-factor/codes/download", _theirs(recovery.download_recovery_codes, SIGNED_IN), name="mfa_download_recovery_codes"),
    path("", include("integrations.urls")),
    path("", include("campaigns.urls")),
    path("", include("community.urls")),
    path("", include("reports.urls")),
    path("", include("privacy.urls")),
]
