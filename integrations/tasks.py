"""Jobs of connections. A sweep claims and sends; a task takes ids and does one thing."""

import logging
from contextlib import suppress

from celery import shared_task
from redis.exceptions import RedisError

from agency import clock, jobs, scope
from agency.jobs import WorkspaceTask
from agency.key_service import KeyServiceError
from agency.outlets import mail
from agency.shared_redis import shared_redis
from integrations import actions, ad_accounts, avatars, emails, events, health, looks, queries, refresh, revocation, telling, trips
from integrations.gateway import picture_rules
from integrations.models import Connection, Notice
from integrations.thumbnails import NotAPicture, thumbnail
from integrations.tiktok import pictures
from integrations.tiktok.errors import NotUnderstood, ReconnectNeeded, TikTokError, TryLater

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
def closed_workspaces_due() -> int:
    """End what closed workspaces still hold at TikTok."""
    return jobs.send(end_all_of_one, jobs.claim_due("workspace_closed"))


@shared_task(base=WorkspaceTask)
def end_all_of_one(*, workspace_id: str, ref: str, key: str) -> None:
    """Every connection of a workspace that was closed is ended as Disconnect ends it. What was cut short is gone on with."""
    claim = jobs.take("workspace_closed", ref=ref, key=key)
    if claim is None:
        return
    with scope.begin():
        left = list(queries.not_ended())
    try:
        for connection in left:
            revocation.end(connection, by=None)
            with scope.begin():
                jobs.renew(claim)
    except jobs.ClaimLost:  # the workspace was opened again, or another worker is at it
        return
    except (TikTokError, KeyServiceError):
        with suppress(jobs.ClaimLost), scope.begin():
            jobs.postpone(claim, until=clock.now() + jobs.backoff(claim.attempt))
        return
    with suppress(jobs.ClaimLost), scope.begin():
        jobs.finish(claim)


@shared_task
def tell_due() -> int:
    """Tell people about connections that broke or were removed in TikTok."""
    return jobs.send(tell_one, jobs.claim_due("connection_lost_mail"))


@shared_task(base=WorkspaceTask)
def tell_one(*, workspace_id: str, ref: str, key: str) -> None:
    """Write down who is to hear of one loss; from then on each letter goes its own way."""
    claim = jobs.take("connection_lost_mail", ref=ref, key=key)
    if claim is None:
        return
    with suppress(jobs.ClaimLost), scope.begin():
        telling.address(claim.ref)
        jobs.finish(claim)
    jobs.nudge("notice")


@shared_task
def tell_ends_due() -> int:
    """Tell people in time of consents that will end for good."""
    return jobs.send(tell_end, jobs.claim_due("grant_end_mail"))


@shared_task(base=WorkspaceTask)
def tell_end(*, workspace_id: str, ref: str, key: str) -> None:
    """Write down, once for a consent, who is to hear that it will end; from then on each letter goes its own way."""
    claim = jobs.take("grant_end_mail", ref=ref, key=key)
    if claim is None:
        return
    with suppress(jobs.ClaimLost), scope.begin():
        connection = Connection.objects.live().filter(pk=claim.ref).first()
        tell_at = connection.tell_end_at if connection else None
        if tell_at is not None and tell_at > clock.now():
            jobs.finish(claim, again_at=tell_at)
            return
        jobs.finish(claim)
        if tell_at is not None and actions.note_end_told(connection):
            telling.address(claim.ref, kind=Notice.Kind.END)
    jobs.nudge("notice")


@shared_task
def avatars_due() -> int:
    """Fetch pictures of accounts that are wanted."""
    return jobs.send(avatar_one, jobs.claim_due("avatar"))


@shared_task(base=WorkspaceTask)
def avatar_one(*, workspace_id: str, ref: str, key: str) -> None:
    """One account's picture. What cannot be had leaves the one that is there, or the account's initials."""
    claim = jobs.take("avatar", ref=ref, key=key)
    if claim is None:
        return
    with suppress(jobs.ClaimLost):
        with scope.begin():
            wanted = avatars.wanted(claim.ref)
        picture = None
        try:
            picture = thumbnail(pictures.fetch(wanted.url, rules=picture_rules())) if wanted else None
        except TryLater:
            if claim.attempt < avatars.TRIES:
                with scope.begin():
                    jobs.postpone(claim, until=clock.now() + jobs.backoff(claim.attempt))
                return
        except (NotUnderstood, NotAPicture) as error:
            logger.warning("a picture was not taken: %s", error, extra={"facts": {"connection": str(claim.ref)}})
        with scope.begin():
            jobs.finish(claim)
            if wanted:
                avatars.settle(wanted, picture)


@shared_task
def old_consents_due() -> int:
    """Forget trips to TikTok's consent page that were kept long enough."""
    return jobs.send(forget_consents, jobs.claim_due("old_consents"))


@shared_task(base=WorkspaceTask)
def forget_consents(*, workspace_id: str, ref: str, key: str) -> None:
    """Forget one workspace's old consents, and come back when the next one is old."""
    claim = jobs.take("old_consents", ref=ref, key=key)
    if claim is None:
        return
    with suppress(jobs.ClaimLost), scope.begin():
        trips.forget_old_trips(claim.workspace_id)
        jobs.finish(claim, again_at=trips.next_trip_to_forget(claim.workspace_id))


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
