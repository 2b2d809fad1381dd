"""Spark Ads: identities, the posts they can pull, and the codes of creators."""

from pathlib import Path

import pytest

from tests.tiktok_sandbox.advertising import Desk, desk
from tests.tiktok_sandbox.driver import API, Driver, running


@pytest.fixture
def own(sandbox: Driver) -> Desk:
    sandbox.control("limits", {"enabled": False})
    return desk(sandbox, "moontideco2")


def identity(own: Desk, kind: str) -> dict[str, object]:
    found = own.read("/identity/get/", advertiser_id=own.first)["identity_list"]
    one = next(one for one in found if one["identity_type"] == kind)
    query = {"advertiser_id": own.first, "identity_id": one["identity_id"], "identity_type": kind}
    return {**query, "identity_authorized_bc_id": one["identity_authorized_bc_id"]}


def test_identities_of_every_kind(own: Desk) -> None:
    data = own.read("/identity/get/", advertiser_id=own.first)
    kinds = [one["identity_type"] for one in data["identity_list"]]
    assert set(kinds) == {"CUSTOMIZED_USER", "TT_USER", "BC_AUTH_TT", "AUTH_CODE"} and data["page_info"]["total_number"] == len(kinds)
    [linked] = own.read("/identity/get/", advertiser_id=own.first, identity_type="TT_USER")["identity_list"]
    assert linked["username"] == "moontideco2" and linked["can_pull_video"] and linked["available_status"] == "AVAILABLE"
    assert own.get("/identity/get/", advertiser_id=own.first, identity_type="BC_AUTH_TT")["code"] == 40002
    assert own.get("/identity/get/", advertiser_id=own.first, identity_type="SHOE")["code"] == 40002
    assert own.read("/identity/get/", advertiser_id=own.first, filtering={"keyword": "nobody"})["identity_list"] == []


def test_an_ad_names_an_identity_that_is_there(own: Desk) -> None:
    known = {one["identity_id"] for one in own.read("/identity/get/", advertiser_id=own.first)["identity_list"]}
    ads = own.pages("/ad/get/", advertiser_id=own.first)
    assert {ad["identity_id"] for ad in ads} <= known


def test_one_identity_and_one_that_is_not_there(own: Desk) -> None:
    asked = identity(own, "TT_USER")
    assert own.read("/identity/info/", **asked)["identity_info"]["identity_id"] == asked["identity_id"]
    assert own.get("/identity/info/", **{**asked, "identity_id": "nobody"})["code"] == 40007


@pytest.mark.parametrize("kind", ["TT_USER", "BC_AUTH_TT", "AUTH_CODE"])
def test_every_post_comes_once_over_the_pages(own: Desk, kind: str) -> None:
    asked = identity(own, kind)
    found: list[str] = []
    for item_type in ("VIDEO", "CAROUSEL"):
        cursor = None
        while True:
            data = own.read("/identity/video/get/", **asked, item_type=item_type, count=7, cursor=cursor)
            assert len(data["video_list"]) <= 7 and isinstance(data["cursor"], str)
            assert all((post["video_info"] is None) == (item_type == "CAROUSEL") for post in data["video_list"])
            found += [post["item_id"] for post in data["video_list"]]
            if not data["has_more"]:
                break
            cursor = data["cursor"]
    posts = {post["item_id"] for post in own.driver.world("moontideco2")["posts"]}
    assert len(set(found)) == len(found)
    assert set(found) == posts if kind != "AUTH_CODE" else set(found) < posts


def test_a_count_over_twenty_is_passed_over(own: Desk) -> None:
    assert len(own.read("/identity/video/get/", **identity(own, "TT_USER"), count=50)["video_list"]) == 20


def test_posts_by_id(own: Desk) -> None:
    asked = identity(own, "TT_USER")
    ids = [post["item_id"] for post in own.read("/identity/video/get/", **asked)["video_list"]][:3]
    assert own.read("/identity/video/info/", **asked, item_id=ids[0])["video_detail"]["item_id"] == ids[0]
    assert [one["item_id"] for one in own.read("/identity/video/info/", **asked, item_ids=ids)["video_details"]] == ids
    assert own.get("/identity/video/info/", **asked, item_id="7")["code"] == 40007
    assert own.get("/identity/video/info/", **asked)["code"] == 40002


def test_a_creators_code_is_looked_at_taken_and_given_back(own: Desk) -> None:
    post = own.driver.world("nd_filter")["posts"][-1]
    code = post["auth_code"]
    assert code.startswith("#") and {"+", "/", "="} <= set(code)
    asked = {"advertiser_id": own.first}
    data = own.read("/tt_video/info/", **asked, auth_code=code)
    assert data["item_info"]["item_id"] == post["item_id"] and data["user_info"]["tiktok_name"] == "Nadia D."

    def held() -> set[str]:
        return {one["item_info"]["item_id"] for one in own.pages("/tt_video/list/", page_size=50, **asked)}

    before = held()
    assert own.write("/tt_video/authorize/", **asked, auth_code=code) == {} and held() == before | {post["item_id"]}
    names = {one["username"] for one in own.read("/identity/get/", **asked, identity_type="AUTH_CODE")["identity_list"]}
    assert "nd_filter" in names
    assert own.write("/tt_video/unbind/", **asked, item_id=post["item_id"]) == {} and held() == before
    assert own.post("/tt_video/unbind/", **asked, item_id=post["item_id"])["code"] == 40007


@pytest.mark.parametrize("code", ["#made+up/code=", "x", "#" * 30])
def test_a_code_nobody_gave_is_refused(own: Desk, code: str) -> None:
    assert own.get("/tt_video/info/", advertiser_id=own.first, auth_code=code)["code"] == 40007


def test_the_list_of_codes_can_be_searched(own: Desk) -> None:
    everything = own.pages("/tt_video/list/", page_size=50, advertiser_id=own.first)
    one = everything[0]["item_info"]
    found = own.pages("/tt_video/list/", page_size=50, advertiser_id=own.first, keyword=one["item_id"])
    assert [each["item_info"]["item_id"] for each in found] == [one["item_id"]]
    videos = own.pages("/tt_video/list/", page_size=50, advertiser_id=own.first, item_types=["VIDEO"])
    assert all(each["video_info"] for each in videos) and own.get("/tt_video/list/", advertiser_id=own.first, page_size=51)["code"] == 40002


def test_a_code_that_a_creator_makes_by_a_call_opens_the_post_to_an_advertiser(own: Desk, sandbox: Driver) -> None:
    creator = sandbox.grant("brassorbit3")
    item = sandbox.world("brassorbit3")["posts"][-1]["item_id"]

    def at_creator(path: str) -> dict[str, object]:
        body = {"business_id": creator.open_id, "item_id": item}
        answer = sandbox.http.post(f"{API}/business/post/authorize{path}", json=body, headers={"Access-Token": creator.access}).json()
        assert answer["code"] == 0, answer
        return answer["data"]

    made = {"advertiser_id": own.first, "auth_code": at_creator("/")["auth_code"]}
    shown = own.read("/tt_video/info/", **made)["item_info"]
    assert (shown["item_id"], shown["auth_code"]) == (item, made["auth_code"])
    assert own.write("/tt_video/authorize/", **made) == {}
    assert item in {one["item_info"]["item_id"] for one in own.pages("/tt_video/list/", advertiser_id=own.first, page_size=50)}
    at_creator("/delete/")
    assert own.get("/tt_video/info/", **made)["code"] == 40007


def test_a_code_made_by_a_call_ends_with_its_days(own: Desk, sandbox: Driver) -> None:
    creator = sandbox.grant("brassorbit3")
    body = {"business_id": creator.open_id, "item_id": sandbox.world("brassorbit3")["posts"][-1]["item_id"], "authorization_days": 7}
    answer = sandbox.http.post(f"{API}/business/post/authorize/", json=body, headers={"Access-Token": creator.access}).json()
    made = {"advertiser_id": own.first, "auth_code": answer["data"]["auth_code"]}
    sandbox.control("clock", {"seconds": 7 * 86_400 - 60})
    assert own.get("/tt_video/info/", **made)["code"] == 0
    sandbox.control("clock", {"seconds": 61})
    assert own.get("/tt_video/info/", **made)["code"] == 40007


def test_a_restart_survives_that_an_authorized_code_was_taken_back(tmp_path: Path) -> None:
    file = str(tmp_path / "state.json")
    with running("--state-file", file) as first:
        own, creator = desk(first, "moontideco2"), first.grant("brassorbit3")
        body = {"business_id": creator.open_id, "item_id": first.world("brassorbit3")["posts"][-1]["item_id"]}
        headers = {"Access-Token": creator.access}
        made = first.http.post(f"{API}/business/post/authorize/", json=body, headers=headers).json()["data"]
        own.write("/tt_video/authorize/", advertiser_id=own.first, auth_code=made["auth_code"])
        assert first.http.post(f"{API}/business/post/authorize/delete/", json=body, headers=headers).json()["code"] == 0
    with running("--state-file", file) as second:
        assert Desk(second, own.token, own.advertisers).get("/tt_video/list/", advertiser_id=own.first)["code"] == 0
