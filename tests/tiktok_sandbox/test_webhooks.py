"""Events sent to the app: what they say, how they are signed, and that a refusal is not the end."""

import json
from datetime import datetime

import pytest

from tests.tiktok_sandbox.driver import API, APP_ID, SECRET, Driver, running
from tests.tiktok_sandbox.login_kit import CLIENT_KEY, LoginKit
from tests.tiktok_sandbox.login_kit import SECRET as LOGIN_SECRET
from tests.tiktok_sandbox.receiver import Received, Receiver, last_delivery, verified
from tiktok_sandbox.webhooks import sign


def test_the_documented_vector_is_signed_as_documented() -> None:
    body = (
        b'{"client_key":"aw0simulator0key","event":"authorization.removed","create_time":1764000000,'
        b'"user_openid":"-000SimOpenId0001","content":"{\\"reason\\":1}"}'
    )
    signature = "5c887a23adb2d03ebb388fd2426228457c61c6975c8acad09799ed9eec8d20ea"
    assert sign("sim_client_secret_0123456789abcdef", 1764000005, body) == f"t=1764000005,s={signature}"


def test_a_withdrawal_inside_tiktok_is_announced(sandbox: Driver, receiver: Receiver) -> None:
    token = sandbox.grant()
    sandbox.control("revoke", {"account": "brassorbit3"})
    one = receiver.next()
    assert verified(one)
    event = json.loads(one.body)
    assert (event["client_key"], event["event"], event["user_openid"]) == (APP_ID, "authorization.removed", token.open_id)
    assert json.loads(event["content"]) == {"reason": 1} and isinstance(event["create_time"], int)
    assert last_delivery(sandbox, 1)["state"] == "delivered"


def test_a_revocation_by_the_app_is_announced_with_its_own_reason(sandbox: Driver, receiver: Receiver) -> None:
    sandbox.revoke(sandbox.grant().access)
    assert json.loads(json.loads(receiver.next().body)["content"]) == {"reason": 5}


def test_revoking_what_is_not_connected_announces_nothing(sandbox: Driver, receiver: Receiver) -> None:
    assert sandbox.control("revoke", {"account": "brassorbit3"}) == {"revoked": 0}
    assert sandbox.control("webhooks")["deliveries"] == []


def test_a_refused_event_is_sent_again_with_the_same_body(sandbox: Driver, receiver: Receiver) -> None:
    receiver.statuses[:] = [500, 302]
    sandbox.grant()
    sandbox.control("revoke", {"account": "brassorbit3"})
    first = receiver.next()
    assert last_delivery(sandbox, 1)["state"] == "pending"
    sandbox.control("clock", {"seconds": 16})
    second = receiver.next()
    last_delivery(sandbox, 2)
    sandbox.control("clock", {"seconds": 31})
    third = receiver.next()
    assert first.body == second.body == third.body and all(map(verified, (first, second, third)))
    assert [attempt["answer"] for attempt in last_delivery(sandbox, 3)["attempts"]] == [500, 302, 200]
    assert sandbox.control("webhooks")["deliveries"][-1]["state"] == "delivered"


def test_after_72_hours_an_event_is_given_up(sandbox: Driver) -> None:
    sandbox.control("webhooks", {"url": "http://127.0.0.1:1/nobody"})
    sandbox.grant()
    sandbox.control("revoke", {"account": "brassorbit3"})
    assert last_delivery(sandbox, 1)["state"] == "pending"
    sandbox.control("clock", {"seconds": 72 * 3600 + 60})
    assert last_delivery(sandbox, 2)["state"] == "dropped"


def test_without_an_address_nothing_is_sent(sandbox: Driver) -> None:
    sandbox.grant()
    sandbox.control("revoke", {"account": "brassorbit3"})
    assert sandbox.control("webhooks") == {"url": None, "deliveries": []}


@pytest.mark.parametrize("url", ["nowhere", "ftp://x/", "http://", "http://a b/", "http://a/\r\nX: y", 7])
def test_an_address_that_is_none_is_refused(sandbox: Driver, url: object) -> None:
    assert sandbox.http.post("/__control__/webhooks", json={"url": url}).status_code == 400


def app_call(sandbox: Driver, name: str, **values: object) -> dict:
    body = {"app_id": APP_ID, "secret": SECRET, **values}
    if name == "list":
        return sandbox.http.get(f"{API}/business/webhook/list/", params=body).json()
    return sandbox.post(f"/business/webhook/{name}/", **body)


def written(sandbox: Driver, text: str = "Thank you", place: int = 0) -> tuple[str, str]:
    """A comment by the account; it makes an event."""
    assert sandbox.token is not None
    item = [post for post in sandbox.world("brassorbit3")["posts"] if post["comments"]][place]["item_id"]
    answer = sandbox.http.post(
        f"{API}/business/comment/create/",
        json={"business_id": sandbox.token.open_id, "video_id": item, "text": text},
        headers={"Access-Token": sandbox.token.access},
    ).json()
    assert answer["code"] == 0, answer
    return item, answer["data"]["comment_id"]


def content(one: Received) -> dict:
    return json.loads(json.loads(one.body)["content"])


def test_a_written_comment_is_announced_with_bare_big_numbers(sandbox: Driver, receiver: Receiver) -> None:
    token = sandbox.grant()
    item, comment = written(sandbox)
    one = receiver.next()
    event = json.loads(one.body)
    assert verified(one) and (event["event"], event["user_openid"]) == ("comment.update", token.open_id)
    assert f'\\"comment_id\\":{comment},\\"video_id\\":{item},\\"parent_comment_id\\":0' in one.body.decode()
    assert int(comment) > 2**53
    told = content(one)
    assert (told["comment_type"], told["comment_action"]) == ("comment", "insert") and "text" not in told


def test_what_happens_to_a_comment_is_announced(sandbox: Driver, receiver: Receiver) -> None:
    sandbox.control("switches", {"webhook_text": True})
    token = sandbox.grant()
    item, comment = written(sandbox)
    assert content(receiver.next())["text"] == "Thank you"
    headers = {"Access-Token": token.access}
    body = {"business_id": token.open_id, "video_id": item, "comment_id": comment}
    steps = (
        ("hide", {"action": "HIDE"}, "set_to_hidden"),
        ("hide", {"action": "UNHIDE"}, "set_to_public"),
        ("reply/create", {"text": "more"}, "insert"),
        ("delete", {}, "delete"),
    )
    for name, more, action in steps:
        sandbox.http.post(f"{API}/business/comment/{name}/", json={**body, **more}, headers=headers)
        told = content(receiver.next())
        assert told["comment_action"] == action
        assert told["parent_comment_id"] == (int(comment) if name == "reply/create" else 0)


def test_a_subscription_has_its_own_address_and_posts(sandbox: Driver, receiver: Receiver) -> None:
    sandbox.control("webhooks", {"url": "http://127.0.0.1:1/nobody"})
    sandbox.grant()
    assert app_call(sandbox, "list", event_type="COMMENT")["data"] == {"app_id": APP_ID, "event_type": "COMMENT"}
    item = next(post for post in sandbox.world("brassorbit3")["posts"] if post["comments"])["item_id"]
    made = app_call(sandbox, "update", event_type="COMMENT", callback_url=receiver.url, item_list=[item])
    assert made["data"] == {"app_id": APP_ID, "event_type": "COMMENT", "callback_url": receiver.url, "item_list": [item]}
    written(sandbox, place=1)
    written(sandbox)
    assert content(receiver.next())["video_id"] == int(item)
    assert len(sandbox.control("webhooks")["deliveries"]) == 1
    app_call(sandbox, "delete", event_type="COMMENT")
    assert "callback_url" not in app_call(sandbox, "list", event_type="COMMENT")["data"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret": "wrong"}, 40101),
        ({"app_id": "1"}, 40101),
        ({"event_type": "LIKES"}, 40002),
        ({"callback_url": "nowhere"}, 40002),
        ({"event_type": "VIDEO", "item_list": ["1"]}, 40002),
        ({"item_list": [str(number) for number in range(101)]}, 40002),
    ],
)
def test_a_wrong_subscription_is_refused(sandbox: Driver, changes: dict, code: int) -> None:
    values = {"event_type": "COMMENT", "callback_url": "http://127.0.0.1:1/x", **changes}
    assert app_call(sandbox, "update", **values)["code"] == code


def test_a_subscription_survives_a_restart(tmp_path) -> None:
    state = tmp_path / "state.json"
    with running("--state-file", str(state)) as sandbox:
        app_call(sandbox, "update", event_type="VIDEO", callback_url="http://127.0.0.1:1/x")
        sandbox.grant()
        written(sandbox)
    with running("--state-file", str(state)) as sandbox:
        assert app_call(sandbox, "list", event_type="VIDEO")["data"]["callback_url"] == "http://127.0.0.1:1/x"
        item = next(post for post in sandbox.world("brassorbit3")["posts"] if post["comments"])["item_id"]
        assert sandbox.control("world", account="brassorbit3", limit=0, item_id=item)["comments"][-1]["text"] == "Thank you"


def test_events_come_twice_when_asked_to(sandbox: Driver, receiver: Receiver) -> None:
    sandbox.control("switches", {"webhook_copies": 2})
    sandbox.grant()
    written(sandbox)
    first, second = receiver.next(), receiver.next()
    assert first.body == second.body and verified(first) and verified(second)


def test_held_events_leave_in_reverse(sandbox: Driver, receiver: Receiver) -> None:
    sandbox.control("switches", {"webhook_hold": True})
    sandbox.grant()
    comments = [written(sandbox, f"number {number}")[1] for number in range(4)]
    assert {one["state"] for one in sandbox.control("webhooks")["deliveries"]} == {"held"} and receiver.received.empty()
    sandbox.control("switches", {"webhook_hold": False, "webhook_order": "reversed"})
    assert [str(content(receiver.next())["comment_id"]) for _ in range(4)] == comments[::-1]


@pytest.mark.parametrize("seconds", [-7200, 7200])
def test_a_clock_that_is_wrong_signs_rightly(sandbox: Driver, receiver: Receiver, seconds: int) -> None:
    sandbox.control("switches", {"webhook_skew": seconds})
    sandbox.grant()
    written(sandbox)
    event = receiver.next()
    assert verified(event)
    signed_at = int(event.signature.partition(",")[0].removeprefix("t="))
    now = datetime.fromisoformat(sandbox.control("clock")["now"]).timestamp()
    assert abs(signed_at - now - seconds) < 60


@pytest.mark.parametrize("retried", ["fresh", "same"])
def test_an_answer_that_is_not_heard_brings_the_event_again(sandbox: Driver, receiver: Receiver, retried: str) -> None:
    sandbox.control("switches", {"webhook_deaf": 1, "webhook_retry_time": retried})
    sandbox.grant()
    written(sandbox)
    first = receiver.next()
    last_delivery(sandbox, 1)
    sandbox.control("clock", {"seconds": 3 * 3600})
    second = receiver.next()
    assert first.body == second.body and verified(second)
    moments = [int(one.signature.partition(",")[0].removeprefix("t=")) for one in (first, second)]
    assert (moments[1] == moments[0]) == (retried == "same") and (retried == "same" or moments[1] - moments[0] >= 3 * 3600)
    assert last_delivery(sandbox, 2)["state"] == "delivered"


def test_a_withdrawal_from_the_login_app_is_signed_with_its_secret(sandbox: Driver, receiver: Receiver) -> None:
    token = LoginKit(sandbox).grant()
    sandbox.control("revoke", {"account": "brassorbit3", "client": CLIENT_KEY})
    one = receiver.next()
    event = json.loads(one.body)
    assert verified(one, LOGIN_SECRET) and not verified(one)
    assert (event["client_key"], event["user_openid"], content(one)) == (CLIENT_KEY, token["open_id"], {"reason": 1})
