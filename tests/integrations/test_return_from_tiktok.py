"""Every way back from TikTok: what the page says, what is stored, and what never stands in a page."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from agency import scope
from agency.models import AddressBook, AuditRow, DueWork, Membership
from agency.secret import Secret
from integrations import gateway, vault
from integrations.models import Connection, ConsentRequest
from integrations.tiktok import accounts, oauth
from integrations.tiktok.oauth import App
from tests.integrations.connecting import come_back, connect, only_connection, start
from tests.integrations.steering import EXCHANGE, calls, data_calls, due, impatient, mend, silence_keys, spoil, step, tokens, words
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, member, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


def stored(cast: Cast) -> int:
    with scope.inside(cast.brass.pk):
        return Connection.objects.count()


def last_outcome(cast: Cast) -> str:
    with scope.inside(cast.brass.pk):
        return ConsentRequest.objects.latest("started_at").outcome


def check(answer: HttpResponse, *, status: int, title: str, do: str, sent: dict[str, str]) -> None:
    """A page for people: what happened, what to do, and nothing that could be used by whoever sees it."""
    assert answer.status_code == status, answer.content[:500]
    text = words(answer)
    assert title in text
    assert do in text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "strict-origin"
    body = answer.content.decode()
    for name, value in sent.items():
        if name in {"state", "code"} and len(value) > 5:
            assert value not in body, name
    assert "act." not in body
    assert "rft." not in body


def test_denied(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    sent = tiktok.answer_consent(start(admin), "brassorbit3", deny=True)
    check(come_back(admin, sent), status=200, title="You did not allow the connection", do="try again and choose Allow", sent=sent)
    assert (stored(cast), last_outcome(cast), calls(tiktok, EXCHANGE)) == (0, "denied", 0)


@pytest.mark.parametrize("error", ["server_error", "invalid_scope", "x" * 3000, "<script>"])
def test_an_error_of_tiktoks_own_is_not_called_a_no_of_the_person(admin: Client, cast: Cast, tiktok: LocalTikTok, error: str) -> None:
    sent = tiktok.answer_consent(start(admin), "brassorbit3", deny=True) | {"error": error, "error_description": "<b>odd</b>"}
    answer = come_back(admin, sent)
    check(answer, status=502, title="TikTok did not show or did not finish its page", do="Try again in a few minutes", sent=sent)
    assert "<script>" not in answer.content.decode().split("<main", 1)[-1]
    assert "<b>odd" not in answer.content.decode()
    assert (stored(cast), calls(tiktok, EXCHANGE)) == (0, 0)


def test_unticked_scopes_connect_and_are_said_on_both_pages(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    answer = connect(admin, tiktok, "brassorbit3", scopes=["user.info.basic", "user.info.username", "video.list"])
    assert answer.headers["Location"] == "/performance?connected=brassorbit3"
    work_off("sync")
    connection = only_connection(cast.admin)
    assert "user.insights" in connection.missing_scopes
    page = words(admin.get("/settings/integrations"))
    assert "Not granted: " in page
    assert "user.insights" in page
    assert "Grant the rest" in page
    assert "Not granted" in words(admin.get("/performance"))
    days = step(connection, "account_days")
    assert (days.state, days.sentence) == ("skipped", "Not granted: user.insights.")
    assert step(connection, "posts").state == "done"


def test_without_a_granted_handle_the_landing_names_the_public_id(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    answer = connect(admin, tiktok, "brassorbit3", scopes=["user.info.basic"])
    connection = only_connection(cast.admin)
    assert answer.headers["Location"] == f"/performance?connected={connection.pk}"
    assert "is now syncing" in words(admin.get(answer.headers["Location"]))


def test_a_replayed_answer_is_refused_and_the_account_stays(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    sent = tiktok.answer_consent(start(admin), "brassorbit3")
    come_back(admin, sent)
    answer = come_back(admin, sent)
    check(answer, status=409, title="already used", do="may be connected already", sent=sent)
    assert "Nothing was stored" not in words(answer)
    assert calls(tiktok, EXCHANGE) == 1
    assert only_connection(cast.admin).state == "live"


def test_an_answer_after_ten_minutes_is_too_late(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    sent = tiktok.answer_consent(start(admin), "brassorbit3")
    tiktok.advance(600)
    check(come_back(admin, sent), status=410, title="longer than ten minutes", do="within ten minutes", sent=sent)
    assert (stored(cast), calls(tiktok, EXCHANGE)) == (0, 0)


def test_an_answer_just_before_ten_minutes_counts(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    sent = tiktok.answer_consent(start(admin), "brassorbit3")
    tiktok.advance(570)
    assert come_back(admin, sent).status_code == 302


def test_a_trip_is_forgotten_a_week_after_it_ended_and_an_answer_to_it_is_strange_from_then_on(
    admin: Client, cast: Cast, tiktok: LocalTikTok
) -> None:
    used, unused = tiktok.answer_consent(start(admin), "brassorbit3"), tiktok.answer_consent(start(admin), "brassorbit3")
    come_back(admin, used)
    tiktok.advance(7 * 86_400 - 3600)
    start(admin)
    work_off("old_consents")
    check(come_back(admin, used), status=409, title="already used", do="may be connected already", sent=used)
    tiktok.advance(2 * 3600)
    work_off("old_consents")
    with scope.inside(cast.brass.pk):
        assert ConsentRequest.objects.count() == 1
    assert AddressBook.objects.filter(kind="oauth_state").count() == 1
    for sent in (used, unused):
        assert "does not belong to a connection that was started here" in words(come_back(admin, sent))
    with scope.inside(cast.brass.pk):
        ConsentRequest.objects.all().delete()  # gone before its time, as with an account that is erased
    tiktok.advance(8 * 86_400)
    work_off("old_consents")
    assert not AddressBook.objects.filter(kind="oauth_state").exists()
    assert not DueWork.objects.filter(kind="old_consents").exists(), "where nothing is kept, nothing is looked for"


@pytest.mark.parametrize("state", ["forged", "x" * 43, "\x00", "x" * 5000, "ä", " ", "%00"])
def test_a_forged_state_is_refused(admin: Client, cast: Cast, tiktok: LocalTikTok, state: str) -> None:
    sent = {**tiktok.answer_consent(start(admin), "brassorbit3"), "state": state}
    check(come_back(admin, sent), status=400, title="does not belong to a connection that was started here", do="Start again", sent=sent)
    assert (stored(cast), calls(tiktok, EXCHANGE)) == (0, 0)


def test_another_browser_of_the_same_person_is_refused(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    sent = tiktok.answer_consent(start(admin), "brassorbit3")
    other = sign_in(cast.admin)
    check(come_back(other, sent), status=400, title="another browser", do="Go back to that browser", sent=sent)
    assert (stored(cast), calls(tiktok, EXCHANGE)) == (0, 0)
    assert come_back(admin, sent).status_code == 302, "the right browser can still finish"


def test_another_browser_that_started_its_own_is_refused(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    sent = tiktok.answer_consent(start(admin), "brassorbit3")
    other = sign_in(cast.manager)
    start(other)
    check(come_back(other, sent), status=400, title="another browser", do="Go back to that browser", sent=sent)
    assert (stored(cast), calls(tiktok, EXCHANGE)) == (0, 0)


def test_another_person_in_the_same_browser_is_refused(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    sent = tiktok.answer_consent(start(admin), "brassorbit3")
    nonce = admin.session["consent_browser"]
    other = sign_in(cast.creator)
    session = other.session
    session["consent_browser"] = nonce
    session.save()
    check(come_back(other, sent), status=403, title="started by somebody else", do="Sign in as that person", sent=sent)
    assert (stored(cast), calls(tiktok, EXCHANGE)) == (0, 0)


def test_signed_out_on_return(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    sent = tiktok.answer_consent(start(admin), "brassorbit3")
    admin.post("/sign-out")
    check(come_back(admin, sent), status=403, title="You are not signed in here any more", do="Sign in and start again", sent=sent)
    assert (stored(cast), calls(tiktok, EXCHANGE)) == (0, 0)


def test_a_stranger_without_a_state_is_asked_to_sign_in(client: Client, db: None) -> None:
    answer = client.get("/tiktok/auth/callback")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in")


def test_an_answer_with_neither_code_nor_error(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    sent = {"state": tiktok.answer_consent(start(admin), "brassorbit3")["state"]}
    check(come_back(admin, sent), status=502, title="TikTok sent no code", do="Try again", sent=sent)
    assert (stored(cast), calls(tiktok, EXCHANGE)) == (0, 0)


def test_a_wrong_code_is_refused(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    sent = {**tiktok.answer_consent(start(admin), "brassorbit3"), "code": "not the code that was issued"}
    check(come_back(admin, sent), status=502, title="TikTok refused to complete the connection", do="Start again", sent=sent)
    assert (stored(cast), last_outcome(cast)) == (0, "refused")


def test_a_code_that_was_used_before_is_refused(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    used = tiktok.answer_consent(start(admin), "moontideco2")
    come_back(admin, used)
    sent = {**tiktok.answer_consent(start(admin), "brassorbit3"), "code": used["code"]}
    check(come_back(admin, sent), status=502, title="TikTok refused to complete the connection", do="Start again", sent=sent)
    assert stored(cast) == 1


@pytest.mark.parametrize(
    ("kind", "more", "status", "title"),
    [
        ("reset", {}, 503, "TikTok does not answer at the moment"),
        ("timeout", {"value": 20}, 503, "TikTok does not answer at the moment"),
        ("lost-answer", {}, 503, "TikTok does not answer at the moment"),
        ("truncated", {}, 503, "TikTok does not answer at the moment"),
        ("status", {"value": 500}, 503, "TikTok does not answer at the moment"),
        ("maintenance", {}, 503, "TikTok does not answer at the moment"),
        ("retry-after", {}, 503, "TikTok does not answer at the moment"),
        ("code", {"value": 50000}, 503, "TikTok does not answer at the moment"),
        ("html", {}, 502, "TikTok answered in a way we do not understand"),
        ("code", {"value": 12345}, 502, "TikTok answered in a way we do not understand"),
        ("code", {"value": 0}, 502, "TikTok answered in a way we do not understand"),
        ("code", {"value": 40101}, 502, "This platform is not set up correctly at TikTok"),
        ("code", {"value": 40110}, 502, "TikTok refused to complete the connection"),
        ("code", {"value": 40001}, 502, "TikTok refused to complete the connection"),
    ],
)
def test_tiktok_fails_while_the_code_is_exchanged(
    admin: Client,
    cast: Cast,
    tiktok: LocalTikTok,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    more: dict[str, object],
    status: int,
    title: str,
) -> None:
    if kind == "timeout":
        impatient(monkeypatch, EXCHANGE)
    sent = tiktok.answer_consent(start(admin), "brassorbit3")
    spoil(tiktok, EXCHANGE, kind, **more)
    answer = come_back(admin, sent)
    check(answer, status=status, title=title, do="Integrations", sent=sent)
    assert "Nothing was stored" in words(answer)
    assert (stored(cast), calls(tiktok, EXCHANGE)) == (0, 1)
    mend(tiktok)
    monkeypatch.undo()
    assert connect(admin, tiktok, "brassorbit3").status_code == 302, "the next try goes well"


def test_tiktok_is_down(admin: Client, cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = tiktok.answer_consent(start(admin), "brassorbit3")
    urls = gateway.base_urls()
    monkeypatch.setattr(gateway.transport(), "base_urls", type(urls)(urls.auth, "http://127.0.0.1:1", urls.developers))
    check(come_back(admin, sent), status=503, title="TikTok does not answer", do="Try again in a few minutes", sent=sent)
    assert (stored(cast), last_outcome(cast)) == (0, "upstream")


def test_a_wrong_app_secret_is_the_operators_matter(
    admin: Client, cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = tiktok.answer_consent(start(admin), "brassorbit3")
    monkeypatch.setattr("integrations.consent.app", lambda: App(gateway.app().app_id, Secret("a wrong secret of the app")))
    answer = come_back(admin, sent)
    check(answer, status=502, title="not set up correctly", do="Tell the platform's operator", sent=sent)
    assert "a wrong secret" not in answer.content.decode()
    assert "Try again" not in words(answer)
    assert stored(cast) == 0


def test_the_key_service_is_silent_on_the_way_out(admin: Client, cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch) -> None:
    silence_keys(monkeypatch)
    answer = admin.post("/settings/integrations/connect")
    check(answer, status=503, title="We could not keep the connection safe", do="in a few minutes", sent={})
    with scope.inside(cast.brass.pk):
        assert not ConsentRequest.objects.exists()


def test_the_key_service_is_silent_on_the_way_back(admin: Client, cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = tiktok.answer_consent(start(admin), "brassorbit3")
    silence_keys(monkeypatch)
    check(come_back(admin, sent), status=503, title="We could not keep the connection safe", do="in a few minutes", sent=sent)
    assert (stored(cast), calls(tiktok, EXCHANGE)) == (0, 0)


def test_the_key_service_falls_silent_after_tiktok_has_answered(
    admin: Client, cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = tiktok.answer_consent(start(admin), "brassorbit3")
    real = vault.open_verifier

    def open_and_fall_silent(request: ConsentRequest) -> Secret:
        verifier = real(request)
        silence_keys(monkeypatch)
        return verifier

    monkeypatch.setattr(vault, "open_verifier", open_and_fall_silent)
    answer = come_back(admin, sent)
    check(answer, status=503, title="We could not keep the connection safe", do="in a few minutes", sent=sent)
    assert (stored(cast), calls(tiktok, EXCHANGE)) == (0, 1)


def test_not_knowing_the_accounts_name_is_no_failure(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    sent = tiktok.answer_consent(start(admin), "brassorbit3")
    spoil(tiktok, "/business/get/", "status", value=500)
    assert come_back(admin, sent).headers["Location"] == f"/performance?connected={only_connection(cast.admin).pk}"


def test_a_membership_that_was_lost_meanwhile(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    sent = tiktok.answer_consent(start(admin), "brassorbit3")
    with scope.inside(cast.brass.pk):
        Membership.objects.filter(pk=cast.admin.pk).update(role="client_viewer")
    check(come_back(admin, sent), status=403, title="You may no longer connect accounts here", do="Ask a client admin", sent=sent)
    with scope.inside(cast.brass.pk):
        Membership.objects.filter(pk=cast.admin.pk).delete()
    assert come_back(admin, sent).status_code == 403
    assert (stored(cast), calls(tiktok, EXCHANGE)) == (0, 0)


def test_connecting_an_account_again_keeps_its_row_and_counts_the_generation_up(
    admin: Client, cast: Cast, tiktok: LocalTikTok, connected: Connection
) -> None:
    work_off("sync")
    before = tokens(connected)
    answer = connect(admin, tiktok, "brassorbit3")
    assert answer.headers["Location"] == "/performance?connected=brassorbit3"
    now = only_connection(cast.admin)
    assert (now.pk, now.generation, now.state) == (connected.pk, connected.generation + 1, "live")
    assert set(before).isdisjoint(tokens(now))
    assert step(now, "posts").state == "waiting"
    work_off("sync")
    assert step(now, "posts").state == "done"


def test_an_account_of_another_workspace_is_asked_about_and_nobody_learns_of_the_other(cast: Cast, tiktok: LocalTikTok) -> None:
    brass, moon = sign_in(cast.admin), sign_in(cast.moon_admin)
    connect(brass, tiktok, "grainandgold")
    work_off("sync")
    answer = connect(moon, tiktok, "grainandgold")
    question = only_connection(cast.moon_admin)
    assert answer.headers["Location"] == f"/settings/integrations/{question.pk}/choose"
    page = moon.get(answer.headers["Location"])
    assert "Attach @grainandgold to Moontide?" in words(page)
    asked = data_calls(tiktok)
    work_off("sync", "refresh")
    assert data_calls(tiktok) == asked, "nothing is fetched before the yes"
    for text in (words(page), words(moon.get("/settings/integrations")), words(moon.get("/performance"))):
        assert "Brass Studio" not in text.replace("Brass Studio @grainandgold", "").replace("@grainandgold Brass Studio", "")
    assert "Moontide" not in words(brass.get("/settings/integrations"))
    moon.post(answer.headers["Location"])
    assert only_connection(cast.moon_admin).state == "live"
    assert only_connection(cast.admin).state == "live"
    work_off("sync")
    assert step(question, "posts").state == "done"
    with scope.inside(cast.brass.pk):
        assert not AuditRow.objects.filter(subject_id=str(question.pk)).exists()


def test_asking_a_second_time_does_not_stand_in_for_the_yes(cast: Cast, tiktok: LocalTikTok) -> None:
    brass, moon = sign_in(cast.admin), sign_in(cast.moon_admin)
    connect(brass, tiktok, "brassorbit3")
    connect(moon, tiktok, "brassorbit3")
    answer = connect(moon, tiktok, "brassorbit3")
    assert answer.headers["Location"].endswith("/choose")
    assert only_connection(cast.moon_admin).state == "asked"


def test_a_question_is_found_again_on_the_integrations_page_of_who_was_asked(cast: Cast, tiktok: LocalTikTok) -> None:
    connect(sign_in(cast.admin), tiktok, "brassorbit3")
    moon = sign_in(cast.moon_admin)
    place = connect(moon, tiktok, "brassorbit3").headers["Location"]
    assert place in moon.get("/settings/integrations").content.decode()
    other = sign_in(member(cast.moon, "second@moon.example", cast.moon_admin.as_role))
    assert place not in other.get("/settings/integrations").content.decode()
    assert other.get(place).status_code == 404
    assert other.post(place).status_code == 404


def test_a_reconnect_that_comes_back_with_another_account_is_asked_about(
    admin: Client, cast: Cast, tiktok: LocalTikTok, connected: Connection
) -> None:
    address = admin.post(f"/settings/integrations/{connected.pk}/reconnect").headers["Location"]
    answer = come_back(admin, tiktok.answer_consent(address, "moontideco2"))
    assert answer.headers["Location"].endswith("/choose")
    with scope.inside(cast.brass.pk):
        states = dict(Connection.objects.values_list("handle", "state"))
    assert states == {"brassorbit3": "live", "moontideco2": "asked"}


def test_another_workspaces_connection_cannot_be_reconnected(cast: Cast, tiktok: LocalTikTok, connected: Connection) -> None:
    assert sign_in(cast.moon_admin).post(f"/settings/integrations/{connected.pk}/reconnect").status_code == 404


def test_the_redirect_host_bounces_to_the_app_with_known_parameters_only(
    admin: Client, cast: Cast, tiktok: LocalTikTok, settings: object
) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "www.agency.example"]
    sent = tiktok.answer_consent(start(admin), "brassorbit3")
    strange = {**sent, "next": "https://evil.example", "workspace": "moon", "code": sent["code"]}
    answer = Client().get("/tiktok/auth/callback?" + urlencode(strange), headers={"host": "www.agency.example"})
    assert answer.status_code == 303
    target = urlsplit(answer.headers["Location"])
    assert f"{target.scheme}://{target.netloc}{target.path}" == "http://testserver/tiktok/auth/callback"
    assert {k: v[0] for k, v in parse_qs(target.query).items()} == sent
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers
    assert stored(cast) == 0
    assert admin.get(answer.headers["Location"]).status_code == 302
    assert only_connection(cast.admin).state == "live"


def test_a_head_request_does_not_use_the_code_up(admin: Client, cast: Cast, tiktok: LocalTikTok) -> None:
    sent = tiktok.answer_consent(start(admin), "brassorbit3")
    assert admin.head("/tiktok/auth/callback?" + urlencode(sent)).status_code == 200
    assert calls(tiktok, EXCHANGE) == 0
    assert come_back(admin, sent).status_code == 302


def test_posting_to_the_callback_is_refused(admin: Client, tiktok: LocalTikTok) -> None:
    sent = tiktok.answer_consent(start(admin), "brassorbit3")
    assert admin.post("/tiktok/auth/callback?" + urlencode(sent)).status_code == 405


def test_connecting_leaves_rows_for_sync_and_refresh(connected: Connection) -> None:
    assert due("sync", connected).priority == 0
    life = connected.access_expires_at - connected.token_refreshed_at
    share = (due("refresh", connected).due_at - connected.token_refreshed_at) / life
    assert 0.5 <= share <= 0.75


@pytest.mark.parametrize("name", ["x" * 300, "line\nbreak", "nul\x00", "\u202ereversed", "\ud800half"])
def test_an_account_name_of_any_kind_connects(
    admin: Client, cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    real = accounts._profile
    monkeypatch.setattr(accounts, "_profile", lambda data: real({**data, "username": name, "display_name": name}))
    answer = connect(admin, tiktok, "brassorbit3")
    assert answer.status_code == 302
    assert admin.get(answer.headers["Location"]).status_code == 200
    kept = only_connection(cast.admin).handle
    assert kept
    assert kept.isprintable()


@pytest.mark.parametrize("part", [{"open_id": "x" * 200}, {"scope": "x" * 60}, {"open_id": ""}, {"expires_in": 0}, {"refresh_token": None}])
def test_a_grant_with_an_impossible_part_is_not_understood(
    admin: Client, cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch, part: dict[str, object]
) -> None:
    real = oauth._grant
    monkeypatch.setattr(oauth, "_grant", lambda data, *names: real({**data, **part}, *names))
    sent = tiktok.answer_consent(start(admin), "brassorbit3")
    check(come_back(admin, sent), status=502, title="in a way we do not understand", do="Try again", sent=sent)
    assert stored(cast) == 0
