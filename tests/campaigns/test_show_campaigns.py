"""The Campaigns page: levels, totals, periods, filters, states, gaps, and what it says when there is nothing to say."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agency import scope
from agency.models import AuditRow
from agency.roles import Can, Role
from integrations.models import AdAccount, Connection, SyncRun
from metrics.models import Ad
from tests.campaigns.planting import (
    a_call,
    plant_ad,
    plant_ad_account,
    plant_campaign,
    plant_days,
    plant_group,
    plant_totals,
)
from tests.campaigns.reading import shown, tables_of
from tests.metrics.planting import plant_account, plant_post
from tests.people import Cast, member, sign_in

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
NOW = datetime(2026, 5, 25, 18, tzinfo=UTC)
WEEK = [date(2026, 5, 18) + timedelta(days=n) for n in range(7)]  # the last seven that are final
BEFORE = [day - timedelta(days=7) for day in WEEK]
PERIOD = {"from": "2026-05-18", "to": "2026-05-24"}


@pytest.fixture(autouse=True)
def at_a_monday() -> Any:
    cache.clear()  # tries at signing in are counted, and here all of them come at one moment
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def one(cast: Cast) -> AdAccount:
    """Two campaigns: one of two ad groups and three ads, one of a single ad."""
    with scope.inside(cast.brass.pk):
        account = plant_ad_account(cast.admin)
        plant_campaign(account, 1, "Spring Spark", objective="TRAFFIC", budget=Decimal(150), budget_mode="BUDGET_MODE_DAY")
        plant_campaign(account, 2, "Lens kit", objective="WEB_CONVERSIONS", is_smart=True, operation_status="DISABLE")
        plant_group(account, 11, "Prospecting", 1)
        plant_group(account, 12, "Retargeting", 1)
        plant_group(account, 21, "All", 2)
        for ad, group, campaign in ((101, 11, 1), (102, 11, 1), (103, 12, 1), (201, 21, 2)):
            plant_ad(account, ad, f"Ad {ad}", campaign, group)
            plant_days(account, ad, WEEK, campaign=campaign, group=group, spend=Decimal(ad) / 100)
            plant_days(account, ad, BEFORE, campaign=campaign, group=group, spend=Decimal("1.00"))
    return account


@pytest.fixture
def admin(cast: Cast) -> Client:
    return sign_in(cast.admin)


def text_of(client: Client, path: str = "/campaigns", status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_without_an_ad_account_it_says_so_and_how_to_link_one(cast: Cast, admin: Client) -> None:
    assert "No advertiser account is linked." in text_of(admin)
    assert 'href="/settings/integrations">Link an ad account' in admin.get("/campaigns").content.decode()
    assert "can link one under Integrations" in text_of(sign_in(cast.viewer))


def test_levels_add_up_and_rates_come_from_the_totals(one: AdAccount, admin: Client) -> None:
    totals = []
    for level in ("campaigns", "groups", "ads"):
        rows, total = shown(admin, one, level=level)
        assert sum(int(row["Impressions"].replace(",", "")) for row in rows) == 28_000
        totals.append({head: total[head] for head in ("Spend (USD)", "Impressions", "Clicks", "CTR", "CPM (USD)", "Conversions")})
    expected = {
        "Spend (USD)": "$35.49", "Impressions": "28,000", "Clicks": "560", "CTR": "2.00%", "CPM (USD)": "$1.27", "Conversions": "56",
    }  # fmt: skip
    assert totals == [expected] * 3
    words = text_of(admin)
    assert "Spend (USD) $35.49" in words
    assert "+26.8%" in words, "28.00 before"
    assert "Spring Spark Traffic" in words
    assert "$150.00 a day" in words


def test_one_goes_down_into_a_campaign_and_its_groups_and_up_again(one: AdAccount, admin: Client) -> None:
    page = admin.get("/campaigns").content.decode()
    assert 'href="/campaigns?level=groups&amp;campaign=1">Spring Spark</a>' in page
    rows, total = shown(admin, one, level="groups", campaign=1)
    assert [row["Ad group"] for row in rows] == ["Prospecting", "Retargeting"]
    assert total["Spend (USD)"] == "$21.42"
    rows, total = shown(admin, one, level="ads", campaign=1, group=12)
    assert [row["Ad"] for row in rows] == ["Ad 103"]
    words = text_of(admin, "/campaigns?level=ads&campaign=1&group=12")
    assert "All campaigns Spring Spark Retargeting" in words
    assert "Spend (USD) $7.21" in words, "key figures and chart are those of what is looked at"


@pytest.mark.parametrize(
    ("sort", "first"),
    [("-spend", "Spring Spark"), ("spend", "Lens kit"), ("name", "Lens kit"), ("-name", "Spring Spark"), ("-cpm", "Lens kit")],
)
def test_columns_sort_both_ways_and_say_so(one: AdAccount, admin: Client, sort: str, first: str) -> None:
    rows, _ = shown(admin, one, sort=sort)
    assert rows[0]["Campaign"] == first
    wanted = "descending" if sort.startswith("-") else "ascending"
    assert f'aria-sort="{wanted}"' in admin.get(f"/campaigns?sort={sort}").content.decode()


def test_columns_are_chosen_and_stay_in_the_address(one: AdAccount, admin: Client) -> None:
    answer = admin.get("/campaigns?columns=spend&columns=video_views_2s&columns=video_views_whole&columns=cost_per_conversion")
    (head,) = tables_of(answer)[-1]["thead"]
    assert head == [
        "Campaign", "Status", "Spend (USD)↓", "Cost per conversion (USD)", "2-second views", "Whole views",
    ]  # fmt: skip
    assert "columns=spend%2Ccost_per_conversion%2Cvideo_views_2s%2Cvideo_views_whole" in answer.content.decode()
    everything = "&".join(f"columns={name}" for name in ("spend", "likes", "shares", "comments", "follows", "ctr", "cpc", "cpm", "clicks",
                                                         "impressions", "conversions"))  # fmt: skip
    assert "at most 10 columns" in text_of(admin, f"/campaigns?{everything}", status=422)


def test_filters_and_search_stand_in_the_address_and_can_be_cleared(one: AdAccount, admin: Client) -> None:
    rows, total = shown(admin, one, status="paused")
    assert [row["Campaign"] for row in rows] == ["Lens kit"]
    assert total["Spend (USD)"] == "$14.07"
    rows, _ = shown(admin, one, q="spring")
    assert [row["Campaign"] for row in rows] == ["Spring Spark"]
    words = text_of(admin, "/campaigns?q=nothing+like+it")
    assert "Nothing here fits the filter. Clear the filter" in words


def test_a_page_has_so_many_lines_and_no_line_twice(cast: Cast, admin: Client) -> None:
    with scope.inside(cast.brass.pk):
        one = plant_ad_account(cast.admin)
        for number in range(120):
            plant_campaign(one, number, f"Campaign {number:03d}")
        plant_days(one, 1, WEEK, campaign=7)
    rows, _ = shown(admin, one)
    assert len(rows) == len({row["Campaign"] for row in rows}) == 120
    assert "1 – 25 of 120" in text_of(admin)
    assert "This page is past the last one." in text_of(admin, "/campaigns?page=9")


@pytest.mark.parametrize("query", ["", "?days=28", "?days=90", "?from=2025-06-01&to=2026-05-24", "?level=ads&days=90"])
def test_a_full_page_weighs_at_most_sixty_kilobytes_whatever_the_period(cast: Cast, admin: Client, query: str) -> None:
    with scope.inside(cast.brass.pk):
        one = plant_ad_account(cast.admin)
        for number in range(60):
            plant_campaign(one, number, f"Campaign {number:03d}, everybody between Lisbon and Warsaw")
            plant_group(one, number, "Everybody", number)
            plant_ad(one, number, f"Ad {number:03d}, the second cut", number, number)
            days = [WEEK[-1] - timedelta(days=n) for n in range(0, 400, 1 if number < 2 else 10)]
            plant_days(one, number, days, campaign=number, group=number, spend=1234 + Decimal(number) / 8, impressions=1_234_567)
    page = admin.get(f"/campaigns{query}").content
    assert page.count(b'<th scope="row">') > 25
    assert len(page) < 60_000


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("days=5", "choose 7, 28 or 90 days"),
        ("from=2026-05-18", "needs two dates"),
        ("from=x&to=y", "needs two dates"),
        ("from=2026-05-24&to=2026-05-18", "turned around"),
        ("from=2026-05-18&to=2026-06-30", "Nobody knows the days to come"),
        ("from=2030-01-01&to=2030-01-02", "no day left"),
        ("from=2012-01-01&to=2012-02-01", "no TikTok before"),
        ("from=2024-01-01&to=2026-05-18", "at most 366 days"),
        ("level=planets", "These are the campaigns"),
        ("metric=luck", "The chart shows what was spent"),
        ("sort=luck", "The most expensive comes first"),
        ("status=luck", "All are shown"),
        ("against=luck", "with the days before"),
    ],
)
def test_what_an_address_cannot_mean_is_said_in_words(one: AdAccount, admin: Client, query: str, said: str) -> None:
    assert said in text_of(admin, f"/campaigns?{query}", status=422)


def test_a_period_of_ones_own_is_compared_with_the_days_before_or_a_year_before(one: AdAccount, admin: Client) -> None:
    assert "May 18 – May 24 , UTC days against May 11 – May 17" in text_of(admin)
    assert "against May 19 – May 25" in text_of(admin, "/campaigns?against=year")
    assert "against" not in text_of(admin, "/campaigns?against=none").split("Change")[0].split("Campaigns")[-1]


@pytest.mark.parametrize(
    ("zone", "last"), [("Pacific/Auckland", 25), ("America/Los_Angeles", 23), ("Asia/Kolkata", 24), ("Etc/GMT+10", 23)]
)
def test_the_last_final_day_is_that_of_the_ad_accounts_zone(cast: Cast, admin: Client, zone: str, last: int) -> None:
    with scope.inside(cast.brass.pk):
        plant_ad_account(cast.admin, zone=zone)
    with time_machine.travel(datetime(2026, 5, 25, 17, 59, tzinfo=UTC) if last != 25 else datetime(2026, 5, 25, 23, 1, tzinfo=UTC)):
        assert f"– May {last}," in text_of(admin)


def test_a_chart_of_more_than_a_quarter_is_drawn_by_weeks_whose_rates_come_from_their_sums(one: AdAccount, admin: Client) -> None:
    with scope.inside(one.workspace_id):
        plant_days(one, 101, [date(2026, 5, 11)], group=11, spend=Decimal("1.00"), impressions=9000)
        AdAccount.objects.filter(pk=one.pk).update(figures_from=date(2026, 5, 4))
    chart = tables_of(admin.get("/campaigns?from=2026-02-15&to=2026-05-24&metric=ctr"))[0]  # fourteen weeks and a day
    assert chart["thead"][0][0] == "Week"
    assert len(chart["tbody"]) == 14
    assert [row[:2] for row in chart["tbody"][-4:]] == [
        ["Apr 27 – May 3", "–no data"], ["May 4 – 10", "–no ads shown"], ["May 11 – 17", "1.56%"], ["May 18 – 24", "2.00%"],
    ]  # fmt: skip
    words = text_of(admin, "/campaigns?from=2026-02-15&to=2026-05-24")
    assert "Spend per week (USD)" in words
    assert "May 18 – 24 $35.49" in words
    year = admin.get("/campaigns?from=2025-05-25&to=2026-05-24&against=year")
    assert len(tables_of(year)[0]["tbody"]) == 52


def test_days_that_still_move_look_different_and_conversions_say_that_they_may_rise(one: AdAccount, admin: Client) -> None:
    assert "Conversions may still rise" in text_of(admin)
    assert "Conversions since Apr 26 may still rise" in text_of(admin, "/campaigns?days=90")
    words = text_of(admin, "/campaigns?from=2026-05-20&to=2026-05-25")
    assert "TikTok still counts May 25" in words
    assert "may still rise" in words


def test_a_figure_that_tiktok_did_not_tell_is_no_zero_and_no_sum(one: AdAccount, admin: Client, cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        plant_days(one, 201, WEEK[:1], campaign=2, group=21, conversion=None, spend=Decimal("2.01"))
    rows, total = shown(admin, one)
    assert {row["Campaign"]: row["Conversions"] for row in rows} == {"Spring Spark": "42", "Lens kit": "–"}
    assert total["Conversions"] == "–"
    assert "TikTok did not tell it for every ad" in admin.get("/campaigns").content.decode()
    assert total["Spend (USD)"] == "$35.49", "the other figures are whole"


def test_a_campaign_that_was_not_shown_has_no_figures_and_says_why(one: AdAccount, admin: Client, cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        plant_campaign(one, 3, "Summer teaser", operation_status="DISABLE", secondary_status="CAMPAIGN_STATUS_DISABLE")
    rows, _ = shown(admin, one)
    assert (rows[-1]["Campaign"], rows[-1]["Spend (USD)"], rows[-1]["Status"]) == ("Summer teaser", "–", "Paused")
    assert "Summer teaser Paused – no budget of its own Not shown in these days" in text_of(admin)


def test_a_difference_to_tiktoks_own_total_is_named(one: AdAccount, admin: Client, cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        plant_totals(one, WEEK[2], spend=Decimal("13.19"), impressions=4000, clicks=80, conversion=8)
        plant_totals(one, WEEK[3], spend=Decimal("5.07"), impressions=4000, clicks=79, conversion=None)
    words = text_of(admin)
    assert "TikTok's own spend of the ad account is $8.12 more than its ads together, on May 20." in words
    assert "TikTok's own clicks of the ad account is 1 less than its ads together, on May 21." in words
    assert "own conversions" not in words, "what TikTok did not tell is compared with nothing"


def test_what_is_left_out_is_named(one: AdAccount, admin: Client, cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        plant_campaign(one, 4, "Booked", objective="RF_REACH")
        plant_campaign(one, 5, "Gone", secondary_status="CAMPAIGN_STATUS_DELETE")
    words = text_of(admin)
    assert "This ad account has 1." in words
    assert "GMV Max campaigns have a report of their own" in words
    assert "Deleted campaigns (1)" in words
    assert "Smart+ campaigns (1)" in words


def test_money_of_two_currencies_is_never_added(one: AdAccount, admin: Client, cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        other = plant_ad_account(cast.admin, "Brass Japan", currency="JPY", zone="Asia/Tokyo")
        plant_days(other, 1, WEEK, spend=Decimal(900))
        third = plant_ad_account(cast.admin, "Brass US 2")
        plant_days(third, 1, WEEK, spend=Decimal("1.00"))
    answer = admin.get("/campaigns?level=accounts&from=2026-05-18&to=2026-05-24")
    table = tables_of(answer)[-1]
    assert [(row[0], row[1]) for row in table["tbody"]] == [("Brass Ads", "$35.49"), ("Brass Japan", "¥6,300"), ("Brass US 2", "$7.00")]
    assert [(row[0], row[1]) for row in table["tfoot"]] == [("2 ad accounts in USD", "$42.49")]
    words = text_of(admin, f"/campaigns?account={other.pk}")
    assert "Spend (JPY) ¥6,300" in words
    assert "Tokyo days" in words


def test_another_ad_account_leaves_what_was_chosen_in_the_one_before(one: AdAccount, admin: Client, cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        other = plant_ad_account(cast.admin, "Brass Two")
        plant_group(other, 91, "Elsewhere", 9)
    words = text_of(admin, f"/campaigns?level=groups&campaign=1&of={one.pk}&account={other.pk}")
    assert "Elsewhere" in words


def test_a_spark_ad_names_its_post_and_whose_it_is(one: AdAccount, admin: Client, cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        account = plant_account(cast.admin, "brassorbit3")
        post = plant_post(account, NOW, tiktok_item_id="77", caption="Quick-cut color\ngrading reel")
        Ad.objects.filter(tiktok_ad_id="101").update(tiktok_item_id="77")
        Ad.objects.filter(tiktok_ad_id="201").update(tiktok_item_id="88")
    words = text_of(admin, "/campaigns?level=ads")
    assert "@brassorbit3 · Quick-cut color grading reel" in words
    assert f'href="/performance/posts/{post.pk}"' in admin.get("/campaigns?level=ads").content.decode()
    assert "post 88, not of a connected account" in words
    assert "2 posts shown as Spark Ads" in words
    rows, total = shown(admin, one, level="ads", kind="spark")
    assert [row["Ad"] for row in rows] == ["Ad 201", "Ad 101"]
    assert total["Impressions"] == "14,000"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"state": AdAccount.State.LOST}, "TikTok no longer opens Brass Ads to us. Figures stop at May 25."),
        ({"figures_seen_at": NOW - timedelta(hours=4)}, "Last synced 4 h ago"),
        ({"figures_seen_at": None, "figures_from": None}, "The first figures are on their way."),
    ],
)
def test_every_state_has_its_words(one: AdAccount, admin: Client, cast: Cast, change: dict[str, Any], said: str) -> None:
    with scope.inside(cast.brass.pk):
        AdAccount.objects.filter(pk=one.pk).update(**change)
    assert said in text_of(admin)


def test_a_broken_consent_says_where_figures_stop_and_what_to_do(one: AdAccount, admin: Client, cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        Connection.objects.filter(pk=one.connection_id).update(state=Connection.State.BROKEN)
    assert "Brass Ads needs to be connected again. Figures stop at May 25. Open Integrations" in text_of(admin)
    assert "Open Integrations" not in text_of(sign_in(cast.viewer))


def test_without_the_permission_there_are_no_figures_and_no_zeros(one: AdAccount, admin: Client, cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        SyncRun.objects.filter(ad_account=one, kind=SyncRun.Kind.AD_DAYS).update(
            state=SyncRun.State.SKIPPED, sentence="Not granted: Reporting."
        )
    words = text_of(admin)
    assert "Not granted: Reporting. TikTok gives this permission to the app" in words
    assert "Spend per day" not in words
    assert words.count("Not granted: Reporting") >= 5, "the notice and every key figure"


def test_days_that_have_not_been_read_are_a_gap_and_no_base(one: AdAccount, admin: Client, cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        AdAccount.objects.filter(pk=one.pk).update(figures_from=WEEK[0])
        SyncRun.objects.filter(ad_account=one, kind=SyncRun.Kind.AD_HISTORY).update(last_success_at=None, done_count=8, total_count=731)
    words = text_of(admin, "/campaigns?days=28")
    assert "Earlier days are still being read, the newest first. 8 of 731 days are here." in words
    assert "no data from TikTok" in words


def test_a_day_without_delivery_is_zero_spend_and_no_rate(one: AdAccount, admin: Client, cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        quiet = plant_ad_account(cast.admin, "Quiet")
        plant_days(quiet, 1, WEEK[:3])
    words = text_of(admin, f"/campaigns?account={quiet.pk}&metric=ctr")
    assert "no ads shown" in words
    assert "no data from TikTok" not in words
    assert "Thu 21 $0.00" in text_of(admin, f"/campaigns?account={quiet.pk}")


def test_names_of_others_are_only_text(one: AdAccount, admin: Client, cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        plant_campaign(one, 6, "<script>alert(1)</script>")
    page = admin.get("/campaigns").content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_who_sees_it_and_who_does_not(one: AdAccount, cast: Cast) -> None:
    assert sign_in(cast.viewer).get("/campaigns").status_code == 200
    assert sign_in(cast.creator).get("/campaigns").status_code == 403
    assert "Export" not in text_of(sign_in(cast.viewer)), "reading is not taking away"
    community = member(cast.brass, "community@agency.example", Role.COMMUNITY)
    assert not community.as_role.can(Can.VIEW_CAMPAIGNS)
    assert sign_in(cast.moon_admin).get(f"/campaigns?account={one.pk}").status_code == 404
    assert sign_in(cast.manager).get("/campaigns").status_code == 200
    with scope.inside(cast.brass.pk):
        assert AuditRow.objects.filter(verb="page.read", facts__kind="campaigns", person_id=cast.manager.person_id).count() == 1


def test_where_the_figures_came_from_is_told_to_the_request(one: AdAccount, admin: Client, cast: Cast) -> None:
    with scope.inside(cast.brass.pk):
        a_call(one, request_id="unrelated")
    words = text_of(admin, "/campaigns/origin?from=2026-05-18&to=2026-05-24&level=ads&campaign=2")
    assert "/report/integrated/get/ 7 days of ads, May 18 – May 24 · Request r" in words
    assert words.count("Request r") == 1
    assert "unrelated" not in words


def test_the_number_of_queries_is_the_same_for_a_week_and_a_year_and_for_one_and_many(one: AdAccount, admin: Client, cast: Cast) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert admin.get(path).status_code == 200
        # The test's own transaction turns the request's two into savepoints, each with its setting again: two are counted.
        around = r'SAVEPOINT|RELEASE|ROLLBACK|SELECT set_config|UPDATE "agency_session"'
        return 2 + len([q for q in seen if not re.match(around, q["sql"])])

    admin.get("/campaigns")
    few = queries("/campaigns")
    with scope.inside(cast.brass.pk):
        for number in range(20, 90):
            plant_campaign(one, number, f"More {number}")
            plant_days(one, 1000 + number, WEEK, campaign=number, group=number)
    assert queries("/campaigns?from=2025-05-26&to=2026-05-25") == queries("/campaigns") == few
    with scope.inside(cast.brass.pk):
        Ad.objects.filter(tiktok_ad_id="101").update(tiktok_item_id="77")
    for path in (
        "/campaigns?level=ads",
        "/campaigns?level=ads&campaign=1&group=11",
        "/campaigns?level=accounts",
        "/campaigns?level=groups",
    ):
        assert queries(path) <= 12, path
    assert few <= 12


@pytest.mark.parametrize("path", ["/campaigns", "/campaigns?level=groups&campaign=1", "/campaigns?level=ads&campaign=1&group=11"])
def test_nothing_waits_for_the_lines_of_the_table_but_the_table(one: AdAccount, admin: Client, path: str) -> None:
    """PostgreSQL answers in order: what is asked after the lines, which take longest, comes after them."""
    with CaptureQueriesContext(connection) as seen:
        assert admin.get(path).status_code == 200
    asked = [query["sql"] for query in seen if query["sql"].lstrip().startswith(("SELECT", "WITH"))]
    (lines,) = (number for number, sql in enumerate(asked) if "WITH" in sql and "fitting AS" in sql)
    late = [sql[:80] for sql in asked[lines + 1 :] if "metrics_ad" in sql or "integrations_" in sql]
    assert late == [], "the page's own figures and words"
