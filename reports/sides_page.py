"""Brands or accounts side by side, worded: a row for each, the order that the address asks for, and a row of all together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from agency.models import Membership
from agency.outlets import figures
from agency.outlets.figures import MISSING
from agency.outlets.parts import Delta, count_delta, delta, rate_delta
from metrics.asked_days import LENGTHS
from metrics.mention_queries import SCOPE
from metrics.side_queries import Side, accounts, brands, side_by_side
from metrics.subject_queries import Everything, Subject, everything
from reports.asking import Asked
from reports.choosing import Choice, choice_of, name_of
from reports.key_figures import BY_LOOKS, FROM_LOOKS, NO_LOOKS

By = Literal["brands", "accounts"]
Number = int | float | None
A_PAGE = 50
A_CARD = 8  # sides; more of them have a page of their own, and cost Performance nothing


def followers_of(side: Side) -> int | None:
    """At the end of the days; of now where nobody granted days and profiles were."""
    if side.subject.granting("user.insights"):
        return side.followers
    counts = [a.followers_count for a in side.subject.accounts]
    return sum(c for c in counts if c is not None) if None not in counts else None


# What can be ordered by -> the figure. "name" runs from A to Z unless it is turned around.
ORDERS: dict[str, Callable[[Side], Number]] = {
    "followers": followers_of,
    "views": lambda s: s.views,
    "engagement": lambda s: s.engagement_rate,
    "posts": lambda s: s.posts,
    "watch_through": lambda s: s.watch_through_rate,
    "mentions": lambda s: s.mentions,
}
LABELS = {
    "followers": "Followers", "views": "Views", "engagement": "Engagement", "posts": "Posts", "watch_through": "Watch-through",
    "mentions": "Mentions",
}  # fmt: skip
_SCOPES = {"views": "user.insights", "engagement": "user.insights", "posts": "video.list", "watch_through": "video.insights",
           "mentions": SCOPE}  # fmt: skip


@dataclass(frozen=True)
class SideCell:
    """One figure of one side."""

    label: str
    text: str
    delta: Delta | None = None
    note: str = ""  # why there is none, or what it goes over
    share: float | None = None  # of the largest of its column; draws a bar


@dataclass(frozen=True)
class SideRow:
    """One brand or account."""

    name: str
    href: str  # its own Performance page; empty for what belongs to no brand
    of: str  # "3 accounts"
    cells: tuple[SideCell, ...]


@dataclass(frozen=True)
class SideHead:
    """A column's head, with the link that orders by it."""

    label: str
    href: str
    aria_sort: str


@dataclass(frozen=True)
class Sides:
    """The table as components/sides.html shows it."""

    by: By
    heads: tuple[SideHead, ...]
    name_head: SideHead
    rows: tuple[SideRow, ...]
    total: SideRow | None
    count: int


@dataclass(frozen=True)
class SidesPage:
    """Everything templates/reports/sides.html shows."""

    choice: Choice
    wishes: tuple[str, ...]
    period: tuple[dict[str, Any], ...]
    which: tuple[dict[str, Any], ...]  # empty where there is nothing to choose
    table: Sides | None
    first: int
    last: int
    newer_href: str
    older_href: str
    back_href: str


@dataclass(frozen=True)
class Order:
    """How the rows are wished for."""

    by: By
    key: str = "views"
    descending: bool = True
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, Any], world: Everything) -> "Order":
        """From a query string. What is unknown falls back to the usual: brands where there are several, by views."""
        several = len(brands(world)) > 1
        by: By = "accounts" if query.get("by") == "accounts" or not several else "brands"
        sort, page = query.get("sort", "-views"), query.get("page", "1")
        key = sort.removeprefix("-")
        is_known = key in ORDERS or key == "name"
        number = int(page) if page.isascii() and page.isdigit() and 0 < int(page[:6]) < 100_000 else 1
        return cls(by, key if is_known else "views", sort.startswith("-") if is_known else True, number)

    @property
    def query(self) -> dict[str, str]:
        """As it stands in the address."""
        return {"by": self.by, "sort": f"{'-' if self.descending else ''}{self.key}"}

    def put(self, sides: Sequence[Side]) -> list[Side]:
        """In order. Unknown figures stand last, whichever way the rest runs."""
        if self.key == "name":
            return sorted(sides, key=lambda s: name_of(s.subject).casefold(), reverse=self.descending)
        of, sign = ORDERS[self.key], -1 if self.descending else 1
        return sorted(sides, key=lambda s: (of(s) is None, sign * (of(s) or 0), name_of(s.subject).casefold()))


def read(world: Everything, asked: Asked, by: By) -> list[Side]:
    """The sides themselves, for page and export. One query."""
    some = brands(world) if by == "brands" else accounts(world)
    return side_by_side(world, some, asked.range, asked.before, final=asked.final)


def sides_page(membership: Membership, asked: Asked, query: Mapping[str, Any]) -> SidesPage:
    """Two queries, whatever the number of brands, accounts and days."""
    world = everything(membership)
    asked = replace(asked, of="")  # all of them are here
    order = Order.of(query, world)
    sides = order.put(read(world, asked, order.by))
    pages = max(1, -(-len(sides) // A_PAGE))
    page = min(order.page, pages)
    shown = sides[(page - 1) * A_PAGE : page * A_PAGE]
    several = len(brands(world)) > 1

    def href(**more: Any) -> str:
        return asked.href("side_by_side", **(order.query | more))

    return SidesPage(
        choice=choice_of(asked, world.workspace(), world, keep=tuple(order.query.items()), whole_only=True),
        wishes=asked.problems,
        period=tuple(
            {"label": label, "href": href(**{"days": str(n), "from": None, "to": None}), "current": n == asked.days}
            for n, label in LENGTHS.items()
        ),
        which=tuple({"label": by.capitalize(), "href": href(by=by), "current": by == order.by} for by in ("brands", "accounts"))
        if several
        else (),
        table=_table(asked, order, sides, shown, href) if sides else None,
        first=(page - 1) * A_PAGE + 1,
        last=(page - 1) * A_PAGE + len(shown),
        newer_href=href(page=page - 1 if page > 2 else None) if page > 1 else "",
        older_href=href(page=page + 1) if page < pages else "",
        back_href=asked.href(),
    )


def has_card(world: Everything, subject: Subject) -> bool:
    """Whether the page of the whole workspace puts its brands beside each other: where there are several, and not too many."""
    return subject.kind == "workspace" and 0 < len(brands(world)) <= A_CARD


def brands_card(membership: Membership, asked: Asked) -> Sides | None:
    """The table on that page. Two queries."""
    world = everything(membership)
    asked, subject = asked.subject(world)
    if not has_card(world, subject):
        return None
    order = Order("brands")
    sides = order.put(read(world, asked, "brands"))
    return _table(asked, order, sides, sides, lambda **more: asked.href("side_by_side", **(order.query | more)))


def _table(asked: Asked, order: Order, sides: Sequence[Side], shown: Sequence[Side], href: Callable[..., str]) -> Sides:
    most = max((s.views or 0 for s in sides), default=0)
    return Sides(
        by=order.by,
        heads=tuple(_head(order, key, LABELS[key], href) for key in ORDERS),
        name_head=_head(order, "name", "Brand" if order.by == "brands" else "Account", href),
        rows=tuple(_row(asked, s, most) for s in shown),
        total=_total(asked, sides),
        count=len(sides),
    )


def _head(order: Order, key: str, label: str, href: Callable[..., str]) -> SideHead:
    is_this = order.key == key
    falls_first = key != "name"
    falls = not order.descending if is_this else falls_first
    said = ("descending" if order.descending else "ascending") if is_this else ""
    return SideHead(label, href(sort=f"{'-' if falls else ''}{key}"), said)


def _row(asked: Asked, side: Side, most: int) -> SideRow:
    subject = side.subject
    size = len(subject.accounts)
    of = (
        f"account-{subject.accounts[0].connection_id}"
        if subject.kind == "account"
        else f"brand-{subject.brand.pk}"
        if subject.brand
        else ""
    )
    return SideRow(
        name=name_of(subject),
        href=asked.href(of=of) if of else "",
        of=(subject.accounts[0].brand.name if subject.accounts[0].brand else "")
        if subject.kind == "account"
        else f"{size} account{'' if size == 1 else 's'}",
        cells=tuple(_cell(key, asked, side, most) for key in ORDERS),
    )


def _cell(key: str, asked: Asked, side: Side, most: int) -> SideCell:
    label, value = LABELS[key], ORDERS[key](side)
    if value is None:
        return SideCell(label, MISSING, note=_why(key, side))
    share = (side.views or 0) / most if key == "views" and most else None
    return SideCell(label, _text(key, value), _delta(key, side), _gap(key, asked, side), share)


def _text(key: str, value: Any) -> str:
    if key == "engagement":
        return figures.rate(value)
    return figures.watch(value) if key == "watch_through" else figures.count(value)


def _delta(key: str, side: Side) -> Delta | None:
    """As on the page of the side itself."""
    if key == "followers" and side.followers is not None and side.followers_before is not None:
        difference = side.followers - side.followers_before
        return delta(figures.signed_count(difference), f"from {figures.count(side.followers_before)}", difference)
    if key == "views" and side.compared is not None:
        return count_delta(side.compared.views, side.compared.views_before)
    if key == "engagement" and side.compared is not None:
        return rate_delta(side.compared.engagement_rate, side.compared.engagement_rate_before)
    if key == "posts":
        return count_delta(side.posts, side.posts_before)
    return None


def _gap(key: str, asked: Asked, side: Side) -> str:
    """What a sum does not go over."""
    size = len(side.subject.accounts)
    if key in BY_LOOKS and side.subject.is_read_by_looks:
        return FROM_LOOKS + (f", {side.whole_days} of {asked.length} days" if side.whole_days < asked.length else "")
    if key in {"views", "engagement"} and side.whole_days < asked.length:
        return f"{side.whole_days} of {asked.length} days"
    if key in {"views", "engagement"} and (granting := side.subject.granting("user.insights")) < size:
        return f"{granting} of {size} accounts"
    if key == "mentions" and side.mentions_of < size:
        return f"{side.mentions_of} of {size} accounts"
    return ""


def _why(key: str, side: Side) -> str:
    if key in BY_LOOKS and side.subject.is_read_by_looks:
        return NO_LOOKS
    scope = _SCOPES.get(key, "user.insights")
    if not side.subject.granting(scope):
        return f"Not granted: {scope}" if key != "followers" else "Not granted: user.insights, user.info.stats"
    if key == "followers":
        return "Not told for every account"
    return "No post with this figure" if key == "watch_through" else "No data from TikTok"


def _total(asked: Asked, sides: Sequence[Side]) -> SideRow | None:
    """All together. Counts are added; rates are computed from the sums. What a part does not know the whole does not know either."""
    if len(sides) < 2:
        return None
    sums: dict[str, Number] = {
        "followers": _sum([followers_of(s) for s in sides], is_whole=True),
        "views": _sum([s.views for s in sides]),
        "posts": _sum([s.posts for s in sides]),
        "mentions": _sum([s.mentions for s in sides]),
    }
    viewed = _sum([s.engaged_views for s in sides])
    engaged = _sum([s.engaged for s in sides])
    watched = sum(s.watched_views for s in sides)
    sums["engagement"] = engaged / viewed if engaged is not None and viewed else None
    sums["watch_through"] = sum(s.watched_sum for s in sides) / watched if watched else None
    notes = {key: _lacking(key, sides) for key in ("views", "engagement", "posts", "mentions")}
    cells = tuple(SideCell(LABELS[k], MISSING if sums[k] is None else _text(k, sums[k]), note=notes.get(k, "")) for k in ORDERS)
    return SideRow("Together", "", "rates from the sums", cells)


def _sum(values: Sequence[int | None], *, is_whole: bool = False) -> int | None:
    known = [v for v in values if v is not None]
    return sum(known) if known and (len(known) == len(values) or not is_whole) else None


def _lacking(key: str, sides: Sequence[Side]) -> str:
    told = sum(ORDERS[key](s) is not None for s in sides)
    return f"of {told} of {len(sides)}" if 0 < told < len(sides) else ""
