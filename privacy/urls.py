"""Addresses of leaving, of the privacy team, and of the public pages."""

from django.urls import path

from privacy import views, views_public

urlpatterns = [
    path("settings/integrations/<uuid:connection_id>/deletion", views.request_deletion, name="request_deletion"),
    path("settings/deletions/<uuid:request_id>", views.deletion, name="deletion"),
    path("settings/deletions/<uuid:request_id>/cancel", views.cancel_deletion, name="cancel_deletion"),
    path("data-deletion", views_public.data_deletion, name="data_deletion"),
    path("data-deletion/confirm/<str:token>", views_public.deletion_confirm, name="deletion_confirm"),
    path("data-deletion/<str:reference>/certificate.<str:kind>", views_public.certificate, name="certificate"),
    path(".well-known/deletion-certificate-key.pem", views_public.certificate_key, name="certificate_key"),
    path("data-deletion/<str:reference>", views_public.deletion_status, name="deletion_status"),
]
