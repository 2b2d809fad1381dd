"""Telling people what was lost, what will end and what is unusual: who hears of it, and what there is to say by now. Runs in the open
scope and sends nothing itself; `letters` brings it together, and a floor above writes it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID, uuid5

from django.db.models import QuerySet

from agency import audit, clock
from agency.models import Membership
from agency.outlets import figures, mail
from agency.queries import roles_that
from integrations import consent, emails, letters, queries
from integrations.models import AdAccount, Connection, Flow, Notice

_RECORDED_AS = {
    Notice.Kind.LOSS: "connection_lost_mail",
    Notice.Kind.END: "grant_end_mail",
    Notice.Kind.UNUSUAL: "unusual_day_mail",
}


@dataclass(frozen=True)
class News:
    """What there is to tell, in a mail of its own or as an entry of several; whose capability it takes to mend it, who may hear of it,
    and whom it concerns most."""

    write: Callable[..., mail.Message]
    title: str
    text: str
    flow: Flow
    is_seen_by: Callable[[Membership], bool]
    only: UUID | None


def address(about: UUID, *, kind: str = Notice.Kind.LOSS) -> None:
    """A notice for each member who can mend it; of what somebody did in TikTok, for who connected the account, if they still can.

    In one transaction with the end of the work that asked for it, so that nobody is written to twice and nobody forgotten.
    """
    news = _news(about, kind)
    if news is None:
        return
    connection_id = AdAccount.objects.filter(pk=about).values_list("connection_id", flat=True).first() or about
    for member in _told(news):
        _note(member, about, kind, connection_id)


def _told(news: News) -> list[Membership]:
    told = [m for m in _members_who_can_mend(news.flow) if news.is_seen_by(m)]  # a creator hears of no account but their own
    return [m for m in told if m.person_id == news.only] or told


def hears_of(connection: Connection) -> list[Membership]:
    """Who gets alerts of an account: each member who sees it and can mend its connection."""
    return [m for m in _members_who_can_mend(Flow(connection.kind)) if _sees(connection, m)]


def address_day(connection: Connection, day: date, *, to: Membership) -> None:
    """A notice that a day of an account is unusual. Noted again changes nothing."""
    _note(to, uuid5(connection.pk, day.isoformat()), Notice.Kind.UNUSUAL, connection.pk, day)


def _note(member: Membership, about: UUID, kind: str, connection_id: UUID, day: date | None = None) -> None:
    now = clock.now()
    _, is_new = Notice.objects.get_or_create(
        workspace_id=member.workspace_id,
        about=about,
        kind=kind,
        membership=member,
        defaults={"connection_id": connection_id, "day": day, "created_at": now},
    )
    if is_new:
        letters.plan(member, now)
        if member.as_role.is_staff:
            audit.record_read(_RECORDED_AS[kind], by=member, of="connection", ref=str(connection_id if day else about))


def news_for(notice: Notice, member: Membership) -> News | None:
    """What a notice of a loss or an end says by now. None when there is nothing left to tell, or it is not for this member any more: what
    looked like a loss to a sync may turn out to be somebody's own wish when TikTok's message comes."""
    news = _news(notice.about, notice.kind)
    return news if news is not None and member.pk in {m.pk for m in _told(news)} else None


def _news(about: UUID, kind: str) -> News | None:
    """What there is to tell now: a connection may have been made anew, or have ended, since the notice was written down."""
    return _end(about) if kind == Notice.Kind.END else _loss(about)


def _end(about: UUID) -> News | None:
    connection = Connection.objects.live().filter(pk=about, end_told_at__isnull=False).select_related("workspace").first()
    if connection is None:
        return None
    title = f"TikTok’s access to {connection.shown_name} ends on {figures.long_day(connection.refresh_expires_at.date())}"
    text = "Connect it again before that day: everything stays as it is, and no day of figures is missed."
    return News(partial(emails.grant_ends, connection), title, text, Flow(connection.kind), partial(_sees, connection), None)


def _loss(about: UUID) -> News | None:
    lost = queries.lost(about)
    if lost is not None:
        title = f"{lost.name} needs to be reconnected"
        text = f"{lost.reason} Since {figures.moment_text(lost.since)} nothing new arrives."
        return News(partial(emails.connection_lost, lost), title, text, lost.flow, lambda member: queries.is_seen_by(member, lost), None)
    connection = Connection.objects.filter(pk=about).select_related("workspace").first()
    if connection is None or not connection.was_removed_in_tiktok:
        return None
    title = f"{connection.shown_name} was disconnected in TikTok"
    text = f"Its data is deleted on {figures.long_day(connection.delete_data_on)}, unless it is connected again."
    return News(
        partial(emails.access_removed, connection),
        title,
        text,
        Flow(connection.kind),
        partial(_sees, connection),
        connection.connected_by_id,
    )


def _sees(connection: Connection, member: Membership) -> bool:
    return Connection.objects.visible_to(member).filter(pk=connection.pk).exists()


def _members_who_can_mend(flow: Flow) -> QuerySet[Membership]:
    return Membership.objects.filter(role__in=roles_that(consent.NEEDED[flow]), person__is_active=True).select_related("person")
