"""Addresses of the privacy pages and of the public ones."""

from django.urls import path

from privacy import views_public

urlpatterns = [
    path("tiktok-api", views_public.tiktok_api, name="tiktok_api"),
    path("privacy-policy", views_public.privacy_policy, name="privacy_policy"),
    path("terms", views_public.terms, name="terms"),
    path("security", views_public.security, name="security"),
    path("walkthrough", views_public.walkthrough, name="walkthrough"),
    path("glossary", views_public.glossary, name="glossary"),
]
