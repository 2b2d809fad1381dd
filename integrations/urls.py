"""Addresses of connections."""

from django.urls import path

from integrations import views

urlpatterns = [
    path("settings/integrations", views.integrations, name="integrations"),
    path("settings/integrations/connect", views.connect, name="connect"),
    path("settings/integrations/<uuid:connection_id>/reconnect", views.connect, name="reconnect"),
    path("settings/integrations/<uuid:connection_id>/choose", views.choose, name="choose"),
    path("settings/integrations/<uuid:connection_id>/refresh", views.refresh_now, name="refresh_now"),
    path("settings/integrations/<uuid:connection_id>/disconnect", views.disconnect, name="disconnect"),
    path("tiktok/auth/callback", views.callback, name="callback"),
    path("tiktok/webhooks", views.webhook, name="webhooks"),
]
