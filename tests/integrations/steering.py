"""Steering for tests of connections: what TikTok was asked, keys that do not answer, impatience, and what people read."""

import html
import re
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from typing import Any

import pytest
from django.http import HttpResponse

from agency import jobs, scope
from agency.key_service import KeyServiceUnavailable
from agency.keyring import keyring
from agency.keystore.models import WrappedKey
from agency.models import DueWork
from integrations import limits, vault
from integrations.budget import budget
from integrations.models import Connection, SyncRun
from integrations.tiktok.transport import Transport
from integrations.tiktok.wire import Request
from tests.local_tiktok import LocalTikTok

EXCHANGE, RENEW, REVOKE = "/tt_user/oauth2/token/", "/tt_user/oauth2/refresh_token/", "/tt_user/oauth2/revoke/"
PROFILE_AND_DAYS, POSTS = "/business/get/", "/business/video/list/"


def calls(tiktok: LocalTikTok, endpoint: str) -> int:
    """How often an endpoint was asked since the last reset."""
    return sum(entry["endpoint"].endswith(endpoint) for entry in tiktok.log())


def data_calls(tiktok: LocalTikTok) -> int:
    """Calls for figures."""
    return calls(tiktok, PROFILE_AND_DAYS) + calls(tiktok, POSTS)


def spoil(tiktok: LocalTikTok, endpoint: str, kind: str, times: int | None = 1, **more: Any) -> None:
    """The next answers of an endpoint go wrong."""
    tiktok.control("faults", path=f"*{endpoint}", kind=kind, times=times, **more)


def mend(tiktok: LocalTikTok) -> None:
    """No fault is left, and no count of calls that a fault had made."""
    assert tiktok.http.delete("/__control__/faults").status_code == 200
    tiktok.forget_counts()


def words(answer: HttpResponse) -> str:
    """What a person reads on a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def impatient(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    """Calls to an endpoint that is not going to answer give up soon. All others keep their time, however slow the machine is."""
    real = Transport._exchange

    def exchange(self: Transport, request: Request) -> object:
        if request.path.endswith(endpoint):
            self = copy(self)
            self.total_deadline_seconds = 1.0
        return real(self, request)

    monkeypatch.setattr(Transport, "_exchange", exchange)


def use_up_the_pace(monkeypatch: pytest.MonkeyPatch, seconds: float = 1.0) -> None:
    """A backlog has just taken what slots there were, in paces of this test's own: the next one comes in so many seconds."""
    for name in ("ACCOUNTS_PACE", "GENERAL_PACE"):
        pace = replace(getattr(limits, name), name=f"test:{uuid.uuid4()}", per_second=1 / seconds, burst=1)
        monkeypatch.setattr(limits, name, pace)
        assert budget().take([pace]) == 0.0


class _Silent:
    def wrap(self, data_key: bytes, context: Mapping[str, str]) -> bytes:
        raise KeyServiceUnavailable("no answer")

    def unwrap(self, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        raise KeyServiceUnavailable("no answer")


def silence_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key service does not answer, and nothing is left in memory."""
    monkeypatch.setattr(keyring(), "_service", _Silent())
    forget_keys(monkeypatch)


def forget_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in another process: no unwrapped key in memory."""
    monkeypatch.setattr(keyring(), "_cache", OrderedDict())


def has_key(ref: str) -> bool:
    """Whether the keystore holds a key."""
    return WrappedKey.objects.filter(ref=ref).exists()


def again(connection: Connection) -> Connection:
    """The row as it is now."""
    with scope.inside(connection.workspace_id):
        return Connection.objects.get(pk=connection.pk)


def tokens(connection: Connection) -> tuple[str, str]:
    """Both tokens in clear."""
    connection = again(connection)
    return vault.access_token(connection).access_token.reveal(), vault.refresh_token(connection).reveal()


def step(connection: Connection, kind: SyncRun.Kind) -> SyncRun:
    """One step of the sync, as people see it."""
    with scope.inside(connection.workspace_id):
        return SyncRun.objects.get(connection=connection, kind=kind)


def due(kind: str, connection: Connection) -> DueWork | None:
    """The row that says when something is to happen."""
    return DueWork.objects.filter(kind=kind, ref=connection.pk).first()


def make_due(kind: str, connection: Connection) -> None:
    """Now, without waiting; of a sync, every kind of it."""
    if kind == "sync":
        with scope.inside(connection.workspace_id):
            SyncRun.objects.filter(connection=connection, due_at__isnull=False).update(due_at=connection.connected_at)
    DueWork.objects.filter(kind=kind, ref=connection.pk).update(due_at=connection.connected_at, claim=None, claimed_until=None)


def claim_of(kind: str) -> jobs.Claim:
    """Claim and take the one piece of due work of a kind."""
    (claim,) = jobs.claim_due(kind)
    taken = jobs.take(kind, ref=claim.ref, key=claim.key)
    assert taken is not None
    return taken
