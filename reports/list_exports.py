"""Exports of lists: the weekly reports with what each said, and the mentions of some days.

A week's figures are those that its report was sent with. Of mentions only figures and addresses leave: names and words are other people's,
and stand here only as long as TikTok lists them.
"""

from collections.abc import Iterator, Sequence

from agency import clock
from agency.exports import Asked as Query
from agency.exports import Export, Table
from agency.models import Membership
from agency.outlets import figures
from agency.outlets.sheets import Cell, Column
from agency.roles import Can
from metrics.glossary import definitions
from metrics.mention_queries import accounts_that_grant, mentions_between
from metrics.models import Mention
from metrics.subject_queries import everything
from reports import content, queries
from reports.asking import asked
from reports.choosing import name_of
from reports.models import WeeklyReport


def _weeks(membership: Membership, query: Query) -> Table:
    found = queries.visible_reports(membership)

    def read() -> Iterator[Sequence[Cell]]:
        yield from map(_week, found.iterator(chunk_size=100))

    return Table(
        title=f"Weekly reports of {membership.workspace.name}",
        stem=f"reports-{clock.now():%Y-%m-%d}",
        noun=("week", "weeks"),
        count=found.count(),
        columns=(
            Column("week", "Week"),
            Column("first", "First day", "date"),
            Column("last", "Last day", "date"),
            Column("sent", "Sent", "moment"),
            Column("posts", "Posts published", "count"),
            Column("views", "Total views", "count"),
            Column("engagement", "Avg. engagement rate", "rate"),
            Column("new_followers", "New followers", "count"),
            Column("missing", "Days without figures", "count"),
            Column("standing", "Standing"),
        ),
        rows=read,
        definitions=definitions(("posts", "views", "engagement_rate", "new_followers")),
    )


def _week(report: WeeklyReport) -> Sequence[Cell]:
    week = report.as_week
    head: list[Cell] = [report.week, week.monday, week.sunday, report.released_at]
    if report.erased_at is not None:
        return [*head, None, None, None, None, None, "Its content was erased"]
    said = content.from_json(report.content)
    organic = said.organic
    told: list[Cell] = [organic.posts_count, organic.views, organic.engagement_rate, organic.new_followers, len(said.missing_days)]
    return [*head, *told, "Sent" if report.released_at else "Not sent yet"]


def _mentions(membership: Membership, query: Query) -> Table:
    wish, subject = asked(query, now=clock.now()).subject(everything(membership))
    read_of = accounts_that_grant(subject.accounts)
    found = mentions_between(read_of, *wish.range).filter(gone_at=None)
    names = {a.pk: a.connection.shown_name for a in read_of}
    whose = name_of(subject) if subject.accounts else "no account"

    def read() -> Iterator[Sequence[Cell]]:
        for one in found.iterator(chunk_size=500):
            counts = (one.views, one.likes, one.comments, one.shares, one.reach)
            yield [names[one.account_id], Mention.Kind(one.kind).label, one.created_at, one.link or None, *counts]

    return Table(
        title=f"Mentions of {whose}, {figures.day_range(*wish.range, year=True)}",
        stem="-".join(("mentions", whose.lower().lstrip("@"), wish.first.isoformat(), wish.last.isoformat())),
        noun=("mention", "mentions"),
        count=found.count(),
        columns=(
            Column("account", "Account"),
            Column("kind", "Kind"),
            Column("made", "Made", "moment"),
            Column("link", "Link"),
            *(Column(head.lower(), head, "count") for head in ("Views", "Likes", "Comments", "Shares", "Reach")),
        ),
        rows=read,
        definitions=definitions(("mentions",)),
    )


WEEKS = Export(needs=Can.VIEW_REPORTS, table=_weeks, back="reports")
MENTIONS = Export(needs=Can.VIEW_PERFORMANCE, table=_mentions, back="mentions")
