"""Export of what stands side by side: a row for each brand or account, with the figures of the days and of those before."""

from collections.abc import Iterator, Sequence

from agency import clock
from agency.exports import Asked as Query
from agency.exports import Export, Table
from agency.models import Membership
from agency.outlets import figures
from agency.outlets.sheets import Cell, Column
from agency.roles import Can
from metrics.glossary import definitions
from metrics.side_queries import Side
from metrics.subject_queries import everything
from reports import sides_page
from reports.asking import asked
from reports.choosing import name_of


def _sides(membership: Membership, query: Query) -> Table:
    world = everything(membership)
    wish = asked(query, now=clock.now())
    order = sides_page.Order.of(query, world)
    sides = order.put(sides_page.read(world, wish, order.by))
    noun = order.by.removesuffix("s")

    def read() -> Iterator[Sequence[Cell]]:
        yield from (_row(side, wish.length) for side in sides)

    return Table(
        title=f"{order.by.capitalize()} side by side, {figures.day_range(*wish.range, year=True)}",
        stem="-".join((order.by, wish.first.isoformat(), wish.last.isoformat())),
        noun=(noun, order.by),
        count=len(sides),
        columns=(
            Column("name", noun.capitalize()),
            Column("accounts", "Accounts", "count"),
            Column("followers", "Followers", "count"),
            Column("followers_before", "Followers before", "count"),
            Column("views", "Views", "count"),
            Column("engagement", "Engagement", "rate"),
            Column("days", "Days with all figures", "count"),
            Column("days_of", "Days in all", "count"),
            Column("compared", "Views of comparable days", "count"),
            Column("compared_before", "Views of those days before", "count"),
            Column("posts", "Posts", "count"),
            Column("posts_before", "Posts before", "count"),
            Column("watch_through", "Watch-through", "rate"),
            Column("mentions", "Mentions", "count"),
            Column("mentions_of", "Accounts with mentions", "count"),
        ),
        rows=read,
        definitions=definitions(("followers", "views", "engagement_rate", "posts", "watch_through_rate", "mentions")),
    )


def _row(side: Side, length: int) -> Sequence[Cell]:
    compared = (side.compared.views, side.compared.views_before) if side.compared else (None, None)
    return [
        name_of(side.subject), len(side.subject.accounts), sides_page.followers_of(side), side.followers_before, side.views,
        side.engagement_rate, side.whole_days, length, *compared, side.posts, side.posts_before, side.watch_through_rate, side.mentions,
        side.mentions_of,
    ]  # fmt: skip


SIDES = Export(needs=Can.VIEW_PERFORMANCE, table=_sides, back="side_by_side")
