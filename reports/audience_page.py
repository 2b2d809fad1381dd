"""Who follows, when they are active and where posts were found, as one object. Owns labels and the order of hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agency.models import Membership
from agency.outlets import figures
from metrics import audience_queries as audiences
from metrics import subject_queries as subjects
from metrics.audience_queries import Shares
from metrics.dictionary import METRICS
from metrics.models import PostAudience
from reports.asking import Asked
from reports.choosing import Choice, choice_of

MOST_PARTS = 8
HEADS = {"ages": "Age", "genders": "Gender", "countries": "Country", "cities": "City"}


@dataclass(frozen=True)
class Bar:
    """A part with its bar: `share` of the longest one."""

    label: str
    text: str
    share: float


@dataclass(frozen=True)
class Breakdown:
    """A card of bars, or why there are none."""

    key: str
    title: str
    bars: tuple[Bar, ...]
    note: str


@dataclass(frozen=True)
class AudiencePage:
    """Everything templates/reports/audience.html shows."""

    choice: Choice
    wishes: tuple[str, ...]
    breakdowns: tuple[Breakdown, ...]
    hours: Breakdown
    sources: Breakdown
    told: str
    not_granted: str
    source_href: str
    back_href: str


def audience_page(membership: Membership, asked: Asked) -> AudiencePage:
    """Five queries, whatever the number of accounts and posts."""
    world = subjects.everything(membership)
    asked, subject = asked.subject(world)
    who = audiences.audience(subject)
    found = audiences.sources(subject, asked.range)
    granted = subject.granting("user.insights")
    small = METRICS["audience"].missing if granted or not subject.accounts else "Not granted: user.insights."
    return AudiencePage(
        choice=choice_of(asked, subject, world),
        wishes=asked.problems,
        breakdowns=tuple(_breakdown(kind, head, who.kinds[kind], "account", small) for kind, head in HEADS.items()),
        hours=_hours(who, small),
        sources=_breakdown("sources", "Traffic sources", found, "post", METRICS["traffic_sources"].missing),
        told=figures.moment_text(who.told_at) if who.told_at else "",
        not_granted=", ".join(a.connection.shown_name for a in subject.accounts if not a.connection.has("user.insights")),
        source_href=asked.href("figure_source", figure="traffic_sources"),
        back_href=asked.href(),
    )


def _breakdown(key: str, title: str, shares: Shares, noun: str, missing: str) -> Breakdown:
    of = f"{figures.count(shares.of)} {noun}{'' if shares.of == 1 else 's'}"
    note = f"{of}, weighted by {'followers' if noun == 'account' else 'views'}" if shares.of > 1 else of
    return Breakdown(key, title, bars_of(shares.parts), note if shares.of else missing)


def bars_of(parts: Sequence[tuple[str, float]]) -> tuple[Bar, ...]:
    """The largest parts; what is left is one more, so that they add up."""
    shown, rest = list(parts[:MOST_PARTS]), sum(part for _, part in parts[MOST_PARTS:])
    if rest:
        shown.append(("All others", rest))
    most = max((part for _, part in shown), default=0)
    return tuple(Bar(name or "Not named", figures.rate(part), part / most if most else 0) for name, part in shown)


def _hours(who: audiences.Audience, missing: str) -> Breakdown:
    most = max((n for n in who.hours if n is not None), default=0)
    if who.hours_last is None:
        return Breakdown("hours", "Active hours (UTC)", (), missing)
    bars = tuple(
        Bar(f"{h:02}:00", figures.count(None if n is None else round(n)), (n or 0) / most if most else 0) for h, n in enumerate(who.hours)
    )
    best = max(range(24), key=lambda h: who.hours[h] or 0)
    note = f"Most of them from {best:02}:00 to {(best + 1) % 24:02}:00. Mean of seven days up to {figures.day(who.hours_last)}."
    return Breakdown("hours", "Active hours (UTC)", bars, note)


def of_one_post(told: PostAudience | None, granted: bool) -> tuple[Breakdown, ...]:
    """How one post was found and who watched it."""
    missing = "TikTok has not told it: the post was quiet when it was first seen." if granted else "Not granted: video.insights."
    heads: dict[str, str] = {"sources": "Traffic sources", "viewer_types": "Viewers", "genders": "Gender", "countries": "Country"}
    return tuple(_of_post(key, head, getattr(told, key, None), missing) for key, head in heads.items())


_WORDS = {
    "NEW_VIEWER": "New viewers",
    "RETURN_VIEWER": "Returning viewers",
    "NON_FOLLOWER_PERCENT": "Not following",
    "FOLLOWER_PERCENT": "Followers",
}


def _of_post(key: str, title: str, shares: list[list[Any]] | None, missing: str) -> Breakdown:
    parts = [(_WORDS.get(str(name), str(name)), part) for name, part in shares or () if part is not None]
    if key == "viewer_types":  # two pairs, each of which adds up by itself
        return Breakdown(key, title, tuple(Bar(name, figures.rate(part), part) for name, part in parts), "" if parts else missing)
    return Breakdown(key, title, bars_of(sorted(parts, key=lambda p: -p[1])), "" if parts else missing)
