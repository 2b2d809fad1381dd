"""Posts of creators that TikTok recommends to a brand on TikTok One."""

from datetime import datetime
from typing import Any

import pytest

from tests.tiktok_sandbox.advertising import Desk, desk
from tests.tiktok_sandbox.driver import APP_ID, SECRET, Driver

PATH = "/spark_ad/recommend/"


def brand_of(own: Desk) -> str:
    (brand,) = own.read("/tto/oauth2/tcm/", app_id=APP_ID, secret=SECRET)["tto_tcm_account_ids"]
    return str(brand)


def recommended(own: Desk, **filters: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = own.read(PATH, tcm_account_id=brand_of(own), **filters)["videos"]
    return found


def test_each_person_has_a_brand_and_only_that_one_opens(sandbox: Driver) -> None:
    own, other = desk(sandbox), desk(sandbox, "northwind")
    assert brand_of(own) == brand_of(own) != brand_of(other)
    assert own.get(PATH, tcm_account_id=brand_of(other))["code"] == 40001
    assert own.get(PATH)["code"] == 40002
    assert own.get("/tto/oauth2/tcm/", app_id=APP_ID, secret="wrong")["code"] == 40101


def test_creators_on_tiktok_one_are_recommended_and_the_brand_itself_is_not(sandbox: Driver) -> None:
    found = recommended(desk(sandbox))
    handles = {one["creator_handle"] for one in found}
    assert len(found) == 20 and len(handles) > 1
    assert not handles & {"brassorbit3", "velvetfoxlab", "tinylens_mo"}  # the brand, a private account, one that is too small
    assert "brassorbit3" in {one["creator_handle"] for one in recommended(desk(sandbox, "northwind"))}
    levels = [one["recommendation_level"] for one in found]
    assert levels == ["HIGH"] * 5 + ["MEDIUM"] * 5 + ["LOW"] * 10
    for one in found:
        (post,) = [post for post in sandbox.world(one["creator_handle"])["posts"] if post["item_id"] == one["item_id"]]
        assert one["create_time"] == str(post["create_time"])


def test_recommendations_follow_their_filters(sandbox: Driver) -> None:
    own = desk(sandbox)
    best = recommended(own)[0]
    assert best["item_id"] not in {one["item_id"] for one in recommended(own, exclude_video_ids=[best["item_id"]])}
    assert [one["item_id"] for one in recommended(own, video_ids=[best["item_id"]])] == [best["item_id"]]
    now = datetime.fromisoformat(sandbox.control("clock")["now"]).timestamp()
    ages = {
        time: max(now - int(one["create_time"]) for one in recommended(own, time=time)) for time in ("PAST_ONE_MONTH", "PAST_SIX_MONTHS")
    }
    assert ages["PAST_ONE_MONTH"] <= 30 * 86_400 < ages["PAST_SIX_MONTHS"]


@pytest.mark.parametrize(("objective", "code"), [("TRAFFIC", 0), ("ENGAGEMENT", 40002), ("FAME", 40002)])
def test_a_brand_is_not_recommended_for_engagement(sandbox: Driver, objective: str, code: int) -> None:
    own = desk(sandbox)
    assert own.get(PATH, tcm_account_id=brand_of(own), objective_type=objective)["code"] == code


def test_recommendations_have_a_limit_of_their_own(sandbox: Driver) -> None:
    sandbox.control("reset", {"now": "2026-08-14T10:00:00Z"})
    own = desk(sandbox)
    brand = brand_of(own)
    assert [own.get(PATH, tcm_account_id=brand)["code"] for _ in range(41)] == [0] * 40 + [40100]
    assert brand_of(own) == brand
