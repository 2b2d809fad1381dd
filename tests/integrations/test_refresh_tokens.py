"""Renewing tokens: once, on time, and without losing one when an answer, a worker or a disk fails."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.test import Client

from agency import clock, jobs, scope
from integrations import actions, refresh, tasks, vault
from integrations.models import Connection
from integrations.tiktok import oauth
from integrations.tiktok.errors import AnswerLost, ReconnectNeeded
from integrations.vault import SealedGrant
from metrics.models import AccountDay, Post
from tests.integrations.connecting import come_back, connect
from tests.integrations.steering import (
    RENEW,
    again,
    calls,
    due,
    has_key,
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
from tests.people import Cast, member
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


class Killed(BaseException):
    """The worker dies here."""


@pytest.fixture(autouse=True)
def empty_journal(settings: object) -> None:
    shutil.rmtree(settings.TOKEN_JOURNAL, ignore_errors=True)


def journal(settings: object) -> list[Path]:
    folder = Path(settings.TOKEN_JOURNAL)
    return sorted(folder.iterdir()) if folder.exists() else []


def renew(connection: Connection) -> bool:
    with scope.bound_to(connection.workspace_id):
        return refresh.refresh(connection.pk)


def lives(connection: Connection, tiktok: LocalTikTok) -> None:
    """The tokens in the row are those that TikTok takes: the next renewal goes well, and so does a sync."""
    assert renew(connection)
    work_off("sync")
    assert again(connection).state == "live"


def test_a_due_renewal_rotates_once_and_plans_the_next(tiktok: LocalTikTok, connected: Connection, settings: object) -> None:
    before, planned = tokens(connected), due("refresh", connected).due_at
    assert work_off("refresh") == 0, "not before it is due"
    tiktok.advance((planned - connected.connected_at).total_seconds() + 1)
    assert work_off("refresh") == 1
    now = again(connected)
    assert calls(tiktok, RENEW) == 1
    assert set(tokens(now)).isdisjoint(before)
    assert (now.refresh_state, now.refresh_started_at, now.generation) == ("idle", None, connected.generation)
    assert work_off("refresh") == 0
    life = now.access_expires_at - now.token_refreshed_at
    assert 0.5 <= (due("refresh", now).due_at - now.token_refreshed_at) / life <= 0.75
    assert journal(settings) == []
    lives(connected, tiktok)


@pytest.mark.parametrize("days", [0.1, 1, 30, 365])
def test_renewals_are_planned_in_the_second_half_of_life_and_at_least_daily(connected: Connection, days: float) -> None:
    connected.access_expires_at = connected.token_refreshed_at + timedelta(days=days)
    pause = actions.refresh_time(connected) - connected.token_refreshed_at
    assert pause <= timedelta(hours=20)
    assert pause == timedelta(hours=20) or 0.5 <= pause / timedelta(days=days) <= 0.75


def test_a_message_that_comes_twice_renews_once(tiktok: LocalTikTok, connected: Connection) -> None:
    make_due("refresh", connected)
    (claim,) = jobs.claim_due("refresh")
    for _ in range(3):
        tasks.refresh_one(**claim.message())
    assert calls(tiktok, RENEW) == 1


def test_a_worker_keeps_away_while_another_is_at_it(tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    real = vault.refresh_token

    def meanwhile(connection: Connection) -> object:
        monkeypatch.setattr(vault, "refresh_token", real)
        seen.append(renew(connection))
        make_due("refresh", connection)
        work_off("refresh")
        return real(connection)

    monkeypatch.setattr(vault, "refresh_token", meanwhile)
    assert renew(connected)
    assert seen == [False]
    assert calls(tiktok, RENEW) == 1
    assert again(connected).state == "live"


def test_a_worker_whose_look_is_older_than_a_whole_renewal_claims_nothing(
    tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its look and its claim another one has begun and ended: the row is idle again, and the token it read is dead."""
    real, seen = clock.now, []

    def meanwhile() -> object:
        monkeypatch.setattr(clock, "now", real)
        seen.append(renew(connected))
        return real()

    monkeypatch.setattr(clock, "now", meanwhile)
    with scope.bound_to(connected.workspace_id):
        assert not refresh.refresh(connected.pk)
    assert seen == [True]
    assert calls(tiktok, RENEW) == 1
    lives(again(connected), tiktok)


def test_a_lost_answer_leaves_the_old_access_token_in_use_and_is_named_when_the_next_renewal_fails(
    admin: Client, cast: Cast, tiktok: LocalTikTok, connected: Connection
) -> None:
    member(cast.brass, "other-creator@people.example", cast.creator.as_role)
    spoil(tiktok, RENEW, "lost-answer")
    make_due("refresh", connected)
    work_off("refresh")
    now = again(connected)
    assert (now.state, now.refresh_state) == ("live", "ambiguous")
    assert due("refresh", connected).due_at > connected.connected_at
    work_off("sync")
    assert step(connected, "posts").state == "done", "lives on the old access token"
    make_due("refresh", connected)
    work_off("refresh")
    now = again(connected)
    assert (now.state, now.broken_reason) == ("broken", "The answer to the last renewal was lost on its way.")
    for _ in range(2):
        work_off("sync", "refresh", "connection_lost_mail")
    told = sorted(m.to[0] for m in mail.outbox)
    assert told == ["admin@brass.example", "manager@agency.example", "reviewer@tiktok.example"], "once, and no creator of another account"
    assert "The answer to the last renewal was lost" in mail.outbox[0].body
    assert "Reconnect @brassorbit3" in words(admin.get("/settings/integrations"))


def test_a_second_failure_does_not_make_an_ambiguous_renewal_look_clean(tiktok: LocalTikTok, connected: Connection) -> None:
    spoil(tiktok, RENEW, "lost-answer")
    with pytest.raises(AnswerLost):
        renew(connected)
    spoil(tiktok, RENEW, "code", value=40100)
    make_due("refresh", connected)
    work_off("refresh")
    assert again(connected).refresh_state == "ambiguous"
    tiktok.forget_counts()  # the silence that TikTok asked for is over
    with pytest.raises(ReconnectNeeded):
        renew(connected)
    assert again(connected).broken_reason == "The answer to the last renewal was lost on its way."


@pytest.mark.parametrize(
    ("kind", "more", "state"),
    [
        ("code", {"value": 40100}, "idle"),
        ("code", {"value": 40101}, "idle"),
        ("maintenance", {}, "idle"),
        ("status", {"value": 500}, "ambiguous"),
        ("reset", {}, "ambiguous"),
        ("html", {}, "ambiguous"),
        ("truncated", {}, "ambiguous"),
        ("timeout", {"value": 20}, "ambiguous"),
    ],
)
def test_a_failed_renewal_breaks_nothing_and_is_tried_again(
    tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch, kind: str, more: dict[str, object], state: str
) -> None:
    if kind == "timeout":
        impatient(monkeypatch, RENEW)
    spoil(tiktok, RENEW, kind, **more)
    make_due("refresh", connected)
    work_off("refresh")
    assert (again(connected).state, again(connected).refresh_state) == ("live", state)
    assert due("refresh", connected).claim is None
    monkeypatch.undo()
    mend(tiktok)
    work_off("sync")
    assert step(connected, "posts").state == "done"
    if kind not in {"truncated"}:  # that one rotated before its answer was cut
        lives(connected, tiktok)


def test_a_silent_key_service_stops_before_tiktok_is_asked(
    tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_due("refresh", connected)
    silence_keys(monkeypatch)
    work_off("refresh")
    monkeypatch.undo()
    assert calls(tiktok, RENEW) == 0
    assert (again(connected).state, again(connected).refresh_state) == ("live", "idle")
    lives(connected, tiktok)


def test_a_key_service_that_falls_silent_during_the_call_loses_nothing(
    tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = oauth.refresh_grant

    def answer_and_silence(*args: object, **kwargs: object) -> object:
        answer = real(*args, **kwargs)
        silence_keys(monkeypatch)
        return answer

    monkeypatch.setattr(oauth, "refresh_grant", answer_and_silence)
    assert renew(connected)
    monkeypatch.undo()
    lives(connected, tiktok)


def test_a_full_disk_loses_nothing(tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, sealed: SealedGrant) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(refresh, "_write_down", full)
    assert renew(connected)
    monkeypatch.undo()
    lives(connected, tiktok)


def kill_at(monkeypatch: pytest.MonkeyPatch, place: object, name: str, *, after: bool) -> None:
    real = getattr(place, name)

    def die(*args: object, **kwargs: object) -> None:
        if after:
            real(*args, **kwargs)
        raise Killed

    monkeypatch.setattr(place, name, die)


@pytest.mark.parametrize(
    ("name", "after", "is_lost"),
    [
        ("vault.sealer", False, False),  # claimed, not called
        ("oauth.refresh_grant", False, False),  # about to call
        ("oauth.refresh_grant", True, True),  # called, the answer died with the worker
        ("_write_down", False, True),  # answered, not yet written down
        ("_write_down", True, False),  # written down
        ("_save", False, False),
        ("_save", True, False),  # saved, the entry still lies there
    ],
)
def test_a_worker_that_dies_loses_no_token_that_was_written_down(
    tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch, settings: object, name: str, after: bool, is_lost: bool
) -> None:
    make_due("refresh", connected)
    before = tokens(connected)
    place = refresh
    for part in name.split(".")[:-1]:
        place = getattr(place, part)
    kill_at(monkeypatch, place, name.rsplit(".", maxsplit=1)[-1], after=after)
    with pytest.raises(Killed):
        work_off("refresh")
    monkeypatch.undo()
    assert work_off("refresh") == 0, "its lease still runs"
    assert tokens(connected)[0].startswith("act.")
    tiktok.advance(2 * refresh.stale_after().total_seconds())
    work_off("refresh")
    now = again(connected)
    if is_lost:
        assert (now.state, now.broken_reason) == ("broken", "The answer to the last renewal was lost on its way.")
        return
    assert (now.state, now.refresh_state) == ("live", "idle")
    assert set(tokens(now)).isdisjoint(before)
    assert all(not path.name.endswith(".json") for path in journal(settings)) or name == "_save"
    lives(connected, tiktok)
    assert journal(settings) == []


def test_an_entry_that_was_saved_already_is_not_taken_for_the_answer_to_a_later_call(
    tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_at(monkeypatch, refresh, "_save", after=True)
    with pytest.raises(Killed):
        renew(connected)
    monkeypatch.undo()
    tiktok.advance(60)
    kill_at(monkeypatch, refresh.oauth, "refresh_grant", after=True)
    with pytest.raises(Killed):
        renew(connected)
    monkeypatch.undo()
    tiktok.advance(120)
    with pytest.raises(ReconnectNeeded):
        renew(connected)
    assert again(connected).broken_reason == "The answer to the last renewal was lost on its way."


def test_nothing_readable_lies_in_the_journal(
    tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch, settings: object
) -> None:
    kill_at(monkeypatch, refresh, "_save", after=True)
    with pytest.raises(Killed):
        renew(connected)
    (path,) = journal(settings)
    text = path.read_bytes()
    for token in tokens(connected):
        assert token.encode() not in text
        assert token.encode().hex().encode() not in text
    assert path.stat().st_mode & 0o077 == 0


def test_revoked_in_tiktok_breaks_it_and_a_reconnect_keeps_the_history(
    admin: Client, cast: Cast, tiktok: LocalTikTok, connected: Connection
) -> None:
    work_off("sync")
    with scope.inside(cast.brass.pk):
        had = Post.objects.count(), AccountDay.objects.count()
    assert all(had)
    tiktok.control("revoke", account="brassorbit3")
    make_due("refresh", connected)
    work_off("refresh", "connection_lost_mail")
    now = again(connected)
    assert now.state == "broken"
    assert now.broken_reason == "TikTok no longer accepts this connection. Connect the account again."
    assert [m.to[0] for m in mail.outbox].count("admin@brass.example") == 1
    assert "Reconnect" in words(admin.get("/settings/integrations"))
    assert "needs to be reconnected" in words(admin.get("/performance"))
    address = admin.post(f"/settings/integrations/{connected.pk}/reconnect").headers["Location"]
    assert come_back(admin, tiktok.answer_consent(address, "brassorbit3")).headers["Location"] == "/performance?connected=brassorbit3"
    with scope.inside(cast.brass.pk):
        assert (Post.objects.count(), AccountDay.objects.count()) == had
    work_off("sync", "refresh", "connection_lost_mail")
    assert again(connected).state == "live"
    assert again(connected).broken_reason == ""
    assert len(mail.outbox) == len({m.to[0] for m in mail.outbox})
    lives(connected, tiktok)


@pytest.mark.parametrize("event", ["disconnect", "reconnect"])
def test_tokens_that_arrive_after_the_connection_has_changed_are_dropped(
    admin: Client, tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch, settings: object, event: str
) -> None:
    real = oauth.refresh_grant
    late: list[str] = []

    def change_meanwhile(*args: object, **kwargs: object) -> object:
        monkeypatch.setattr(oauth, "refresh_grant", real)
        answer = real(*args, **kwargs)
        late.append(answer.value.access_token.reveal())
        if event == "disconnect":
            admin.post(f"/settings/integrations/{connected.pk}/disconnect")
        else:
            connect(admin, tiktok, "brassorbit3")
        return answer

    monkeypatch.setattr(oauth, "refresh_grant", change_meanwhile)
    make_due("refresh", connected)
    work_off("refresh")
    now = again(connected)
    assert len(late) == 1
    assert journal(settings) == []
    assert not has_key(connected.key_ref), "the key of the ended generation does not come back"
    if event == "disconnect":
        assert (now.state, now.access_token_sealed, now.refresh_token_sealed) == ("disconnected", None, None)
        assert due("refresh", connected) is None
    else:
        assert (now.state, now.generation, now.refresh_state) == ("live", 2, "idle")
        assert tokens(now)[0] != late[0]
        lives(connected, tiktok)


def test_a_refusal_that_arrives_after_a_reconnect_breaks_nothing(
    admin: Client, tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_late(*args: object, **kwargs: object) -> None:
        monkeypatch.undo()
        connect(admin, tiktok, "brassorbit3")
        raise ReconnectNeeded

    monkeypatch.setattr(oauth, "refresh_grant", refuse_late)
    make_due("refresh", connected)
    work_off("refresh")
    assert again(connected).state == "live"
    assert due("refresh", connected) is not None
    lives(connected, tiktok)
