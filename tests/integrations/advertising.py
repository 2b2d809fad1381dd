"""Linking ad accounts in tests, the way people do: the form, TikTok's page, the callback, the choice."""

from collections.abc import Collection
from typing import Any

from django.http import HttpResponse
from django.test import Client

from agency import scope
from agency.models import DueWork, Membership
from integrations.models import AdAccount, Connection, SyncRun
from tests.integrations.connecting import come_back
from tests.local_tiktok import LocalTikTok
from tests.work import work_off

CONNECT = "/settings/integrations/ad-accounts/connect"


def start_ads(client: Client) -> str:
    """Press Connect ad accounts; the address of TikTok's page."""
    answer = client.post(CONNECT)
    assert answer.status_code == 303, answer.content[:1000]
    return answer.headers["Location"]


def consent_ads(client: Client, tiktok: LocalTikTok, person: str) -> HttpResponse:
    """Say yes on TikTok's page; the answer of the callback."""
    return come_back(client, tiktok.answer_consent(start_ads(client), person))


def advertiser(membership: Membership) -> Connection:
    """The workspace's one consent for ad accounts."""
    with scope.inside(membership.workspace_id):
        return Connection.objects.of_advertisers().get()


def offered(membership: Membership) -> dict[str, AdAccount]:
    """The workspace's ad accounts by name."""
    with scope.inside(membership.workspace_id):
        return {one.name: one for one in AdAccount.objects.all()}


def choose(client: Client, membership: Membership, names: Collection[str]) -> HttpResponse:
    """Tick these and send."""
    rows = offered(membership)
    address = f"/settings/integrations/{advertiser(membership).pk}/ad-accounts"
    return client.post(address, {"ad_account": [str(rows[name].pk) for name in names]})


def link(client: Client, tiktok: LocalTikTok, membership: Membership, person: str, names: Collection[str]) -> list[AdAccount]:
    """The whole way."""
    answer = consent_ads(client, tiktok, person)
    assert answer.status_code == 302, answer.content[:2000]
    answer = choose(client, membership, names)
    assert answer.status_code == 302, answer.content[:2000]
    rows = offered(membership)
    return [rows[name] for name in names]


def paid_truth(tiktok: LocalTikTok, advertiser_id: str) -> list[dict[str, Any]]:
    """Every day of every ad, as local TikTok knows it."""
    rows: list[dict[str, Any]] = []
    while True:
        query = {"advertiser_id": advertiser_id, "offset": len(rows), "limit": 5000}
        (told,) = tiktok.http.get("/__control__/world", params=query).json()["advertisers"]
        rows += told["ad_days"]
        if len(rows) >= told["ad_days_total"]:
            return rows


def sync_ads(tiktok: LocalTikTok, membership: Membership, *, rounds: int = 60) -> None:
    """Work until nothing of the workspace's ad accounts is on its way: where a limit says wait, time passes. The last second's calls are
    forgotten with it, for what comes next is not to wait for them."""
    with scope.inside(membership.workspace_id):
        under_way = SyncRun.objects.filter(ad_account__isnull=False, state__in=(SyncRun.State.WAITING, SyncRun.State.RUNNING))
    tiktok.control("limits", enabled=False)
    for _ in range(rounds):
        tiktok.forget_counts()
        work_off("ad_sync", rounds=200)
        with scope.inside(membership.workspace_id):
            if not under_way.all().exists():
                tiktok.forget_counts()
                return
        tiktok.advance(20)
    raise AssertionError("the sync never ends")


def again(ad_account: AdAccount) -> None:
    """Everything of an ad account is due at this moment."""
    with scope.inside(ad_account.workspace_id):
        SyncRun.objects.filter(ad_account=ad_account, due_at__isnull=False).update(due_at=ad_account.state_since)
    DueWork.objects.filter(kind="ad_sync", ref=ad_account.pk).update(due_at=ad_account.state_since)
