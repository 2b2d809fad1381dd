"""Making, changing and switching campaigns, ad groups and ads: rules, batches, repeats, and what becomes of the figures."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.tiktok_sandbox.advertising import Desk, desk
from tests.tiktok_sandbox.driver import Driver, running


@pytest.fixture
def own(sandbox: Driver) -> Desk:
    sandbox.control("limits", {"enabled": False})
    return desk(sandbox, "moontideco2")


def later(own: Desk, seconds: int) -> None:
    own.driver.control("clock", {"seconds": seconds})


def moment(own: Desk, days: int = 0) -> str:
    now = datetime.fromisoformat(own.driver.control("clock")["now"]) + timedelta(days=days)
    return now.strftime("%Y-%m-%d %H:%M:%S")


def campaign(own: Desk, **changes: Any) -> dict[str, Any]:
    body = {"advertiser_id": own.first, "campaign_name": "Made", "objective_type": "TRAFFIC", "budget_mode": "BUDGET_MODE_INFINITE"}
    return own.post("/campaign/create/", **{**body, **changes})


def group(own: Desk, **changes: Any) -> dict[str, Any]:
    body = {
        "advertiser_id": own.first,
        "adgroup_name": "Group made",
        "billing_event": "CPC",
        "optimization_goal": "CLICK",
        "budget": 60,
        "budget_mode": "BUDGET_MODE_DAY",
        "pacing": "PACING_MODE_SMOOTH",
        "schedule_type": "SCHEDULE_FROM_NOW",
        "schedule_start_time": moment(own),
        "location_ids": ["6252001"],
        "promotion_type": "WEBSITE",
    }
    if "campaign_id" not in changes:
        changes["campaign_id"] = campaign(own)["data"]["campaign_id"]
    return own.post("/adgroup/create/", **{**body, **changes})


def creative(own: Desk, **changes: Any) -> dict[str, Any]:
    identity = own.read("/identity/get/", advertiser_id=own.first, identity_type="CUSTOMIZED_USER")["identity_list"][0]
    basis = {"ad_name": "Ad made", "identity_type": "CUSTOMIZED_USER", "identity_id": identity["identity_id"], "ad_format": "SINGLE_VIDEO"}
    return {**basis, "video_id": "v1", "ad_text": "Look", **changes}


def spark(own: Desk, **changes: Any) -> dict[str, Any]:
    identity = own.read("/identity/get/", advertiser_id=own.first, identity_type="TT_USER")["identity_list"][0]
    asked = {"advertiser_id": own.first, "identity_type": "TT_USER", "identity_id": identity["identity_id"]}
    post = own.read("/identity/video/get/", **asked)["video_list"][0]
    basis = {"identity_type": "TT_USER", "identity_id": identity["identity_id"], "tiktok_item_id": post["item_id"]}
    return {**basis, "ad_format": "SINGLE_VIDEO", **changes}


def shown(own: Desk, level: str, known: str) -> dict[str, Any]:
    filtering = {f"{level}_ids": [known], "primary_status": "STATUS_ALL"}
    [one] = own.read(f"/{level}/get/", advertiser_id=own.first, filtering=filtering)["list"]
    return one


def chain(own: Desk) -> tuple[str, str, str]:
    made = group(own)["data"]
    ad = own.write("/ad/create/", advertiser_id=own.first, adgroup_id=made["adgroup_id"], creatives=[creative(own)])
    return made["campaign_id"], made["adgroup_id"], ad["ad_ids"][0]


def test_what_is_made_is_read_back_and_reviewed_before_it_delivers(own: Desk) -> None:
    top, middle, ad = chain(own)
    assert shown(own, "campaign", top)["campaign_name"] == "Made" and shown(own, "adgroup", middle)["budget"] == 60.0
    assert [shown(own, level, known)["secondary_status"] for level, known in (("adgroup", middle), ("ad", ad))] == [
        "ADGROUP_STATUS_AUDIT",
        "AD_STATUS_AUDIT",
    ]
    later(own, 1801)
    assert [shown(own, level, known)["secondary_status"] for level, known in (("adgroup", middle), ("ad", ad))] == [
        "ADGROUP_STATUS_DELIVERY_OK",
        "AD_STATUS_DELIVERY_OK",
    ]
    assert shown(own, "ad", ad)["video_id"] == "v1" and shown(own, "ad", ad)["ad_text"] == "Look"


def test_a_new_ad_delivers_and_a_paused_one_stops_without_touching_the_past(own: Desk) -> None:
    _, middle, ad = chain(own)
    later(own, 3 * 86_400)
    before = {row["date"]: row["impressions"] for row in own.truth() if row["ad_id"] == ad}
    assert sum(before.values()) > 0
    later(own, 86_400)
    own.write("/adgroup/status/update/", advertiser_id=own.first, adgroup_ids=[middle], operation_status="DISABLE")
    assert shown(own, "ad", ad)["secondary_status"] == "AD_STATUS_ADGROUP_DISABLE"
    later(own, 5 * 86_400)
    after = {row["date"]: row["impressions"] for row in own.truth() if row["ad_id"] == ad}
    closed = sorted(before)[:-1]
    assert [after[day] for day in closed] == [before[day] for day in closed]
    assert [after.get(day, 0) for day in sorted(after)[-3:]] == [0, 0, 0]


def test_pausing_a_running_campaign_changes_no_closed_day(own: Desk) -> None:
    running = own.read("/campaign/get/", advertiser_id=own.first, filtering={"primary_status": "STATUS_DELIVERY_OK"}, page_size=1000)
    ids = [one["campaign_id"] for one in running["list"]][:20]
    before = [row for row in own.truth() if row["campaign_id"] in ids]
    today = moment(own)[:10]
    own.write("/campaign/status/update/", advertiser_id=own.first, campaign_ids=ids, operation_status="DISABLE")
    after = {(row["ad_id"], row["date"]): row for row in own.truth()}
    for row in before:
        if row["date"] < str(datetime.fromisoformat(today).date() - timedelta(days=1)):
            assert after[row["ad_id"], row["date"]] == row


@pytest.mark.parametrize("level", ["campaign", "adgroup", "ad"])
def test_deleted_stays_deleted(own: Desk, level: str) -> None:
    known = dict(zip(("campaign", "adgroup", "ad"), chain(own), strict=True))[level]
    asked = {"advertiser_id": own.first, f"{level}_ids": [known]}
    own.write(f"/{level}/status/update/", **asked, operation_status="DELETE")
    assert shown(own, level, known)["secondary_status"].endswith("_DELETE")
    answer = own.post(f"/{level}/status/update/", **asked, operation_status="ENABLE")
    assert answer["code"] == 40002 and "deleted" in answer["message"]


def test_a_state_above_shows_below_at_once(own: Desk) -> None:
    top, middle, ad = chain(own)
    later(own, 1801)
    data = own.write("/campaign/status/update/", advertiser_id=own.first, campaign_ids=[top], operation_status="DISABLE")
    assert data == {"campaign_ids": [top], "status": "DISABLE", "campaign_list": [{"campaign_id": top, "status": "DISABLE"}]}
    assert shown(own, "adgroup", middle)["secondary_status"] == "ADGROUP_STATUS_CAMPAIGN_DISABLE"
    assert shown(own, "ad", ad)["secondary_status"] == "AD_STATUS_CAMPAIGN_DISABLE"
    own.write("/campaign/status/update/", advertiser_id=own.first, campaign_ids=[top], operation_status="ENABLE")
    assert shown(own, "ad", ad)["secondary_status"] == "AD_STATUS_DELIVERY_OK"


@pytest.mark.parametrize(
    ("person", "place", "value", "allowed"),
    [
        ("moontideco2", 0, 50, True),
        ("moontideco2", 0, 49.99, False),
        ("moontideco2", 0, 9_999_999.99, True),
        ("moontideco2", 0, 10_000_000, False),
        ("moontideco2", 0, 50.001, False),
        ("moontideco2", 1, 5_000, True),
        ("moontideco2", 1, 4_999, False),
        ("moontideco2", 1, 5_000.5, False),
        ("northwind", 2, 50_000, True),
        ("northwind", 2, 49_999, False),
    ],
)
def test_budgets_have_a_range_in_each_currency(own: Desk, person: str, place: int, value: float, allowed: bool) -> None:
    other = desk(own.driver, person)
    answer = campaign(other, advertiser_id=other.advertisers[place], budget_mode="BUDGET_MODE_DAY", budget=value)
    assert answer["code"] == (0 if allowed else 40002)
    if allowed:
        assert answer["data"]["budget"] == value


def test_a_shop_campaign_may_be_smaller(own: Desk) -> None:
    shop = {"objective_type": "PRODUCT_SALES", "campaign_product_source": "STORE", "budget_mode": "BUDGET_MODE_DAY"}
    assert campaign(own, **shop, budget=10)["code"] == 0 and campaign(own, **shop, budget=9.99)["code"] == 40002


def test_a_request_id_works_once(own: Desk) -> None:
    assert campaign(own, request_id="123")["code"] == 0
    assert campaign(own, request_id="123")["code"] == 40050
    assert campaign(own, request_id="124", objective_type="SHOE")["code"] == 40002
    assert campaign(own, request_id="124")["code"] == 0


def test_a_group_that_fails_leaves_nothing_behind_unless_partial_success_is_allowed(own: Desk) -> None:
    _, middle, _ = chain(own)
    asked = {"advertiser_id": own.first, "adgroup_ids": [middle, "1800000000000000001"], "operation_status": "DISABLE"}
    assert own.post("/adgroup/status/update/", **asked)["code"] == 40007
    assert shown(own, "adgroup", middle)["operation_status"] == "ENABLE"
    answer = own.post("/adgroup/status/update/", **asked, allow_partial_success=True)
    assert answer["code"] == 20001 and answer["data"]["adgroup_ids"] == [middle]
    assert [one["adgroup_id"] for one in answer["data"]["error_list"]] == ["1800000000000000001"]
    assert shown(own, "adgroup", middle)["operation_status"] == "DISABLE"


def test_twenty_at_once(own: Desk) -> None:
    ids = [campaign(own)["data"]["campaign_id"] for _ in range(21)]
    asked = {"advertiser_id": own.first, "operation_status": "DISABLE"}
    assert own.post("/campaign/status/update/", **asked, campaign_ids=ids)["code"] == 40002
    assert own.post("/campaign/status/update/", **asked, campaign_ids=ids[:20])["code"] == 0


def at_eleven_in_berlin(driver: Driver) -> Desk:
    """Far from the minutes before midnight of the account, in which no budget is taken."""
    driver.control("reset", {"now": "2026-05-27T09:00:00Z"})
    driver.control("limits", {"enabled": False})
    return desk(driver, "moontideco2")


def test_a_daily_budget_changes_at_midnight_of_the_account(own: Desk) -> None:
    own = at_eleven_in_berlin(own.driver)
    _, middle, _ = chain(own)
    item = [{"adgroup_id": middle, "scheduled_budget": 80}]
    assert own.write("/adgroup/budget/update/", advertiser_id=own.first, scheduled_budget=item) == {}
    assert (shown(own, "adgroup", middle)["budget"], shown(own, "adgroup", middle)["scheduled_budget"]) == (60.0, 80.0)
    own.driver.control("clock", {"now": "2026-05-27T21:59:00Z"})  # 23:59 in Berlin
    assert own.post("/adgroup/budget/update/", advertiser_id=own.first, scheduled_budget=item)["code"] == 40002
    assert shown(own, "adgroup", middle)["budget"] == 60.0
    later(own, 61)
    assert shown(own, "adgroup", middle)["budget"] == 80.0
    wrong = [{"adgroup_id": middle, "budget": 80}]
    assert own.post("/adgroup/budget/update/", advertiser_id=own.first, budget=wrong)["code"] == 40002
    assert own.post("/adgroup/budget/update/", advertiser_id=own.first)["code"] == 40002


def test_a_lifetime_budget_covers_its_days_and_changes_at_once(own: Desk) -> None:
    own = at_eleven_in_berlin(own.driver)
    days = {"budget_mode": "BUDGET_MODE_TOTAL", "schedule_type": "SCHEDULE_START_END", "schedule_end_time": moment(own, 5)}
    assert group(own, **days, budget=99)["code"] == 40002
    made = group(own, **days, budget=100)["data"]
    item = [{"adgroup_id": made["adgroup_id"], "budget": 150}]
    own.write("/adgroup/budget/update/", advertiser_id=own.first, budget=item)
    assert shown(own, "adgroup", made["adgroup_id"])["budget"] == 150.0


@pytest.mark.parametrize(
    "changes",
    [
        {"adgroup_name": "with emoji \U0001f3ac"},
        {"adgroup_name": "x" * 512},
        {"location_ids": None},
        {"promotion_type": None},
        {"budget": 19.99},
        {"billing_event": "CPX"},
        {"schedule_start_time": "2026-01-01"},
        {"schedule_start_time": "9999-12-31 23:59:59"},
        {"schedule_type": "SCHEDULE_START_END"},
        {"placement_type": "PLACEMENT_TYPE_NORMAL"},
        {"bid_type": "BID_TYPE_CUSTOM"},
        {"bid_type": "BID_TYPE_CUSTOM", "bid_price": 60},
        {"optimization_goal": "CONVERT"},
        {"pacing": None},
        {"dayparting": "01"},
    ],
)
def test_a_wrong_ad_group_is_refused(own: Desk, changes: dict[str, Any]) -> None:
    assert group(own, **changes)["code"] == 40002


def test_a_spark_ad_runs_a_post_that_its_identity_can_pull(own: Desk) -> None:
    middle = group(own)["data"]["adgroup_id"]
    asked = {"advertiser_id": own.first, "adgroup_id": middle}
    wanted = spark(own)
    data = own.write("/ad/create/", **asked, creatives=[wanted])
    one = shown(own, "ad", data["ad_ids"][0])
    assert one["tiktok_item_id"] == wanted["tiktok_item_id"] and one["video_id"] is None and one["ad_name"] == f"Ad{one['ad_id']}"
    for wrong in (
        spark(own, tiktok_item_id="7"),
        spark(own, video_id="v1"),
        spark(own, ad_format="CAROUSEL_ADS"),
        creative(own, tiktok_item_id=wanted["tiktok_item_id"]),
        creative(own, video_id=None),
        creative(own, ad_name="emoji \U0001f3ac"),
    ):
        assert own.post("/ad/create/", **asked, creatives=[wanted, wrong])["code"] == 40002
    assert own.post("/ad/create/", **asked, creatives=[wanted] * 21)["code"] == 40002
    assert len(own.pages("/ad/get/", advertiser_id=own.first, filtering={"adgroup_ids": [middle]})) == 1


def test_an_update_replaces_or_patches(own: Desk) -> None:
    _, middle, ad = chain(own)
    asked = {"advertiser_id": own.first, "adgroup_id": middle}
    own.write("/ad/update/", **asked, patch_update=True, creatives=[{"ad_id": ad, "ad_name": "Patched"}])
    assert (shown(own, "ad", ad)["ad_name"], shown(own, "ad", ad)["video_id"]) == ("Patched", "v1")
    assert own.post("/ad/update/", **asked, creatives=[{"ad_id": ad, "ad_name": "Bare"}])["code"] == 40002
    own.write("/ad/update/", **asked, creatives=[creative(own, ad_id=ad, ad_name="Whole", video_id="v2")])
    assert (shown(own, "ad", ad)["ad_name"], shown(own, "ad", ad)["video_id"]) == ("Whole", "v2")


def test_campaigns_and_groups_can_be_renamed_but_smart_ones_are_left_alone(own: Desk) -> None:
    top, middle, _ = chain(own)
    own.write("/campaign/update/", advertiser_id=own.first, campaign_id=top, campaign_name="=1+1 renamed")
    own.write("/adgroup/update/", advertiser_id=own.first, adgroup_id=middle, adgroup_name="Renamed", budget=75.5)
    assert shown(own, "campaign", top)["campaign_name"] == "=1+1 renamed"
    assert (shown(own, "adgroup", middle)["adgroup_name"], shown(own, "adgroup", middle)["budget"]) == ("Renamed", 75.5)
    assert own.post("/campaign/update/", advertiser_id=own.first, campaign_id=top, budget=60)["code"] == 40002
    smart = own.read("/campaign/get/", advertiser_id=own.first, filtering={"is_smart_performance_campaign": True})["list"][0]
    assert group(own, campaign_id=smart["campaign_id"])["code"] == 40002


def test_a_new_end_lets_a_group_run_longer_or_shorter(own: Desk) -> None:
    days = {"schedule_type": "SCHEDULE_START_END", "schedule_end_time": moment(own, 3)}
    middle = group(own, **days)["data"]["adgroup_id"]
    ad = own.write("/ad/create/", advertiser_id=own.first, adgroup_id=middle, creatives=[creative(own)])["ad_ids"][0]
    own.write("/adgroup/update/", advertiser_id=own.first, adgroup_id=middle, schedule_end_time=moment(own, 6))
    later(own, 10 * 86_400)
    delivered = [row["date"] for row in own.truth() if row["ad_id"] == ad and row["impressions"]]
    assert 6 <= len(delivered) <= 7 and shown(own, "ad", ad)["secondary_status"] == "AD_STATUS_DONE"


def test_writing_needs_its_permission_and_ones_own_account(sandbox: Driver, own: Desk) -> None:
    reader = desk(sandbox, "moontideco2", scopes=[200])
    assert campaign(reader)["code"] == 40001
    assert campaign(own, advertiser_id=desk(sandbox).first)["code"] == 40001


def test_a_lost_answer_has_had_its_effect_and_the_request_id_tells(own: Desk) -> None:
    own.driver.control("faults", {"path": "*/campaign/create/", "kind": "lost-answer"})
    with pytest.raises(Exception, match="disconnected"):
        campaign(own, request_id="55")
    assert campaign(own, request_id="55")["code"] == 40050


def test_a_state_file_keeps_what_was_written(tmp_path: Path) -> None:
    file = str(tmp_path / "state.json")
    with running("--state-file", file) as first:
        own = desk(first, "moontideco2")
        top, middle, ad = chain(own)
        own.write("/adgroup/status/update/", advertiser_id=own.first, adgroup_ids=[middle], operation_status="DISABLE")
        before = [shown(own, level, known) for level, known in (("campaign", top), ("adgroup", middle), ("ad", ad))]
    with running("--state-file", file) as second:
        own = Desk(second, own.token, own.advertisers)
        assert [shown(own, level, known) for level, known in (("campaign", top), ("adgroup", middle), ("ad", ad))] == before
        second.control("reset", {})
        assert campaign(desk(second, "moontideco2"))["code"] == 0
    with running("--state-file", file) as third:
        own = desk(third, "moontideco2")
        asked = {"advertiser_id": own.first, "filtering": {"campaign_name": "Made"}}
        assert len(own.read("/campaign/get/", **asked)["list"]) == 1
