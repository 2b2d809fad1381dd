"""The control plane: clock, reset, log, world; and that it refuses what it cannot do."""

import json
import time
from datetime import datetime
from pathlib import Path

import pytest

from tests.tiktok_sandbox.driver import API, APP_ID, REDIRECT_URI, SECRET, Driver


def test_the_clock_starts_as_the_machines_and_can_be_moved(sandbox: Driver, clock_file: Path) -> None:
    sandbox.control("reset", {})
    now = datetime.fromisoformat(sandbox.control("clock")["now"]).timestamp()
    assert abs(now - time.time()) < 5 and json.loads(clock_file.read_text()) == {"offset_seconds": 0.0}
    sandbox.control("clock", {"seconds": 3600})
    assert json.loads(clock_file.read_text()) == {"offset_seconds": 3600.0}
    sandbox.control("clock", {"advance": -1800.5})
    assert json.loads(clock_file.read_text()) == {"offset_seconds": 1799.5}
    moved = sandbox.control("clock", {"now": "2030-01-01T00:00:00Z"})
    assert moved["now"].startswith("2030-01-01T00:00:00")
    assert json.loads(clock_file.read_text()) == {"offset_seconds": moved["offset_seconds"]}
    assert sandbox.http.get(f"{API}/nothing/").headers["date"].startswith("Tue, 01 Jan 2030 00:00:0")
    assert sandbox.http.get(f"{API}/nothing/").json()["request_id"].startswith("2030010100000")
    sandbox.control("reset", {})
    assert json.loads(clock_file.read_text()) == {"offset_seconds": 0.0}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"now": "soon"},
        {"now": 5},
        {"seconds": "5"},
        {"seconds": True},
        {"seconds": 1e12},
        {"now": "2030-01-01T00:00:00Z", "seconds": 1},
        {"seconds": 1, "advance": 1},
    ],
)
def test_a_clock_that_makes_no_sense_is_refused(sandbox: Driver, body: dict[str, object]) -> None:
    assert sandbox.http.post("/__control__/clock", json=body).status_code == 400


def test_reset_forgets_everything(sandbox: Driver) -> None:
    token, code = sandbox.grant(), sandbox.answer_consent()["code"]
    sandbox.control("faults", {"path": "*", "kind": "status", "times": None})
    sandbox.control("consent", {"account": "nd_filter", "auto": True})
    sandbox.control("limits", {"enabled": False})
    sandbox.control("scale", {"accounts": 3})
    answer = sandbox.control("reset", {"world": "demo", "seed": 9, "now": "2027-03-03T10:00:00Z"})
    assert answer["seed"] == 9 and answer["sample_week"] == {"first": "2027-02-22", "last": "2027-02-28"}
    assert sandbox.control("faults") == {"faults": []}
    assert sandbox.control("consent") == {"account": None, "scopes": None, "deny": False, "auto": False}
    assert sandbox.control("limits")["enabled"] is True
    assert sandbox.control("scale") == {"accounts": 0, "posts": 0, "ads": 0}
    assert sandbox.control("log") == {"total": 0, "entries": []}
    assert sandbox.get("/business/get/", access=token.access)["code"] == 40105
    assert sandbox.refresh(token.refresh)["code"] == 40107
    assert sandbox.exchange(code)["code"] == 40110


def test_the_log_tells_every_request_and_no_secret(sandbox: Driver) -> None:
    token = sandbox.grant()
    sandbox.get("/business/get/", fields=["username"])
    sandbox.get("/business/get/", fields=["made_up"])
    sandbox.refresh(token.refresh)
    sandbox.control("faults", {"path": "*", "kind": "status", "value": 503})
    assert sandbox.http.get(f"{API}/business/get/").status_code == 503
    log = sandbox.control("log")
    assert log["total"] == 4
    shown = [(entry["method"], entry["endpoint"], entry["status"], entry["code"], entry["fault"]) for entry in log["entries"]]
    profile = f"{API}/business/get/"
    assert shown == [
        ("GET", profile, 200, 0, None),
        ("GET", profile, 200, 40002, None),
        ("POST", f"{API}/tt_user/oauth2/refresh_token/", 200, 0, None),
        ("GET", profile, 503, None, "status"),
    ]
    marks = [entry["token"] for entry in log["entries"]]
    assert marks[0] == marks[1] != marks[2] and len(marks[0]) == 12 and marks[3] is None
    text = json.dumps(log)
    assert token.access not in text and token.refresh not in text and SECRET not in text and token.open_id not in text


def test_the_log_can_be_narrowed(sandbox: Driver) -> None:
    sandbox.grant()
    sandbox.get("/business/get/")
    sandbox.get("/business/video/list/")
    first = sandbox.control("log")["entries"][0]
    sandbox.control("clock", {"seconds": 60})
    since = sandbox.control("clock")["now"]
    sandbox.get("/business/get/")
    assert sandbox.control("log", endpoint=f"{API}/business/get/")["total"] == 2
    assert sandbox.control("log", since=first["id"])["total"] == 2
    assert sandbox.control("log", since=since)["total"] == 1
    assert sandbox.control("log", since=since, endpoint=f"{API}/business/video/list/")["total"] == 0
    page = sandbox.control("log", offset=1, limit=1)
    assert page["total"] == 3 and [entry["endpoint"] for entry in page["entries"]] == [f"{API}/business/video/list/"]
    assert sandbox.http.get("/__control__/log", params={"since": "lately"}).status_code == 400


def test_the_world_has_the_agreed_shape(sandbox: Driver) -> None:
    world = sandbox.control("world")
    assert {"now", "app", "accounts", "advertisers"} <= world.keys()
    assert world["app"] == {"app_id": APP_ID, "client_key": APP_ID, "secret": SECRET, "redirect_uris": [REDIRECT_URI]}
    assert [account["handle"] for account in world["accounts"]][:3] == ["brassorbit3", "moontideco2", "velvetfoxlab"]
    account = world["accounts"][0]
    assert account["open_id"] == sandbox.grant().open_id
    day_keys = {
        "date",
        "video_views",
        "likes",
        "comments",
        "shares",
        "profile_views",
        "followers_count",
        "daily_new_followers",
        "daily_lost_followers",
        "final",
    }
    post_keys = {"item_id", "create_time", "caption", "views", "likes", "comments", "shares", "favorites", "reach", "video_duration"}
    post_keys |= {"full_video_watched_rate", "average_time_watched", "total_time_watched"}
    assert day_keys <= account["days"][0].keys() and post_keys <= account["posts"][0].keys()
    part = sandbox.control("world", account="brassorbit3", offset=5, limit=3)["accounts"]
    assert len(part) == 1 and part[0]["days"] == account["days"][5:8] and len(part[0]["posts"]) == 3
    assert part[0]["days_total"] == len(account["days"])
    advertiser = world["advertisers"][0]["advertiser_id"]
    paid = sandbox.control("world", advertiser_id=advertiser, offset=3, limit=2)
    assert paid["accounts"] == [] and len(paid["advertisers"]) == 1
    assert {"advertiser_id", "timezone", "currency", "ad_days"} <= paid["advertisers"][0].keys()
    ad_day_keys = {"date", "campaign_id", "adgroup_id", "ad_id", "spend", "impressions", "clicks", "conversion"}
    assert len(paid["advertisers"][0]["ad_days"]) == 2 and ad_day_keys <= paid["advertisers"][0]["ad_days"][0].keys()


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("nothing", {}, 404),
        ("world", {}, 405),
        ("reset", {"seed": "x"}, 400),
        ("reset", {"world": "other"}, 400),
        ("reset", {"now": "soon"}, 400),
        ("grant", {"account": "nobody"}, 404),
        ("grant", {"account": "brassorbit3", "scopes": ["made.up"]}, 400),
        ("grant", {"account": "brassorbit3", "flow": "other"}, 400),
        ("revoke", {}, 404),
        ("revoke", {"account": "brassorbit3", "client": 1}, 400),
        ("consent", {"account": "nobody"}, 404),
        ("consent", {"auto": "yes"}, 400),
        ("scale", {"accounts": -1}, 400),
        ("scale", {"accounts": 1, "ads": 50_001}, 400),
        ("grant", {"account": "nobody", "flow": "advertiser"}, 404),
        ("grant", {"account": "northwind", "flow": "advertiser", "scopes": ["video.list"]}, 400),
    ],
)
def test_what_cannot_be_done_is_said(sandbox: Driver, name: str, body: dict[str, object], status: int) -> None:
    answer = sandbox.http.post(f"/__control__/{name}", json=body)
    assert answer.status_code == status and answer.json()["error"]


def test_a_body_that_is_no_object_is_refused(sandbox: Driver) -> None:
    for body in (b"{", b"[]", b"\xff"):
        assert sandbox.http.post("/__control__/clock", content=body).status_code == 400


def test_the_front_page_leads_to_the_control_plane(sandbox: Driver) -> None:
    page = sandbox.http.get("/")
    week = sandbox.control("clock")["sample_week"]
    assert page.status_code == 200 and f"{week['first']} to {week['last']}" in page.text
    for address in ("/__control__/", "/__control__/world", "/__control__/log"):
        assert f'href="{address}"' in page.text and sandbox.http.get(address).status_code == 200


def test_the_control_plane_lists_itself(sandbox: Driver) -> None:
    listed = sandbox.http.get("/__control__/").json()["control"]
    assert {
        "reset",
        "clock",
        "grant",
        "revoke",
        "faults",
        "limits",
        "switches",
        "publishes",
        "events",
        "openapi.json",
        "consent",
        "webhooks",
        "log",
        "world",
        "scale",
        "comments",
    } == listed.keys()
