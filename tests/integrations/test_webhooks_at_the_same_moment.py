"""Deliveries with rows that are really committed: a transaction that is killed, and copies that arrive together."""

import os
from typing import Any

import psycopg
import pytest
from django.db import connection as database
from django.db import connections

from agency import jobs, scope
from agency.models import DueWork
from integrations import events
from integrations.models import Connection
from tests.integrations.deliveries import deliver, event, in_two_workspaces, kept
from tests.integrations.steering import again, has_key
from tests.integrations.test_at_the_same_moment import at_once, meet
from tests.local_tiktok import LocalTikTok
from tests.people import Cast
from tests.work import work_off


def state(*pair: Connection) -> tuple[list[int], int]:
    """How many events each workspace keeps, and how many wait to be acted on."""
    return [len(kept(c)) for c in pair], DueWork.objects.filter(kind="event").count()


@pytest.mark.parametrize("victim", [0, 1])
def test_a_transaction_that_is_killed_between_two_workspaces_is_completed_by_the_repetition(
    committed_cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, victim: int
) -> None:
    pair = in_two_workspaces(committed_cast, tiktok)
    body, put, killed = event(pair[0].tiktok_open_id), jobs.put, []

    def put_or_die(kind: str, ref: Any, **values: Any) -> None:
        put(kind, ref, **values)
        if kind == "event" and values["workspace_id"] == pair[victim].workspace_id and not killed:
            killed.append(kind)
            with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as admin:
                admin.execute("SELECT pg_terminate_backend(%s)", [database.connection.info.backend_pid])

    monkeypatch.setattr(jobs, "put", put_or_die)
    answer = deliver(body)
    connections.close_all()  # as the end of a real request does with a connection that broke
    assert (answer.status_code, answer.content, killed) == (503, b"", ["event"])
    assert state(*pair) == ([victim, 0], victim)
    assert pair[0].tiktok_open_id not in caplog.text
    assert [deliver(body).status_code for _ in range(2)] == [200, 200]
    assert state(*pair) == ([1, 1], 2)
    work_off("event")
    assert {again(c).state for c in pair} == {"disconnected"}


def test_copies_that_arrive_together_are_kept_once(committed_cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = in_two_workspaces(committed_cast, tiktok)
    body = event(pair[0].tiktok_open_id)
    meet(monkeypatch, events, "keep")
    answers = at_once(lambda: deliver(body), lambda: deliver(body))
    assert [a.status_code for a in answers] == [200, 200]
    assert state(*pair) == ([1, 1], 2)


def test_an_event_that_two_workers_settle_ends_the_connection_once(
    committed_cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = in_two_workspaces(committed_cast, tiktok)
    deliver(event(pair[0].tiktok_open_id))
    claims = jobs.claim_due("event")
    meet(monkeypatch, events, "settle")

    def settle() -> object:
        with scope.inside(claims[0].workspace_id):
            return events.settle(claims[0].ref)

    results = at_once(settle, settle)
    assert sorted(str(r is None) for r in results) == ["False", "True"]
    settled = next(c for c in pair if c.workspace_id == claims[0].workspace_id)
    assert again(settled).generation == settled.generation + 1
    assert has_key(settled.key_ref), "destroying keys is not in the transaction"
