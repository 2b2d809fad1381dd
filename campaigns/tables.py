"""The table of the Campaigns page: lines as people read them, with links, totals, heads that sort, and pages. Words and shapes only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse

from agency.outlets import figures
from campaigns import asked as asking
from campaigns.asked import Asked
from campaigns.wording import MONEY, TITLES, Standing, budget_words, is_reservation, said, standing, zone_words
from integrations.models import AdAccount
from metrics import ad_figures
from metrics.ad_figures import Sums
from metrics.ad_lines import Level, Line, Lines
from metrics.models import Post

_NOUNS = {
    None: ("ad account", "ad accounts"), Level.CAMPAIGN: ("campaign", "campaigns"), Level.AD_GROUP: ("ad group", "ad groups"),
    Level.AD: ("ad", "ads"),
}  # fmt: skip
CAPTION = 60  # letters of a post's caption beside its ad


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column. `sorted` is what aria-sort says."""

    key: str
    label: str
    href: str
    sorted: str = ""
    is_figure: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure. `note` stands beside it; without a figure there is a reason."""

    label: str
    text: str
    note: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line. `post_href` leads to the post that a Spark Ad shows."""

    name: str
    href: str
    detail: str
    standing: Standing | None
    cells: tuple[Cell, ...]
    post: str = ""
    post_href: str = ""
    idle_cells: int = 0  # figures that there are none of, because nothing was shown: one sentence in place of all


@dataclass(frozen=True, slots=True)
class Total:
    """A line below all: of everything that fits, or of one currency."""

    name: str
    note: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """Heads, lines of this page, totals of all pages, and the way to other pages."""

    caption: str
    noun: tuple[str, str]
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    totals: tuple[Total, ...]
    count: int
    first: int
    last: int
    newer_href: str
    older_href: str
    is_filtered: bool
    clear_href: str
    what: str  # "8 campaigns"


def title(column: str, currency: str) -> str:
    """A column's name with its unit."""
    return f"{TITLES[column]} ({currency})" if column in MONEY and currency else TITLES[column]


def of_lines(asked: Asked, ad_account: AdAccount, lines: Lines, posts: Mapping[str, Post]) -> Table:
    """Campaigns, ad groups or ads of one ad account."""
    level = asked.level
    assert level is not None, "only levels of lines come here"
    columns = [name for name in asked.columns if name != "budget" or level is not Level.AD]
    shown = _what(lines.count, level)
    days = _days_of(ad_account)
    note = f"{days}, rates from the totals" if days else "Rates from the totals"
    if level is Level.AD and lines.posts_count:
        note += f", {lines.posts_count:,} post{'' if lines.posts_count == 1 else 's'} shown as Spark Ads"
    total = Total(shown, note, tuple(_cell(name, lines.total, ad_account.currency, total=True) for name in columns))
    first = (asked.page - 1) * asking.PAGE
    return Table(
        caption=f"{_NOUNS[level][1].capitalize()}, {figures.day_range(asked.first, asked.last)}, {_ordered(asked)}",
        noun=_NOUNS[level],
        heads=_heads(asked, columns, _NOUNS[level][0].capitalize(), ad_account.currency, has_standing=True),
        rows=tuple(_row(line, asked, ad_account, columns, posts) for line in lines.lines),
        totals=(total,) if lines.count else (),
        count=lines.count,
        first=first + 1,
        last=first + len(lines.lines),
        newer_href=asked.href(page=asked.page - 1 if asked.page > 2 else None) if asked.page > 1 else "",
        older_href=asked.href(page=asked.page + 1) if first + len(lines.lines) < lines.count else "",
        is_filtered=any(asked.get(name) for name in ("q", "status", "kind")),
        clear_href=asked.href(q=None, status=None, kind=None),
        what=shown,
    )


def of_accounts(asked: Asked, rows: Sequence[AdAccount], found: Mapping[UUID, Sums]) -> Table:
    """The ad accounts, each on its own days and in its own money. Only those of one currency have a total."""
    columns = [name for name in asked.columns if name != "budget"]
    lines = tuple(
        Row(
            name=row.shown_name,
            href=asked.href(level=None, account=row.pk, campaign=None, group=None),
            detail=" · ".join(part for part in (row.currency, _days_of(row), row.advertiser_id) if part),
            standing=None,
            cells=tuple(_cell(name, found.get(row.pk, ad_figures.NOTHING), row.currency) for name in columns),
        )
        for row in rows
    )
    by_money: dict[str, list[AdAccount]] = {}
    for row in rows:
        by_money.setdefault(row.currency, []).append(row)
    totals = tuple(
        Total(
            f"{_what(len(group), None)} in {currency or 'a currency that TikTok did not tell'}",
            "Rates from the totals; different currencies are never added",
            tuple(_cell(n, ad_figures.added([found[r.pk] for r in group if r.pk in found]), currency, total=True) for n in columns),
        )
        for currency, group in sorted(by_money.items())
        if len(group) > 1
    )
    return Table(
        caption=f"Ad accounts, {figures.day_range(asked.first, asked.last)}",
        noun=_NOUNS[None],
        heads=_heads(asked, columns, "Ad account", "", has_standing=False),
        rows=lines,
        totals=totals,
        count=len(rows),
        first=1,
        last=len(rows),
        newer_href="",
        older_href="",
        is_filtered=False,
        clear_href="",
        what=_what(len(rows), None),
    )


def _days_of(row: AdAccount) -> str:
    return f"{zone_words(row.time_zone)} days" if row.time_zone else ""


def _what(count: int, level: Level | None) -> str:
    one, many = _NOUNS[level]
    return f"{count:,} {one if count == 1 else many}"


def _ordered(asked: Asked) -> str:
    name, descending = asked.order
    if name == "name":
        return "by name" + (", from the end" if descending else "")
    word = TITLES[name] if TITLES[name].isupper() else TITLES[name].lower()
    return f"{'most' if descending else 'least'} {word} first"


def _heads(asked: Asked, columns: Sequence[str], first: str, currency: str, *, has_standing: bool) -> tuple[Head, ...]:
    """The most comes first where a figure is chosen, the beginning of the alphabet where the name is. Chosen again, it turns round."""
    chosen, descending = asked.order

    def head(key: str, label: str, *, is_figure: bool) -> Head:
        if key == "budget" or not has_standing:
            return Head(key, label, "", is_figure=is_figure)
        usual = f"-{key}" if is_figure else key
        turned = usual.removeprefix("-") if is_figure else f"-{key}"
        is_chosen = key == chosen
        wanted = turned if is_chosen and descending == is_figure else usual
        return Head(key, label, asked.href(sort=wanted), ("descending" if descending else "ascending") if is_chosen else "", is_figure)

    status = (Head("status", "Status", "", is_figure=False),) if has_standing else ()
    return (head("name", first, is_figure=False), *status, *(head(name, title(name, currency), is_figure=True) for name in columns))


def _row(line: Line, asked: Asked, ad_account: AdAccount, columns: Sequence[str], posts: Mapping[str, Post]) -> Row:
    level = asked.level
    name = line.name or _unnamed(line, level)
    href, post, post_href = "", "", ""
    if level is Level.CAMPAIGN and line.tiktok_id:
        href = asked.href(level="groups", campaign=line.tiktok_id, group=None, q=None, status=None, sort=None)
    elif level is Level.AD_GROUP and line.tiktok_id:
        campaign = asked.get("campaign") or line.facts.get("tiktok_campaign_id") or None
        href = asked.href(level="ads", campaign=campaign, group=line.tiktok_id, q=None, status=None, sort=None)
    item = line.facts.get("tiktok_item_id") or ""
    if item:
        found = posts.get(item)
        post = _post_words(found) if found else f"post {item}, not of a connected account"
        post_href = post_address(found) if found else ""
    return Row(
        name=name,
        href=href,
        detail=_detail(line, level, is_spark=bool(item)),
        standing=standing(line.operation_status, line.secondary_status, is_known=line.is_known),
        cells=tuple(_cell(n, line.sums, ad_account.currency, line=line) for n in columns if n == "budget" or not line.sums.is_empty),
        post=post,
        post_href=post_href,
        idle_cells=len([n for n in columns if n != "budget"]) if line.sums.is_empty else 0,
    )


def _unnamed(line: Line, level: Level | None) -> str:
    noun = _NOUNS[level][0]
    return f"{noun.capitalize()} {line.tiktok_id}" if line.tiktok_id else f"{noun.capitalize()} not told by TikTok"


def _detail(line: Line, level: Level | None, *, is_spark: bool) -> str:
    facts = line.facts
    if not line.is_known:
        return f"Not in TikTok's list of {_NOUNS[level][1]}"
    parts = []
    if level is Level.CAMPAIGN:
        parts = [said(facts.get("objective") or ""), "Reservation" if is_reservation(facts.get("objective") or "") else ""]
    elif level is Level.AD_GROUP:
        parts = [said(facts.get("optimization_goal") or "")]
    elif level is Level.AD:
        parts = ["Spark Ad" if is_spark else said(facts.get("ad_format") or "")]
    return ", ".join(part for part in (*parts, "Smart+" if facts.get("is_smart") else "") if part)


def _post_words(post: Post) -> str:
    caption = " ".join(post.caption.split()) or "Post without a caption"
    short = caption if len(caption) <= CAPTION else f"{caption[: CAPTION - 1].rstrip()}…"
    return f"{post.account.connection.shown_name} · {short}"


def post_address(post: Post) -> str:
    """The post's page, with its life and its paid lift."""
    return reverse("post", args=[post.pk])


def _cell(name: str, sums: Sums, currency: str, *, line: Line | None = None, total: bool = False) -> Cell:
    label = TITLES[name]
    if name == "budget":
        return _budget(label, line, currency)
    value: Any = getattr(sums, name)
    if sums.is_empty:
        return Cell(label, figures.MISSING, reason="not shown in these days")
    if value is None:
        return Cell(label, figures.MISSING, reason=_why_not(name, sums, total=total))
    if name == "ctr":
        return Cell(label, figures.ctr(value))
    return Cell(label, figures.money(value, currency) if name in MONEY else figures.count(value))


def _budget(label: str, line: Line | None, currency: str) -> Cell:
    budget: Decimal | None = line.facts.get("budget") if line else None
    if line is None:
        return Cell(label, "")
    if not budget:
        return Cell(label, figures.MISSING, reason="no budget of its own" if line.is_known else "not told")
    return Cell(label, figures.money(budget, currency), budget_words(line.facts.get("budget_mode") or ""))


def _why_not(name: str, sums: Sums, *, total: bool) -> str:
    parts = {"ctr": ("clicks", "impressions"), "cpm": ("spend", "impressions"), "cpc": ("spend", "clicks")}
    needs = parts.get(name, ("spend", "conversions") if name == "cost_per_conversion" else ())
    if needs and all(getattr(sums, part) is not None for part in needs):
        return f"no {needs[1]}"
    return "TikTok did not tell it for every ad" if total else "TikTok did not tell it for every day"
