"""The TikTok client of this process, wired to the settings. Sandbox or real is a base URL, never a condition."""

from functools import cache

from django.conf import settings

from agency import clock
from agency.address_book import hash_of
from agency.secret import Secret
from integrations.budget import PENALTY_SECONDS, REFUSALS_THAT_MEAN_THE_APP, buckets_for, budget
from integrations.tiktok.errors import LimitReached, Throttled
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


def transport_for(open_id: str) -> Transport:
    """The client for calls with one account's token, behind the rate budget. LimitReached means that the call was not made."""
    holder = hash_of("rate-holder", open_id).hex()[:24]

    def gate(endpoint: str) -> None:
        wait = budget().take(buckets_for(endpoint, holder))
        if wait > 0:
            raise LimitReached(retry_after_seconds=wait)

    return transport().gated(gate)


def note_throttling(open_id: str, error: Throttled) -> None:
    """TikTok said that we are too many: nobody calls this endpoint for this account until it is over.

    TikTok does not say whether it means the account or the app. When it says so again and again, it means the app.
    """
    if error.call is None:
        return
    wide, *narrow = buckets_for(error.call.endpoint, hash_of("rate-holder", open_id).hex()[:24])
    for bucket in narrow or [wide]:
        budget().block(bucket, error.retry_after_seconds or PENALTY_SECONDS)
    if budget().refusals(wide) >= REFUSALS_THAT_MEAN_THE_APP:
        budget().block(wide, error.retry_after_seconds or PENALTY_SECONDS)


@cache
def app() -> App:
    """Who we are to TikTok."""
    return App(app_id=settings.TIKTOK_APP_ID, secret=Secret(settings.TIKTOK_APP_SECRET))
