"""Pictures of accounts: fetched once from TikTok, shown from our own address to whoever sees the account, gone with it."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.conf import settings as live_settings
from django.test import Client
from PIL import Image

from agency import scope
from agency.models import AuditRow, DueWork
from integrations import actions, avatars, gateway
from integrations.models import Avatar, Connection
from tests.integrations.connecting import connect, only_connection
from tests.integrations.steering import again, make_due, mend, spoil
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


def href(connection: Connection) -> str:
    return f"/accounts/{connection.pk}/picture"


def row(connection: Connection) -> Avatar:
    with scope.inside(connection.workspace_id):
        return Avatar.objects.get(connection=connection)


def asked(tiktok: LocalTikTok) -> int:
    return sum("/pictures/" in entry["endpoint"] for entry in tiktok.log())


def named(connection: Connection, url: str) -> None:
    """TikTok names this picture at the next look."""
    with scope.inside(connection.workspace_id):
        actions.name_account(connection, handle="brassorbit3", display_name="Brass", picture_url=url)


@pytest.fixture
def shown(connected: Connection) -> Connection:
    assert work_off("avatar") == 1
    return again(connected)


def test_the_picture_arrives_with_the_account_and_stands_wherever_the_account_does(admin: Client, shown: Connection) -> None:
    answer = admin.get(href(shown))
    image = Image.open(BytesIO(answer.content))
    assert (image.format, image.size, answer.headers["Content-Type"]) == ("WEBP", (96, 96), "image/webp")
    assert answer.headers["Cache-Control"] == "private, max-age=3600"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Cookie" in answer.headers["Vary"]
    tag = f'src="{href(shown)}?v={shown.avatar_tag}"'
    for page in ("/settings/integrations", "/performance"):
        assert tag in admin.get(page).content.decode(), page
    assert row(shown).wanted_url == "", "the signed address is not kept"


def test_no_page_names_tiktoks_address_of_it(admin: Client, shown: Connection) -> None:
    for page in ("/settings/integrations", "/performance"):
        assert live_settings.TIKTOK_BUSINESS_BASE not in admin.get(page).content.decode()


def test_a_browser_that_has_it_is_told_so(admin: Client, shown: Connection) -> None:
    etag = admin.get(href(shown)).headers["ETag"]
    unchanged = admin.get(href(shown), headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.content, unchanged.headers["ETag"]) == (304, b"", etag)
    assert admin.get(href(shown), headers={"If-None-Match": '"another"'}).status_code == 200


def test_who_does_not_see_the_account_does_not_see_its_picture(cast: Cast, client: Client, shown: Connection) -> None:
    for stranger in (sign_in(cast.moon_admin), sign_in(cast.creator), sign_in(cast.newcomer)):
        assert stranger.get(href(shown)).status_code == 404
    assert client.get(href(shown)).headers["Location"].startswith("/sign-in?")
    assert sign_in(cast.admin).get(f"/accounts/{uuid4()}/picture").status_code == 404


def test_a_look_at_a_page_is_recorded_once_and_not_once_more_for_each_picture_in_it(cast: Cast, shown: Connection) -> None:
    staff = sign_in(cast.manager)
    assert staff.get("/settings/integrations").status_code == 200
    assert staff.get(href(shown)).status_code == 200
    with scope.inside(cast.brass.pk):
        assert AuditRow.objects.filter(verb="page.read", person_id=cast.manager.person_id).count() == 1


def test_an_account_in_doubt_is_shown_to_who_is_asked_and_to_nobody_else(cast: Cast, tiktok: LocalTikTok, connected: Connection) -> None:
    moon = sign_in(cast.moon_admin)
    where = connect(moon, tiktok, "brassorbit3").headers["Location"]
    theirs = only_connection(cast.moon_admin)
    work_off("avatar")
    assert f'src="{href(theirs)}' in moon.get(where).content.decode()
    assert moon.get(href(theirs)).status_code == 200
    with scope.inside(theirs.workspace_id):
        Connection.objects.filter(pk=theirs.pk).update(connected_by=cast.newcomer)
    assert moon.get(href(theirs)).status_code == 404


def test_it_is_fetched_once_and_looked_at_again_after_a_week(tiktok: LocalTikTok, shown: Connection) -> None:
    assert asked(tiktok) == 1
    for _ in range(3):
        make_due("sync", shown)
        work_off("sync", "avatar")
        tiktok.advance(86_400)
    assert asked(tiktok) == 1
    tiktok.advance(timedelta(days=5).total_seconds())
    make_due("sync", shown)
    work_off("refresh", "sync", "avatar")
    assert asked(tiktok) == 2


def test_a_new_picture_replaces_the_old_one_and_its_address_changes(admin: Client, tiktok: LocalTikTok, shown: Connection) -> None:
    grant = tiktok.control("grant", account="moontideco2", flow="account", scopes=None)["data"]
    profile = tiktok.http.get(
        "/open_api/v1.3/business/get/",
        params={"business_id": grant["open_id"], "fields": '["profile_image"]'},
        headers={"Access-Token": grant["access_token"]},
    ).json()["data"]
    before = admin.get(href(shown)).content
    named(shown, profile["profile_image"])
    work_off("avatar")
    now = again(shown)
    assert now.avatar_tag not in {"", shown.avatar_tag}
    assert admin.get(href(shown)).content != before


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "html"},
        {"kind": "status", "value": 404},
        {"kind": "truncated", "times": None},
        {"kind": "status", "value": 503, "times": None},
    ],
)
def test_a_picture_that_cannot_be_had_leaves_the_initials_and_nothing_waits(
    admin: Client, tiktok: LocalTikTok, connected: Connection, fault: dict[str, object]
) -> None:
    spoil(tiktok, "/pictures/*", **fault)
    for _ in range(avatars.TRIES + 1):
        work_off("avatar")
        tiktok.advance(3600)
    mend(tiktok)
    assert again(connected).avatar_tag == ""
    assert admin.get(href(connected)).status_code == 404
    assert (
        ">B<" in admin.get("/settings/integrations").content.decode()
        or "mono round" in admin.get("/settings/integrations").content.decode()
    )
    assert not DueWork.objects.filter(kind="avatar").exists()
    assert row(connected).wanted_url == ""


def test_a_failure_that_passes_is_waited_for(tiktok: LocalTikTok, connected: Connection) -> None:
    spoil(tiktok, "/pictures/*", "status", times=2, value=503)
    for _ in range(3):
        work_off("avatar")
        tiktok.advance(3600)
    assert again(connected).avatar_tag


def test_an_address_elsewhere_is_never_asked(tiktok: LocalTikTok, shown: Connection) -> None:
    named(shown, "http://169.254.169.254/latest/meta-data/")
    work_off("avatar")
    assert again(shown).avatar_tag == shown.avatar_tag, "the one that is there stays"
    assert row(shown).wanted_url == ""


@pytest.mark.parametrize("url", [None, "", "http://x/" + "y" * 3_000, "http://x/\n"])
def test_an_answer_without_a_picture_wants_none(shown: Connection, url: str | None) -> None:
    named(shown, url)
    assert not DueWork.objects.filter(kind="avatar").exists()


def test_a_picture_that_arrives_after_the_end_is_not_kept(admin: Client, connected: Connection) -> None:
    with scope.inside(connected.workspace_id):
        wanted = avatars.wanted(connected.pk)
    admin.post(f"/settings/integrations/{connected.pk}/disconnect")
    with scope.inside(connected.workspace_id):
        assert avatars.settle(wanted, b"late") is False
        assert avatars.wanted(connected.pk) is None
    assert (row(connected).picture, row(connected).wanted_url) == (None, "")
    assert not DueWork.objects.filter(kind="avatar").exists()


def test_after_leaving_it_stays_until_the_accounts_data_goes_and_goes_with_it(cast: Cast, admin: Client, shown: Connection) -> None:
    admin.post(f"/settings/integrations/{shown.pk}/disconnect")
    assert f'src="{href(shown)}' in admin.get("/settings/integrations").content.decode()
    with scope.inside(cast.brass.pk):
        Connection.objects.filter(pk=shown.pk)._raw_delete("default")  # what references it goes by the database's own rule
        assert not Avatar.objects.exists()


def test_production_asks_tiktoks_hosts_by_https_on_public_addresses(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway.picture_rules.cache_clear()
    monkeypatch.setattr(live_settings, "PRODUCTION", True)
    try:
        rules = gateway.picture_rules()
        assert (rules.is_https_only, rules.is_public_only) == (True, True)
        assert rules.allow("https://p16-sign-va.tiktokcdn.com/tos/a~c5_168x168.jpeg?x-expires=1&x-signature=a")
    finally:
        gateway.picture_rules.cache_clear()
