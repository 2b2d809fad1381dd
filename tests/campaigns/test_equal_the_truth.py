"""What the Campaigns page and its exports say equals what local TikTok knows: every level, every period, in four zones and three kinds of
money, through late hours, corrections and deleted ads. CHAOS=long goes through ten generated worlds as well, each at a moment of its own:
the changes of clocks, the turn of the year."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from agency.outlets import figures
from integrations.models import AdAccount
from tests.campaigns.reading import exported, shown
from tests.integrations.advertising import link, paid_truth, sync_ads
from tests.local_tiktok import LocalTikTok
from tests.metrics.test_sync_ads import ACCOUNTS
from tests.people import Cast, sign_in
from tests.reports.test_figures_are_true import LONG, WORLDS, begin
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
LEVELS = {"campaigns": "campaign_id", "groups": "adgroup_id", "ads": "ad_id"}
COUNTS = {"Impressions": "impressions", "Clicks": "clicks", "Conversions": "conversion"}


def summed(truth: list[dict[str, Any]], first: date, last: date, *keys: str) -> dict[Any, dict[str, Any]]:
    """The truth of some days, by whatever names a line."""
    found: dict[Any, dict[str, Any]] = defaultdict(lambda: {"spend": Decimal(0), "impressions": 0, "clicks": 0, "conversion": 0})
    for row in truth:
        if first.isoformat() <= row["date"] <= last.isoformat():
            line = found[tuple(row[key] for key in keys)]
            for name in line:
                line[name] += Decimal(row[name]) if name == "spend" else row[name]
    return dict(found)


def as_shown(line: dict[str, Any], currency: str) -> dict[str, str]:
    """A line of truth as the page has to write it."""
    rates = {
        f"CPM ({currency})": figures.money(line["spend"] * 1000 / line["impressions"], currency) if line["impressions"] else "–",
        "CTR": figures.ctr(line["clicks"] / line["impressions"]) if line["impressions"] else "–",
    }
    return {f"Spend ({currency})": figures.money(line["spend"], currency)} | rates | {
        head: figures.count(line[name]) for head, name in COUNTS.items()
    }  # fmt: skip


def assert_page_and_exports_tell_the_truth(client: Client, one: AdAccount, truth: list[dict[str, Any]], first: date, last: date) -> None:
    period = {"from": first.isoformat(), "to": last.isoformat()}
    (whole,) = summed(truth, first, last).values() or [None]
    for level, key in LEVELS.items():
        expected = {name: line for (name,), line in summed(truth, first, last, key).items()}
        told = {row[next(iter(row))]: row for row in exported(client, "campaigns", one, level=level, **period)}
        delivered = {name: row for name, row in told.items() if row["Impressions"]}
        assert set(delivered) == set(expected)
        for name, line in expected.items():
            row = delivered[name]
            assert Decimal(row[f"Spend ({one.currency})"]) == line["spend"]
            assert {head: int(row[head]) for head in COUNTS} == {head: line[part] for head, part in COUNTS.items()}
        rows, total = shown(client, one, level=level, **period)
        assert {c: total[c] for c in as_shown(whole, one.currency)} == as_shown(whole, one.currency), "a level adds up to the whole"
        seen = sorted(tuple(row[c] for c in as_shown(whole, one.currency)) for row in rows if row["Impressions"] != "–")
        assert seen == sorted(tuple(as_shown(line, one.currency).values()) for line in expected.values())


@pytest.mark.parametrize("seed", (None, *WORLDS) if LONG else (None,))
@pytest.mark.parametrize(("person", "name", "currency"), ACCOUNTS.values(), ids=ACCOUNTS)
def test_every_level_of_every_period_equals_the_truth_and_goes_on_doing_so(
    cast: Cast, tiktok: LocalTikTok, person: str, name: str, currency: str, seed: int | None
) -> None:
    begin(tiktok, seed)
    client = sign_in(cast.admin)
    (one,) = link(client, tiktok, cast.admin, person, [name])
    sync_ads(tiktok, cast.admin)
    for hours in (0, 5, 26, 8 * 24):  # late hours, then conversions that are counted for days
        if hours:
            tiktok.advance(hours * 3600)
            work_off("advertiser_look")
            sync_ads(tiktok, cast.admin)
        truth = paid_truth(tiktok, one.advertiser_id)
        days = sorted({date.fromisoformat(row["date"]) for row in truth})
        last = days[-1]
        for first, until in ((last - timedelta(days=6), last), (last - timedelta(days=75), last - timedelta(days=9))):
            assert_page_and_exports_tell_the_truth(client, one, truth, first, until)
    by_day = exported(client, "campaign-days", one, level="ads", **{"from": days[-40].isoformat(), "to": last.isoformat()})
    expected = summed(truth, days[-40], last, "date", "campaign_id", "adgroup_id", "ad_id")
    day = next(iter(by_day[0]))
    got = {(row[day], row["Campaign id"], row["Ad group id"], row["Ad id"]): row for row in by_day}
    assert set(got) == set(expected)
    for key, line in expected.items():
        assert Decimal(got[key][f"Spend ({currency})"]) == line["spend"]
        assert {head: int(got[key][head]) for head in COUNTS} == {head: line[part] for head, part in COUNTS.items()}
