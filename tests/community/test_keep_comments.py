"""How threads stand, whatever comes in, in whatever order."""

import json
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import permutations
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agency import clock, scope
from community import keeping, store
from community.forgotten import mark_of
from community.models import Comment, Forgotten
from tests.community.planting import a_post, again, come, hours, keep, many, told
from tests.metrics.planting import a_call, rows_read
from tests.people import Cast

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


def test_a_comment_waits_until_the_account_answers_it(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        post = a_post(cast.admin)
        (first,) = keep(post, told(at=hours(5), comment_id="1"))
        assert first.waits_since == first.said_at
        keep(post, told("35 mm", at=hours(2), by="brassorbit3", own=True, parent="1"))
        first = again(first)
        assert (first.waits_since, first.answered_at) == (None, pytest.approx(hours(2), abs=timedelta(minutes=1)))
        keep(post, told("And the filter?", at=hours(1), parent="1"))
        first = again(first)
        assert first.waits_since is not None
        assert abs(first.waits_since - hours(1)) < timedelta(minutes=1)


def test_whatever_the_order_in_which_they_come_the_thread_stands_the_same(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        post = a_post(cast.admin)
        ends = set()
        said = hours(9).replace(microsecond=0)
        for number, order in enumerate(permutations(range(3))):
            root = f"9{number}"
            parts = [
                told("Me too", at=said + timedelta(hours=1), parent=root, comment_id=f"{root}1"),
                told("35 mm", at=said + timedelta(hours=2), own=True, parent=root, comment_id=f"{root}2"),
                told("Thanks, and the filter?", at=said + timedelta(hours=3), parent=root, comment_id=f"{root}3"),
            ]
            keep(post, told(at=said, comment_id=root))
            for place in order:
                keep(post, parts[place])
                keep(post, parts[place])  # and once more
            rows = Comment.objects.filter(thread__tiktok_comment_id=root).order_by("said_at")
            first = rows.first()
            ends.add((first.waits_since, first.last_said_at, *((row.answered_at, row.settled_at is None) for row in rows)))
        assert len(ends) == 1
        assert next(iter(ends))[0] == said + timedelta(hours=3)


def test_what_is_hidden_or_deleted_waits_for_nobody_and_comes_back(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        post = a_post(cast.admin)
        (first,) = keep(post, told(at=hours(5), comment_id="1"))
        keep(post, told(at=hours(5), comment_id="1", status="HIDDEN"))
        assert (again(first).waits_since, again(first).shown) == (None, "hidden")
        keep(post, told(at=hours(5), comment_id="1"))
        assert again(first).waits_since is not None
        (reply,) = keep(post, told("Me too", at=hours(4), comment_id="2", parent="1"))
        assert store.note_gone(post.account, ["1"], now=clock.now()) == 2
        assert (again(first).waits_since, again(first).shown, again(reply).shown) == (None, "deleted", "deleted")
        keep(post, told(at=hours(5), comment_id="1"))
        assert (again(first).shown, again(first).gone_at) == ("visible", None)


def test_a_reply_that_comes_before_its_comment_joins_it_later(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        post = a_post(cast.admin)
        (reply,) = keep(post, told("Me too", at=hours(4), comment_id="2", parent="1"))
        assert not reply.is_reply
        (first,) = keep(post, told(at=hours(5), comment_id="1"))
        keep(post, told("Me too", at=hours(4), comment_id="2", parent="1"))
        reply = again(reply)
        assert (reply.is_reply, reply.thread_id, reply.waits_since) == (True, first.pk, None)
        assert abs(again(first).waits_since - hours(5)) < timedelta(minutes=1)


def test_an_edit_is_noticed_and_a_mere_repetition_is_not_news(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        post = a_post(cast.admin)
        at = hours(5)
        (first,) = keep(post, told("Wich lens", at=at, comment_id="1"))
        call = first.call_id
        keep(post, told("Wich lens", at=at, comment_id="1"))
        assert (again(first).call_id, again(first).edited_at) == (call, None)
        keep(post, told("¿Dónde lo compraste?", at=at, comment_id="1"))
        first = again(first)
        assert first.edited_at is not None
        assert (first.text, first.language) == ("¿Dónde lo compraste?", "es")
        assert first.call_id != call


def test_what_was_said_long_before_the_account_came_is_there_and_waits_for_nobody(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        post = a_post(cast.admin)
        store.reading_of(post.account, now=clock.now())
        store.Reading.objects.update(began_at=clock.now())
        old, young = keep(post, told(at=hours(72), comment_id="1"), told(at=hours(30), comment_id="2"))
        assert (old.waits_since, young.waits_since is not None) == (None, True)


def standing() -> list[tuple[object, ...]]:
    """How every comment stands, and every thread by its first one; without when that was found."""
    rows = Comment.objects.order_by("tiktok_comment_id").select_related("thread")
    return [
        (
            row.tiktok_comment_id,
            row.thread.tiktok_comment_id,
            row.waits_since,
            row.answered_at,
            row.settled_at is None,
            None if row.is_reply else (row.last_said_at, row.waits_since is None or row.stirred_at is not None),
        )
        for row in rows
    ]


@pytest.mark.parametrize("seed", range(6))
def test_a_page_that_brings_all_at_once_stands_as_what_comes_one_by_one(cast: Cast, seed: int) -> None:
    """What is new is put together before it is written; what is settled afterwards has the last word, and finds nothing to say."""
    chance = random.Random(seed)
    with scope.inside(cast.brass.pk):
        post = a_post(cast.admin)
        said = [
            told(
                f"Comment {n}",
                at=hours(chance.randint(1, 40)).replace(microsecond=n),
                comment_id=f"{seed}{n:02}",
                parent=None if n < 4 else f"{seed}{chance.randint(0, min(4, n - 1)):02}",  # some answer a reply
                own=n >= 4 and chance.random() < 0.4,
                status="HIDDEN" if chance.random() < 0.2 else "PUBLIC",
            )
            for n in range(16)
        ]
        keep(post, *said[:9])
        keep(post, *said)
        at_once = standing()
        keeping.settle(cast.brass.pk, Comment.objects.values_list("thread_id", flat=True), now=clock.now())
        assert standing() == at_once
        Comment.objects.all().delete()
        for one in said:
            keep(post, one)
        assert standing() == at_once


def test_a_page_of_new_threads_is_written_in_three_statements(cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        post = a_post(cast.admin)
        reading, call = store.reading_of(post.account, now=clock.now()), a_call(post.account)
        for number in (1, 30):
            page = [
                told(f"{n}", at=hours(n + number), comment_id=f"7{number}{n:02}", parent=f"7{number}00" if n % 10 == 5 else None)
                for n in range(number)
            ]
            with CaptureQueriesContext(connection) as caught:
                store.keep(post.account, post.pk, page, reading=reading, call_id=call.pk, now=clock.now())
            assert len(caught) == 3


def test_who_asks_to_be_forgotten_while_a_page_waits_to_be_written_is_not_kept(cast: Cast) -> None:
    """Whoever forgets somebody writes too, so that a page that waited for it has to look once it may write."""
    with scope.inside(cast.brass.pk):
        post = a_post(cast.admin)
        page = [told(at=hours(5), comment_id="1", by="canary"), told(at=hours(4), comment_id="2")]

        def forgotten_meanwhile(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
            found = execute(sql, params, many, context)
            if "pg_advisory_xact_lock" in sql:
                Forgotten.objects.create(workspace_id=cast.brass.pk, mark=mark_of(cast.brass.pk, "u_canary"), until=clock.now())
            return found

        with connection.execute_wrapper(forgotten_meanwhile):
            come(post, *page)
        assert [row.tiktok_comment_id for row in Comment.objects.all()] == ["2"]


@contextmanager
def believing(row: dict[str, Any], workspaces: int, each: int) -> Iterator[None]:
    """The planner takes the table of comments for one of so many workspaces with so many each, all called 0, 1, 2 and so on."""
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"]) as superuser:
        superuser.execute("SET LOCAL session_replication_role = replica")
        superuser.execute("DELETE FROM pg_statistic WHERE starelid = 'community_comment'::regclass")
        superuser.execute(
            """
            INSERT INTO community_comment SELECT made.* FROM generate_series(1, %s) w
            CROSS JOIN LATERAL (SELECT gen_random_uuid() AS id, w) workspace CROSS JOIN generate_series(0, %s - 1) n
            CROSS JOIN LATERAL jsonb_populate_record(NULL::community_comment, %s::jsonb || jsonb_build_object(
                'id', gen_random_uuid(), 'workspace_id', workspace.id, 'tiktok_comment_id', n::text)) made
            """,
            [workspaces, each, json.dumps(row)],
        )
        superuser.execute("ANALYZE community_comment")
        superuser.execute("DELETE FROM community_comment")
    try:
        yield
    finally:
        with psycopg.connect(os.environ["DATABASE_ADMIN_URL"]) as superuser:
            superuser.execute("DELETE FROM pg_statistic WHERE starelid = 'community_comment'::regclass")
            superuser.execute("UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE oid = 'community_comment'::regclass")


@pytest.mark.parametrize(("workspaces", "each"), [(0, 0), (1, 1), (1, 5_000), (30, 1), (300, 3), (100, 20)])
def test_a_page_looks_up_what_it_names_and_not_all_that_is_kept(cast: Cast, workspaces: int, each: int) -> None:
    """In a workspace that is read for the first time: whatever the planner knows of the others, it knows nothing of this one."""
    with scope.inside(cast.brass.pk):
        post = a_post(cast.admin)
        first, *_ = keep(post, *(told(f"Question {n}", at=hours(n + 1), comment_id=str(n)) for n in range(10)))
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_jsonb(c)::text FROM community_comment c WHERE id = %s", [first.pk])
            row = json.loads(cursor.fetchone()[0])
        many(first, 2_000)
        edited = [told(f"Question {n}!", at=hours(n + 1), comment_id=str(n)) for n in range(10)]
        replies = [told("Thanks!", at=hours(0.5), parent="3", own=True), *(told("Me too", at=hours(0.6), parent=str(n)) for n in range(10))]
        with believing(row, workspaces, each):
            before = rows_read("community_comment")
            come(post, *edited, *replies)
            assert rows_read("community_comment") - before < 150
