"""What other people do in the comments under a post: they write, change their mind, and take back what they said."""

from typing import TYPE_CHECKING

from tiktok_sandbox.ad_commenting import AdComments
from tiktok_sandbox.commenting import Comments, post_of
from tiktok_sandbox.control.values import Answer, Refused, Values, account_of, is_number
from tiktok_sandbox.endpoints import Call
from tiktok_sandbox.families.comment_writes import announce
from tiktok_sandbox.grants import Grant
from tiktok_sandbox.world.comments import Comment
from tiktok_sandbox.world.voices import VOICES, text

if TYPE_CHECKING:
    from tiktok_sandbox.sandbox import Sandbox

MOST = 10_000


def steer(sandbox: "Sandbox", values: Values) -> Answer:
    """Somebody comments on a post or replies ("add" so many, "parent" says below what), edits ("text") or removes ("remove") a comment."""
    if values.get("advertiser_id"):
        return _under_an_ad(sandbox, values)
    handle, desk, moment = account_of(sandbox, values), sandbox.desk, int(sandbox.clock.now())
    feed = desk.world.feed(handle)
    comment_id, item_id, add = values.get("comment_id"), values.get("item_id"), values.get("add", 0)
    if not is_number(add) or not 0 <= add <= MOST:
        raise Refused(f"add: 0 to {MOST}.")
    post = feed.find(str(item_id), moment) if item_id else post_of(feed, str(comment_id), moment)
    if post is None:
        raise Refused("item_id or comment_id: there is no such post.", 404)
    comments = Comments(desk, post, moment)
    if add:
        return _add(sandbox, values, comments, handle, add)
    comment = comments.find(str(comment_id))
    if comment is None:
        raise Refused("comment_id: there is no such comment.", 404)
    if isinstance(values.get("text"), str):
        desk.writes.edited[comment.comment_id] = values["text"]
    elif values.get("remove") is True:
        desk.writes.deleted[comment.comment_id] = True
        _tell(sandbox, values, handle, [comment], "delete")
    else:
        raise Refused('Give "add" with a number, or a comment_id with "text" or with "remove": true.')
    desk.writes.changed()
    return {"comments": [comment.comment_id]}


def _under_an_ad(sandbox: "Sandbox", values: Values) -> Answer:
    """Somebody edits ("text") or removes ("remove") a comment under an ad that shows no post. The app is not told."""
    desk, known = sandbox.desk, str(values["advertiser_id"])
    if known not in desk.world.ads.advertisers:
        raise Refused("advertiser_id: there is no such ad account.", 404)
    comment_id = str(values.get("comment_id"))
    if AdComments(desk, desk.world.ads.book(known), int(sandbox.clock.now())).find(comment_id) is None:
        raise Refused("comment_id: there is no such comment.", 404)
    if isinstance(values.get("text"), str):
        desk.writes.edited[comment_id] = values["text"]
    elif values.get("remove") is True:
        desk.writes.deleted[comment_id] = True
    else:
        raise Refused('Give a comment_id with "text" or with "remove": true.')
    desk.writes.changed()
    return {"comments": [comment_id]}


def _add(sandbox: "Sandbox", values: Values, comments: Comments, handle: str, add: int) -> Answer:
    parent = comments.find(str(values["parent"])) if values.get("parent") else None
    if values.get("parent") and (parent is None or parent.parent_id is not None):
        raise Refused("parent: there is no such comment to reply to.", 404)
    said, writes = values.get("text"), sandbox.desk.writes
    made = []
    for _ in range(add):
        number = writes.serial
        words = said if isinstance(said, str) else text(number * 7)
        made.append(comments.write(words, parent, "", by=number * 31 % VOICES))
    _tell(sandbox, values, handle, made, "insert")
    return {"comments": [one.comment_id for one in made]}


def _tell(sandbox: "Sandbox", values: Values, handle: str, comments: list[Comment], action: str) -> None:
    """TikTok tells the app, unless the script wants it to be silent."""
    if values.get("silent"):
        return
    desk = sandbox.desk
    open_id = desk.world.open_id(handle, desk.app.app_id)
    call = Call(desk, {}, sandbox.clock.now(), sandbox.base, Grant(desk.app.app_id, handle, open_id, (), 0.0))
    for comment in comments:
        announce(call, comment, action)
