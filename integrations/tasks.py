"""Jobs of connections. A sweep claims and sends; a task takes ids and does one thing."""

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from uuid import UUID

from celery import shared_task
from redis.exceptions import RedisError

from agency import audit, clock, jobs, scope
from agency.jobs import WorkspaceTask
from agency.key_service import KeyServiceError
from agency.models import Membership
from agency.outlets import mail
from agency.queries import roles_that
from agency.shared_redis import shared_redis
from integrations import actions, ad_accounts, consent, emails, events, health, looks, queries, refresh, revocation
from integrations.models import Connection, Flow
from integrations.tiktok.errors import ReconnectNeeded, TikTokError

logger = logging.getLogger(__name__)
_ALARMS_TOLD = "alarms:told"


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
            actions.plan_end(connection)  # TikTok may have moved it
            jobs.finish(claim, again_at=actions.refresh_time(connection))


@shared_task
def look_due() -> int:
    """Ask TikTok whether consents for ad accounts still hold."""
    return jobs.send(look_one, jobs.claim_due("advertiser_look"))


@shared_task(base=WorkspaceTask)
def look_one(*, workspace_id: str, ref: str, key: str) -> None:
    """One advertiser's consent."""
    claim = jobs.take("advertiser_look", ref=ref, key=key)
    if claim is None:
        return
    try:
        lost_count = looks.look(claim.ref)
    except ReconnectNeeded:
        jobs.nudge("connection_lost_mail")
        return
    except (TikTokError, KeyServiceError):
        with suppress(jobs.ClaimLost), scope.begin():
            jobs.postpone(claim, until=clock.now() + jobs.backoff(claim.attempt))
        return
    if lost_count:
        jobs.nudge("connection_lost_mail")
    with suppress(jobs.ClaimLost), scope.begin():
        connection = Connection.objects.live().filter(pk=claim.ref).first()
        jobs.finish(claim, again_at=ad_accounts.look_time(connection) if connection else None)


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
            for offered_more in Connection.objects.live().of_advertisers().filter(pk=claim.ref):
                actions.withdraw_offers(offered_more)
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
        about = _letter_about(claim.ref)
        if about is None:
            return
        letter, flow, is_seen_by, only = about
        told = _who_can_reconnect(flow, is_seen_by)
        told = [m for m in told if m.person_id == only] or told
        for staff in (m for m in told if m.as_role.is_staff):
            audit.record_read("connection_lost_mail", by=staff, of="connection", ref=str(claim.ref))
    _send(letter, told)


def _send(letter: Callable[..., mail.Message], told: Iterable[Membership]) -> None:
    for person in (m.person for m in told):
        try:
            mail.send(letter(to=person.email, name=person.name))
        except (mail.TryAgain, mail.Refused):
            continue


@shared_task
def tell_ends_due() -> int:
    """Tell people in time of consents that will end for good."""
    return jobs.send(tell_end, jobs.claim_due("grant_end_mail"))


@shared_task(base=WorkspaceTask)
def tell_end(*, workspace_id: str, ref: str, key: str) -> None:
    """One mail to each member who can connect the account again, once for a consent. The claim is spent before the first mail leaves."""
    claim = jobs.take("grant_end_mail", ref=ref, key=key)
    if claim is None:
        return
    with suppress(jobs.ClaimLost), scope.begin():
        connection = Connection.objects.live().filter(pk=claim.ref).select_related("workspace").first()
        tell_at = connection.tell_end_at if connection else None
        if tell_at is not None and tell_at > clock.now():
            jobs.finish(claim, again_at=tell_at)
            return
        jobs.finish(claim)
        if tell_at is None or not actions.note_end_told(connection):
            return
        told = _who_can_reconnect(Flow(connection.kind), partial(_sees_connection, connection))
        for staff in (m for m in told if m.as_role.is_staff):
            audit.record_read("grant_end_mail", by=staff, of="connection", ref=str(claim.ref))
        letter = partial(emails.grant_ends, connection)
    _send(letter, told)


def _who_can_reconnect(flow: Flow, is_seen_by: Callable[[Membership], bool]) -> list[Membership]:
    """A creator may reconnect, but hears of no other account than their own."""
    members = Membership.objects.filter(role__in=roles_that(consent.NEEDED[flow]), person__is_active=True).select_related("person")
    return [m for m in members if is_seen_by(m)]


def _letter_about(ref: UUID) -> tuple[Callable[..., mail.Message], Flow, Callable[[Membership], bool], UUID | None] | None:
    """What there is to tell now: a connection may have been made anew, or have ended, since the mail was asked for.

    The letter, whose capability it takes to mend it, who may hear of it, and the one person whom it concerns most.
    """
    lost = queries.lost(ref)
    if lost is not None:
        return partial(emails.connection_lost, lost), lost.flow, partial(_sees_lost, lost), None
    connection = Connection.objects.filter(pk=ref).select_related("workspace").first()
    if connection is None or not connection.was_removed_in_tiktok:
        return None
    sees = partial(_sees_connection, connection)
    return partial(emails.access_removed, connection), Flow(connection.kind), sees, connection.connected_by_id


def _sees_lost(lost: queries.Lost, member: Membership) -> bool:
    return queries.is_seen_by(member, lost)


def _sees_connection(connection: Connection, member: Membership) -> bool:
    return Connection.objects.visible_to(member).filter(pk=connection.pk).exists()


@shared_task
def tell_alarms() -> int:
    """Tell whoever runs the platform what has gone wrong since the last look, in one mail. What lasts is told once, what returns anew."""
    current = health.alarms(health.health())
    client = shared_redis()
    try:
        told = {key.decode() for key in client.hkeys(_ALARMS_TOLD)}
        over = told - {alarm.key for alarm in current}
        if over:
            client.hdel(_ALARMS_TOLD, *over)
        news = [alarm for alarm in current if client.hsetnx(_ALARMS_TOLD, alarm.key, clock.now().isoformat())]
        if news:
            try:
                mail.send(emails.alarms([alarm.sentence for alarm in news]))
            except (mail.TryAgain, mail.Refused):
                client.hdel(_ALARMS_TOLD, *(alarm.key for alarm in news))
                raise
    except RedisError:
        logger.error("alarms cannot be told apart without Redis", extra={"facts": {"keys": [alarm.key for alarm in current]}})
        return 0
    return len(news)
