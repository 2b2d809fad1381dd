"""kill -9 at every point of a sync: in the end there is what a run without faults brings, nothing less and nothing twice.

And of somebody who disconnects in the middle: no call and no row after that. `make test` dies once at each point, CHAOS=long more often.
"""

import random
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.db.models import Count

from agency import actions as agency_actions
from agency import jobs, scope
from agency.models import DueWork, Membership
from agency.roles import Role
from integrations import revocation
from integrations.models import ApiCall, Connection, SyncRun
from metrics import sync
from metrics.models import Account, AccountDay, Mention, Post, PostSnapshot
from metrics.total_models import WorkspaceDay
from tests.chaos import dying
from tests.chaos.dying import KILLED, Point
from tests.chaos.person import until
from tests.chaos.quick import connect
from tests.chaos.test_pull_plugs import LONG
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, member
from tests.work import work_off

HANDLE, POSTS = "creator00001", 70
RUNS = 10 if LONG else 1
DISCONNECTS = 200 if LONG else 12
CALL = "integrations.sync:Run._call"
POINTS = (
    Point("the work is claimed and nothing done", "metrics.sync:sync.run", after=False),
    Point("the first call is about to go out", CALL, after=False),
    Point("the profile is answered and not kept", CALL),
    Point("the connection is about to be held", "integrations.sync:Run._go_on", after=False, number=3),
    Point("its calls are noted, its lease is renewed, and neither is committed", "integrations.sync:Run._go_on", number=3),
    Point("the profile is about to be kept", "metrics.store:keep_profile", after=False),
    Point("the profile is kept and not committed", "metrics.store:keep_profile"),
    Point("the account is named and not committed", "integrations.actions:name_account"),
    Point("the days are about to be asked for", CALL, after=False, number=2),
    Point("the days are answered and not kept", CALL, number=2),
    Point("the days are kept and not committed", "metrics.store:keep_days"),
    Point("the first page of posts is answered", CALL, number=3),
    Point("its posts are stored and their snapshots are not", "metrics.store:upsert", number=2),
    Point("its posts and snapshots are not committed", "metrics.store:keep_posts"),
    Point("the first page is stored with its cursor", CALL, after=False, number=4),
    Point("the second page is answered", CALL, number=4),
    Point("the second page is kept and not committed", "metrics.store:keep_posts", number=2),
    Point("a transaction is about to be committed", "django.db.transaction:Atomic.__exit__", after=False, number=9),
    Point("a transaction is committed", "django.db.transaction:Atomic.__exit__", number=9),
    Point("older posts are chosen", "metrics.store:posts_to_look_at"),
    Point("the reading of mentions is begun and not committed", "metrics.mention_sync:_begin"),
    Point("a page of mentions is kept and not committed", "metrics.mention_store:_keep"),
    Point("the turn is over and not said", "integrations.sync:_say", after=False),
    Point("the turn is over and said", "integrations.sync:_say"),
    Point("the report is asked for and not committed", "metrics.sync:_after"),
    Point("the work is about to be finished", "integrations.sync:jobs.finish", after=False),
    Point("the work is finished and not committed", "integrations.sync:jobs.finish"),
    Point("the turn is committed", "metrics.sync:sync.run"),
)


@pytest.fixture
def many(tiktok: LocalTikTok) -> Iterator[LocalTikTok]:
    """An account with several pages of everything, and no limit that would only cost time."""
    tiktok.control("scale", accounts=1, posts=POSTS)
    tiktok.control("limits", enabled=False)
    DueWork.objects.all().delete()
    yield tiktok
    tiktok.control("limits", enabled=True)


def fresh(cast: Cast, tiktok: LocalTikTok) -> tuple[Membership, Connection]:
    """The account in a new workspace of its own, connected and not yet synced."""
    name = f"w{random.randrange(10**9)}"
    workspace = agency_actions.create_workspace(slug=name, name=name, accent="teal", time_zone="UTC", posts_per_week=3)
    admin = member(workspace, cast.admin.person.email, Role.CLIENT_ADMIN)
    told = tiktok.control("grant", account=HANDLE, flow="account")["data"]
    connection = connect(told, admin, HANDLE)
    DueWork.objects.exclude(kind="sync", ref=connection.pk).delete()
    return admin, connection


def kept(connection: Connection) -> dict[str, Any]:
    """What is here, by natural keys, in lists: what was there twice would be seen twice. Counters run on and are left out."""
    with scope.inside(connection.workspace_id):
        assert Account.objects.count() == 1
        return {
            "days": sorted(AccountDay.objects.values_list("date", "video_views", "likes", "comments", "shares", "new_followers")),
            "posts": sorted(Post.objects.values_list("tiktok_item_id", "created_at", "caption")),
            "with a snapshot": sorted(PostSnapshot.objects.values_list("post__tiktok_item_id", flat=True).distinct()),
            "mentions": sorted(Mention.objects.filter(gone_at=None).values_list("kind", "tiktok_id", "text")),
            "states": sorted(SyncRun.objects.values_list("kind", "state")),
        }


def assert_whole(connection: Connection, before: dict[str, Any], after: dict[str, Any]) -> None:
    """At least what runs without faults brought before and afterwards, at most what one of them brought: the world goes on meanwhile, and
    what is old leaves TikTok's lists."""
    mine = kept(connection)
    assert {state for _, state in mine["states"]} == {"done"}
    for what in ("days", "posts", "with a snapshot", "mentions"):
        assert len(mine[what]) == len(set(mine[what])), what
        assert set(before[what]) - set(mine[what]) <= set(before[what]) - set(after[what]), f"lost: {what}"
        assert set(mine[what]) <= set(before[what]) | set(after[what]), f"from nowhere: {what}"
    with scope.inside(connection.workspace_id):
        sums = dict(WorkspaceDay.objects.values_list("date", "views"))
        assert sums == {date: views or 0 for date, views, *_ in mine["days"]}, "sums follow their days"
        twice = PostSnapshot.objects.values("post", "hour").annotate(n=Count("id")).filter(n__gt=1)
        assert not twice.exists()
        for model in (AccountDay, Post, PostSnapshot, Mention):
            assert not model.objects.exclude(call__in=ApiCall.objects.values("pk")).exists(), f"without origin: {model}"


def work(connection: Connection, claim: jobs.Claim) -> None:
    with scope.bound_to(connection.workspace_id):
        sync.run(claim)


def claim_of(connection: Connection) -> jobs.Claim:
    (claim,) = jobs.claim_due("sync")
    assert claim.ref == connection.pk
    return claim


def without_faults(cast: Cast, tiktok: LocalTikTok) -> dict[str, Any]:
    _, connection = fresh(cast, tiktok)
    work_off("sync")
    DueWork.objects.all().delete()
    return kept(connection)


def test_wherever_a_worker_dies_nothing_is_lost_and_nothing_is_there_twice(committed_cast: Cast, many: LocalTikTok) -> None:
    before = without_faults(committed_cast, many)
    assert len(before["posts"]) > 60
    assert len(before["mentions"]) > 60
    died = []
    for point in POINTS:
        for _ in range(RUNS):
            _, connection = fresh(committed_cast, many)
            for _ in range(12):  # a point may lie in a later turn
                ended = dying.run(partial(work, connection, claim_of(connection)), point)
                if ended == KILLED:
                    break
                assert ended == 0
            assert ended == KILLED, f"nobody came to: {point}"
            many.advance(jobs.LEASE.total_seconds() + 1)
            many.forget_counts()
            work_off("sync")
            DueWork.objects.all().delete()
            died.append((point, connection))
    after = without_faults(committed_cast, many)
    for point, connection in died:
        try:
            assert_whole(connection, before, after)
        except AssertionError as error:
            raise AssertionError(f"{point}: {error}") from None


def test_whenever_somebody_disconnects_nothing_is_asked_and_nothing_is_written_later(committed_cast: Cast, many: LocalTikTok) -> None:
    chance = random.Random(random.SystemRandom().randrange(2**32))
    unfinished = 0
    for _ in range(DISCONNECTS):
        admin, connection = fresh(committed_cast, many)
        many.forget_counts()
        begun = calls(many)
        pid = dying.begin(partial(until_nothing_is_left, connection))
        moment = chance.randrange(14)
        until(lambda begun=begun, moment=moment: calls(many) - begun >= moment, "the sync is under way", seconds=60)
        with scope.bound_to(connection.workspace_id):
            revocation.end(connection, by=admin, patience_seconds=2.0)
        rows, asked = sizes(connection), calls(many)
        assert dying.end(pid) == 0
        assert calls(many) <= asked + 1, "but for a call that was on its way"
        assert sizes(connection) == rows
        with scope.inside(connection.workspace_id):
            unfinished += SyncRun.objects.filter(state__in=("waiting", "running")).exists()
        DueWork.objects.all().delete()
    assert unfinished > DISCONNECTS / 3, "it was in the middle"


def until_nothing_is_left(connection: Connection) -> None:
    while claims := jobs.claim_due("sync"):
        for claim in claims:
            work(connection, claim)


def calls(tiktok: LocalTikTok) -> int:
    """How often figures were asked for."""
    return sum("/business/" in e["endpoint"] for e in tiktok.log())


def sizes(connection: Connection) -> list[int]:
    with scope.inside(connection.workspace_id):
        return [model.objects.count() for model in (Account, AccountDay, Post, PostSnapshot, Mention, ApiCall)]
