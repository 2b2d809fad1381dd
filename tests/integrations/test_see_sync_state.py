"""Of each account and kind of sync: last success, next try, what went wrong in words, what to do."""

import pytest
from django.test import Client

from agency import scope
from integrations.models import Connection, SyncRun
from metrics import sync as figures
from tests.integrations.connecting import connect, only_connection
from tests.integrations.steering import POSTS, again, make_due, mend, spoil, words
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


def page_of(connection: Connection) -> str:
    return f"/settings/integrations/{connection.pk}/sync"


def test_every_kind_has_its_last_success_and_its_next_look(admin: Client, connected: Connection) -> None:
    assert "Not yet" in words(admin.get(page_of(connected)))
    work_off("sync")
    page = words(admin.get(page_of(connected)))
    assert "Everything works" in page
    assert page.count("Up to date") == len(figures.PLANS)
    assert "Not yet" not in page
    for label in ("Profile", "Daily figures", "Posts", "Older posts", "Mentions"):
        assert label in page
    assert page_of(connected) in admin.get("/settings/integrations").content.decode()


def test_what_went_wrong_is_said_with_the_next_try_and_what_to_do(admin: Client, tiktok: LocalTikTok, connected: Connection) -> None:
    work_off("sync")
    spoil(tiktok, POSTS, "maintenance", times=None)
    for _ in range(5):
        make_due("sync", connected)
        work_off("sync")
    page = words(admin.get(page_of(connected)))
    assert "1 kind did not work" in page or "2 kinds did not work" in page
    assert "TikTok is under maintenance. We try again by ourselves." in page
    assert "It failed 5 times in a row" in page
    with scope.inside(connected.workspace_id):
        run = SyncRun.objects.get(kind="posts")
    assert f'datetime="{run.due_at.isoformat()}' in admin.get(page_of(connected)).content.decode()
    mend(tiktok)
    make_due("sync", connected)
    work_off("sync")
    assert "Everything works" in words(admin.get(page_of(connected)))


def test_what_was_not_granted_says_how_to_have_it(cast: Cast, tiktok: LocalTikTok) -> None:
    client = sign_in(cast.admin)
    connect(client, tiktok, "brassorbit3", scopes=["user.info.basic", "video.list"])
    work_off("sync")
    page = words(client.get(page_of(only_connection(cast.admin))))
    assert "Not granted: biz.brand.insights." in page
    assert "Connect the account again and allow it on TikTok's page" in page
    assert "Everything works" in page, "a no is an answer, not a failure"


def test_a_broken_account_offers_the_way_back_to_those_who_can_take_it(cast: Cast, tiktok: LocalTikTok, connected: Connection) -> None:
    work_off("sync")
    tiktok.control("revoke", account="brassorbit3")
    make_due("refresh", connected)
    work_off("refresh")
    assert again(connected).state == "broken"
    page = words(sign_in(cast.admin).get(page_of(connected)))
    assert "Nothing is read at the moment" in page
    assert "Reconnect" in page
    assert "Reconnect" not in words(sign_in(cast.viewer).get(page_of(connected)))
