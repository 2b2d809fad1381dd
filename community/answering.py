"""What somebody wants done on TikTok: asking for it, stopping it, claiming it, and how it went. Rows only; `sending` makes the calls."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from agency import audit, clock, jobs
from agency.models import Membership
from community import keeping, store
from community.models import Comment, Sending
from integrations.facts import AnyConnection
from integrations.models import Connection
from integrations.tiktok import comments as tiktok

WORK = "comment_sending"
SCOPE = "comment.list.manage"
Kind, State = Sending.Kind, Sending.State
LOOKS = (timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5))  # after a lost answer: is the reply in the thread?
_VERBS = {
    Kind.REPLY: "comment.answered",
    Kind.LIKE: "comment.liked",
    Kind.UNLIKE: "comment.unliked",
    Kind.HIDE: "comment.hidden",
    Kind.SHOW: "comment.shown",
    Kind.DELETE: "comment.deleted",
}


class NotPossible(Exception):
    """Why not, in words for whoever asked."""


class Overtaken(NotPossible):
    """Somebody else has answered since the page was made."""


def units(text: str) -> int:
    """The length as TikTok counts it: UTF-16 units, of which an emoji has two and more."""
    return len(text.encode("utf-16-le")) // 2


def why_not(connection: AnyConnection | None) -> str:
    """Why nothing can be done on TikTok with what stands under a post of this account, or of none; empty when it can."""
    if connection is None:
        return "It stands under an ad that shows no post of a connected account. Read and sort it here, answer it in TikTok Ads Manager."
    if connection.state != Connection.State.LIVE:
        return f"{connection.shown_name} is not connected at the moment. Read and sort here, answer on TikTok."
    if not connection.has(SCOPE):
        return f"Read only: {connection.shown_name} has not granted {SCOPE}. Answer on TikTok."
    return ""


def _check(comment: Comment, kind: str) -> None:
    if reason := why_not(comment.account.connection if comment.account else None):
        raise NotPossible(reason)
    if comment.shown == Comment.Shown.DELETED:
        raise NotPossible("The comment is not on TikTok any more.")
    hidden = Comment.Shown.HIDDEN in {comment.shown, comment.thread.shown}
    if kind == Kind.REPLY and hidden:
        raise NotPossible("A hidden comment cannot be answered. Show it again first.")
    if kind == Kind.DELETE and not comment.is_own:
        raise NotPossible("Only the account’s own comments can be deleted. Others can be hidden.")


def ask(comment: Comment, kind: str, *, by: Membership, text: str = "", seen_at: datetime | None = None) -> Sending:
    """Note what is to be done with a comment in ten seconds. One of a kind at a time.

    `seen_at` is when the page was made on which a reply was written: if somebody else has answered since, Overtaken says who.
    """
    with transaction.atomic():
        Comment.objects.select_for_update(of=("self",), no_key=True).get(pk=comment.thread_id)
        _check(comment, kind)
        if kind == Kind.REPLY and seen_at is not None:
            _look_out_for_others(comment, seen_at, by)
        now = clock.now()
        try:
            with transaction.atomic():
                sending = Sending.objects.create(
                    workspace_id=comment.workspace_id,
                    thread_id=comment.thread_id,
                    comment=comment,
                    kind=kind,
                    text=text,
                    person_id=by.person_id,
                    asked_at=now,
                    goes_at=now + Sending.WAITS,
                    state_since=now,
                )
        except IntegrityError:
            raise NotPossible("That is on its way already.") from None
        jobs.put(WORK, sending.pk, workspace_id=sending.workspace_id, at=sending.goes_at, priority=jobs.Priority.INTERACTIVE)
        audit.record(_VERBS[Kind(kind)], comment, by=by)
    return sending


def _look_out_for_others(comment: Comment, seen_at: datetime, by: Membership) -> None:
    others = Sending.objects.filter(thread_id=comment.thread_id, kind=Kind.REPLY, asked_at__gt=seen_at).exclude(person_id=by.person_id)
    other = others.exclude(state__in=(State.STOPPED, State.FAILED)).select_related("person").first()
    if other is not None:
        raise Overtaken(f"{other.person.name} has answered in the meantime.")
    if Comment.objects.filter(thread_id=comment.thread_id, is_own=True, first_seen_at__gt=seen_at).exclude(shown="deleted").exists():
        own = Sending.objects.filter(thread_id=comment.thread_id, person_id=by.person_id, state=State.SENT, state_since__gt=seen_at)
        if not own.exists():
            raise Overtaken("Somebody has answered on TikTok in the meantime.")


def stop(sending: Sending, *, by: Membership) -> bool:
    """Keep it from going. False when it is on its way already."""
    with transaction.atomic():
        waiting = Sending.objects.filter(pk=sending.pk, state=State.WAITING)
        if not waiting.update(state=State.STOPPED, state_since=clock.now(), sentence=""):
            return False
        jobs.drop(WORK, ref=sending.pk)
        audit.record("comment.sending_stopped", sending.comment, by=by, kind=sending.kind)
    return True


def claim(sending_id: UUID, *, now: datetime) -> Sending | None:
    """Take it for the call, before the call: of two workers one gets it, and who dies with it leaves the sign. None when it is not due.

    What somebody claimed and did not finish comes back as unknown when it is a reply: it may have arrived. Everything else says how
    something is to be, and saying it twice is saying it once.
    """
    waiting = Sending.objects.filter(pk=sending_id, state=State.WAITING, goes_at__lte=now)
    if not waiting.update(state=State.SENDING, state_since=now, called_at=now):
        died = Sending.objects.filter(pk=sending_id, state=State.SENDING)
        died.filter(kind=Kind.REPLY).update(state=State.UNKNOWN, state_since=now, sentence=LOST)
        died.exclude(kind=Kind.REPLY).update(called_at=now)
    rows = Sending.objects.filter(pk=sending_id, state__in=(State.SENDING, State.UNKNOWN))
    return rows.select_related("comment__post", "thread__post", "comment__account__connection").first()


LOST = "TikTok’s answer was lost. We are looking whether the reply arrived; it is not sent again by itself."
NOT_THERE = "TikTok’s answer was lost, and the reply is not in the thread. It was not sent a second time."
CANNOT_TELL = "TikTok’s answer was lost, and the thread cannot be read. Look on TikTok before you send it again."


def put_back(sending: Sending, *, until: datetime, sentence: str) -> None:
    """It did not leave; it goes later and can be stopped until then."""
    rows = Sending.objects.filter(pk=sending.pk, state=State.SENDING)
    rows.update(state=State.WAITING, goes_at=until, state_since=clock.now(), called_at=None, sentence=sentence[:300])


def note_lost(sending: Sending) -> None:
    """It may have arrived."""
    Sending.objects.filter(pk=sending.pk, state=State.SENDING).update(state=State.UNKNOWN, state_since=clock.now(), sentence=LOST)


def note_failed(sending: Sending, sentence: str) -> None:
    """It was refused, or is known not to have arrived. What was written stays."""
    rows = Sending.objects.filter(pk=sending.pk, state__in=(State.SENDING, State.UNKNOWN, State.WAITING))
    rows.update(state=State.FAILED, state_since=clock.now(), sentence=sentence[:300])


def note_sent(sending: Sending, *, call_id: int | None, reply: tiktok.Comment | None = None) -> None:
    """It is done on TikTok; here everything stands as it does there, without waiting for the next look."""
    now, comment = clock.now(), sending.comment
    keeping.hold(sending.workspace_id, [comment.tiktok_comment_id])
    rows = Sending.objects.filter(pk=sending.pk, state__in=(State.SENDING, State.UNKNOWN))
    rows.update(
        state=State.SENT, state_since=now, sentence="", call_id=call_id, tiktok_comment_id=reply.comment_id if reply is not None else ""
    )
    match sending.kind:
        case Kind.REPLY if reply is not None:
            _keep_reply(sending, reply, call_id=call_id, now=now)
        case Kind.LIKE | Kind.UNLIKE:
            Comment.objects.filter(pk=comment.pk).update(is_liked=sending.kind == Kind.LIKE)
        case Kind.HIDE | Kind.SHOW:
            shown = Comment.Shown.HIDDEN if sending.kind == Kind.HIDE else Comment.Shown.VISIBLE
            Comment.objects.filter(pk=comment.pk).exclude(shown=Comment.Shown.DELETED).update(shown=shown)
            keeping.settle(sending.workspace_id, [sending.thread_id], now=now)
        case Kind.DELETE:
            store.note_gone(comment.account, [comment.tiktok_comment_id], now=now)


def _keep_reply(sending: Sending, reply: tiktok.Comment, *, call_id: int | None, now: datetime) -> None:
    connection = sending.comment.account.connection
    own = replace(
        reply,
        is_owner=True,
        parent_comment_id=reply.parent_comment_id or sending.thread.tiktok_comment_id,
        username=reply.username or connection.handle,
        display_name=reply.display_name or connection.display_name,
        text=reply.text or sending.text,
    )
    reading = store.reading_of(sending.comment.account, now=now)
    kept = store.keep(sending.comment.account, sending.thread.post_id, [own], reading=reading, call_id=call_id, now=now)
    if kept.new_count:
        thread = Comment.objects.filter(pk=sending.thread_id)
        thread.update(replies_count=F("replies_count") + 1, replies_read_count=F("replies_read_count") + 1)


def is_the_reply(sending: Sending, told: tiktok.Comment) -> bool:
    """Whether a comment in the thread is the reply whose answer was lost: the account's own, of the same words, not from before."""
    if not told.is_owner or told.created_at is None or sending.called_at is None:
        return False
    same = " ".join((told.text or "").split()) == " ".join(sending.text.split())
    return same and told.created_at >= sending.called_at - timedelta(seconds=60)


def known_replies(sending: Sending) -> set[str]:
    """Replies that came of other sendings, or were here before this one was called: not this one."""
    others = Sending.objects.filter(thread_id=sending.thread_id).exclude(pk=sending.pk).exclude(tiktok_comment_id="")
    before = Comment.objects.filter(thread_id=sending.thread_id, is_own=True, first_seen_at__lt=sending.called_at)
    return {*others.values_list("tiktok_comment_id", flat=True), *before.values_list("tiktok_comment_id", flat=True)}


def longest() -> int:
    """How many UTF-16 units TikTok takes."""
    return int(settings.TIKTOK_COMMENT_LONGEST)
