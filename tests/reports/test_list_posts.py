"""The list of posts: order, columns, pages, words, and what posts gained on the chosen days."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agency import scope
from metrics.models import Post, PostSnapshot
from tests.metrics.planting import a_call, plant_account, plant_post
from tests.people import Cast, sign_in
from tests.reports.conftest import At

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
NOW = datetime(2026, 5, 27, 12, tzinfo=UTC)
LAST = date(2026, 5, 24)


@pytest.fixture
def inside(cast: Cast, at: At) -> Iterator[Cast]:
    at(NOW)
    with scope.inside(cast.brass.pk):
        yield cast


def page_of(client: Client, query: str = "") -> str:
    answer = client.get(f"/performance/posts{query}")
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


def rows(page: str) -> list[str]:
    """The words of each row."""
    found = re.findall(r'<tr><th scope="row">.*?</tr>', page, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", r)).strip() for r in found]


def look(post: Post, at: datetime, views: int) -> None:
    PostSnapshot.objects.create(
        workspace_id=post.workspace_id,
        post=post,
        hour=at.replace(minute=0, second=0),
        taken_at=at,
        views=views,
        call=a_call(post.account),
    )


def test_posts_stand_in_the_order_that_was_asked_for_and_unknown_figures_last(inside: Cast) -> None:
    account = plant_account(inside.admin, "a")
    for n, views in enumerate((10, 1000, None, 100)):
        plant_post(account, NOW - timedelta(days=4, hours=n), caption=f"Post {n}", views=views)
    client = sign_in(inside.viewer)
    assert [r.split()[1] for r in rows(page_of(client))] == ["1", "3", "0", "2"]
    assert [r.split()[1] for r in rows(page_of(client, "?sort=views"))] == ["0", "3", "1", "2"]
    assert [r.split()[1] for r in rows(page_of(client, "?sort=posted"))] == ["3", "2", "1", "0"]
    page = page_of(client, "?sort=-posted")
    assert 'aria-sort="descending"><a href="/performance/posts?days=7&amp;sort=posted">Posted' in page
    assert [r.split()[1] for r in rows(page_of(client, "?sort=secret"))] == ["1", "3", "0", "2"]


def test_fifty_to_a_page_each_once(inside: Cast) -> None:
    account = plant_account(inside.admin, "a")
    for n in range(103):
        plant_post(account, NOW - timedelta(days=4, seconds=n), caption=f"Post {n:03}", views=5)
    client = sign_in(inside.viewer)
    pages = [rows(page_of(client, f"?page={n}")) for n in (1, 2, 3)]
    assert [len(p) for p in pages] == [50, 50, 3]
    assert len({r.split()[1] for p in pages for r in p}) == 103
    assert 'rel="next" href="/performance/posts?days=7&amp;sort=-views&amp;page=2"' in page_of(client)
    assert 'rel="prev"' not in page_of(client)
    assert "101 to 103" in page_of(client, "?page=99")


def test_words_find_captions_and_columns_can_be_chosen(inside: Cast) -> None:
    account = plant_account(inside.admin, "a")
    plant_post(account, NOW - timedelta(days=4), caption="100% of it", favorites=7)
    plant_post(account, NOW - timedelta(days=4), caption="1000 of it")
    client = sign_in(inside.viewer)
    page = page_of(client, "?q=100%25&col=favorites&col=nonsense")
    assert [r.startswith("100% of it May 23 7") for r in rows(page)] == [True]
    assert '<input type="checkbox" name="col" value="favorites" checked>' in page
    assert '<input type="checkbox" name="col" value="views">' in page
    assert "No post has these words" in page_of(client, "?q=nothing%00<b>")
    assert "<b>" not in page_of(client, "?q=<b>")


def test_what_a_post_gained_lies_between_the_last_looks_before_both_borders(inside: Cast) -> None:
    account = plant_account(inside.admin, "a")
    first = datetime(2026, 5, 18, tzinfo=UTC)
    old = plant_post(account, first - timedelta(days=40), caption="Old", views=900)
    look(old, first - timedelta(hours=5), 500)
    look(old, first - timedelta(minutes=1), 510)
    look(old, first + timedelta(days=6, hours=23, minutes=59), 700)
    look(old, first + timedelta(days=7), 800)  # the day after
    young = plant_post(account, first + timedelta(hours=1), caption="Young", views=60)
    look(young, first + timedelta(hours=2), 20)
    look(young, first + timedelta(days=3), 50)
    unseen = plant_post(account, first - timedelta(days=2), caption="Unseen", views=70)
    look(unseen, first + timedelta(hours=1), 40)
    found = {r.split()[0]: r for r in rows(page_of(sign_in(inside.viewer), "?which=all&col=gained"))}
    assert found["Old"].endswith("+190")
    assert found["Young"].endswith("+50")
    assert found["Unseen"].endswith("–")


def test_a_post_that_went_is_listed_and_says_so(inside: Cast) -> None:
    plant_post(plant_account(inside.admin, "a"), NOW - timedelta(days=4), caption="Away", gone_at=NOW)
    assert "Gone from TikTok" in rows(page_of(sign_in(inside.viewer)))[0]


def test_a_creator_sees_posts_of_own_accounts_alone(inside: Cast) -> None:
    plant_post(plant_account(inside.admin, "a"), NOW - timedelta(days=4), caption="Theirs")
    plant_post(plant_account(inside.creator, "mine"), NOW - timedelta(days=4), caption="Mine")
    assert [r.split()[0] for r in rows(page_of(sign_in(inside.creator)))] == ["Mine"]
    assert len(rows(page_of(sign_in(inside.viewer)))) == 2


def test_queries_and_size_do_not_grow(inside: Cast) -> None:
    account = plant_account(inside.admin, "a")
    client = sign_in(inside.viewer)
    query = "?which=all&sort=-engagement&" + "&".join(f"col={c}" for c in ("views", "gained", "likes", "reach", "watch_time", "engagement"))
    plant_post(account, NOW - timedelta(days=4))
    page_of(client, query)
    with CaptureQueriesContext(database) as few:
        page_of(client, query)
    for n in range(120):
        plant_post(account, NOW - timedelta(days=4 + n), caption="A caption of some length, with words in it that people like #sample")
    with CaptureQueriesContext(database) as many:
        page = page_of(client, query)
    assert len(many) == len(few)
    assert len(page.encode()) <= 60 * 1024
