"""What stands beside the views is how many threads are in them, counted from their indexes, and stops at a thousand."""

from datetime import timedelta

import pytest
from django.db import connection

from agency import clock, scope
from agency.models import Membership
from agency.roles import Role
from community import actions, around, queries
from community.models import Comment, Mention
from community.wanted import VIEWS, Wanted
from tests.community.planting import hours, keep, many, plant, told
from tests.people import Cast, member

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


def counted(by: Membership) -> dict[str, int]:
    return around.counts(by, VIEWS, now=clock.now()).of


def threads_of(by: Membership) -> dict[str, int]:
    """The same by going through every comment there is."""
    everything = list(Comment.objects.all())
    threads = [one for one in everything if not one.is_reply]
    waiting = [one for one in threads if one.waits_since is not None and one.later_until is None]
    named = {one.note.thread_id for one in Mention.objects.filter(person_id=by.person_id, seen_at=None).select_related("note")}
    return {
        "open": len(waiting),
        "mine": sum(one.assignee_id == by.person_id for one in waiting),
        "nobody": sum(one.assignee_id is None for one in waiting),
        "later": sum(one.later_until is not None for one in threads),
        "done": sum(one.done_at is not None and one.done_at.date() == clock.today() for one in threads),
        "mentions": sum(one.pk in named for one in threads),
    }


def in_every_state(cast: Cast, other: Membership) -> None:
    """Forty threads, some of each state and some of several at once, with replies that hold what only a thread's first comment should."""
    made = plant(cast.admin, 40)
    with scope.inside(cast.brass.pk):
        for number, thread in enumerate(made):
            if number % 3 == 0:
                actions.assign(thread, to=(cast.manager if number % 2 else other).person, by=cast.manager)
            if number % 5 == 1:
                actions.put_off(thread, until=clock.now() + timedelta(days=1), by=cast.manager)
            if number % 7 in {2, 3}:
                actions.finish(thread, by=cast.manager)
            if number % 4 == 0:
                actions.add_note(thread, text="@manager look, @manager look again", by=other)
        queries.seen_by(made[8], cast.manager, now=clock.now())
        midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        done = list(Comment.objects.filter(done_at__isnull=False).order_by("said_at"))
        for thread, moment in zip(done, (midnight, midnight - timedelta(microseconds=1), midnight - timedelta(days=3)), strict=False):
            Comment.objects.filter(pk=thread.pk).update(done_at=moment)
        replies = keep(made[0].post, *(told("Me too", at=hours(1), by=f"late{n}", parent=made[n].tiktok_comment_id) for n in (0, 1, 4, 5)))
        left = {"later_until": clock.now(), "done_at": clock.now(), "waits_since": clock.now(), "assignee_id": cast.manager.person_id}
        Comment.objects.filter(pk__in=[one.pk for one in replies]).update(**left)


def test_counts_are_those_of_every_comment_there_is_and_of_the_lists(cast: Cast) -> None:
    other = member(cast.brass, "ana@agency.example", Role.COMMUNITY)
    in_every_state(cast, other)
    plant(cast.moon_admin, 7)
    with scope.inside(cast.brass.pk):
        for by in (cast.manager, other):
            found, now = counted(by), clock.now()
            assert found == threads_of(by)
            lists = {view: queries.threads(by, Wanted(view=view), now=now) for view in found}
            today = now.replace(hour=0, minute=0, second=0, microsecond=0)
            lists["done"] = lists["done"].filter(done_at__gte=today)
            assert found == {view: rows.count() for view, rows in lists.items()}
        assert min(counted(cast.manager).values()) > 0, "nothing is compared with nothing"
        oldest = around.counts(cast.manager, VIEWS, now=clock.now()).oldest
        assert oldest == min(one.waits_since for one in Comment.objects.waiting())
    with scope.inside(cast.moon.pk):
        assert counted(cast.moon_admin)["open"] == 7


def test_counting_stops_at_a_thousand(cast: Cast) -> None:
    (one,) = plant(cast.admin, 1)
    with scope.inside(cast.brass.pk):
        many(one, 1_001)
        assert counted(cast.manager)["open"] == 1_001
        assert counted(cast.manager)["mine"] == 0


def test_every_count_is_read_in_the_order_of_an_index_that_holds_nothing_else(cast: Cast) -> None:
    """As the application's role, whose rows the policy picks: sorted nowhere, and not looked for in the table."""
    plant(cast.admin, 3)
    values = {"workspace": cast.brass.pk, "person": cast.manager.person_id, "today": clock.now()}
    named = {"open": "community_waiting", "mine": "community_waiting_of", "nobody": "community_waiting_of", "later": "community_later",
             "done": "community_done"}  # fmt: skip
    with scope.inside(cast.brass.pk), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
        for view, index in named.items():
            cursor.execute("EXPLAIN " + around._counting((view,), is_creator=False), values)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert f"Index Only Scan using {index} on community_comment" in plan, plan
            assert "Sort" not in plan, plan
            assert "Filter: (NOT" not in plan, plan
