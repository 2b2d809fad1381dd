"""Ad accounts: the way to TikTok and back, the choice, what each workspace holds, and every way in which it ends."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail
from django.test import Client

from agency import address_book, scope
from agency.models import AuditRow, DueWork, Membership
from agency.roles import Role
from integrations import ad_consent, vault
from integrations.models import AdAccount, ApiCall, Connection, ConsentRequest, PendingRevocation, SyncRun
from integrations.tiktok.errors import NotGranted
from metrics.models import AdDay
from tests.integrations.advertising import CONNECT, advertiser, choose, consent_ads, link, offered, start_ads, sync_ads
from tests.integrations.connecting import come_back, connect
from tests.integrations.steering import calls, has_key, mend, silence_keys, spoil, words
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, member, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
PAGE = "/settings/integrations"
EUROPE, JAPAN = "Moontide Europe", "Moontide Japan 東京"
State = AdAccount.State


def states(who: Membership) -> dict[str, str]:
    return {name: row.state for name, row in offered(who).items()}


def data_calls(tiktok: LocalTikTok) -> int:
    return sum(calls(tiktok, path) for path in ("/report/integrated/get/", "/campaign/get/", "/adgroup/get/", "/ad/get/"))


def look(who: Membership) -> None:
    """The daily look, now."""
    DueWork.objects.filter(kind="advertiser_look").update(due_at=advertiser(who).connected_at)
    work_off("advertiser_look", "connection_lost_mail")


def test_the_consent_page_is_asked_without_challenge_and_scopes(admin: Client) -> None:
    address = urlsplit(start_ads(admin))
    assert address.path == "/portal/auth"
    assert set(parse_qs(address.query)) == {"app_id", "state", "redirect_uri"}


def test_what_is_ticked_is_linked_and_the_rest_is_not_kept(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    answer = consent_ads(admin, tiktok, "moontideco2")
    page = admin.get(answer.headers["Location"])
    said = words(page)
    assert EUROPE in said
    assert "EUR · Europe/Berlin" in said
    assert "JPY · Asia/Tokyo" in said
    assert b"checked" not in page.content, "nothing is chosen for anybody"
    assert data_calls(tiktok) == 0
    assert "1 ad account is linked." in words(admin.get(choose(admin, cast.admin, [JAPAN]).headers["Location"]))
    assert states(cast.admin) == {JAPAN: State.LINKED}
    connection = advertiser(cast.admin)
    assert (connection.state, connection.refresh_token_sealed, connection.access_expires_at) == ("live", None, None)
    assert not DueWork.objects.filter(kind__in=("refresh", "sync", "unanswered")).exists()
    assert set(DueWork.objects.values_list("kind", flat=True)) == {"ad_sync", "ad_comments", "advertiser_look", "old_consents"}


def test_choosing_none_gives_the_access_back_and_keeps_nothing(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    consent_ads(admin, tiktok, "moontideco2")
    key = advertiser(cast.admin).key_ref
    assert "nothing was kept" in words(admin.get(choose(admin, cast.admin, []).headers["Location"]))
    work_off("revoke")
    with scope.inside(cast.brass.pk):
        assert [t.objects.count() for t in (AdAccount, Connection, SyncRun, PendingRevocation, ApiCall)] == [0] * 5
    assert not has_key(key)
    assert calls(tiktok, "/oauth2/revoke_token/") == 1
    assert not address_book.find("tiktok_advertiser", "anything")


def test_a_question_that_nobody_answers_ends_in_the_same_way(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    answer = consent_ads(admin, tiktok, "moontideco2")
    tiktok.advance(11 * 60)
    work_off("unanswered", "revoke")
    with scope.inside(cast.brass.pk):
        assert not Connection.objects.exists()
        assert not AdAccount.objects.exists()
    assert admin.get(answer.headers["Location"]).status_code == 404


def test_connecting_again_offers_more_and_takes_nothing_away(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    (europe,) = link(admin, tiktok, cast.admin, "moontideco2", [EUROPE])
    sync_ads(tiktok, cast.admin)
    with scope.inside(cast.brass.pk):
        before = set(AdDay.objects.values_list("pk", flat=True))
    answer = consent_ads(admin, tiktok, "moontideco2")
    connection = advertiser(cast.admin)
    assert (connection.state, connection.generation) == ("live", 2)
    assert states(cast.admin) == {EUROPE: State.LINKED, JAPAN: State.OFFERED}
    page = admin.get(answer.headers["Location"]).content.decode()
    assert page.count("checked") == 1
    tiktok.advance(11 * 60)
    work_off("unanswered")
    assert states(cast.admin) == {EUROPE: State.LINKED}, "the offer ran out, the rest lives on"
    consent_ads(admin, tiktok, "moontideco2")
    choose(admin, cast.admin, [EUROPE, JAPAN])
    sync_ads(tiktok, cast.admin)
    with scope.inside(cast.brass.pk):
        assert before <= set(AdDay.objects.filter(ad_account=europe).values_list("pk", flat=True))
        assert AdDay.objects.exclude(ad_account=europe).exists()


def test_the_same_ad_account_in_two_workspaces_has_two_consents(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    link(admin, tiktok, cast.admin, "moontideco2", [EUROPE])
    other = sign_in(cast.moon_admin)
    link(other, tiktok, cast.moon_admin, "moontideco2", [EUROPE])
    sync_ads(tiktok, cast.admin)
    admin.post(f"/settings/integrations/{advertiser(cast.admin).pk}/ad-accounts/disconnect")
    work_off("revoke")
    assert calls(tiktok, "/oauth2/revoke_token/") == 0, "to TikTok there is one consent of one person"
    assert states(cast.admin) == {EUROPE: State.UNLINKED}
    sync_ads(tiktok, cast.moon_admin)
    with scope.inside(cast.moon.pk):
        assert AdDay.objects.exists()
        assert AdAccount.objects.get().state == State.LINKED
    other.post(f"/settings/integrations/{advertiser(cast.moon_admin).pk}/ad-accounts/disconnect")
    assert calls(tiktok, "/oauth2/revoke_token/") == 1


def test_two_people_of_one_workspace_do_not_link_an_ad_account_twice(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    link(admin, tiktok, cast.admin, "moontideco2", [EUROPE])
    answer = consent_ads(admin, tiktok, "northwind")
    said = words(admin.get(answer.headers["Location"]))
    assert "Northwind Pune" in said
    assert JAPAN in said
    assert EUROPE not in said


def test_unlinking_one_leaves_the_other_and_unlinking_the_last_ends_the_consent(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    europe, japan = link(admin, tiktok, cast.admin, "moontideco2", [EUROPE, JAPAN])
    key = advertiser(cast.admin).key_ref
    page = words(admin.get(admin.post(f"{PAGE}/ad-accounts/{europe.pk}/unlink").headers["Location"]))
    assert f"Unlinked {EUROPE}. Its data will be deleted by" in page
    assert states(cast.admin) == {EUROPE: State.UNLINKED, JAPAN: State.LINKED}
    sync_ads(tiktok, cast.admin)
    with scope.inside(cast.brass.pk):
        assert not AdDay.objects.filter(ad_account=europe).exists()
        assert AdDay.objects.filter(ad_account=japan).exists()
    page = words(admin.get(admin.post(f"{PAGE}/ad-accounts/{japan.pk}/unlink").headers["Location"]))
    assert "Tokens were revoked at" in page
    connection = advertiser(cast.admin)
    assert (connection.state, connection.access_token_sealed) == ("disconnected", None)
    assert connection.delete_data_on == offered(cast.admin)[JAPAN].delete_data_on is not None
    assert not has_key(key)
    assert calls(tiktok, "/oauth2/revoke_token/") == 1
    assert not DueWork.objects.filter(kind__in=("ad_sync", "ad_comments", "advertiser_look")).exists()


@pytest.mark.parametrize("answered", [True, False])
def test_disconnecting_all_revokes_destroys_the_key_and_names_the_day(
    admin: Client, cast: Cast, tiktok: LocalTikTok, answered: bool
) -> None:
    link(admin, tiktok, cast.admin, "moontideco2", [EUROPE, JAPAN])
    connection = advertiser(cast.admin)
    if not answered:
        spoil(tiktok, "/oauth2/revoke_token/", "status", value=500)
    page = words(admin.get(admin.post(f"{PAGE}/{connection.pk}/ad-accounts/disconnect").headers["Location"]))
    assert ("Tokens were revoked at" if answered else "TikTok did not answer; we keep asking") in page
    assert not has_key(connection.key_ref)
    assert set(states(cast.admin).values()) == {State.UNLINKED}
    mend(tiktok)
    tiktok.advance(60)
    work_off("revoke")
    with scope.inside(cast.brass.pk):
        assert not PendingRevocation.objects.exists()
        assert Connection.objects.get().tiktok_revoked_at is not None
    before = data_calls(tiktok)
    work_off("ad_sync", "advertiser_look")
    assert data_calls(tiktok) == before


def test_leaving_during_a_sync_stops_it_and_nothing_is_written_later(
    admin: Client, cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch
) -> None:
    from integrations import sync

    (europe,) = link(admin, tiktok, cast.admin, "moontideco2", [EUROPE])
    real, seen = sync.Run._call, []

    def leaving(self: sync.Run, endpoint: Any, parameters: Any) -> Any:
        answer = real(self, endpoint, parameters)
        if len(self.calls) and not seen and calls(tiktok, "/report/integrated/get/") == 2:
            admin.post(f"{PAGE}/ad-accounts/{europe.pk}/unlink")
            with scope.inside(cast.brass.pk):
                seen.append((AdDay.objects.count(), ApiCall.objects.count(), data_calls(tiktok)))
        return answer

    monkeypatch.setattr(sync.Run, "_call", leaving)
    work_off("ad_sync", "revoke")
    with scope.inside(cast.brass.pk):
        assert seen == [(AdDay.objects.count(), ApiCall.objects.count(), data_calls(tiktok))]


def test_revoked_in_tiktok_is_noticed_at_the_daily_look_and_told_once(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    link(admin, tiktok, cast.admin, "moontideco2", [EUROPE])
    sync_ads(tiktok, cast.admin)
    tiktok.control("revoke", account="moontideco2", flow="advertiser")
    mail.outbox.clear()
    before = data_calls(tiktok)
    look(cast.admin)
    assert advertiser(cast.admin).state == "broken"
    told = [m.to for m in mail.outbox]
    assert [cast.admin.person.email] in told
    assert [cast.viewer.person.email] not in told
    assert [cast.creator.person.email] not in told
    tiktok.advance(3 * 86_400)
    work_off()
    assert [m.to for m in mail.outbox] == told, "once"
    assert data_calls(tiktok) == before, "no data call after that"
    assert "Needs to be reconnected" in words(admin.get(PAGE))
    consent_ads(admin, tiktok, "moontideco2")
    choose(admin, cast.admin, [EUROPE])
    sync_ads(tiktok, cast.admin)
    assert states(cast.admin) == {EUROPE: State.LINKED}
    assert data_calls(tiktok) > before


def test_an_ad_account_that_was_taken_out_of_the_consent_is_told_once_and_comes_back(
    admin: Client, cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch
) -> None:
    link(admin, tiktok, cast.admin, "moontideco2", [EUROPE, JAPAN])
    real, mail.outbox[:] = ad_consent.opened_by, []
    monkeypatch.setattr(ad_consent, "opened_by", lambda *a, **k: tuple(o for o in real(*a, **k) if o.advertiser_name != JAPAN))
    look(cast.admin)
    look(cast.admin)
    assert states(cast.admin) == {EUROPE: State.LINKED, JAPAN: State.LOST}
    (lost,) = [m for m in mail.outbox if m.to == [cast.admin.person.email]]
    assert JAPAN in lost.subject
    sync_ads(tiktok, cast.admin)
    with scope.inside(cast.brass.pk):
        assert {d.ad_account.name for d in AdDay.objects.select_related("ad_account")} == {EUROPE}
    assert "No longer open to us" in words(admin.get(PAGE))
    monkeypatch.setattr(ad_consent, "opened_by", real)
    look(cast.admin)
    assert states(cast.admin) == {EUROPE: State.LINKED, JAPAN: State.LINKED}
    sync_ads(tiktok, cast.admin)
    with scope.inside(cast.brass.pk):
        assert {d.ad_account.name for d in AdDay.objects.select_related("ad_account")} == {EUROPE, JAPAN}


def test_permissions_that_the_app_does_not_have_are_skipped_and_said(
    admin: Client, cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ad_consent.Arrival, "permissions", property(lambda self: frozenset({"1", "200"})))
    link(admin, tiktok, cast.admin, "moontideco2", [EUROPE])
    sync_ads(tiktok, cast.admin)
    with scope.inside(cast.brass.pk):
        found = dict(SyncRun.objects.values_list("kind", "state"))
    assert {kind for kind, state in found.items() if state == "done"} == {"ad_account", "campaigns", "ad_groups", "ads"}
    assert {kind for kind, state in found.items() if state == "skipped"} == {"ad_days", "ad_history"}
    assert calls(tiktok, "/report/integrated/get/") == 0
    assert "Not granted: Reporting." in words(admin.get(PAGE))


def test_an_ad_account_that_tiktok_keeps_to_itself_does_not_hide_its_neighbours(
    admin: Client, cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ad_consent.advertisers.advertiser_info

    def shy(transport: Any, *, access_token: Any, advertiser_ids: Any) -> Any:
        if closed in advertiser_ids:
            raise NotGranted
        return real(transport, access_token=access_token, advertiser_ids=advertiser_ids)

    grant = tiktok.control("grant", account="northwind", flow="advertiser", scopes=None)
    closed = grant["data"]["advertiser_ids"][3]
    monkeypatch.setattr(ad_consent.advertisers, "advertiser_info", shy)
    consent_ads(admin, tiktok, "northwind")
    rows = {row.advertiser_id: row for row in offered(cast.admin).values()}
    assert len(rows) == len(grant["data"]["advertiser_ids"])
    assert [row.advertiser_id for row in rows.values() if not row.currency] == [closed]


PROBLEMS = {
    "denied": ({"error": "access_denied"}, "You did not allow the connection"),
    "no code": ({"code": None, "auth_code": None}, "TikTok sent no code"),
    "wrong code": ({"code": "x", "auth_code": "x"}, "TikTok refused to complete the connection"),
    "forged": ({"state": "x" * 43}, "This link does not belong"),
}


@pytest.mark.parametrize(("change", "title"), PROBLEMS.values(), ids=PROBLEMS)
def test_every_way_back_that_connects_nothing_says_so(
    admin: Client, cast: Cast, tiktok: LocalTikTok, change: dict[str, Any], title: str
) -> None:
    query = {k: v for k, v in (tiktok.answer_consent(start_ads(admin), "moontideco2") | change).items() if v is not None}
    answer = come_back(admin, query)
    assert title in words(answer)
    assert "Nothing was stored" in words(answer)
    if "state" not in change:
        assert f'action="{CONNECT}"'.encode() in answer.content, "trying again leads to the same flow"
    with scope.inside(cast.brass.pk):
        assert not Connection.objects.exists()


@pytest.mark.parametrize("endpoint", ["/oauth2/access_token/", "/user/info/", "/oauth2/advertiser/get/", "/advertiser/info/"])
def test_tiktok_failing_on_the_way_back_stores_nothing(admin: Client, cast: Cast, tiktok: LocalTikTok, endpoint: str) -> None:
    query = tiktok.answer_consent(start_ads(admin), "moontideco2")
    spoil(tiktok, endpoint, "status", value=500)
    assert "TikTok does not answer at the moment" in words(come_back(admin, query))
    with scope.inside(cast.brass.pk):
        assert not Connection.objects.exists()
        assert ConsentRequest.objects.get().outcome == "upstream"


def test_keys_that_do_not_answer_store_nothing(admin: Client, cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch) -> None:
    query = tiktok.answer_consent(start_ads(admin), "moontideco2")
    silence_keys(monkeypatch)
    assert "We could not keep the connection safe" in words(come_back(admin, query))
    with scope.inside(cast.brass.pk):
        assert not Connection.objects.exists()


def test_an_answer_counts_once(admin: Client, tiktok: LocalTikTok) -> None:
    query = tiktok.answer_consent(start_ads(admin), "moontideco2")
    come_back(admin, query)
    assert "This answer from TikTok was already used" in words(come_back(admin, query))


def test_the_flow_is_the_one_that_was_begun_whatever_the_address_says(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    """A code of the account flow brought home with the state of the advertiser flow."""
    ads = parse_qs(urlsplit(start_ads(admin)).query)["state"][0]
    account = tiktok.answer_consent(admin.post("/settings/integrations/connect").headers["Location"], "brassorbit3")
    answer = come_back(admin, {"state": ads, "code": account["code"]})
    assert "TikTok refused to complete the connection" in words(answer)
    with scope.inside(cast.brass.pk):
        assert not Connection.objects.exists()


@pytest.mark.parametrize("role", list(Role))
def test_who_may_link_ad_accounts(cast: Cast, role: Role) -> None:
    from agency.roles import Can

    may = {Role.CLIENT_ADMIN, Role.REVIEWER, Role.ACCOUNT_MANAGER, Role.MEDIA_BUYER}
    assert role.can(Can.MANAGE_AD_ACCOUNTS) is (role in may)


def test_a_viewer_sees_what_is_linked_and_a_creator_does_not(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    (europe,) = link(admin, tiktok, cast.admin, "moontideco2", [EUROPE])
    seen = words(sign_in(cast.viewer).get(PAGE))
    assert EUROPE in seen
    assert "Unlink" not in seen
    creator = sign_in(cast.creator)
    assert EUROPE not in words(creator.get(PAGE))
    for client in (creator, sign_in(cast.viewer)):
        assert client.post(f"{PAGE}/ad-accounts/{europe.pk}/unlink").status_code == 403
    assert states(cast.admin) == {EUROPE: State.LINKED}


def test_pages_of_accounts_do_not_take_an_advertiser_for_one(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    connect(admin, tiktok, "moontideco2")
    link(admin, tiktok, cast.admin, "moontideco2", [EUROPE])
    pk = advertiser(cast.admin).pk
    for path in ("reconnect", "refresh", "disconnect"):
        assert admin.post(f"{PAGE}/{pk}/{path}").status_code == 404, path
    assert admin.get(f"{PAGE}/{pk}/choose").status_code == 404
    assert "Moontide Collective" not in words(admin.get("/performance"))


def test_the_token_is_sealed_for_its_row_and_told_to_nobody(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    link(admin, tiktok, cast.admin, "moontideco2", [EUROPE])
    token = vault.access_token(advertiser(cast.admin)).access_token.reveal()
    with scope.inside(cast.brass.pk):
        assert token.encode() not in bytes(Connection.objects.get().access_token_sealed)
        assert token not in str(list(AuditRow.objects.values()))
        verbs = set(AuditRow.objects.values_list("verb", flat=True))
    assert {"consent.started", "connection.made", "ad_account.linked"} <= verbs
    assert token.encode() not in admin.get(PAGE).content


def test_a_media_buyer_links_and_hears_of_a_loss(cast: Cast, tiktok: LocalTikTok) -> None:
    from allauth.mfa.totp.internal.auth import TOTP

    from agency.adapters import second_factors_of
    from tests.people import SEED

    buyer = member(cast.brass, "buyer@agency.example", Role.MEDIA_BUYER)
    with second_factors_of(buyer.person):
        TOTP.activate(buyer.person, SEED)
    link(sign_in(buyer), tiktok, buyer, "moontideco2", [EUROPE])
    tiktok.control("revoke", account="moontideco2", flow="advertiser")
    mail.outbox.clear()
    look(buyer)
    assert [buyer.person.email] in [m.to for m in mail.outbox]
