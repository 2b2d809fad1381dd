"""Keeping what ad accounts tell of the comments under their ads, beside what accounts tell of their posts and never over it.

A comment that an account's own list has named stays as that list says; of it only the ad is noted. Everything here can come twice, late and
in another order: a reply that comes before what it answers stands for itself until that comes.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import F, Max, Min, Q

from community import keeping
from community.forgotten import mark_of
from community.keeping import Kept, Teller, hold, settle
from community.models import Comment, GroupReading, UnderAd
from integrations.models import AdAccount
from integrations.tiktok import comments as tiktok
from integrations.tiktok.ad_comments import AdComment
from metrics.models import AdSum, Post

# Two ad accounts can run the same post. While the one that brought the comment is read, the comment stays with that one.
_STAYS = (
    "EXISTS (SELECT FROM integrations_adaccount a WHERE a.workspace_id = c.workspace_id AND a.id = c.ad_account_id AND a.state = 'linked')"
)
_KEEP = keeping.statement(
    f"""
        call_id = CASE WHEN (c.text, c.likes_count, c.replies_count, c.shown)
            IS DISTINCT FROM (EXCLUDED.text, COALESCE(EXCLUDED.likes_count, c.likes_count),
                COALESCE(EXCLUDED.replies_count, c.replies_count), EXCLUDED.shown) OR NOT {_STAYS}
            THEN EXCLUDED.call_id ELSE c.call_id END,
        ad_account_id = CASE WHEN {_STAYS} THEN c.ad_account_id ELSE EXCLUDED.ad_account_id END,
        account_id = COALESCE(c.account_id, EXCLUDED.account_id),
        post_id = CASE WHEN c.account_id IS NULL THEN EXCLUDED.post_id ELSE c.post_id END
    WHERE c.ad_account_id IS NOT NULL"""
)


def keep(ad_account: AdAccount, told: Iterable[AdComment], *, adgroup_id: str, call_id: int | None, now: datetime) -> Kept:
    """Store a page of comments under the ads of a group, note under which ads they stand, and bring their threads up to date. Without a
    group nothing is noted of ads: those that were asked for by their ids name none."""
    listed = list(told)
    by_id = {one.comment_id: _as_comment(ad_account.workspace_id, one) for one in listed}
    items = {one.comment_id: one.tiktok_item_id or "" for one in listed}
    posts = Post.objects.filter(tiktok_item_id__in={item for item in items.values() if item})
    known = {item: (account, post) for item, account, post in posts.values_list("tiktok_item_id", "account_id", "pk")}
    places: dict[str, keeping.Place] = {comment_id: known.get(item, (None, None)) for comment_id, item in items.items()}
    teller = Teller(ad_account.workspace_id, ad_account.pk, ad_account.state_since, _KEEP)
    kept = keeping.keep(teller, by_id, places, call_id=call_id, now=now)
    if adgroup_id:
        _note_ads(ad_account, [one for one in listed if one.comment_id in by_id], adgroup_id=adgroup_id, call_id=call_id, now=now)
    return kept


def _as_comment(workspace_id: UUID, one: AdComment) -> tiktok.Comment:
    """In the words of the accounts' lists. TikTok's number of a person is the same in every app and does not come into the house: here they
    are known by a mark that holds in this workspace alone."""
    mark = f"ads-{mark_of(workspace_id, one.user_id).hex()}" if one.user_id else None
    return tiktok.Comment(
        comment_id=one.comment_id,
        parent_comment_id=one.original_comment_id,
        video_id=one.tiktok_item_id,
        unique_identifier=mark,
        username=one.user_name,
        display_name=None,
        profile_image=None,
        created_at=one.created_at,
        text=one.content,
        image_url=None,
        likes=one.likes,
        replies=one.replies,
        is_owner=one.can_delete,
        is_liked=None,
        is_pinned=one.is_pinned,
        status=one.comment_status,
        reply_list=(),
    )


def _note_ads(ad_account: AdAccount, told: Sequence[AdComment], *, adgroup_id: str, call_id: int | None, now: datetime) -> None:
    """What a reply answers is noted only while that is not here."""
    here = Comment.objects.filter(tiktok_comment_id__in=[one.comment_id for one in told])
    known = {key: (pk, is_reply) for key, pk, is_reply in here.values_list("tiktok_comment_id", "pk", "is_reply")}
    rows = {
        (one.comment_id, one.ad_id or ""): UnderAd(
            workspace_id=ad_account.workspace_id,
            comment_id=known[one.comment_id][0],
            ad_account=ad_account,
            tiktok_ad_id=one.ad_id or "",
            tiktok_adgroup_id=adgroup_id,
            tiktok_campaign_id=one.campaign_id or "",
            answers="" if known[one.comment_id][1] else one.original_comment_id or "",
            seen_at=now,
            call_id=call_id,
        )
        for one in told
        if one.comment_id in known
    }
    UnderAd.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=("workspace", "comment", "ad_account", "tiktok_ad_id"),
        update_fields=("tiktok_adgroup_id", "tiktok_campaign_id", "answers", "seen_at", "call"),
    )


# --- which groups, and how far ------------------------------------------------------------------------------------------------


def watch_groups(ad_account: AdAccount, *, now: datetime) -> None:
    """Ad groups that have run since the last look. What never ran has no comments."""
    ran = AdSum.objects.filter(ad_account=ad_account, level=AdSum.Level.AD_GROUP, span=AdSum.Span.MONTH).exclude(tiktok_id="")
    known = GroupReading.objects.filter(ad_account=ad_account).values("tiktok_adgroup_id")
    fresh = ran.exclude(tiktok_id__in=known).order_by().values_list("tiktok_id", flat=True).distinct()
    GroupReading.objects.bulk_create(
        (
            GroupReading(workspace_id=ad_account.workspace_id, ad_account=ad_account, tiktok_adgroup_id=tiktok_id, look_at=now)
            for tiktok_id in fresh
        ),
        ignore_conflicts=True,
    )


def due_group(ad_account: AdAccount, *, now: datetime) -> GroupReading | None:
    """The ad group whose comments are to be looked at: one that was begun, else the one that waits longest, of several the newest."""
    rows = GroupReading.objects.filter(ad_account=ad_account, look_at__lte=now)
    return rows.order_by(F("began_at").asc(nulls_last=True), "look_at", "-tiktok_adgroup_id").first()


def next_look_at(ad_account: AdAccount) -> datetime | None:
    """When the next group's time comes."""
    return GroupReading.objects.filter(ad_account=ad_account).order_by("look_at").values_list("look_at", flat=True).first()


def days_run(look: GroupReading) -> tuple[date | None, date | None]:
    """The first and the last day, in the ad account's zone, on which a group ran."""
    days = AdSum.objects.filter(
        ad_account_id=look.ad_account_id, level=AdSum.Level.AD_GROUP, span=AdSum.Span.DAY, tiktok_id=look.tiktok_adgroup_id
    )
    found = days.aggregate(first=Min("date"), last=Max("date"))
    return found["first"], found["last"]


def unseen(look: GroupReading) -> Comment | None:
    """A comment of the look's days that ought to be there, that no page of it has named, and that no account's list tells of."""
    told = UnderAd.objects.filter(ad_account_id=look.ad_account_id, tiktok_adgroup_id=look.tiktok_adgroup_id)
    rows = Comment.objects.filter(pk__in=told.values("comment_id"), ad_account_id=look.ad_account_id, seen_at__lt=look.began_at)
    rows = rows.filter(said_at__date__gte=look.first_on).exclude(shown=Comment.Shown.DELETED)
    return rows.select_related("thread").order_by("said_at", "pk").first()


def note_looked_for(ad_account: AdAccount, comment: Comment, found: AdComment | None, *, call_id: int | None, now: datetime) -> None:
    """TikTok was asked for it by its id: it is there as told, or gone, and with a comment its replies."""
    if found is not None:
        keep(ad_account, [found], adgroup_id="", call_id=call_id, now=now)
        Comment.objects.filter(pk=comment.pk).update(seen_at=now)  # or it would be asked for once more, should it not be kept
        return
    hold(comment.workspace_id, [comment.tiktok_comment_id])
    gone = Q(pk=comment.pk) if comment.is_reply else Q(pk=comment.pk) | Q(thread_id=comment.pk)
    rows = Comment.objects.filter(gone, ad_account_id__isnull=False).exclude(shown=Comment.Shown.DELETED)
    rows.update(shown=Comment.Shown.DELETED, gone_at=now)
    settle(comment.workspace_id, [comment.thread_id], now=now)


def first_look(now: datetime) -> date:
    """From which day on a look at the newest reads: comments come late, and days are not everywhere the same."""
    return (now - timedelta(days=3)).date()
