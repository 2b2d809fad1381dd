"""Addresses of leaving, of the privacy team, and of the public pages."""

from django.urls import path

from privacy import views, views_corrections, views_leaving, views_mine, views_promises, views_public, views_team

urlpatterns = [
    path("settings/integrations/<uuid:connection_id>/deletion", views.request_deletion, name="request_deletion"),
    path("settings/deletions/<uuid:request_id>", views.deletion, name="deletion"),
    path("settings/deletions/<uuid:request_id>/cancel", views.cancel_deletion, name="cancel_deletion"),
    path("settings/integrations/<uuid:connection_id>/archive", views.ask_archive, name="ask_archive"),
    path("settings/archives/<uuid:archive_id>", views.archive, name="archive"),
    path("settings/archives/<uuid:archive_id>/download", views.download_archive, name="download_archive"),
    path("settings/account/copy", views_mine.my_copy, name="my_copy"),
    path("settings/account/copy/download", views_mine.download_my_copy, name="download_my_copy"),
    path("settings/account/deletion", views_mine.my_deletion, name="my_deletion"),
    path("settings/account/deletion/cancel", views_mine.cancel_my_deletion, name="cancel_my_deletion"),
    path("settings/corrections", views_corrections.my_corrections, name="my_corrections"),
    path("settings/corrections/<uuid:correction_id>/withdraw", views_corrections.withdraw_correction, name="withdraw_correction"),
    path("corrections/<str:reference>", views_corrections.correction_status, name="correction_status"),
    path("privacy/corrections", views_corrections.privacy_corrections, name="privacy_corrections"),
    path("privacy/corrections/<uuid:correction_id>", views_corrections.privacy_correction, name="privacy_correction"),
    path("data-deletion", views_leaving.data_deletion, name="data_deletion"),
    path("data-deletion/confirm/<str:token>", views_leaving.deletion_confirm, name="deletion_confirm"),
    path("data-deletion/<str:reference>/certificate.<str:kind>", views_leaving.certificate, name="certificate"),
    path(".well-known/deletion-certificate-key.pem", views_leaving.certificate_key, name="certificate_key"),
    path("data-deletion/<str:reference>", views_leaving.deletion_status, name="deletion_status"),
    path("tiktok-api", views_public.tiktok_api, name="tiktok_api"),
    path("privacy-policy", views_public.privacy_policy, name="privacy_policy"),
    path("terms", views_public.terms, name="terms"),
    path("security", views_public.security, name="security"),
    path("walkthrough", views_public.walkthrough, name="walkthrough"),
    path("glossary", views_public.glossary, name="glossary"),
    path("privacy/requests", views_team.requests, name="privacy_requests"),
    path("privacy/requests/<uuid:deletion_id>", views_team.request_page, name="privacy_request"),
    path("privacy/forms/<uuid:form_id>/close", views_team.close_form, name="privacy_close_form"),
    path("privacy/runs/<uuid:run_id>", views_team.run_page, name="privacy_run"),
    path("privacy/register", views_team.register, name="privacy_register"),
    path("privacy/promises", views_promises.promises, name="privacy_promises"),
    path("privacy/promises/evidence", views_promises.evidence, name="privacy_evidence"),
    path("privacy/incidents", views_promises.incidents, name="privacy_incidents"),
    path("privacy/incidents/<uuid:incident_id>/close", views_promises.close_incident, name="privacy_close_incident"),
]
