"""Doing on TikTok what was asked for, one row at a time, inside the frame of a sync run: token, fence, limits, origin.

A reply is called for once. When its answer is lost, or a worker dies over it, the thread is read to see whether it arrived, and it is
never sent again by itself.
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError

from agency import clock, jobs, scope
from agency.jobs import Claim
from agency.key_service import KeyServiceError
from community import answering
from community.answering import Kind, State
from community.models import Sending
from integrations import actions
from integrations.models import Connection
from integrations.sync import Run, Superseded, TurnOver
from integrations.tiktok import comments as tiktok
from integrations.tiktok.errors import OurMistake, ReconnectNeeded, TikTokError, TokenExpired, TryLater

logger = logging.getLogger(__name__)
MOST_TRIES = 20
_PAGES_OF_A_THREAD = 40
_ENDED = "The account was disconnected before it could be done."


def send(claim: Claim) -> None:
    """One row, whatever state it is in."""
    with scope.begin():
        sending = answering.claim(claim.ref, now=clock.now())
        if sending is None:
            _over_or_later(claim)
            return
        connection = Connection.objects.live().filter(pk=sending.comment.account.connection_id).first()
        if connection is None or not connection.has(answering.SCOPE):
            answering.note_failed(sending, answering.why_not(connection) if connection else _ENDED)
            jobs.finish(claim)
            return
    work = Run(connection, claim)
    try:
        if sending.state == State.UNKNOWN:
            _look(work, claim, sending)
        else:
            _call(work, claim, sending)
    except (Superseded, jobs.ClaimLost):
        _drop(claim, sending)
    except (OperationalError, InterfaceError) as error:  # the row says that it was called; whoever comes next looks
        logger.warning("a sending stopped: the database went away: %s", type(error).__name__)


def _over_or_later(claim: Claim) -> None:
    row = Sending.objects.filter(pk=claim.ref, state=State.WAITING).first()
    with suppress(jobs.ClaimLost):
        jobs.finish(claim, again_at=row.goes_at if row else None, priority=jobs.Priority.INTERACTIVE)


def _drop(claim: Claim, sending: Sending) -> None:
    """The account was disconnected, or somebody else is at it. What is known is that it was called, or was not."""
    with suppress(jobs.ClaimLost), scope.begin():
        if sending.kind == Kind.REPLY:
            answering.note_lost(sending)
        else:
            answering.note_failed(sending, _ENDED)
        jobs.finish(claim)


def _call(work: Run, claim: Claim, sending: Sending) -> None:
    try:
        reply = _do(work, sending)
    except ReconnectNeeded as error:
        with scope.begin():
            actions.mark_broken(work.connection, reason=error.sentence)
            answering.note_failed(sending, error.sentence)
            jobs.finish(claim)
    except TikTokError as error:
        _went_wrong(claim, sending, error)
    except KeyServiceError:
        _put_back(claim, sending, clock.now() + jobs.backoff(claim.attempt), "The key service does not answer. It goes as soon as it does.")
    else:
        with work.writing() as call_id:
            answering.note_sent(sending, call_id=call_id, reply=reply)
            jobs.finish(claim)


def _do(work: Run, sending: Sending) -> tiktok.Comment | None:
    comment_id, video_id = sending.comment.tiktok_comment_id, sending.comment.post.tiktok_item_id
    match sending.kind:
        case Kind.REPLY:
            return work.ask(tiktok.reply_to_comment, video_id=video_id, comment_id=comment_id, text=sending.text)
        case Kind.LIKE | Kind.UNLIKE:
            work.ask(tiktok.like_comment, comment_id=comment_id, like=sending.kind == Kind.LIKE)
        case Kind.HIDE | Kind.SHOW:
            work.ask(tiktok.hide_comment, video_id=video_id, comment_id=comment_id, hide=sending.kind == Kind.HIDE)
        case Kind.DELETE:
            work.ask(tiktok.delete_comment, comment_id=comment_id)
    return None


def _went_wrong(claim: Claim, sending: Sending, error: TikTokError) -> None:
    """Refused: say why. Not done yet: later. Perhaps done: a reply is looked for, everything else is simply said again."""
    logger.warning("a sending went wrong: %s", error, extra={"facts": {"kind": sending.kind}})
    if error.may_have_run and sending.kind == Kind.REPLY:
        with suppress(jobs.ClaimLost), scope.begin():
            answering.note_lost(sending)
            jobs.finish(claim, again_at=clock.now() + answering.LOOKS[0], priority=jobs.Priority.INTERACTIVE)
    elif (error.may_have_run or isinstance(error, (TryLater, TokenExpired))) and claim.attempt < MOST_TRIES:
        seconds = getattr(error, "retry_after_seconds", None)
        pause = timedelta(seconds=min(seconds, 3600)) if seconds else jobs.backoff(claim.attempt)
        _put_back(claim, sending, clock.now() + pause, error.sentence)
    else:
        with suppress(jobs.ClaimLost), scope.begin():
            answering.note_failed(sending, error.sentence)
            jobs.finish(claim)


def _put_back(claim: Claim, sending: Sending, until: datetime, sentence: str) -> None:
    with suppress(jobs.ClaimLost), scope.begin():
        answering.put_back(sending, until=until, sentence=sentence)
        jobs.postpone(claim, until=until)


def _look(work: Run, claim: Claim, sending: Sending) -> None:
    """Read the thread for a reply whose answer was lost."""
    work.calls_left = _PAGES_OF_A_THREAD
    try:
        found = _find(work, sending)
    except (OurMistake, TurnOver):  # not listed, or too long to be read at once
        with scope.begin():
            Sending.objects.filter(pk=sending.pk).update(sentence=answering.CANNOT_TELL)
            jobs.finish(claim)
        return
    except ReconnectNeeded as error:
        with scope.begin():
            actions.mark_broken(work.connection, reason=error.sentence)
            Sending.objects.filter(pk=sending.pk).update(sentence=answering.CANNOT_TELL)
            jobs.finish(claim)
        return
    except (TikTokError, KeyServiceError):  # not known yet
        with suppress(jobs.ClaimLost), scope.begin():
            jobs.postpone(claim, until=clock.now() + jobs.backoff(claim.attempt))
        return
    with work.writing() as call_id:
        if found is not None:
            answering.note_sent(sending, call_id=call_id, reply=found)
            jobs.finish(claim)
            return
        looked = sending.looked_count + 1
        Sending.objects.filter(pk=sending.pk).update(looked_count=looked)
        if looked < len(answering.LOOKS):
            jobs.finish(claim, again_at=clock.now() + answering.LOOKS[looked], priority=jobs.Priority.INTERACTIVE)
        else:
            answering.note_failed(sending, answering.NOT_THERE)
            jobs.finish(claim)


def _find(work: Run, sending: Sending) -> tiktok.Comment | None:
    with scope.begin():
        known = answering.known_replies(sending)
    cursor = None
    while True:
        page = work.ask(
            tiktok.replies_page,
            video_id=sending.thread.post.tiktok_item_id,
            comment_id=sending.thread.tiktok_comment_id,
            status="ALL",
            cursor=cursor,
            max_count=tiktok.MOST_COMMENTS_A_PAGE,
        )
        for told in page.records:
            if told.comment_id not in known and answering.is_the_reply(sending, told):
                return told
        if not page.has_more:
            return None
        cursor = page.cursor
