"""Exports of Performance hold what the page shows, with gaps as empty cells, for whom the page is."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from agency import scope
from tests.metrics.planting import plant_account, plant_days, plant_post
from tests.people import Cast, sign_in

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
FIRST = date(2026, 5, 18)
PERIOD = "from=2026-05-18&to=2026-05-24"


@pytest.fixture
def admin(cast: Cast) -> Client:
    with scope.inside(cast.brass.pk):
        account = plant_account(cast.admin, "brassorbit3")
        plant_days(account, [FIRST + timedelta(days=n) for n in range(5)], video_views=200, likes=5, comments=3, shares=2)
        for n, caption in enumerate(("=1+1 reel", "Second reel", "Other")):
            plant_post(
                account, datetime(2026, 5, 19, n, tzinfo=UTC), caption=caption, views=100 * (n + 1), tiktok_item_id=f"75000000000000000{n}"
            )
        plant_post(account, datetime(2026, 4, 1, tzinfo=UTC), caption="Old reel")
    return sign_in(cast.admin)


def rows_of(client: Client, path: str) -> list[dict[str, str]]:
    answer: Any = client.get(path)
    assert answer.status_code == 200, answer.content[:1000]
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_days_have_their_figures_and_a_day_that_was_not_delivered_has_none(admin: Client) -> None:
    rows = rows_of(admin, f"/exports/of/days?{PERIOD}")
    assert [row["Day (UTC)"] for row in rows] == [(FIRST + timedelta(days=n)).isoformat() for n in range(7)]
    assert (rows[0]["Views"], rows[0]["Engagement"], rows[0]["Standing"]) == ("200", "0.05", "Final")
    assert (rows[6]["Views"], rows[6]["Engagement"]) == ("", "")


def test_posts_are_those_of_the_list_in_its_order(admin: Client) -> None:
    rows = rows_of(admin, f"/exports/of/posts?{PERIOD}")
    assert [row["Views"] for row in rows] == ["300", "200", "100"]
    assert rows[2]["Caption"] == "'=1+1 reel"
    assert rows[0]["Post id"] == "750000000000000002", "whole, and not as a float"
    assert rows[0]["Account"] == "'@brassorbit3"
    assert len(rows_of(admin, f"/exports/of/posts?{PERIOD}&which=all&q=reel")) == 3


def test_the_pages_lead_to_their_exports_and_say_what_leaves(admin: Client, cast: Cast) -> None:
    page = admin.get(f"/performance?{PERIOD}").content.decode()
    assert "7 days (CSV)" in page
    assert "3 posts (XLSX)" in page
    assert "/exports/of/posts?from=2026-05-18&amp;to=2026-05-24&amp;as=xlsx" in page
    assert "/exports/of/" not in sign_in(cast.viewer).get(f"/performance?{PERIOD}").content.decode(), "reading is not taking away"
    assert "1 post (CSV)" in admin.get(f"/performance/posts?{PERIOD}&q=Second").content.decode()
