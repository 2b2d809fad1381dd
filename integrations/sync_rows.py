"""How the sync of one account stands, in words: each kind with its last success, its next try, what went wrong and what to do about it.

Reads rows that were fetched; asks nobody.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agency.outlets.parts import Action
from integrations.models import AdAccount, Connection, SyncRun
from integrations.queries import SyncState

OFTEN = 5  # failures in a row after which somebody should hear of it
_State = SyncRun.State
_WORDS: dict[str, tuple[Literal["good", "off", "late"], str]] = {
    _State.WAITING: ("off", "Waiting for its turn"),
    _State.RUNNING: ("off", "Under way"),
    _State.DONE: ("good", "Up to date"),
    _State.SKIPPED: ("off", "Not granted"),
    _State.FAILED: ("late", "Did not work"),
}
_UNDER_WAY = {_State.WAITING, _State.RUNNING}


@dataclass(frozen=True, slots=True)
class SyncRow:
    """One kind of sync."""

    label: str
    dot: Literal["good", "off", "late"]
    state: str
    progress: str  # "120 of 400", empty when there is nothing to count
    last_success_at: datetime | None
    next_at: datetime | None  # None when it is not looked at again by itself
    is_due: bool  # its time has come: it waits for a turn
    wrong: str  # what went wrong, a sentence
    do: str  # what to do about it, a sentence; says so when it is nothing


@dataclass(frozen=True, slots=True)
class SyncPage:
    """All of one account."""

    title: str
    token_refreshed_at: datetime | None
    ends_at: datetime | None
    trouble: str  # what stops all of it; empty when nothing does
    action: Action | None
    rows: tuple[SyncRow, ...]
    late_count: int


def sync_of_account(connection: Connection, sync: SyncState, *, can_manage: bool, now: datetime) -> SyncPage:
    """One TikTok account."""
    reconnect = Action("Reconnect", f"/settings/integrations/{connection.pk}/reconnect", "post")
    refresh = Action("Refresh now", f"/settings/integrations/{connection.pk}/refresh", "post")
    return _page(
        connection.shown_name, connection, sync, _trouble(connection), can_manage=can_manage, now=now, mend=reconnect, refresh=refresh
    )


def sync_of_ad_account(ad_account: AdAccount, sync: SyncState, *, can_manage: bool, now: datetime) -> SyncPage:
    """One ad account."""
    trouble = _trouble(ad_account.connection)
    if ad_account.state == AdAccount.State.LOST:
        trouble = "TikTok no longer opens this ad account to us. Whoever owns it can add it to the connection again."
    elif ad_account.state != AdAccount.State.LINKED:
        trouble = "This ad account is not linked. Nothing is read from it."
    connect = Action("Connect ad accounts", "/settings/integrations/ad-accounts/connect", "post")
    refresh = Action("Refresh now", f"/settings/integrations/ad-accounts/{ad_account.pk}/refresh", "post")
    return _page(ad_account.shown_name, ad_account.connection, sync, trouble, can_manage=can_manage, now=now, mend=connect, refresh=refresh)


def _trouble(connection: Connection) -> str:
    if connection.state == Connection.State.BROKEN:
        return connection.broken_reason or "TikTok no longer accepts this connection. Connect the account again."
    if connection.state == Connection.State.DISCONNECTED:
        return "This account is disconnected. Nothing is read from it."
    if connection.state == Connection.State.ASKED:
        return "This account waits for a yes. Nothing is read from it before."
    return ""


def _page(
    title: str,
    connection: Connection,
    sync: SyncState,
    trouble: str,
    *,
    can_manage: bool,
    now: datetime,
    mend: Action,
    refresh: Action,
) -> SyncPage:
    rows = tuple(_row(run, is_stopped=bool(trouble), now=now) for run in sync.runs)
    return SyncPage(
        title=title,
        token_refreshed_at=None if trouble else connection.token_refreshed_at,
        ends_at=connection.ends_at,
        trouble=trouble,
        action=(mend if trouble else refresh) if can_manage else None,
        rows=rows,
        late_count=sum(row.dot == "late" for row in rows),
    )


def _row(run: SyncRun, *, is_stopped: bool, now: datetime) -> SyncRow:
    dot, state = _WORDS[run.state]
    next_at = None if is_stopped or run.state == _State.SKIPPED else run.due_at
    if is_stopped and run.state in _UNDER_WAY | {_State.DONE}:
        dot, state = "off", "Stopped"
    return SyncRow(
        label=SyncRun.Kind(run.kind).label,
        dot=dot,
        state=state,
        progress=_progress(run),
        last_success_at=run.last_success_at,
        next_at=next_at,
        is_due=next_at is not None and next_at <= now,
        wrong=run.sentence,
        do=_advice(run, is_stopped=is_stopped),
    )


def _progress(run: SyncRun) -> str:
    if run.state not in _UNDER_WAY or not run.done_count:
        return ""
    return f"{run.done_count:,} of {run.total_count:,}" if run.total_count else f"{run.done_count:,} so far"


def _advice(run: SyncRun, *, is_stopped: bool) -> str:
    """What a person can do. Most of the time nothing, and then it says so."""
    if is_stopped:
        return ""
    match run.state:
        case _State.SKIPPED:
            return "Connect the account again and allow it on TikTok's page, if you want this to be read."
        case _State.FAILED if run.failure_count >= OFTEN:
            return f"It failed {run.failure_count} times in a row. We go on trying; if it lasts, tell your account manager."
        case _State.FAILED:
            return "There is nothing to do. What was read before stays."
        case _ if run.sentence:
            return "There is nothing to do. It goes on by itself."
        case _:
            return ""
