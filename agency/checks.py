"""System checks: combinations of settings that must not start, and addresses that declare nothing."""

from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.urls import URLPattern, URLResolver, get_resolver


def every_pattern(patterns: list[Any] | None = None, prefix: str = "") -> list[tuple[str, URLPattern]]:
    """All addresses, flattened."""
    found: list[tuple[str, URLPattern]] = []
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        where = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            found += every_pattern(entry.url_patterns, where)
        else:
            found.append((where, entry))
    return found


@register(Tags.urls)
def every_address_declares_who_may_open_it(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Default is deny: an address without a declaration stops start-up."""
    return [
        Error(
            f"The address {where!r} does not declare who may open it.",
            hint="Put @requires(Can.…), @signed_in or @public from agency.access on the view.",
            id="agency.E001",
        )
        for where, pattern in every_pattern()
        if getattr(pattern.callback, "needs", None) is None
    ]


@register(Tags.security)
def production_is_safe(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """What a laptop may do and production may not."""
    if not settings.PRODUCTION:
        return []
    rules = (
        (
            bool(settings.CLOCK_FILE),
            "CLOCK_FILE is set: the platform would follow a clock that can be set from outside.",
            "Unset CLOCK_FILE.",
            "E002",
        ),
        (bool(settings.MAIL_FOLDER), "MAIL_FOLDER is set: everybody could read the mails at /dev/mail/.", "Unset MAIL_FOLDER.", "E003"),
        (not settings.APP_IS_HTTPS, "APP_URL is not https.", "Serve the app behind TLS and set APP_URL to its https address.", "E004"),
        (
            not settings.TIKTOK_REDIRECT_URI.startswith("https://"),
            "TIKTOK_REDIRECT_URI is not https; TikTok refuses it.",
            "Set an https address.",
            "E005",
        ),
        (len(settings.SECRET_KEY) < 50, "SECRET_KEY is too short.", "Use at least 50 random characters.", "E006"),
        (
            settings.DATABASES["default"]["USER"] == settings.DATABASES["owner"]["USER"],
            "The application connects as the owner of its tables; row-level security would protect nothing.",
            "Give DATABASE_URL and DATABASE_OWNER_URL different roles; see deploy/roles.sql.",
            "E007",
        ),
    )
    return [Error(text, hint=hint, id=f"agency.{number}") for broken, text, hint, number in rules if broken]


@register()
def time_zone_data_is_there(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Without the zone database every workspace would silently live in UTC."""
    if "America/Los_Angeles" in available_timezones():
        return []
    return [Error("This machine has no time zone data.", hint="Install the package tzdata.", id="agency.E008")]
