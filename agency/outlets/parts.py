"""Owns the shapes that page components consume: frozen, already worded, already formatted. Never reads a database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from agency.outlets import figures

Tone = Literal["better", "worse", "flat"]
Arrow = Literal["up", "down", "none"]

NO_DATA = "no data from TikTok"
BARS_UP_TO = 14  # points; a longer chart is a line
MOST_POINTS = 92  # days; a longer chart is drawn by weeks


@dataclass(frozen=True, slots=True)
class Action:
    """One thing the person can do about what stands beside it."""

    label: str  # a verb: "Reconnect"
    href: str
    method: Literal["get", "post"] = "get"  # post is drawn as a form with a token


@dataclass(frozen=True, slots=True)
class Delta:
    """A change against a base. Colour says better or worse, the arrow says up or down; a lower CPM is better and down."""

    text: str  # "+12.5%", "+250 / 7d", "new"
    said: str  # the base, for those who listen: "from 1,040,900"
    tone: Tone = "flat"
    arrow: Arrow = "none"


def delta(text: str, said: str, difference: int | float | Decimal, *, more_is: Tone = "better") -> Delta:
    """The chip for a difference: its sign gives arrow and tone. `more_is` is "flat" for figures that are neither good nor bad."""
    if difference == 0:
        return Delta(text, said)
    opposite: dict[Tone, Tone] = {"better": "worse", "worse": "better", "flat": "flat"}
    rises = difference > 0
    return Delta(text, said, more_is if rises else opposite[more_is], "up" if rises else "down")


def count_delta(now: int | None, before: int | None, *, more_is: Tone = "better") -> Delta | None:
    """A count against the period before, in percent. Without a base there is no chip; from zero it says "new"."""
    if now is None or before is None:
        return None
    return delta(figures.change(now, before), f"from {figures.count(before)}", now - before, more_is=more_is)


def rate_delta(now: float | None, before: float | None, *, more_is: Tone = "better") -> Delta | None:
    """A rate against the period before, in percentage points."""
    if now is None or before is None:
        return None
    # Compared as shown: a change that reads "0.0 pp" must not carry an arrow.
    shown = round(now - before, 3)
    return delta(figures.points(shown), f"from {figures.rate(before)}", shown, more_is=more_is)


@dataclass(frozen=True, slots=True)
class Kpi:
    """One key figure; choosing it picks the chart."""

    key: str  # "views", goes into the address
    label: str  # "Views (7d)"
    value: str  # shortened, "1.23M"; MISSING unless state is ok
    full: str  # in full, "1,234,567"; equal to value where nothing was shortened
    delta: Delta | None  # None without a base
    note: str  # instead of a delta: "on cadence"
    note_ok: bool  # the note is good news and gets a tick
    spark: tuple[float | None, ...]  # one per day, None breaks the line; empty draws none
    href: str  # where choosing it leads; empty draws plain text
    current: bool = False
    state: Literal["ok", "missing", "not_granted"] = "ok"
    reason: str = ""  # why there is no figure; shown in place of the delta
    gap: str = ""  # over how many of its days the figure goes, when not over all: "58 of 90 days"


@dataclass(frozen=True, slots=True)
class DayPoint:
    """One day of a chart. None is missing, which is not zero."""

    date: date
    label: str  # "Mon 18" up to a fortnight, "May 18" beyond
    now: int | float | None
    before: int | float | None  # the same weekday a period earlier
    # idle: there was nothing of which this could be a figure, as a rate of ads that were not shown; no data is missing
    state: Literal["final", "provisional", "missing", "idle"] = "final"


@dataclass(frozen=True, slots=True)
class Chart:
    """A day chart with its legend, its sentence of news and the table beside it."""

    title: str  # "Views per day"
    legend_now: str  # "May 18 – 24"
    legend_before: str  # "May 11 – 17"; empty when there is nothing to compare with
    total_now: str
    total_before: str
    points: Sequence[DayPoint]
    news: str  # one sentence; charts.news() writes it
    unit: str = "Views"  # head of the figure column: "CPM (USD)"
    form: str = "count"  # charts.Form
    step: str = "Day"  # head of the first column: what a point is
    gap: str = NO_DATA  # why a point has nothing to show
    idle: str = ""  # what an idle point is called: "no ads shown"

    @property
    def word(self) -> str:
        """What stands after a figure in the tooltip: "views", "CPM"."""
        name = self.unit.split(" (")[0]
        return name if name[:2].isupper() else name.lower()

    @property
    def has_provisional(self) -> bool:
        return any(point.state == "provisional" for point in self.points)

    @property
    def is_line(self) -> bool:
        return len(self.points) > BARS_UP_TO

    @property
    def has_missing(self) -> bool:
        return any(point.now is None and point.state != "idle" for point in self.points)

    @property
    def has_idle(self) -> bool:
        return any(point.state == "idle" for point in self.points)


@dataclass(frozen=True, slots=True)
class PostRow:
    """One post in a table. All texts are formatted; share is the part of the longest bar, from 0 to 1."""

    rank: int
    title: str
    href: str  # empty draws plain text
    posted: str  # "May 22"
    views: str
    views_full: str
    share: float
    engagement: str
    watch_through: str
    thumb: str = ""  # address of a picture of ours; empty shows the rank
    note: str = ""  # "since posting", when the figure is a lifetime one


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One line of a list of figures."""

    label: str
    value: str
    delta: Delta | None = None
    note: str = ""  # "on cadence", or why the value is missing


@dataclass(frozen=True, slots=True)
class Freshness:
    """How current a page's figures are. Only the worst state is shown."""

    state: Literal["fresh", "not_final", "late", "broken", "never"]
    synced_at: datetime | None
    final_through: date | None
    # not_final, broken, never: the whole sentence. late: what comes after the age ("Next try 14:20."). fresh: empty.
    sentence: str = ""
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A connection that stopped: one red notice, one button."""

    sentence: str  # "@brassorbit3 needs to be reconnected. Figures stop at May 22."
    action: Action | None  # None for those who may not reconnect


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the first sync."""

    label: str
    state: Literal["waiting", "running", "done", "failed"]
    done: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A connected account, or one that used to be."""

    public_id: str
    handle: str  # without the @; empty where TikTok did not let us read it
    mark: str  # monogram while there is no picture: "B3"
    avatar_url: str
    state: Literal["live", "syncing", "asked", "reconnect", "disconnected"]  # asked: waits for a person's yes
    state_text: str  # "Live", "Syncing…", "Needs to be reconnected"
    connected_on: date | None
    token_refreshed_at: datetime | None
    scopes_granted: int
    scopes_asked: int
    missing_scopes: tuple[str, ...] = ()
    display_name: str = ""
    deletes_on: date | None = None  # former accounts: when its data goes at the latest
    ends_on: date | None = None  # the consent's last day, once the countdown has begun
    days_left: int | None = None

    @property
    def shown(self) -> str:
        """What people know the account by."""
        return f"@{self.handle}" if self.handle else self.display_name or f"account {self.public_id[:8]}"

    @property
    def beside(self) -> str:
        """The display name, where it says more than the handle."""
        return "" if self.display_name == self.shown else self.display_name

    @property
    def missing_count(self) -> int:
        return len(self.missing_scopes)


@dataclass(frozen=True, slots=True)
class ScopeRow:
    name: str  # "video.list"
    reason: str  # why we ask


@dataclass(frozen=True, slots=True)
class Recipient:
    """Someone who got the report, or was meant to."""

    mark: str
    name: str
    sentence: str  # "Client admin · delivered 09:01 UTC"
    tone: Literal["ok", "bad"] = "ok"


@dataclass(frozen=True, slots=True)
class NewsPart:
    """A piece of the sentence of news: plain, bold, or a link."""

    text: str
    bold: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class Todo:
    """Something that waits for this person."""

    icon: str  # our meaning, see outlets/markup.py
    title: str
    detail: str
    href: str


@dataclass(frozen=True, slots=True)
class NavItem:
    icon: str
    label: str
    href: str
    current: bool = False
    count: int = 0  # how much waits there; 0 shows nothing


@dataclass(frozen=True, slots=True)
class Space:
    """A workspace the person can switch to."""

    slug: str
    name: str
    kind: str  # "Workspace", "Agency"
    current: bool = False
    mark: str = ""
    accent: str = ""


@dataclass(frozen=True, slots=True)
class Chrome:
    """Everything around a signed-in page."""

    workspace_name: str
    workspace_mark: str
    workspace_kind: str
    accent: str  # a key of design.ACCENTS
    theme: Literal["system", "light", "dark"]
    spaces: Sequence[Space]  # the current one included; one alone draws no switcher
    nav: Sequence[NavItem]
    settings_nav: Sequence[NavItem]
    tabs: Sequence[NavItem]  # at most five; at most four where they leave something out, "More" comes after them
    person_name: str
    person_mark: str
    role_label: str
    switch_href: str  # takes POST workspace=<slug>
    sign_out_href: str  # takes POST
    account_href: str

    @property
    def has_more(self) -> bool:
        """Whether a small screen needs a way to what the tabs leave out."""
        shown = {item.href for item in self.tabs}
        return any(item.href not in shown for item in (*self.nav, *self.settings_nav))


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs this installation, for public pages and the foot of a mail."""

    product: str  # "Logic Target Agency Platform"
    mark: str  # "LT"
    company_line: str  # "Logic Target LLC, Walnut, CA, USA"
    privacy_email: str
    security_email: str
