"""The frame of a sync: fences, words for what went wrong, when the next try is, and that nothing asked for is lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError
from django.db import connection as database
from django.test import Client

from agency import clock, jobs, scope
from integrations import limits, refresh, sync
from integrations.budget import budget
from integrations.models import ApiCall, Connection, SyncRun
from metrics import sync as figures
from metrics.models import Account, AccountDay, Post, PostSnapshot
from tests.integrations.connecting import connect
from tests.integrations.steering import (
    POSTS,
    PROFILE_AND_DAYS,
    RENEW,
    again,
    calls,
    claim_of,
    data_calls,
    due,
    impatient,
    make_due,
    mend,
    silence_keys,
    spoil,
    step,
    tokens,
    words,
)
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
Kind = SyncRun.Kind


def kept(connection: Connection) -> list[object]:
    """Everything that syncs write, but for the calls that were made."""
    with scope.inside(connection.workspace_id):
        return [list(model.objects.order_by("pk").values()) for model in (Account, AccountDay, Post, PostSnapshot)]


def sizes(connection: Connection) -> list[int]:
    with scope.inside(connection.workspace_id):
        return [model.objects.count() for model in (Account, AccountDay, Post, PostSnapshot, ApiCall)]


def at_call(monkeypatch: pytest.MonkeyPatch, number: int, act: Callable[[], object], *, after: bool) -> None:
    """Do something once, just before or just after the sync's call of that number."""
    real, count = sync.Run._call, [0]

    def calling(self: sync.Run, endpoint: object, parameters: object) -> object:
        count[0] += 1
        if count[0] != number:
            return real(self, endpoint, parameters)
        if not after:
            act()
        answer = real(self, endpoint, parameters)
        if after:
            act()
        return answer

    monkeypatch.setattr(sync.Run, "_call", calling)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_disconnect_during_a_sync_stops_it_and_nothing_is_written_later(
    admin: Client, tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch, number: int, after: bool
) -> None:
    seen: list[object] = []

    def leave() -> None:
        admin.post(f"/settings/integrations/{connected.pk}/disconnect")
        seen.append((sizes(connected), data_calls(tiktok)))

    at_call(monkeypatch, number, leave, after=after)
    work_off("sync")
    ((rows, asked),) = seen
    assert sizes(connected) == rows
    assert data_calls(tiktok) <= asked + (0 if after else 1)
    assert again(connected).state == "disconnected"
    assert due("sync", connected) is None
    work_off("sync", "refresh", "revoke", "connection_lost_mail")
    assert sizes(connected) == rows


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_reconnect_during_a_sync_begins_anew_at_once(
    admin: Client, tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    seen: list[object] = []

    def connect_again() -> None:
        connect(admin, tiktok, "brassorbit3")
        seen.append(sizes(connected))

    at_call(monkeypatch, number, connect_again, after=True)
    claim = claim_of("sync")
    with scope.bound_to(connected.workspace_id):
        figures.run(claim)
    assert [sizes(connected)] == seen, "what the old consent's call brought is dropped"
    work_off("sync")
    now = again(connected)
    assert (now.state, now.generation) == ("live", 2)
    assert {step(connected, kind).state for kind in figures.PLANS} == {"done"}
    assert {step(connected, kind).generation for kind in figures.PLANS} == {2}


def test_a_run_never_goes_over_to_the_tokens_of_a_later_consent(
    admin: Client, tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token runs out in the middle, and before it is renewed the account is connected again."""
    real = refresh.refresh

    def connect_first(connection_id: object, **knowing: object) -> bool:
        monkeypatch.setattr(refresh, "refresh", real)
        connect(admin, tiktok, "brassorbit3")
        return real(connection_id, **knowing)

    claim = claim_of("sync")
    monkeypatch.setattr(refresh, "refresh", connect_first)
    spoil(tiktok, PROFILE_AND_DAYS, "code", value=40102)
    with scope.bound_to(connected.workspace_id):
        figures.run(claim)
    assert sizes(connected)[0] == 0, "the old run kept nothing"
    work_off("sync")
    assert {step(connected, kind).state for kind in figures.PLANS} == {"done"}


@pytest.mark.parametrize(
    ("kind", "more", "said", "least", "most"),
    [
        ("code", {"value": 40100}, "TikTok asks us to slow down. We go on in a few minutes.", 290, 310),
        ("retry-after", {"value": 900}, "TikTok asks us to slow down. We go on in a few minutes.", 890, 910),
        ("retry-after", {"value": 999_999_999}, "TikTok asks us to slow down. We go on in a few minutes.", 86_000, 87_000),
        ("maintenance", {}, "TikTok is under maintenance. We try again by ourselves.", 1, 20),
        ("status", {"value": 500}, "TikTok's answer was lost on its way. We try again by ourselves.", 1, 20),
        ("reset", {}, "TikTok's answer was lost on its way. We try again by ourselves.", 1, 20),
        ("timeout", {"value": 20}, "TikTok's answer was lost on its way. We try again by ourselves.", 1, 20),
        ("truncated", {}, "TikTok's answer was lost on its way. We try again by ourselves.", 1, 20),
        ("html", {}, "TikTok sent an answer that we could not read. We have kept what was there before.", 3500, 3700),
        ("code", {"value": 40002}, "We asked TikTok for something in the wrong way.", 3500, 3700),
    ],
)
def test_a_failed_step_says_so_and_when_the_next_try_is_while_the_others_run(
    tiktok: LocalTikTok,
    connected: Connection,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    more: dict[str, object],
    said: str,
    least: int,
    most: int,
) -> None:
    if kind == "timeout":
        impatient(monkeypatch, POSTS)
    spoil(tiktok, POSTS, kind, **more)
    make_due("sync", connected)
    began = clock.now()
    work_off("sync")
    posts = step(connected, Kind.POSTS)
    assert posts.state == "failed"
    assert said in posts.sentence
    assert timedelta(seconds=least) <= posts.due_at - began <= timedelta(seconds=most)
    assert due("sync", connected).due_at == min(step(connected, kind).due_at for kind in figures.PLANS)
    assert step(connected, Kind.PROFILE).state == step(connected, Kind.ACCOUNT_DAYS).state == "done"
    monkeypatch.undo()
    mend(tiktok)
    make_due("sync", connected)
    work_off("sync")
    posts = step(connected, Kind.POSTS)
    assert (posts.state, posts.sentence, posts.failure_count) == ("done", "", 0)


def test_the_pauses_grow_while_tiktok_is_down(tiktok: LocalTikTok, connected: Connection) -> None:
    spoil(tiktok, "*", "maintenance", times=None)
    counts = []
    for _ in range(4):
        make_due("sync", connected)
        work_off("sync")
        counts.append(step(connected, Kind.POSTS).failure_count)
    assert counts == [1, 2, 3, 4]
    mend(tiktok)
    make_due("sync", connected)
    work_off("sync")
    assert step(connected, Kind.POSTS).failure_count == 0


def test_a_silent_key_service_is_waited_for(tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    silence_keys(monkeypatch)
    work_off("sync")
    monkeypatch.undo()
    assert step(connected, Kind.POSTS).sentence == "The key service does not answer. We try again by ourselves."
    assert again(connected).state == "live"
    make_due("sync", connected)
    work_off("sync")
    assert step(connected, Kind.POSTS).state == "done"


def test_an_expired_access_token_is_renewed_once(tiktok: LocalTikTok, connected: Connection) -> None:
    tiktok.advance(25 * 3600)
    make_due("sync", connected)
    work_off("sync")
    assert calls(tiktok, RENEW) == 1
    assert {step(connected, kind).state for kind in figures.PLANS} == {"done"}


def test_a_token_that_tiktok_calls_expired_is_renewed_once_per_step(tiktok: LocalTikTok, connected: Connection) -> None:
    spoil(tiktok, POSTS, "code", times=None, value=40102)
    work_off("sync")
    assert calls(tiktok, RENEW) == 1
    posts = step(connected, Kind.POSTS)
    assert posts.state == "failed"
    assert "renewed" in posts.sentence
    assert posts.due_at - posts.finished_at < timedelta(minutes=1)


def test_revoked_in_tiktok_is_noticed_by_the_sync(admin: Client, tiktok: LocalTikTok, connected: Connection) -> None:
    tiktok.control("revoke", account="brassorbit3")
    work_off("sync")
    assert again(connected).state == "broken"
    assert step(connected, Kind.POSTS).state == "failed"
    assert (due("sync", connected), due("refresh", connected)) == (None, None)
    assert "Reconnect @brassorbit3" in words(admin.get("/settings/integrations"))


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_worker_that_was_thought_dead_writes_nothing(
    tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    seen: list[object] = []

    def another_takes_over() -> None:
        tiktok.advance(jobs.LEASE.total_seconds() + 1)
        claim_of("sync")
        seen.append(sizes(connected))

    at_call(monkeypatch, number, another_takes_over, after=True)
    claim = claim_of("sync")
    with scope.bound_to(connected.workspace_id):
        figures.run(claim)
    assert sizes(connected) == seen[0]
    assert due("sync", connected).claim is not None, "the other one holds it still"


def test_a_second_run_changes_nothing(tiktok: LocalTikTok, connected: Connection) -> None:
    if clock.now().minute >= 50:
        tiktok.advance(15 * 60)  # both runs in one hour, or the second takes a snapshot of its own
    make_due("sync", connected)
    work_off("sync")
    first = kept(connected)
    make_due("sync", connected)
    work_off("sync")
    moving = {
        "profile_call",
        "profile_seen_at",
        "days_seen_at",
        "posts_seen_at",
        "mentions_seen_at",
        "seen_at",
        "call_id",
        "look_at",
        "quiet_count",
    }

    live = {"views", "likes", "comments", "shares", "favorites"}  # of a post itself; its snapshot of this hour stands still

    def without_times(rows: list[list[dict[str, object]]]) -> object:
        return [
            [{k: v for k, v in row.items() if k not in moving | (live if "caption" in row else set())} for row in table] for table in rows
        ]

    assert without_times(kept(connected)) == without_times(first)
    assert all(first)


def test_a_claim_that_was_worked_off_does_nothing_more(tiktok: LocalTikTok, connected: Connection) -> None:
    (claim,) = jobs.claim_due("sync")
    with scope.bound_to(connected.workspace_id):
        figures.run(claim)
    asked, rows = data_calls(tiktok), kept(connected)
    for _ in range(3):
        with scope.bound_to(connected.workspace_id):
            figures.run(claim)
    assert data_calls(tiktok) == asked
    assert kept(connected) == rows


def test_interrupted_paging_goes_on_where_it_was(tiktok: LocalTikTok, connected: Connection) -> None:
    spoil(tiktok, POSTS, "status", skip=2, value=500)
    work_off("sync")
    posts = step(connected, Kind.POSTS)
    with scope.inside(connected.workspace_id):
        kept_so_far = Post.objects.count()
    assert posts.state == "failed"
    assert 20 < posts.done_count == kept_so_far <= 40, "two pages; TikTok leaves gaps in them where posts were removed"
    assert posts.cursor is not None
    asked = calls(tiktok, POSTS)
    make_due("sync", connected)
    work_off("sync")
    truth = tiktok.account("brassorbit3")["posts"]
    with scope.inside(connected.workspace_id):
        assert Post.objects.count() == len(truth)
    pages = -(-len(truth) // 18)
    assert calls(tiktok, POSTS) - asked <= pages - 2 + 1, "the first pages are not read again"
    assert step(connected, Kind.POSTS).done_count == len(truth)


def test_scopes_that_were_not_granted_are_skipped_and_said(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    connect(admin, tiktok, "brassorbit3", scopes=["user.info.basic", "user.info.username"])
    with scope.inside(cast.brass.pk):
        connection = Connection.objects.get()
    work_off("sync")
    assert step(connection, Kind.POSTS).sentence == "Not granted: video.list."
    assert {kind: step(connection, kind).state for kind in figures.PLANS} == {
        "profile": "done",
        "account_days": "skipped",
        "posts": "skipped",
        "older_posts": "skipped",
        "audience": "skipped",
        "mentions": "skipped",
    }
    assert calls(tiktok, POSTS) == 0


def test_a_scope_that_tiktok_takes_back_is_said_and_the_rest_goes_on(tiktok: LocalTikTok, connected: Connection) -> None:
    spoil(tiktok, POSTS, "code", value=40130)
    work_off("sync")
    posts = step(connected, Kind.POSTS)
    assert posts.state == "skipped"
    assert "Add the permission by connecting the account again" in posts.sentence
    assert step(connected, Kind.ACCOUNT_DAYS).state == "done"


def test_refresh_now_goes_ahead(admin: Client, cast: Cast, tiktok: LocalTikTok, connected: Connection) -> None:
    work_off("sync")
    assert due("sync", connected).due_at > clock.now()
    answer = admin.post(f"/settings/integrations/{connected.pk}/refresh", {"from": "performance"})
    assert answer.headers["Location"] == "/performance"
    assert due("sync", connected).priority == 0
    asked = data_calls(tiktok)
    work_off("sync")
    assert data_calls(tiktok) > asked
    for who, status in ((cast.viewer, 403), (cast.creator, 404), (cast.moon_admin, 404)):
        assert sign_in(who).post(f"/settings/integrations/{connected.pk}/refresh").status_code == status


@pytest.mark.parametrize("number", [1, 2, 3])
def test_refresh_now_while_a_sync_runs_is_not_lost(
    admin: Client, tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    work_off("sync")
    make_due("sync", connected)
    asked: list[int] = []

    def ask() -> None:
        assert admin.post(f"/settings/integrations/{connected.pk}/refresh").status_code == 302
        asked.append(data_calls(tiktok))

    at_call(monkeypatch, number, ask, after=True)
    work_off("sync")
    profile, days = step(connected, Kind.PROFILE), step(connected, Kind.ACCOUNT_DAYS)
    assert {step(connected, kind).state for kind in figures.PLANS} == {"done"}, "nobody is left waiting until the next routine run"
    assert data_calls(tiktok) > asked[0]
    assert profile.last_success_at is not None
    assert days.last_success_at is not None
    assert due("sync", connected).due_at > clock.now()


def test_refresh_now_on_a_broken_account_says_what_is_needed(admin: Client, tiktok: LocalTikTok, connected: Connection) -> None:
    tiktok.control("revoke", account="brassorbit3")
    work_off("sync")
    answer = admin.post(f"/settings/integrations/{connected.pk}/refresh", follow=True)
    assert "@brassorbit3 needs to be reconnected first." in words(answer)
    assert due("sync", connected) is None


def test_no_transaction_is_open_while_tiktok_is_asked(tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = len(database.savepoint_ids)
    depths: list[int] = []
    real = sync.Run._call

    def calling(self: sync.Run, endpoint: object, parameters: object) -> object:
        depths.append(len(database.savepoint_ids))
        return real(self, endpoint, parameters)

    monkeypatch.setattr(sync.Run, "_call", calling)
    work_off("sync")
    assert set(depths) == {outside}
    assert tokens(connected)[0]


def test_a_mistake_of_ours_is_said_and_stops_neither_the_other_steps_nor_the_next_try(
    connected: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*args: object, **kwargs: object) -> None:
        raise ValueError("nobody thought of this")

    with monkeypatch.context() as broken:
        broken.setattr("metrics.store.keep_days", stumble)
        began = clock.now()
        work_off("sync")
    days = step(connected, Kind.ACCOUNT_DAYS)
    assert (days.state, days.sentence) == (
        "failed",
        "Something went wrong on our side. It was noted, and we try again by ourselves.",
    )
    assert step(connected, Kind.POSTS).state == "done"
    assert timedelta(minutes=59) < days.due_at - began < timedelta(minutes=61)
    make_due("sync", connected)
    work_off("sync")
    assert step(connected, Kind.ACCOUNT_DAYS).state == "done"


@pytest.mark.parametrize("lost", [OperationalError, InterfaceError])
def test_a_database_that_went_away_is_nobodys_mistake_and_costs_seconds(
    connected: Connection, monkeypatch: pytest.MonkeyPatch, lost: type[Exception]
) -> None:
    def vanish(*args: object, **kwargs: object) -> None:
        raise lost("server closed the connection unexpectedly")

    with monkeypatch.context() as broken:
        broken.setattr("metrics.store.keep_days", vanish)
        began = clock.now()
        with scope.bound_to(connected.workspace_id):
            figures.run(claim_of("sync"))
    assert step(connected, Kind.ACCOUNT_DAYS).failure_count == 0
    assert due("sync", connected).due_at - began < timedelta(seconds=20)
    make_due("sync", connected)
    work_off("sync")
    assert {step(connected, kind).state for kind in figures.PLANS} == {"done"}


def test_a_long_history_is_read_in_turns(tiktok: LocalTikTok, connected: Connection) -> None:
    asked, states = [], []
    while (row := due("sync", connected)).due_at <= clock.now():
        before = data_calls(tiktok)
        with scope.bound_to(connected.workspace_id):
            figures.run(claim_of("sync"))
        asked.append(data_calls(tiktok) - before)
        assert asked[-1] <= sync.CALLS_PER_TURN
        if due("sync", connected).due_at <= clock.now():
            assert due("sync", connected).priority == jobs.Priority.BACKFILL, "after the first turn it is no longer ahead of everybody"
            posts = step(connected, Kind.POSTS)
            states.append((posts.state, posts.cursor is not None))
    assert ("running", True) in states
    assert set(states) <= {("running", True), ("done", False)}
    assert row is not None
    with scope.inside(connected.workspace_id):
        assert Post.objects.count() == len(tiktok.account("brassorbit3")["posts"])


def test_only_what_is_due_is_asked_for(tiktok: LocalTikTok, connected: Connection) -> None:
    work_off("sync")
    with scope.inside(connected.workspace_id):
        SyncRun.objects.filter(connection=connected, kind=Kind.PROFILE).update(due_at=clock.now())
    jobs.put("sync", connected.pk, workspace_id=connected.workspace_id, at=clock.now())
    asked = data_calls(tiktok)
    work_off("sync")
    assert data_calls(tiktok) == asked + 1


def test_when_our_count_says_that_the_limit_is_used_up_the_turn_ends_and_nothing_counts_as_failed(
    tiktok: LocalTikTok, connected: Connection
) -> None:
    budget().block(limits.ACCOUNTS_APP, 30)
    asked, began = data_calls(tiktok), clock.now()
    work_off("sync")
    first = step(connected, Kind.PROFILE)
    assert data_calls(tiktok) == asked
    assert (first.state, first.failure_count) == ("running", 0)
    assert "limit is used up" in first.sentence
    assert timedelta(seconds=25) < first.due_at - began < timedelta(seconds=35)
    assert due("sync", connected).priority == jobs.Priority.INTERACTIVE, "who waits goes first again"


def test_a_long_turn_does_not_go_on_with_the_plans_for_empty_tables(connected: Connection) -> None:
    def plan() -> str:
        with database.cursor() as cursor:
            cursor.execute("EXPLAIN EXECUTE one (7)")
            return "\n".join(line for (line,) in cursor.fetchall())

    claim = claim_of("sync")
    with scope.bound_to(connected.workspace_id), database.cursor() as cursor:
        cursor.execute("SET plan_cache_mode = force_generic_plan")
        cursor.execute("CREATE TEMP TABLE filling (number integer PRIMARY KEY)")
        cursor.execute("PREPARE one (integer) AS SELECT FROM filling WHERE number <= $1 LIMIT 1")
        try:
            before = plan()
            cursor.execute("INSERT INTO filling SELECT generate_series(1, 20_000)")
            assert plan() == before
            work = sync.Run(connected, claim)
            for _ in range(sync.PLANNED_ANEW_EVERY):
                with work.writing():
                    pass
            assert plan() != before
        finally:
            cursor.execute("RESET plan_cache_mode")
            cursor.execute("DEALLOCATE one")
            cursor.execute("DROP TABLE filling")
