"""Comments: what is read equals the world, page by page, and what is written is there afterwards."""

from typing import Any

import pytest

from tests.tiktok_sandbox.driver import API, Driver
from tiktok_sandbox import pictures

NOW = "2026-08-14T10:00:00Z"
LIST, REPLIES = "/business/comment/list/", "/business/comment/reply/list/"


def post_with(sandbox: Driver, *, least: int, most: int, account: str = "brassorbit3") -> dict[str, Any]:
    return next(post for post in sandbox.world(account)["posts"] if least <= post["comments"] <= most)


def truth(sandbox: Driver, item_id: str, account: str = "brassorbit3") -> list[dict[str, Any]]:
    return sandbox.control("world", account=account, limit=0, item_id=item_id)["comments"]


def pages(sandbox: Driver, path: str, **query: Any) -> list[list[dict[str, Any]]]:
    found, cursor = [], 0
    while True:
        data = ok(sandbox.get(path, **query, cursor=cursor))
        found.append(data["comments"])
        if not data["has_more"]:
            return found
        assert data["cursor"] > cursor
        cursor = data["cursor"]


def ok(answer: dict[str, Any]) -> dict[str, Any]:
    assert answer["code"] == 0, answer
    return answer["data"]


def change(sandbox: Driver, name: str, **body: Any) -> dict[str, Any]:
    assert sandbox.token is not None
    return sandbox.http.post(
        f"{API}/business/comment/{name}/",
        json={"business_id": sandbox.token.open_id, **body},
        headers={"Access-Token": sandbox.token.access},
    ).json()


@pytest.fixture(autouse=True)
def connected(sandbox: Driver) -> None:
    sandbox.control("reset", {"now": NOW})
    sandbox.control("limits", {"enabled": False})
    sandbox.grant()


def test_every_comment_and_reply_of_a_post_is_found_page_by_page(sandbox: Driver) -> None:
    post = post_with(sandbox, least=150, most=450)
    known = truth(sandbox, post["item_id"])
    assert len(known) == post["comments"] and len({one["comment_id"] for one in known}) == len(known)
    read = [one for page in pages(sandbox, LIST, video_id=post["item_id"], max_count=30) for one in page]
    for parent in list(read):
        if parent["replies"] and parent["status"] == "PUBLIC":
            replies = [one for page in pages(sandbox, REPLIES, video_id=post["item_id"], comment_id=parent["comment_id"]) for one in page]
            assert len(replies) == parent["replies"] and {one["parent_comment_id"] for one in replies} == {parent["comment_id"]}
            read += replies
    hidden = {one["comment_id"] for one in known if one["status"] == "HIDDEN"}
    reachable = {one["comment_id"]: one for one in known if one["parent_comment_id"] not in hidden}
    assert hidden and {one["comment_id"] for one in read} == reachable.keys()
    for one in read:
        for name in ("text", "username", "owner", "status", "likes", "replies"):
            assert one[name] == reachable[one["comment_id"]][name]
        assert one["video_id"] == post["item_id"] and int(one["create_time"]) == reachable[one["comment_id"]]["create_time"]


def test_beyond_500_pages_repeat_entries_but_lose_none(sandbox: Driver) -> None:
    post = max(sandbox.world("brassorbit3")["posts"], key=lambda one: one["comments"])
    top = [one for one in truth(sandbox, post["item_id"]) if one["parent_comment_id"] is None]
    assert len(top) > 560
    read = pages(sandbox, LIST, video_id=post["item_id"], sort_field="create_time", sort_order="asc")
    ids = [one["comment_id"] for page in read for one in page]
    assert len(ids) > len(set(ids)) == len(top)
    first = [one["comment_id"] for page in read[:25] for one in page]
    assert len(first) == len(set(first)) == 500


@pytest.mark.parametrize("field", ["likes", "replies", "create_time"])
@pytest.mark.parametrize(("order", "falls"), [("asc", False), ("desc", True), ("smart", True)])
def test_comments_come_in_the_order_that_is_asked_for(sandbox: Driver, field: str, order: str, falls: bool) -> None:
    post = post_with(sandbox, least=100, most=250)
    read = [int(one[field]) for page in pages(sandbox, LIST, video_id=post["item_id"], sort_field=field, sort_order=order) for one in page]
    assert read == sorted(read, reverse=falls) and len(set(read)) > 1


def test_replies_come_along_three_at_most(sandbox: Driver) -> None:
    post = post_with(sandbox, least=150, most=450)
    read = [one for page in pages(sandbox, LIST, video_id=post["item_id"], include_replies="true") for one in page]
    assert max(one["replies"] for one in read) > 3
    assert all(len(one["reply_list"]) == min(3, one["replies"]) for one in read)
    assert all("reply_list" not in one for one in ok(sandbox.get(LIST, video_id=post["item_id"]))["comments"])


def test_hidden_comments_can_be_left_out(sandbox: Driver) -> None:
    post = post_with(sandbox, least=150, most=450)
    public = [one for page in pages(sandbox, LIST, video_id=post["item_id"], status="PUBLIC") for one in page]
    top = [one for one in truth(sandbox, post["item_id"]) if one["parent_comment_id"] is None]
    assert {one["comment_id"] for one in public} == {one["comment_id"] for one in top if one["status"] == "PUBLIC"}
    hidden = next(one for one in top if one["status"] == "HIDDEN")
    assert sandbox.get(REPLIES, video_id=post["item_id"], comment_id=hidden["comment_id"])["code"] == 40002


def test_comments_and_replies_are_found_by_id(sandbox: Driver) -> None:
    post = post_with(sandbox, least=100, most=250)
    wanted = [one["comment_id"] for one in truth(sandbox, post["item_id"])[:30]]
    read = ok(sandbox.get(LIST, video_id=post["item_id"], comment_ids=wanted, max_count=30))["comments"]
    assert {one["comment_id"] for one in read} == set(wanted) and any("parent_comment_id" in one for one in read)
    assert sandbox.get(LIST, video_id=post["item_id"], comment_ids=[*wanted, "1"])["code"] == 40002


def test_the_texts_hold_what_careless_programs_break_on(sandbox: Driver) -> None:
    texts = {one["text"] for post in sandbox.world("brassorbit3")["posts"][:40] for one in truth(sandbox, post["item_id"])}
    for part in ("<script>", "\n", "\u202e", "\U0001f469\u200d", "\t"):
        assert any(part in text for text in texts)
    assert any(text.startswith("=HYPERLINK") for text in texts) and {"-2+3", "@SUM(A1:A9)"} <= texts
    assert max(len(text.encode("utf-16-le")) // 2 for text in texts) == 2_200


def test_comments_appear_as_time_goes_by_and_stay_the_same(sandbox: Driver) -> None:
    post = max(sandbox.world("moontideco2")["posts"], key=lambda one: one["create_time"])
    before = truth(sandbox, post["item_id"], "moontideco2")
    sandbox.control("clock", {"seconds": 5 * 86_400})
    after = truth(sandbox, post["item_id"], "moontideco2")
    assert len(after) > len(before)
    assert [one["comment_id"] for one in after[: len(before)]] == [one["comment_id"] for one in before]
    now = next(one for one in sandbox.world("moontideco2")["posts"] if one["item_id"] == post["item_id"])
    assert len(after) == now["comments"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"video_id": "7000000000000000000"}, 40007),
        ({"video_id": "x"}, 40002),
        ({"max_count": 31}, 40002),
        ({"status": "HIDDEN"}, 40002),
        ({"sort_field": "age"}, 40002),
        ({"sort_order": "up"}, 40002),
        ({"include_replies": "maybe"}, 40002),
        ({"business_id": "_000nobody"}, 40001),
    ],
)
def test_a_wrong_parameter_is_refused(sandbox: Driver, changes: dict[str, Any], code: int) -> None:
    post = post_with(sandbox, least=20, most=450)
    assert sandbox.get(LIST, **{"video_id": post["item_id"], **changes})["code"] == code


def test_the_post_of_another_account_does_not_exist(sandbox: Driver) -> None:
    other = sandbox.world("moontideco2")["posts"][0]["item_id"]
    assert sandbox.get(LIST, video_id=other)["code"] == 40007


def test_reading_and_writing_need_their_own_scope(sandbox: Driver) -> None:
    post = post_with(sandbox, least=20, most=450)
    sandbox.grant(scopes=["user.info.basic", "comment.list"])
    assert sandbox.get(LIST, video_id=post["item_id"])["code"] == 0
    assert change(sandbox, "create", video_id=post["item_id"], text="hello")["code"] == 40130
    sandbox.grant(scopes=["user.info.basic"])
    assert sandbox.get(LIST, video_id=post["item_id"])["code"] == 40130


def test_a_written_comment_is_listed_answered_pinned_and_deleted(sandbox: Driver) -> None:
    post = post_with(sandbox, least=20, most=450)
    item = post["item_id"]
    made = ok(change(sandbox, "create", video_id=item, text="Thank you all"))
    answer = ok(change(sandbox, "reply/create", video_id=item, comment_id=made["comment_id"], text="Really"))
    assert answer["parent_comment_id"] == made["comment_id"]
    assert ok(change(sandbox, "pin", video_id=item, comment_id=made["comment_id"], action="PIN")) == {}
    first = ok(sandbox.get(LIST, video_id=item))["comments"][0]
    assert (first["comment_id"], first["owner"], first["pinned"], first["replies"]) == (made["comment_id"], True, True, 1)
    assert ok(change(sandbox, "like", comment_id=made["comment_id"], action="LIKE")) == {}
    assert ok(sandbox.get(LIST, video_id=item))["comments"][0]["likes"] == 1
    assert ok(change(sandbox, "delete", comment_id=made["comment_id"])) == {}
    assert not {made["comment_id"], answer["comment_id"]} & {one["comment_id"] for one in truth(sandbox, item)}
    assert change(sandbox, "delete", comment_id=made["comment_id"])["code"] == 40007


def test_only_own_comments_can_be_deleted_but_all_be_hidden(sandbox: Driver) -> None:
    item = post_with(sandbox, least=100, most=450)["item_id"]
    other = next(one for one in truth(sandbox, item) if not one["owner"] and one["status"] == "PUBLIC" and one["parent_comment_id"] is None)
    own = next(one for one in truth(sandbox, item) if one["owner"])
    assert change(sandbox, "delete", comment_id=other["comment_id"])["code"] == 40001
    assert change(sandbox, "delete", comment_id=own["comment_id"])["code"] == 0
    for action, status in (("HIDE", "HIDDEN"), ("UNHIDE", "PUBLIC")):
        assert ok(change(sandbox, "hide", video_id=item, comment_id=other["comment_id"], action=action)) == {}
        assert next(one for one in truth(sandbox, item) if one["comment_id"] == other["comment_id"])["status"] == status


def test_a_text_is_limited_by_a_switch(sandbox: Driver) -> None:
    item = post_with(sandbox, least=20, most=450)["item_id"]
    assert change(sandbox, "create", video_id=item, text="\U0001f9c3" * 76)["code"] == 40002
    sandbox.control("switches", {"comment_text_limit": 1_200})
    assert change(sandbox, "create", video_id=item, text="\U0001f9c3" * 76)["code"] == 0
    assert change(sandbox, "create", video_id=item)["code"] == 40002


def test_an_image_is_uploaded_and_commented_with(sandbox: Driver) -> None:
    assert sandbox.token is not None
    item, picture = post_with(sandbox, least=20, most=450)["item_id"], pictures.png(1, [b"\0\0\0"])

    def upload(content: bytes, **fields: str) -> dict[str, Any]:
        return sandbox.http.post(
            f"{API}/business/comment/image/upload/",
            data={"business_id": sandbox.token.open_id, **fields},
            files={"image_file": ("a.png", content)},
            headers={"Access-Token": sandbox.token.access},
        ).json()

    image = ok(upload(picture))
    assert (image["width"], image["height"]) == (1, 1)
    sizes = {"image_width": 1, "image_height": 1}
    made = ok(change(sandbox, "create", video_id=item, image_uri=image["image_uri"], **sizes))
    assert sandbox.http.get(made["image_url"]).status_code == 200
    assert change(sandbox, "create", video_id=item, image_uri="elsewhere", **sizes)["code"] == 40002
    assert upload(b"no picture")["code"] == 40907
    assert upload(picture + b"x" * (5 * 1024 * 1024))["code"] == 40906
    assert upload(picture, business_id="_000nobody")["code"] == 40001
    assert change(sandbox, "image/upload", image_file="x")["code"] == 40002


def test_counters_do_not_follow_what_clients_write(sandbox: Driver) -> None:
    post = post_with(sandbox, least=20, most=450)
    ok(change(sandbox, "create", video_id=post["item_id"], text="one more"))
    again = next(one for one in sandbox.world("brassorbit3")["posts"] if one["item_id"] == post["item_id"])
    assert again["comments"] == post["comments"]
