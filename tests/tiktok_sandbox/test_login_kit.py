"""TikTok for Developers: sign-in with both token profiles, flat errors, profile and videos."""

import base64
from hashlib import sha256
from typing import Any

import pytest

from tests.tiktok_sandbox.driver import API, APP_ID, VERIFIER, Driver
from tests.tiktok_sandbox.login_kit import CLIENT_KEY, REDIRECT_URI, LoginKit

NOW = "2026-08-14T10:00:00Z"


@pytest.fixture
def kit(sandbox: Driver) -> LoginKit:
    sandbox.control("reset", {"now": NOW})
    return LoginKit(sandbox)


def refused(answer: Any, word: str, status: int = 200) -> str:
    body = answer.json()
    assert (answer.status_code, body["error"]) == (status, word) and body.keys() == {"error", "error_description", "log_id"}
    return body["error_description"]


def test_the_shared_consent_page_tells_the_flows_apart_by_the_key(kit: LoginKit) -> None:
    page = kit.consent()
    assert page.status_code == 200 and "Login Kit, TikTok for Developers" in page.text and "user.insights" not in page.text
    assert kit.consent(scope="user.info.basic,user.insights").status_code == 400
    assert kit.consent(client_key=APP_ID).status_code == 400  # the redirect address belongs to the other app


def test_a_code_becomes_the_documented_answer_and_works_once(kit: LoginKit) -> None:
    code = kit.code()
    answer = kit.exchange(code).json()
    assert list(answer) == ["access_token", "expires_in", "open_id", "refresh_expires_in", "refresh_token", "scope", "token_type"]
    assert (answer["expires_in"], answer["refresh_expires_in"], answer["token_type"]) == (7_200, 15_552_000, "Bearer")
    assert answer["open_id"] == kit.sandbox.world("brassorbit3")["open_ids"][CLIENT_KEY]
    refused(kit.exchange(code), "invalid_grant")


def test_a_challenge_in_base64url_fails_and_none_is_refused_for_this_machine(kit: LoginKit) -> None:
    wrong = base64.urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    assert kit.consent(code_challenge=wrong).status_code == 400
    assert "code_challenge" in kit.consent(code_challenge=None, code_challenge_method=None).text
    kit.sandbox.control("switches", {"login_pkce": "optional"})
    assert kit.exchange(kit.code(code_challenge=None, code_challenge_method=None), code_verifier=None).json()["open_id"]


@pytest.mark.parametrize(
    ("changes", "word", "text"),
    [
        ({"client_secret": None}, "invalid_request", "Client secret is missed in request."),
        ({"client_secret": "wrong"}, "invalid_client", ""),
        ({"client_key": "aw0"}, "invalid_client", ""),
        ({"client_key": None}, "invalid_request", ""),
        ({"grant_type": "password"}, "unsupported_grant_type", ""),
        ({"grant_type": None}, "invalid_request", ""),
        ({"code": None}, "invalid_request", "The request parameters are malformed."),
        ({"code": "other"}, "invalid_grant", ""),
        ({"redirect_uri": REDIRECT_URI[:-1]}, "invalid_request", "Redirect_uri is not matched with the uri when requesting code."),
        ({"code_verifier": VERIFIER + "x"}, "invalid_request", "Code verifier or code challenge is invalid."),
    ],
)
def test_a_wrong_exchange_is_refused_in_words_and_leaves_the_code_alone(kit: LoginKit, changes: Any, word: str, text: str) -> None:
    code = kit.code()
    assert text in refused(kit.exchange(**{"code": code, **changes}), word)
    kit.sandbox.control("switches", {"oauth_error_status": 400})
    refused(kit.exchange(**{"code": code, **changes}), word, 400)
    assert kit.exchange(code).json()["open_id"]


def test_json_is_not_a_form(kit: LoginKit) -> None:
    refused(kit.http.post("/v2/oauth/token/", json={"client_key": CLIENT_KEY}), "invalid_request")
    assert kit.http.get("/v2/oauth/token/").status_code == 405


def test_with_the_new_profile_each_refresh_kills_the_token_before(kit: LoginKit) -> None:
    first = kit.grant()
    kit.sandbox.control("clock", {"seconds": 3_600})
    second = kit.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert 15_552_000 - 3_700 < second["refresh_expires_in"] <= 15_552_000 - 3_600
    refused(kit.refresh(first["refresh_token"]), "invalid_grant")
    kit.sandbox.control("clock", {"seconds": 15_552_000 - 3_600})
    refused(kit.refresh(second["refresh_token"]), "invalid_grant")


def test_with_the_old_profile_the_refresh_token_stays(kit: LoginKit) -> None:
    kit.sandbox.control("switches", {"login_token_profile": "24h"})
    first = kit.grant()
    assert (first["expires_in"], first["refresh_expires_in"]) == (86_400, 31_536_000)
    second = kit.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] == first["refresh_token"] and second["access_token"] != first["access_token"]
    assert kit.refresh(first["refresh_token"]).json()["access_token"]


def test_a_client_token_opens_nothing(kit: LoginKit) -> None:
    answer = kit.oauth(grant_type="client_credentials").json()
    assert answer.keys() == {"access_token", "expires_in", "token_type"} and answer["access_token"].startswith("clt.")
    assert kit.get("/user/info/", token=answer["access_token"], fields="open_id").status_code == 401


def test_a_revoked_or_expired_token_is_401(kit: LoginKit) -> None:
    token = kit.grant()
    assert kit.get("/user/info/", fields="open_id").status_code == 200
    assert kit.oauth("revoke", token=token["access_token"]).json() == {}
    gone = kit.get("/user/info/", fields="open_id")
    assert (gone.status_code, gone.json()["error"]["code"], gone.json()["data"]) == (401, "access_token_invalid", {})
    refused(kit.refresh(token["refresh_token"]), "invalid_grant")
    refused(kit.oauth("revoke", token=token["access_token"]), "invalid_grant")
    kit.grant()
    kit.sandbox.control("clock", {"seconds": 7_200})
    assert kit.get("/user/info/", fields="open_id").status_code == 401
    assert kit.http.get("/v2/user/info/", params={"fields": "open_id"}).status_code == 401


def test_tokens_of_one_api_do_not_open_the_other(kit: LoginKit) -> None:
    token, business = kit.grant(), kit.sandbox.grant()
    assert kit.get("/user/info/", token=business.access, fields="open_id").status_code == 401
    answer = kit.http.get(f"{API}/business/get/", params={"business_id": token["open_id"]}, headers={"Access-Token": token["access_token"]})
    assert (answer.status_code, answer.json()["code"]) == (200, 70001)


def test_the_person_is_who_the_world_says(kit: LoginKit) -> None:
    kit.grant("moontideco2")
    world = kit.sandbox.world("moontideco2")
    fields = "open_id,union_id,avatar_url,display_name,username,is_verified,follower_count,likes_count,video_count"
    answer = kit.get("/user/info/", fields=fields).json()
    assert answer["error"]["code"] == "ok" and len(answer["error"]["log_id"]) == 34
    user = answer["data"]["user"]
    assert (user["username"], user["display_name"], user["video_count"]) == ("moontideco2", world["display_name"], world["posts_total"])
    assert user["open_id"] != world["open_id"] and list(user) == fields.split(",")
    assert abs(user["likes_count"] - sum(post["likes"] for post in world["posts"])) < 50


def test_a_field_without_its_scope_fails_the_whole_call(kit: LoginKit) -> None:
    kit.grant(scopes=["user.info.basic"])
    assert kit.get("/user/info/", fields="open_id,display_name").status_code == 200
    answer = kit.get("/user/info/", fields="open_id,follower_count")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "scope_not_authorized")
    assert kit.post("/video/list/", fields="id").json()["error"]["code"] == "scope_not_authorized"


@pytest.mark.parametrize("fields", ["", "open_id,email", '["open_id"]'])
def test_wrong_fields_are_400(kit: LoginKit, fields: str) -> None:
    kit.grant()
    answer = kit.get("/user/info/", fields=fields)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_params")


def test_every_video_is_found_page_by_page(kit: LoginKit) -> None:
    kit.grant()
    known = {post["item_id"]: post for post in kit.sandbox.world("brassorbit3")["posts"]}
    read, body = [], {"max_count": 20}
    while True:
        data = kit.post("/video/list/", body, fields="id,create_time,view_count,like_count,comment_count,video_description").json()["data"]
        read += data["videos"]
        if not data["has_more"]:
            break
        body["cursor"] = data["cursor"]
    assert [one["create_time"] for one in read] == sorted((post["create_time"] for post in known.values()), reverse=True)
    assert {one["id"] for one in read} == known.keys()
    for one in read:
        assert one["video_description"] == known[one["id"]]["caption"] and 0 <= one["view_count"] - known[one["id"]]["views"] < 100
    empty = kit.post("/video/list/", {"cursor": read[-1]["create_time"] * 1000}, fields="id").json()["data"]
    assert empty["videos"] == [] and empty["has_more"] is False and empty["cursor"] == read[-1]["create_time"] * 1000


def test_query_finds_own_videos_and_passes_over_others(kit: LoginKit) -> None:
    kit.grant()
    own, other = (kit.sandbox.world(account)["posts"][0]["item_id"] for account in ("brassorbit3", "moontideco2"))
    data = kit.post("/video/query/", {"filters": {"video_ids": [other, own]}}, fields="id,cover_image_url,embed_html").json()["data"]
    assert [one["id"] for one in data["videos"]] == [own]
    cover = data["videos"][0]["cover_image_url"]
    assert kit.http.get(cover).status_code == 200
    kit.sandbox.control("clock", {"seconds": 6 * 3600 + 1})
    assert kit.http.get(cover).status_code == 403


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/video/list/", {"max_count": 21}),
        ("/video/list/", {"max_count": 0}),
        ("/video/list/", {"cursor": "soon"}),
        ("/video/query/", {}),
        ("/video/query/", {"filters": {}}),
        ("/video/query/", {"filters": {"video_ids": []}}),
        ("/video/query/", {"filters": {"video_ids": [str(number) for number in range(21)]}}),
        ("/video/query/", {"filters": "x"}),
    ],
)
def test_a_wrong_body_is_400(kit: LoginKit, path: str, body: dict[str, Any]) -> None:
    kit.grant()
    answer = kit.post(path, body, fields="id")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_params")


def test_the_601st_call_in_a_minute_is_429(kit: LoginKit) -> None:
    kit.sandbox.control("limits", {"display_per_minute": 3})
    kit.grant()
    assert [kit.get("/user/info/", fields="open_id").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert kit.post("/video/list/", fields="id").status_code == 200  # each endpoint is counted apart
    answer = kit.get("/user/info/", fields="open_id")
    assert answer.json()["error"]["code"] == "rate_limit_exceeded" and "retry-after" not in answer.headers
    kit.sandbox.control("switches", {"retry_after": True})
    wait = int(kit.get("/user/info/", fields="open_id").headers["retry-after"])
    assert 50 <= wait <= 60
    kit.sandbox.control("clock", {"seconds": wait})
    assert kit.get("/user/info/", fields="open_id").status_code == 200


def test_faults_speak_the_language_of_the_endpoint(kit: LoginKit) -> None:
    kit.grant()
    kit.sandbox.control("faults", {"path": "/v2/user/*", "kind": "code", "value": {"code": "scope_permission_missed", "message": "no"}})
    kit.sandbox.control("faults", {"path": "/v2/user/*", "kind": "code"})
    kit.sandbox.control("faults", {"path": "/v2/user/*", "kind": "retry-after", "value": 7})
    kit.sandbox.control("faults", {"path": "/v2/oauth/*", "kind": "code"})
    first, second, third = (kit.get("/user/info/", fields="open_id") for _ in range(3))
    assert (first.status_code, first.json()["error"]["code"]) == (400, "scope_permission_missed")
    assert (second.status_code, second.json()["error"]["code"]) == (500, "internal_error")
    assert (third.status_code, third.json()["error"]["code"], third.headers["retry-after"]) == (429, "rate_limit_exceeded", "7")
    refused(kit.oauth(grant_type="client_credentials"), "server_error", 500)
    codes = [entry["code"] for entry in kit.sandbox.control("log", endpoint="/v2/user/info/")["entries"]]
    assert codes == ["scope_permission_missed", "internal_error", "rate_limit_exceeded"]
