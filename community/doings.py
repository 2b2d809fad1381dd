"""How what is on its way to TikTok reads, and what did not get there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agency.chrome import mark
from community.models import Sending
from community.opened import Sent


@dataclass(frozen=True)
class Doing:
    """Something on its way to TikTok, or that did not get there."""

    pk: str
    what: str  # "Your reply", "Hiding the comment by @x"
    text: str
    mark: str
    goes_at: datetime
    is_waiting: bool
    is_reply: bool
    state: str  # in words, without script too
    sentence: str
    is_bad: bool


_DOES = {"like": "Liking", "unlike": "Taking back the like of", "hide": "Hiding", "show": "Showing again", "delete": "Deleting"}


def doings(sendings: Sequence[Sent], *, handle: str, now: datetime) -> list[Doing]:
    """What is under way, and what failed within a day."""
    return [
        _doing(sending, handle)
        for sending in sendings
        if sending.state in Sending.UNDER_WAY or (sending.state == Sending.State.FAILED and now - sending.state_since < timedelta(days=1))
    ]


def _doing(sending: Sent, handle: str) -> Doing:
    is_reply = sending.kind == Sending.Kind.REPLY
    whose = "your reply" if sending.is_readers else f"reply by {sending.person}"
    state = {
        Sending.State.WAITING: f"Sends at {sending.goes_at.astimezone(UTC):%H:%M:%S} UTC",
        Sending.State.SENDING: "Sending",
        Sending.State.UNKNOWN: "Not known whether it arrived",
        Sending.State.FAILED: "Not sent" if is_reply else "Not done",
    }
    return Doing(
        pk=sending.pk,
        what=whose if is_reply else f"{_DOES[sending.kind]} {sending.author}",
        text=sending.text,
        mark=mark(handle),
        goes_at=sending.goes_at,
        is_waiting=sending.state == Sending.State.WAITING,
        is_reply=is_reply,
        state=state[Sending.State(sending.state)],
        sentence=sending.sentence,
        is_bad=sending.state in {Sending.State.FAILED, Sending.State.UNKNOWN},
    )
