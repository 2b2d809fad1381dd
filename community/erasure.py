"""What this app holds about an account, and about somebody who commented: their comments, what hangs on those, and searches for them.

Who asked to be forgotten is still on TikTok with every word, and the next sync would bring it back. So a keyed mark of them stays, with the
moment up to which nothing that they said is kept (community/forgotten.py). What they say after that is new, and is read like anybody's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django.db import connection as database
from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTextTransform

from agency import clock
from community import keeping
from community.forgotten import mark_of, name_of_handle
from community.models import (
    Comment,
    Forgotten,
    GroupReading,
    Mention,
    Note,
    PostReading,
    Reading,
    SavedView,
    Sending,
    Tag,
    ThreadTag,
    Triage,
    UnderAd,
)  # fmt: skip
from integrations.erasure import handle_patterns
from integrations.events import COMMENT
from integrations.models import Connection, WebhookEvent


@dataclass(frozen=True)
class Commenter:
    """Somebody who wrote comments, in one workspace: TikTok's mark of them there, and the handles under which they wrote."""

    workspace_id: UUID
    author_id: str
    handles: tuple[str, ...]

    @property
    def ref(self) -> UUID:
        """Stands for them where an id is wanted. The same whenever it is asked for, and nobody's way back to them."""
        return uuid5(self.workspace_id, self.author_id)

    @property
    def shown_name(self) -> str:
        """Their handles, for people."""
        return ", ".join(f"@{handle}" for handle in self.handles) or "somebody without a handle"

    @property
    def naming(self) -> str:
        """A regular expression of PostgreSQL, for `~*`, that finds them named. Empty without a handle."""
        return "|".join(pattern for handle in self.handles for pattern in handle_patterns(handle))


def rows_of(connection: Connection) -> tuple[QuerySet, ...]:
    """Everything about an account, or about the ad accounts of a consent, children before parents. What an account's own list has named
    as well stays with that account; of such a comment only the ad is forgotten."""
    here = {"workspace_id": connection.workspace_id}
    of_account = here | {"account__connection_id": connection.pk}
    of_ads = here | {"ad_account__connection_id": connection.pk}
    return (
        *_on_threads(here, "thread__account__connection_id", connection.pk),
        *_on_threads(here, "thread__ad_account__connection_id", connection.pk),
        UnderAd.objects.filter(**here, comment__account__connection_id=connection.pk),
        UnderAd.objects.filter(**of_ads),
        Comment.objects.filter(**of_account, is_reply=True),
        Comment.objects.filter(**of_account),
        Comment.objects.filter(**of_ads, is_reply=True),
        Comment.objects.filter(**of_ads),
        GroupReading.objects.filter(**of_ads),
        PostReading.objects.filter(**of_account),
        Reading.objects.filter(**of_account),
    )


def _on_threads(here: dict[str, UUID], whose: str, connection_id: UUID) -> tuple[QuerySet, ...]:
    threads = here | {whose: connection_id}
    return (
        Mention.objects.filter(**here, **{f"note__{whose}": connection_id}),
        Note.objects.filter(**threads),
        ThreadTag.objects.filter(**threads),
        Triage.objects.filter(**threads),
        Sending.objects.filter(**threads),
    )


def hold(rows: QuerySet, keys: list[Any], workspace_id: UUID) -> None:
    """Before a batch of these rows goes, in its transaction: wait for whoever writes what TikTok tells, and take comments in the order in
    which people and workers take them (community/keeping.py), for a batch takes them as they come."""
    if rows.model not in {Comment, UnderAd}:
        return
    keeping.write_alone(workspace_id, using=rows.db)
    if rows.model is Comment:
        here = Comment.objects.using(rows.db).filter(workspace_id=workspace_id, pk__in=keys)
        list(here.select_for_update().order_by("pk").values_list("pk", flat=True))


# --- somebody who commented ---------------------------------------------------------------------------------------------------


def commenters_named(workspace_id: UUID, handle: str) -> list[Commenter]:
    """Who wrote comments under this handle. A handle can pass from one to another, so there may be several. Accounts that are connected
    here are not among them: their data goes with the account."""
    marks = _marked(workspace_id).filter(author_handle__iexact=handle).values_list("tiktok_author_id", flat=True).distinct()
    found = [_commenter(workspace_id, mark) for mark in marks]
    return [somebody for somebody in found if somebody is not None]


def commenter_behind(workspace_id: UUID, ref: UUID) -> Commenter | None:
    """Whom a reference stands for; None once nothing of them is here."""
    for mark in _marks(workspace_id):
        if uuid5(workspace_id, mark) == ref:
            return _commenter(workspace_id, mark)
    return None


def commenter_refs(workspace_id: UUID) -> Iterator[UUID]:
    """Those of everybody who commented and was not forgotten in what is kept here."""
    forgotten = {bytes(mark) for mark in Forgotten.objects.filter(workspace_id=workspace_id).values_list("mark", flat=True)}
    return (uuid5(workspace_id, mark) for mark in _marks(workspace_id) if mark_of(workspace_id, mark) not in forgotten)


def _marks(workspace_id: UUID) -> Iterator[str]:
    return _marked(workspace_id).order_by().values_list("tiktok_author_id", flat=True).distinct().iterator(chunk_size=5_000)


def _marked(workspace_id: UUID) -> QuerySet[Comment]:
    return Comment.objects.filter(workspace_id=workspace_id).exclude(tiktok_author_id="")


def _commenter(workspace_id: UUID, mark: str) -> Commenter | None:
    theirs = _marked(workspace_id).filter(tiktok_author_id=mark)
    handles = sorted(theirs.exclude(author_handle="").order_by().values_list("author_handle", flat=True).distinct())
    connected = Connection.objects.filter(workspace_id=workspace_id, handle__in=handles)
    is_ours = theirs.filter(is_own=True).exists() or connected.exists()
    return None if is_ours else Commenter(workspace_id, mark, tuple(handles))


def begin_forgetting(somebody: Commenter) -> None:
    """From now on, nothing that they said until now is kept. In the scope of their workspace, before their rows go."""
    for name in (somebody.author_id, *map(name_of_handle, somebody.handles)):
        mark = mark_of(somebody.workspace_id, name)
        Forgotten.objects.update_or_create(workspace_id=somebody.workspace_id, mark=mark, defaults={"until": clock.now()})


def pull_apart(somebody: Commenter, *, limit: int) -> int:
    """Let what others replied to them stand for itself, and take their own replies out of others' threads, which then stand as if they had
    said nothing. Afterwards each comment of theirs is a thread in which nobody speaks but they and the account. Returns how many moved."""
    keeping.write_alone(somebody.workspace_id)
    with database.cursor() as cursor:
        cursor.execute(
            """
            WITH apart AS MATERIALIZED (
                (SELECT r.id, r.thread_id FROM community_comment r
                 WHERE r.workspace_id = %(workspace)s AND r.tiktok_author_id = %(mark)s AND r.tiktok_author_id <> '' AND r.is_reply)
                UNION ALL
                (SELECT r.id, r.thread_id FROM community_comment f JOIN community_comment r
                    ON r.workspace_id = f.workspace_id AND r.thread_id = f.id AND r.is_reply AND NOT r.is_own
                    AND r.tiktok_author_id <> f.tiktok_author_id
                 WHERE f.workspace_id = %(workspace)s AND f.tiktok_author_id = %(mark)s AND f.tiktok_author_id <> '' AND NOT f.is_reply)
                LIMIT %(limit)s
            )
            UPDATE community_comment c SET thread_id = c.id, is_reply = false, done_at = c.settled_at, last_said_at = c.said_at
            FROM apart WHERE c.workspace_id = %(workspace)s AND c.id = apart.id RETURNING c.id, apart.thread_id
            """,
            {"workspace": somebody.workspace_id, "mark": somebody.author_id, "limit": limit},
        )
        moved = cursor.fetchall()
    keeping.settle(somebody.workspace_id, {pk for row in moved for pk in row}, now=clock.now())
    return len(moved)


def rows_of_commenter(somebody: Commenter) -> tuple[QuerySet, ...]:
    """Everything about somebody who commented, once it is pulled apart: their comments and the account's answers to them, notes about them
    and acts on their comments, tags, saved views and notes elsewhere that name them, what TikTok told of their comments. Children before
    parents. What others wrote in public is theirs, even where it names somebody."""
    here = {"workspace_id": somebody.workspace_id}
    theirs = _marked(somebody.workspace_id).filter(tiktok_author_id=somebody.author_id, is_own=False)
    threads, ids = theirs.values("pk"), theirs.values("tiktok_comment_id")
    looking, named, tagged = Q(wanted__author=somebody.author_id), Q(thread__in=threads), Q(pk__in=[])
    for handle in somebody.handles:
        looking |= Q(wanted__q__iexact=handle)
        tagged |= Q(name__iexact=handle)
    if somebody.naming:
        looking |= Q(wanted__q__iregex=somebody.naming) | Q(name__iregex=somebody.naming)
        named |= Q(text__iregex=somebody.naming)
        tagged |= Q(name__iregex=somebody.naming)
    notes, tags = Note.objects.filter(named, **here), Tag.objects.filter(tagged, **here)
    over = Q(text__iregex=somebody.naming) & ~Q(state__in=Sending.UNDER_WAY) if somebody.naming else Q(pk__in=[])
    return (
        SavedView.objects.filter(looking, **here),
        Mention.objects.filter(**here, note__in=notes.values("pk")),
        notes,
        ThreadTag.objects.filter(Q(thread__in=threads) | Q(tag__in=tags.values("pk")), **here),
        Triage.objects.filter(Q(thread__in=threads) | Q(tag__in=tags.values("pk")), **here),
        tags,
        Sending.objects.filter(Q(thread__in=threads) | Q(comment__in=threads) | over, **here),
        WebhookEvent.objects.alias(
            told=KeyTextTransform("comment_id", "payload"), who=KeyTextTransform("unique_identifier", "payload")
        ).filter(Q(told__in=ids) | Q(who=somebody.author_id), name=COMMENT, **here),
        UnderAd.objects.filter(Q(comment__in=threads) | Q(comment__thread__in=threads), **here),
        Comment.objects.filter(**here, thread__in=threads, is_reply=True),
        theirs,
    )
