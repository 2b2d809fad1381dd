"""What other people do in the comments at a script's word."""

import pytest

from tests.tiktok_sandbox.driver import Driver
from tests.tiktok_sandbox.test_comments import LIST, ok, post_with, truth


def test_others_comment_reply_edit_and_remove(sandbox: Driver) -> None:
    sandbox.grant()
    item = post_with(sandbox, least=20, most=450)["item_id"]
    before = len(truth(sandbox, item))
    first, second = sandbox.control("comments", {"account": "brassorbit3", "item_id": item, "add": 2})["comments"]
    (reply,) = sandbox.control("comments", {"account": "brassorbit3", "item_id": item, "add": 1, "parent": first, "text": "me too"})[
        "comments"
    ]
    rows = {one["comment_id"]: one for one in truth(sandbox, item)}
    assert len(rows) == before + 3
    assert (rows[reply]["parent_comment_id"], rows[reply]["text"], rows[reply]["owner"]) == (first, "me too", False)
    assert rows[first]["replies"] == 1

    sandbox.control("comments", {"account": "brassorbit3", "comment_id": second, "text": "changed my mind"})
    found = ok(sandbox.get(LIST, video_id=item, comment_ids=[second]))["comments"]
    assert [one["text"] for one in found] == ["changed my mind"]

    sandbox.control("comments", {"account": "brassorbit3", "comment_id": first, "remove": True})
    assert not {first, reply} & {one["comment_id"] for one in truth(sandbox, item)}
    assert len(truth(sandbox, item)) == before + 1


@pytest.mark.parametrize(
    "body",
    [
        {"item_id": "1", "add": 1},
        {"comment_id": "1", "remove": True},
        {"add": -1},
        {"add": 10_001},
        {},
    ],
)
def test_what_is_not_there_is_refused(sandbox: Driver, body: dict[str, object]) -> None:
    answer = sandbox.http.post("/__control__/comments", json={"account": "brassorbit3"} | body)
    assert answer.status_code in {400, 404}
