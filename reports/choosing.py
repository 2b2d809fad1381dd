"""The form with which a reader chooses whose figures, which days and against which. It leads to an address; nothing is kept."""

from dataclasses import dataclass

from agency.outlets import figures
from metrics.asked_days import AGAINST, EARLIEST
from metrics.subject_queries import Everything, Subject
from reports.asking import Asked

MOST_TO_CHOOSE = 60  # accounts in a list; where there are more they are chosen where they stand side by side


@dataclass(frozen=True)
class Option:
    """One entry of a list."""

    value: str
    label: str
    current: bool


@dataclass(frozen=True)
class Choice:
    """What is chosen, in words, and what else can be."""

    whose: str
    days: str
    against: str  # empty when nothing is compared
    subjects: tuple[tuple[str, tuple[Option, ...]], ...]  # groups with a heading; empty when there is nothing to choose
    comparisons: tuple[Option, ...]
    first: str
    last: str
    earliest: str
    hidden: tuple[tuple[str, str], ...]  # what the form keeps of the address
    all_accounts: str = ""  # where to choose among more accounts than a list holds


def choice_of(
    asked: Asked, subject: Subject, world: Everything, *, keep: tuple[tuple[str, str], ...] = (), whole_only: bool = False
) -> Choice:
    """The form as it stands for this wish. `whole_only`: the page is about all accounts, whoever is named."""
    return Choice(
        whose=name_of(subject),
        days=figures.day_range(*asked.range, year=asked.first.year != asked.final.year),
        against=figures.day_range(*asked.before) if asked.before else "",
        subjects=() if whole_only else _subjects(asked, subject, world),
        comparisons=tuple(Option(key, label, key == asked.against) for key, label in AGAINST.items()),
        first=asked.first.isoformat(),
        last=asked.last.isoformat(),
        earliest=EARLIEST.isoformat(),
        hidden=keep,
        all_accounts="" if whole_only or len(world.shown) <= MOST_TO_CHOOSE else asked.href("side_by_side", by="accounts", sort="name"),
    )


def name_of(subject: Subject) -> str:
    """As a reader calls it."""
    if subject.kind == "account":
        return subject.accounts[0].connection.shown_name
    if subject.brand is not None:
        return subject.brand.name
    if subject.kind == "rest":
        return "Without a brand"
    return subject.accounts[0].connection.shown_name if len(subject.accounts) == 1 else "Whole workspace"


def _subjects(asked: Asked, subject: Subject, world: Everything) -> tuple[tuple[str, tuple[Option, ...]], ...]:
    if len(world.shown) < 2:
        return ()
    brands = tuple(Option(v := f"brand-{b.pk}", b.name, v == asked.of) for b in world.brands)
    chosen = subject.accounts if subject.kind == "account" else ()
    listed = world.shown if len(world.shown) <= MOST_TO_CHOOSE else chosen
    accounts = tuple(Option(v := f"account-{a.connection_id}", a.connection.shown_name, v == asked.of) for a in listed)
    whole = Option("", f"Whole workspace, {len(world.shown)} accounts", not asked.of)
    return tuple((head, group) for head, group in (("", (whole,)), ("Brands", brands), ("Accounts", accounts)) if group)
