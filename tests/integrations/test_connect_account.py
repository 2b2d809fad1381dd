"""Connecting an account through TikTok's consent page."""

import pytest

from agency import clock, scope
from agency.models import Workspace
from integrations.models import ConsentRequest
from metrics.models import AccountDay, Post
from tests.integrations.connecting import connect, only_connection
from tests.local_tiktok import LocalTikTok
from tests.people import Cast, sign_in
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))


def test_a_client_admin_connects_and_lands_on_the_dashboard(cast: Cast, tiktok: LocalTikTok) -> None:
    client = sign_in(cast.admin)
    answer = connect(client, tiktok, "brassorbit3")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/performance?connected=brassorbit3"
    assert "Connected. @brassorbit3 is now syncing." in client.get(answer.headers["Location"]).content.decode()


def test_the_figures_of_the_account_arrive(cast: Cast, tiktok: LocalTikTok) -> None:
    client = sign_in(cast.admin)
    connect(client, tiktok, "brassorbit3")
    work_off("sync")
    truth = tiktok.account("brassorbit3")
    with scope.inside(cast.brass.pk):
        assert Post.objects.count() == len(truth["posts"])
        assert AccountDay.objects.count() > 50
    assert only_connection(cast.admin).handle == "brassorbit3"


def test_a_creator_who_connects_lands_where_creators_may_look(cast: Cast, tiktok: LocalTikTok) -> None:
    client = sign_in(cast.creator)
    answer = connect(client, tiktok, "grainandgold")
    page = client.get(answer.headers["Location"])
    assert page.status_code == 200
    assert "@grainandgold" in page.content.decode()


@pytest.mark.parametrize("address", ["/settings/integrations/connect", "/settings/integrations/ad-accounts/connect"])
def test_nothing_is_connected_in_a_closed_workspace(cast: Cast, address: str) -> None:
    client = sign_in(cast.admin)
    with scope.inside(cast.brass.pk):
        Workspace.objects.filter(pk=cast.brass.pk).update(closed_at=clock.now())
    answer = client.post(address)
    assert answer.headers["Location"] == "/settings/integrations"
    assert "This workspace is closed, so nothing can be connected." in client.get("/settings/integrations").content.decode()
    with scope.inside(cast.brass.pk):
        assert not ConsentRequest.objects.exists()
