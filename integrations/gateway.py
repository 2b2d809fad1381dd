"""The TikTok client of this process, wired to the settings. Sandbox or real is a base URL, never a condition."""

from functools import cache

from django.conf import settings

from agency import clock
from agency.secret import Secret
from integrations.tiktok.oauth import App
from integrations.tiktok.transport import BaseUrls, Transport


@cache
def base_urls() -> BaseUrls:
    """Where TikTok is."""
    return BaseUrls(auth=settings.TIKTOK_AUTH_BASE, business=settings.TIKTOK_BUSINESS_BASE, developers=settings.TIKTOK_DEVELOPERS_BASE)


@cache
def transport() -> Transport:
    """One pooled client per process."""
    return Transport(base_urls(), now=clock.now, total_deadline_seconds=settings.TIKTOK_CALL_DEADLINE_SECONDS)


@cache
def app() -> App:
    """Who we are to TikTok."""
    return App(app_id=settings.TIKTOK_APP_ID, secret=Secret(settings.TIKTOK_APP_SECRET))
