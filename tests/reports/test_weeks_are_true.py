"""A week is the same seven dates in title, range and figures, organic and paid, over W52, W53 and W01 and the changes of clocks, whatever
the zones of workspace and ad account; and its files hold those figures and no other.
"""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import openpyxl
import pytest

from agency import scope
from agency.outlets import figures
from metrics.models import Account
from metrics.periods import Week
from reports import blocks, outlets, presentation
from reports.content import Content
from tests.metrics.planting import plant_account, plant_days, plant_post
from tests.people import Cast
from tests.reports.conftest import At
from tests.reports.planting import plant_ad, plant_ad_account
from tests.reports.reporting import compose, content_of

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
WEEKS = [
    ("2025-W52", "Dec 22 – Dec 28", "America/Los_Angeles"),
    ("2026-W01", "Dec 29, 2025 – Jan 4, 2026", "Pacific/Auckland"),
    ("2026-W53", "Dec 28, 2026 – Jan 3, 2027", "Europe/Berlin"),
    ("2027-W01", "Jan 4 – Jan 10", "UTC"),
    ("2026-W13", "Mar 23 – Mar 29", "Europe/Berlin"),  # clocks go forward on its Sunday
    ("2026-W44", "Oct 26 – Nov 1", "America/Los_Angeles"),  # and back on this one's
]


def of_day(place: int) -> int:
    """Views of the week's n-th day; no two sums of days are equal."""
    return 1000 * 2**place


def planted(cast: Cast, at: At, week: Week, zone: str) -> Content:
    """Seven days with figures of their own, and large ones on the days before and after; read once everything is final."""
    at(week.final_at + timedelta(hours=1))
    with scope.inside(cast.brass.pk):
        type(cast.brass).objects.filter(pk=cast.brass.pk).update(time_zone=zone)
        account = plant_account(cast.admin, "brassorbit3")
        for place, day in enumerate(week.days):
            plant_days(account, [day], video_views=of_day(place), likes=2, comments=1, shares=1, followers_count=1000 + 10 * place)
        plant_days(account, week.before.days, video_views=9_000_000, followers_count=990)
        plant_days(account, [week.sunday + timedelta(days=1)], video_views=9_000_000, followers_count=5000)
        midnight = week.final_at - timedelta(hours=48)  # of the Monday after
        for moment in (midnight - timedelta(days=7, seconds=1), midnight - timedelta(days=7), midnight - timedelta(seconds=1), midnight):
            plant_post(account, moment, caption=f"at {moment:%a}", views=50)
        ads = plant_ad_account(cast.admin, time_zone=zone, figures_from=week.before.monday)
        for place, day in enumerate(week.days):
            plant_ad(ads, [day], post=f"7{place}", impressions=of_day(place), clicks=place, spend=Decimal("0.10") + place)
        plant_ad(ads, [week.monday - timedelta(days=1), week.sunday + timedelta(days=1)], post="79", impressions=9_000_000)
        assert Account.objects.count() == 1
    compose(cast.brass)
    return content_of(cast.brass, week)


@pytest.mark.parametrize(("name", "span", "zone"), WEEKS)
def test_title_range_and_figures_are_of_the_same_seven_dates(cast: Cast, at: At, name: str, span: str, zone: str) -> None:
    week = Week.parse(name)
    what = planted(cast, at, week, zone)
    shown, total = presentation.shown(what), sum(of_day(n) for n in range(7))
    assert shown.title == f"Week {week.number} · Brass Studio · {span}"
    assert [d.date for d in what.days] == [d.isoformat() for d in week.days]
    assert [d.views for d in what.days] == [of_day(n) for n in range(7)]
    assert [p.label for p in shown.chart.points] == [f"{d:%a} {d.day}" for d in week.days]
    rows = {r.label: r.value for r in (*shown.organic, *shown.paid[0].rows)}
    assert rows["Posts published"] == "2", "the first and the last second of the week, and not those beside it"
    assert rows["Total views"] == rows["Impressions"] == figures.count(total)
    assert rows["New followers"] == "+70"
    assert rows["Boosted posts"] == "7"
    assert rows["CPM (USD)"] == figures.money(Decimal("21.70") * 1000 / total, "USD")
    assert shown.missing == ()
    assert blocks.figures_zone(zone) in shown.paid[0].note


def test_the_files_hold_the_same_figures_as_numbers(cast: Cast, at: At) -> None:
    what = planted(cast, at, Week(2026, 53), "Europe/Berlin")
    total = sum(of_day(n) for n in range(7))
    text = outlets.as_csv(what, cast.brass).content.decode("utf-8-sig")
    told = {(part, of, figure): (unit, value) for part, of, figure, unit, value in list(csv.reader(io.StringIO(text)))[1:]}
    assert told["Organic", "2026-W53", "Total views"] == ("count", str(total))
    assert told["Organic", "2026-W53", "Posts published"] == ("count", "2")
    assert [told["Days", d.isoformat(), "Views"][1] for d in Week(2026, 53).days] == [str(of_day(n)) for n in range(7)]
    assert told["Spark Ads", "USD", "Impressions"] == ("count", str(total))
    assert Decimal(told["Spark Ads", "USD", "Spend"][1]) == Decimal("21.70")
    assert told["Spark Ads", "USD", "Spend"][0] == "USD"
    assert len([key for key in told if key[0] == "Top creative"]) == 2 * 3

    book = openpyxl.load_workbook(io.BytesIO(outlets.as_xlsx(what, cast.brass).content))
    days = [[cell.value for cell in row] for row in book["Days"].iter_rows(min_row=2)]
    assert [(row[0].date(), row[1]) for row in days] == [(d, of_day(n)) for n, d in enumerate(Week(2026, 53).days)]
    paid = dict(zip(*[[cell.value for cell in row] for row in book["Spark Ads"].iter_rows()], strict=True))
    assert (paid["Impressions"], paid["Boosted posts"]) == (total, 7)
    assert next(value for head, value in paid.items() if head.startswith("Spend")) == pytest.approx(21.70)
    organic = dict(zip(*[[cell.value for cell in row] for row in book["Organic"].iter_rows()], strict=True))
    assert (organic["Total views"], organic["New followers"]) == (total, 70)
