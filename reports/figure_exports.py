"""Exports of Performance: the days of an account, a brand or the workspace, and the list of posts."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.http import QueryDict

from agency import clock
from agency.exports import Asked as Query
from agency.exports import Export, Table
from agency.models import Membership
from agency.outlets import figures
from agency.outlets.sheets import Cell, Column
from agency.roles import Can
from metrics import queries as metrics
from metrics import subject_queries as subjects
from metrics.glossary import definitions
from metrics.periods import day_final_at
from metrics.post_queries import gains, posts_in_order
from reports.asking import Asked, asked
from reports.choosing import name_of
from reports.posts_page import Listing

_AT_A_TIME = 500


def _question(membership: Membership, query: Mapping[str, str]) -> tuple[Asked, subjects.Subject]:
    """The page's own reading of the address."""
    return asked(query, now=clock.now()).subject(subjects.everything(membership))


def _named(kind: str, wish: Asked, subject: subjects.Subject) -> tuple[str, str]:
    whose = name_of(subject) if subject.accounts else "no account"
    stem = "-".join((kind, whose.lower().lstrip("@"), wish.first.isoformat(), wish.last.isoformat()))
    return f"{kind.capitalize()} of {whose}, {figures.day_range(*wish.range, year=True)}", stem


def _days(membership: Membership, query: Query) -> Table:
    wish, subject = _question(membership, query)
    title, stem = _named("days", wish, subject)

    def read() -> Iterator[Sequence[Cell]]:
        now = clock.now()
        (period,) = subjects.periods(subject, [wish.range])
        source = "Looks at posts" if subject.is_read_by_looks else "TikTok's days"
        for d in period.days:
            standing = "Final" if day_final_at(d.date) <= now else "TikTok still counts"
            counts = (d.followers, d.views, d.viewers, d.profile_views, d.likes, d.comments, d.shares)
            yield [d.date, *counts, d.engagement_rate, standing, source]

    heads = ("Followers", "Views", "Daily reach", "Profile views", "Likes", "Comments", "Shares")
    return Table(
        title=title,
        stem=stem,
        noun=("day", "days"),
        count=wish.length,
        columns=(
            Column("day", "Day (UTC)", "date"),
            *(Column(head.lower(), head, "count") for head in heads),
            Column("engagement", "Engagement", "rate"),
            Column("standing", "Standing"),
            Column("source", "Views and engagement from"),
        ),
        rows=read,
        definitions=definitions(("followers", "views", "daily_reach", "profile_views", "engagement_rate")),
    )


def _posts(membership: Membership, query: Query) -> Table:
    wish, subject = _question(membership, query)
    address = QueryDict(mutable=True)
    address.update(dict(query))
    listing = Listing.of(address)
    found = posts_in_order(
        subject, None if listing.all_posts else wish.range, order=listing.order, descending=listing.descending, words=listing.words
    )
    names = {account.pk: account.connection.shown_name for account in subject.accounts}
    title, stem = _named("posts", wish, subject)

    def read() -> Iterator[Sequence[Cell]]:
        posts = found.iterator(chunk_size=_AT_A_TIME)
        while some := list(islice(posts, _AT_A_TIME)):
            gained = gains(some, wish.range)
            for post in some:
                yield _post(post, names.get(post.account_id, ""), gained.get(post.pk))

    counts = ("Views", "Gained", "Likes", "Comments", "Shares", "Favorites", "Reach")
    return Table(
        title=title,
        stem=stem,
        noun=("post", "posts"),
        count=found.count(),
        columns=(
            Column("id", "Post id"),
            Column("account", "Account"),
            Column("posted", "Posted", "moment"),
            Column("caption", "Caption"),
            Column("link", "Link"),
            Column("duration", "Length", "seconds"),
            *(Column(head.lower(), head, "count") for head in counts),
            Column("engagement", "Engagement", "rate"),
            Column("watch_through", "Watch-through", "rate"),
            Column("watch_time", "Avg. watch time", "seconds"),
            Column("gone", "Gone from TikTok", "moment"),
        ),
        rows=read,
        definitions=definitions(
            ("post_views", "post_views_gained", "post_engagement_rate", "post_reach", "watch_through_rate", "watch_time")
        ),
    )


def _post(post: Any, account: str, gain: Any) -> Sequence[Cell]:
    counts = (post.views, gain.views if gain else None, post.likes, post.comments, post.shares, post.favorites, post.reach)
    return [
        post.tiktok_item_id, account, post.created_at, post.caption or None, post.share_url or None, post.duration_seconds, *counts,
        metrics.engagement_of(post), post.watch_through_rate, post.average_watched_seconds, post.gone_at,
    ]  # fmt: skip


DAYS = Export(needs=Can.VIEW_PERFORMANCE, table=_days, back="performance")
POSTS = Export(needs=Can.VIEW_POSTS, table=_posts, back="posts")
