"""Renders sample pages the way a view would, without a database and without a server."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory

from tests.look.pages import PAGES


@pytest.fixture
def page() -> Callable[[str], str]:
    """The HTML of a sample page by its name."""
    return render


def render(name: str, **changes: Any) -> str:
    template, context = PAGES[name]
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    return render_to_string(template, context() | changes, request=request)
