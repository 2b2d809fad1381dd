"""Sliding windows of the Accounts API, and the pause after a breach."""

import pytest

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
        "report_rows_most": 0,
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


def test_a_clock_set_back_does_not_lock_anybody_out() -> None:
    limits = Limits()
    for _ in range(41):
        limits.allow(Limit.ACCOUNTS, "app", "account", PROFILE, 5000.0)
    assert not limits.allow(Limit.ACCOUNTS, "app", "account", PROFILE, 5000.0)
    assert limits.allow(Limit.ACCOUNTS, "app", "account", PROFILE, 1000.0)
