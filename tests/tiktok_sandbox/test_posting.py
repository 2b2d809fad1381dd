"""Publishing through both APIs: inits, chunks, states, caps, reasons, and the events that tell of them."""

import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.tiktok_sandbox.driver import API, APP_ID, SECRET, Driver
from tests.tiktok_sandbox.login_kit import CLIENT_KEY, LoginKit
from tests.tiktok_sandbox.login_kit import SECRET as LOGIN_SECRET
from tests.tiktok_sandbox.receiver import Receiver, verified

NOW = "2026-08-14T10:00:00Z"
PULL = {"source": "PULL_FROM_URL", "video_url": "https://media.brass.test/a.mp4"}
CHUNK = 5_000_000


@pytest.fixture
def kit(sandbox: Driver) -> LoginKit:
    sandbox.control("reset", {"now": NOW})
    sandbox.control("limits", {"enabled": False})
    sandbox.control("switches", {"verified_urls": ["https://brass.test", "https://cdn.test/videos/"]})
    made = LoginKit(sandbox)
    made.grant()
    return made


def direct(kit: LoginKit, source: dict[str, Any] | None = None, **info: Any) -> httpx.Response:
    post = {"privacy_level": "PUBLIC_TO_EVERYONE", "title": "hello #demo", "brand_content_toggle": False, **info}
    return kit.post("/post/publish/video/init/", {"post_info": post, "source_info": source or PULL})


def draft(kit: LoginKit, source: dict[str, Any] | None = None) -> httpx.Response:
    return kit.post("/post/publish/inbox/video/init/", {"source_info": source or PULL})


def file(size: int, chunk: int, count: int) -> dict[str, Any]:
    return {"source": "FILE_UPLOAD", "video_size": size, "chunk_size": chunk, "total_chunk_count": count}


def begun(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def state(kit: LoginKit, publish_id: str) -> dict[str, Any]:
    return begun(kit.post("/post/publish/status/fetch/", {"publish_id": publish_id}))


def error(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def put(kit: LoginKit, url: str, first: int, size: int, whole: int, **headers: str) -> httpx.Response:
    named = {"Content-Type": "video/mp4", "Content-Range": f"bytes {first}-{first + size - 1}/{whole}", **headers}
    return kit.http.put(url, content=b"\0" * size, headers=named)


def test_creator_info_follows_the_account(kit: LoginKit) -> None:
    public = begun(kit.post("/post/publish/creator_info/query/"))
    assert (public["creator_username"], public["privacy_level_options"][0]) == ("brassorbit3", "PUBLIC_TO_EVERYONE")
    assert kit.http.post(
        "/v2/post/publish/creator_info/query/", headers={"Authorization": f"Bearer {kit.token['access_token']}"}
    ).is_success
    kit.sandbox.control("switches", {"comment_disabled": True})
    kit.grant("velvetfoxlab")
    private = begun(kit.post("/post/publish/creator_info/query/"))
    assert private["privacy_level_options"][0] == "FOLLOWER_OF_CREATOR" and private["duet_disabled"] and private["comment_disabled"]
    kit.grant(scopes=["user.info.basic", "video.upload"])
    assert error(kit.post("/post/publish/creator_info/query/")) == (401, "scope_not_authorized")


def test_a_pulled_video_goes_through_its_states(kit: LoginKit, receiver: Receiver) -> None:
    made = begun(direct(kit))
    assert made.keys() == {"publish_id"} and len(made["publish_id"]) <= 64
    assert state(kit, made["publish_id"]) == {"status": "PROCESSING_DOWNLOAD", "publicaly_available_post_id": [], "downloaded_bytes": 0}
    kit.sandbox.control("clock", {"seconds": 6})
    assert state(kit, made["publish_id"])["status"] == "PUBLISH_COMPLETE"
    assert state(kit, made["publish_id"])["publicaly_available_post_id"] == []
    complete = receiver.next()
    kit.sandbox.control("clock", {"seconds": 31})
    (post_id,) = state(kit, made["publish_id"])["publicaly_available_post_id"]
    public = receiver.next()
    assert isinstance(post_id, int) and verified(public, LOGIN_SECRET)
    events = [json.loads(one.body) for one in (complete, public)]
    assert [event["event"] for event in events] == ["post.publish.complete", "post.publish.publicly_available"]
    assert {event["client_key"] for event in events} == {CLIENT_KEY}
    assert json.loads(events[1]["content"]) == {**made, "post_id": str(post_id), "publish_type": "DIRECT_POST"}
    kit.sandbox.control("publishes", {**made, "does": "remove"})
    assert json.loads(receiver.next().body)["event"] == "post.publish.no_longer_publicaly_available"
    assert state(kit, made["publish_id"])["publicaly_available_post_id"] == []


def test_a_private_post_never_gets_a_public_id(kit: LoginKit) -> None:
    made = begun(direct(kit, privacy_level="SELF_ONLY"))
    kit.sandbox.control("clock", {"seconds": 86_400})
    kit.grant()
    assert state(kit, made["publish_id"])["publicaly_available_post_id"] == []


def test_a_draft_waits_in_the_inbox_until_the_person_posts_it(kit: LoginKit, receiver: Receiver) -> None:
    made = begun(draft(kit))
    kit.sandbox.control("clock", {"seconds": 3_000})
    assert state(kit, made["publish_id"])["status"] == "SEND_TO_USER_INBOX"
    delivered = json.loads(receiver.next().body)
    assert delivered["event"] == "post.publish.inbox_delivered"
    assert json.loads(delivered["content"]) == {**made, "publish_type": "INBOX_SHARE"}
    kit.sandbox.control("publishes", {**made, "does": "post"})
    assert state(kit, made["publish_id"])["status"] == "PUBLISH_COMPLETE"
    assert json.loads(receiver.next().body)["event"] == "post.publish.complete"


def test_chunks_arrive_in_order_and_report_progress(kit: LoginKit) -> None:
    size = 2 * CHUNK + 123
    made = begun(direct(kit, file(size, CHUNK, 2)))
    url = made["upload_url"]
    assert len(url) <= 256 and state(kit, made["publish_id"])["status"] == "PROCESSING_UPLOAD"
    assert put(kit, url, CHUNK, CHUNK + 123, size).status_code == 416
    first = put(kit, url, 0, CHUNK, size)
    assert (first.status_code, first.headers["content-range"]) == (206, f"bytes 0-{CHUNK}/{size}")
    again = put(kit, url, 0, CHUNK, size)
    assert (again.status_code, again.headers["content-range"]) == (416, f"bytes 0-{CHUNK}/{size}")
    assert put(kit, url, CHUNK, CHUNK, size).status_code == 400
    assert state(kit, made["publish_id"])["uploaded_bytes"] == CHUNK
    assert put(kit, url, CHUNK, CHUNK + 123, size).status_code == 201
    kit.sandbox.control("clock", {"seconds": 6})
    assert state(kit, made["publish_id"])["status"] == "PUBLISH_COMPLETE"
    assert put(kit, url, 0, CHUNK, size).status_code == 404


def test_a_wrong_upload_is_refused(kit: LoginKit) -> None:
    url = begun(direct(kit, file(1_000, 1_000, 1)))["upload_url"]
    for headers in ({"Content-Type": "text/plain"}, {"Content-Range": "bytes 0-"}, {"Content-Range": "bytes 0-998/1000"}):
        assert put(kit, url, 0, 1_000, 1_000, **headers).status_code == 400
    assert put(kit, url, 0, 1_000, 1_001).status_code == 400
    assert put(kit, url + "x", 0, 1_000, 1_000).status_code == 404
    assert kit.http.get(url).status_code == 405
    kit.sandbox.control("clock", {"seconds": 3_700})
    assert put(kit, url, 0, 1_000, 1_000).status_code == 403


@pytest.mark.parametrize(
    ("size", "chunk", "count", "message"),
    [
        (1_500_000, 1_500_000, 1, None),
        (48_000_000, 48_000_000, 1, None),
        (64_000_001, 32_000_000, 2, None),
        (121_000_000, 32_000_000, 3, None),
        (602_285_541, 32_000_000, 18, None),
        (50_000_123, 10_000_000, 5, None),
        (121_000_000, 32_000_000, 4, "The total chunk count is invalid"),
        (12_000_000, 10_000_000, 1, "The chunk size is invalid"),
        (100_000_000, 100_000_000, 1, "The chunk size is invalid"),
        (12_000_000, 4_000_000, 3, "The chunk size is invalid"),
        (300_000_000, 70_000_000, 4, "The chunk size is invalid"),
        (None, 70_000_000, 4, "The request source info is empty or incorrect"),
    ],
)
def test_chunks_follow_the_arithmetic(kit: LoginKit, size: Any, chunk: int, count: int, message: str | None) -> None:
    answer = direct(kit, file(size, chunk, count))
    if message is None:
        assert begun(answer)["upload_url"]
    else:
        assert error(answer) == (400, "invalid_params") and answer.json()["error"]["message"] == message


@pytest.mark.parametrize(
    ("changes", "status", "word"),
    [
        ({"privacy_level": None}, 403, "privacy_level_option_mismatch"),
        ({"privacy_level": "FOLLOWER_OF_CREATOR"}, 403, "privacy_level_option_mismatch"),
        ({"title": "\U0001f9c3" * 1_101}, 400, "invalid_params"),
        ({"disable_duet": "maybe"}, 400, "invalid_params"),
        ({"source": {"source": "PULL_FROM_URL"}}, 400, "invalid_params"),
        ({"source": {"source": "TORRENT"}}, 400, "invalid_params"),
        ({"source": {**PULL, "video_url": "https://other.test/a.mp4"}}, 403, "url_ownership_unverified"),
        ({"source": {**PULL, "video_url": "http://media.brass.test/a.mp4"}}, 403, "url_ownership_unverified"),
        ({"source": {**PULL, "video_url": "https://evilbrass.test/a.mp4"}}, 403, "url_ownership_unverified"),
        ({"source": {**PULL, "video_url": "https://cdn.test/private/a.mp4"}}, 403, "url_ownership_unverified"),
    ],
)
def test_a_wrong_init_is_refused(kit: LoginKit, changes: dict[str, Any], status: int, word: str) -> None:
    assert error(direct(kit, **changes)) == (status, word)
    assert begun(direct(kit, {**PULL, "video_url": "https://cdn.test/videos/a.mp4"}, title="\U0001f9c3" * 1_100))


def test_an_unaudited_app_posts_to_private_accounts_only(kit: LoginKit) -> None:
    kit.sandbox.control("switches", {"posting_app": "unaudited"})
    word = "unaudited_client_can_only_post_to_private_accounts"
    assert error(direct(kit, privacy_level="SELF_ONLY")) == (403, word)
    kit.grant("velvetfoxlab")
    assert error(direct(kit, privacy_level="MUTUAL_FOLLOW_FRIENDS")) == (403, word)
    assert begun(direct(kit, privacy_level="SELF_ONLY"))


def test_the_cap_of_direct_posts_shows_at_init_and_with_200_in_creator_info(kit: LoginKit) -> None:
    for _ in range(15):
        begun(direct(kit))
    assert error(direct(kit)) == (403, "spam_risk_too_many_posts")
    assert error(kit.post("/post/publish/creator_info/query/")) == (200, "spam_risk_too_many_posts")
    assert begun(draft(kit))
    kit.sandbox.control("clock", {"seconds": 86_400})
    kit.grant()
    assert begun(direct(kit))


def test_an_app_has_so_many_posters_a_day(kit: LoginKit) -> None:
    kit.sandbox.control("switches", {"active_posters_a_day": 1})
    begun(direct(kit))
    kit.grant("moontideco2")
    assert error(direct(kit)) == (403, "reached_active_user_cap")
    assert error(kit.post("/post/publish/creator_info/query/")) == (200, "reached_active_user_cap")


def test_the_sixth_waiting_draft_is_refused_until_one_is_posted(kit: LoginKit) -> None:
    made = [begun(draft(kit)) for _ in range(5)]
    assert error(draft(kit)) == (403, "spam_risk_too_many_pending_share")
    kit.sandbox.control("clock", {"seconds": 10})
    kit.sandbox.control("publishes", {**made[0], "does": "post", "public": False})
    assert begun(draft(kit))


def test_photos_are_pulled_and_limited(kit: LoginKit) -> None:
    def init(mode: str = "DIRECT_POST", pictures: int = 2, **info: Any) -> httpx.Response:
        images = [f"https://brass.test/{number}.webp" for number in range(pictures)]
        source = {"source": "PULL_FROM_URL", "photo_images": images, "photo_cover_index": 1}
        post = {"privacy_level": "SELF_ONLY", **info}
        return kit.post("/post/publish/content/init/", {"media_type": "PHOTO", "post_mode": mode, "post_info": post, "source_info": source})

    assert begun(init())["publish_id"].startswith("p_pub_url~v2.")
    assert begun(init("MEDIA_UPLOAD"))
    for answer in (init(pictures=36), init(pictures=1), init(title="x" * 91), init(description="x" * 4_001), init("DIRECT POST")):
        assert error(answer) == (400, "invalid_params")
    kit.grant(scopes=["user.info.basic", "video.upload"])
    assert error(init()) == (401, "scope_not_authorized")
    assert begun(init("MEDIA_UPLOAD"))


def test_a_download_can_be_cancelled_and_nothing_else(kit: LoginKit, receiver: Receiver) -> None:
    made = begun(direct(kit))
    answer = kit.post("/post/publish/cancel/", made)
    assert answer.status_code == 200 and answer.json().keys() == {"error"} and answer.json()["error"]["code"] == "ok"
    assert state(kit, made["publish_id"])["fail_reason"] == "publish_cancelled"
    assert error(kit.post("/post/publish/cancel/", made)) == (400, "publish_not_cancellable")
    told = json.loads(receiver.next().body)
    assert told["event"] == "post.publish.failed" and json.loads(told["content"])["reason"] == "publish_cancelled"
    kit.sandbox.control("clock", {"seconds": 60})
    assert len(kit.sandbox.control("webhooks")["deliveries"]) == 1  # the completion that was planned does not happen


@pytest.mark.parametrize("reason", ["video_pull_failed", "picture_size_check_failed", "spam_risk_text"])
def test_a_publish_can_be_made_to_fail(kit: LoginKit, receiver: Receiver, reason: str) -> None:
    kit.sandbox.control("switches", {"fail_reason": reason})
    made = begun(direct(kit))
    assert state(kit, made["publish_id"])["status"] == "PROCESSING_DOWNLOAD"
    kit.sandbox.control("clock", {"seconds": 6})
    assert state(kit, made["publish_id"])["fail_reason"] == reason
    assert json.loads(json.loads(receiver.next().body)["content"]) == {**made, "reason": reason, "publish_type": "DIRECT_POST"}


def test_a_withdrawn_authorization_ends_what_is_under_way(kit: LoginKit, receiver: Receiver) -> None:
    made = begun(direct(kit))
    kit.sandbox.control("revoke", {"account": "brassorbit3", "client": CLIENT_KEY})
    events = {json.loads(receiver.next().body)["event"] for _ in range(2)}
    assert events == {"post.publish.failed", "authorization.removed"}
    kit.grant()
    assert state(kit, made["publish_id"])["fail_reason"] == "auth_removed"


def test_a_publish_belongs_to_its_account(kit: LoginKit) -> None:
    made = begun(direct(kit))
    assert error(kit.post("/post/publish/status/fetch/", {"publish_id": "v_pub_url~v2-1.7"})) == (400, "invalid_publish_id")
    kit.grant("moontideco2")
    word = "token_not_authorized_for_specified_publish_id"
    assert error(kit.post("/post/publish/status/fetch/", made)) == (400, word)
    assert error(kit.post("/post/publish/cancel/", made)) == (400, word)


def test_inits_and_status_have_limits_of_their_own(kit: LoginKit) -> None:
    kit.sandbox.control("limits", {"enabled": True})
    made = [direct(kit) for _ in range(7)]
    assert [answer.status_code for answer in made] == [200] * 6 + [429]
    assert begun(draft(kit))
    body = made[0].json()["data"]
    assert [kit.post("/post/publish/status/fetch/", body).status_code for _ in range(31)] == [200] * 30 + [429]
    assert [kit.post("/post/publish/creator_info/query/").status_code for _ in range(21)] == [200] * 20 + [429]
    kit.grant("moontideco2")
    assert begun(direct(kit))


# the API for Business


def business(sandbox: Driver, path: str, **body: Any) -> dict[str, Any]:
    assert sandbox.token is not None
    body = {"business_id": sandbox.token.open_id, **body}
    return sandbox.http.post(f"{API}/business{path}", json=body, headers={"Access-Token": sandbox.token.access}).json()


def own_domain(sandbox: Driver, url: str = "brass.test") -> dict[str, Any]:
    values = {"app_id": APP_ID, "secret": SECRET, "url_property_meta": {"property_type": 1, "url": url}}
    assert sandbox.post("/business/property/add/", **values)["data"]["url_property_info"]["property_status"] == 2
    return sandbox.post("/business/property/verify/", **values)["data"]["url_property_info"]


def test_a_business_publish_needs_a_verified_property_and_tells_its_state(kit: LoginKit, receiver: Receiver) -> None:
    sandbox = kit.sandbox
    token = sandbox.grant()
    body = {"video_url": "https://media.brass.test/a.mp4", "post_info": {"caption": "Hello"}}
    assert business(sandbox, "/video/publish/", **body)["code"] == 40010
    assert own_domain(sandbox)["property_status"] == 1
    share = business(sandbox, "/video/publish/", **body)["data"]["share_id"]
    assert sandbox.get("/business/publish/status/", publish_id=share)["data"] == {"status": "PROCESSING_DOWNLOAD", "post_ids": []}
    sandbox.control("clock", {"seconds": 6})
    complete = json.loads(receiver.next().body)
    assert (complete["event"], complete["client_key"], complete["user_openid"]) == ("post.publish.complete", APP_ID, token.open_id)
    sandbox.control("clock", {"seconds": 31})
    (post_id,) = sandbox.get("/business/publish/status/", publish_id=share)["data"]["post_ids"]
    public = json.loads(receiver.next().body)
    assert json.loads(public["content"]) == {"publish_id": share, "post_id": int(post_id), "publish_type": "DIRECT_PUBLISH"}
    sandbox.control("publishes", {"publish_id": share, "does": "remove"})
    assert json.loads(receiver.next().body)["event"] == "post.publish.no_longer_publicly_available"
    assert sandbox.get("/business/publish/status/", publish_id="v_pub_url~v1.1")["code"] == 40007


def test_business_photos_drafts_and_settings(kit: LoginKit) -> None:
    sandbox = kit.sandbox
    sandbox.grant()
    own_domain(sandbox)
    images = ["https://brass.test/1.webp", "https://brass.test/2.webp"]
    share = business(sandbox, "/photo/publish/", photo_images=images, post_info={"upload_to_draft": True})["data"]["share_id"]
    sandbox.control("clock", {"seconds": 6})
    assert sandbox.get("/business/publish/status/", publish_id=share)["data"]["status"] == "SEND_TO_USER_INBOX"
    assert business(sandbox, "/photo/publish/", photo_images=images, photo_cover_index=2, post_info={})["code"] == 40002
    settings = sandbox.get("/business/video/settings/")["data"]
    assert settings["privacy_level_options"][0] == "PUBLIC_TO_EVERYONE" and settings["duet_disabled"] is False


def test_business_publishing_is_limited_by_minute_and_day(kit: LoginKit) -> None:
    sandbox = kit.sandbox
    sandbox.grant()
    own_domain(sandbox)
    sandbox.control("limits", {"enabled": True})
    body = {"video_url": "https://brass.test/a.mp4", "post_info": {}}
    assert [business(sandbox, "/video/publish/", **body)["code"] for _ in range(7)] == [0] * 6 + [40100]
    sandbox.control("limits", {"publishing_per_minute": 600})
    sandbox.control("clock", {"now": "2026-08-14T23:00:00Z"})
    assert [business(sandbox, "/video/publish/", **body)["code"] for _ in range(10)] == [0] * 9 + [40016]
    own = sandbox.token
    sandbox.grant("moontideco2")
    assert business(sandbox, "/video/publish/", **body)["code"] == 0
    sandbox.token = own
    sandbox.control("clock", {"now": "2026-08-15T00:00:00Z"})
    assert business(sandbox, "/video/publish/", **body)["code"] == 0
    sandbox.control("limits", {"publishing_per_day": 1})
    assert business(sandbox, "/video/publish/", **body)["code"] == 40016
    sandbox.control("limits", {"enabled": False})
    assert business(sandbox, "/video/publish/", **body)["code"] == 0
    assert business(sandbox, "/video/publish/", video_url="https://brass.test/a.mp4")["code"] == 40002
    too_long = {"caption": "x" * 2_201}
    assert business(sandbox, "/video/publish/", video_url="https://brass.test/a.mp4", post_info=too_long)["code"] == 40002


def test_properties_are_listed_and_deleted(sandbox: Driver) -> None:
    assert own_domain(sandbox, "nowhere.invalid")["property_status"] == 2
    values = {"app_id": APP_ID, "secret": SECRET}
    listed = sandbox.http.get(f"{API}/business/property/list/", params=values).json()["data"]["url_property_info_list"]
    assert [one["url"] for one in listed] == ["nowhere.invalid"] and listed[0]["file_name"].startswith("tiktok")
    meta = {"property_type": 1, "url": "nowhere.invalid"}
    assert sandbox.post("/business/property/delete/", **values, url_property_meta=meta)["code"] == 0
    assert sandbox.post("/business/property/delete/", **values, url_property_meta=meta)["code"] == 40007
    assert sandbox.post("/business/property/add/", **{**values, "secret": "x"}, url_property_meta=meta)["code"] == 40101
    assert sandbox.post("/business/property/add/", **values, url_property_meta={**meta, "property_type": 3})["code"] == 40002


def test_a_post_gets_an_authorization_code_that_runs_out(sandbox: Driver) -> None:
    sandbox.control("reset", {"now": NOW})
    sandbox.grant()
    item = sandbox.world("brassorbit3")["posts"][-1]["item_id"]
    assert sandbox.get("/business/post/authorize/status/", item_id=item)["code"] == 40007
    made = business(sandbox, "/post/authorize/", item_id=item, authorization_days=7)["data"]
    assert made["auth_code"].startswith("#") and made["auth_code_status"] == "NOT_USED"
    start, end = (datetime.fromisoformat(f"{made[f'auth_code_{name}_time']}Z") for name in ("start", "end"))
    assert timedelta(0) <= start - datetime.fromisoformat(NOW) < timedelta(minutes=1) and end - start == timedelta(days=7)
    longer = business(sandbox, "/post/authorize/", item_id=item, authorization_days=30)["data"]
    assert longer["auth_code"] == made["auth_code"]
    assert datetime.fromisoformat(f"{longer['auth_code_end_time']}Z") - start == timedelta(days=30)
    assert business(sandbox, "/post/authorize/", item_id=item, authorization_days=8)["code"] == 40002
    assert business(sandbox, "/post/authorize/delete/", item_id=item)["data"]["auth_code_status"] == "DELETED"
    again = business(sandbox, "/post/authorize/setting/", item_id=item, is_ad_promotable=True)["data"]
    assert again["auth_code"] != made["auth_code"] and again["authorization_days"] == 30
    sandbox.control("clock", {"seconds": 31 * 86_400})
    sandbox.grant()
    assert sandbox.get("/business/post/authorize/status/", item_id=item)["data"]["auth_code_status"] == "EXPIRED"
