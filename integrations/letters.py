"""Letters to members: each tells of everything that came up in a while, at most so many a day, until it has left. Sends nothing itself;
runs in the open scope. What a letter says, the floor decides that knows it all.
"""

from datetime import datetime, timedelta

from agency import audit, clock, jobs
from agency.models import Membership
from integrations.models import Letter, Notice

COLLECTS = timedelta(minutes=10)  # troubles seldom come alone
PAUSE, MOST_A_DAY = timedelta(hours=1), 4


def plan(member: Membership, now: datetime) -> None:
    """Somebody is to hear of something: in some minutes, with whatever else comes up until then, or when they may be written to again."""
    jobs.put("notice", member.pk, workspace_id=member.workspace_id, at=max(now + COLLECTS, _free_at(member, now)))


def _free_at(member: Membership, now: datetime) -> datetime:
    """From when on another letter may leave."""
    rows = Letter.objects.filter(membership=member, ended_at__gt=now - timedelta(days=1)).order_by("-ended_at")
    ended = [row.ended_at for row in rows]
    free = [now, *(moment + PAUSE for moment in ended[:1]), *(moment + timedelta(days=1) for moment in ended[MOST_A_DAY - 1 : MOST_A_DAY])]
    return max(free)


def begin(claim: jobs.Claim) -> Letter | None:
    """The letter that is to leave now, with its notices bound to it. None, and the work is put away, when there is none or not yet."""
    _from_before(claim)
    member = Membership.objects.filter(pk=claim.ref, person__is_active=True).first()
    if member is None:
        Notice.objects.filter(membership_id=claim.ref).delete()
        jobs.finish(claim)
        return None
    letter = Letter.objects.filter(membership=member, ended_at=None).first()
    if letter is None:
        now = clock.now()
        waiting = Notice.objects.filter(membership=member, letter=None)
        free_at = _free_at(member, now)
        if free_at > now or not waiting.exists():
            jobs.finish(claim, again_at=free_at if waiting.exists() else None)
            return None
        Letter.objects.filter(membership=member, ended_at__lte=now - timedelta(days=1)).delete()
        letter = Letter.objects.create(workspace_id=member.workspace_id, membership=member, created_at=now)
        waiting.update(letter=letter)
    jobs.renew(claim)
    return letter


def _from_before(claim: jobs.Claim) -> None:
    """Work that was put when each notice had a letter of its own names a notice."""
    notice = Notice.objects.filter(pk=claim.ref).select_related("membership").first()
    if notice is not None:
        plan(notice.membership, clock.now())


def nothing_to_tell(letter: Letter, claim: jobs.Claim) -> None:
    """All of it is over, or its reader may no longer hear of it: the letter is not written."""
    letter.delete()
    _finish(letter, claim)


def put_off(letter: Letter, claim: jobs.Claim) -> bool:
    """Try again later. False when it has been tried for long enough."""
    if clock.now() - letter.created_at >= Letter.KEPT:
        return False
    jobs.postpone(claim, until=clock.now() + jobs.backoff(claim.attempt))
    return True


def end(letter: Letter, claim: jobs.Claim, *, outcome: str) -> None:
    """The letter has left, or never will: `sent`, `refused` or `given_up`."""
    Notice.objects.filter(letter=letter).delete()
    Letter.objects.filter(pk=letter.pk).update(ended_at=clock.now())
    _finish(letter, claim)
    verb = "notice.sent" if outcome == "sent" else "notice.not_sent"
    audit.record(verb, letter.membership, by=None, outcome=outcome)


def _finish(letter: Letter, claim: jobs.Claim) -> None:
    """What came up meanwhile has a letter of its own, later."""
    waits = Notice.objects.filter(membership=letter.membership, letter=None).exists()
    jobs.finish(claim, again_at=_free_at(letter.membership, clock.now()) if waits else None)
