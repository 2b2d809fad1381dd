"""Comments put straight into the tables, through the store that the sync uses, for tests that need comments of their own choosing."""

from datetime import datetime, timedelta
from itertools import count
from uuid import uuid4

from agency import clock, scope
from agency.models import Membership
from community import actions, store
from community.models import Comment, Sending
from integrations.tiktok import comments as tiktok
from metrics.models import Account, Post
from tests.metrics.planting import a_call, plant_account, plant_post

_numbers = count(7_600_000_000_000_000_001)


def told(text: str = "Which lens is this?", *, at: datetime, by: str = "halfstop", parent: str | None = None, own: bool = False,
         status: str = "PUBLIC", comment_id: str = "", likes: int = 1, replies: int = 0) -> tiktok.Comment:  # fmt: skip
    """A comment as the client hands it over."""
    return tiktok.Comment(
        comment_id=comment_id or str(next(_numbers)),
        parent_comment_id=parent,
        video_id=None,
        unique_identifier=f"u_{by}",
        username=by,
        display_name=by.title(),
        profile_image=None,
        created_at=at,
        text=text,
        image_url=None,
        likes=likes,
        replies=replies,
        is_owner=own,
        is_liked=False,
        is_pinned=False,
        status=status,
        reply_list=(),
    )


def a_post(by: Membership, handle: str = "brassorbit3", **values: object) -> Post:
    """A post of an account that has been read for a year. Call inside the workspace's scope, like all of these."""
    account = Account.objects.filter(connection__handle=handle).first() or plant_account(by, handle)
    reading = store.reading_of(account, now=clock.now())
    type(reading).objects.filter(pk=reading.pk).update(began_at=clock.now() - timedelta(days=365), read_at=clock.now())
    named = {"caption": "Quick-cut color grading reel", "share_url": "https://www.tiktok.com/@brassorbit3/video/1"}
    return plant_post(account, clock.now() - timedelta(days=3), **(named | values))


def keep(post: Post, *comments: tiktok.Comment) -> list[Comment]:
    """As if a page had brought them; each is there."""
    come(post, *comments)
    return [Comment.objects.get(tiktok_comment_id=one.comment_id) for one in comments]


def come(post: Post, *comments: tiktok.Comment) -> None:
    """A page brings them, whatever is kept of it."""
    call = a_call(post.account)
    store.keep(post.account, post.pk, comments, reading=store.reading_of(post.account, now=clock.now()), call_id=call.pk, now=clock.now())


def many(like: Comment, number: int) -> None:
    """So many threads more, each like this one, straight into the table."""
    values = {field.attname: getattr(like, field.attname) for field in Comment._meta.concrete_fields}
    ids = [uuid4() for _ in range(number)]
    Comment.objects.bulk_create(Comment(**(values | {"id": pk, "thread_id": pk, "tiktok_comment_id": pk.hex})) for pk in ids)


def hours(number: float) -> datetime:
    """So long ago."""
    return clock.now() - timedelta(hours=number)


def plant(by: Membership, number: int = 3) -> list[Comment]:
    """So many comments by different people under one post, the oldest first."""
    with scope.inside(by.workspace_id):
        made = [told(f"Question {n}", at=hours(number - n + 0.5), by=f"person{n}") for n in range(number)]
        return keep(a_post(by), *made)


def comments_of(by: Membership, word: str) -> dict[str, str]:
    """A comment with everything on it, by the names that addresses give them. Call inside the workspace's scope."""
    (thread,) = keep(a_post(by, f"canary{word}post"), told(f"canary{word} comment", at=hours(3), by=f"canary{word}author"))
    act = actions.assign(thread, to=by.person, by=by)
    tagged = actions.tag(thread, name=f"canary{word} tag", by=by)
    actions.add_note(thread, text=f"canary{word} note", by=by)
    view = actions.save_view(name=f"canary{word} view", wanted={"view": "all"}, by=by)
    sending = Sending.objects.create(
        workspace_id=by.workspace_id,
        thread=thread,
        comment=thread,
        kind=Sending.Kind.REPLY,
        text=f"canary{word} reply",
        person_id=by.person_id,
        asked_at=clock.now(),
        goes_at=clock.now() + timedelta(days=1),
        state_since=clock.now(),
    )
    return {"comment_sending": str(sending.pk)} | {
        "comment": str(thread.pk),
        "comment_tag": str(tagged.tag_id),
        "comment_act": str(act.pk),
        "comment_view": str(view.pk),
    }


def again(comment: Comment) -> Comment:
    """As it is now."""
    with scope.inside(comment.workspace_id):
        return Comment.objects.get(pk=comment.pk)
