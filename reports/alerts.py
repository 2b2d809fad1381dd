"""Alerts: finding unusual days, and writing the one letter that tells a member of everything that came up. No network."""

from django.conf import settings
from django.db import transaction

from agency import clock, jobs
from agency.models import Membership
from agency.outlets import figures, mail
from agency.roles import Can
from integrations import letters, telling
from integrations.models import Connection, Letter, Notice
from metrics import store, unusual
from metrics.models import Account
from reports import emails, queries
from reports.emails import Entry
from reports.models import StoppedMail


def look_for_unusual_days(claim: jobs.Claim) -> None:
    """Look once at each day of an account that has become final, and note for whom there is news: one transaction."""
    with transaction.atomic():
        connection = Connection.objects.live().filter(pk=claim.ref).first()
        account = Account.objects.select_for_update().filter(connection=connection).first() if connection else None
        days = unusual.days_to_judge(account, now=clock.now()) if account else []
        found = [day for day in days if unusual.unusual_day(account, day)]
        if found:
            for member in telling.hears_of(connection):
                if not queries.stopped_kind(member.pk, StoppedMail.Kind.UNUSUAL):
                    for day in found:
                        telling.address_day(connection, day, to=member)
        if days:
            store.note_judged(account, until=days[-1])
        jobs.finish(claim)


def write(claim: jobs.Claim) -> tuple[Letter, mail.Message] | None:
    """The letter that is to leave now, and what it says by now. None when there is nothing left to tell, or not yet."""
    with transaction.atomic():
        letter = letters.begin(claim)
        if letter is None:
            return None
        member = Membership.objects.select_related("person", "workspace").get(pk=letter.membership_id)
        notices = list(Notice.objects.filter(letter=letter).order_by("kind", "created_at", "pk"))
        told = [(notice, telling.news_for(notice, member)) for notice in notices if notice.kind != Notice.Kind.UNUSUAL]
        news = [one for _, one in told if one is not None]
        days = [entry for notice in notices if notice.kind == Notice.Kind.UNUSUAL and (entry := _day(notice, member))]
        if not news and not days:
            letters.nothing_to_tell(letter, claim)
            return None
        if len(news) == 1 and not days:
            return letter, news[0].write(to=member.person.email, name=member.person.name)
        integrations = f"{settings.APP_URL}/settings/integrations?workspace={member.workspace.slug}"
        entries = [Entry(one.title, one.text, integrations) for one in news]
        return letter, emails.alerts(member, entries, days)


def _day(notice: Notice, member: Membership) -> Entry | None:
    """What there is to say of an unusual day by now: TikTok may have corrected it, or the account may have left."""
    connection = Connection.objects.visible_to(member).live().filter(pk=notice.connection_id).first()
    account = Account.objects.filter(connection=connection).first() if connection else None
    if account is None or notice.day is None or queries.stopped_kind(member.pk, StoppedMail.Kind.UNUSUAL):
        return None
    if member.pk not in {m.pk for m in telling.hears_of(connection)}:
        return None
    found = unusual.unusual_day(account, notice.day)
    if found is None:
        return None
    day = figures.long_day(found.date)
    title = f"{connection.shown_name}: {figures.count(found.views)} views on {found.date:%A}, {day}"
    text = (
        f"That is {'more' if found.is_more else 'less'} than usual ({figures.change(found.views, found.usual)}): the {found.weeks_count} "
        f"{found.date:%A}s before it had a median of {figures.count(found.usual)} views. The day is final."
    )
    page = "performance" if member.as_role.can(Can.VIEW_PERFORMANCE) else "performance/posts"
    asked = f"workspace={member.workspace.slug}&of=account-{connection.pk}&from={found.date}&to={found.date}"
    return Entry(title, text, f"{settings.APP_URL}/{page}?{asked}")
