"""Sliding windows of the Accounts API, and the pause after a breach."""

import pytest

from tests.tiktok_sandbox import advertising
from tests.tiktok_sandbox.driver import Driver
from tiktok_sandbox.limits import Limit, Limits

PROFILE, POSTS = "/business/get/", "/business/video/list/"


def test_forty_reads_a_minute_and_then_a_pause_of_five(sandbox: Driver) -> None:
    sandbox.grant()
    assert [sandbox.get(PROFILE)["code"] for _ in range(41)] == [0] * 40 + [40100]
    assert sandbox.get(POSTS)["code"] == 0
    sandbox.control("clock", {"seconds": 290})
    assert sandbox.get(PROFILE)["code"] == 40100
    sandbox.control("clock", {"seconds": 15})
    assert sandbox.get(PROFILE)["code"] == 0


def test_each_account_has_its_own_window_whatever_the_token(sandbox: Driver) -> None:
    first, second = sandbox.grant(), sandbox.grant()
    assert [sandbox.get(PROFILE, access=token)["code"] for token in (first.access, second.access) for _ in range(20)] == [0] * 40
    assert sandbox.get(PROFILE, access=first.access)["code"] == 40100
    sandbox.grant("moontideco2")
    assert sandbox.get(PROFILE)["code"] == 0


def test_the_app_as_a_whole_has_a_window_over_all_endpoints(sandbox: Driver) -> None:
    sandbox.control("limits", {"per_app_per_minute": 5})
    sandbox.grant()
    assert [sandbox.get(path)["code"] for path in (PROFILE, POSTS, PROFILE, POSTS, PROFILE)] == [0] * 5
    sandbox.grant("moontideco2")
    assert sandbox.get(POSTS)["code"] == 40100


def test_a_call_refused_for_its_scope_is_not_counted_but_one_with_a_bad_parameter_is(sandbox: Driver) -> None:
    sandbox.control("limits", {"per_account_per_minute": 2})
    sandbox.grant(scopes=["user.info.basic"])
    assert [sandbox.get(POSTS)["code"] for _ in range(3)] == [40130] * 3
    assert [sandbox.get(PROFILE, fields="x")["code"] for _ in range(3)] == [40002, 40002, 40100]


def test_token_endpoints_are_outside_the_windows(sandbox: Driver) -> None:
    token = sandbox.grant()
    for _ in range(50):
        answer = sandbox.refresh(token.refresh)
        assert answer["code"] == 0
        token.refresh = answer["data"]["refresh_token"]


def test_limits_can_be_switched_off_and_on(sandbox: Driver) -> None:
    assert sandbox.control("limits") == {
        "enabled": True,
        "per_account_per_minute": 40,
        "per_app_per_minute": 600,
        "penalty_seconds": 300,
        "marketing_per_second": 10,
        "marketing_per_minute": 600,
        "marketing_per_day": 864_000,
        "ad_create_per_day": 86_400,
        "report_tasks_per_day": 4_500,
        "report_rows_most": 0,
        "publishing_per_minute": 6,
        "publishing_per_day": 15,
        "display_per_minute": 600,
        "creator_info_per_minute": 20,
        "post_init_per_minute": 6,
        "post_status_per_minute": 30,
    }
    sandbox.control("limits", {"enabled": False})
    sandbox.grant()
    assert {sandbox.get(PROFILE)["code"] for _ in range(60)} == {0}
    sandbox.control("limits", {"enabled": True, "per_account_per_minute": 1, "penalty_seconds": 1})
    assert [sandbox.get(PROFILE)["code"] for _ in range(2)] == [0, 40100]


@pytest.mark.parametrize(
    "wanted", [{"enabled": 1}, {"per_account_per_minute": "40"}, {"per_account_per_minute": True}, {"made_up": 1}, {"penalty_seconds": -1}]
)
def test_settings_that_make_no_sense_are_refused(sandbox: Driver, wanted: dict[str, object]) -> None:
    answer = sandbox.http.post("/__control__/limits", json=wanted)
    assert answer.status_code == 400 and next(iter(wanted)) in answer.json()["error"]


def test_the_window_slides_and_does_not_jump() -> None:
    limits = Limits()
    limits.change({"penalty_seconds": 0})
    for second in range(40):
        assert limits.allow(Limit.ACCOUNTS, "app", "account", PROFILE, 1000.0 + second)
    assert not limits.allow(Limit.ACCOUNTS, "app", "account", PROFILE, 1059.9)
    assert limits.allow(Limit.ACCOUNTS, "app", "account", PROFILE, 1060.0)
    assert not limits.allow(Limit.ACCOUNTS, "app", "account", PROFILE, 1060.5)


def test_report_tasks_are_counted_by_the_utc_day() -> None:
    limits, midnight = Limits(), 20_000 * 86_400
    moments = [midnight - 86_400 + 19 * number for number in range(4_500)]
    assert all(limits.allow(Limit.REPORT_TASKS, "app", "person", "/report/task/create/", moment) for moment in moments)
    assert not limits.allow(Limit.REPORT_TASKS, "app", "person", "/report/task/create/", midnight - 1)
    assert limits.allow(Limit.REPORT_TASKS, "other app", "person", "/report/task/create/", midnight - 1)
    assert limits.allow(Limit.MARKETING, "app", "person", "/campaign/get/", midnight - 1)
    assert limits.allow(Limit.REPORT_TASKS, "app", "person", "/report/task/create/", midnight)


def test_a_request_that_a_minute_refuses_does_not_count_for_the_day() -> None:
    limits = Limits()
    limits.change({"report_tasks_per_day": 3, "penalty_seconds": 0})
    asked = [limits.allow(Limit.REPORT_TASKS, "app", "person", "/report/task/create/", 86_400.0 + moment) for moment in (0, 0, 0, 1, 2)]
    assert asked == [True, True, False, True, False]


@pytest.mark.parametrize(
    ("setting", "path"),
    [
        ("marketing_per_day", "/oauth2/advertiser/get/"),
        ("report_tasks_per_day", "/report/task/create/"),
        ("ad_create_per_day", "/ad/create/"),
    ],
)
def test_a_day_of_the_advertiser_side_ends_at_midnight_utc(sandbox: Driver, setting: str, path: str) -> None:
    sandbox.control("reset", {"now": "2026-08-14T23:00:00Z"})
    sandbox.control("limits", {setting: 2})
    own = advertising.desk(sandbox)

    def code() -> int:
        answer = own.get(path) if path.startswith("/oauth2") else own.post(path)
        return int(answer["code"])

    seen = []
    for moment in ("23:00:00", "23:20:00", "23:40:00"):
        sandbox.control("clock", {"now": f"2026-08-14T{moment}Z"})
        seen.append(code())
    assert seen == [40002, 40002, 40100]
    sandbox.control("clock", {"now": "2026-08-15T00:00:00Z"})
    assert code() == 40002


def test_a_clock_set_back_does_not_lock_anybody_out() -> None:
    limits = Limits()
    for _ in range(41):
        limits.allow(Limit.ACCOUNTS, "app", "account", PROFILE, 5000.0)
    assert not limits.allow(Limit.ACCOUNTS, "app", "account", PROFILE, 5000.0)
    assert limits.allow(Limit.ACCOUNTS, "app", "account", PROFILE, 1000.0)
