"""An opened thread: what was said in it, what people here did about it, and the post or ad it stands under. One statement.

Written out and prepared for the reason that `listing` has. Lists come as JSON, one list for each row, in the order of the fields below.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from agency.models import Membership
from agency.roles import Can, Role
from community.models import Comment
from community.models.comments import name_of_author
from community.queries import MOST_COUNTED
from integrations.facts import COLUMNS, ConnectionFacts
from integrations.models import name_of_ad_account

MOST_LINES = 30  # of acts and of sendings, the latest
MOST_BY_THE_SAME = 100


@dataclass(frozen=True, slots=True)
class Spoken:
    """One comment or reply."""

    pk: str
    author_handle: str
    author_name: str
    is_own: bool
    is_reply: bool
    said_at: datetime
    text: str
    has_image: bool
    likes_count: int | None
    is_liked: bool
    is_pinned: bool
    shown: str
    is_edited: bool
    is_settled: bool

    @property
    def author(self) -> str:
        """By handle, else by name."""
        return name_of_author(self.author_handle, self.author_name)


@dataclass(frozen=True, slots=True)
class Acted:
    """An act that holds. `tag` and `assignee` are names, where it is about one."""

    kind: str
    at: datetime
    person: str
    is_readers: bool
    until: datetime | None
    assignee: str | None
    is_to_reader: bool
    tag: str | None


@dataclass(frozen=True, slots=True)
class Noted:
    """A note of the team's."""

    at: datetime
    text: str
    person: str
    is_readers: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """One thing that was to be done on TikTok."""

    pk: str
    kind: str
    state: str
    state_since: datetime
    goes_at: datetime
    text: str
    sentence: str
    person: str
    is_readers: bool
    author_handle: str  # of the comment that it is done with
    author_name: str

    @property
    def author(self) -> str:
        """By handle, else by name."""
        return name_of_author(self.author_handle, self.author_name)


@dataclass(frozen=True, slots=True)
class PostFacts:
    """The post that a thread stands under, with its lifetime counters."""

    caption: str
    created_at: datetime
    share_url: str
    views: int | None
    likes: int | None
    comments: int | None
    shares: int | None
    watch_through_rate: float | None


@dataclass(frozen=True, slots=True)
class ShownAd:
    """An ad under which a comment stands, by the names that TikTok told of it; by its number where it told none yet."""

    tiktok_ad_id: str
    name: str
    campaign: str
    ad_account_id: str
    ad_account_name: str
    advertiser_id: str

    @property
    def ad_account(self) -> str:
        """Its name, else its number."""
        return name_of_ad_account(self.ad_account_name, self.advertiser_id)


@dataclass(frozen=True, slots=True)
class Opened:
    """All of it. Notes, acts, sendings and tags of the workspace are the team's, and empty for everybody else."""

    pk: UUID
    author_id: str  # TikTok's mark of who said the first comment
    shown: str
    language: str
    said_at: datetime
    answered_at: datetime | None
    waits_since: datetime | None
    later_until: datetime | None
    assignee_id: UUID | None
    ad_account: Sequence[str] | None  # its name and number, where it alone told of the thread
    waiting_under: int  # threads under the same post, none above a thousand and one
    by_the_same: int  # other comments of the author's in the workspace, none above a hundred
    is_named_unseen: bool  # the reader was named in a note here and has not seen it
    said: Sequence[Spoken]
    tags: Sequence[tuple[str, str]]  # key and name, in the order in which they were put on
    all_tags: Sequence[str]
    acts: Sequence[Acted]
    notes: Sequence[Noted]
    sendings: Sequence[Sent]
    ads: Sequence[ShownAd]
    post: PostFacts | None
    connection: ConnectionFacts | None

    @property
    def author(self) -> str:
        """Who said the first comment."""
        return self.said[0].author

    @property
    def stands_under(self) -> str:
        """Whose post or ad it stands under."""
        if self.connection is not None:
            return self.connection.shown_name
        return name_of_ad_account(*self.ad_account) if self.ad_account else ""


_SENDINGS = f"""(
    SELECT json_agg(json_build_array(s.id, s.kind, s.state, s.state_since, s.goes_at, s.text, s.sentence, h.name, s.person_id = %(person)s,
        d.author_handle, d.author_name) ORDER BY s.asked_at)
    FROM (
        SELECT * FROM community_sending WHERE workspace_id = %(workspace)s AND thread_id = %(thread)s AND %(is_team)s
        ORDER BY asked_at DESC LIMIT {MOST_LINES}) s
    JOIN agency_person h ON h.id = s.person_id
    JOIN community_comment d ON d.workspace_id = s.workspace_id AND d.id = s.comment_id)"""  # noqa: S608 # nosec B608 - a number
_OPENED = f"""
SELECT c.id, c.tiktok_author_id, c.shown, c.language, c.said_at, c.answered_at, c.waits_since, c.later_until, c.assignee_id,
    (SELECT ARRAY[v.name, v.advertiser_id] FROM integrations_adaccount v WHERE v.workspace_id = c.workspace_id AND v.id = c.ad_account_id),
    (
        SELECT count(*) FROM (
            SELECT FROM community_comment w WHERE w.workspace_id = c.workspace_id AND w.post_id = c.post_id
            AND NOT w.is_reply AND w.waits_since IS NOT NULL AND w.later_until IS NULL LIMIT {MOST_COUNTED + 1}) w),
    (
        SELECT count(*) FROM (
            SELECT FROM community_comment a WHERE NOT c.is_own AND a.workspace_id = c.workspace_id AND a.tiktok_author_id <> ''
            AND a.tiktok_author_id = c.tiktok_author_id AND a.id <> c.id AND a.shown <> 'deleted' LIMIT {MOST_BY_THE_SAME}) a),
    EXISTS (
        SELECT FROM community_note n JOIN community_mention m ON m.workspace_id = n.workspace_id AND m.note_id = n.id
        WHERE n.workspace_id = c.workspace_id AND n.thread_id = c.id AND m.person_id = %(person)s AND m.seen_at IS NULL AND %(is_team)s),
    (
        SELECT json_agg(json_build_array(r.id, r.author_handle, r.author_name, r.is_own, r.is_reply, r.said_at, r.text, r.has_image,
            r.likes_count, r.is_liked, r.is_pinned, r.shown, r.edited_at IS NOT NULL, r.settled_at IS NOT NULL)
            ORDER BY r.is_reply, r.said_at, r.tiktok_comment_id)
        FROM community_comment r WHERE r.workspace_id = c.workspace_id AND r.thread_id = c.id),
    (
        SELECT json_agg(json_build_array(g.id, g.name) ORDER BY t.at, t.id)
        FROM community_threadtag t JOIN community_tag g ON g.workspace_id = t.workspace_id AND g.id = t.tag_id
        WHERE t.workspace_id = c.workspace_id AND t.thread_id = c.id),
    (SELECT json_agg(g.name ORDER BY g.name) FROM community_tag g WHERE g.workspace_id = c.workspace_id AND %(is_team)s),
    (
        SELECT json_agg(json_build_array(t.kind, t.at, h.name, t.person_id = %(person)s, t.until, b.name,
            COALESCE(t.assignee_id = %(person)s, false), g.name) ORDER BY t.at)
        FROM (
            SELECT * FROM community_triage t WHERE t.workspace_id = c.workspace_id AND t.thread_id = c.id AND t.undone_at IS NULL
            AND %(is_team)s ORDER BY t.at DESC LIMIT {MOST_LINES}) t
        JOIN agency_person h ON h.id = t.person_id
        LEFT JOIN agency_person b ON b.id = t.assignee_id
        LEFT JOIN community_tag g ON g.workspace_id = t.workspace_id AND g.id = t.tag_id),
    (
        SELECT json_agg(json_build_array(n.at, n.text, h.name, n.person_id = %(person)s) ORDER BY n.at)
        FROM community_note n JOIN agency_person h ON h.id = n.person_id
        WHERE n.workspace_id = c.workspace_id AND n.thread_id = c.id AND %(is_team)s),
    {_SENDINGS},
    (
        SELECT json_agg(json_build_array(u.tiktok_ad_id, COALESCE(NULLIF(a.name, ''), 'ad ' || u.tiktok_ad_id), COALESCE(i.name, ''),
            v.id, v.name, v.advertiser_id) ORDER BY u.seen_at DESC, u.tiktok_ad_id)
        FROM community_underad u
        JOIN integrations_adaccount v ON v.workspace_id = u.workspace_id AND v.id = u.ad_account_id
        LEFT JOIN metrics_ad a ON a.workspace_id = u.workspace_id AND a.ad_account_id = u.ad_account_id
            AND a.tiktok_ad_id = u.tiktok_ad_id
        LEFT JOIN metrics_adcampaign i ON i.workspace_id = u.workspace_id AND i.ad_account_id = u.ad_account_id
            AND i.tiktok_campaign_id = u.tiktok_campaign_id
        WHERE u.workspace_id = c.workspace_id AND u.comment_id = c.id AND %(sees_ads)s),
    p.caption, p.created_at, p.share_url, p.views, p.likes, p.comments, p.shares, p.watch_through_rate,
    {", ".join(f"k.{name}" for name in COLUMNS)}
FROM community_comment c
LEFT JOIN metrics_post p ON p.workspace_id = c.workspace_id AND p.id = c.post_id
LEFT JOIN metrics_account m ON m.workspace_id = c.workspace_id AND m.id = c.account_id
LEFT JOIN integrations_connection k ON k.workspace_id = m.workspace_id AND k.id = m.connection_id
WHERE c.workspace_id = %(workspace)s AND c.id = %(thread)s
"""  # noqa: S608 # nosec B608 - numbers and names of columns
_PLAIN, _POST = 13, 8  # how many columns come before the lists, and of the post after them


def opened(thread: Comment, reader: Membership) -> Opened:
    """A thread that the reader may see, with what of it is theirs to see. Raises Comment.DoesNotExist for one that has just been erased."""
    with connection.prepared_cursor() as cursor:
        cursor.execute(_OPENED, _values(thread, reader))
        row = cursor.fetchone()
    if row is None:
        raise Comment.DoesNotExist
    said, tags, all_tags, acts, notes, sendings, ads, *about = (part for part in row[_PLAIN:])
    post, account = about[:_POST], about[_POST:]
    return Opened(
        *row[:_PLAIN],
        said=[Spoken(*one[:5], _moment(one[5]), *one[6:]) for one in said],
        tags=tags or (),
        all_tags=all_tags or (),
        acts=[Acted(one[0], _moment(one[1]), *one[2:4], _moment(one[4]) if one[4] else None, *one[5:]) for one in acts or ()],
        notes=[Noted(_moment(one[0]), *one[1:]) for one in notes or ()],
        sendings=_sent(sendings),
        ads=[ShownAd(*one) for one in ads or ()],
        post=PostFacts(*post) if post[1] else None,
        connection=ConnectionFacts(*account) if account[0] else None,
    )


def sendings_of(thread: Comment, reader: Membership) -> list[Sent]:
    """What was to be done on TikTok in a thread, oldest first, the latest thirty."""
    with connection.prepared_cursor() as cursor:
        cursor.execute(f"SELECT {_SENDINGS}", _values(thread, reader))
        return _sent(cursor.fetchone()[0])


def _values(thread: Comment, reader: Membership) -> dict[str, object]:
    return {
        "workspace": thread.workspace_id,
        "thread": thread.pk,
        "person": reader.person_id,
        "is_team": reader.as_role.can(Can.TRIAGE),
        "sees_ads": reader.as_role is not Role.CREATOR,  # who has no business with what the workspace spends
    }


def _sent(rows: list[list[object]] | None) -> list[Sent]:
    return [Sent(*one[:3], _moment(one[3]), _moment(one[4]), *one[5:]) for one in rows or ()]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
