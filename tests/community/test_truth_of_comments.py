"""Thousands of comments under one post, with everything that happens to them meanwhile: nothing is lost and nothing is there twice.

`make test` reads fewer; CHAOS=long five thousand.
"""

import json
import os
import random

import pytest

from agency import clock, scope
from community.models import Comment
from integrations.models import Connection
from metrics.models import Post
from tests.community.reading import assert_held, posts_of, truth, waiting_events
from tests.integrations.deliveries import COMMENT, deliver, event
from tests.integrations.steering import calls
from tests.local_tiktok import LocalTikTok
from tests.work import work_off

pytestmark = pytest.mark.django_db(databases=("default", "keystore"))
HANDLE = "velvetfoxlab"
MANY = 5_000 if os.environ.get("CHAOS") == "long" else 900
LIST = "/business/comment/list/"


@pytest.fixture
def item_id(velvet: Connection, unlimited: LocalTikTok) -> str:
    """One post of the account, alone, with very many comments below it."""
    item_id = posts_of(unlimited, HANDLE)[0]["item_id"]
    unlimited.control("comments", account=HANDLE, item_id=item_id, add=MANY, silent=True)
    busy = unlimited.control("comments", account=HANDLE, item_id=item_id, add=1, silent=True)["comments"][0]
    unlimited.control("comments", account=HANDLE, item_id=item_id, add=70, parent=busy, silent=True)
    work_off("sync")
    with scope.inside(velvet.workspace_id):
        Post.objects.exclude(tiktok_item_id=item_id).delete()
    return item_id


def happens(tiktok: LocalTikTok, item_id: str, chance: random.Random, *, silent: bool) -> list[dict[str, object]]:
    """People edit, remove, write and reply. Returns what TikTok would tell of it."""
    told = [one for one in truth(tiktok, HANDLE, item_id).values() if not one["owner"] and one["status"] == "PUBLIC"]
    chance.shuffle(told)
    firsts = [one for one in told if one["parent_comment_id"] is None]
    events: list[dict[str, object]] = []

    def tells(comment_id: str, action: str, parent: str | None = None) -> None:
        events.append({"comment_id": comment_id, "action": action, "parent": parent, "item_id": item_id})

    for one in told[:15]:
        tiktok.control("comments", account=HANDLE, comment_id=one["comment_id"], text=f"edited {one['comment_id']}")
    for one in firsts[20:32]:
        tiktok.control("comments", account=HANDLE, comment_id=one["comment_id"], remove=True, silent=True)
        tells(one["comment_id"], "delete")
    for one in firsts[40:50]:
        for made in tiktok.control("comments", account=HANDLE, item_id=item_id, add=5, parent=one["comment_id"], silent=True)["comments"]:
            tells(made, "insert", one["comment_id"])
    for made in tiktok.control("comments", account=HANDLE, item_id=item_id, add=25, silent=True)["comments"]:
        tells(made, "insert")
    return [] if silent else events


def tell(connection: Connection, events: list[dict[str, object]], chance: random.Random) -> None:
    """TikTok tells of it, some of it twice and three times, in any order."""
    at = clock.now()
    for said in chance.sample(events * 3, k=len(events) * 2) + events:
        content = {
            "comment_id": int(str(said["comment_id"])),
            "video_id": int(str(said["item_id"])),
            "parent_comment_id": int(str(said["parent"] or 0)),
            "comment_type": "reply" if said["parent"] else "comment",
            "comment_action": said["action"],
            "timestamp": int(at.timestamp() * 1000),
            "unique_identifier": "u_somebody",
        }
        assert deliver(event(connection.tiktok_open_id, COMMENT, at=at, content=json.dumps(content))).status_code == 200


def test_nothing_is_lost_and_nothing_is_there_twice(velvet: Connection, unlimited: LocalTikTok, item_id: str) -> None:
    chance = random.Random(20260528)
    work_off("comments", rounds=600)
    assert assert_held(velvet, unlimited, item_id) > MANY
    before = calls(unlimited, LIST)

    events = happens(unlimited, item_id, chance, silent=False)
    tell(velvet, events, chance)
    work_off("comments", rounds=600)
    assert waiting_events(velvet) == 0
    with scope.inside(velvet.workspace_id):
        told = {str(event["comment_id"]): event["action"] for event in events}
        rows = dict(Comment.objects.filter(tiktok_comment_id__in=told).values_list("tiktok_comment_id", "shown"))
        assert rows.keys() == told.keys(), "each that was told of is here"
        assert {key for key, shown in rows.items() if shown == "deleted"} == {key for key, action in told.items() if action == "delete"}
    assert calls(unlimited, LIST) - before <= 12, "what was told of is asked for thirty at a time"

    happens(unlimited, item_id, chance, silent=True)  # and TikTok says nothing of this
    unlimited.advance(13 * 3600)
    work_off("sync")
    work_off("comments", rounds=600)
    assert assert_held(velvet, unlimited, item_id) > MANY
    with scope.inside(velvet.workspace_id):
        ids = list(Comment.objects.values_list("tiktok_comment_id", flat=True))
        assert len(ids) == len(set(ids))
        assert Comment.objects.exclude(edited_at=None).count() >= 15
        assert not Comment.objects.filter(is_reply=True, thread__is_reply=True).exists()
