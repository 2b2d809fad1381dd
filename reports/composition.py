"""Composing a week: from the figures as TikTok has delivered them by now to the content that is frozen. Reads only.

The same data gives the same content, whoever asks and when; only the moment and what is final by then differ.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from agency.models import Membership, Workspace
from agency.roles import Role
from community import reporting
from community.queries import aim
from integrations.models import AdAccount, Connection
from metrics import queries as metrics
from metrics.dictionary import engagement_rate
from metrics.mention_queries import mention_totals
from metrics.models import Account, Post
from metrics.periods import Week, day_final_at, last_final_day, start_of
from reports import content, spark
from reports.content import BrandFigures, Comments, Content, Creative, CreatorPosts, DayFigure, Mentions, MissingAccount, Organic
from reports.models import Credit

CREATIVE_COUNT = 3
LATE_AFTER = timedelta(hours=2)  # a sync is due every half hour


@dataclass(frozen=True)
class Sources:
    """Where a workspace's organic figures come from."""

    connections: tuple[Connection, ...]  # of TikTok accounts, in the order in which they are named
    accounts: tuple[Account, ...]  # of those that are live, if they have synced at least once

    @property
    def live(self) -> tuple[Connection, ...]:
        """Those that can have figures."""
        return tuple(c for c in self.connections if c.state == Connection.State.LIVE)

    @property
    def has_broken(self) -> bool:
        """Whether one needs to be reconnected."""
        return any(c.state == Connection.State.BROKEN for c in self.connections)

    def are_late(self, now: datetime) -> bool:
        """Whether a live account has not been synced lately, as after an outage."""
        synced_at = metrics.last_synced_at(self.accounts) if len(self.accounts) == len(self.live) else None
        return synced_at is None or now - synced_at > LATE_AFTER


def sources(workspace: Workspace) -> Sources:
    """As they are now."""
    rows = tuple(Connection.objects.of(workspace).of_accounts().exclude(state=Connection.State.ASKED).order_by("handle", "pk"))
    return Sources(rows, tuple(metrics.accounts_of(c.pk for c in rows if c.state == Connection.State.LIVE)))


@dataclass(frozen=True)
class _Weeks:
    """A week and the one before it, over some accounts."""

    this: metrics.Period
    last: metrics.Period
    new_followers: int | None
    new_followers_before: int | None


def _weeks(accounts: Sequence[Account], week: Week) -> _Weeks:
    a_day = timedelta(days=1)
    known = metrics.period(accounts, week.before.monday - a_day, week.sunday)
    return _Weeks(
        this=known.between(week.monday, week.sunday),
        last=known.between(week.before.monday, week.before.sunday),
        new_followers=metrics.gained(known.between(week.before.sunday, week.sunday)),
        new_followers_before=metrics.gained(known.between(week.before.monday - a_day, week.before.sunday)),
    )


def compose(workspace: Workspace, week: Week, *, now: datetime, known: Sources | None = None) -> Content:
    """The content of a week as TikTok has delivered it by now. `known`: its sources, if they have just been read."""
    known = known or sources(workspace)
    accounts = known.accounts
    ad_accounts = list(
        AdAccount.objects.of(workspace).filter(state__in=(AdAccount.State.LINKED, AdAccount.State.LOST)).order_by("name", "advertiser_id")
    )
    shares_days = any(a.connection.has("user.insights") for a in accounts)
    weeks = _weeks(accounts, week)
    posts = list(metrics.posts_between(accounts, week.monday, week.sunday))
    days = tuple(
        DayFigure(date=d.date.isoformat(), views=d.views, views_before=b.views, is_final=day_final_at(d.date) <= now)
        for d, b in zip(weeks.this.days, weeks.last.days, strict=True)
    )
    return Content(
        week=str(week),
        workspace=workspace.name,
        monday=week.monday.isoformat(),
        sunday=week.sunday.isoformat(),
        composed_at=now.replace(microsecond=0).isoformat(),
        accounts=tuple(c.shown_name for c in known.live),
        days=days,
        organic=_organic(workspace, accounts, weeks, posts_count=len(posts), now=now),
        creative=tuple(_creative(p, accounts) for p in posts[:CREATIVE_COUNT]),
        # Days that nobody allowed us to ask for are not late: the accounts below say so.
        missing_days=tuple(d.isoformat() for d in weeks.this.missing) if shares_days else (),
        not_final_days=tuple(d.date for d in days if not d.is_final),
        missing_accounts=(*_missing(known.connections, accounts, week), *spark.missing_ad_accounts(ad_accounts, week)),
        version=content.VERSION,
        paid=spark.paid_blocks([a for a in ad_accounts if a.state == AdAccount.State.LINKED], week),
        brands=tuple(_brands(accounts, week, now)),
        creators=tuple(_creators(workspace, accounts, posts)),
        mentions=_mentions(accounts, week),
        comments=_comments(workspace, accounts, week),
    )


def _mentions(accounts: Sequence[Account], week: Week) -> Mentions | None:
    """None where no account grants them, which is not zero."""
    totals = mention_totals(accounts, week.monday, week.sunday)
    return Mentions(posts_count=totals.posts, views=totals.views) if totals else None


def _comments(workspace: Workspace, accounts: Sequence[Account], week: Week) -> Comments | None:
    """None where no account lets us read them, or none has been read yet; of the others the line says nothing."""
    read = reporting.accounts_that_are_read(accounts)
    if not read:
        return None
    line = reporting.week_line(workspace.pk, week.monday, week.sunday, accounts=[a.pk for a in read])
    return Comments(
        comments_count=line.came,
        answered_count=line.answered,
        in_aim_count=line.in_aim,
        aim_seconds=round(aim().total_seconds()),
        answer_seconds=None if line.median_seconds is None else round(line.median_seconds),
    )


def _organic(workspace: Workspace, accounts: Sequence[Account], weeks: _Weeks, *, posts_count: int, now: datetime) -> Organic:
    # Like days only: a week that lacks its Sunday is not compared with one that has it.
    alike = metrics.alike(weeks.this, weeks.last, until=last_final_day(now))
    return Organic(
        posts_count=posts_count if any(a.posts_seen_at for a in accounts) else None,
        posts_agreed=workspace.posts_per_week,
        views=weeks.this.views,
        days_alike=len(alike[0].days) if alike else 0,
        views_alike=alike[0].views if alike else None,
        views_before=alike[1].views if alike else None,
        engagement_rate=weeks.this.engagement_rate,
        engagement_rate_alike=alike[0].engagement_rate if alike else None,
        engagement_rate_before=alike[1].engagement_rate if alike else None,
        new_followers=weeks.new_followers,
        new_followers_before=weeks.new_followers_before,
        followers=weeks.this.followers,
    )


def _missing(connections: Iterable[Connection], accounts: Iterable[Account], week: Week) -> Iterator[MissingAccount]:
    synced = {a.connection_id for a in accounts}
    for c in connections:
        if c.state == Connection.State.BROKEN:
            yield MissingAccount(c.shown_name, "broken", c.broken_reason)
        elif c.state == Connection.State.DISCONNECTED and c.state_since >= start_of(week.monday):
            yield MissingAccount(c.shown_name, "disconnected", "")
        elif c.state == Connection.State.LIVE and c.pk not in synced:
            yield MissingAccount(c.shown_name, "not_synced", "")
        elif c.state == Connection.State.LIVE and not c.has("user.insights"):
            yield MissingAccount(c.shown_name, "not_granted", "user.insights")


def _creative(post: Post, accounts: Iterable[Account]) -> Creative:
    account = next(a for a in accounts if a.pk == post.account_id)
    return Creative(
        post_id=str(post.pk),
        account=account.connection.shown_name,
        caption=post.caption,
        posted_on=post.created_at.date().isoformat(),
        views=post.views,
        engagement_rate=metrics.engagement_of(post),
        watch_through_rate=post.watch_through_rate,
    )


def _brands(accounts: Sequence[Account], week: Week, now: datetime) -> Iterator[BrandFigures]:
    """Side by side where there are several; one brand alone would only repeat the totals."""
    groups: dict[str, list[Account]] = {}
    for account in accounts:
        brand = account.brand
        groups.setdefault(brand.name if brand else "", []).append(account)
    if len(groups) < 2:
        return
    for name in sorted(groups, key=lambda n: (n == "", n)):
        some = groups[name]
        weeks = _weeks(some, week)
        alike = metrics.alike(weeks.this, weeks.last, until=last_final_day(now))
        yield BrandFigures(
            brand=name,
            accounts=tuple(sorted(a.connection.shown_name for a in some)),
            posts_count=metrics.posts_between(some, week.monday, week.sunday).count() if any(a.posts_seen_at for a in some) else None,
            views=weeks.this.views,
            days_alike=len(alike[0].days) if alike else 0,
            views_alike=alike[0].views if alike else None,
            views_before=alike[1].views if alike else None,
            engagement_rate=weeks.this.engagement_rate,
            new_followers=weeks.new_followers,
        )


def creators_of(workspace: Workspace, accounts: Iterable[Account], posts: Sequence[Post]) -> dict[Membership, dict[Post, bool]]:
    """Which of the accounts' posts concern which creator, and whether they were published by the creator's own account (else: credited by
    staff)."""
    if not posts:
        return {}
    by_pk, with_posts = {post.pk: post for post in posts}, {post.account_id for post in posts}
    owner_of = {account.pk: account.connection.connected_by_id for account in accounts if account.pk in with_posts}
    credits = Credit.objects.filter(post__in=by_pk).values_list("creator", "post")
    members = Membership.objects.of(workspace).filter(role=Role.CREATOR.value).select_related("person")
    wanted = members.filter(Q(person__in=set(owner_of.values())) | Q(pk__in={c for c, _ in credits})).order_by("person__name", "pk")
    found: dict[Membership, dict[Post, bool]] = {}
    for member in wanted:
        own = {p: True for p in posts if owner_of.get(p.account_id) == member.person_id}
        credited = {by_pk[post]: False for creator, post in credits if creator == member.pk}
        if own or credited:
            found[member] = credited | own
    return found


def _creators(workspace: Workspace, accounts: Sequence[Account], posts: Sequence[Post]) -> Iterator[CreatorPosts]:
    handles = {a.pk: a.connection.shown_name for a in accounts}
    lines = []
    for member, concerned in creators_of(workspace, accounts, posts).items():
        for is_own in (True, False):
            some = [p for p in posts if concerned.get(p) is is_own]
            if some:
                lines.append(_line(member.person.name, handles[some[0].account_id], some, is_own=is_own))
    yield from sorted(lines, key=lambda line: (-(line.views or 0), line.creator, line.how))


def _line(creator: str, account: str, posts: Sequence[Post], *, is_own: bool) -> CreatorPosts:
    whole = [p for p in posts if None not in (p.views, p.likes, p.comments, p.shares)]
    views = [p.views for p in posts if p.views is not None]
    return CreatorPosts(
        creator=creator,
        account=account,
        how="published" if is_own else "credited",
        posts_count=len(posts),
        views=sum(views) if views else None,
        engagement_rate=engagement_rate(
            likes=sum(p.likes or 0 for p in whole),
            comments=sum(p.comments or 0 for p in whole),
            shares=sum(p.shares or 0 for p in whole),
            views=sum(p.views or 0 for p in whole),
        )
        if whole
        else None,
        caption=posts[0].caption,
    )
