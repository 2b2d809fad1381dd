"""Showing at TikTok whose account it is, in tests, the way people do: the form, the button, TikTok's page, the callback."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client

from agency import scope
from privacy.models import DeletionRequest
from tests.integrations.steering import words
from tests.local_tiktok import LocalTikTok
from tests.people import Cast

HANDLE, OTHER, STRANGER = "brassorbit3", "moontideco2", "velvetfoxlab"
FORM = {"handle": f"@{HANDLE}", "relation": "was_owner", "message": "The mailbox is gone.", "way": "tiktok"}


def ask(**changes: str) -> tuple[Client, str]:
    """A browser that has sent the form, and the page of its request."""
    browser = Client(raise_request_exception=False)
    answer = browser.post("/data-deletion", FORM | changes)
    assert answer.status_code == 302, words(answer)
    return browser, answer.headers["Location"]


def leave(browser: Client, where: str) -> str:
    """Press the button; the address of TikTok's page."""
    answer = browser.post(f"{where}/proof", {"way": "tiktok"})
    assert answer.status_code == 303, words(answer)
    return answer.headers["Location"]


def come_back(browser: Client, query: dict[str, str]) -> HttpResponse:
    """Arrive at the callback and follow it to the page."""
    return browser.get("/tiktok/auth/callback?" + urlencode(query), follow=True)


def shown(browser: Client, where: str, tiktok: LocalTikTok, account: str = HANDLE, **answer: Any) -> HttpResponse:
    """To TikTok and back; the page that says what it showed."""
    return come_back(browser, tiktok.answer_consent(leave(browser, where), account, **answer))


def press(browser: Client, page: HttpResponse) -> HttpResponse:
    """Have it deleted."""
    return browser.post(page.request["PATH_INFO"])


def requests(cast: Cast) -> list[DeletionRequest]:
    found = []
    for workspace in (cast.brass, cast.moon):
        with scope.inside(workspace.pk):
            found += DeletionRequest.objects.order_by("created_at")
    return found


def states(cast: Cast) -> list[str]:
    return [request.state for request in requests(cast)]
