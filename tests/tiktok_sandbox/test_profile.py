"""GET /business/get/: checks in order, scopes per field, dates, delay, the 100-follower and the business-account rules."""

from datetime import date, timedelta

import pytest

from tests.tiktok_sandbox.driver import API, Driver

PATH = "/business/get/"
BASIC = "user.info.basic"


def today(sandbox: Driver) -> date:
    return date.fromisoformat(sandbox.control("clock")["now"][:10])


def test_checks_follow_tiktoks_order(sandbox: Driver) -> None:
    token = sandbox.grant(scopes=["video.list"])
    wrong = {"business_id": "somebody else", "max_count": "0"}

    def code(path: str, headers: dict[str, str] | None = None, **query: str) -> int:
        return sandbox.http.get(API + path, params=query, headers=headers or {}).json()["code"]

    assert code("/business/nothing/") == 40006
    assert code("/business/get") == 40006
    assert code(PATH) == 40104
    assert code(PATH, {"Access-Token": "act.unknown"}) == 40105
    assert code(PATH, {"Authorization": f"Bearer {token.access}"}) == 40104
    assert code(PATH, {"Access-Token": token.access}, **wrong) == 40130
    assert code("/business/video/list/", {"Access-Token": token.access}, **wrong) == 40002
    assert code("/business/video/list/", {"Access-Token": token.access}, business_id="somebody else") == 40001


def test_the_wrong_method_is_refused_by_the_gateway(sandbox: Driver) -> None:
    answer = sandbox.http.post(API + PATH, json={})
    assert answer.status_code == 405 and answer.json()["code"] == 40000


def test_by_default_name_and_picture_are_told(sandbox: Driver) -> None:
    sandbox.grant(scopes=[BASIC])
    data = sandbox.get(PATH)["data"]
    assert data.keys() == {"display_name", "profile_image"} and data["display_name"] == "Brass Studio"


def test_a_field_without_its_scope_is_left_out(sandbox: Driver) -> None:
    fields = ("display_name", "username", "is_verified", "is_business_account", "followers_count", "video_views", "audience_ages")
    sandbox.grant(scopes=[BASIC])
    assert sandbox.profile(*fields).keys() == {"display_name"}
    sandbox.grant(scopes=[BASIC, "user.info.username", "user.info.profile", "user.account.type"])
    assert sandbox.profile(*fields).keys() == {"display_name", "username", "is_verified", "is_business_account"}
    sandbox.grant(scopes=[BASIC, "user.info.stats"])
    assert sandbox.profile(*fields) == {"display_name": "Brass Studio", "followers_count": 48_210}
    sandbox.grant(scopes=[BASIC, "user.insights"])
    data = sandbox.profile(*fields)
    assert data.keys() == {"display_name", "audience_ages", "metrics"}
    assert data["metrics"][0].keys() == {"date", "followers_count", "video_views"}


def test_by_default_the_last_seven_days_are_told_as_far_as_they_are_final(sandbox: Driver) -> None:
    sandbox.grant()
    days = [row["date"] for row in sandbox.profile("video_views")["metrics"]]
    now = today(sandbox)
    assert days == [(now - timedelta(back)).isoformat() for back in (7, 6, 5, 4, 3)]


def test_a_day_appears_48_hours_after_its_end(sandbox: Driver) -> None:
    sandbox.control("reset", {"now": "2026-05-27T23:59:00Z"})
    sandbox.grant()
    assert sandbox.profile("video_views")["metrics"][-1]["date"] == "2026-05-24"
    sandbox.control("clock", {"now": "2026-05-28T00:00:01Z"})
    assert sandbox.profile("video_views", start_date="2026-05-25", end_date="2026-05-27")["metrics"] == [
        {"date": "2026-05-25", "video_views": sandbox.world("brassorbit3")["days"][-3]["video_views"]}
    ]


def test_days_reach_back_sixty_and_no_further(sandbox: Driver) -> None:
    sandbox.grant()
    now = today(sandbox)
    oldest = (now - timedelta(60)).isoformat()
    data = sandbox.profile("video_views", start_date=oldest, end_date=now.isoformat())
    assert [data["metrics"][0]["date"], len(data["metrics"])] == [oldest, 58]
    assert sandbox.get(PATH, fields=["video_views"], start_date=(now - timedelta(61)).isoformat())["code"] == 40002


@pytest.mark.parametrize(
    "query",
    [
        {"fields": "display_name,username"},
        {"fields": '"display_name"'},
        {"fields": ["display_name", "made_up"]},
        {"fields": [1]},
        {"fields": {"a": 1}},
        {"start_date": "2026-1-1"},
        {"start_date": "20260101"},
        {"start_date": "yesterday"},
        {"start_date": "2999-01-01"},
        {"end_date": "2999-01-01"},
    ],
)
def test_a_malformed_parameter_is_refused(sandbox: Driver, query: dict[str, object]) -> None:
    sandbox.grant()
    answer = sandbox.get(PATH, **query)
    assert answer["code"] == 40002 and next(iter(query)) in answer["message"]


def test_a_repeated_key_is_refused(sandbox: Driver) -> None:
    token = sandbox.grant()
    query = [("business_id", token.open_id), ("fields", '["username"]'), ("fields", '["display_name"]')]
    answer = sandbox.http.get(API + PATH, params=query, headers={"Access-Token": token.access}).json()
    assert answer["code"] == 40002 and "fields" in answer["message"]


def test_json_in_the_query_may_carry_spaces(sandbox: Driver) -> None:
    sandbox.grant()
    assert sandbox.get(PATH, fields='[ "username" ,\n "username" ]')["data"] == {"username": "brassorbit3"}


def test_business_figures_are_told_for_business_accounts_only(sandbox: Driver) -> None:
    fields = ("is_business_account", "video_views", "unique_video_views", "engaged_audience", "bio_link_clicks", "address_clicks")
    told = {}
    for account in ("brassorbit3", "moontideco2", "velvetfoxlab"):
        sandbox.grant(account)
        data = sandbox.profile(*fields)
        told[account] = (data["is_business_account"], set(data["metrics"][0]) - {"date", "video_views"})
    assert told == {
        "brassorbit3": (True, {"unique_video_views", "engaged_audience", "bio_link_clicks", "address_clicks"}),
        "moontideco2": (True, {"unique_video_views", "engaged_audience"}),
        "velvetfoxlab": (False, set()),
    }


def test_the_audience_is_told_from_a_hundred_followers_on(sandbox: Driver) -> None:
    fields = ("audience_ages", "audience_genders", "audience_countries", "audience_cities", "audience_activity", "followers_count")
    sandbox.grant("tinylens_mo")
    small = sandbox.profile(*fields)
    assert small["followers_count"] < 100 and small.keys() == {"followers_count", "metrics"}
    assert all("audience_activity" not in row for row in small["metrics"])
    sandbox.grant("moontideco2")
    large = sandbox.profile(*fields)
    for name in fields[:4]:
        assert sum(row["percentage"] for row in large[name]) == pytest.approx(1)
    assert [row["hour"] for row in large["metrics"][0]["audience_activity"]] == [str(hour) for hour in range(24)]


def test_the_picture_is_a_png_under_an_address_that_expires(sandbox: Driver) -> None:
    sandbox.grant()
    address = sandbox.profile("profile_image")["profile_image"]
    picture = sandbox.http.get(address)
    assert picture.headers["content-type"] == "image/png" and picture.content.startswith(b"\x89PNG\r\n\x1a\n")
    assert sandbox.http.get(address.replace("brassorbit3", "moontideco2")).status_code == 403
    sandbox.control("clock", {"seconds": 48 * 3600})
    assert sandbox.http.get(address).status_code == 403


def test_totals_are_those_of_the_posts(sandbox: Driver) -> None:
    sandbox.grant("moontideco2")
    data = sandbox.profile("total_likes", "videos_count", "following_count")
    posts = sandbox.posts("likes")
    assert data["videos_count"] == len(posts) and data["following_count"] == 402
    assert abs(data["total_likes"] - sum(post["likes"] for post in posts)) <= 20  # the posts went on while they were read
