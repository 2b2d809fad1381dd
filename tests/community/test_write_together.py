"""Several who write the same comments at once, in threads of their own and committed: nobody waits in a circle, and nothing is lost.

Which one comes first is never left to chance. A third holds a row that all of them need; only when each of them is known to wait is it let
go. Without an order in which rows are taken, PostgreSQL ends one of them for a deadlock then.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import combinations
from uuid import UUID

import pytest
from django.db import connection, connections

from agency import clock, scope
from community import actions, ad_store, store
from community.models import Comment
from integrations.models import AdAccount
from integrations.tiktok import comments as tiktok
from metrics.models import Post
from privacy.models import DeletionRun
from privacy.run import erase_rows
from tests.campaigns.planting import a_call, plant_ad_account
from tests.community.planting import a_post, come, hours, keep, told
from tests.community.telling import as_told_by_ads
from tests.integrations.conftest import committed_cast  # noqa: F401 - a fixture
from tests.people import Cast
from tests.walk import wait

Act = Callable[[], object]


class World:
    """Three threads, the first of them with two replies, which the account and an ad account both tell of."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.here = cast, cast.brass.pk
        with scope.inside(self.here):
            self.post: Post = a_post(cast.admin)
            self.ads: AdAccount = plant_ad_account(cast.admin)
            self.first = told("Which lens is this?", at=hours(9))
            self.replies = [told(f"Me too {n}", at=hours(8 - n), by=f"person{n}", parent=self.first.comment_id) for n in range(2)]
            self.second = told("And the filter?", at=hours(4))
            self.third = told("And the film?", at=hours(3))
            self.all = [self.first, *self.replies, self.second, self.third]
            keep(self.post, *self.all)
            Comment.objects.update(ad_account=self.ads)  # so that what the ads tell is written, too

    def account_tells(self, *comments: object) -> Act:
        """Other words, so that every row changes and the thread stands otherwise after it."""
        return lambda: self._inside(lambda: come(self.post, *(replace(one, text=f"{one.text}!", is_owner=True) for one in comments)))

    def ads_tell(self, *comments: object) -> Act:
        """The same comments from the other side."""

        def tell() -> None:
            listed = [as_told_by_ads(replace(one, text=f"{one.text}?")) for one in comments]
            ad_store.keep(self.ads, listed, adgroup_id="19", call_id=a_call(self.ads).pk, now=clock.now())

        return lambda: self._inside(tell)

    def account_tells_of_no_replies(self, first: tiktok.Comment) -> Act:
        """An empty page of replies: whatever is known of them is gone."""

        def tell() -> None:
            lacking = store.lacking_replies(self.here, self.post.pk)
            assert lacking is not None and lacking.tiktok_comment_id == first.comment_id
            store.note_replies_read(lacking, cursor=None, began_at=clock.now(), now=clock.now())

        return lambda: self._inside(tell)

    def staff_finish(self, *comments: object) -> Act:
        """Somebody takes threads off the list, in the order in which they were ticked."""

        def finish() -> None:
            chosen = {one.tiktok_comment_id: one for one in Comment.objects.threads()}
            actions.each([chosen[one.comment_id] for one in comments], "done", by=self.cast.manager)

        return lambda: self._inside(finish)

    def erase(self, *comments: object) -> Act:
        """A run takes threads, a batch of them at once."""
        with scope.inside(self.here):
            now = clock.now()
            run = DeletionRun.objects.create(
                workspace_id=self.here, reference="LT-4F7K-22", cause="request", state="running", due_at=now, scheduled_at=now
            )
        going = Comment.objects.using("privacy").filter(workspace_id=self.here, tiktok_comment_id__in=[one.comment_id for one in comments])
        return lambda: erase_rows(run, going, lambda: None)

    def _inside(self, act: Act) -> object:
        with scope.inside(self.here):
            return act()


@pytest.fixture
def world(committed_cast: Cast) -> World:  # noqa: F811 - the fixture
    return World(committed_cast)


def waiting() -> int:
    """How many of this database's sessions wait for a lock. The server has other databases, whose sessions wait for each other too, and a
    lock of a row names none: a session is of the database whose tables it has locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND pid IN (
                SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database())
            """
        )
        return cursor.fetchone()[0]


def while_held(here: UUID, comment_id: str, *acts: Act, changed: Mapping[str, object] | None = None) -> list[object]:
    """Hold a comment, changed so, until each act in turn waits, then let go. What they raised, if they did."""
    raised: list[object] = []

    def run(act: Act) -> None:
        try:
            act()
        except Exception as error:
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    with scope.inside(here):
        Comment.objects.select_for_update().get(tiktok_comment_id=comment_id)
        if changed:
            Comment.objects.filter(tiktok_comment_id=comment_id).update(**changed)
        for number, thread in enumerate(threads, start=1):
            thread.start()
            wait(lambda number=number: waiting() >= number, "the next one waits")
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    return raised


def test_account_and_ads_tell_of_the_same_comments_in_opposite_orders(world: World) -> None:
    middle = world.replies[0].comment_id
    assert while_held(world.here, middle, world.account_tells(*world.all), world.ads_tell(*reversed(world.all))) == []
    with scope.inside(world.here):
        assert {one.text[-1] for one in Comment.objects.all()} == {"!"}, "what the account's own list says counts, whoever came last"


def test_a_page_of_replies_meets_a_page_that_has_their_comment(world: World) -> None:
    replies = world.account_tells(*world.replies)
    assert while_held(world.here, world.replies[1].comment_id, replies, world.ads_tell(world.first, world.replies[0])) == []
    with scope.inside(world.here):
        assert Comment.objects.get(tiktok_comment_id=world.first.comment_id).answered_at is not None


def test_somebody_finishes_threads_while_a_page_is_written(world: World) -> None:
    page = world.account_tells(*world.replies, world.second, world.third)
    assert while_held(world.here, world.replies[1].comment_id, page, world.staff_finish(world.second, world.first)) == []
    staff = world.staff_finish(world.second, world.third, world.first)
    assert while_held(world.here, world.third.comment_id, staff, page) == []
    with scope.inside(world.here):
        assert not Comment.objects.waiting().exists()


def test_somebody_finishes_a_thread_while_its_replies_are_found_to_be_gone(world: World) -> None:
    with scope.inside(world.here):
        Comment.objects.filter(tiktok_comment_id=world.first.comment_id).update(replies_count=5)
    gone = world.account_tells_of_no_replies(world.first)
    assert while_held(world.here, world.replies[1].comment_id, gone, world.staff_finish(world.first)) == []
    with scope.inside(world.here):
        assert Comment.objects.filter(is_reply=True, shown="deleted").count() == 2


def test_two_people_finish_the_same_threads_from_either_end(world: World) -> None:
    down = world.staff_finish(world.first, world.second, world.third)
    up = world.staff_finish(world.third, world.second, world.first)
    assert while_held(world.here, world.second.comment_id, down, up) == []
    with scope.inside(world.here):
        assert not Comment.objects.waiting().exists()


def test_what_is_moved_in_the_table_while_its_thread_is_settled_is_settled_too(world: World) -> None:
    reply, answer = world.replies[1], told("A 35 mm.", at=hours(1), parent=world.first.comment_id, own=True)
    page = world.account_tells(answer)
    assert while_held(world.here, reply.comment_id, page, changed={"likes_count": 9}) == []
    with scope.inside(world.here):
        row = Comment.objects.get(tiktok_comment_id=reply.comment_id)
        assert (row.likes_count, row.answered_at) == (9, answer.created_at)


@pytest.mark.parametrize("other", ["staff_finish", "account_tells"])
def test_threads_are_erased_while_somebody_is_at_them(world: World, other: str) -> None:
    """A batch takes rows as they lie in the table. Three that lie the other way round than they are taken by everybody else."""
    more = sorted((told(f"And {n}?", at=hours(2), by=f"person{n}") for n in range(40)), key=lambda one: one.comment_id)
    with scope.inside(world.here):
        ids = {row.tiktok_comment_id: row.pk for row in keep(world.post, *more)}
    first, middle, last = next(
        three for three in combinations(more, 3) if sorted(three, key=lambda one: ids[one.comment_id]) == list(reversed(three))
    )
    someone = getattr(world, other)(first, middle, last)
    assert while_held(world.here, middle.comment_id, someone, world.erase(first, middle, last)) == []
    with scope.inside(world.here):
        assert not Comment.objects.filter(tiktok_comment_id__in=[first.comment_id, middle.comment_id, last.comment_id]).exists()
        assert Comment.objects.count() == len(world.all) + 37
