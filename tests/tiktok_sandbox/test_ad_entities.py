"""Campaigns, ad groups and ads as they are read: paging, filters, fields, the cascade of states, and every kind there is."""

import pytest

from tests.tiktok_sandbox.advertising import Desk, desk
from tests.tiktok_sandbox.driver import API, Driver

ALL = {"primary_status": "STATUS_ALL", "buying_types": ["AUCTION", "RESERVATION_RF", "RESERVATION_TOP_VIEW"]}
EVERYTHING = {**ALL, "campaign_system_origins": ["TT_ADS_PLATFORM", "PROMOTE"]}
LEVELS = ("campaign", "adgroup", "ad")


@pytest.fixture
def own(sandbox: Driver) -> Desk:
    sandbox.control("limits", {"enabled": False})
    return desk(sandbox, "moontideco2")


def read(own: Desk, level: str, **filtering: object) -> list[dict[str, object]]:
    return own.pages(f"/{level}/get/", advertiser_id=own.first, filtering=filtering)


@pytest.mark.parametrize("level", LEVELS)
def test_a_page_has_the_documented_shape_and_pages_add_up(own: Desk, level: str) -> None:
    data = own.read(f"/{level}/get/", advertiser_id=own.first)
    assert data["page_info"]["page"] == 1 and data["page_info"]["page_size"] == 10 == len(data["list"])
    whole = own.pages(f"/{level}/get/", advertiser_id=own.first, page_size=7, filtering=EVERYTHING)
    ids = [one[f"{level}_id"] for one in whole]
    assert len(set(ids)) == len(ids) and ids == [one[f"{level}_id"] for one in read(own, level, **EVERYTHING)]
    assert all(isinstance(one, str) and int(one) > 2**53 for one in ids)
    beyond = own.read(f"/{level}/get/", advertiser_id=own.first, page=10_000)
    assert beyond["list"] == [] and beyond["page_info"]["total_number"] > 0


@pytest.mark.parametrize("level", LEVELS)
def test_deleted_ones_are_hidden_unless_asked_for(own: Desk, level: str) -> None:
    shown = {one["secondary_status"] for one in read(own, level)}
    assert shown and not any(status.endswith("DELETE") for status in shown)
    deleted = read(own, level, primary_status="STATUS_DELETE")
    assert deleted and all(one["secondary_status"].endswith("DELETE") for one in deleted)
    everything = read(own, level, primary_status="STATUS_ALL")
    assert len(everything) == len(deleted) + len(read(own, level))


def test_a_state_above_shows_below(own: Desk) -> None:
    campaigns = {one["campaign_id"]: one["secondary_status"] for one in read(own, "campaign", **EVERYTHING)}
    seen = set()
    for level, prefix in (("adgroup", "ADGROUP_STATUS_"), ("ad", "AD_STATUS_")):
        for one in read(own, level, **EVERYTHING):
            above = campaigns[one["campaign_id"]]
            if above.endswith("_DELETE"):
                assert one["secondary_status"] in {f"{prefix}CAMPAIGN_DELETE", f"{prefix}DELETE"}
            elif above.endswith("_DISABLE"):
                assert one["secondary_status"] in {f"{prefix}CAMPAIGN_DISABLE", f"{prefix}DELETE"}
            seen.add(one["secondary_status"])
    assert {"AD_STATUS_CAMPAIGN_DISABLE", "AD_STATUS_CAMPAIGN_DELETE", "AD_STATUS_DELETE", "AD_STATUS_DELIVERY_OK"} <= seen
    assert {"ADGROUP_STATUS_TIME_DONE", "ADGROUP_STATUS_DELIVERY_OK", "AD_STATUS_DONE", "AD_STATUS_FROZEN"} <= seen


def test_every_kind_of_campaign_is_there_and_the_rarer_ones_are_hidden_by_default(own: Desk) -> None:
    usual, everything = read(own, "campaign"), read(own, "campaign", **EVERYTHING)
    assert {one["buying_type"] for one in everything} == {"AUCTION", "RESERVATION_RF", "RESERVATION_TOP_VIEW"}
    assert {one["campaign_system_origin"] for one in everything} == {"TT_ADS_PLATFORM", "PROMOTE"}
    assert {one["campaign_type"] for one in everything} == {"REGULAR_CAMPAIGN", "IOS14_CAMPAIGN"}
    assert {one["buying_type"] for one in usual} == {"AUCTION", "RESERVATION_RF"}
    assert {one["campaign_system_origin"] for one in usual} == {"TT_ADS_PLATFORM"}


@pytest.mark.parametrize("level", LEVELS)
def test_what_belongs_to_smart_plus_has_no_modify_time(own: Desk, level: str) -> None:
    smart = {one["campaign_id"] for one in read(own, "campaign", is_smart_performance_campaign=True)}
    assert smart
    for one in read(own, level):
        assert ("modify_time" in one) == (one["campaign_id"] not in smart)


def test_a_spark_ad_has_a_post_and_no_video(own: Desk) -> None:
    posts = {post["item_id"] for post in own.driver.world("moontideco2")["posts"]}
    ads = read(own, "ad", **EVERYTHING)
    spark = [one for one in ads if one["tiktok_item_id"]]
    assert spark and all(one["video_id"] is None and one["tiktok_item_id"] in posts for one in spark)
    assert {one["identity_type"] for one in spark} == {"AUTH_CODE", "TT_USER"}
    assert any(one["video_id"] for one in ads if not one["tiktok_item_id"])


def test_the_three_boosted_posts_of_the_sample_week_are_there(sandbox: Driver) -> None:
    own = desk(sandbox)
    first, last = sandbox.control("clock")["sample_week"].values()
    posts = {post["item_id"]: post for post in sandbox.world("brassorbit3")["posts"]}
    boosted = {
        one["tiktok_item_id"]
        for one in own.pages("/ad/get/", advertiser_id=own.first, page_size=1000)
        if first <= one["create_time"][:10] <= last
    }
    assert {posts[one]["caption"] for one in boosted} == {
        "Quick-cut color grading reel",
        "Hook test · split-screen tutorial",
        "BTS · slow-mo product loop",
    }


def test_filters_by_id_and_name(own: Desk) -> None:
    ads = read(own, "ad")
    some = ads[3:8]
    ids = [one["ad_id"] for one in some]
    assert [one["ad_id"] for one in read(own, "ad", ad_ids=ids)] == ids
    group = some[0]["adgroup_id"]
    assert {one["adgroup_id"] for one in read(own, "ad", adgroup_ids=[group])} == {group}
    assert {one["campaign_id"] for one in read(own, "adgroup", campaign_ids=[some[0]["campaign_id"]])} == {some[0]["campaign_id"]}
    named = read(own, "ad", ad_name=ads[0]["ad_name"].upper())
    assert ads[0]["ad_id"] in {one["ad_id"] for one in named}
    assert read(own, "campaign", campaign_name="no campaign is called this") == []


@pytest.mark.parametrize(
    ("level", "name", "field", "as_list"),
    [
        ("campaign", "objective_type", "objective_type", False),
        ("campaign", "campaign_type", "campaign_type", False),
        ("campaign", "buying_types", "buying_type", True),
        ("campaign", "secondary_status", "secondary_status", False),
        ("adgroup", "optimization_goal", "optimization_goal", False),
        ("adgroup", "billing_events", "billing_event", True),
        ("adgroup", "promotion_type", "promotion_type", False),
        ("adgroup", "creative_material_mode", "creative_material_mode", False),
        ("ad", "secondary_status", "secondary_status", False),
    ],
)
def test_filters_by_value(own: Desk, level: str, name: str, field: str, as_list: bool) -> None:
    whole = read(own, level, primary_status="STATUS_ALL")
    for value in {one[field] for one in whole}:
        found = read(own, level, primary_status="STATUS_ALL", **{name: [value] if as_list else value})
        assert [one[f"{level}_id"] for one in found] == [one[f"{level}_id"] for one in whole if one[field] == value]


def test_filters_by_time(own: Desk) -> None:
    whole = read(own, "ad")
    middle = whole[len(whole) // 2]["create_time"]
    later = read(own, "ad", creation_filter_start_time=middle)
    assert [one["ad_id"] for one in later] == [one["ad_id"] for one in whole if one["create_time"] >= middle]
    earlier = read(own, "ad", creation_filter_end_time=middle)
    assert [one["ad_id"] for one in earlier] == [one["ad_id"] for one in whole if one["create_time"] <= middle]
    changed = read(own, "ad", modified_after=middle)
    assert {one["ad_id"] for one in changed} == {one["ad_id"] for one in whole if one.get("modify_time", one["create_time"]) > middle}


def test_only_the_fields_asked_for_come(own: Desk) -> None:
    data = own.read("/ad/get/", advertiser_id=own.first, fields=["ad_id", "video_id"], filtering=EVERYTHING, page_size=100)
    assert all(one.keys() == {"ad_id", "video_id"} for one in data["list"]) and any(one["video_id"] is None for one in data["list"])
    without = own.read(
        "/ad/get/",
        advertiser_id=own.first,
        fields=["ad_id", "video_id"],
        exclude_field_types_in_response=["NULL_FIELD"],
        filtering=EVERYTHING,
        page_size=100,
    )
    assert any(one.keys() == {"ad_id"} for one in without["list"])


@pytest.mark.parametrize(
    "query",
    [
        {"advertiser_id": None},
        {"advertiser_id": "seven"},
        {"page": 0},
        {"page_size": 1001},
        {"fields": ["nonsense"]},
        {"fields": "campaign_id,campaign_name"},
        {"filtering": {"primary_status": "STATUS_MADE_UP"}},
        {"filtering": {"campaign_ids": []}},
        {"filtering": {"campaign_ids": ["x"]}},
        {"filtering": {"campaign_ids": [str(number) for number in range(101)]}},
        {"filtering": {"creation_filter_start_time": "2026-01-01"}},
        {"filtering": {"buying_types": ["RESERVATION_TOP_VIEW"]}, "page_size": 101},
        {"filtering": "campaign_ids"},
    ],
)
def test_a_wrong_parameter_is_refused(own: Desk, query: dict[str, object]) -> None:
    assert own.get("/campaign/get/", **{"advertiser_id": own.first, **query})["code"] == 40002


def test_a_foreign_account_and_a_missing_permission_are_refused(sandbox: Driver, own: Desk) -> None:
    assert own.get("/campaign/get/", advertiser_id=desk(sandbox).first)["code"] == 40001
    assert desk(sandbox, scopes=[4]).get("/campaign/get/", advertiser_id=own.first)["code"] == 40001


def test_json_may_have_spaces_and_a_doubled_parameter_is_refused(own: Desk) -> None:
    answer = own.get(
        "/campaign/get/", advertiser_id=own.first, fields='[ "campaign_id" ,\n "budget" ]', filtering='{ "campaign_ids" : null }'
    )
    assert answer["code"] == 0
    doubled = own.driver.http.get(
        f"{API}/campaign/get/?advertiser_id={own.first}&advertiser_id={own.first}", headers={"Access-Token": own.token}
    )
    assert doubled.json()["code"] == 40002


def test_names_that_break_what_trusts_them_come_through_whole(sandbox: Driver) -> None:
    own = desk(sandbox, "northwind")
    names = [
        one["campaign_name"]
        for known in own.advertisers[:6]
        for one in own.pages("/campaign/get/", advertiser_id=known, filtering=EVERYTHING)
    ]
    assert any(name.startswith("<script>") for name in names) and any(name.startswith("=HYPERLINK") for name in names)
    assert any("\n" in name for name in names) and any("\u202e" in name for name in names) and any('"' in name for name in names)
