"""Reads of the inbox: which threads a view has, and one thread with everything about it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet

from agency.models import Membership, Person
from agency.queries import roles_that
from agency.roles import Can
from community.models import Aim, Comment, Mention, Note, Sending, ThreadTag, Triage, UnderAd
from community.wanted import ANY_AD, Wanted
from metrics.models import Account

MOST_COUNTED = 1_000  # more is more
SEARCHED = 20_000  # comments that a search looks at, the latest first


def aim() -> timedelta:
    """How soon a comment is to be answered or settled in the open workspace."""
    row = Aim.objects.first()
    return timedelta(seconds=row.seconds) if row else Aim.AT_FIRST


def threads(membership: Membership, wanted: Wanted, *, now: datetime) -> QuerySet[Comment]:
    """The threads of a view, in its order."""
    rows = _of_view(Comment.objects.visible_to(membership).threads(), membership, wanted)
    rows = _narrowed(rows, wanted, now=now)
    newest = wanted.sort == "newest"
    if wanted.view in {"open", "mine", "nobody"}:
        return rows.order_by("-waits_since", "-id") if newest else rows.order_by("waits_since", "id")
    if wanted.view == "later":
        return rows.order_by("later_until", "waits_since", "id")
    if wanted.view == "done":
        return rows.order_by("-done_at", "id")
    return rows.order_by("-last_said_at", "id")


def _of_view(rows: QuerySet[Comment], membership: Membership, wanted: Wanted) -> QuerySet[Comment]:
    match wanted.view:
        case "open":
            return rows.waiting()
        case "mine":
            return rows.waiting().filter(assignee_id=membership.person_id)
        case "nobody":
            return rows.waiting().filter(assignee=None)
        case "later":
            return rows.filter(later_until__isnull=False)
        case "done":
            return rows.filter(done_at__isnull=False)
        case "mentions":
            unseen = Mention.objects.filter(person_id=membership.person_id, seen_at=None)
            return rows.filter(pk__in=unseen.values("note__thread_id"))
        case _:
            return rows.filter(last_said_at__isnull=False)


def _narrowed(rows: QuerySet[Comment], wanted: Wanted, *, now: datetime) -> QuerySet[Comment]:
    if wanted.account:
        rows = rows.filter(account_id=wanted.account)
    if wanted.brand:
        rows = rows.filter(account__in=Account.objects.filter(Q(brand_id=wanted.brand) | Q(connection__brand_id=wanted.brand)))
    if wanted.tag:
        rows = rows.filter(pk__in=ThreadTag.objects.filter(tag_id=wanted.tag).values("thread_id"))
    if wanted.assignee:
        rows = rows.filter(assignee_id=wanted.assignee)
    if wanted.language:
        rows = rows.filter(language=wanted.language)
    if wanted.post:
        rows = rows.filter(post_id=wanted.post)
    if wanted.ads:
        told = UnderAd.objects.all() if wanted.ads == ANY_AD else UnderAd.objects.filter(ad_account_id=wanted.ads)
        rows = rows.filter(pk__in=told.values("comment_id"))
    if wanted.author:
        rows = rows.filter(pk__in=Comment.objects.filter(tiktok_author_id=wanted.author).values("thread_id"))
    if wanted.age:
        rows = rows.filter(waits_since__lt=now - (aim() if wanted.age == "late" else timedelta(days=1)))
    if wanted.q:
        rows = rows.filter(pk__in=found(wanted.q))
    return rows


def found(words: str) -> list[UUID]:
    """Threads in which the latest comments hold these words, or were written by such a handle. Looks at a bounded number of comments."""
    pattern = "%" + words.lstrip("@").replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT thread_id FROM (
                SELECT thread_id, text, author_handle, author_name FROM community_comment
                WHERE workspace_id = (SELECT nullif(current_setting('app.workspace', true), '')::uuid)
                ORDER BY said_at DESC LIMIT %s
            ) latest WHERE lower(text || E'\\x01' || author_handle || E'\\x01' || author_name) LIKE lower(%s) LIMIT 500
            """,  # the three as one, kept apart by what nobody writes: looking into each takes half as long again
            [SEARCHED, pattern],
        )
        return [thread for (thread,) in cursor.fetchall()]


def new_since(membership: Membership, moment: datetime) -> int:
    """How many threads have something new that waits, since a page was made; none above a hundred."""
    rows = Comment.objects.visible_to(membership).waiting().filter(stirred_at__gt=moment)
    return rows[:100].count()


def act_of(act_id: UUID, membership: Membership) -> Triage | None:
    """An act of this person's that still holds."""
    rows = Triage.objects.filter(pk=act_id, person_id=membership.person_id, undone_at=None)
    return rows.select_related("thread", "assignee", "tag").first()


def draft_of(sending_id: str, membership: Membership) -> str:
    """What was written and did not go: a reply that was stopped or refused, for the box it came from."""
    try:
        row = Sending.objects.visible_to(membership).filter(pk=UUID(sending_id), kind=Sending.Kind.REPLY).first()
    except ValueError:
        return ""
    return row.text if row is not None and row.state in {Sending.State.STOPPED, Sending.State.FAILED} else ""


def named_in(note: Note) -> list[str]:
    """Who was named in a note."""
    return list(Mention.objects.filter(note=note).order_by("person__name").values_list("person__name", flat=True))


def team() -> list[Membership]:
    """Who may triage in the open workspace."""
    return list(_team().select_related("person"))


def names_of_team() -> list[tuple[UUID, str]]:
    """The same people, by what a choice of them needs."""
    return list(_team().values_list("person_id", "person__name"))


def _team() -> QuerySet[Membership]:
    rows = Membership.objects.filter(role__in=roles_that(Can.TRIAGE), person__is_active=True)
    return rows.order_by("person__name", "person__email")


def person_named(person_id: str) -> Person | None:
    """Somebody who may triage here."""
    return next((m.person for m in team() if str(m.person_id) == person_id), None)


def seen_by(thread: Comment, membership: Membership, *, now: datetime) -> None:
    """A person who was named in a note has read it."""
    Mention.objects.filter(note__thread_id=thread.pk, person_id=membership.person_id, seen_at=None).update(seen_at=now)


def open_threads(membership: Membership, ids: Iterable[str]) -> Sequence[Comment]:
    """Several threads by their ids, those that the member sees."""
    wanted = set()
    for one in ids:
        try:
            wanted.add(UUID(one))
        except ValueError:
            continue
    return list(Comment.objects.visible_to(membership).threads().filter(pk__in=wanted).order_by(F("waits_since").asc(nulls_last=True)))
