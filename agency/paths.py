"""Addresses of pages that take nothing from their address: each is looked up once, for every page links to dozens of them."""

from functools import cache

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse


def path_of(name: str) -> str:
    """What Django's `reverse` says, where a name is all there is to say."""
    return _path(name, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())


@cache
def _path(name: str, _urlconf: str, _prefix: str) -> str:
    return reverse(name)
