"""What others said about a subject's accounts on some days, as one object."""

from dataclasses import dataclass

from agency.models import Membership
from agency.outlets import figures
from agency.outlets.parts import FigureRow
from metrics import mention_queries as mentions
from metrics import subject_queries as subjects
from metrics.models import Mention
from reports.asking import Asked
from reports.choosing import Choice, choice_of
from reports.presentation import caption

SHOWN = 20


@dataclass(frozen=True)
class MentionRow:
    """Somebody's public post that names an account."""

    title: str
    author: str
    href: str
    made_on: str
    views: str
    likes: str


@dataclass(frozen=True)
class MentionsPage:
    """Everything templates/reports/mentions.html shows."""

    choice: Choice
    wishes: tuple[str, ...]
    totals: tuple[FigureRow, ...]  # empty when nobody granted it
    rows: tuple[MentionRow, ...]
    not_granted: str
    not_read: str
    listed: int  # of which TikTok still lists
    back_href: str


def mentions_page(membership: Membership, asked: Asked) -> MentionsPage:
    """Four queries."""
    world = subjects.everything(membership)
    asked, subject = asked.subject(world)
    accounts = list(subject.accounts)
    totals = mentions.mention_totals(accounts, *asked.range)
    granting = mentions.accounts_that_grant(accounts)
    rows = tuple(_row(m) for m in mentions.loudest(granting, *asked.range)[:SHOWN]) if granting else ()
    return MentionsPage(
        choice=choice_of(asked, subject, world),
        wishes=asked.problems,
        totals=() if totals is None else _totals(totals),
        rows=rows,
        not_granted=", ".join(a.connection.shown_name for a in accounts if not a.connection.has(mentions.SCOPE)),
        not_read=", ".join(a.connection.shown_name for a in accounts if a.connection.has(mentions.SCOPE) and a not in granting),
        listed=mentions.mentions_between(granting, *asked.range).filter(gone_at=None).count() if granting else 0,
        back_href=asked.href(),
    )


def _totals(told: mentions.MentionTotals) -> tuple[FigureRow, ...]:
    rows = [
        ("Posts that name you", told.posts),
        ("Comments that name you", told.comments),
        ("Views of those posts", told.views),
        ("Likes of those posts", told.likes),
        ("Reach of those posts", told.reach),
    ]
    return tuple(FigureRow(label, figures.count(n), note="" if n is not None else "TikTok left it out") for label, n in rows)


def _row(mention: Mention) -> MentionRow:
    return MentionRow(
        title=caption(mention.text),
        author=f"@{mention.author}" if mention.author else "",
        href=mention.link if mention.link.startswith("https://") else "",
        made_on=figures.day(mention.created_at.date()) if mention.created_at else figures.MISSING,
        views=figures.count(mention.views),
        likes=figures.count(mention.likes),
    )
