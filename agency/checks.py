"""System checks: combinations of settings that must not start, and addresses that declare nothing."""

from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.urls import URLPattern, URLResolver, get_resolver

from agency.database.policies import APP
from agency.sealing import KeyServiceMisconfigured, key_service_from


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
        (
            len(settings.SECRET_KEY) < 50 or len(set(settings.SECRET_KEY)) < 10,
            "SECRET_KEY is too short or too simple.",
            "Use at least 50 random characters.",
            "E006",
        ),
        (
            settings.DATABASES["default"]["USER"] != APP,
            f"The application does not connect as {APP}: as the owner or a superuser it would see every workspace, as anybody else none.",
            "Connect with DATABASE_URL as that role, and as the owner with DATABASE_OWNER_URL only; see deploy/roles.sql.",
            "E007",
        ),
        (
            _place(settings.DATABASES["keystore"]) == _place(settings.DATABASES["default"]),
            "The keystore is the platform's own database: a destroyed key would live on in its backups.",
            "Give KEYSTORE_URL a database of its own; see deploy/keystore.sql.",
            "E009",
        ),
        (
            not all(
                url.startswith("https://")
                for url in (settings.TIKTOK_AUTH_BASE, settings.TIKTOK_BUSINESS_BASE, settings.TIKTOK_DEVELOPERS_BASE)
            ),
            "An address of TikTok is not https: tokens and the app's secret would travel in clear.",
            "Set TIKTOK_AUTH_BASE, TIKTOK_BUSINESS_BASE and TIKTOK_DEVELOPERS_BASE to https addresses.",
            "E010",
        ),
        (
            any(host.startswith(("*", ".")) for host in settings.ALLOWED_HOSTS),
            "EXTRA_HOSTS lets through hosts that are not named one by one.",
            "Name each host.",
            "E011",
        ),
        (
            not _is_understood(settings.KEY_SERVICE),
            "KEY_SERVICE names no key service.",
            "Set aws-kms:<key id, alias or ARN>?region=us-east-1, or file:/absolute/path.",
            "E012",
        ),
        (
            not all(host.strip(".").count(".") for host in settings.TIKTOK_PICTURE_HOSTS),
            "TIKTOK_PICTURE_HOSTS lets through hosts of nobody in particular.",
            "Name hosts, or domains with a leading dot.",
            "E014",
        ),
        (
            bool(settings.TIKTOK_LOGIN_KEY) and not settings.TIKTOK_LOGIN_SECRET,
            "TIKTOK_LOGIN_KEY is set without TIKTOK_LOGIN_SECRET: every sign-in with TikTok would fail.",
            "Set the secret of that app, or unset the key.",
            "E015",
        ),
        (
            not settings.TIKTOK_LOGIN_REDIRECT_URI.startswith(f"{settings.APP_URL}/"),
            "TIKTOK_LOGIN_REDIRECT_URI is not an address of the app: the session that began the sign-in would not be there.",
            "Register and set an address under APP_URL.",
            "E016",
        ),
    )
    return [Error(text, hint=hint, id=f"agency.{number}") for broken, text, hint, number in rules if broken]


def _place(database: dict[str, Any]) -> tuple[Any, ...]:
    return database["HOST"], database["PORT"], database["NAME"]


def _is_understood(key_service: str) -> bool:
    try:
        key_service_from(key_service)
    except KeyServiceMisconfigured:
        return False
    return True


@register()
def time_zone_data_is_there(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Without the zone database every workspace would silently live in UTC."""
    if "America/Los_Angeles" in available_timezones():
        return []
    return [Error("This machine has no time zone data.", hint="Install the package tzdata.", id="agency.E008")]
