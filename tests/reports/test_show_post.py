"""The page of one post: its counters, its life, the ads beside it, and who may see it."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from agency import clock, scope
from integrations.models import AdAccount, Connection
from metrics.models import Ad, AdDay, Post
from tests.metrics.planting import ALL_SCOPES, a_call, plant_account, plant_post
from tests.people import Cast, sign_in
from tests.reports.conftest import At
from tests.reports.test_list_posts import look

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
NOW = datetime(2026, 5, 27, 12, tzinfo=UTC)


@pytest.fixture
def inside(cast: Cast, at: At) -> Iterator[Cast]:
    at(NOW)
    with scope.inside(cast.brass.pk):
        yield cast


def words(page: str) -> str:
    main = page.split("<main", 1)[1].split("</main>", 1)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def advertised(cast: Cast, post: Post, *, currency: str, spend: str) -> AdAccount:
    """An ad that showed the post on two days."""
    now = clock.now()
    consent = Connection.objects.create(
        workspace=cast.brass, kind=Connection.Kind.ADVERTISER, tiktok_open_id=f"advertiser-{currency}", state=Connection.State.LIVE,
        state_since=now, connected_at=now, connected_by=cast.admin.person, scopes_asked=[], scopes_granted=[],
    )  # fmt: skip
    ad_account = AdAccount.objects.create(
        workspace=cast.brass, connection=consent, advertiser_id=f"70000{currency}", name=f"Ads in {currency}", currency=currency,
        state=AdAccount.State.LINKED, state_since=now,
    )  # fmt: skip
    common = {"workspace": cast.brass, "ad_account": ad_account, "call": a_call(post.account), "first_seen_at": now, "changed_at": now}
    Ad.objects.create(**common, tiktok_ad_id=f"ad-{currency}", tiktok_adgroup_id="g", tiktok_campaign_id="c", name=f"Spark {currency}",
                      tiktok_item_id=post.tiktok_item_id)  # fmt: skip
    for n in range(2):
        AdDay.objects.create(**common, date=date(2026, 5, 20 + n), tiktok_ad_id=f"ad-{currency}", spend=Decimal(spend), impressions=1000,
                             clicks=20, video_views=300)  # fmt: skip
    return ad_account


def test_it_tells_counters_life_and_a_way_to_tiktok(inside: Cast) -> None:
    account = plant_account(inside.admin, "a")
    watching = {"reach": 900, "average_watched_seconds": 7.25, "watched_seconds": 8946.5, "duration_seconds": 15}
    text = {"caption": "Short & sweet\nSecond line", "share_url": "https://t.example/1"}
    post = plant_post(account, NOW - timedelta(days=6), views=1234, **watching, **text)
    look(post, NOW - timedelta(days=4), 400)
    look(post, NOW - timedelta(days=2), 1000)
    page = sign_in(inside.viewer).get(f"/performance/posts/{post.pk}").content.decode()
    said = words(page)
    assert "Views 1,234" in said
    assert "Favorites – TikTok left it out" in said
    assert "Avg. watch time 7.3 s" in said
    assert "Watched in all 2 h 29 min" in said
    assert "Second line" in said
    assert 'href="https://t.example/1"' in page
    assert "May 23 400" in said
    assert "May 24 – nobody looked" in said
    assert "1,000" in said
    assert "Ads that showed it" not in said


def test_ads_stand_beside_it_each_in_its_currency_and_nothing_is_added(inside: Cast) -> None:
    post = plant_post(plant_account(inside.admin, "a"), NOW - timedelta(days=9), views=5000)
    look(post, NOW - timedelta(days=2), 5000)
    advertised(inside, post, currency="USD", spend="10.50")
    advertised(inside, post, currency="EUR", spend="3")
    said = words(sign_in(inside.viewer).get(f"/performance/posts/{post.pk}").content.decode())
    assert "Spark USD Ads in USD May 20 – May 21 $21.00 USD 2,000 2.00% 600" in said
    assert "Spark EUR Ads in EUR May 20 – May 21 €6.00 EUR 2,000 2.00% 600" in said
    assert "Views 5,000" in said
    assert "6,200" not in said
    assert "$27" not in said


def test_an_unlinked_ad_account_and_a_creator_show_no_ads(inside: Cast) -> None:
    post = plant_post(plant_account(inside.creator, "mine"), NOW - timedelta(days=9))
    ad_account = advertised(inside, post, currency="USD", spend="10.50")
    assert "Ads that showed it" not in words(sign_in(inside.creator).get(f"/performance/posts/{post.pk}").content.decode())
    client = sign_in(inside.viewer)
    assert "Ads that showed it" in words(client.get(f"/performance/posts/{post.pk}").content.decode())
    AdAccount.objects.filter(pk=ad_account.pk).update(state=AdAccount.State.UNLINKED)
    assert "Ads that showed it" not in words(client.get(f"/performance/posts/{post.pk}").content.decode())


def test_a_creator_finds_no_post_of_another_account_and_nobody_one_that_was_disconnected(inside: Cast) -> None:
    theirs = plant_post(plant_account(inside.admin, "a"), NOW - timedelta(days=4))
    mine = plant_post(plant_account(inside.creator, "mine"), NOW - timedelta(days=4))
    creator, viewer = sign_in(inside.creator), sign_in(inside.viewer)
    assert creator.get(f"/performance/posts/{theirs.pk}").status_code == 404
    assert creator.get(f"/performance/source?post={theirs.pk}").status_code == 404
    assert creator.get(f"/performance/posts/{mine.pk}").status_code == 200
    assert viewer.get(f"/performance/posts/{theirs.pk}").status_code == 200
    Connection.objects.filter(pk=theirs.account.connection_id).update(state=Connection.State.DISCONNECTED)
    assert viewer.get(f"/performance/posts/{theirs.pk}").status_code == 404


def test_what_was_not_granted_and_what_went_are_said(inside: Cast) -> None:
    account = plant_account(inside.admin, "shy", scopes=[s for s in ALL_SCOPES if s != "video.insights"])
    post = plant_post(account, NOW - timedelta(days=4), watch_through_rate=None, gone_at=NOW, share_url="https://t.example/1")
    page = sign_in(inside.viewer).get(f"/performance/posts/{post.pk}").content.decode()
    assert "Watch-through – Not granted" in words(page)
    assert "Ask @shy to allow video.insights." in words(page)
    assert "TikTok does not show this post any more." in words(page)
    assert "https://t.example/1" not in page
