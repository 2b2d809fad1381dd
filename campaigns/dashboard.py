"""The Campaigns page as one object: what ads cost and brought, how fresh that is, and what it does not hold. No formulas."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.http import Http404
from django.urls import reverse

from agency.database.prepared import Later, known
from agency.models import Membership
from agency.outlets import figures
from agency.outlets.parts import Action, Chart, Freshness, Kpi
from agency.roles import Can
from campaigns import asked as asking
from campaigns import controls, queries, tables
from campaigns.asked import Asked
from campaigns.controls import Option
from campaigns.key_figures import KeyFigures
from campaigns.wording import zone_words
from integrations import queries as connections
from integrations.models import AdAccount, Connection, SyncRun
from metrics import ad_days, ad_figures, ad_lines
from metrics.ad_figures import Sums
from metrics.ad_windows import moving_since, zone_of
from metrics.asked_days import EARLIEST

LATE_AFTER = timedelta(hours=3)  # figures are read every hour, and every second one while they stand still
_Kind = SyncRun.Kind


@dataclass(frozen=True)
class Notice:
    """What somebody should know before reading the figures."""

    tone: str
    title: str
    text: str = ""
    action: Action | None = None


_NO_TABLE: Later[tables.Table | None] = known(None)


@dataclass(frozen=True)
class Page:
    """Everything templates/campaigns/ shows of it. Without an ad account only `can_link` is said."""

    asked: Asked | None = None
    can_link: bool = False
    freshness: Freshness | None = None
    notices: tuple[Notice, ...] = ()
    wishes: tuple[str, ...] = ()
    period: tuple[dict[str, Any], ...] = ()
    days: str = ""
    against: str = ""
    zone: str = ""
    moving: str = ""  # "Conversions since May 2 may still rise"
    earliest: str = ""
    comparisons: tuple[Option, ...] = ()
    levels: tuple[dict[str, Any], ...] = ()
    crumbs: tuple[dict[str, str], ...] = ()
    account_id: str = ""
    accounts: tuple[Option, ...] = ()
    statuses: tuple[Option, ...] = ()
    kinds: tuple[Option, ...] = ()
    columns: tuple[Option, ...] = ()
    kpis: tuple[Kpi, ...] = ()
    chart: Chart | None = None
    table_later: Later[tables.Table | None] = _NO_TABLE
    gaps: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    origin_href: str = ""

    @cached_property
    def table(self) -> tables.Table | None:
        """Its lines. Who asks waits until they are added up, which takes longer than all the rest."""
        return self.table_later()


def page(membership: Membership, query: Mapping[str, Any], many: list[str], *, now: datetime) -> Page:
    """Read and word the page. The number of queries depends neither on the history nor on how much there is of anything."""
    rows = queries.ad_accounts(membership)
    can_link = membership.as_role.can(Can.MANAGE_AD_ACCOUNTS)
    if not rows and not query.get("account"):
        return Page(can_link=can_link)
    ad_account = chosen(membership, rows, query)
    zone = zone_of(ad_account.time_zone) or zone_of("UTC")
    assert zone is not None, "there is always UTC"
    asked = asking.asked(query, zone, now=now, many=many)
    return _Builder(membership, rows, ad_account, asked, now, moving_since(zone, now), can_link).page()


def chosen(membership: Membership, rows: list[AdAccount], query: Mapping[str, Any]) -> AdAccount:
    """The ad account that the address names, else the first. 404 for one that is not this member's."""
    if not query.get("account"):
        return rows[0]
    found = queries.ad_account_named(membership, rows, query["account"])
    if found is None:
        raise Http404("No such ad account, or not for this person.")
    return found


@dataclass(frozen=True)
class _Builder:
    """What the parts of the page are made from."""

    membership: Membership
    rows: list[AdAccount]
    ad_account: AdAccount
    asked: Asked
    now: datetime
    moving: date
    can_link: bool

    def page(self) -> Page:
        """In a pipeline all but the table is worded while PostgreSQL adds up its lines."""
        asked, before, is_lines = self.asked, self.asked.before, self.asked.level is not None
        first = min(asked.first, before[0]) if before else asked.first
        runs_later = connections.ad_sync_state_later(self.ad_account)
        days_later = self._days(first) if is_lines else known({})
        totals_later = self._totals() if is_lines and not asked.get("campaign") else known({})
        structure_later = queries.structure_later(self.ad_account) if is_lines else known(None)
        names_later = queries.names_above_later(self.ad_account, asked.get("campaign"), asked.get("group"))
        table_later = self._table()  # asked last, for it takes longest: PostgreSQL answers in the order in which it was asked
        days = days_later()
        runs = {run.kind: run for run in runs_later().runs}
        key_figures = KeyFigures(asked, self.ad_account, days, self.moving, _not_granted(runs))
        structure = structure_later()
        return Page(
            asked=asked,
            can_link=self.can_link,
            freshness=self._freshness(runs),
            notices=tuple(one for one in (self._problem(runs), self._reading(runs)) if one),
            wishes=asked.problems,
            period=controls.periods(asked),
            days=figures.day_range(asked.first, asked.last, year=asked.first.year != self.now.year),
            against=figures.day_range(*before) if before else "",
            zone=zone_words(self.ad_account.time_zone),
            moving=self._moving(),
            earliest=EARLIEST.isoformat(),
            comparisons=controls.comparisons(asked),
            levels=controls.levels(asked),
            crumbs=controls.crumbs(asked, names_later()),
            account_id=str(self.ad_account.pk),
            accounts=tuple(Option(str(row.pk), row.shown_name, row.pk == self.ad_account.pk) for row in self.rows),
            statuses=controls.statuses(asked),
            kinds=controls.kinds(asked),
            columns=controls.columns(asked, self.ad_account.currency),
            kpis=key_figures.kpis() if is_lines else (),
            chart=key_figures.chart() if is_lines else None,
            table_later=table_later,
            gaps=self._gaps(days, totals_later()),
            left_out=_left_out(structure) if structure else (),
            origin_href=asking.address(reverse("campaigns_origin"), asked.values) if is_lines else "",
        )

    def _days(self, first: date) -> Later[dict[date, Sums]]:
        of = {"campaign_id": self.asked.get("campaign"), "adgroup_id": self.asked.get("group")}
        return ad_days.days_later(self.ad_account, first, self.asked.last, summed=queries.COMPARED, **of)  # key figures are made of these

    def _totals(self) -> Later[queries.Totals]:
        return queries.totals_of_tiktok_later(self.ad_account, self.asked.first, self.asked.last)

    def _table(self) -> Later[tables.Table]:
        asked = self.asked
        if asked.level is None:
            found = ad_lines.of_accounts_later(self.membership.workspace_id, asked.first, asked.last)
            return lambda: tables.of_accounts(asked, self.rows, found())
        offset = (asked.page - 1) * asking.PAGE
        wanted = replace(asked.wanted, figures=frozenset(asked.columns))
        lines_later = ad_lines.lines_later(self.ad_account, wanted, offset=offset, limit=asking.PAGE)

        def read() -> tables.Table:
            lines = lines_later()
            shown = queries.posts(self.membership, (line.facts.get("tiktok_item_id") or "" for line in lines.lines))
            return tables.of_lines(asked, self.ad_account, lines, shown)

        return read

    # --- around the figures ---------------------------------------------------------------------------------------------

    def _freshness(self, runs: Mapping[str, SyncRun]) -> Freshness:
        """The worst state wins."""
        seen, final = self.ad_account.figures_seen_at, self.asked.final
        if self._is_broken():
            return Freshness("broken", seen, final, "Figures do not come any more.")
        if seen is None:
            return Freshness("never", None, None, "Not synced yet" if _not_granted(runs) else "The first figures are on their way.")
        run = runs.get(_Kind.AD_DAYS)
        if self.now - seen > LATE_AFTER:
            due = run.due_at if run and run.due_at and run.due_at > self.now else None
            return Freshness("late", seen, final, f"Next try {figures.time_text(due)}." if due else "We try again by ourselves.")
        if self.asked.last > final:
            since = max(self.asked.first, final + timedelta(days=1))
            return Freshness("not_final", seen, final, f"TikTok still counts {figures.day_range(since, self.asked.last)}")
        return Freshness("fresh", seen, final)

    def _is_broken(self) -> bool:
        return self.ad_account.state == AdAccount.State.LOST or self.ad_account.connection.state == Connection.State.BROKEN

    def _problem(self, runs: Mapping[str, SyncRun]) -> Notice | None:
        """One notice at a time: the one that explains most."""
        name = self.ad_account.shown_name
        action = Action("Open Integrations", reverse("integrations")) if self.can_link else None
        seen = self.ad_account.figures_seen_at
        stop = f"Figures stop at {figures.day(seen.astimezone(zone_of(self.ad_account.time_zone)).date())}." if seen else ""
        if self.ad_account.state == AdAccount.State.LOST:
            again = "Its owner can add it to the connection again."
            return Notice("bad", f"TikTok no longer opens {name} to us. {stop}".strip(), again, action)
        if self.ad_account.connection.state == Connection.State.BROKEN:
            return Notice("bad", f"{name} needs to be connected again. {stop}".strip(), "", action)
        if _not_granted(runs):
            return Notice("warning", _not_granted(runs), "TikTok gives this permission to the app, not on the consent page.", action)
        failed = next((run for kind in _READ if (run := runs.get(kind)) and run.state == SyncRun.State.FAILED and run.sentence), None)
        return Notice("warning", failed.sentence) if failed else None

    def _reading(self, runs: Mapping[str, SyncRun]) -> Notice | None:
        """Whether the period reaches back to days that have not been read."""
        since, run = self.ad_account.figures_from, runs.get(_Kind.AD_HISTORY)
        if self.ad_account.figures_seen_at is None or run is None or run.last_success_at is not None or _not_granted(runs):
            return None
        if since is not None and since <= self.asked.first:
            return None
        done = f" {figures.count(run.done_count)} of {figures.count(run.total_count)} days are here." if run.total_count else ""
        return Notice("flat", f"Earlier days are still being read, the newest first.{done}")

    def _moving(self) -> str:
        since = max(self.moving, self.asked.first)
        if since > self.asked.last:
            return ""
        return "Conversions may still rise" if since == self.asked.first else f"Conversions since {figures.day(since)} may still rise"

    # --- what the figures do not hold -----------------------------------------------------------------------------------

    def _gaps(self, days: Mapping[date, Sums], told: queries.Totals) -> tuple[str, ...]:
        """Where TikTok's own totals are others than the sums of the ads."""
        currency, found = self.ad_account.currency, []
        for name, word in (("spend", "spend"), ("impressions", "impressions"), ("clicks", "clicks"), ("conversions", "conversions")):
            apart = {}
            for on, total in told.items():
                mine = getattr(days.get(on, ad_figures.NOTHING), name)
                if total[name] is not None and mine is not None and total[name] != mine:
                    apart[on] = total[name] - mine
            if apart:
                sum_of = sum(apart.values())
                amount = figures.money(abs(sum_of), currency) if name == "spend" else figures.count(abs(sum_of))
                where = figures.day(next(iter(apart))) if len(apart) == 1 else f"{len(apart)} days"
                more = "more" if sum_of > 0 else "less"
                found.append(f"TikTok's own {word} of the ad account is {amount} {more} than its ads together, on {where}.")
        return tuple(found)


_READ = (_Kind.AD_ACCOUNT, _Kind.AD_DAYS, _Kind.AD_HISTORY, _Kind.CAMPAIGNS, _Kind.AD_GROUPS, _Kind.ADS)


def _not_granted(runs: Mapping[str, SyncRun]) -> str:
    """Why there can be no figures; empty where there can."""
    run = runs.get(_Kind.AD_DAYS)
    return run.sentence or "Not granted." if run is not None and run.state == SyncRun.State.SKIPPED else ""


def _left_out(has: queries.Structure) -> tuple[str, ...]:
    """What the sums hold or leave out and the lines do not show."""
    booked = f" This ad account has {has.reservation:,}." if has.reservation else ""
    said = [
        f"Reservation campaigns are booked, not bid for, and TikTok's auction report leaves them out.{booked}",
        "GMV Max campaigns have a report of their own at TikTok and are not read.",
    ]
    if has.deleted:
        said.append(f"Deleted campaigns ({has.deleted:,}) are in every sum of the days on which they ran.")
    if has.smart:
        said.append(f"Smart+ campaigns ({has.smart:,}) are included; ads of theirs that TikTok does not list appear by their number.")
    return tuple(said)
