"""The Integrations page before, while and after; who sees what; and that features alone decide what is asked for."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from agency import clock, scope
from integrations.features import AT_FIRST, NEEDS, SCOPES, Feature, scopes_for
from integrations.models import Connection, ConsentRequest, FeatureSwitch, SyncRun
from metrics import sync as figures
from tests.integrations.connecting import come_back, connect, only_connection, start
from tests.integrations.steering import again, words
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
PAGE = "/settings/integrations"


def switch(cast: Cast, feature: str, *, on: bool) -> None:
    with scope.inside(cast.brass.pk):
        FeatureSwitch.objects.update_or_create(
            workspace=cast.brass, feature=feature, defaults={"is_on": on, "person": cast.admin.person, "changed_at": clock.now()}
        )


def asked(client: Client) -> list[str]:
    """The scopes in the address of TikTok's page."""
    return parse_qs(urlsplit(start(client)).query)["scope"][0].split(",")


def test_every_scope_is_needed_by_a_feature_and_every_need_has_a_reason() -> None:
    needed = {name for names in NEEDS.values() for name in names}
    assert needed == set(SCOPES)
    assert set(NEEDS) == set(Feature)
    assert all(s.reason and s.without_it and s.name == name for name, s in SCOPES.items())
    assert all(names and len(names) == len(set(names)) for names in NEEDS.values())
    assert len({s.reason for s in SCOPES.values()}) == len(SCOPES), "a reason of its own each"


@pytest.mark.parametrize("feature", list(Feature))
def test_one_feature_alone_asks_for_exactly_what_it_needs(cast: Cast, feature: Feature) -> None:
    for each in Feature:
        switch(cast, each, on=each is feature)
    assert set(asked(sign_in(cast.admin))) == set(NEEDS[feature])


@pytest.mark.parametrize("feature", sorted(AT_FIRST))
def test_a_feature_that_is_switched_off_drops_its_scopes(cast: Cast, feature: Feature) -> None:
    client = sign_in(cast.admin)
    before = set(asked(client))
    switch(cast, feature, on=False)
    now = set(asked(client))
    assert now == {name for other in AT_FIRST - {feature} for name in NEEDS[other]}
    assert before - now == set(NEEDS[feature]) - {name for other in AT_FIRST - {feature} for name in NEEDS[other]}
    page = words(client.get(PAGE))
    assert f"What we ask TikTok for: {len(now)} scopes" in page
    assert all((name in page) == (name in now) for name in before if not any(name != other and name in other for other in before))


def test_a_new_workspace_does_not_ask_to_write(cast: Cast) -> None:
    assert "comment.list.manage" not in asked(sign_in(cast.admin))
    assert scopes_for(AT_FIRST) == tuple(asked(sign_in(cast.admin)))


def test_with_every_feature_off_there_is_nothing_to_ask_for(admin: Client, cast: Cast) -> None:
    for each in Feature:
        switch(cast, each, on=False)
    answer = admin.post(f"{PAGE}/connect", follow=True)
    assert answer.status_code == 200
    assert "there is nothing to ask TikTok for" in words(answer)
    with scope.inside(cast.brass.pk):
        assert not ConsentRequest.objects.exists()


def test_the_switch_of_a_feature_that_was_given_up_harms_nothing(admin: Client, cast: Cast) -> None:
    switch(cast, "fortune_telling", on=True)
    assert admin.get(PAGE).status_code == 200
    assert set(asked(admin)) == set(scopes_for(AT_FIRST))


def test_another_workspaces_switches_decide_nothing_here(cast: Cast) -> None:
    with scope.inside(cast.moon.pk):
        FeatureSwitch.objects.create(
            workspace=cast.moon, feature=Feature.REPLIES, is_on=True, person=cast.moon_admin.person, changed_at=clock.now()
        )
    assert "comment.list.manage" not in asked(sign_in(cast.admin))
    assert "comment.list.manage" in asked(sign_in(cast.moon_admin))


def test_the_address_of_the_consent_carries_state_and_challenge_and_no_secret(admin: Client, settings: object) -> None:
    address = start(admin)
    query = {k: v[0] for k, v in parse_qs(urlsplit(address).query).items()}
    assert query["client_key"] == settings.TIKTOK_APP_ID
    assert query["redirect_uri"] == settings.TIKTOK_REDIRECT_URI
    assert len(query["state"]) >= 43
    assert len(query["code_challenge"]) == 64
    assert query["code_challenge_method"] == "S256"
    assert settings.TIKTOK_APP_SECRET not in address
    assert query["state"] not in str(dict(admin.session)), "the session holds the browser's mark and never the state"


def test_before_while_and_after(admin: Client, cast: Cast, tiktok: LocalTikTok, monkeypatch: pytest.MonkeyPatch) -> None:
    before = words(admin.get(PAGE))
    assert "Not connected" in before
    assert "Connect TikTok" in before
    assert "Did you not come back from TikTok?" not in before
    address = start(admin)
    assert "Did you not come back from TikTok?" in words(admin.get(PAGE)), "somebody whom TikTok's own error page kept"
    come_back(admin, tiktok.answer_consent(address, "brassorbit3"))
    fresh = words(admin.get(PAGE))
    assert "1 connected" in fresh
    assert "Syncing…" in fresh
    seen: list[str] = []
    plan = figures.PLANS[SyncRun.Kind.POSTS]
    looking = replace(plan, step=lambda work: (seen.append(words(admin.get(PAGE))), plan.step(work))[1])
    monkeypatch.setitem(figures.PLANS, SyncRun.Kind.POSTS, looking)
    work_off("sync")
    assert "Syncing…" in seen[0]
    after = words(admin.get(PAGE))
    assert "Syncing…" not in after
    assert "@brassorbit3" in after
    assert "Brass Studio" in after
    assert "Live" in after
    assert "Token refreshed" in after
    assert f"Scopes: {len(only_connection(cast.admin).scopes_granted)}" in after
    assert "Refresh now @brassorbit3" in after
    assert "Disconnect @brassorbit3" in after
    connection = only_connection(cast.admin)
    admin.post(f"{PAGE}/{connection.pk}/disconnect")
    gone = words(admin.get(PAGE))
    assert "Not connected" in gone
    assert "Its data will be deleted by" in gone
    assert "Reconnect @brassorbit3" in gone


def test_no_page_holds_a_token(admin: Client, tiktok: LocalTikTok, connected: Connection) -> None:
    work_off("sync")
    for address in (PAGE, "/performance", f"/performance?connected={connected.handle}"):
        body = admin.get(address).content.decode()
        assert "act." not in body
        assert "rft." not in body
        assert connected.tiktok_open_id not in body


def test_viewers_look_and_cannot_connect(cast: Cast, tiktok: LocalTikTok, connected: Connection) -> None:
    viewer = sign_in(cast.viewer)
    page = viewer.get(PAGE)
    assert "@brassorbit3" in words(page)
    assert "Connecting needs a client admin or the owner of the account." in words(page)
    for word in ("Connect TikTok", "Refresh now", "Danger zone", "Reconnect"):
        assert word not in words(page)
    assert "<form" not in page.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    for action in (
        "connect",
        f"{connected.pk}/reconnect",
        f"{connected.pk}/refresh",
        f"{connected.pk}/disconnect",
        f"{connected.pk}/choose",
    ):
        assert viewer.post(f"{PAGE}/{action}").status_code == 403, action
    assert again(connected).state == "live"


def test_creators_see_and_manage_only_their_own(cast: Cast, tiktok: LocalTikTok, connected: Connection) -> None:
    creator = sign_in(cast.creator)
    page = words(creator.get(PAGE))
    assert "brassorbit3" not in page
    assert "Not connected" in page
    for action in ("reconnect", "refresh", "disconnect", "choose"):
        assert creator.post(f"{PAGE}/{connected.pk}/{action}").status_code == 404, action
    landed = connect(creator, tiktok, "grainandgold")
    assert landed.headers["Location"] == PAGE, "creators have no dashboard to land on"
    page = words(creator.get(PAGE))
    assert "Connected. @grainandgold is now syncing." in page
    assert "brassorbit3" not in page
    assert "@grainandgold" in words(sign_in(cast.admin).get(PAGE))
    with scope.inside(cast.brass.pk):
        own = Connection.objects.get(handle="grainandgold")
    assert creator.post(f"{PAGE}/{own.pk}/disconnect").status_code == 302
    assert (again(own).state, again(connected).state) == ("disconnected", "live")


def test_outsiders_find_nothing(cast: Cast, connected: Connection) -> None:
    moon = sign_in(cast.moon_admin)
    assert "brassorbit3" not in words(moon.get(PAGE))
    assert "brassorbit3" not in words(moon.get(f"{PAGE}?workspace=brass"))
    for action in ("reconnect", "refresh", "disconnect", "choose"):
        assert moon.post(f"{PAGE}/{connected.pk}/{action}").status_code == 404, action
        assert moon.post(f"{PAGE}/{connected.pk}/{action}?workspace=brass").status_code == 404, action
    assert sign_in(cast.newcomer).get(PAGE).status_code == 403
    assert Client().get(PAGE).headers["Location"].startswith("/sign-in")


def test_strangers_and_other_methods_start_nothing(admin: Client, cast: Cast) -> None:
    assert admin.get(f"{PAGE}/connect").status_code == 405
    assert Client().post(f"{PAGE}/connect").status_code in {302, 403}
    strict = sign_in(cast.admin, Client(enforce_csrf_checks=False))
    strict.handler.enforce_csrf_checks = True
    assert strict.post(f"{PAGE}/connect").status_code == 403
    with scope.inside(cast.brass.pk):
        assert not ConsentRequest.objects.exists()
