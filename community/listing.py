"""Which threads a page of the list has, and everything that their rows show: two statements.

The second is written out, and planned once a connection, for it is asked more often than anything else here: put together by the ORM, from
a dozen models, it takes longer to ask than to answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from agency.models import Membership
from agency.roles import Role
from community.models import Comment
from community.models.comments import name_of_author
from integrations.models import name_of_account, name_of_ad_account

PAGE = 30


@dataclass(frozen=True, slots=True)
class Listed:
    """What the list shows of a thread. Names are as TikTok told them, and may be empty."""

    pk: UUID
    author_handle: str
    author_name: str
    is_own: bool
    text: str
    has_image: bool
    language: str
    replies_count: int | None
    shown: str
    said_at: datetime
    waits_since: datetime | None
    later_until: datetime | None
    caption: str | None  # None under an ad of which no post is known, as `posted_at`
    posted_at: datetime | None
    connection_id: UUID | None
    account_handle: str | None
    account_name: str | None
    ad_account: Sequence[str] | None  # its name and its number
    holder: str | None
    tags: Sequence[str]  # in the order in which they were put on
    ad: str | None  # the ad under which it was seen last, by its name or number

    @property
    def author(self) -> str:
        """By handle, else by name."""
        return name_of_author(self.author_handle, self.author_name)

    @property
    def stands_under(self) -> str:
        """Whose post or ad it stands under."""
        if self.connection_id is not None:
            return name_of_account(self.connection_id, self.account_handle or "", self.account_name or "")
        return name_of_ad_account(*self.ad_account) if self.ad_account else ""


# By the ids of threads, which are asked of the comments alone: asked together with their posts and accounts, the planner reads and sorts a
# whole view for its first thirty.
_LISTED = """
SELECT c.id, c.author_handle, c.author_name, c.is_own, c.text, c.has_image, c.language, c.replies_count, c.shown, c.said_at, c.waits_since,
    c.later_until, p.caption, p.created_at, k.id, k.handle, k.display_name,
    (SELECT ARRAY[v.name, v.advertiser_id] FROM integrations_adaccount v WHERE v.workspace_id = c.workspace_id AND v.id = c.ad_account_id),
    (SELECT h.name FROM agency_person h WHERE h.id = c.assignee_id),
    ARRAY(
        SELECT g.name FROM community_threadtag t JOIN community_tag g ON g.workspace_id = t.workspace_id AND g.id = t.tag_id
        WHERE t.workspace_id = c.workspace_id AND t.thread_id = c.id ORDER BY t.at, t.id),
    (
        SELECT COALESCE(NULLIF(a.name, ''), 'ad ' || u.tiktok_ad_id) FROM community_underad u LEFT JOIN metrics_ad a
            ON a.workspace_id = u.workspace_id AND a.ad_account_id = u.ad_account_id AND a.tiktok_ad_id = u.tiktok_ad_id
        WHERE u.workspace_id = c.workspace_id AND u.comment_id = c.id AND %(sees_ads)s ORDER BY u.seen_at DESC, u.tiktok_ad_id LIMIT 1)
FROM unnest(%(threads)s::uuid[]) WITH ORDINALITY AS chosen (id, place)
JOIN community_comment c ON c.workspace_id = %(workspace)s AND c.id = chosen.id
LEFT JOIN metrics_post p ON p.workspace_id = c.workspace_id AND p.id = c.post_id
LEFT JOIN metrics_account m ON m.workspace_id = c.workspace_id AND m.id = c.account_id
LEFT JOIN integrations_connection k ON k.workspace_id = m.workspace_id AND k.id = m.connection_id
ORDER BY chosen.place
"""


def page_of(rows: QuerySet[Comment], membership: Membership, *, number: int) -> tuple[list[Listed], bool]:
    """One page of threads, and whether there are more."""
    first = (number - 1) * PAGE
    ids = list(rows.values_list("pk", flat=True)[first : first + PAGE + 1])
    return listed(ids[:PAGE], membership), len(ids) > PAGE


def listed(threads: Iterable[UUID], membership: Membership) -> list[Listed]:
    """What the list shows of these, in their order."""
    values = {
        "workspace": membership.workspace_id,
        "threads": list(threads),
        "sees_ads": membership.as_role is not Role.CREATOR,  # who has no business with what the workspace spends
    }
    with connection.prepared_cursor() as cursor:
        cursor.execute(_LISTED, values)
        return [Listed(*row) for row in cursor.fetchall()]
