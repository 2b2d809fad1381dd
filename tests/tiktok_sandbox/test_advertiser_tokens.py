"""The advertiser flow: its consent page, both exchanges, tokens that never expire, and what a token opens."""

import re
from pathlib import Path

import pytest

from tests.tiktok_sandbox.advertising import answer_portal, desk, exchange, portal_query
from tests.tiktok_sandbox.driver import API, APP_ID, SECRET, Driver, running
from tiktok_sandbox.limits import Limit, Limits

EVERY_PERMISSION = [1, 2, 3, 4, 6, 200, 201]


def test_the_page_shows_persons_with_their_ad_accounts_and_fixed_permissions(sandbox: Driver) -> None:
    page = sandbox.http.get("/portal/auth", params=portal_query())
    assert page.status_code == 200 and page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "Moontide Europe, Moontide Japan" in page.text and "Read reports about your ads" in page.text
    assert "This is fixed at the app" in page.text and 'type="checkbox"' not in page.text
    assert "Closed &quot;Shop&quot; &lt;b&gt;&amp; Sons&lt;/b&gt;" in page.text and "<b>& Sons" not in page.text


def test_allowing_sends_the_code_back_under_two_names(sandbox: Driver) -> None:
    back = answer_portal(sandbox)
    assert back.keys() == {"auth_code", "code", "state"} and back["auth_code"] == back["code"] and back["state"] == "st-ate_123~"


def test_denying_sends_no_code(sandbox: Driver) -> None:
    back = answer_portal(sandbox, answer="deny")
    assert back["error"] == "access_denied" and "auth_code" not in back and back["state"] == "st-ate_123~"


def test_a_standing_answer_needs_no_click(sandbox: Driver) -> None:
    sandbox.control("consent", {"account": "northwind", "auto": True})
    answer = sandbox.http.get("/portal/auth", params=portal_query())
    assert answer.status_code == 302
    code = re.search(r"auth_code=([0-9a-f]{40})", answer.headers["location"])[1]
    assert len(exchange(sandbox, code)["data"]["advertiser_ids"]) == 9


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"app_id": "1"}, "app_id"),
        ({"app_id": None}, "app_id"),
        ({"redirect_uri": "http://127.0.0.1:8000/tiktok/auth/callback/"}, "redirect_uri"),
        ({"redirect_uri": None}, "redirect_uri"),
    ],
)
def test_a_wrong_link_is_answered_with_a_page_and_nobody_is_sent_back(sandbox: Driver, changes: dict[str, str], named: str) -> None:
    answer = sandbox.http.get("/portal/auth", params=portal_query(**changes))
    assert answer.status_code == 400 and "location" not in answer.headers and f"<code>{named}</code>" in answer.text


def test_a_challenge_is_passed_over(sandbox: Driver) -> None:
    back = answer_portal(sandbox, code_challenge="f" * 64, code_challenge_method="S256")
    assert exchange(sandbox, back["auth_code"])["code"] == 0


def test_a_person_nobody_knows_is_refused(sandbox: Driver) -> None:
    answer = sandbox.http.post("/portal/auth", params=portal_query(), data={"account": "nobody", "answer": "allow"})
    assert answer.status_code == 400 and "location" not in answer.headers


def test_a_code_becomes_a_token_in_the_documented_shape(sandbox: Driver) -> None:
    answer = exchange(sandbox, answer_portal(sandbox, person="moontideco2")["auth_code"])
    assert answer.keys() == {"code", "message", "request_id", "data"}
    data = answer["data"]
    assert data.keys() == {"access_token", "advertiser_ids", "scope"}
    assert re.fullmatch("[0-9a-f]{40}", data["access_token"]) and data["scope"] == EVERY_PERMISSION
    assert len(data["advertiser_ids"]) == 2 and all(isinstance(one, str) and int(one) > 2**53 for one in data["advertiser_ids"])


def test_advertiser_ids_can_be_left_out(sandbox: Driver) -> None:
    code = answer_portal(sandbox)["auth_code"]
    assert exchange(sandbox, code, return_advertiser_ids=False)["data"].keys() == {"access_token", "scope"}


def test_a_code_works_once_and_for_an_hour(sandbox: Driver) -> None:
    used, young, old = (answer_portal(sandbox)["auth_code"] for _ in range(3))
    assert exchange(sandbox, used)["code"] == 0 and exchange(sandbox, used)["code"] == 40110
    sandbox.control("clock", {"seconds": 3590})
    assert exchange(sandbox, young)["code"] == 0
    sandbox.control("clock", {"seconds": 11})
    assert exchange(sandbox, old)["code"] == 40110


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"secret": "wrong"}, 40101), ({"app_id": "1"}, 40101), ({"auth_code": "made-up"}, 40110), ({"auth_code": None}, 40002)],
)
def test_a_wrong_exchange_says_why_and_leaves_the_code_usable(sandbox: Driver, changes: dict[str, object], code: int) -> None:
    given = answer_portal(sandbox)["auth_code"]
    assert exchange(sandbox, given, **changes)["code"] == code
    assert exchange(sandbox, given)["code"] == 0


@pytest.mark.parametrize("path", ["/oauth/token/", "/oauth2/token/"])
def test_the_older_exchange_answers_at_the_top(sandbox: Driver, path: str) -> None:
    body = {"client_id": APP_ID, "client_secret": SECRET, "grant_type": "authorization_code", "code": answer_portal(sandbox)["code"]}
    assert sandbox.post(path, **{**body, "grant_type": "refresh_token"})["code"] == 40108
    answer = sandbox.post(path, **body)
    assert answer["code"] == 0 and "data" not in answer and len(answer["advertiser_ids"]) == 1 and answer["access_token"]


def test_the_token_lists_its_ad_accounts_and_never_expires(sandbox: Driver) -> None:
    own = desk(sandbox, "moontideco2")
    sandbox.control("clock", {"seconds": 400 * 86_400})
    listed = own.read("/oauth2/advertiser/get/", app_id=APP_ID, secret=SECRET)["list"]
    assert [one["advertiser_id"] for one in listed] == own.advertisers
    assert [one["advertiser_name"] for one in listed] == ["Moontide Europe", "Moontide Japan 東京"]
    assert own.get("/oauth2/advertiser/get/", app_id=APP_ID, secret="x")["code"] == 40101
    assert own.get("/oauth2/advertiser/get/", app_id=APP_ID, secret=SECRET, token="x")["code"] == 40105
    assert own.get("/oauth2/advertiser/get/", app_id=APP_ID, secret=SECRET, token="")["code"] == 40104


def test_revoking_ends_every_token_between_person_and_app(sandbox: Driver) -> None:
    one, two, other = desk(sandbox), desk(sandbox), desk(sandbox, "northwind")
    pending = answer_portal(sandbox)["auth_code"]
    answer = sandbox.post("/oauth2/revoke_token/", app_id=APP_ID, secret=SECRET, access_token=one.token)
    assert answer["data"] == {"app_id": APP_ID, "advertiser_ids": one.advertisers}
    assert [each.get("/user/info/")["code"] for each in (one, two, other)] == [40105, 40105, 0]
    assert exchange(sandbox, pending)["code"] == 40110
    assert sandbox.post("/oauth2/revoke_token/", app_id=APP_ID, secret=SECRET, access_token=one.token)["code"] == 40105


def test_revoking_inside_tiktok_ends_the_token(sandbox: Driver) -> None:
    own = desk(sandbox)
    assert sandbox.control("revoke", {"account": "brassorbit3", "flow": "advertiser"}) == {"revoked": 1}
    assert own.get("/user/info/")["code"] == 40105


def test_the_two_kinds_of_token_are_not_mixed_up(sandbox: Driver) -> None:
    paid, organic = desk(sandbox), sandbox.grant()
    assert paid.get("/user/info/", token=organic.access)["code"] == 70001
    assert sandbox.get("/business/get/", access=paid.token)["code"] == 70001


def test_a_permission_the_app_lacks_is_refused(sandbox: Driver) -> None:
    own = desk(sandbox, scopes=[4])
    assert own.get("/advertiser/info/", advertiser_ids=own.advertisers)["code"] == 40001


def test_the_person_is_shown_with_a_masked_address(sandbox: Driver) -> None:
    info = desk(sandbox, "northwind").read("/user/info/")
    assert info.keys() == {"core_user_id", "display_name", "email", "avatar_url", "create_time"}
    assert info["display_name"] == "Northwind Media" and "***" in info["email"] and isinstance(info["create_time"], int)
    assert sandbox.http.get(info["avatar_url"]).headers["content-type"] == "image/png"


def test_ad_accounts_have_zones_on_both_sides_of_utc_and_currencies_with_and_without_decimals(sandbox: Driver) -> None:
    own = desk(sandbox, "northwind")
    listed = own.read("/advertiser/info/", advertiser_ids=own.advertisers)["list"]
    zones, currencies = {one["timezone"] for one in listed}, {one["currency"] for one in listed}
    assert {"America/Los_Angeles", "Asia/Tokyo", "Asia/Kolkata", "Etc/GMT+10"} <= zones
    assert {"USD", "EUR", "JPY", "KRW"} <= currencies
    assert [one["advertiser_id"] for one in listed] == own.advertisers
    assert {one["status"] for one in listed} == {"STATUS_ENABLE", "STATUS_DISABLE"}


def test_only_the_fields_asked_for_come_and_foreign_accounts_are_refused(sandbox: Driver) -> None:
    own, other = desk(sandbox), desk(sandbox, "moontideco2")
    fields = ["advertiser_id", "currency"]
    assert own.read("/advertiser/info/", advertiser_ids=own.advertisers, fields=fields)["list"] == [
        {"advertiser_id": own.first, "currency": "USD"}
    ]
    assert own.get("/advertiser/info/", advertiser_ids=other.advertisers)["code"] == 40001
    for wrong in ("7", [], ["x"], ",".join(own.advertisers), [str(number) for number in range(101)]):
        assert own.get("/advertiser/info/", advertiser_ids=wrong)["code"] == 40002
    assert own.get("/advertiser/info/", advertiser_ids=own.advertisers, fields=["nonsense"])["code"] == 40002


def test_a_business_center_and_what_it_holds(sandbox: Driver) -> None:
    own = desk(sandbox, "northwind")
    listed = own.read("/bc/get/")
    assert listed["page_info"] == {"page": 1, "page_size": 10, "total_number": 1, "total_page": 1}
    center = listed["list"][0]["bc_info"]["bc_id"]
    assets = own.pages("/bc/asset/get/", page_size=3, bc_id=center, asset_type="ADVERTISER")
    assert [asset["asset_id"] for asset in assets] == own.advertisers
    assert {asset["relation_type"] for asset in assets} == {"OWNER_BC", "OWNER_PARTNER"}
    accounts = own.pages("/bc/asset/get/", page_size=50, bc_id=center, asset_type="TT_ACCOUNT")
    assert {asset["asset_name"] for asset in accounts} == {"brassorbit3", "moontideco2"}
    assert own.read("/bc/asset/get/", bc_id=center, asset_type="PIXEL")["list"] == []
    assert own.get("/bc/asset/get/", bc_id=center, asset_type="SHOE")["code"] == 40002
    assert own.get("/bc/asset/get/", bc_id="73", asset_type="PIXEL")["code"] == 40001
    assert own.get("/bc/get/", page_size=51)["code"] == 40002
    assert own.read("/bc/get/", filtering={"keyword": "brass"})["list"] == []


def test_ten_calls_a_second_over_all_endpoints_and_no_pause_after_a_breach() -> None:
    limits = Limits()
    assert all(limits.allow(Limit.MARKETING, "app", f"person {n}", f"/{n}/", 1000.0 + n / 100) for n in range(10))
    assert not limits.allow(Limit.MARKETING, "app", "anybody", "/x/", 1000.9)
    assert limits.allow(Limit.MARKETING, "app", "anybody", "/x/", 1001.0)


def test_two_endpoints_have_limits_of_their_own() -> None:
    limits = Limits()
    for limit, path, most in ((Limit.AD_CREATE, "/ad/create/", 5), (Limit.REPORT_TASKS, "/report/task/create/", 2)):
        assert [limits.allow(limit, "app", "person", path, 1000.5) for _ in range(most + 1)] == [True] * most + [False]


def test_a_full_minute_over_the_whole_app_is_followed_by_five_closed_ones(sandbox: Driver) -> None:
    one, two = desk(sandbox), desk(sandbox, "northwind")
    sandbox.control("limits", {"marketing_per_second": 10, "marketing_per_minute": 2})
    assert [each.get("/user/info/")["code"] for each in (one, two, one)] == [0, 0, 40100]
    sandbox.control("clock", {"seconds": 299})
    assert one.get("/user/info/")["code"] == 40100
    sandbox.control("clock", {"seconds": 2})
    assert one.get("/user/info/")["code"] == 0


def test_a_state_file_keeps_the_consent(tmp_path: Path) -> None:
    file = str(tmp_path / "state.json")
    with running("--state-file", file) as first:
        token = desk(first).token
    with running("--state-file", file) as second:
        answer = second.http.get(f"{API}/user/info/", headers={"Access-Token": token}).json()
    assert answer["code"] == 0 and answer["data"]["display_name"] == "Brass Studio"


@pytest.mark.parametrize("kind", ["status", "code", "html", "truncated", "lost-answer", "maintenance", "retry-after"])
def test_every_fault_works_here_too(sandbox: Driver, kind: str) -> None:
    own = desk(sandbox)
    sandbox.control("faults", {"path": f"{API}/user/info/", "kind": kind, "value": None})
    try:
        answer = own.ask("/user/info/")
        is_spoilt = answer.status_code != 200 or "json" not in answer.headers["content-type"] or answer.json()["code"] != 0
    except Exception as error:
        is_spoilt = "Protocol" in type(error).__name__
    assert is_spoilt and own.get("/user/info/")["code"] == 0
