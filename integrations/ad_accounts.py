"""Writes about ad accounts: offering, linking, unlinking, losing and finding again. No network in any of them.

Whoever changes what is linked locks the connection's row first, as syncs do before they write: nothing is written for an ad account
after it was unlinked.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from agency import address_book, audit, clock, jobs
from agency.models import Membership
from integrations import actions, queries
from integrations.features import AD_ACCOUNTS, READ_CAMPAIGNS, REPORTING, Permission
from integrations.models import AdAccount, Connection, Flow, SyncRun
from integrations.tiktok.advertisers import Advertiser

_NEEDS: dict[SyncRun.Kind, Permission] = {
    SyncRun.Kind.AD_ACCOUNT: AD_ACCOUNTS,
    SyncRun.Kind.CAMPAIGNS: READ_CAMPAIGNS,
    SyncRun.Kind.AD_GROUPS: READ_CAMPAIGNS,
    SyncRun.Kind.ADS: READ_CAMPAIGNS,
    SyncRun.Kind.AD_DAYS: REPORTING,
    SyncRun.Kind.AD_HISTORY: REPORTING,
}
_CLOSED = "TikTok no longer opens this ad account to us. Whoever owns it can add it to the connection again."
_State = AdAccount.State


def offer(connection: Connection, found: Sequence[Advertiser]) -> None:
    """Note what a fresh consent opens. What was linked goes on; the rest waits for a choice, for as long as an account in doubt does."""
    now = clock.now()
    known = {row.advertiser_id: row for row in AdAccount.objects.filter(connection=connection)}
    linked = AdAccount.objects.linked().exclude(connection=connection)
    taken = set(linked.filter(advertiser_id__in=[a.advertiser_id for a in found]).values_list("advertiser_id", flat=True))
    fresh, changed = [], []
    for told in found:
        row = known.get(told.advertiser_id) or AdAccount(
            workspace_id=connection.workspace_id, connection=connection, advertiser_id=told.advertiser_id, state_since=now
        )
        if row.state != _State.LINKED and told.advertiser_id in taken:
            continue
        if row.state == _State.UNLINKED:
            row.state = _State.OFFERED
        with suppress(OtherMoney):  # its own sync says so
            describe(row, told)
        (changed if told.advertiser_id in known else fresh).append(row)
    AdAccount.objects.bulk_create(fresh)
    AdAccount.objects.bulk_update(changed, ["state", *_FACTS], batch_size=500)
    if connection.state == Connection.State.LIVE:
        confirm(connection, {told.advertiser_id for told in found})
        plan_look(connection)
        for row in AdAccount.objects.linked().filter(connection=connection):
            _begin(row, connection)
        if AdAccount.objects.filter(connection=connection, state=_State.OFFERED).exists():
            jobs.put("unanswered", connection.pk, workspace_id=connection.workspace_id, at=now + actions.ANSWER_WITHIN)


_FACTS = ("name", "currency", "time_zone", "tiktok_status", "opened_at")


class OtherMoney(ValueError):
    """TikTok names another currency or time zone than the stored figures were told in."""


def describe(row: AdAccount, told: Advertiser) -> bool:
    """Take over what TikTok says of an ad account; does not save. True when something changed.

    Figures are stored as numbers of the account's currency on days of its zone: once some are there, neither may change under them.
    """
    before = [getattr(row, name) for name in _FACTS]
    currency, time_zone = actions.printable(told.currency or "", 3), actions.printable(told.timezone or told.display_timezone or "", 64)
    if (row.figures_seen_at or row.figures_from) and (currency, time_zone) != (row.currency, row.time_zone):
        raise OtherMoney(row.advertiser_id)
    row.name = actions.printable(told.name or "", 200)
    row.currency, row.time_zone = currency, time_zone
    row.tiktok_status = actions.printable(told.status or "", 40)
    row.opened_at = told.created_at or row.opened_at
    return before != [getattr(row, name) for name in _FACTS]


def choose(connection: Connection, chosen: Iterable[UUID], *, by: Membership) -> int:
    """Link exactly these of what is offered or linked. Returns how many are linked now. Choosing the same again changes nothing."""
    wanted = set(chosen)
    with transaction.atomic():
        row = _locked(connection)
        if row is None:
            return 0
        if row.state == Connection.State.ASKED:
            row.state, row.state_since = Connection.State.LIVE, clock.now()
            row.save(update_fields=("state", "state_since"))
            address_book.enter(queries.BOOKS[Flow.ADVERTISER], row.tiktok_open_id, workspace_id=row.workspace_id, ref=row.pk)
            plan_look(row)
        jobs.drop("unanswered", ref=row.pk)
        elsewhere = AdAccount.objects.linked().exclude(connection=row).values("advertiser_id")
        rows = AdAccount.objects.filter(connection=row, state__in=(_State.OFFERED, _State.LINKED))
        for ad_account in rows.filter(pk__in=wanted, state=_State.OFFERED).exclude(advertiser_id__in=elsewhere):
            _link(ad_account, row, by)
        for ad_account in rows.filter(state=_State.LINKED).exclude(pk__in=wanted):
            _unlink(ad_account, by)
        actions.withdraw_offers(row)
        return AdAccount.objects.linked().filter(connection=row).count()


def _locked(connection: Connection) -> Connection | None:
    rows = Connection.objects.select_for_update(no_key=True).filter(pk=connection.pk, generation=connection.generation)
    return rows.filter(state__in=(Connection.State.ASKED, Connection.State.LIVE)).first()


def _link(ad_account: AdAccount, connection: Connection, by: Membership) -> None:
    ad_account.state, ad_account.state_since, ad_account.linked_by_id = _State.LINKED, clock.now(), by.person_id
    ad_account.delete_data_on = None
    ad_account.save()
    _begin(ad_account, connection)
    audit.record("ad_account.linked", ad_account, by=by)


def _begin(ad_account: AdAccount, connection: Connection) -> None:
    """Put every kind of its sync back to its beginning; kinds whose permission the app does not have are skipped and say so."""
    for kind, permission in _NEEDS.items():
        lacks = "" if permission.is_in(connection.scopes_granted) else permission.name
        SyncRun.objects.update_or_create(
            workspace_id=ad_account.workspace_id,
            ad_account=ad_account,
            kind=kind,
            defaults=actions.at_its_beginning(connection, lacks=lacks) | {"connection": connection},
        )
    jobs.put("ad_sync", ad_account.pk, workspace_id=ad_account.workspace_id, at=clock.now(), priority=jobs.Priority.INTERACTIVE)
    jobs.put("ad_comments", ad_account.pk, workspace_id=ad_account.workspace_id, at=clock.now(), priority=jobs.Priority.BACKFILL)


def unlink(ad_account: AdAccount, *, by: Membership) -> bool:
    """Stop reading one ad account. True when none is left: then nothing remains to hold a token for."""
    with transaction.atomic():
        row = _locked(ad_account.connection)
        live = AdAccount.objects.filter(connection=ad_account.connection, state__in=(_State.LINKED, _State.LOST))
        mine = live.filter(pk=ad_account.pk).first()
        if row is not None and mine is not None:
            _unlink(mine, by)
        return row is not None and not live.exists()


def _unlink(ad_account: AdAccount, by: Membership) -> None:
    now = clock.now()
    ad_account.state, ad_account.state_since = _State.UNLINKED, now
    ad_account.delete_data_on = actions.deletion_date(now.date())
    ad_account.save()
    _stop(ad_account, "")
    audit.record("ad_account.unlinked", ad_account, by=by)


def _stop(ad_account: AdAccount, sentence: str) -> None:
    for kind in ("ad_sync", "ad_comments"):
        jobs.drop(kind, ref=ad_account.pk)
    waiting = SyncRun.objects.filter(ad_account=ad_account)
    waiting.update(due_at=None)
    waiting.filter(state__in=(SyncRun.State.WAITING, SyncRun.State.RUNNING)).update(state=SyncRun.State.FAILED, sentence=sentence)


def confirm(connection: Connection, opened: set[str]) -> int:
    """TikTok has just told which ad accounts the token opens. Those that are gone are told about once; those that came back go on.

    Returns how many were lost.
    """
    with transaction.atomic():
        row = _locked(connection)
        if row is None:
            return 0
        now = clock.now()
        Connection.objects.filter(pk=row.pk).update(token_refreshed_at=now)
        lost = list(AdAccount.objects.linked().filter(connection=row).exclude(advertiser_id__in=opened))
        for ad_account in lost:
            AdAccount.objects.filter(pk=ad_account.pk).update(state=_State.LOST, state_since=now)
            _stop(ad_account, _CLOSED)
            audit.record("ad_account.lost", ad_account, by=None)
            jobs.put("connection_lost_mail", ad_account.pk, workspace_id=row.workspace_id, at=now)
        elsewhere = AdAccount.objects.linked().exclude(connection=row).values("advertiser_id")
        back = AdAccount.objects.filter(connection=row, state=_State.LOST, advertiser_id__in=opened).exclude(advertiser_id__in=elsewhere)
        for ad_account in back:
            AdAccount.objects.filter(pk=ad_account.pk).update(state=_State.LINKED, state_since=now)
            _begin(ad_account, row)
            jobs.drop("connection_lost_mail", ref=ad_account.pk)
            audit.record("ad_account.found", ad_account, by=None)
    return len(lost)


def plan_look(connection: Connection) -> None:
    """Note when TikTok is asked again which ad accounts the token opens."""
    jobs.put("advertiser_look", connection.pk, workspace_id=connection.workspace_id, at=look_time(connection))


def look_time(connection: Connection) -> datetime:
    """Within a day, and not everybody's at the same moment."""
    return clock.now() + timedelta(hours=16 + connection.pk.int % 1000 / 250)


def ask_for_refresh(ad_account: AdAccount, *, by: Membership) -> bool:
    """ "Refresh now": this ad account goes ahead of routine work. False when its consent is not live."""
    with transaction.atomic():
        if not AdAccount.objects.linked().filter(pk=ad_account.pk, connection__state=Connection.State.LIVE).exists():
            return False
        for kind in ("ad_sync", "ad_comments"):
            jobs.put(kind, ad_account.pk, workspace_id=ad_account.workspace_id, at=clock.now(), priority=jobs.Priority.INTERACTIVE)
        SyncRun.objects.filter(ad_account=ad_account, state__in=(SyncRun.State.DONE, SyncRun.State.FAILED)).update(
            state=SyncRun.State.WAITING, due_at=clock.now()
        )
        audit.record("sync.requested", ad_account, by=by)
    return True
