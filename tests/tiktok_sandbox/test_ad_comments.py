"""Comments under ads: paging by group and days, the post's own under a Spark Ad, how they are shown, and what a script does to them."""

from itertools import pairwise

import pytest

from tests.tiktok_sandbox.advertising import Desk, desk
from tests.tiktok_sandbox.driver import Driver

SINCE, UNTIL = "2024-01-01", "2032-01-01"


@pytest.fixture
def own(sandbox: Driver) -> Desk:
    sandbox.control("limits", {"enabled": False})
    return desk(sandbox, "brassorbit3")


def listed(own: Desk, group: str, *, page_size: int = 100, **query: object) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    named = {"advertiser_id": own.first, "search_field": "ADGROUP_ID", "search_value": group, "start_time": SINCE, "end_time": UNTIL}
    while True:
        data = own.read("/comment/list/", page=len(found) // page_size + 1, page_size=page_size, **(named | query))
        found += data["comments"]
        if len(found) >= data["page_info"]["total_number"]:
            return found


def a_group(own: Desk, *, is_spark: bool) -> tuple[str, list[dict[str, object]]]:
    """A group whose ads have comments, and the truth about them: a group of Spark Ads alone, or one with other ads among them."""
    for group in own.pages("/adgroup/get/", advertiser_id=own.first):
        told = own.driver.http.get("/__control__/world", params={"advertiser_id": own.first, "limit": 0, "adgroup_id": group["adgroup_id"]})
        rows = told.json()["ad_comments"]
        if len(rows) > 20 and all(row["is_spark"] for row in rows) is is_spark:
            return str(group["adgroup_id"]), rows
    raise AssertionError("no group has comments")


@pytest.mark.parametrize("is_spark", [True, False])
def test_pages_of_a_group_hold_every_comment_once_the_newest_first(own: Desk, is_spark: bool) -> None:
    group, truth = a_group(own, is_spark=is_spark)
    found = listed(own, group, page_size=7)
    assert {one["comment_id"] for one in found} == {row["comment_id"] for row in truth}
    assert len(found) == len(truth)
    assert all(a["create_time"] >= b["create_time"] for a, b in pairwise(found))
    assert {one.get("original_comment_id") for one in found if one["comment_type"] == "REPLY"} <= {one["comment_id"] for one in found}
    assert all("original_comment_id" not in one for one in found if one["comment_type"] == "COMMENT")


def test_days_kinds_and_statuses_narrow_the_list(own: Desk) -> None:
    group, truth = a_group(own, is_spark=False)
    day = str(listed(own, group)[5]["create_time"])[:10]
    on_day = listed(own, group, start_time=day, end_time=day)
    assert on_day and all(str(one["create_time"]).startswith(day) for one in on_day)
    hidden = listed(own, group, comment_status=["HIDDEN"])
    assert len(hidden) == sum(row["status"] == "HIDDEN" for row in truth)
    firsts = listed(own, group, comment_type=["COMMENT"])
    assert len(firsts) == sum(row["original_comment_id"] is None for row in truth)


def test_under_a_spark_ad_stand_the_comments_of_its_post(own: Desk, sandbox: Driver) -> None:
    _group, truth = a_group(own, is_spark=True)
    item = truth[0]["tiktok_item_id"]
    accounts = sandbox.http.get("/__control__/world", params={"account": "brassorbit3", "limit": 0, "item_id": item}).json()
    assert {row["comment_id"] for row in truth if row["tiktok_item_id"] == item} == {one["comment_id"] for one in accounts["comments"]}


def test_hiding_removing_and_related_comments(own: Desk, sandbox: Driver) -> None:
    group, truth = a_group(own, is_spark=False)
    public = [row for row in truth if not row["is_spark"] and row["status"] == "PUBLIC" and row["original_comment_id"] is None]
    own.write("/comment/status/update/", advertiser_id=own.first, comment_ids=[public[0]["comment_id"]], operation="HIDDEN")
    sandbox.control("comments", {"advertiser_id": own.first, "comment_id": public[1]["comment_id"], "remove": True})
    now = {one["comment_id"]: one for one in listed(own, group)}
    assert now[public[0]["comment_id"]]["comment_status"] == "HIDDEN"
    assert public[1]["comment_id"] not in now
    reply = next(row for row in truth if row["original_comment_id"] in now)
    first = own.read("/comment/reference/", advertiser_id=own.first, comment_id=reply["original_comment_id"], comment_type="COMMENT")
    assert next(one["comment_id"] for one in first["comments"]) == reply["original_comment_id"]
    assert reply["comment_id"] in {one["comment_id"] for one in first["comments"]}
    gone = own.read("/comment/reference/", advertiser_id=own.first, comment_id=public[1]["comment_id"], comment_type="COMMENT")
    assert gone["comments"] == []
