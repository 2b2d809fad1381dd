"""The creator's side of TikTok One: profile, posts, and joining a campaign."""

from typing import Any

import pytest

from tests.tiktok_sandbox.driver import API, Driver

NOW = "2026-08-14T10:00:00Z"


@pytest.fixture(autouse=True)
def connected(sandbox: Driver) -> None:
    sandbox.control("reset", {"now": NOW})
    sandbox.grant()


def read(sandbox: Driver, path: str, **query: Any) -> dict[str, Any]:
    assert sandbox.token is not None
    return sandbox.get(f"/tto/creator{path}", **{"creator_id": sandbox.token.open_id, **query})


def change(sandbox: Driver, path: str, **body: Any) -> dict[str, Any]:
    assert sandbox.token is not None
    body = {"creator_id": sandbox.token.open_id, **body}
    return sandbox.http.post(f"{API}/tto/creator{path}", json=body, headers={"Access-Token": sandbox.token.access}).json()


def test_profile_and_audience_have_their_own_scopes(sandbox: Driver) -> None:
    fields = ["handle_name", "followers_count", "creator_rate", "audience_genders", "audience_devices"]
    data = read(sandbox, "/authorized/", fields=fields)["data"]
    assert list(data) == fields and data["handle_name"] == "brassorbit3" and data["followers_count"] == 48_210
    assert {row["gender"] for row in data["audience_genders"]} == {"FEMALE", "MALE", "OTHER"}
    assert abs(sum(row["percentage"] for row in data["audience_devices"]) - 1) < 1e-9
    sandbox.grant(scopes=["user.info.basic", "biz.creator.info"])
    assert list(read(sandbox, "/authorized/", fields=fields)["data"]) == fields[:3]
    sandbox.grant(scopes=["user.info.basic", "biz.creator.insights"])
    assert list(read(sandbox, "/authorized/", fields=fields)["data"]) == fields[3:]
    sandbox.grant(scopes=["user.info.basic"])
    assert read(sandbox, "/authorized/")["code"] == 40130


@pytest.mark.parametrize("account", ["tinylens_mo", "velvetfoxlab"])
def test_who_is_not_on_tiktok_one_is_told_so(sandbox: Driver, account: str) -> None:
    sandbox.grant(account)
    assert read(sandbox, "/authorized/")["code"] == 40121
    assert sandbox.world(account)["invite_link"] is None


def test_posts_are_listed_page_by_page(sandbox: Driver) -> None:
    sandbox.control("limits", {"enabled": False})
    found, cursor = [], {}
    while True:
        data = read(sandbox, "/authorized/video/list/", **cursor)["data"]
        found += data["posts"]
        if not data["has_more"]:
            break
        cursor = {"cursor": data["cursor"]}
    assert [one["video_id"] for one in found] == [one["item_id"] for one in sandbox.world("brassorbit3")["posts"]][::-1]
    tagged = next(one for one in found if "#" in one["caption"])
    assert tagged["caption_hashtags"] and all(f"#{tag}" in tagged["caption"] for tag in tagged["caption_hashtags"])
    assert read(sandbox, "/authorized/video/list/", limit=11)["code"] == 40002


def test_a_campaign_is_joined_and_posts_are_linked(sandbox: Driver) -> None:
    link = {"tto_invite_link": sandbox.world("brassorbit3")["invite_link"]}
    own = sandbox.world("brassorbit3")["posts"][0]["item_id"]
    assert change(sandbox, "/campaign/video/link/", **link, video_id=own)["code"] == 40002
    assert change(sandbox, "/campaign/join/", tto_invite_link="https://www.tiktok.com/tto/invite/other")["code"] == 40007
    assert change(sandbox, "/campaign/join/", **link)["code"] == 0
    assert change(sandbox, "/campaign/video/link/", **link, video_id=own)["code"] == 0
    asked = read(sandbox, "/link/request/get/", **link)["data"]
    assert asked["spark_authorization_days"] == 30 and len(asked["link_requests"]) == 2
    first, second = asked["link_requests"]
    for request, action in ((first, "APPROVE"), (second, "REJECT")):
        assert change(sandbox, "/link/request/confirm/", link_request_id=request["link_request_id"], action=action)["code"] == 0
    assert change(sandbox, "/link/request/confirm/", link_request_id=first["link_request_id"], action="REJECT")["code"] == 40002
    assert change(sandbox, "/link/request/confirm/", link_request_id="1", action="REJECT")["code"] == 40007
    assert read(sandbox, "/link/request/get/", **link)["data"]["link_requests"] == []
    ids = [own, first["video_id"], second["video_id"]]
    posts = {one["video_id"]: one for one in read(sandbox, "/authorized/video/list/", video_ids=ids)["data"]["posts"]}
    assert [posts[one]["collaboration_status"] for one in ids] == ["PAID_PARTNERSHIP", "PAID_PARTNERSHIP", "NONE"]
    sandbox.grant("moontideco2")
    assert change(sandbox, "/campaign/join/", **link)["code"] == 40007
