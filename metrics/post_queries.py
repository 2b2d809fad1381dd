"""Reads of posts: a page of them in an order, what they gained in a period, the life of one, and what ads did beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, F, FloatField, Max, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast

from agency.models import Membership
from integrations.models import AdAccount
from metrics.models import Ad, AdDay, Post, PostSnapshot
from metrics.periods import Range, start_of
from metrics.subject_queries import Subject, posts_of

_ENGAGED = Cast(F("likes") + F("comments") + F("shares"), FloatField()) / Cast(F("views"), FloatField())
# What a list of posts can be ordered by -> the expression. Unknown figures stand last, whichever way the rest runs.
ORDERS: dict[str, Any] = {
    "posted": F("created_at"),
    "views": F("views"),
    "engagement": Case(When(views__gt=0, then=_ENGAGED), default=Value(None), output_field=FloatField()),
    "likes": F("likes"),
    "comments": F("comments"),
    "shares": F("shares"),
    "favorites": F("favorites"),
    "reach": F("reach"),
    "watch_through": F("watch_through_rate"),
    "watch_time": F("average_watched_seconds"),
}


def published_on(days: Range) -> Q:
    """Made public on these UTC days."""
    return Q(created_at__gte=start_of(days[0]), created_at__lt=start_of(days[1] + timedelta(days=1)))


def posts_in_order(subject: Subject, days: Range | None, *, order: str, descending: bool, words: str = "") -> QuerySet[Post]:
    """Posts of a subject, those published on some days or all; `words` stand in the caption. Posts that went from TikTok are among them."""
    rows = posts_of(subject)
    if days is not None:
        rows = rows.filter(published_on(days))
    if words:
        rows = rows.filter(caption__icontains=words)
    by = ORDERS[order]
    return rows.order_by(by.desc(nulls_last=True) if descending else by.asc(nulls_last=True), "-created_at", "tiktok_item_id")


@dataclass(frozen=True)
class Gain:
    """What a post's counter rose by between two looks, the last ones before a period's two borders. `since` is None from its birth on."""

    views: int
    since: datetime | None
    until: datetime


def gains(posts: Sequence[Post], days: Range) -> dict[UUID, Gain]:
    """Views that posts gained on these days. A post that nobody looked at before the period began has none that can be known."""
    if not posts:
        return {}
    begin, end = start_of(days[0]), start_of(days[1] + timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT p.id, p.created_at >= %s, before.views, before.taken_at, after.views, after.taken_at
            FROM metrics_post p
            LEFT JOIN LATERAL (
                SELECT views, taken_at FROM metrics_postsnapshot s
                WHERE s.workspace_id = p.workspace_id AND s.post_id = p.id AND s.hour < %s ORDER BY s.hour DESC LIMIT 1) before ON true
            LEFT JOIN LATERAL (
                SELECT views, taken_at FROM metrics_postsnapshot s
                WHERE s.workspace_id = p.workspace_id AND s.post_id = p.id AND s.hour < %s ORDER BY s.hour DESC LIMIT 1) after ON true
            WHERE p.workspace_id = %s AND p.id = ANY(%s)
            """,
            [begin, begin, end, posts[0].workspace_id, [p.pk for p in posts]],
        )
        found = {}
        for pk, is_born_within, views_before, since, views_after, until in cursor.fetchall():
            if views_after is None or until is None or (views_before is None and not is_born_within):
                continue
            found[pk] = Gain(views_after - (views_before or 0), None if is_born_within else since, until)
        return found


@dataclass(frozen=True)
class Look:
    """A post's lifetime counters at the last look of a day."""

    date: date
    taken_at: datetime
    views: int | None
    likes: int | None
    comments: int | None
    shares: int | None


def life(post: Post) -> list[Look]:
    """The last look of each UTC day on which somebody looked, oldest first. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT ON ((hour AT TIME ZONE 'UTC')::date) (hour AT TIME ZONE 'UTC')::date, taken_at, views, likes, comments, shares
            FROM metrics_postsnapshot WHERE workspace_id = %s AND post_id = %s
            ORDER BY (hour AT TIME ZONE 'UTC')::date, hour DESC
            """,
            [post.workspace_id, post.pk],
        )
        return [Look(*row) for row in cursor.fetchall()]


def looks_at(post: Post) -> QuerySet[PostSnapshot]:
    """All looks with the calls that they came with, newest first."""
    return PostSnapshot.objects.filter(workspace_id=post.workspace_id, post=post).select_related("call").order_by("-hour")


@dataclass(frozen=True)
class Lift:
    """What one ad that showed the post did, over all its days. Money in the ad account's currency. None: a part was not told."""

    ad_name: str
    ad_account: AdAccount
    first: date
    last: date
    spend: Decimal | None
    impressions: int | None
    clicks: int | None
    paid_views: int | None


def lift(post: Post, membership: Membership) -> list[Lift]:
    """The ads that showed the post, those that cost most first. Nobody who may not see ad accounts sees any."""
    seen = {a.pk: a for a in AdAccount.objects.visible_to(membership).linked()}
    ads = {a.tiktok_ad_id: a for a in Ad.objects.filter(workspace_id=post.workspace_id, tiktok_item_id=post.tiktok_item_id)}
    ads = {key: ad for key, ad in ads.items() if ad.ad_account_id in seen}
    if not ads:
        return []
    days = AdDay.objects.filter(workspace_id=post.workspace_id, ad_account__in=list(seen), tiktok_ad_id__in=list(ads))
    rows = days.values("tiktok_ad_id").annotate(
        first=Min("date"), last=Max("date"), spent=Sum("spend"), shown=Sum("impressions"), clicked=Sum("clicks"), played=Sum("video_views")
    )
    found = [
        Lift(
            ad_name=ads[r["tiktok_ad_id"]].name,
            ad_account=seen[ads[r["tiktok_ad_id"]].ad_account_id],
            first=r["first"],
            last=r["last"],
            spend=r["spent"],
            impressions=_whole(r["shown"]),
            clicks=_whole(r["clicked"]),
            paid_views=_whole(r["played"]),
        )
        for r in rows
    ]
    return sorted(found, key=lambda one: (-(one.spend or 0), one.ad_name))


def paid_days(post: Post, membership: Membership) -> dict[date, int]:
    """Plays of the ads that showed the post, by the ad account's day."""
    seen = AdAccount.objects.visible_to(membership).linked().values("pk")
    ads = Ad.objects.filter(workspace_id=post.workspace_id, tiktok_item_id=post.tiktok_item_id, ad_account__in=seen)
    days = AdDay.objects.filter(workspace_id=post.workspace_id, ad_account__in=seen, tiktok_ad_id__in=ads.values("tiktok_ad_id"))
    rows = days.filter(video_views__isnull=False).values("date").annotate(played=Sum("video_views"))
    return {r["date"]: int(r["played"]) for r in rows}


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
