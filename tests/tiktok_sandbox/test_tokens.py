"""Exchange, refresh, revocation: what each token is worth and for how long."""

import re

import pytest

from tests.tiktok_sandbox.driver import API, APP_ID, SECRET, VERIFIER, Driver, running, token_from

DAY = 86_400
HALF_A_CHARACTER = (
    b'{"client_id": "1", "client_secret": "\\ud800", "grant_type": "authorization_code", "auth_code": "x", "redirect_uri": "x"}'
)


def advance(sandbox: Driver, seconds: int) -> None:
    sandbox.control("clock", {"seconds": seconds})


def test_a_code_becomes_tokens_in_the_documented_shape(sandbox: Driver) -> None:
    answer = sandbox.exchange(sandbox.answer_consent()["code"])
    assert answer.keys() == {"code", "message", "request_id", "data"} and answer["message"] == "OK"
    data = answer["data"]
    assert data.keys() == {"access_token", "token_type", "scope", "expires_in", "refresh_token", "refresh_token_expires_in", "open_id"}
    assert data["access_token"].startswith("act.") and data["refresh_token"].startswith("rft.")
    assert (data["token_type"], data["expires_in"], data["refresh_token_expires_in"]) == ("Bearer", DAY, 365 * DAY)
    assert re.fullmatch(r"_000[0-9a-f]{36}", data["open_id"])


def test_every_answer_has_its_own_request_id_and_headers(sandbox: Driver) -> None:
    answers = [sandbox.http.post(f"{API}/tt_user/oauth2/token/", json={}) for _ in range(20)]
    ids = {answer.json()["request_id"] for answer in answers}
    assert len(ids) == 20 and all(re.fullmatch(r"\d{14}[0-9A-F]{20}", one) for one in ids)
    assert all("date" in answer.headers and answer.headers["x-tt-logid"] in ids for answer in answers)


@pytest.mark.parametrize(
    ("verifier", "challenge"),
    [
        ("gaeCq5mVvbhA8Ce6w5O9XBVIKMkySgv-_9A-rnhm9Ns", "e6a178b120743d08509508f269652b0bdf91e29332921bc9e9744fd3dd41bfef"),
        ("dev-platform.test_verifier~0123456789ABCDEFabcdef", "39dad63a8ea3aec3b1d239279b941aeb6aee77b9c3cd186ed49f2e4996289fcb"),
    ],
)
def test_the_verifier_is_hashed_to_lower_case_hex(sandbox: Driver, verifier: str, challenge: str) -> None:
    code = sandbox.answer_consent(code_challenge=challenge)["code"]
    assert sandbox.exchange(code, code_verifier=verifier[:-1])["code"] == 40110
    assert sandbox.exchange(code, code_verifier=None)["code"] == 40110
    assert sandbox.exchange(code, code_verifier=challenge)["code"] == 40110
    assert sandbox.exchange(code, code_verifier=verifier)["code"] == 0


def test_without_a_challenge_a_verifier_is_passed_over(sandbox: Driver) -> None:
    code = sandbox.answer_consent(code_challenge=None, code_challenge_method=None)["code"]
    assert sandbox.exchange(code, code_verifier="whatever")["code"] == 0


def test_a_replayed_code_is_refused(sandbox: Driver) -> None:
    code = sandbox.answer_consent()["code"]
    assert sandbox.exchange(code)["code"] == 0
    assert sandbox.exchange(code)["code"] == 40110


def test_a_code_lives_ten_minutes(sandbox: Driver) -> None:
    young, old = sandbox.answer_consent()["code"], sandbox.answer_consent()["code"]
    advance(sandbox, 570)
    assert sandbox.exchange(young)["code"] == 0
    advance(sandbox, 31)
    assert sandbox.exchange(old)["code"] == 40110


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"auth_code": "made-up*0!1.u1"}, 40110),
        ({"redirect_uri": "http://127.0.0.1:8000/tiktok/auth/callback/"}, 40110),
        ({"client_secret": "wrong"}, 40101),
        ({"client_id": "1"}, 40101),
        ({"grant_type": "refresh_token"}, 40108),
        ({"auth_code": None}, 40002),
        ({"redirect_uri": None}, 40002),
        ({"auth_code": 7}, 40002),
    ],
)
def test_a_wrong_exchange_says_why_and_leaves_the_code_usable(sandbox: Driver, changes: dict[str, object], code: int) -> None:
    given = sandbox.answer_consent()["code"]
    assert sandbox.exchange(given, **changes)["code"] == code
    assert sandbox.exchange(given)["code"] == 0


@pytest.mark.parametrize("body", [b"", b"grant_type=authorization_code", b"[]", b'"text"', b"\xff", HALF_A_CHARACTER])
def test_a_body_that_is_no_json_object_is_a_parameter_error(sandbox: Driver, body: bytes) -> None:
    answer = sandbox.http.post(f"{API}/tt_user/oauth2/token/", content=body)
    assert answer.status_code == 200 and answer.json()["code"] == 40002


def test_refreshing_kills_the_old_refresh_token_and_spares_the_old_access_token(sandbox: Driver) -> None:
    first = sandbox.grant()
    second = token_from(sandbox.refresh(first.refresh))
    assert second.access != first.access and second.refresh != first.refresh and second.scopes == first.scopes
    assert sandbox.refresh(first.refresh)["code"] == 40107
    assert sandbox.get("/business/get/", access=first.access)["code"] == 0
    assert sandbox.get("/business/get/", access=second.access)["code"] == 0
    assert sandbox.refresh(second.refresh)["code"] == 0


def test_rotation_can_be_lenient() -> None:
    with running("--no-strict-rotation") as lenient:
        first = lenient.grant()
        second = token_from(lenient.refresh(first.refresh))
        assert lenient.refresh(first.refresh)["code"] == 0 and lenient.refresh(second.refresh)["code"] == 0


def test_an_access_token_expires_after_a_day(sandbox: Driver) -> None:
    token = sandbox.grant()
    advance(sandbox, DAY - 10)
    assert sandbox.get("/business/get/")["code"] == 0
    advance(sandbox, 10)
    assert sandbox.get("/business/get/")["code"] == 40102
    assert sandbox.post("/tt_user/token_info/get/", app_id=APP_ID, access_token=token.access)["code"] == 40102
    renewed = token_from(sandbox.refresh(token.refresh))
    assert sandbox.get("/business/get/", access=renewed.access)["code"] == 0


def test_refreshing_does_not_restart_the_year(sandbox: Driver) -> None:
    token = sandbox.grant()
    advance(sandbox, 300 * DAY)
    answer = sandbox.refresh(token.refresh)
    assert 0 <= 65 * DAY - answer["data"]["refresh_token_expires_in"] < 60
    latest = token_from(answer)
    advance(sandbox, 65 * DAY)
    assert sandbox.refresh(latest.refresh)["code"] == 40103


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"client_secret": "x"}, 40101), ({"grant_type": "authorization_code"}, 40108), ({"refresh_token": "rft.x"}, 40107)],
)
def test_a_wrong_refresh_says_why_and_burns_nothing(sandbox: Driver, changes: dict[str, str], code: int) -> None:
    token = sandbox.grant()
    assert sandbox.refresh(token.refresh, **changes)["code"] == code
    assert sandbox.refresh(token.refresh)["code"] == 0


def test_revoking_ends_every_token_of_the_account(sandbox: Driver) -> None:
    first, second, other = sandbox.grant(), sandbox.grant(), sandbox.grant("moontideco2")
    answer = sandbox.revoke(first.access)
    assert answer["code"] == 0 and answer["data"] == {}
    for token in (first, second):
        assert sandbox.refresh(token.refresh)["code"] == 40107
        assert sandbox.post("/tt_user/token_info/get/", app_id=APP_ID, access_token=token.access)["code"] == 40105
    assert sandbox.get("/business/get/", access=other.access)["code"] == 0


def test_revoking_inside_tiktok_ends_the_tokens_and_pending_codes(sandbox: Driver) -> None:
    code, token = sandbox.answer_consent()["code"], sandbox.grant()
    assert sandbox.control("revoke", {"account": "brassorbit3"}) == {"revoked": 1}
    assert sandbox.get("/business/get/", access=token.access)["code"] == 40105
    assert sandbox.refresh(token.refresh)["code"] == 40107
    assert sandbox.exchange(code)["code"] == 40110


def test_token_info_tells_app_scopes_and_account(sandbox: Driver) -> None:
    token = sandbox.grant("nd_filter", ["user.info.basic", "video.list"])
    info = sandbox.post("/tt_user/token_info/get/", app_id=APP_ID, access_token=token.access)["data"]
    assert info == {"app_id": APP_ID, "scope": "user.info.basic,video.list", "creator_id": token.open_id}
    assert sandbox.post("/tt_user/token_info/get/", app_id="1", access_token=token.access)["code"] == 40101
    assert sandbox.post("/tt_user/token_info/get/", app_id=APP_ID, access_token="act.x")["code"] == 40105


def test_a_control_grant_answers_as_the_token_endpoint_does(sandbox: Driver) -> None:
    exchanged = sandbox.exchange(sandbox.answer_consent()["code"])
    granted = sandbox.control("grant", {"account": "brassorbit3", "flow": "account", "scopes": None})
    assert granted.keys() == exchanged.keys() and granted["data"].keys() == exchanged["data"].keys()
    assert granted["data"]["open_id"] == exchanged["data"]["open_id"]


def test_the_secret_can_be_chosen() -> None:
    with running("--secret", "another-demo-secret") as other:
        code = other.answer_consent()["code"]
        assert other.exchange(code, client_secret=SECRET)["code"] == 40101
        assert other.exchange(code, client_secret="another-demo-secret", code_verifier=VERIFIER)["code"] == 0
