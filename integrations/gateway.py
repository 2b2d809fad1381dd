"""The TikTok client of this process, wired to the settings and kept behind breaker and budget.

Sandbox or real is a base URL, never a condition.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.conf import settings

from agency import clock, jobs, telemetry
from agency.address_book import hash_of
from agency.secret import Secret
from integrations.breaker import Admission, breaker
from integrations.budget import budget
from integrations.limits import PENALTY_SECONDS, REFUSALS_THAT_MEAN_THE_APP, Rules, family_of, rules_for
from integrations.tiktok import pictures
from integrations.tiktok.errors import CircuitOpen, LimitReached, Throttled, TikTokError
from integrations.tiktok.oauth import App
from integrations.tiktok.transport import BaseUrls, Transport

PATIENCE_SECONDS = 3.0


@cache
def base_urls() -> BaseUrls:
    """Where TikTok is."""
    return BaseUrls(auth=settings.TIKTOK_AUTH_BASE, business=settings.TIKTOK_BUSINESS_BASE, developers=settings.TIKTOK_DEVELOPERS_BASE)


@cache
def transport() -> Transport:
    """One pooled client per process."""
    return Transport(base_urls(), now=clock.now, total_deadline_seconds=settings.TIKTOK_CALL_DEADLINE_SECONDS)


def transport_for(open_id: str, *, for_person: bool = False) -> Transport:
    """The client for calls with one account's token, behind breaker and budget. `for_person`: somebody waits for the answer.

    Its calls raise LimitReached or CircuitOpen when they were not made. For a person they first wait for a moment themselves: call them
    outside transactions.
    """
    return _guarded(hash_of("rate-holder", open_id).hex()[:24], for_person)


def transport_for_tokens(*, for_person: bool = False) -> Transport:
    """The client for calls about tokens, behind breaker and budget."""
    return _guarded("", for_person)


def _guarded(holder: str, for_person: bool) -> Transport:
    @contextmanager
    def guard(endpoint: str) -> Iterator[None]:
        rules = rules_for(endpoint, holder)
        wait = _take_slot(rules, for_person)
        family = family_of(endpoint)
        if wait > 0:
            telemetry.count("tiktok_call", family, LimitReached.__name__)
            raise LimitReached(retry_after_seconds=wait)
        admission = breaker().admit(family)
        if not isinstance(admission, Admission):
            telemetry.count("tiktok_call", family, CircuitOpen.__name__)
            raise CircuitOpen(retry_after_seconds=admission)
        try:
            yield
        except TikTokError as error:
            telemetry.count("tiktok_call", family, type(error).__name__)
            (breaker().failed if error.is_outage else breaker().succeeded)(admission)
            if isinstance(error, Throttled):
                _be_silent(rules, error)
            raise
        telemetry.count("tiktok_call", family, "ok")
        breaker().succeeded(admission)

    return transport().guarded(guard)


def _take_slot(rules: Rules, for_person: bool) -> float:
    """0.0 with a slot taken, or the seconds to wait for one.

    A worker has other things to do meanwhile. A person has not, and the code that TikTok sent them back with is spent by the first try:
    for them, a slot that comes within a moment is waited for here.
    """
    ends = clock.monotonic() + PATIENCE_SECONDS
    while True:
        wait = budget().take(rules.all, for_person=for_person)
        if wait == 0 or not for_person or clock.monotonic() + wait > ends:
            return wait
        time.sleep(wait)


def _be_silent(rules: Rules, error: Throttled) -> None:
    """TikTok said that we are too many: nobody calls this endpoint for this account until it is over.

    TikTok does not say whether it means the account or the app. When it says so again and again, it means the app.
    """
    seconds = error.retry_after_seconds or PENALTY_SECONDS
    for bucket in rules.narrow or rules.wide:
        budget().block(bucket, seconds)
    if rules.narrow and rules.wide and budget().refusals(rules.wide[0]) >= REFUSALS_THAT_MEAN_THE_APP:
        for bucket in rules.wide:
            budget().block(bucket, seconds)


def pause(endpoint: str) -> jobs.Pause:
    """Whether a worker may begin something that starts with this call: for its own sake, the app's limits and TikTok's health.

    What somebody waits for begins although the next slot is a moment away: its call waits for that, and holds back all others until then.
    """
    wide = rules_for(endpoint, "").wide
    broken = breaker().wait(family_of(endpoint))
    limited = budget().wait(wide, for_person=True)
    everybody = max(broken, limited if limited > PATIENCE_SECONDS else 0.0)
    return jobs.Pause(everybody=everybody, background=max(broken, limited, budget().wait(wide)))


@cache
def picture_rules() -> pictures.Rules:
    """From where pictures of accounts are fetched, and how."""
    is_strict = settings.PRODUCTION
    return pictures.Rules(hosts=tuple(settings.TIKTOK_PICTURE_HOSTS), is_https_only=is_strict, is_public_only=is_strict)


@cache
def app() -> App:
    """Who we are to TikTok."""
    return App(app_id=settings.TIKTOK_APP_ID, secret=Secret(settings.TIKTOK_APP_SECRET))
