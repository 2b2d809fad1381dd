"""Writes about connections: keeping a grant, breaking, disconnecting. No network in any of them."""

import uuid
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection as database
from django.db import transaction

from agency import address_book, audit, clock, jobs
from agency.models import Membership
from integrations import avatars, queries, trips
from integrations.features import Feature
from integrations.models import AdAccount, Connection, ConsentRequest, FeatureSwitch, Flow, PendingRevocation, SyncRun
from integrations.vault import SealedGrant

DELETE_WITHIN = timedelta(days=90)
ANSWER_WITHIN = ConsentRequest.LIFETIME  # for an account in doubt: until then its tokens are kept, and used for nothing
_NEEDS = {
    SyncRun.Kind.PROFILE: "user.info.basic",
    SyncRun.Kind.ACCOUNT_DAYS: "user.insights",
    SyncRun.Kind.POSTS: "video.list",
    SyncRun.Kind.OLDER_POSTS: "video.list",
    SyncRun.Kind.MENTIONS: "biz.brand.insights",
    SyncRun.Kind.AUDIENCE: "user.insights",
}


def place_for(flow: str, open_id: str) -> tuple[UUID, int]:
    """Id and generation under which a grant for this account, or person, will be stored: those of the row that exists, or new ones."""
    row = Connection.objects.filter(kind=flow, tiktok_open_id=open_id).first()
    return (row.pk, row.generation + 1) if row else (uuid.uuid4(), 1)


class PlaceTaken(Exception):
    """Another consent for the same account was stored in between. Ask for the place again and seal anew."""


class BeingErased(Exception):
    """The account's data is being erased at this moment. A consent that came in between would be half of each."""


def keep_grant(
    request: ConsentRequest, *, connection_id: UUID, generation: int, open_id: str, scopes: frozenset[str], sealed: SealedGrant
) -> Connection:
    """Store a grant. An account that was here before comes back with its history; a new one in doubt waits for a yes.

    In doubt is an account that another workspace holds too, or one other than that which was to be reconnected. An advertiser's grant
    waits until ad accounts were chosen, unless some are linked already.
    """
    with transaction.atomic(), database.cursor() as cursor:
        lock = int.from_bytes(address_book.hash_of("connection", f"{request.workspace_id}:{open_id}")[:8], signed=True)
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
        if place_for_is_stale(request.flow, open_id, connection_id, generation):
            raise PlaceTaken
        if Connection.objects.select_for_update().filter(pk=connection_id).exclude(erasure_began_at=None).exists():
            raise BeingErased
        in_doubt = _is_in_doubt(request, connection_id, open_id)
        now = clock.now()
        values = {
            "state": Connection.State.ASKED if in_doubt else Connection.State.LIVE,
            "state_since": now,
            "broken_reason": "",
            "generation": generation,
            "scopes_asked": request.scopes_asked,
            "scopes_granted": sorted(scopes),
            "connected_at": now,
            "connected_by_id": request.person_id,
            "refresh_state": Connection.Refresh.IDLE,
            "refresh_started_at": None,
            "disconnected_at": None,
            "disconnected_by": None,
            "tiktok_revoked_at": None,
            "delete_data_on": None,
            "end_told_at": None,
            **asdict(sealed),
        }
        connection, _ = Connection.objects.update_or_create(
            pk=connection_id,
            defaults=values,
            create_defaults=values | {"workspace_id": request.workspace_id, "tiktok_open_id": open_id, "kind": request.flow},
        )
        trips.close_trip(request, ConsentRequest.Outcome.ASKED if in_doubt else ConsentRequest.Outcome.CONNECTED)
        audit.record("connection.made", connection, by=request.person, scopes_granted=sorted(scopes), generation=generation)
        address_book.mark(queries.BOOKS[Flow(connection.kind)], ref=connection.pk, is_live=not in_doubt)
        if connection.kind == Flow.ACCOUNT:
            address_book.enter(queries.HELD, open_id, workspace_id=connection.workspace_id, ref=connection.pk)
        # What is still to be revoked of an earlier consent would take this one with it: to TikTok they are the same.
        PendingRevocation.objects.filter(connection=connection).delete()
        for kind in ("revoke", "unanswered"):
            jobs.drop(kind, ref=connection.pk)
        if in_doubt:
            jobs.put("unanswered", connection.pk, workspace_id=connection.workspace_id, at=now + ANSWER_WITHIN)
        elif connection.kind == Flow.ACCOUNT:
            begin_sync(connection)
    return connection


def place_for_is_stale(flow: str, open_id: str, connection_id: UUID, generation: int) -> bool:
    """Whether the row has changed since `place_for` looked."""
    row = Connection.objects.filter(kind=flow, tiktok_open_id=open_id).first()
    return (row.pk, row.generation + 1) != (connection_id, generation) if row else generation != 1


def _is_in_doubt(request: ConsentRequest, connection_id: UUID, open_id: str) -> bool:
    if request.flow == Flow.ADVERTISER:
        return not AdAccount.objects.linked().filter(connection_id=connection_id).exists()
    if queries.was_attached(connection_id):
        return False
    return queries.is_held_elsewhere(open_id, request.workspace_id) or request.connection_id is not None


def begin_sync(connection: Connection) -> None:
    """Everything that a live connection needs from here on, as rows: its sync, its refresh, its place in the address book."""
    now = clock.now()
    address_book.enter("tiktok_account", connection.tiktok_open_id, workspace_id=connection.workspace_id, ref=connection.pk)
    reset_runs(connection)
    jobs.put("sync", connection.pk, workspace_id=connection.workspace_id, at=now, priority=jobs.Priority.INTERACTIVE)
    read_comments_soon(connection)
    plan_refresh(connection)
    jobs.drop("grant_end_mail", ref=connection.pk)
    plan_end(connection)


def switch_feature(feature: Feature, *, is_on: bool, by: Membership) -> bool:
    """Use a feature in the workspace, or do without it: the next consent asks for what it needs, or not. False when it was so already."""
    with transaction.atomic():
        if (feature in queries.features_of_workspace()) == is_on:
            return False
        row, _ = FeatureSwitch.objects.update_or_create(
            workspace_id=by.workspace_id,
            feature=feature.value,
            defaults={"is_on": is_on, "person_id": by.person_id, "changed_at": clock.now()},
        )
        audit.record("feature.switched", row, by=by, kind=feature.value, outcome="on" if is_on else "off")
    return True


def plan_end(connection: Connection) -> None:
    """Note when people are to be told that the consent will end for good. Told is told, until the account is connected again."""
    if connection.tell_end_at is not None and connection.end_told_at is None:
        jobs.put("grant_end_mail", connection.pk, workspace_id=connection.workspace_id, at=connection.tell_end_at)


def note_end_told(connection: Connection) -> bool:
    """People are told now, once."""
    rows = Connection.objects.live().filter(pk=connection.pk, generation=connection.generation, end_told_at=None)
    return bool(rows.update(end_told_at=clock.now()))


def reset_runs(connection: Connection) -> None:
    """Put every kind of sync back to its beginning; kinds whose scope was not granted are skipped and say so."""
    for kind in _NEEDS:
        _reset_run(connection, kind)


def begin_new_kinds(connection: Connection) -> None:
    """Add the kinds of sync that this version knows and the one before did not, when the connection was made."""
    known = set(SyncRun.objects.filter(connection=connection, ad_account=None).values_list("kind", flat=True))
    for kind in _NEEDS:
        if kind not in known:
            _reset_run(connection, kind)


def _reset_run(connection: Connection, kind: SyncRun.Kind) -> None:
    lacks = "" if connection.has(_NEEDS[kind]) else _NEEDS[kind]
    SyncRun.objects.update_or_create(
        workspace_id=connection.workspace_id, connection=connection, kind=kind, defaults=at_its_beginning(connection, lacks=lacks)
    )


def at_its_beginning(connection: Connection, *, lacks: str) -> dict[str, Any]:
    """What a run says before its first turn; with a scope or permission that is lacking it is skipped, and says so."""
    return {
        "state": SyncRun.State.SKIPPED if lacks else SyncRun.State.WAITING,
        "generation": connection.generation,
        "sentence": f"Not granted: {lacks}." if lacks else "",
        "done_count": 0,
        "total_count": None,
        "cursor": None,
        "started_at": None,
        "finished_at": None,
        "due_at": None if lacks else clock.now(),
        "failure_count": 0,
        "quiet_count": 0,
    }


def look_soon(connection: Connection, kind: SyncRun.Kind) -> None:
    """Have one kind of sync look now and not at its next time; one that is not granted, or is over, stays so."""
    runs = SyncRun.objects.filter(connection=connection, kind=kind, due_at__gt=clock.now(), connection__state=Connection.State.LIVE)
    if runs.update(due_at=clock.now()):
        jobs.put("sync", connection.pk, workspace_id=connection.workspace_id, at=clock.now())


def read_comments_soon(connection: Connection) -> None:
    """Have comments read now and not at their next time: there is a new one, or a post that there may be some under."""
    jobs.put("comments", connection.pk, workspace_id=connection.workspace_id, at=clock.now(), priority=jobs.Priority.BACKFILL)


def plan_refresh(connection: Connection) -> None:
    """Note when the tokens are to be renewed."""
    jobs.put("refresh", connection.pk, workspace_id=connection.workspace_id, at=refresh_time(connection))


def refresh_time(connection: Connection) -> datetime:
    """Somewhere between half and three quarters of the token's life, at least daily, and not everybody's at the same moment."""
    life = connection.access_expires_at - connection.token_refreshed_at
    share = 0.5 + connection.pk.int % 1000 / 4000
    return connection.token_refreshed_at + min(life * share, timedelta(hours=20))


def attach(connection: Connection, *, by: Membership) -> None:
    """Say yes to an account that was in doubt. Saying it again changes nothing."""
    with transaction.atomic():
        waiting = Connection.objects.of_accounts().filter(pk=connection.pk, state=Connection.State.ASKED, connected_by_id=by.person_id)
        if waiting.update(state=Connection.State.LIVE, state_since=clock.now()):
            jobs.drop("unanswered", ref=connection.pk)
            connection.refresh_from_db()
            begin_sync(connection)
            audit.record("connection.attached", connection, by=by)


def name_account(connection: Connection, *, handle: str, display_name: str, picture_url: str | None = None) -> None:
    """Keep what TikTok calls the account, and have its picture fetched. Names are other people's text: of any length, of any kind."""
    is_current = Connection.objects.filter(pk=connection.pk, generation=connection.generation).update(
        handle=printable(handle, 120), display_name=printable(display_name, 200)
    )
    if is_current:
        avatars.want(connection, picture_url)


def printable(text: str, longest: int) -> str:
    """Other people's text, fit for a line."""
    return (text if text.isprintable() else "".join(c for c in text if c.isprintable()))[:longest]


def ask_for_refresh(connection: Connection, *, by: Membership) -> bool:
    """ "Refresh now": sync goes ahead of routine work. False when the connection is not live."""
    with transaction.atomic():
        if not Connection.objects.live().filter(pk=connection.pk).exists():
            return False
        for kind in ("sync", "comments"):
            jobs.put(kind, connection.pk, workspace_id=connection.workspace_id, at=clock.now(), priority=jobs.Priority.INTERACTIVE)
        SyncRun.objects.filter(connection=connection, state__in=(SyncRun.State.DONE, SyncRun.State.FAILED)).update(
            state=SyncRun.State.WAITING, cursor=None, due_at=clock.now()
        )
        audit.record("sync.requested", connection, by=by)
    return True


def mark_broken(connection: Connection, *, reason: str) -> bool:
    """TikTok no longer accepts the connection. True the first time, when the owner is to be told."""
    with transaction.atomic():
        rows = Connection.objects.live().filter(pk=connection.pk, generation=connection.generation)
        if not rows.update(state=Connection.State.BROKEN, state_since=clock.now(), broken_reason=reason[:200]):
            return False
        drop_work(connection)
        address_book.mark(queries.BOOKS[Flow(connection.kind)], ref=connection.pk, is_live=False)
        SyncRun.objects.filter(connection=connection, state__in=(SyncRun.State.WAITING, SyncRun.State.RUNNING)).update(
            state=SyncRun.State.FAILED, sentence=reason[:300], due_at=None
        )
        audit.record("connection.broke", connection, by=None)
        jobs.put("connection_lost_mail", connection.pk, workspace_id=connection.workspace_id, at=clock.now())
    return True


def disconnect(connection: Connection, *, by: Membership | None, revocation_id: UUID, token_sealed: bytes | None) -> bool:
    """End a connection: the generation counts up first, so that every call and write under way is dropped.

    False when it had ended already. `token_sealed` is None when there was nothing that could be revoked; `by` is None when a question
    about the account stayed without an answer.
    """
    with transaction.atomic():
        row = Connection.objects.select_for_update().get(pk=connection.pk)
        if row.state == Connection.State.DISCONNECTED or row.generation != connection.generation:
            return False
        close(row, by=by)
        if token_sealed is not None and not queries.is_in_use_elsewhere(row):
            PendingRevocation.objects.create(
                pk=revocation_id,
                workspace_id=row.workspace_id,
                connection=row,
                token_sealed=token_sealed,
                created_at=row.disconnected_at,
                give_up_at=row.disconnected_at + PendingRevocation.LIFETIME,
            )
        audit.record("connection.ended", row, by=by, generation=row.generation)
    return True


def close(row: Connection, *, by: Membership | None) -> None:
    """What every end has in common. `row` is locked; who calls says why, in the audit log."""
    now = clock.now()
    row.generation += 1
    row.state, row.state_since = Connection.State.DISCONNECTED, now
    row.access_token_sealed = row.refresh_token_sealed = row.access_expires_at = row.refresh_expires_at = None
    row.disconnected_at, row.disconnected_by_id = now, by.person_id if by else None
    row.delete_data_on = deletion_date(now.date())
    row.save()
    drop_work(row)
    avatars.drop_wish(row)
    jobs.drop("unanswered", ref=row.pk)
    address_book.strike(queries.BOOKS[Flow(row.kind)], ref=row.pk)
    withdraw_offers(row)
    linked = AdAccount.objects.filter(connection=row, state__in=(AdAccount.State.LINKED, AdAccount.State.LOST))
    linked.update(state=AdAccount.State.UNLINKED, state_since=now, delete_data_on=row.delete_data_on)
    # Also destroys the keys of what has ended, whether or not anything is left to be revoked.
    jobs.put("revoke", row.pk, workspace_id=row.workspace_id, at=now, priority=jobs.Priority.INTERACTIVE)


def drop_work(connection: Connection) -> None:
    """Forget what was planned for a connection and its ad accounts."""
    for kind in ("sync", "comments", "refresh", "advertiser_look", "grant_end_mail", "unusual_day"):
        jobs.drop(kind, ref=connection.pk)
    for ad_account_id in AdAccount.objects.filter(connection=connection).values_list("pk", flat=True):
        for kind in ("ad_sync", "ad_comments"):
            jobs.drop(kind, ref=ad_account_id)


def withdraw_offers(connection: Connection) -> None:
    """What was offered and not chosen is not kept; what had been unlinked before waits for its end as before."""
    offered = AdAccount.objects.filter(connection=connection, state=AdAccount.State.OFFERED)
    offered.filter(delete_data_on=None).delete()
    offered.update(state=AdAccount.State.UNLINKED)


def forget_unchosen(connection: Connection) -> None:
    """A consent of which no ad account was ever chosen leaves nothing behind, once its token is gone."""
    ended = Connection.objects.of_advertisers().filter(pk=connection.pk, state=Connection.State.DISCONNECTED)
    ended.exclude(pk__in=SyncRun.objects.values("connection_id")).exclude(pk__in=AdAccount.objects.values("connection_id")).delete()


def deletion_date(day: date) -> date:
    """The last day on which data of a connection that ended on `day` may still be here."""
    return day + DELETE_WITHIN
