"""Reads of mentions: what others said in a period, over some accounts. An account that did not grant it has none, which is not zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, Q, QuerySet, Sum

from metrics.account_queries import AnyAccount
from metrics.models import Mention
from metrics.periods import start_of

SCOPE = "biz.brand.insights"


@dataclass(frozen=True)
class MentionTotals:
    """Over the mentions that were made on some days. Counters are lifetime totals as last seen, of posts only; None is not delivered."""

    posts: int
    comments: int
    views: int | None
    likes: int | None
    reach: int | None


def accounts_that_grant(accounts: Sequence[AnyAccount]) -> list[AnyAccount]:
    """Those whose mentions can be read and were read at least once."""
    return [a for a in accounts if a.connection.has(SCOPE) and a.mentions_whole_at is not None]


def mentions_between(accounts: Sequence[AnyAccount], first: date, last: date) -> QuerySet[Mention]:
    """Mentions made on these UTC days, newest first. Of those that are gone only counters are left."""
    days = {"created_at__gte": start_of(first), "created_at__lt": start_of(last + timedelta(days=1))}
    return Mention.objects.filter(account__in=[a.pk for a in accounts], **days).order_by("-created_at", "tiktok_id")


def loudest(accounts: Sequence[AnyAccount], first: date, last: date) -> QuerySet[Mention]:
    """Posts that name the accounts and can be shown, most viewed first."""
    posts = mentions_between(accounts, first, last).filter(kind=Mention.Kind.POST, gone_at=None)
    return posts.order_by(F("views").desc(nulls_last=True), "-created_at", "tiktok_id")


def mention_totals(accounts: Sequence[AnyAccount], first: date, last: date) -> MentionTotals | None:
    """Sums over these UTC days; None when no account grants it. A mention of two accounts counts for each of them."""
    granting = accounts_that_grant(accounts)
    if not granting:
        return None
    is_post = Q(kind=Mention.Kind.POST)
    sums = mentions_between(granting, first, last).order_by().aggregate(
        posts=Count("id", filter=is_post),
        comments=Count("id", filter=~is_post),
        views=Sum("views", filter=is_post),
        likes=Sum("likes", filter=is_post),
        reach=Sum("reach", filter=is_post),
    )  # fmt: skip
    return MentionTotals(**{name: None if value is None else int(value) for name, value in sums.items()})
