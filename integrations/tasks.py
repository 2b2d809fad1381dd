"""Jobs of connections. A sweep claims and sends; a task takes ids and does one thing."""

from contextlib import suppress

from celery import shared_task

from agency import clock, jobs, scope
from agency.jobs import WorkspaceTask
from agency.key_service import KeyServiceError
from agency.models import Membership
from agency.outlets import mail
from agency.queries import roles_that
from integrations import actions, ad_accounts, consent, emails, looks, queries, refresh, revocation
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
def tell_due() -> int:
    """Tell people about connections that broke."""
    return jobs.send(tell_one, jobs.claim_due("connection_lost_mail"))


@shared_task(base=WorkspaceTask)
def tell_one(*, workspace_id: str, ref: str, key: str) -> None:
    """One mail to each member who can reconnect. The claim is spent before the first mail leaves: told once, not twice."""
    claim = jobs.take("connection_lost_mail", ref=ref, key=key)
    if claim is None:
        return
    with scope.begin():
        jobs.finish(claim)
        lost = queries.lost(claim.ref)
        if lost is None:
            return
        members = Membership.objects.filter(role__in=roles_that(consent.NEEDED[lost.flow]), person__is_active=True)
        # A creator may reconnect, but hears of no other account than their own.
        people = [m.person for m in members.select_related("person") if queries.is_seen_by(m, lost)]
    for person in people:
        try:
            mail.send(emails.connection_lost(lost, to=person.email, name=person.name))
        except (mail.TryAgain, mail.Refused):
            continue
