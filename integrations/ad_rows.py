"""Ad accounts as pages show them: the card, what is linked, what is offered."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from agency.chrome import mark
from agency.models import Membership
from agency.outlets import figures
from agency.outlets.parts import ScopeRow
from agency.roles import Can
from integrations import queries
from integrations.features import PERMISSIONS
from integrations.models import AdAccount, Connection, SyncRun
from integrations.queries import SyncState

_MISSING = "TikTok did not tell"


@dataclass(frozen=True, slots=True)
class AdAccountRow:
    """One ad account that is linked, or was."""

    public_id: str
    name: str
    mark: str
    facts: str  # "7000000000000000001 · USD · America/Los_Angeles"
    state: Literal["live", "syncing", "reconnect", "lost", "unlinked"]
    state_text: str
    progress: str  # "Figures of 120 of 731 days read"
    problems: tuple[str, ...]  # what is skipped or failed, in words
    deletes_on: date | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One ad account that can be linked."""

    public_id: str
    name: str
    facts: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class AdvertiserRow:
    """One person's consent for ad accounts."""

    public_id: str
    name: str
    state: Literal["live", "asked", "reconnect"]
    linked_count: int  # with one alone, unlinking it is leaving


def facts_of(ad_account: AdAccount) -> str:
    """Its number, money and time."""
    return " · ".join(
        (
            ad_account.advertiser_id,
            ad_account.currency or f"Currency: {_MISSING}",
            _zone_name(ad_account.time_zone) or f"Time zone: {_MISSING}",
        )
    )


def _zone_name(name: str) -> str:
    """As people read it: in names such as Etc/GMT+10 the sign is turned round."""
    found = re.fullmatch(r"Etc/GMT([+-])(\d{1,2})", name)
    return f"UTC{'−' if found[1] == '+' else '+'}{found[2]}" if found else name


def choice_of(ad_account: AdAccount, *, is_first: bool) -> Choice:
    """At a first choice nothing is ticked: what is read is said yes to, one by one."""
    is_chosen = ad_account.state == AdAccount.State.LINKED and not is_first
    return Choice(str(ad_account.pk), ad_account.shown_name, facts_of(ad_account), is_chosen)


def ad_account_row(ad_account: AdAccount, sync: SyncState) -> AdAccountRow:
    """One that is linked or was lost."""
    state, text = _state(ad_account, sync)
    history = next((run for run in sync.runs if run.kind == SyncRun.Kind.AD_HISTORY), None)
    progress = ""
    if history is not None and history.total_count and history.last_success_at is None:
        progress = f"Figures of {figures.count(history.done_count)} of {figures.count(history.total_count)} days read"
    elif ad_account.figures_from is not None:
        progress = f"Figures from {figures.day(ad_account.figures_from, year=True)}"
    return AdAccountRow(
        public_id=str(ad_account.pk),
        name=ad_account.shown_name,
        mark=mark(ad_account.shown_name),
        facts=facts_of(ad_account),
        state=state,
        state_text=text,
        progress=progress,
        problems=tuple(dict.fromkeys(run.sentence for run in sync.runs if run.sentence)),
        deletes_on=ad_account.delete_data_on,
    )


def _state(ad_account: AdAccount, sync: SyncState) -> tuple[Literal["live", "syncing", "reconnect", "lost", "unlinked"], str]:
    if ad_account.state == AdAccount.State.UNLINKED:
        return "unlinked", "Unlinked"
    if ad_account.state == AdAccount.State.LOST:
        return "lost", "No longer open to us"
    if ad_account.connection.state == Connection.State.BROKEN:
        return "reconnect", "Needs to be reconnected"
    return ("syncing", "Syncing…") if sync.is_busy else ("live", "Live")


def ad_context(membership: Membership) -> dict[str, Any]:
    """What the Integrations page says about ad accounts."""
    people = list(queries.advertisers(membership))
    rows = list(queries.ad_accounts(membership))
    linked = [ad_account_row(one, queries.ad_sync_state(one)) for one in rows]
    of_person = Counter(one.connection_id for one in rows)
    former = [ad_account_row(one, SyncState(())) for one in queries.former_ad_accounts(membership)]
    states = {Connection.State.LIVE: "live", Connection.State.ASKED: "asked", Connection.State.BROKEN: "reconnect"}
    return {
        "ads": {
            "is_shown": membership.as_role.can(Can.MANAGE_AD_ACCOUNTS) or bool(linked),
            "can_manage": membership.as_role.can(Can.MANAGE_AD_ACCOUNTS),
            "linked_count": len(linked),
            "permissions": [ScopeRow(name=p.name, reason=p.reason) for p in PERMISSIONS],
            "accounts": linked,
            "former": former,
            "people": [AdvertiserRow(str(c.pk), c.shown_name, states[c.state], of_person[c.pk]) for c in people if c.state in states],
        }
    }
