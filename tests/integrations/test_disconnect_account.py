"""Leaving: one click ends it here, whatever TikTok does; what remains to be revoked there lives a day at most."""

import pytest
from django.test import Client

from agency import scope
from agency.keystore.models import WrappedKey
from integrations import actions, gateway
from integrations.models import Connection, PendingRevocation
from metrics.models import Post
from tests.integrations.connecting import come_back, connect, only_connection
from tests.integrations.steering import (
    RENEW,
    REVOKE,
    again,
    calls,
    data_calls,
    due,
    has_key,
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
KEPT_ASKING = "TikTok did not answer; we keep asking it to revoke until it does."


def leave(client: Client, connection: Connection) -> str:
    """One POST; what the page says."""
    address = f"/settings/integrations/{connection.pk}/disconnect"
    answer = client.post(address)
    assert (answer.status_code, answer.headers["Location"]) == (302, address)
    page = client.get(address)
    assert page.status_code == 200
    return words(page)


def pending(connection: Connection) -> PendingRevocation | None:
    with scope.inside(connection.workspace_id):
        return PendingRevocation.objects.filter(connection=connection).first()


def keys_left() -> list[str]:
    return sorted(ref for ref in WrappedKey.objects.values_list("ref", flat=True) if ref.startswith(("connection:", "revocation:")))


def is_dead(tiktok: LocalTikTok, token: str, open_id: str) -> bool:
    """What TikTok itself says to an access token."""
    answer = tiktok.http.get(
        "/open_api/v1.3/business/get/", params={"business_id": open_id, "fields": '["display_name"]'}, headers={"Access-Token": token}
    )
    return answer.json()["code"] == 40105


def test_one_click_ends_it_everywhere(admin: Client, tiktok: LocalTikTok, connected: Connection) -> None:
    work_off("sync")
    token = tokens(connected)[0]
    assert not is_dead(tiktok, token, connected.tiktok_open_id)
    said = leave(admin, connected)
    assert "Disconnected @brassorbit3. Tokens were revoked at" in said
    assert "Its data will be deleted by" in said
    assert is_dead(tiktok, token, connected.tiktok_open_id)
    now = again(connected)
    assert (now.state, now.generation) == ("disconnected", connected.generation + 1)
    assert (now.access_token_sealed, now.refresh_token_sealed, now.access_expires_at, now.refresh_expires_at) == (None,) * 4
    assert (now.delete_data_on - now.disconnected_at.date()).days == 90
    assert now.tiktok_revoked_at is not None
    assert now.disconnected_by_id == connected.connected_by_id
    assert keys_left() == []
    asked = data_calls(tiktok)
    work_off("sync", "refresh", "revoke", "connection_lost_mail")
    assert data_calls(tiktok) == asked
    assert [due(kind, connected) for kind in ("sync", "refresh", "revoke")] == [None] * 3


def test_clicking_twice_changes_nothing_more(admin: Client, tiktok: LocalTikTok, connected: Connection) -> None:
    leave(admin, connected)
    first = again(connected)
    assert "Tokens were revoked at" in leave(admin, connected)
    now = again(connected)
    assert (now.generation, now.disconnected_at) == (first.generation, first.disconnected_at)
    assert calls(tiktok, REVOKE) == 1


def test_looking_at_the_page_ends_nothing(admin: Client, tiktok: LocalTikTok, connected: Connection) -> None:
    answer = admin.get(f"/settings/integrations/{connected.pk}/disconnect")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/settings/integrations")
    assert again(connected).state == "live"


def test_nobody_else_can_end_it(cast: Cast, tiktok: LocalTikTok, connected: Connection) -> None:
    address = f"/settings/integrations/{connected.pk}/disconnect"
    expected = {cast.viewer: 403, cast.creator: 404, cast.moon_admin: 404, cast.newcomer: 403}
    assert {who: sign_in(who).post(address).status_code for who in expected} == expected
    assert Client().post(address).status_code in {302, 403}
    assert again(connected).state == "live"


@pytest.mark.parametrize(
    ("kind", "more"), [("timeout", {"value": 30}), ("drip", {"value": 5}), ("status", {"value": 500}), ("html", {}), ("reset", {})]
)
def test_the_page_comes_although_tiktok_does_not_answer(
    admin: Client, tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch, kind: str, more: dict[str, object]
) -> None:
    """The usual deadline would be an hour: that the page comes at all shows that its own patience counted."""
    monkeypatch.setattr(gateway.transport(), "total_deadline_seconds", 3600)
    monkeypatch.setattr("integrations.views.DISCONNECT_PATIENCE_SECONDS", 0.2)
    spoil(tiktok, REVOKE, kind, times=None, **more)
    assert KEPT_ASKING in leave(admin, connected)
    now = again(connected)
    assert (now.state, now.access_token_sealed, now.tiktok_revoked_at) == ("disconnected", None, None)
    waiting = pending(connected)
    assert keys_left() == [waiting.key_ref]
    assert bytes(waiting.token_sealed) not in {bytes(connected.access_token_sealed), bytes(connected.refresh_token_sealed)}


def test_the_job_goes_on_asking_until_tiktok_confirms(admin: Client, tiktok: LocalTikTok, connected: Connection) -> None:
    token = tokens(connected)[0]
    spoil(tiktok, REVOKE, "maintenance", times=None)
    leave(admin, connected)
    pauses = []
    for _ in range(4):
        make_due("revoke", connected)
        assert work_off("revoke") == 1
        row = due("revoke", connected)
        pauses.append(row.attempt_count)
    assert pauses == [1, 2, 3, 4], "it counts, so that the pauses grow"
    assert pending(connected) is not None
    mend(tiktok)
    make_due("revoke", connected)
    work_off("revoke")
    assert is_dead(tiktok, token, connected.tiktok_open_id)
    assert again(connected).tiktok_revoked_at is not None
    assert (pending(connected), keys_left(), due("revoke", connected)) == (None, [], None)
    assert "Tokens were revoked at" in words(admin.get(f"/settings/integrations/{connected.pk}/disconnect"))


def test_after_a_day_it_gives_up_and_destroys_what_it_held(admin: Client, tiktok: LocalTikTok, connected: Connection) -> None:
    spoil(tiktok, REVOKE, "maintenance", times=None)
    spoil(tiktok, RENEW, "maintenance", times=None)
    leave(admin, connected)
    tiktok.advance(24 * 3600 - 60)
    make_due("revoke", connected)
    work_off("revoke")
    assert pending(connected) is not None
    tiktok.advance(120)
    make_due("revoke", connected)
    work_off("revoke")
    assert (pending(connected), keys_left(), due("revoke", connected)) == (None, [], None)
    assert again(connected).tiktok_revoked_at is None
    said = words(admin.get(f"/settings/integrations/{connected.pk}/disconnect", follow=True))
    assert "TikTok did not confirm that it revoked them" in said
    assert "Tokens were revoked" not in said


def test_an_access_token_that_ran_out_is_renewed_for_the_last_call(admin: Client, tiktok: LocalTikTok, connected: Connection) -> None:
    tiktok.advance(25 * 3600)
    assert "Tokens were revoked at" in leave(admin, connected)
    assert (calls(tiktok, RENEW), calls(tiktok, REVOKE)) == (1, 1)
    assert tiktok.control("revoke", account="brassorbit3")["revoked"] == 0, "nothing is left at TikTok"


def test_tokens_renewed_for_the_last_call_are_kept_until_it_succeeds(admin: Client, tiktok: LocalTikTok, connected: Connection) -> None:
    tiktok.advance(25 * 3600)
    spoil(tiktok, REVOKE, "maintenance", times=2)
    assert KEPT_ASKING in leave(admin, connected)
    for _ in range(2):
        make_due("revoke", connected)
        work_off("revoke")
    assert calls(tiktok, RENEW) == 1
    assert tiktok.control("revoke", account="brassorbit3")["revoked"] == 0, "TikTok revoked it, and not only we believe so"
    assert again(connected).tiktok_revoked_at is not None


def test_an_account_that_another_workspace_holds_stays_with_it(cast: Cast, tiktok: LocalTikTok, connected: Connection) -> None:
    moon = sign_in(cast.moon_admin)
    moon.post(connect(moon, tiktok, "brassorbit3").headers["Location"])
    theirs = only_connection(cast.moon_admin)
    said = leave(sign_in(cast.admin), connected)
    assert "Tokens were revoked at" in said
    assert "Moontide" not in said
    work_off("revoke", "sync")
    assert calls(tiktok, REVOKE) == 0
    assert keys_left() == [theirs.key_ref]
    assert step(theirs, "posts").state == "done"
    leave(moon, theirs)
    assert calls(tiktok, REVOKE) == 1


def test_a_connection_that_broke_elsewhere_does_not_keep_the_account_open_at_tiktok(
    cast: Cast, tiktok: LocalTikTok, connected: Connection
) -> None:
    """It has nothing left to lose, and whoever leaves is not to be held by it. Mended, it counts again."""
    moon = sign_in(cast.moon_admin)
    moon.post(connect(moon, tiktok, "brassorbit3").headers["Location"])
    theirs = only_connection(cast.moon_admin)
    with scope.inside(theirs.workspace_id):
        assert actions.mark_broken(theirs, reason="Access was ended.")
    leave(sign_in(cast.admin), connected)
    assert calls(tiktok, REVOKE) == 1
    connect(moon, tiktok, "brassorbit3")
    connect(sign_in(cast.admin), tiktok, "brassorbit3")
    leave(sign_in(cast.admin), again(connected))
    assert (calls(tiktok, REVOKE), again(theirs).state) == (1, "live")


def test_a_revocation_that_still_waits_spares_a_workspace_that_connected_meanwhile(
    cast: Cast, tiktok: LocalTikTok, connected: Connection
) -> None:
    spoil(tiktok, REVOKE, "maintenance")
    leave(sign_in(cast.admin), connected)
    connect(sign_in(cast.moon_admin), tiktok, "brassorbit3")
    theirs = only_connection(cast.moon_admin)
    make_due("revoke", connected)
    work_off("revoke", "sync")
    assert calls(tiktok, REVOKE) == 1
    assert keys_left() == [theirs.key_ref]
    assert step(theirs, "posts").state == "done"


def test_reconnecting_brings_the_history_back(admin: Client, cast: Cast, tiktok: LocalTikTok, connected: Connection) -> None:
    work_off("sync")
    with scope.inside(cast.brass.pk):
        had = set(Post.objects.values_list("pk", flat=True))
    leave(admin, connected)
    page = words(admin.get("/settings/integrations"))
    assert "Reconnect @brassorbit3" in page
    address = admin.post(f"/settings/integrations/{connected.pk}/reconnect").headers["Location"]
    assert come_back(admin, tiktok.answer_consent(address, "brassorbit3")).headers["Location"] == "/performance?connected=brassorbit3"
    work_off("sync", "revoke", "refresh")
    now = again(connected)
    assert (now.state, now.generation, now.delete_data_on, now.disconnected_at, now.tiktok_revoked_at) == ("live", 3, None, None, None)
    with scope.inside(cast.brass.pk):
        assert had <= set(Post.objects.values_list("pk", flat=True))
    assert step(connected, "posts").state == "done"


def test_a_reconnect_drops_what_was_still_to_be_revoked(admin: Client, tiktok: LocalTikTok, connected: Connection) -> None:
    """To TikTok both consents are one: the late call would end the new one."""
    spoil(tiktok, REVOKE, "maintenance")
    leave(admin, connected)
    assert pending(connected) is not None
    connect(admin, tiktok, "brassorbit3")
    assert (pending(connected), due("revoke", connected)) == (None, None)
    assert keys_left() == [again(connected).key_ref]
    work_off("revoke", "sync")
    assert step(connected, "posts").state == "done"


def test_leaving_works_while_the_key_service_is_silent(
    admin: Client, tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    silence_keys(monkeypatch)
    assert "Our copy of the tokens is destroyed. TikTok did not confirm" in leave(admin, connected)
    assert again(connected).access_token_sealed is None
    assert keys_left() == []


def test_a_key_service_that_is_silent_later_is_waited_for(
    admin: Client, tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(tiktok, REVOKE, "maintenance")
    leave(admin, connected)
    make_due("revoke", connected)
    silence_keys(monkeypatch)
    work_off("revoke")
    monkeypatch.undo()
    assert pending(connected) is not None
    make_due("revoke", connected)
    work_off("revoke")
    assert again(connected).tiktok_revoked_at is not None


def test_a_pending_revocation_that_does_not_open_is_given_up(admin: Client, tiktok: LocalTikTok, connected: Connection) -> None:
    spoil(tiktok, REVOKE, "maintenance")
    leave(admin, connected)
    with scope.inside(connected.workspace_id):
        PendingRevocation.objects.update(token_sealed=b"\x01" * 200)
    make_due("revoke", connected)
    work_off("revoke")
    assert (pending(connected), keys_left(), due("revoke", connected)) == (None, [], None)
    assert again(connected).tiktok_revoked_at is None


@pytest.fixture
def question(cast: Cast, tiktok: LocalTikTok, connected: Connection) -> Connection:
    """Moontide's admin is asked whether Brass Studio's account is the one they meant."""
    connect(sign_in(cast.moon_admin), tiktok, "brassorbit3")
    return only_connection(cast.moon_admin)


def test_refusing_an_account_gives_its_tokens_back_and_leaves_no_trace_on_pages(
    cast: Cast, tiktok: LocalTikTok, connected: Connection, question: Connection
) -> None:
    moon = sign_in(cast.moon_admin)
    refuse = f"/settings/integrations/{question.pk}/disconnect"
    assert refuse in moon.get(f"/settings/integrations/{question.pk}/choose").content.decode()
    leave(moon, question)
    assert (again(question).state, again(question).access_token_sealed) == ("disconnected", None)
    assert not has_key(question.key_ref)
    assert "brassorbit3" not in words(moon.get("/settings/integrations"))
    assert again(connected).state == "live"
    assert calls(tiktok, REVOKE) == 0, "the account is another workspace's too"


def test_a_question_that_nobody_answers_ends_after_ten_minutes(cast: Cast, tiktok: LocalTikTok, question: Connection) -> None:
    tiktok.advance(590)
    work_off("unanswered")
    assert again(question).state == "asked"
    tiktok.advance(20)
    work_off("unanswered")
    now = again(question)
    assert (now.state, now.access_token_sealed, now.refresh_token_sealed, now.disconnected_by_id) == ("disconnected", None, None, None)
    assert not has_key(question.key_ref)
    assert due("unanswered", question) is None
    moon = sign_in(cast.moon_admin)
    late = words(moon.post(f"/settings/integrations/{question.pk}/choose", follow=True))
    assert "was not attached in time" in late
    assert again(question).state == "disconnected"
    assert connect(moon, tiktok, "brassorbit3").headers["Location"].endswith("/choose"), "asked anew, for it was never attached"


def test_a_question_that_was_answered_does_not_end(cast: Cast, tiktok: LocalTikTok, question: Connection) -> None:
    sign_in(cast.moon_admin).post(f"/settings/integrations/{question.pk}/choose")
    tiktok.advance(700)
    work_off("unanswered")
    assert again(question).state == "live"


def test_an_unanswered_account_that_nobody_else_holds_is_revoked_at_tiktok(
    admin: Client, cast: Cast, tiktok: LocalTikTok, connected: Connection
) -> None:
    address = admin.post(f"/settings/integrations/{connected.pk}/reconnect").headers["Location"]
    come_back(admin, tiktok.answer_consent(address, "moontideco2"))
    with scope.inside(cast.brass.pk):
        asked = Connection.objects.get(state="asked")
    token = tokens(asked)[0]
    tiktok.advance(601)
    work_off("unanswered")
    assert is_dead(tiktok, token, asked.tiktok_open_id)
    assert again(asked).tiktok_revoked_at is not None
    assert again(connected).state == "live"
