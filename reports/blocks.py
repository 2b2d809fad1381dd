"""The parts of a week beside its organic figures, in words: Spark Ads, brands, creators. Owns labels and formats of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from agency.outlets import figures
from agency.outlets.parts import Delta, FigureRow, count_delta, delta
from reports.content import BrandFigures, Content, CreatorPosts, Paid

NO_ADVERTISER = "No advertiser account is linked."
NOT_READ = "TikTok has not delivered paid figures yet."


@dataclass(frozen=True)
class PaidBlock:
    """Spark Ads in one currency."""

    rows: tuple[FigureRow, ...]
    note: str  # whose days they are, and what may still change


@dataclass(frozen=True)
class Cell:
    """One cell, with its column's name for a narrow screen."""

    head: str
    value: str


@dataclass(frozen=True)
class Line:
    """A name, what stands small below it, and figures."""

    name: str
    detail: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """Lines under heads. The first head names the lines."""

    first: str
    heads: tuple[str, ...]
    lines: tuple[Line, ...]


def paid_blocks(content: Content) -> tuple[PaidBlock, ...]:
    """One for each currency."""
    several = len(content.paid) > 1
    return tuple(_paid(p, named=several) for p in content.paid)


def paid_note(content: Content) -> str:
    """What stands there instead of paid figures."""
    unread = any(m.why in {"ads_not_read", "ads_lost"} for m in content.missing_accounts)
    return NOT_READ if unread else NO_ADVERTISER


def _paid(paid: Paid, *, named: bool) -> PaidBlock:
    rows = (
        FigureRow("Boosted posts", figures.count(paid.boosted_posts), _more(paid.boosted_posts_alike, paid.boosted_posts_before)),
        FigureRow("Impressions", figures.count(paid.impressions), count_delta(paid.impressions_alike, paid.impressions_before)),
        FigureRow("CTR", figures.ctr(paid.ctr), _points(paid.ctr_alike, paid.ctr_before)),
        FigureRow(
            f"CPM ({paid.currency})",
            figures.money(_decimal(paid.cpm), paid.currency),
            _cost(paid.cpm_alike, paid.cpm_before, paid.currency),
        ),
    )
    zones = " and ".join(figures_zone(z) for z in paid.time_zones)
    note = f"{', '.join(paid.ad_accounts)}. " if named else ""
    note += f"Days of {zones}."
    if 0 < paid.days_alike < 7:
        note += f" Compared on the first {_days(paid.days_alike)}."
    if paid.may_still_rise:
        note += " Figures may still rise."
    return PaidBlock(rows, note)


def figures_zone(name: str) -> str:
    """`Los Angeles time`, `UTC`."""
    return "UTC" if name in {"UTC", "Etc/UTC", ""} else f"{name.rsplit('/', 1)[-1].replace('_', ' ')} time"


def _days(count: int) -> str:
    return "day" if count == 1 else f"{count} days"


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _more(now: int | None, before: int | None) -> Delta | None:
    if now is None or before is None:
        return None
    return delta(figures.signed_count(now - before), f"from {figures.count(before)}", now - before)


def _points(now: float | None, before: float | None) -> Delta | None:
    if now is None or before is None:
        return None
    shown = round(now - before, 4)  # compared as shown: "0.00 pp" carries no arrow
    return delta(figures.points(shown, 2), f"from {figures.ctr(before)}", shown)


def _cost(now: str | None, before: str | None, currency: str) -> Delta | None:
    one, other = _decimal(now), _decimal(before)
    if one is None or other is None:
        return None
    return delta(figures.change(one, other), f"from {figures.money(other, currency)}", one - other, more_is="worse")


def brands(content: Content) -> Table | None:
    """Side by side, where there are several."""
    if not content.brands:
        return None
    heads = ("Posts", "Views", "Change", "Engagement", "New followers")
    return Table("Brand", heads, tuple(_brand(b, heads) for b in content.brands))


def _brand(brand: BrandFigures, heads: Sequence[str]) -> Line:
    values = (
        figures.count(brand.posts_count),
        figures.count(brand.views),
        figures.change(brand.views_alike, brand.views_before),
        figures.rate(brand.engagement_rate),
        figures.signed_count(brand.new_followers),
    )
    return Line(brand.brand or "Without a brand", ", ".join(brand.accounts), _cells(heads, values))


def creators(content: Content) -> Table | None:
    """The creators whose posts are in the week."""
    if not content.creators:
        return None
    heads = ("Posts", "Views", "Engagement")
    return Table("Creator", heads, tuple(_creator(c, heads) for c in content.creators))


def _creator(line: CreatorPosts, heads: Sequence[str]) -> Line:
    where = f"published by {line.account}" if line.how == "published" else f"credited, on {line.account}"
    values = (figures.count(line.posts_count), figures.count(line.views), figures.rate(line.engagement_rate))
    return Line(line.creator, where, _cells(heads, values))


def _cells(heads: Sequence[str], values: Sequence[str]) -> tuple[Cell, ...]:
    return tuple(Cell(head, value) for head, value in zip(heads, values, strict=True))


def mentions_sentence(content: Content) -> str:
    """`12 public posts mentioned the accounts, with 34,500 views.`"""
    if content.mentions is None:
        return ""
    count = content.mentions.posts_count
    if not count:
        return "No public post mentioned the accounts."
    seen = f", with {figures.count(content.mentions.views)} views" if content.mentions.views is not None else ""
    return f"{figures.count(count)} public {'post' if count == 1 else 'posts'} mentioned the accounts{seen}."


def comments_rows(content: Content) -> tuple[FigureRow, ...]:
    """What came in under the accounts' posts, and how it was answered."""
    told = content.comments
    if told is None:
        return ()
    answered = figures.rate(told.answered_count / told.comments_count) if told.comments_count else ""
    in_aim = figures.rate(told.in_aim_count / told.answered_count) if told.answered_count else ""
    return (
        FigureRow("Comments", figures.count(told.comments_count)),
        FigureRow("Answered", figures.count(told.answered_count), note=answered),
        FigureRow(f"Within the aim ({figures.lasting(told.aim_seconds)})", figures.count(told.in_aim_count), note=in_aim),
        FigureRow("First answer, median", figures.lasting(told.answer_seconds)),
    )


def day_names(days: Sequence[date]) -> str:
    """`May 23 and May 24`."""
    names = [figures.day(d) for d in days]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
