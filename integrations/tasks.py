"""Jobs of connections. A sweep claims and sends; a task takes ids and does one thing."""

from collections.abc import Callable
from contextlib import suppress

from celery import shared_task

from agency import audit, clock, jobs, scope
from agency.jobs import WorkspaceTask
from agency.key_service import KeyServiceError
from agency.models import Membership
from agency.outlets import mail
from agency.queries import roles_that
from agency.roles import Can
from integrations import actions, emails, events, refresh, revocation
from integrations.models import Connection
from integrations.tiktok.errors import ReconnectNeeded, TikTokError


@shared_task
def refresh_due() -> int:
    """Renew tokens that are due."""
    return jobs.send(refresh_one, jobs.claim_due("refresh"))


@shared_task(base=WorkspaceTask)
def refresh_one(*, workspace_id: str, ref: str, key: str) -> None:
    """Renew one connection's tokens. The next time is planned when the new ones are saved."""
    claim = jobs.take("refresh", ref=ref, key=key)
    if claim is None:
        return
    try:
        refresh.refresh(claim.ref)
    except ReconnectNeeded:
        jobs.nudge("connection_lost_mail")
    except (TikTokError, KeyServiceError):
        with suppress(jobs.ClaimLost), scope.begin():
            jobs.postpone(claim, until=clock.now() + jobs.backoff(claim.attempt))
        return
    with suppress(jobs.ClaimLost), scope.begin():  # lost when the connection ended meanwhile
        connection = Connection.objects.live().filter(pk=claim.ref).first()
        if connection is None:
            jobs.drop("refresh", ref=claim.ref)
        elif connection.refresh_state == Connection.Refresh.IN_FLIGHT:  # another worker is at it, or died over it
            jobs.postpone(claim, until=clock.now() + refresh.stale_after())
        else:
            jobs.finish(claim, again_at=actions.refresh_time(connection))


@shared_task
def revoke_due() -> int:
    """Have tokens revoked that were not confirmed yet."""
    return jobs.send(revoke_one, jobs.claim_due("revoke"))


@shared_task(base=WorkspaceTask)
def revoke_one(*, workspace_id: str, ref: str, key: str) -> None:
    """Try once to have one connection's tokens revoked."""
    claim = jobs.take("revoke", ref=ref, key=key)
    if claim is None:
        return
    if revocation.revoke_now(claim.ref):
        with scope.begin():
            jobs.drop("revoke", ref=claim.ref)
    else:
        with suppress(jobs.ClaimLost), scope.begin():
            jobs.postpone(claim, until=clock.now() + jobs.backoff(claim.attempt))


@shared_task
def unanswered_due() -> int:
    """End connections whose account was in doubt and about which nobody answered."""
    return jobs.send(unanswered_one, jobs.claim_due("unanswered"))


@shared_task(base=WorkspaceTask)
def unanswered_one(*, workspace_id: str, ref: str, key: str) -> None:
    """One question that ran out. The work goes with the connection's end; an answer given meanwhile has taken it away already."""
    claim = jobs.take("unanswered", ref=ref, key=key)
    if claim is None:
        return
    with scope.begin():
        connection = Connection.objects.filter(pk=claim.ref, state=Connection.State.ASKED).first()
        if connection is None:
            jobs.drop("unanswered", ref=claim.ref)
            return
    revocation.end(connection, by=None)


@shared_task
def events_due() -> int:
    """Act on what TikTok told us."""
    return jobs.send(event_one, jobs.claim_due("event"))


@shared_task(base=WorkspaceTask)
def event_one(*, workspace_id: str, ref: str, key: str) -> None:
    """One event. If this worker dies before the keys are destroyed, the revoke job does it: its work is there from the same moment."""
    claim = jobs.take("event", ref=ref, key=key)
    if claim is None:
        return
    with suppress(jobs.ClaimLost):
        with scope.begin():
            ended_id = events.settle(claim.ref)
            jobs.finish(claim)
        if ended_id is not None:
            revocation.revoke_now(ended_id)
            jobs.nudge("connection_lost_mail")


@shared_task
def old_events_due() -> int:
    """Forget events that were kept long enough."""
    return jobs.send(forget_events, jobs.claim_due("old_events"))


@shared_task(base=WorkspaceTask)
def forget_events(*, workspace_id: str, ref: str, key: str) -> None:
    """Forget one workspace's old events, and come back when the next one is old."""
    claim = jobs.take("old_events", ref=ref, key=key)
    if claim is None:
        return
    with suppress(jobs.ClaimLost), scope.begin():
        events.forget_old()
        jobs.finish(claim, again_at=events.next_to_forget())


@shared_task
def tell_due() -> int:
    """Tell people about connections that broke or were removed in TikTok."""
    return jobs.send(tell_one, jobs.claim_due("connection_lost_mail"))


@shared_task(base=WorkspaceTask)
def tell_one(*, workspace_id: str, ref: str, key: str) -> None:
    """One mail to each member who can reconnect; of what somebody did in TikTok, to who connected the account, if they still can.

    The claim is spent before the first mail leaves: told once, not twice.
    """
    claim = jobs.take("connection_lost_mail", ref=ref, key=key)
    if claim is None:
        return
    with scope.begin():
        jobs.finish(claim)
        connection = Connection.objects.filter(pk=claim.ref).select_related("workspace").first()
        letter = _letter_about(connection)
        members = Membership.objects.filter(role__in=roles_that(Can.MANAGE_CONNECTIONS), person__is_active=True).select_related("person")
        # A creator may reconnect, but hears of no other account than their own.
        told = [m for m in members if letter and Connection.objects.visible_to(m).filter(pk=connection.pk).exists()]
        if letter is emails.access_removed:
            told = [m for m in told if m.person_id == connection.connected_by_id] or told
        for staff in (m for m in told if m.as_role.is_staff):
            audit.record_read("connection_lost_mail", by=staff, of="connection", ref=str(connection.pk))
    for person in (m.person for m in told):
        try:
            mail.send(letter(connection, to=person.email, name=person.name))
        except (mail.TryAgain, mail.Refused):
            continue


def _letter_about(connection: Connection | None) -> Callable[..., mail.Message] | None:
    """What there is to tell now: a connection may have been made anew, or have ended, since the mail was asked for."""
    if connection is None:
        return None
    if connection.state == Connection.State.BROKEN:
        return emails.connection_lost
    return emails.access_removed if connection.was_removed_in_tiktok else None
