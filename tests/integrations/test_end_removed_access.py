"""Removed in TikTok: it ends here as if somebody had pressed Disconnect, once, and never a consent that came after it."""

import random
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from agency import audit, clock, scope
from agency.models import AuditRow, Membership
from integrations import actions, emails, revocation, sync, telling
from integrations.models import Connection, Notice
from tests.integrations.connecting import connect, only_connection
from tests.integrations.deliveries import COMMENT, REMOVED, deliver, event, in_two_workspaces, kept
from tests.integrations.steering import RENEW, REVOKE, again, calls, data_calls, due, has_key, tokens, words
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
PAGE = "/settings/integrations"


@pytest.fixture
def settled(connected: Connection, tiktok: LocalTikTok) -> Connection:
    """Connected and synced, a minute ago."""
    work_off("sync")
    tiktok.advance(60)
    return connected


def told() -> list[tuple[str, str]]:
    """To whom, and about what."""
    return [(m.to[0], m.subject) for m in mail.outbox]


def ends(connection: Connection) -> list[tuple[object, dict[str, object]]]:
    """What the audit log says about ends."""
    with scope.inside(connection.workspace_id):
        rows = AuditRow.objects.filter(verb="connection.ended", subject_id__in=audit.names_of(str(connection.pk))).order_by("id")
        return [(row.person_id, row.facts) for row in rows]


def test_access_removed_in_tiktok_ends_the_connection_as_disconnecting_does(settled: Connection, tiktok: LocalTikTok) -> None:
    tiktok.control("revoke", account="brassorbit3")
    at = clock.now()
    deliver(event(settled.tiktok_open_id, at=at))
    assert work_off("event") == 1
    now = again(settled)
    assert (now.state, now.generation) == ("disconnected", settled.generation + 1)
    assert (now.access_token_sealed, now.refresh_token_sealed, now.access_expires_at, now.refresh_expires_at) == (None,) * 4
    assert (now.disconnected_by_id, now.tiktok_revoked_at) == (None, at.replace(microsecond=0))
    assert now.delete_data_on == actions.deletion_date(now.disconnected_at.date())
    assert not has_key(settled.key_ref)
    assert kept(settled)[0].state == "done"
    assert ends(settled) == [(None, {"generation": now.generation, "kind": "removed_in_tiktok", "reason": 1})]
    asked = len(tiktok.log())
    tiktok.advance(86_400)
    work_off("sync", "refresh", "revoke", "unanswered", "event")
    assert len(tiktok.log()) == asked, "neither for figures nor to revoke what is dead"
    assert [due(kind, settled) for kind in ("sync", "refresh", "revoke", "unanswered")] == [None] * 4


def test_who_connected_it_is_told_once_what_happened_until_when_and_how_to_come_back(settled: Connection, cast: Cast) -> None:
    at = clock.now()
    deliver(event(settled.tiktok_open_id, at=at))
    work_off("event", "connection_lost_mail")
    work_off("event", "connection_lost_mail")
    assert told() == [("admin@brass.example", "@brassorbit3: access was removed in TikTok")]
    now, said = again(settled), mail.outbox[0].body
    day, last = now.tiktok_revoked_at, now.delete_data_on
    assert f"Since {day:%b} {day.day}, {day.year} TikTok lets Brass Studio no longer read this account." in said
    assert f"What was collected will be deleted by {last:%B} {last.day}, {last.year}." in said
    assert f"Reconnect:\nhttp://testserver{PAGE}?workspace=brass\n" in said


def test_somebody_who_left_is_not_told_but_those_who_manage_connections_are(cast: Cast, tiktok: LocalTikTok) -> None:
    connect(sign_in(cast.creator), tiktok, "brassorbit3")
    tiktok.advance(60)
    connection = only_connection(cast.admin)
    assert connection.connected_by_id == cast.creator.person_id
    with scope.inside(cast.brass.pk):
        Membership.objects.filter(pk=cast.creator.pk).delete()
    deliver(event(connection.tiktok_open_id))
    work_off("event", "connection_lost_mail")
    assert sorted(to for to, _ in told()) == ["admin@brass.example", "manager@agency.example", "reviewer@tiktok.example"]


def test_a_creator_is_told_about_the_own_account_and_nobody_else_is(cast: Cast, tiktok: LocalTikTok) -> None:
    connect(sign_in(cast.creator), tiktok, "brassorbit3")
    tiktok.advance(60)
    deliver(event(only_connection(cast.admin).tiktok_open_id))
    work_off("event", "connection_lost_mail")
    assert [to for to, _ in told()] == ["creator@people.example"]


def test_the_pages_say_who_ended_it_and_when(admin: Client, settled: Connection) -> None:
    assert "Disconnect @brassorbit3" in words(admin.get(PAGE))
    deliver(event(settled.tiktok_open_id))
    work_off("event")
    day, last = (d.strftime(f"%B {d.day}, %Y") for d in (again(settled).tiktok_revoked_at, again(settled).delete_data_on))
    page = words(admin.get(PAGE))
    assert f"@brassorbit3 Access was removed in TikTok on {day} · Its data will be deleted by {last}" in page
    assert "Reconnect @brassorbit3" in page
    assert "Disconnect @brassorbit3" not in page
    assert "Request deletion →" in page
    said = words(admin.get(f"{PAGE}/{settled.pk}/disconnect"))
    assert "Our copy of the tokens is destroyed." in said
    assert "Access was removed in TikTok on" in said
    assert "Tokens were revoked at" not in said


def test_disconnecting_here_is_not_called_a_removal_in_tiktok(admin: Client, settled: Connection) -> None:
    admin.post(f"{PAGE}/{settled.pk}/disconnect")
    assert again(settled).tiktok_revoked_at is not None
    page = words(admin.get(PAGE)) + words(admin.get(f"{PAGE}/{settled.pk}/disconnect"))
    assert "removed in TikTok" not in page
    assert "Tokens were revoked at" in page


def test_what_our_own_disconnect_makes_tiktok_say_changes_nothing(admin: Client, settled: Connection) -> None:
    admin.post(f"{PAGE}/{settled.pk}/disconnect")
    before = again(settled)
    assert deliver(event(settled.tiktok_open_id, content='{"reason":5}')).status_code == 200
    work_off("event", "revoke", "connection_lost_mail")
    assert (vars(again(settled)) | {"_state": 0}, kept(settled), told()) == (vars(before) | {"_state": 0}, [], [])


def test_disconnecting_while_the_event_waits_ends_it_once(admin: Client, settled: Connection) -> None:
    deliver(event(settled.tiktok_open_id))
    admin.post(f"{PAGE}/{settled.pk}/disconnect")
    before = again(settled)
    work_off("event", "connection_lost_mail", "revoke")
    now = again(settled)
    assert (now.generation, now.disconnected_at) == (before.generation, before.disconnected_at)
    assert now.disconnected_by_id == settled.connected_by_id
    assert (len(ends(settled)), told()) == (1, [])
    assert kept(settled)[0].state == "done"


def test_an_event_from_before_the_present_consent_does_not_end_it(admin: Client, tiktok: LocalTikTok, settled: Connection) -> None:
    removed = event(settled.tiktok_open_id)
    tiktok.advance(3600)
    connect(admin, tiktok, "brassorbit3")
    before = again(settled)
    deliver(removed)
    work_off()
    now = again(settled)
    assert (now.state, now.generation, now.tiktok_revoked_at) == ("live", before.generation, None)
    assert (kept(settled)[0].state, ends(settled)) == ("outdated", [])
    assert [subject for _, subject in told() if "TikTok" in subject] == []
    assert calls(tiktok, RENEW) == 0
    assert tokens(settled)


@pytest.mark.parametrize("is_dead", [False, True])
def test_an_event_so_near_to_the_consent_that_clocks_decide_is_decided_by_the_tokens(
    tiktok: LocalTikTok, connected: Connection, is_dead: bool
) -> None:
    """Ours may run ahead of TikTok's: an event that seems to be older may be about this very consent."""
    work_off("sync")
    if is_dead:
        tiktok.control("revoke", account="brassorbit3")
    deliver(event(connected.tiktok_open_id, at=connected.connected_at - timedelta(minutes=4)))
    work_off("event", "refresh")
    assert again(connected).state == ("broken" if is_dead else "live")
    assert calls(tiktok, RENEW) == 1
    assert kept(connected)[0].state == "outdated"


def test_reconnecting_after_a_removal_brings_the_account_back_whole(admin: Client, tiktok: LocalTikTok, settled: Connection) -> None:
    tiktok.control("revoke", account="brassorbit3")
    removed = event(settled.tiktok_open_id)
    deliver(removed)
    work_off("event", "connection_lost_mail")
    tiktok.advance(60)
    connect(admin, tiktok, "brassorbit3")
    for _ in range(2):
        assert deliver(removed).status_code == 200
    work_off()
    now = again(settled)
    assert (now.state, now.disconnected_at, now.tiktok_revoked_at, now.delete_data_on) == ("live", None, None, None)
    assert "Access was removed" not in words(admin.get(PAGE))
    assert len(kept(settled)) == 1


def test_a_removal_that_was_already_noticed_is_told_in_one_mail(settled: Connection, tiktok: LocalTikTok) -> None:
    tiktok.control("revoke", account="brassorbit3")
    with scope.inside(settled.workspace_id):
        assert actions.mark_broken(settled, reason="Access was ended.")
    deliver(event(settled.tiktok_open_id))
    work_off("event")
    work_off("connection_lost_mail")
    assert again(settled).state == "disconnected"
    assert told() == [("admin@brass.example", "@brassorbit3: access was removed in TikTok")]


def test_a_removal_that_first_looked_like_a_loss_is_told_to_who_connected_it_alone(settled: Connection, tiktok: LocalTikTok) -> None:
    tiktok.control("revoke", account="brassorbit3")
    with scope.inside(settled.workspace_id):
        assert actions.mark_broken(settled, reason="Access was ended.")
        telling.address(settled.pk)
        assert Notice.objects.count() > 1, "everybody who can mend it is to hear"
    deliver(event(settled.tiktok_open_id))
    work_off("event", "connection_lost_mail")
    assert told() == [("admin@brass.example", "@brassorbit3: access was removed in TikTok")]
    with scope.inside(settled.workspace_id):
        assert not Notice.objects.exists()


def test_a_sync_under_way_stops_asking(settled: Connection, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch) -> None:
    ask, asked = sync.Run.ask, []

    def ask_and_be_removed(run: sync.Run, *args: object, **kwargs: object) -> object:
        answer = ask(run, *args, **kwargs)
        if not asked:
            deliver(event(settled.tiktok_open_id))
            work_off("event")
            asked.append(data_calls(tiktok))
        return answer

    monkeypatch.setattr(sync.Run, "ask", ask_and_be_removed)
    with scope.inside(settled.workspace_id):
        assert actions.ask_for_refresh(settled, by=Membership.objects.get(person_id=settled.connected_by_id))
    work_off("sync")
    assert asked == [data_calls(tiktok)], "not one call for figures after the end"
    assert again(settled).state == "disconnected"


def test_keys_go_although_the_worker_dies_before_it_destroys_them(settled: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def die(connection_id: object) -> None:
        raise Killed

    deliver(event(settled.tiktok_open_id))
    monkeypatch.setattr(revocation, "revoke_now", die)
    with pytest.raises(Killed):
        work_off("event")
    monkeypatch.undo()
    assert again(settled).state == "disconnected"
    assert has_key(settled.key_ref)
    work_off("revoke")
    assert not has_key(settled.key_ref)


@pytest.mark.parametrize(("content", "reason"), [('{"reason":4}', 4), ('{"reason":77}', None), ("{}", None), ("", None)])
def test_whatever_reason_tiktok_gives_it_ends(settled: Connection, content: str, reason: int | None) -> None:
    deliver(event(settled.tiktok_open_id, content=content))
    work_off("event")
    assert [facts["reason"] for _, facts in ends(settled)] == [reason]
    assert again(settled).state == "disconnected"


def test_a_time_that_is_ahead_of_ours_is_not_shown(settled: Connection) -> None:
    deliver(event(settled.tiktok_open_id, at=clock.now() + timedelta(days=2)))
    work_off("event")
    now = again(settled)
    assert now.was_removed_in_tiktok
    assert now.tiktok_revoked_at == now.disconnected_at


@pytest.mark.parametrize("seed", range(12))
def test_deliveries_in_any_order_and_number_end_in_the_same_state(cast: Cast, tiktok: LocalTikTok, seed: int) -> None:
    """A removal from before both consents and one after them, a comment beside; each 1 to 5 times, worked off in between by chance."""
    pair = in_two_workspaces(cast, tiktok)
    work_off("sync")
    open_id, chance = pair[0].tiktok_open_id, random.Random(seed)
    at = clock.now()
    old, new, comment = event(open_id, at=at - timedelta(hours=2)), event(open_id, at=at), event(open_id, COMMENT, at=at)
    sent = [body for body in (old, new, comment) for _ in range(chance.randint(1, 5))]
    chance.shuffle(sent)
    for body in sent:
        assert deliver(body).status_code == 200
        if chance.random() < 0.5:
            work_off("event", "revoke", "connection_lost_mail", "refresh")
    work_off("event", "revoke", "connection_lost_mail", "refresh")
    for connection in pair:
        now = again(connection)
        assert (now.state, now.generation, now.tiktok_revoked_at) == ("disconnected", 2, at.replace(microsecond=0))
        assert not has_key(connection.key_ref)
        assert len(ends(connection)) == 1
        assert {(e.name, e.happened_at): e.state for e in kept(connection)}[(REMOVED, at.replace(microsecond=0))] == "done"
        assert len({(e.name, e.happened_at) for e in kept(connection)}) == len(kept(connection))
    subject = "@brassorbit3: access was removed in TikTok"
    assert sorted(told()) == [("admin@brass.example", subject), ("admin@moon.example", subject)]
    assert calls(tiktok, REVOKE) == calls(tiktok, RENEW) == 0


def test_the_mail_is_composed_from_the_row_alone(settled: Connection) -> None:
    deliver(event(settled.tiktok_open_id))
    work_off("event")
    with scope.inside(settled.workspace_id):
        row = Connection.objects.select_related("workspace").get(pk=settled.pk)
        letter = emails.access_removed(row, to="a@b.example", name="A")
    assert letter.subject == "@brassorbit3: access was removed in TikTok"
    assert "<h1" in letter.html
