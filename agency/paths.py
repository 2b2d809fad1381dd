"""Addresses of pages that take nothing from their address, or a row's key: each is looked up once, for every page links to dozens."""

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote_plus
from uuid import UUID

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse

_ANY = UUID(int=0)


def path_of(name: str, key: UUID | str | None = None) -> str:
    """What Django's `reverse` says, where a name is all there is to say, or a name and a row's key."""
    around = _path(name, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix(), key is not None)
    return around[0] if key is None else f"{around[0]}{key}{around[1]}"


@cache
def _path(name: str, _urlconf: str, _prefix: str, has_key: bool) -> tuple[str, str]:
    """What stands before a key, and what after it."""
    before, _, after = reverse(name, args=[_ANY] if has_key else []).partition(str(_ANY))
    return before, after


def encoded(values: Mapping[str, Any]) -> dict[str, str]:
    """Each part of a query string, for pages whose links have most of it in common. Commas stand in our lists, and may in an address."""
    return {name: f"{quote_plus(name)}={quote_plus(str(value), safe=',')}" for name, value in values.items()}


def with_query(path: str, parts: Mapping[str, str]) -> str:
    """A path with parts of a query string, where there are any."""
    return f"{path}?{'&'.join(parts.values())}" if parts else path
