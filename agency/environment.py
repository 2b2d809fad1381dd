"""Typed readers for the process environment. Owns how a setting is read and refused; never knows what a setting means."""

import os
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def text(name: str, default: str | None = None) -> str:
    """A setting as text. Without a default it must be there."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. It has no default on purpose; see docs/operations.md.")
    return value


def flag(name: str, default: bool) -> bool:
    """Yes or no."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be one of yes, no, true, false, 1, 0; it is {value!r}.")


def number(name: str, default: int) -> int:
    """A whole number."""
    value = os.environ.get(name)
    if value is None:
        return default
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number; it is {value!r}.") from None


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A list, separated by commas."""
    value = os.environ.get(name)
    return list(default) if value is None else [part.strip() for part in value.split(",") if part.strip()]


def rows(name: str, default: tuple[str, ...], *, columns: int) -> list[str]:
    """A small table: rows separated by semicolons, and so many columns in each by upright bars."""
    value = os.environ.get(name)
    found = list(default) if value is None else [row.strip() for row in value.split(";") if row.strip()]
    for row in found:
        if row.count("|") != columns - 1:
            raise ImproperlyConfigured(f"{name} must have {columns} columns separated by | in each row; one row is {row!r}.")
    return found


def one_of(name: str, choices: tuple[str, ...], default: str | None = None) -> str:
    """One word out of a closed list."""
    value = text(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}; it is {value!r}.")
    return value


def database(name: str, default: str | None = None) -> dict[str, object]:
    """A PostgreSQL address (`postgresql://user:password@host:port/name`) as a Django database entry."""
    parts = urlsplit(text(name, default))
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(f"{name} must look like postgresql://user:password@host:port/name. Only PostgreSQL is supported.")
    return {
        "ENGINE": "agency.database",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "ATOMIC_REQUESTS": False,
    }


def mail(name: str, default: str | None = None) -> dict[str, object]:
    """A mail address (`smtp://user:password@host:port` or `ses://region`) as Django's mail settings."""
    parts = urlsplit(text(name, default))
    if parts.scheme in {"smtp", "smtps"}:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": parts.hostname or "127.0.0.1",
            "EMAIL_PORT": parts.port or 25,
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_TLS": parts.scheme == "smtps",
            "EMAIL_TIMEOUT": 20,
        }
    if parts.scheme == "ses":
        return {
            "EMAIL_BACKEND": "anymail.backends.amazon_ses.EmailBackend",
            "ANYMAIL": {"AMAZON_SES_CLIENT_PARAMS": {"region_name": parts.hostname}},
        }
    raise ImproperlyConfigured(f"{name} must look like smtp://host:port or ses://region.")
