"""Exports of the Campaigns page: the lines of a level with all of their figures, and the same by day."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from agency import clock
from agency.exports import Asked as Query
from agency.exports import Export, NotPossible, Table
from agency.models import Membership
from agency.outlets import figures
from agency.outlets.sheets import Cell, Column
from agency.roles import Can
from campaigns import asked as asking
from campaigns import queries
from campaigns.asked import Asked
from campaigns.dashboard import chosen
from campaigns.wording import DEFINED_BY, MONEY, TITLES, budget_words, said, standing, zone_words
from integrations.models import AdAccount
from metrics import ad_days, ad_figures, ad_lines
from metrics.ad_figures import Sums
from metrics.ad_lines import Level, Line
from metrics.ad_windows import moving_since, zone_of
from metrics.glossary import definitions

_FIGURES = tuple(name for name in asking.COLUMNS if name != "budget")
_NOUNS = {
    None: ("ad account", "ad accounts"), Level.CAMPAIGN: ("campaign", "campaigns"), Level.AD_GROUP: ("ad group", "ad groups"),
    Level.AD: ("ad", "ads"),
}  # fmt: skip
_DAYS_NOUNS = {
    None: ("day of an ad account", "days of ad accounts"), Level.CAMPAIGN: ("day of a campaign", "days of campaigns"),
    Level.AD_GROUP: ("day of an ad group", "days of ad groups"), Level.AD: ("day of an ad", "days of ads"),
}  # fmt: skip


def _question(membership: Membership, query: Query) -> tuple[list[AdAccount], AdAccount, Asked]:
    """The page's own reading of the address."""
    rows = queries.ad_accounts(membership)
    if not rows and not query.get("account"):
        raise NotPossible("No advertiser account is linked, so there is nothing to export.")
    ad_account = chosen(membership, rows, query)
    zone = zone_of(ad_account.time_zone) or ZoneInfo("UTC")
    return rows, ad_account, asking.asked(query, zone, now=clock.now())


def _columns(currency: str) -> tuple[Column, ...]:
    return tuple(Column(name, TITLES[name], _kind(name), currency if name in MONEY else "") for name in _FIGURES)


def _kind(name: str) -> Any:
    return "money" if name in MONEY else "rate" if name == "ctr" else "count"


def _figures(sums: Sums) -> list[Cell]:
    """Without delivery there is nothing to say, not even zero."""
    return [None if sums.is_empty else getattr(sums, name) for name in _FIGURES]


def _named(kind: str, asked: Asked, ad_account: AdAccount | None) -> tuple[str, str]:
    """Title and file name."""
    whose = ad_account.shown_name if ad_account else "all ad accounts"
    days = figures.day_range(asked.first, asked.last, year=True)
    stem = "-".join((kind, whose.lower(), asked.first.isoformat(), asked.last.isoformat()))
    return f"{kind.replace('-', ' ').capitalize()}, {whose}, {days}", stem


# --- a line for each campaign, ad group or ad -----------------------------------------------------------------------------

_OF_LEVEL: dict[Level, tuple[tuple[str, str, str], ...]] = {
    Level.CAMPAIGN: (("objective", "Objective", "text"),),
    Level.AD_GROUP: (("tiktok_campaign_id", "Campaign id", "text"), ("optimization_goal", "Optimization goal", "text")),
    Level.AD: (
        ("tiktok_campaign_id", "Campaign id", "text"), ("tiktok_adgroup_id", "Ad group id", "text"), ("tiktok_item_id", "Post id", "text"),
    ),
}  # fmt: skip
_CODES = frozenset({"objective", "optimization_goal"})


def _lines(membership: Membership, query: Query) -> Table:
    rows, ad_account, asked = _question(membership, query)
    if asked.level is None:
        return _accounts(membership, rows, asked)
    level, wanted, currency = asked.level, asked.wanted, ad_account.currency
    noun = _NOUNS[level]
    facts = _OF_LEVEL[level]
    has_budget = level is not Level.AD
    title, stem = _named(noun[1].replace(" ", "-"), asked, ad_account)
    budget = (Column("budget", "Budget", "money", currency), Column("budget_mode", "Budget is")) if has_budget else ()

    def cells(line: Line) -> Sequence[Cell]:
        told = [said(v) if name in _CODES and (v := line.facts[name]) else line.facts[name] or None for name, _, _ in facts]
        own = [line.facts["budget"], budget_words(line.facts["budget_mode"] or "") or None] if has_budget else []
        stands = standing(line.operation_status, line.secondary_status, is_known=line.is_known).word
        return [line.tiktok_id, line.name or None, stands, *told, *own, *_figures(line.sums)]

    return Table(
        title=title,
        stem=stem,
        noun=noun,
        count=ad_lines.lines(ad_account, wanted, limit=0).count,
        columns=(
            Column("id", f"{noun[0].capitalize()} id"),
            Column("name", noun[0].capitalize()),
            Column("status", "Status"),
            *(Column(name, head) for name, head, _ in facts),
            *budget,
            *_columns(currency),
        ),
        rows=lambda: map(cells, ad_lines.each_line(ad_account, wanted)),
        definitions=definitions(DEFINED_BY.values()),
    )


def _accounts(membership: Membership, rows: list[AdAccount], asked: Asked) -> Table:
    """Several currencies stand in one column, so each line names its own."""
    title, stem = _named("ad-accounts", asked, None)

    def read() -> Iterator[Sequence[Cell]]:
        found = ad_lines.of_accounts_later(membership.workspace_id, asked.first, asked.last)()
        for row in rows:
            told = _figures(found.get(row.pk, ad_figures.NOTHING))
            yield [row.advertiser_id, row.shown_name, row.currency or None, row.time_zone or None, *told]

    return Table(
        title=title,
        stem=stem,
        noun=_NOUNS[None],
        count=len(rows),
        columns=(
            Column("id", "Ad account id"),
            Column("name", "Ad account"),
            Column("currency", "Currency"),
            Column("zone", "Time zone"),
            *_columns(""),
        ),
        rows=read,
        definitions=definitions(DEFINED_BY.values()),
    )


# --- a line for each of them and each day ---------------------------------------------------------------------------------


def _days(membership: Membership, query: Query) -> Table:
    _, ad_account, asked = _question(membership, query)
    now, level = clock.now(), asked.level
    zone = zone_of(ad_account.time_zone) or ZoneInfo("UTC")
    title, stem = _named(f"{_NOUNS[level][1].replace(' ', '-')}-by-day", asked, ad_account)
    moving, final = moving_since(zone, now), asked.final
    of = ad_days.DaysOf(level, asked.first, asked.last, asked.get("campaign"), asked.get("group"))

    def cells(day: ad_days.DayLine) -> Sequence[Cell]:
        return [day.on, *_place(level, day), *_figures(day.sums), _standing_of(day.on, final, moving)]

    return Table(
        title=title,
        stem=stem,
        noun=_DAYS_NOUNS[level],
        count=ad_days.count_days(ad_account, of),
        columns=(
            Column("day", f"Day ({zone_words(ad_account.time_zone) or 'UTC'})", "date"),
            *(Column(key, head) for key, head in _PLACES[level]),
            *_columns(ad_account.currency),
            Column("standing", "Standing"),
        ),
        rows=lambda: map(cells, ad_days.each_day(ad_account, of)),
        definitions=definitions(DEFINED_BY.values()),
    )


_PLACES: dict[Level | None, tuple[tuple[str, str], ...]] = {
    None: (),
    Level.CAMPAIGN: (("campaign_id", "Campaign id"), ("campaign", "Campaign")),
    Level.AD_GROUP: (("campaign_id", "Campaign id"), ("campaign", "Campaign"), ("adgroup_id", "Ad group id"), ("adgroup", "Ad group")),
    Level.AD: (
        ("campaign_id", "Campaign id"), ("campaign", "Campaign"), ("adgroup_id", "Ad group id"), ("adgroup", "Ad group"),
        ("ad_id", "Ad id"), ("ad", "Ad"), ("post_id", "Post id"),
    ),
}  # fmt: skip


def _place(level: Level | None, day: ad_days.DayLine) -> list[Cell]:
    known = {
        "campaign_id": day.campaign_id, "campaign": day.campaign, "adgroup_id": day.adgroup_id, "adgroup": day.adgroup, "ad_id": day.ad_id,
        "ad": day.ad, "post_id": day.item_id,
    }  # fmt: skip
    return [known[key] or None for key, _ in _PLACES[level]]


def _standing_of(on: date, final: date, moving: date) -> str:
    if on > final:
        return "TikTok still counts"
    return "Conversions may still rise" if on >= moving else "Final"


LEVELS = Export(needs=Can.VIEW_CAMPAIGNS, table=_lines, back="campaigns")
DAYS = Export(needs=Can.VIEW_CAMPAIGNS, table=_days, back="campaigns")
