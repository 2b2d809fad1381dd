"""Telling people what was lost, and what will end: who hears of it, and each letter until it has left. Runs in the open scope and
sends nothing itself."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from agency import audit, clock, jobs
from agency.models import Membership
from agency.outlets import mail
from agency.queries import roles_that
from integrations import consent, emails, queries
from integrations.models import AdAccount, Connection, Flow, Notice

_RECORDED_AS = {Notice.Kind.LOSS: "connection_lost_mail", Notice.Kind.END: "grant_end_mail"}


@dataclass(frozen=True)
class News:
    """What there is to tell, whose capability it takes to mend it, who may hear of it, and whom it concerns most."""

    write: Callable[..., mail.Message]
    flow: Flow
    is_seen_by: Callable[[Membership], bool]
    only: UUID | None


def address(about: UUID, *, kind: str = Notice.Kind.LOSS) -> None:
    """A letter to each member who can mend it; of what somebody did in TikTok, to who connected the account, if they still can.

    In one transaction with the end of the work that asked for it, so that nobody is written to twice and nobody forgotten.
    """
    news = _news(about, kind)
    if news is None:
        return
    told = [m for m in _members_who_can_mend(news.flow) if news.is_seen_by(m)]  # a creator hears of no account but their own
    told = [m for m in told if m.person_id == news.only] or told
    connection_id = AdAccount.objects.filter(pk=about).values_list("connection_id", flat=True).first() or about
    now = clock.now()
    for member in told:
        notice, is_new = Notice.objects.get_or_create(
            workspace_id=member.workspace_id,
            about=about,
            kind=kind,
            membership=member,
            defaults={"connection_id": connection_id, "created_at": now},
        )
        if is_new:
            jobs.put("notice", notice.pk, workspace_id=member.workspace_id, at=now)
            if member.as_role.is_staff:
                audit.record_read(_RECORDED_AS[kind], by=member, of="connection", ref=str(about))


def letter(claim: jobs.Claim) -> mail.Message | None:
    """What the letter says by now. None, and its work is over, when there is nothing left to tell or its reader has left."""
    notice = Notice.objects.filter(pk=claim.ref).first()
    news = _news(notice.about, notice.kind) if notice else None
    member = _members_who_can_mend(news.flow).filter(pk=notice.membership_id).first() if notice and news else None
    if news is None or member is None or not news.is_seen_by(member):
        Notice.objects.filter(pk=claim.ref).delete()
        jobs.finish(claim)
        return None
    jobs.renew(claim)
    return news.write(to=member.person.email, name=member.person.name)


def message_id(notice_id: UUID) -> str:
    """The same for every try."""
    return f"<{notice_id}@{settings.MAIL_DOMAIN}>"


def put_off(claim: jobs.Claim) -> bool:
    """Try again later. False when it has been tried for long enough."""
    notice = Notice.objects.filter(pk=claim.ref).first()
    if notice is None or clock.now() - notice.created_at >= Notice.KEPT:
        return False
    jobs.postpone(claim, until=clock.now() + jobs.backoff(claim.attempt))
    return True


def end(claim: jobs.Claim, *, outcome: str) -> None:
    """The letter has left, or never will: `sent`, `refused` or `given_up`."""
    jobs.finish(claim)
    notice = Notice.objects.filter(pk=claim.ref).select_related("membership").first()
    if notice is not None:
        verb = "notice.sent" if outcome == "sent" else "notice.not_sent"
        audit.record(verb, notice.membership, by=None, outcome=outcome)
        notice.delete()


def _news(about: UUID, kind: str) -> News | None:
    """What there is to tell now: a connection may have been made anew, or have ended, since the letter was asked for."""
    return _end(about) if kind == Notice.Kind.END else _loss(about)


def _end(about: UUID) -> News | None:
    connection = Connection.objects.live().filter(pk=about, end_told_at__isnull=False).select_related("workspace").first()
    if connection is None:
        return None
    return News(partial(emails.grant_ends, connection), Flow(connection.kind), partial(_sees, connection), None)


def _loss(about: UUID) -> News | None:
    lost = queries.lost(about)
    if lost is not None:
        return News(partial(emails.connection_lost, lost), lost.flow, lambda member: queries.is_seen_by(member, lost), None)
    connection = Connection.objects.filter(pk=about).select_related("workspace").first()
    if connection is None or not connection.was_removed_in_tiktok:
        return None
    return News(
        partial(emails.access_removed, connection),
        Flow(connection.kind),
        partial(_sees, connection),
        connection.connected_by_id,
    )


def _sees(connection: Connection, member: Membership) -> bool:
    return Connection.objects.visible_to(member).filter(pk=connection.pk).exists()


def _members_who_can_mend(flow: Flow) -> QuerySet[Membership]:
    return Membership.objects.filter(role__in=roles_that(consent.NEEDED[flow]), person__is_active=True).select_related("person")
