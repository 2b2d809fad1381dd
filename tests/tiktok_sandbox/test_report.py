"""The synchronous report: figures against the truth, levels that add up, days of the ad account, and every rule over parameters."""

import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.tiktok_sandbox.advertising import desk
from tests.tiktok_sandbox.driver import Driver

BASIC = ["spend", "impressions", "clicks", "conversion"]
ADDITIVE = ["impressions", "clicks", "conversion", "video_play_actions", "likes", "comments", "shares", "follows", "engagements"]
DATA_LEVELS = {
    "ad_id": "AUCTION_AD",
    "adgroup_id": "AUCTION_ADGROUP",
    "campaign_id": "AUCTION_CAMPAIGN",
    "advertiser_id": "AUCTION_ADVERTISER",
}
PATH = "/report/integrated/get/"


@pytest.fixture
def free(sandbox: Driver) -> Driver:
    sandbox.control("limits", {"enabled": False})
    return sandbox


def week(driver: Driver) -> dict[str, str]:
    sample = driver.control("clock")["sample_week"]
    return {"start_date": sample["first"], "end_date": sample["last"]}


def days_back(driver: Driver, first: int, last: int = 0) -> dict[str, str]:
    today = date.fromisoformat(driver.control("clock")["now"][:10])
    return {"start_date": str(today - timedelta(days=first)), "end_date": str(today - timedelta(days=last))}


def whole(name: str, deleted: bool = True) -> dict[str, object]:
    """A report by one id dimension, with deleted entities or without."""
    query: dict[str, object] = {"dimensions": [name], "data_level": DATA_LEVELS[name], "metrics": BASIC}
    if deleted and name != "advertiser_id":
        status = {"field_name": name.replace("_id", "_status"), "filter_type": "IN", "filter_value": '["STATUS_ALL"]'}
        query["filtering"] = [status]
    return query


def test_the_sample_week_has_exactly_the_known_figures(free: Driver) -> None:
    own = desk(free)
    data = own.read(
        PATH,
        advertiser_id=own.first,
        report_type="BASIC",
        data_level="AUCTION_AD",
        dimensions=["ad_id", "stat_time_day"],
        metrics=[*BASIC, "ctr", "cpm", "cpc", "tiktok_item_id", "currency"],
        enable_total_metrics=True,
        page_size=1000,
        **week(free),
    )
    total = data["total_metrics"]
    assert (total["impressions"], total["clicks"], total["spend"]) == ("284600", "5237", "1827.13")
    assert (total["ctr"], total["cpm"], total["tiktok_item_id"], total["currency"]) == ("1.84", "6.42", "-", "-")
    rows = [row["metrics"] for row in data["list"]]
    assert sum(int(row["impressions"]) for row in rows) == 284_600 and sum(int(row["clicks"]) for row in rows) == 5_237
    assert round(sum(float(row["spend"]) for row in rows), 2) == 1_827.13
    posts = {post["item_id"]: post["caption"] for post in free.world("brassorbit3")["posts"]}
    assert len({row["tiktok_item_id"] for row in rows}) == 3
    assert "Quick-cut color grading reel" in {posts[row["tiktok_item_id"]] for row in rows}
    assert all(isinstance(value, str) for row in rows for value in row.values())


@pytest.mark.parametrize("zone_place", [0, 1, 2, 3, 4, 5, 7])
def test_ads_by_day_equal_the_truth_across_pages_zones_and_currencies(free: Driver, zone_place: int) -> None:
    own = desk(free, "northwind")
    known = own.advertisers[zone_place]
    truth = {(row["ad_id"], row["date"]): row for row in own.truth(known)}
    got = {}
    for first, last in ((58, 29), (28, 0)):
        rows = own.report(
            advertiser_id=known,
            page_size=37,
            **{**whole("ad_id"), "dimensions": ["ad_id", "stat_time_day"]},
            **days_back(free, first, last),
        )
        for row in rows:
            key = row["dimensions"]["ad_id"], row["dimensions"]["stat_time_day"].removesuffix(" 00:00:00")
            assert key not in got
            got[key] = row["metrics"]
    since = days_back(free, 58)["start_date"]
    wanted = {key: row for key, row in truth.items() if key[1] >= since}
    assert got.keys() == wanted.keys() and len(got) > 50
    for key, metrics in got.items():
        row = wanted[key]
        shown = metrics["spend"], metrics["impressions"], metrics["clicks"], metrics["conversion"]
        assert shown == (row["spend"], str(row["impressions"]), str(row["clicks"]), str(row["conversion"]))


@pytest.mark.parametrize("person", ["brassorbit3", "moontideco2"])
def test_every_level_is_the_sum_of_the_one_below(free: Driver, person: str) -> None:
    own = desk(free, person)
    span = days_back(free, 60, 31)
    sums = {}
    for name in DATA_LEVELS:
        rows = own.report(**{**whole(name), "metrics": [*ADDITIVE, "spend"]}, **span)
        sums[name] = [sum(int(row["metrics"][metric]) for row in rows) for metric in ADDITIVE]
        sums[name].append(round(sum(float(row["metrics"]["spend"]) for row in rows), 2))
    assert sums["ad_id"] == sums["adgroup_id"] == sums["campaign_id"] == sums["advertiser_id"] and all(sums["ad_id"])


def test_deleted_entities_are_hidden_by_default_and_the_gap_is_theirs(free: Driver) -> None:
    own = desk(free, "moontideco2")
    span = days_back(free, 100, 1)

    def total(name: str, deleted: bool) -> int:
        return sum(int(row["metrics"]["impressions"]) for row in own.report(**whole(name, deleted), **span))

    deleted = own.pages("/ad/get/", advertiser_id=own.first, filtering={"primary_status": "STATUS_DELETE"}, fields=["ad_id"])
    assert deleted and total("ad_id", False) < total("ad_id", True) == total("advertiser_id", False)
    shown = {row["dimensions"]["ad_id"] for row in own.report(**whole("ad_id", False), **span)}
    assert not shown & {one["ad_id"] for one in deleted}


def test_reach_does_not_add_up(free: Driver) -> None:
    own = desk(free)
    asked = {"metrics": ["reach", "frequency", "impressions"], **week(free)}
    ads = own.report(**{**whole("ad_id"), **asked})
    [row] = own.report(**{**whole("advertiser_id"), **asked})
    assert int(row["metrics"]["reach"]) < sum(int(one["metrics"]["reach"]) for one in ads)
    assert abs(int(row["metrics"]["impressions"]) / int(row["metrics"]["reach"]) - float(row["metrics"]["frequency"])) < 0.01


def test_paid_figures_lag_eleven_hours_in_the_zone_of_the_account(free: Driver) -> None:
    free.control("reset", {"now": "2026-05-27T09:00:00Z"})
    free.control("limits", {"enabled": False})
    own = desk(free, "northwind")
    zones = {row["advertiser_id"]: row["timezone"] for row in free.control("world")["advertisers"]}
    span = {"start_date": "2026-05-24", "end_date": "2026-05-28"}
    newest = set()
    for known in own.advertisers[:6]:
        seen = datetime.fromisoformat("2026-05-26T22:00:00+00:00").astimezone(ZoneInfo(zones[known]))
        rows = own.report(advertiser_id=known, dimensions=["stat_time_day"], data_level="AUCTION_AD", metrics=BASIC, **span)
        last = max(row["dimensions"]["stat_time_day"][:10] for row in rows)
        assert last == str((seen - timedelta(hours=1)).date())
        newest.add(last)
    assert newest == {"2026-05-26", "2026-05-27"}


def test_hours_add_up_to_their_day_also_when_the_clock_changes(free: Driver) -> None:
    free.control("reset", {"now": "2026-04-20T12:00:00Z"})
    free.control("limits", {"enabled": False})
    own = desk(free)
    for day, hours in (("2026-03-08", 23), ("2026-03-15", 24)):
        span = {"start_date": day, "end_date": day}
        asked = {**whole("campaign_id"), **span}
        by_hour = own.report(**{**asked, "dimensions": ["campaign_id", "stat_time_hour"]})
        by_day = own.report(**{**asked, "dimensions": ["campaign_id", "stat_time_day"]})
        for metric in ("impressions", "clicks", "conversion"):
            assert sum(int(row["metrics"][metric]) for row in by_hour) == sum(int(row["metrics"][metric]) for row in by_day) > 0
        assert len({row["dimensions"]["stat_time_hour"] for row in by_hour}) == hours


def test_conversions_of_a_closed_day_keep_moving_and_nothing_else_does(free: Driver) -> None:
    free.control("reset", {"now": "2026-05-27T09:00:00Z"})
    free.control("limits", {"enabled": False})
    own = desk(free, "moontideco2")
    span = {"start_date": "2026-05-20", "end_date": "2026-05-25"}
    seen = []
    for _ in range(11):
        rows = own.report(**whole("advertiser_id"), **span)
        seen.append({name: float(rows[0]["metrics"][name]) for name in BASIC})
        free.control("clock", {"seconds": 86_400})
    conversions = [one.pop("conversion") for one in seen]
    assert all(one == seen[0] for one in seen)
    assert conversions == sorted(conversions) and conversions[0] < conversions[-1] == conversions[-3]


@pytest.mark.parametrize("breakdown", [["gender"], ["age"], ["gender", "age"], ["country_code"], ["province_id"], ["platform"]])
def test_audiences_add_up_to_the_whole(free: Driver, breakdown: list[str]) -> None:
    own = desk(free)
    parts = own.report(
        report_type="AUDIENCE",
        **{**whole("campaign_id"), "dimensions": ["campaign_id", "stat_time_day", *breakdown]},
        **week(free),
    )
    rows = own.report(**{**whole("campaign_id"), "dimensions": ["campaign_id", "stat_time_day"]}, **week(free))
    for metric in ("impressions", "clicks"):
        assert sum(int(row["metrics"][metric]) for row in parts) == sum(int(row["metrics"][metric]) for row in rows)
    assert all(name in row["dimensions"] for row in parts for name in breakdown) and len(parts) > len(rows)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start_date": "2026-01-01", "end_date": "2026-01-31"}, "max time span is 30 days when use stat_time_day"),
        ({"dimensions": ["ad_id", "stat_time_hour"], "start_date": "2026-01-01", "end_date": "2026-01-02"}, "max time span is 1 day"),
        ({"dimensions": ["ad_id"], "start_date": "2025-01-01", "end_date": "2026-01-01"}, "max time span is 365 days"),
        ({"start_date": "2026-01-02", "end_date": "2026-01-01"}, "start_date"),
        ({"start_date": None}, "start_date"),
        ({"end_date": "2026-1-1"}, "end_date"),
        ({"report_type": "NONE"}, "report_type"),
        ({"data_level": None}, "data_level"),
        ({"data_level": "AUCTION_CAMPAIGN"}, "ad_id"),
        ({"dimensions": None}, "dimensions"),
        ({"dimensions": ["ad_id", "campaign_id"]}, "dimensions"),
        ({"dimensions": ["ad_id", "ad_id_v2"]}, "dimensions"),
        ({"dimensions": ["ad_id", "stat_time_day", "gender"]}, "gender"),
        ({"dimensions": ["ad_id", "stat_time_day"], "report_type": "AUDIENCE"}, "audience"),
        ({"dimensions": ["ad_id", "gender", "platform"], "report_type": "AUDIENCE"}, "combined"),
        ({"dimensions": "ad_id,stat_time_day"}, "dimensions"),
        ({"metrics": ["spent"]}, "metrics"),
        ({"page_size": 1001}, "page_size"),
        ({"page": 0}, "page"),
        ({"query_lifetime": True}, "query_lifetime"),
        ({"order_field": "campaign_name"}, "order_field"),
        ({"report_type": "BC"}, "bc_id"),
        ({"filtering": [{"field_name": "ad_status", "filter_type": "IN"}]}, "filter_value"),
        ({"filtering": [{"field_name": "ad_ids", "filter_type": "IN", "filter_value": "7"}]}, "JSON array"),
        ({"filtering": [{"field_name": "shoe", "filter_type": "IN", "filter_value": "[]"}]}, "shoe"),
        ({"filtering": [{"field_name": "spend", "filter_type": "BETWEEN", "filter_value": "3"}]}, "BETWEEN"),
        (
            {"filtering": [{"field_name": "ad_ids", "filter_type": "IN", "filter_value": json.dumps([str(n) for n in range(1, 102)])}]},
            "100",
        ),
        ({"dimensions": ["stat_time_day"], "enable_total_metrics": True}, "enable_total_metrics"),
    ],
)
def test_a_wrong_question_is_refused_with_the_reason(free: Driver, changes: dict[str, object], message: str) -> None:
    own = desk(free)
    query = {"advertiser_id": own.first, "report_type": "BASIC", "data_level": "AUCTION_AD", "dimensions": ["ad_id", "stat_time_day"]}
    answer = own.get(PATH, **{**query, "start_date": "2026-01-01", "end_date": "2026-01-07", **changes})
    assert answer["code"] == 40002 and message in answer["message"], answer


def test_thirty_days_are_not_too_many(free: Driver) -> None:
    own = desk(free)
    asked = {**whole("ad_id"), "dimensions": ["ad_id", "stat_time_day"]}
    assert own.report(**asked, **days_back(free, 29)) and own.report(**whole("ad_id"), **days_back(free, 364))


def test_filters_by_figures_and_order(free: Driver) -> None:
    own = desk(free, "moontideco2")
    asked = {**whole("ad_id"), "dimensions": ["ad_id", "stat_time_day"], **days_back(free, 30, 3)}
    rows = own.report(**asked)
    seen = [int(row["metrics"]["impressions"]) for row in rows]
    middle = sorted(seen)[len(seen) // 2]
    for kind, keeps in (
        ("GREATER_THAN", lambda value: value > middle),
        ("GREATER_EQUAL", lambda value: value >= middle),
        ("LOWER_THAN", lambda value: value < middle),
        ("LOWER_EQUAL", lambda value: value <= middle),
    ):
        filtering = [*asked["filtering"], {"field_name": "impressions", "filter_type": kind, "filter_value": str(middle)}]
        assert len(own.report(**{**asked, "filtering": filtering})) == sum(1 for value in seen if keeps(value)) > 0
    between = {"field_name": "impressions", "filter_type": "BETWEEN", "filter_value": f"[{middle}, {middle * 2}]"}
    got = own.report(**{**asked, "filtering": [*asked["filtering"], between]})
    assert len(got) == sum(1 for value in seen if middle <= value <= middle * 2)
    for direction in ("ASC", "DESC"):
        ordered = [int(row["metrics"]["impressions"]) for row in own.report(order_field="impressions", order_type=direction, **asked)]
        assert ordered == sorted(seen, reverse=direction == "DESC")


def test_filters_by_ids_names_and_countries(free: Driver) -> None:
    own = desk(free, "moontideco2")
    asked = {**whole("ad_id"), **days_back(free, 60, 31)}
    rows = own.report(**{**asked, "metrics": [*BASIC, "campaign_id", "campaign_name"]})
    chosen = rows[0]["metrics"]["campaign_id"]

    def with_filter(name: str, kind: str, value: str) -> list[dict[str, dict[str, str]]]:
        return own.report(**{**asked, "filtering": [*asked["filtering"], {"field_name": name, "filter_type": kind, "filter_value": value}]})

    inside, outside = (with_filter("campaign_ids", kind, json.dumps([chosen])) for kind in ("IN", "NOT_IN"))
    assert len(inside) == sum(1 for row in rows if row["metrics"]["campaign_id"] == chosen) and len(inside) + len(outside) == len(rows)
    name = rows[0]["metrics"]["campaign_name"]
    assert with_filter("campaign_name", "MATCH", name.upper()) and with_filter("campaign_name", "CONTAIN_ANY_OF", json.dumps([name[:6]]))
    german = with_filter("country_code", "IN", '["DE"]')
    full = sum(int(row["metrics"]["impressions"]) for row in rows)
    assert 0.8 * full < sum(int(row["metrics"]["impressions"]) for row in german) < 0.9 * full


def test_ids_alone_show_idle_entities_with_zeros_and_days_do_not(free: Driver) -> None:
    own = desk(free)
    by_id = own.report(**whole("campaign_id"), **week(free))
    assert {row["metrics"]["impressions"] for row in by_id if row["metrics"]["spend"] == "0.00"} == {"0"}
    by_day = own.report(**{**whole("campaign_id"), "dimensions": ["campaign_id", "stat_time_day"]}, **week(free))
    assert len({row["dimensions"]["campaign_id"] for row in by_day}) == 1 < len(by_id)


def test_a_lifetime_needs_no_dates(free: Driver) -> None:
    own = desk(free)
    rows = own.report(**whole("ad_id"), query_lifetime=True)
    totals: dict[str, int] = defaultdict(int)
    for row in own.truth():
        totals[row["ad_id"]] += row["impressions"]
    assert {row["dimensions"]["ad_id"]: int(row["metrics"]["impressions"]) for row in rows} == {
        **{row["dimensions"]["ad_id"]: 0 for row in rows},
        **totals,
    }


def test_several_accounts_in_one_report(free: Driver) -> None:
    own = desk(free, "moontideco2")
    span = days_back(free, 40, 20)
    rows = own.report(advertiser_ids=own.advertisers, **whole("advertiser_id"), **span)
    assert {row["metrics"]["advertiser_id"]: row["metrics"]["currency"] for row in rows} == dict(
        zip(own.advertisers, ("EUR", "JPY"), strict=True)
    )
    assert all("." not in row["metrics"]["spend"] for row in rows)
    by_day = own.report(advertiser_ids=own.advertisers, **{**whole("advertiser_id"), "dimensions": ["stat_time_day"]}, **span)
    assert {(row["metrics"]["spend"], row["metrics"]["currency"], row["metrics"]["advertiser_id"]) for row in by_day} == {("-", "0", "0")}
    assert sum(int(row["metrics"]["impressions"]) for row in by_day) == sum(int(row["metrics"]["impressions"]) for row in rows)
    other = desk(free)
    assert (
        own.get(PATH, advertiser_ids=[*own.advertisers, other.first], report_type="BASIC", **whole("advertiser_id"), **span)["code"]
        == 40001
    )


def test_utc_days_cut_the_same_figures_elsewhere(free: Driver) -> None:
    own = desk(free, "northwind")
    ids = own.advertisers[:4]
    asked = {"advertiser_ids": ids, **whole("advertiser_id"), "dimensions": ["advertiser_id", "stat_time_day"], **days_back(free, 20, 8)}
    local, utc = own.report(**asked), own.report(multi_adv_report_in_utc_time=True, **asked)

    def by_key(rows: list[dict[str, dict[str, str]]]) -> dict[tuple[str, str], str]:
        return {(row["dimensions"]["advertiser_id"], row["dimensions"]["stat_time_day"]): row["metrics"]["impressions"] for row in rows}

    assert by_key(local).keys() == by_key(utc).keys() and by_key(local) != by_key(utc)


def test_a_report_over_a_business_center(free: Driver) -> None:
    own = desk(free, "moontideco2")
    center = own.read("/bc/get/")["list"][0]["bc_info"]["bc_id"]
    rows = own.report(advertiser_id=None, bc_id=center, report_type="BC", dimensions=["advertiser_id"], **days_back(free, 200))
    assert [row["dimensions"]["advertiser_id"] for row in rows] == own.advertisers


@pytest.mark.parametrize("kind", ["CATALOG", "PLAYABLE_MATERIAL"])
def test_what_the_world_has_nothing_of_is_an_empty_report(free: Driver, kind: str) -> None:
    own = desk(free)
    assert own.report(report_type=kind, data_level="AUCTION_AD", dimensions=["ad_id"], **week(free)) == []


def test_wide_questions_can_be_refused_until_the_window_is_halved(free: Driver) -> None:
    own = desk(free)
    asked = {**whole("ad_id"), "dimensions": ["ad_id", "stat_time_day"], "advertiser_id": own.first, "report_type": "BASIC"}
    free.control("limits", {"enabled": False, "report_rows_most": 20})
    assert own.get(PATH, **asked, **days_back(free, 29))["code"] == 40067
    assert own.get(PATH, **asked, **days_back(free, 9, 8))["code"] == 0


def test_more_than_twenty_thousand_ids_are_cut_and_a_header_says_so(free: Driver) -> None:
    free.control("scale", {"ads": 20_004})
    own = desk(free)
    volume = own.advertisers[-1]
    sample = week(free)
    day = {"start_date": sample["end_date"], "end_date": sample["end_date"]}
    asked = {"advertiser_id": volume, "report_type": "BASIC", **whole("ad_id"), "dimensions": ["ad_id", "stat_time_day"], **day}
    answer = own.ask(PATH, **asked)
    assert "20,000" in answer.headers["x-tt-ads-throttle"]
    assert answer.json()["data"]["page_info"]["total_number"] == 20_000
    free.control("scale", {"ads": 20_000})
    answer = own.ask(PATH, **{**asked, "page": 20_000, "page_size": 1})
    assert "x-tt-ads-throttle" not in answer.headers and len(answer.json()["data"]["list"]) == 1


def test_the_scaled_account_has_ninety_days_of_every_ad(free: Driver) -> None:
    free.control("scale", {"ads": 40})
    own = desk(free)
    last = date.fromisoformat(week(free)["end_date"])
    span = {"start_date": str(last - timedelta(days=29)), "end_date": str(last)}
    asked = {"advertiser_id": own.advertisers[-1], **whole("ad_id"), "dimensions": ["ad_id", "stat_time_day"]}
    first = own.report(**asked, **span)
    assert len(first) == 40 * 30 and first == own.report(**asked, **span)
    earlier = {"start_date": str(last - timedelta(days=91)), "end_date": str(last - timedelta(days=88))}
    assert {row["dimensions"]["stat_time_day"][:10] for row in own.report(**asked, **earlier)} == {
        str(last - timedelta(days=89)),
        str(last - timedelta(days=88)),
    }


def test_a_report_needs_its_permission(free: Driver) -> None:
    own = desk(free, scopes=[200])
    assert own.get(PATH, advertiser_id=own.first, report_type="BASIC", **whole("ad_id"), **week(free))["code"] == 40001
