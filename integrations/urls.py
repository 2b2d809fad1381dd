"""Addresses of connections."""

from django.urls import path

from integrations import views, views_ads, views_health, views_pictures, views_sign_in

urlpatterns = [
    path("settings/integrations", views.integrations, name="integrations"),
    path("settings/integrations/pace", views_health.choose_pace, name="choose_pace"),
    path("settings/integrations/connect", views.connect, name="connect"),
    path("settings/integrations/<uuid:connection_id>/reconnect", views.connect, name="reconnect"),
    path("settings/integrations/<uuid:connection_id>/choose", views.choose, name="choose"),
    path("settings/integrations/<uuid:connection_id>/refresh", views.refresh_now, name="refresh_now"),
    path("settings/integrations/<uuid:connection_id>/sync", views_health.sync_state, name="sync_state"),
    path("settings/integrations/<uuid:connection_id>/disconnect", views.disconnect, name="disconnect"),
    path("settings/integrations/ad-accounts/connect", views_ads.connect_ads, name="connect_ads"),
    path("settings/integrations/ad-accounts/<uuid:ad_account_id>/refresh", views_ads.refresh_ad_account, name="refresh_ad_account"),
    path("settings/integrations/ad-accounts/<uuid:ad_account_id>/sync", views_health.ad_sync_state, name="ad_sync_state"),
    path("settings/integrations/ad-accounts/<uuid:ad_account_id>/unlink", views_ads.unlink_ad_account, name="unlink_ad_account"),
    path("settings/integrations/<uuid:connection_id>/ad-accounts", views_ads.choose_ad_accounts, name="choose_ad_accounts"),
    path("settings/integrations/<uuid:connection_id>/ad-accounts/disconnect", views_ads.disconnect_ads, name="disconnect_ads"),
    path("accounts/<uuid:connection_id>/picture", views_pictures.avatar, name="avatar"),
    path("settings/health", views_health.health_page, name="health_page"),
    path("internal/metrics", views_health.metrics, name="metrics"),
    path("tiktok/auth/callback", views.callback, name="callback"),
    path("tiktok/sign-in", views_sign_in.tiktok_sign_in, name="tiktok_sign_in"),
    path("tiktok/sign-in/callback", views_sign_in.tiktok_sign_in_back, name="tiktok_sign_in_back"),
    path("tiktok/webhooks", views.webhook, name="webhooks"),
]
