"""Sealed tokens in their rows: altered, moved or put back they stay shut, people are told once, and leaving works all the same."""

import pytest
from django.core import mail
from django.test import Client

from agency import scope
from agency.keyring import keyring
from agency.keystore.models import WrappedKey
from integrations import revocation, vault
from integrations.models import Connection, ConsentRequest
from tests.integrations.connecting import come_back, connect, only_connection, start
from tests.integrations.steering import (
    EXCHANGE,
    RENEW,
    REVOKE,
    again,
    calls,
    data_calls,
    due,
    forget_keys,
    has_key,
    make_due,
    step,
    tokens,
    words,
)
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
COLUMNS = ("access_token_sealed", "refresh_token_sealed")
SENTENCE = "We can no longer open our access to this account. Connect the account again."


def put(connection: Connection, **values: object) -> None:
    with scope.inside(connection.workspace_id):
        Connection.objects.filter(pk=connection.pk).update(**values)


def flipped(sealed: bytes, place: int) -> bytes:
    changed = bytearray(sealed)
    changed[place] ^= 1
    return bytes(changed)


def opens(connection: Connection) -> bool:
    try:
        tokens(connection)
    except vault.Unreadable as error:
        assert str(error) == SENTENCE
        return False
    return True


@pytest.mark.parametrize("column", COLUMNS)
def test_a_flipped_bit_anywhere_is_refused(connected: Connection, column: str) -> None:
    sealed = bytes(getattr(connected, column))
    for place in range(len(sealed)):
        setattr(connected, column, flipped(sealed, place))
        with pytest.raises(vault.Unreadable):
            (vault.access_token if column == COLUMNS[0] else vault.refresh_token)(connected)
    for broken in (b"", sealed[:-1], sealed + b"\x00", sealed[1:], None):
        setattr(connected, column, broken)
        with pytest.raises(vault.Unreadable):
            (vault.access_token if column == COLUMNS[0] else vault.refresh_token)(connected)


def test_swapped_columns_are_refused(connected: Connection) -> None:
    put(connected, access_token_sealed=connected.refresh_token_sealed, refresh_token_sealed=connected.access_token_sealed)
    assert not opens(connected)


def test_tokens_of_another_connection_are_refused(admin: Client, cast: Cast, tiktok: LocalTikTok, connected: Connection) -> None:
    connect(admin, tiktok, "moontideco2")
    with scope.inside(cast.brass.pk):
        other = Connection.objects.exclude(pk=connected.pk).get()
    put(connected, **{column: getattr(other, column) for column in COLUMNS})
    assert not opens(connected)
    assert opens(other)


def test_tokens_of_another_workspace_are_refused(cast: Cast, tiktok: LocalTikTok, connected: Connection) -> None:
    connect(sign_in(cast.moon_admin), tiktok, "moontideco2")
    other = only_connection(cast.moon_admin)
    put(connected, **{column: getattr(other, column) for column in COLUMNS})
    assert not opens(connected)


def test_a_row_that_claims_another_workspace_is_refused(cast: Cast, connected: Connection) -> None:
    connected.workspace_id = cast.moon.pk
    with pytest.raises(vault.Unreadable):
        vault.access_token(connected)


def test_an_old_generation_put_back_is_refused(admin: Client, tiktok: LocalTikTok, connected: Connection) -> None:
    old = {column: getattr(connected, column) for column in COLUMNS}
    connect(admin, tiktok, "brassorbit3")
    assert opens(connected)
    put(connected, **old)
    assert not opens(connected)
    put(connected, generation=connected.generation)
    assert not opens(connected), "not even with its number: the key of an ended generation is gone"


def test_a_damaged_verifier_ends_on_a_page_and_no_code_is_exchanged(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    sent = tiktok.answer_consent(start(admin), "brassorbit3")
    with scope.inside(cast.brass.pk):
        request = ConsentRequest.objects.get()
        ConsentRequest.objects.update(verifier_sealed=flipped(bytes(request.verifier_sealed), -1))
    answer = come_back(admin, sent)
    assert answer.status_code == 503
    assert "Nothing was stored" in words(answer)
    assert calls(tiktok, EXCHANGE) == 0


def test_a_verifier_of_another_consent_is_refused(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    first, second = (tiktok.answer_consent(start(admin), "brassorbit3") for _ in range(2))
    with scope.inside(cast.brass.pk):
        one, two = ConsentRequest.objects.order_by("started_at")
        ConsentRequest.objects.filter(pk=two.pk).update(verifier_sealed=one.verifier_sealed)
    assert come_back(admin, second).status_code == 503
    assert come_back(admin, first).status_code == 302


def check_broken(admin: Client, connection: Connection) -> None:
    """A person understands it and can mend it; nothing goes on by itself."""
    now = again(connection)
    assert (now.state, now.broken_reason) == ("broken", SENTENCE)
    assert (due("sync", connection), due("refresh", connection)) == (None, None)
    work_off("connection_lost_mail")
    told = [m.to[0] for m in mail.outbox]
    assert "admin@brass.example" in told
    assert len(told) == len(set(told)), "told once"
    assert "Reconnect @brassorbit3" in words(admin.get("/settings/integrations"))
    work_off()
    assert len(mail.outbox) == len(told)


@pytest.mark.parametrize("harm", ["flipped", "key destroyed"])
def test_a_sync_that_cannot_open_the_token_breaks_the_connection_and_says_so(
    admin: Client, tiktok: LocalTikTok, connected: Connection, harm: str
) -> None:
    if harm == "flipped":
        put(connected, access_token_sealed=flipped(bytes(connected.access_token_sealed), 70))
    else:
        vault.destroy_key(connected.key_ref)
    asked = data_calls(tiktok)
    work_off("sync")
    assert data_calls(tiktok) == asked
    assert step(connected, "posts").state == "failed"
    assert step(connected, "posts").sentence == SENTENCE
    check_broken(admin, connected)


def test_a_renewal_that_cannot_open_the_token_breaks_the_connection_and_says_so(
    admin: Client, tiktok: LocalTikTok, connected: Connection
) -> None:
    put(connected, refresh_token_sealed=flipped(bytes(connected.refresh_token_sealed), 70))
    make_due("refresh", connected)
    work_off("refresh")
    assert calls(tiktok, RENEW) == 0
    check_broken(admin, connected)


@pytest.mark.parametrize("harm", ["flipped", "key destroyed"])
def test_leaving_works_with_tokens_that_do_not_open(admin: Client, tiktok: LocalTikTok, connected: Connection, harm: str) -> None:
    if harm == "flipped":
        put(connected, access_token_sealed=flipped(bytes(connected.access_token_sealed), 3))
    else:
        vault.destroy_key(connected.key_ref)
    answer = admin.post(f"/settings/integrations/{connected.pk}/disconnect", follow=True)
    assert "Our copy of the tokens is destroyed. TikTok did not confirm" in words(answer)
    assert again(connected).state == "disconnected"
    assert calls(tiktok, REVOKE) == 0
    work_off("revoke")
    assert due("revoke", connected) is None
    assert not WrappedKey.objects.filter(ref__startswith="connection:").exists()
    assert not WrappedKey.objects.filter(ref__startswith="revocation:").exists()


def test_a_reconnect_mends_what_cannot_be_opened(admin: Client, tiktok: LocalTikTok, connected: Connection) -> None:
    vault.destroy_key(connected.key_ref)
    work_off("sync")
    address = admin.post(f"/settings/integrations/{connected.pk}/reconnect").headers["Location"]
    assert come_back(admin, tiktok.answer_consent(address, "brassorbit3")).status_code == 302
    work_off("sync")
    assert again(connected).state == "live"
    assert step(connected, "posts").state == "done"


def test_a_reconnect_opens_in_processes_that_still_remember_the_old_key(
    admin: Client, tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker has the old key in memory; the web process ends the connection and makes a new one."""
    ring = keyring()
    tokens(connected)
    workers_memory = ring._cache.copy()
    admin.post(f"/settings/integrations/{connected.pk}/disconnect")
    connect(admin, tiktok, "brassorbit3")
    monkeypatch.setattr(ring, "_cache", workers_memory)
    work_off("sync")
    assert again(connected).state == "live"
    assert step(connected, "posts").state == "done"


def test_a_late_revocation_does_not_touch_the_new_key(
    admin: Client, tiktok: LocalTikTok, connected: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin.post(f"/settings/integrations/{connected.pk}/disconnect")
    connect(admin, tiktok, "brassorbit3")
    with scope.bound_to(connected.workspace_id):
        assert revocation.revoke_now(connected.pk)
    forget_keys(monkeypatch)
    assert opens(connected)
    assert has_key(again(connected).key_ref)
