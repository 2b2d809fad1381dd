"""Brands and accounts side by side: on the page of the whole workspace, on a page of their own, and as a file."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agency import scope
from agency.models import Brand
from metrics.models import Account, Mention
from tests.metrics.planting import ALL_SCOPES, a_call, days_from, plant_account, plant_days, plant_post
from tests.people import Cast, sign_in
from tests.reports.conftest import At
from tests.reports.test_show_performance import kpi, queries_and_size

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
NOW = datetime(2026, 5, 27, 12, tzinfo=UTC)
LAST = date(2026, 5, 24)
BRANDS = {"Moontide": ("moon", 300), "Velvet Fox": ("fox", 500), "": ("loose", 40)}


@pytest.fixture
def inside(cast: Cast, at: At) -> Iterator[Cast]:
    """Two brands and an account without one; the fox allows neither mentions nor, on its second account, days."""
    at(NOW)
    with scope.inside(cast.brass.pk):
        for name, (handle, views) in BRANDS.items():
            scopes = [s for s in ALL_SCOPES if s != "biz.brand.insights"] if handle == "fox" else ALL_SCOPES
            account = plant_account(cast.admin, handle, scopes=scopes)
            brand = Brand.objects.create(workspace=cast.brass, name=name) if name else None
            Account.objects.filter(pk=account.pk).update(brand=brand, mentions_whole_at=NOW)
            plant_days(account, days_from(LAST - timedelta(days=13), 7), video_views=views // 2, followers_count=900)
            plant_days(account, days_from(LAST - timedelta(days=6), 7), video_views=views, likes=views // 20, followers_count=1000)
            plant_post(account, NOW - timedelta(days=5), views=views)
            Mention.objects.create(
                workspace=cast.brass, account=account, kind="post", tiktok_id=f"m-{handle}", created_at=NOW - timedelta(days=5),
                first_seen_at=NOW, seen_at=NOW, call=a_call(account),
            )  # fmt: skip
        shy = plant_account(cast.admin, "shy", scopes=["user.info.basic", "video.list"])
        Account.objects.filter(pk=shy.pk).update(brand=Brand.objects.get(name="Velvet Fox"))
        yield cast


def rows_of(page: str) -> dict[str, list[str]]:
    """The rows of the table by the first words of each."""
    table = page.split(" side by side</caption>", 1)[1].split("</table>", 1)[0]
    found = {}
    for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", table, re.DOTALL):
        cells = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", c)).strip() for c in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]
        found[cells[0]] = cells[1:]
    return found


def get(client: Client, path: str, **headers: str) -> str:
    answer = client.get(path, **headers)
    assert answer.status_code == 200, answer.content[:300]
    return answer.content.decode()


def test_brands_stand_side_by_side_on_the_page_of_the_workspace(inside: Cast) -> None:
    client = sign_in(inside.viewer)
    page = get(client, "/performance?days=7&against=before")
    card = re.search(r'<div hx-get="([^"]+)" hx-trigger="load"[^>]*><p class="empty"><a href="([^"]+)"', page)
    assert card is not None
    assert card[1] == card[2] == "/performance/brands?days=7", "without script the same address is a page"
    rows = rows_of(get(client, card[1], HTTP_HX_REQUEST="true"))
    assert list(rows) == ["Velvet Fox 2 accounts", "Moontide 1 account", "Without a brand 1 account", "Together rates from the sums"]
    fox, moon, rest, whole = rows.values()
    assert fox == [
        "– Not told for every account",
        "3,500 +100.0% from 1,750 1 of 2 accounts",
        fox[2],
        "1 new from 0",
        "50%",
        "– Not granted: biz.brand.insights",
    ]
    assert moon[0] == "1,000 +100 from 900"
    assert moon[1] == "2,100 +100.0% from 1,050"
    assert moon[5] == "1"
    assert rest[1] == "280 +100.0% from 140"
    assert whole[0] == "–"
    assert whole[1] == "5,880"
    assert whole[3] == "3"
    assert whole[5] == "2 of 2 of 3"
    assert kpi(get(client, "/performance"), "Views (7d)").startswith("Views (7d) 5,880"), "the parts are the whole"


def test_each_row_leads_to_its_own_page_with_the_same_figures(inside: Cast) -> None:
    client = sign_in(inside.viewer)
    page = get(client, "/performance/brands")
    links = re.findall(r'<a class="title" href="([^"]+)">([^<]+)</a>', page)
    assert [of for _, of in links] == ["Velvet Fox", "Moontide"]
    for link, of in links:
        own = get(client, link.replace("&amp;", "&"))
        row = next(cells for title, cells in rows_of(page).items() if title.startswith(of))
        assert kpi(own, "Views (7d)").startswith(f"Views (7d) {row[1].split()[0]} ")
        assert row[1].split()[1] in kpi(own, "Views (7d)")
        assert kpi(own, "Engagement").startswith(f"Engagement {row[2].split()[0]} ")


def test_rows_can_be_ordered_and_the_order_stands_in_the_address(inside: Cast) -> None:
    client = sign_in(inside.viewer)
    page = get(client, "/performance/brands?sort=name&against=year&days=28")
    assert [name.split()[0] for name in rows_of(page)] == ["Moontide", "Velvet", "Without", "Together"]
    assert 'aria-sort="ascending"' in page
    assert 'href="/performance/brands?days=28&amp;against=year&amp;by=brands&amp;sort=-views"' in page
    rising = get(client, "/performance/brands?sort=mentions")
    assert [name.split()[0] for name in rows_of(rising)] == ["Moontide", "Without", "Velvet", "Together"], "what is unknown stands last"
    by_account = get(client, "/performance/brands?by=accounts&sort=-views")
    assert [name.split()[0] for name in rows_of(by_account)] == ["@fox", "@moon", "@loose", "@shy", "Together"]
    assert rows_of(by_account)["@shy Velvet Fox"][1] == "– Not enough looks at posts yet"
    assert list(rows_of(get(client, "/performance/brands?sort=luck&by=luck&page=-1"))) == list(rows_of(get(client, "/performance/brands")))


def test_the_file_holds_the_rows_as_numbers_in_the_order_of_the_page(inside: Cast) -> None:
    client = sign_in(inside.admin)
    page = get(client, "/performance/brands?sort=-followers")
    address = re.search(r'href="(/exports/of/sides[^"]+as=csv)"', page)
    assert address is not None
    answer = client.get(address[1].replace("&amp;", "&"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(r["Brand"], r["Accounts"], r["Followers"], r["Views"], r["Mentions"]) for r in rows] == [
        ("Moontide", "1", "1000", "2100", "1"),
        ("Without a brand", "1", "1000", "280", "1"),
        ("Velvet Fox", "2", "", "3500", ""),
    ]
    assert {(r["Days with all figures"], r["Days in all"]) for r in rows} == {("7", "7")}


def test_one_account_stands_beside_nothing_and_strangers_see_nothing(cast: Cast, at: At) -> None:
    at(NOW)
    with scope.inside(cast.brass.pk):
        plant_days(plant_account(cast.admin, "a"), days_from(LAST, 1))
        page = get(sign_in(cast.viewer), "/performance")
        assert "side by side" not in page.lower()
        assert sign_in(cast.viewer).get("/performance/brands", HTTP_HX_REQUEST="true").status_code == 404
        assert "nothing to put beside it" in get(sign_in(cast.viewer), "/performance/brands")
    assert sign_in(cast.creator).get("/performance/brands").status_code == 403


def test_many_brands_and_days_cost_as_many_queries_as_few(inside: Cast) -> None:
    client = sign_in(inside.viewer)
    get(client, "/performance")
    few = queries_and_size(client, "?days=7")
    for n in range(20):
        account = plant_account(inside.admin, f"many{n}")
        plant_days(account, days_from(LAST - timedelta(days=40), 41))
        Account.objects.filter(pk=account.pk).update(brand=Brand.objects.create(workspace=inside.brass, name=f"Brand {n}"))
    many = queries_and_size(client, "?from=2025-05-25&to=2026-05-24&against=year")
    assert many[0] == few[0] <= 11
    assert many[1] <= 60 * 1024
    with CaptureQueriesContext(database) as captured:
        page = get(client, "/performance/brands?by=accounts&days=90")
    assert len(rows_of(page)) == 25
    assert len(page) <= 60 * 1024
    assert len([q for q in captured if q["sql"].lstrip().startswith(("SELECT", "WITH")) and "set_config" not in q["sql"]]) <= 6


def test_of_many_accounts_one_is_chosen_where_they_stand_side_by_side(inside: Cast) -> None:
    client = sign_in(inside.viewer)
    assert "Choose another account" not in get(client, "/performance")
    for n in range(60):
        plant_account(inside.admin, f"many{n}")
    page = get(client, "/performance")
    assert page.count('<option value="account-') == 0
    found = re.search(r'<a href="([^"]+)">Choose another account</a>', page)
    assert found is not None
    listed = get(client, found[1].replace("&amp;", "&"))
    assert "64 accounts" in listed
    assert "1 to 50" in listed
    own = re.search(r'<a class="title" href="([^"]+)">@fox</a>', listed)
    assert own is not None
    assert '<option value="account-' in get(client, own[1].replace("&amp;", "&")), "the one that is shown is named"
