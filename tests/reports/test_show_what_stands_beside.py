"""Paid figures beside organic ones, and mentions: shown with their scope and currency, never added."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from agency import clock, scope
from integrations.models import AdAccount
from metrics.models import Account, AdAccountDay, AdDay, Mention
from tests.metrics.planting import ALL_SCOPES, a_call, plant_account, plant_post
from tests.people import Cast, sign_in
from tests.reports.conftest import At
from tests.reports.test_show_post import advertised

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
NOW = datetime(2026, 5, 27, 12, tzinfo=UTC)


@pytest.fixture
def inside(cast: Cast, at: At) -> Iterator[Cast]:
    at(NOW)
    with scope.inside(cast.brass.pk):
        yield cast


def card(page: str) -> str:
    found = re.search(r'<section class="card" aria-labelledby="beside-h">.*?</section>', page, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])) if found else ""


def test_the_workspace_has_all_ads_and_an_account_those_that_showed_its_posts(inside: Cast) -> None:
    one, two = plant_account(inside.admin, "a"), plant_account(inside.admin, "b")
    usd = advertised(inside, plant_post(one, NOW - timedelta(days=9)), currency="USD", spend="10.50")
    advertised(inside, plant_post(two, NOW - timedelta(days=9)), currency="EUR", spend="3")
    now = clock.now()
    for ad_account in AdAccount.objects.all():
        for day in AdDay.objects.filter(ad_account=ad_account):
            AdAccountDay.objects.create(
                workspace=inside.brass, ad_account=ad_account, date=day.date, spend=day.spend + 1, impressions=day.impressions,
                clicks=day.clicks,
                video_views=None if ad_account.currency == "EUR" else day.video_views, call=a_call(one), first_seen_at=now, changed_at=now,
            )  # fmt: skip
    client = sign_in(inside.viewer)
    whole = card(client.get("/performance").content.decode())
    assert "EUR €8.00 2,000 2.00% – " in whole, "what TikTok left out of one day is not told"
    assert "USD $23.00 2,000 2.00% 600" in whole
    of_one = card(client.get(f"/performance?of=account-{one.connection_id}").content.decode())
    assert "USD $21.00 2,000 2.00% 600" in of_one
    assert "EUR" not in of_one
    AdAccount.objects.filter(pk=usd.pk).update(state=AdAccount.State.UNLINKED)
    assert "USD" not in card(client.get("/performance").content.decode())


def test_without_ad_accounts_there_is_no_card(inside: Cast) -> None:
    plant_account(inside.admin, "a")
    assert card(sign_in(inside.viewer).get("/performance").content.decode()) == ""


def test_mentions_are_counted_listed_and_what_is_gone_keeps_no_words(inside: Cast) -> None:
    account = plant_account(inside.admin, "a")
    plant_account(inside.admin, "shy", scopes=[s for s in ALL_SCOPES if s != "biz.brand.insights"])
    Account.objects.filter(pk=account.pk).update(mentions_whole_at=NOW)
    at = NOW - timedelta(days=5)
    common = {"workspace": inside.brass, "account": account, "created_at": at, "first_seen_at": NOW, "seen_at": NOW}
    for n, values in enumerate(
        (
            {"kind": "post", "text": "Loved it <b>", "author": "fan", "link": "https://t.example/1", "views": 900, "likes": 9},
            {"kind": "post", "text": "", "views": 100, "gone_at": NOW},
            {"kind": "comment", "text": "Hello"},
        )
    ):
        Mention.objects.create(**common, **values, tiktok_id=f"m{n}", call=a_call(account))
    page = sign_in(inside.viewer).get("/performance/mentions").content.decode()
    said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "Posts that name you 2" in said
    assert "Comments that name you 1" in said
    assert "Views of those posts 1,000" in said
    assert "Loved it &lt;b&gt;" in page
    assert page.count('<th scope="row"><a class="title"') == 1
    assert "Ask @shy to allow biz.brand.insights." in said
    assert "Export" not in said, "a viewer takes nothing away"
    admin = sign_in(inside.admin)
    found = re.search(r'href="(/exports/of/mentions[^"]+as=csv)">2 mentions', admin.get("/performance/mentions").content.decode())
    assert found is not None
    rows = b"".join(admin.get(found[1].replace("&amp;", "&")).streaming_content).decode("utf-8-sig").splitlines()
    assert len(rows) == 3
    assert "'@a,Post,2026-05-22 12:00:00,https://t.example/1,900,9,,," in rows
    assert "Loved" not in "".join(rows)
    assert "fan" not in "".join(rows)
