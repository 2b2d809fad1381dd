"""The list of posts as one object: filters, order, columns and pages out of the address, rows with their figures worded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from agency.models import Membership
from agency.outlets import figures
from agency.outlets.figures import MISSING
from metrics import queries as metrics
from metrics import subject_queries as subjects
from metrics.models import Post
from metrics.post_queries import ORDERS, Gain, gains, posts_in_order
from reports.asking import Asked
from reports.choosing import Choice, choice_of
from reports.presentation import caption

A_PAGE = 50
LONGEST_SEARCH = 100


@dataclass(frozen=True)
class Column:
    """What a column shows of a post."""

    label: str
    text: Callable[[Post], str]
    why_missing: str = "TikTok left the figure out."


_QUIET = "Not granted, or the post was quiet when it was first seen."
COLUMNS: dict[str, Column] = {
    "views": Column("Views", lambda p: figures.count(p.views)),
    "gained": Column("Gained", lambda p: MISSING, "Nobody had looked at the post before the period began."),
    "engagement": Column("Engagement", lambda p: figures.rate(metrics.engagement_of(p))),
    "likes": Column("Likes", lambda p: figures.count(p.likes)),
    "comments": Column("Comments", lambda p: figures.count(p.comments)),
    "shares": Column("Shares", lambda p: figures.count(p.shares)),
    "favorites": Column("Favorites", lambda p: figures.count(p.favorites)),
    "reach": Column("Reach", lambda p: figures.count(p.reach), _QUIET),
    "watch_through": Column("Watch-through", lambda p: figures.watch(p.watch_through_rate), _QUIET),
    "watch_time": Column("Avg. watch time", lambda p: figures.seconds(p.average_watched_seconds), _QUIET),
}
USUAL = ("views", "gained", "engagement", "watch_through")


@dataclass(frozen=True)
class Listing:
    """How the list is wished for."""

    order: str = "views"
    descending: bool = True
    columns: tuple[str, ...] = USUAL
    words: str = ""
    all_posts: bool = False
    page: int = 1

    @classmethod
    def of(cls, query: Any) -> "Listing":
        """From a query string. What is unknown falls back to the usual."""
        sort = query.get("sort", "-views")
        order, descending = sort.removeprefix("-"), sort.startswith("-")
        chosen = query.getlist("col")
        page = query.get("page", "1")
        known = order in ORDERS
        return cls(
            order=order if known else "views",
            descending=descending if known else True,
            columns=tuple(c for c in COLUMNS if c in chosen) or USUAL,
            words=query.get("q", "").strip().replace("\x00", "")[:LONGEST_SEARCH],
            all_posts=query.get("which") == "all",
            page=int(page) if page.isascii() and page.isdigit() and 0 < int(page) < 100_000 else 1,
        )

    def href(self, asked: Asked, **changes: Any) -> str:
        """The same list with something changed."""
        sort = {"sort": f"{'-' if self.descending else ''}{self.order}"}
        values: dict[str, Any] = (
            asked.query | sort | ({"q": self.words} if self.words else {}) | ({"which": "all"} if self.all_posts else {})
        )
        values |= {"col": list(self.columns)} if self.columns != USUAL else {}
        values |= {"page": self.page} if self.page > 1 else {}
        values = {k: v for k, v in (values | changes).items() if v is not None}
        return f"{reverse('posts')}?{urlencode(values, doseq=True)}"


@dataclass(frozen=True)
class Head:
    """A column's head, with the link that orders by it."""

    label: str
    href: str  # empty: nothing can be ordered by it
    aria_sort: str  # "ascending", "descending" or empty


@dataclass(frozen=True)
class Cell:
    """A figure in its row."""

    label: str
    text: str
    note: str  # why there is none, or from when to when it goes


@dataclass(frozen=True)
class Row:
    """One post."""

    href: str
    title: str
    account: str  # empty where all posts are of one account
    posted: str
    is_gone: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class PostsPage:
    """Everything templates/reports/posts.html shows."""

    choice: Choice
    wishes: tuple[str, ...]
    heads: tuple[Head, ...]
    posted_head: Head
    rows: tuple[Row, ...]
    total: int
    first: int
    last: int
    newer_href: str
    older_href: str
    columns: tuple[tuple[str, str, bool], ...]
    words: str
    all_posts: bool
    which: tuple[dict[str, Any], ...]
    clear_href: str
    hidden: tuple[tuple[str, str], ...]
    source_href: str
    back_href: str
    can_see_whole: bool


def posts_page(membership: Membership, asked: Asked, listing: Listing, *, can_see_whole: bool) -> PostsPage:
    """Three queries, whatever the number of posts."""
    world = subjects.everything(membership)
    asked, subject = asked.subject(world)
    found = posts_in_order(
        subject, None if listing.all_posts else asked.range, order=listing.order, descending=listing.descending, words=listing.words
    )
    total = found.count()
    pages = max(1, -(-total // A_PAGE))
    page = min(listing.page, pages)
    start = (page - 1) * A_PAGE
    posts = list(found[start : start + A_PAGE])
    gained = gains(posts, asked.range) if "gained" in listing.columns else {}
    names = {a.pk: a.connection.shown_name for a in subject.accounts} if len(subject.accounts) > 1 else {}
    return PostsPage(
        choice=choice_of(asked, subject, world, keep=_kept(listing)),
        wishes=asked.problems,
        heads=tuple(_head(asked, listing, key, COLUMNS[key].label) for key in listing.columns),
        posted_head=_head(asked, listing, "posted", "Posted"),
        rows=tuple(_row(p, listing, gained.get(p.pk), names.get(p.account_id, ""), asked) for p in posts),
        total=total,
        first=start + 1 if posts else 0,
        last=start + len(posts),
        newer_href=listing.href(asked, page=page - 1 if page > 2 else None) if page > 1 else "",
        older_href=listing.href(asked, page=page + 1) if page < pages else "",
        columns=tuple((key, c.label, key in listing.columns) for key, c in COLUMNS.items()),
        words=listing.words,
        all_posts=listing.all_posts,
        which=(
            {"label": "Published then", "href": listing.href(asked, which=None, page=None), "current": not listing.all_posts},
            {"label": "All posts", "href": listing.href(asked, which="all", page=None), "current": listing.all_posts},
        ),
        clear_href=listing.href(asked, q=None, page=None),
        hidden=(*asked.query.items(), ("sort", f"{'-' if listing.descending else ''}{listing.order}")),
        source_href=asked.href("figure_source", figure="post_views"),
        back_href=asked.href(),
        can_see_whole=can_see_whole,
    )


def _kept(listing: Listing) -> tuple[tuple[str, str], ...]:
    """What choosing other days keeps of the list."""
    some = [("sort", f"{'-' if listing.descending else ''}{listing.order}")]
    some += [("which", "all")] if listing.all_posts else []
    some += [("q", listing.words)] if listing.words else []
    return tuple(some + ([("col", c) for c in listing.columns] if listing.columns != USUAL else []))


def _head(asked: Asked, listing: Listing, key: str, label: str) -> Head:
    if key not in ORDERS:
        return Head(label, "", "")
    is_this = listing.order == key
    to = "" if is_this and listing.descending else "-"
    said = ("descending" if listing.descending else "ascending") if is_this else ""
    return Head(label, listing.href(asked, sort=f"{to}{key}", page=None), said)


def _row(post: Post, listing: Listing, gain: Gain | None, account: str, asked: Asked) -> Row:
    return Row(
        href=reverse("post", args=[post.pk]),
        title=caption(post.caption),
        account=account,
        posted=figures.day(post.created_at.date(), year=post.created_at.year != asked.final.year),
        is_gone=post.gone_at is not None,
        cells=tuple(_cell(key, post, gain) for key in listing.columns),
    )


def _cell(key: str, post: Post, gain: Gain | None) -> Cell:
    column = COLUMNS[key]
    text, note = column.text(post), ""
    if key == "gained" and gain is not None:
        text = figures.signed_count(gain.views)
        begin = figures.moment_text(gain.since) if gain.since else "its birth"
        note = f"From the look of {begin} to the look of {figures.moment_text(gain.until)}"
    return Cell(column.label, text, column.why_missing if text == MISSING else note)
