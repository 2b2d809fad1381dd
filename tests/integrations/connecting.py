"""Connecting an account in tests, the way people do: the form, TikTok's page, the callback."""

from urllib.parse import urlencode

from django.test import Client

from agency import scope
from agency.models import Membership
from integrations.models import Connection
from tests.local_tiktok import LocalTikTok


def start(client: Client) -> str:
    """Press Connect; the address of TikTok's page."""
    answer = client.post("/settings/integrations/connect")
    assert answer.status_code == 303, answer.content[:1000]
    return answer.headers["Location"]


def come_back(client: Client, query: dict[str, str]):
    """Arrive at the callback."""
    return client.get("/tiktok/auth/callback?" + urlencode(query))


def connect(client: Client, tiktok: LocalTikTok, account: str, *, scopes: list[str] | None = None):
    """The whole way; the answer of the callback."""
    return come_back(client, tiktok.answer_consent(start(client), account, scopes=scopes))


def only_connection(membership: Membership) -> Connection:
    """The workspace's one connection."""
    with scope.inside(membership.workspace_id):
        return Connection.objects.get()
