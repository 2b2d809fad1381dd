"""What a correct client must end up with, for scripts to compare. Reads the world past all scopes, delays and limits."""

from dataclasses import dataclass
from typing import Any

from tiktok_sandbox.ad_commenting import AdComments
from tiktok_sandbox.clock import iso
from tiktok_sandbox.commenting import Comments
from tiktok_sandbox.endpoints import Desk
from tiktok_sandbox.families.post_codes import code_of
from tiktok_sandbox.families.tto_creator import invite_link, is_on_tiktok_one
from tiktok_sandbox.world.adbook import Book
from tiktok_sandbox.world.adentities import Ad
from tiktok_sandbox.world.adfigures import Figures, delivers_on
from tiktok_sandbox.world.calendar import DAY, date_text, day_of, final_before
from tiktok_sandbox.world.mentions import comments_on, videos_on
from tiktok_sandbox.world.posts import Post

ACCOUNTS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class View:
    """Without an account, offset and limit count accounts; with one, they count its days and its posts."""

    desk: Desk
    moment: float
    account: str | None
    advertiser_id: str | None
    offset: int
    limit: int | None
    item_id: str | None = None  # whose comments are asked for
    adgroup_id: str | None = None  # under whose ads comments are asked for

    def as_json(self) -> dict[str, Any]:
        app, login = self.desk.app, self.desk.login
        return {
            "now": iso(self.moment),
            "app": {"app_id": app.app_id, "client_key": app.client_key, "secret": app.secret, "redirect_uris": list(app.redirect_uris)},
            "sample_week": dict(zip(("first", "last"), self.desk.world.sample_week, strict=True)),
            "accounts_total": len(self.desk.world.handles()),
            "accounts": [] if self.advertiser_id is not None else self._accounts(),
            "advertisers": [] if self.account is not None else self._advertisers(),
            "login_kit_app": {"client_key": login.client_key, "secret": login.secret, "redirect_uris": list(login.redirect_uris)},
            **({} if self.item_id is None or self.account is None else {"comments": self._comments(self.account, self.item_id)}),
            **({} if self.adgroup_id is None or self.advertiser_id is None else {"ad_comments": self._ad_comments()}),
        }

    def _advertisers(self) -> list[dict[str, Any]]:
        """Without an id the ad accounts alone; with one, its days, one row for each ad and day with delivery, oldest day first."""
        ads = self.desk.world.ads
        if self.advertiser_id is None:
            return [self._advertiser(known) for known in ads.advertisers]
        book, figures = ads.book(self.advertiser_id), Figures(ads.advertisers[self.advertiser_id], self.moment)
        known = [ad for ad in book.existing("ad", self.moment) if ad.first_day <= figures.last_day]
        cells = [
            (day, ad)
            for day in range(min((ad.first_day for ad in known), default=0), figures.last_day + 1 if known else 0)
            for ad in known
            if delivers_on(ad, day)
        ]
        end = None if self.limit is None else self.offset + self.limit
        rows = [ad_day(book, figures, ad, day) for day, ad in cells[self.offset : end]]
        return [{**self._advertiser(self.advertiser_id), "ad_days_total": len(cells), "ad_days": rows}]

    def _advertiser(self, known: str) -> dict[str, Any]:
        advertiser = self.desk.world.ads.advertisers[known]
        return {"advertiser_id": known, "timezone": advertiser.timezone, "currency": advertiser.currency, "name": advertiser.name}

    def _ad_comments(self) -> list[dict[str, Any]]:
        """Comments and replies under the ads of one group, in order of time."""
        assert self.advertiser_id is not None and self.adgroup_id is not None
        comments = AdComments(self.desk, self.desk.world.ads.book(self.advertiser_id), int(self.moment))
        group = comments.group(self.adgroup_id)
        found = [] if group is None else comments.of_group(group, since=0, until=int(self.moment) + 1)
        return [
            {
                "comment_id": one.comment.comment_id,
                "original_comment_id": one.comment.parent_id,
                "create_time": one.comment.created,
                "text": one.comment.text,
                "status": "HIDDEN" if one.is_hidden else "PUBLIC",
                "likes": one.likes,
                "ad_id": one.ad.id,
                "tiktok_item_id": one.comment.item_id,
                "is_spark": one.ad.post is not None,
            }
            for one in found
        ]

    def _accounts(self) -> list[dict[str, Any]]:
        if self.account is not None:
            end = None if self.limit is None else self.offset + self.limit
            return [self._account(self.account, slice(self.offset, end))]
        limit = ACCOUNTS_AT_ONCE if self.limit is None else self.limit
        return [self._account(handle, slice(None)) for handle in self.desk.world.handles()[self.offset : self.offset + limit]]

    def _account(self, handle: str, part: slice) -> dict[str, Any]:
        feed, now = self.desk.world.feed(handle), int(self.moment)
        days, posts = range(feed.first_day, day_of(now)), feed.posts_until(now)
        final, profile = final_before(now), feed.profile
        return {
            "handle": handle,
            "open_id": self.desk.world.open_id(handle, self.desk.app.app_id),
            "open_ids": {app.app_id: self.desk.world.open_id(handle, app.app_id) for app in (self.desk.app, self.desk.login)},
            "display_name": profile.display_name,
            "kind": profile.kind,
            "is_public": profile.is_public,
            "followers_count": feed.followers_at(now),
            "days_total": len(days),
            "days": [{**feed.day(day)._asdict(), "final": day < final} for day in days[part]],
            "invite_link": invite_link(self.desk.world, handle) if is_on_tiktok_one(profile) else None,
            "mentions": self._mentions(handle) if self.account is not None else {},
            "posts_total": len(posts),
            "posts": [self._post(post, now) for post in posts[part]],
        }

    def _mentions(self, handle: str) -> dict[str, list[dict[str, Any]]]:
        """What the Mentions API lists for the last thirty days, oldest first."""
        now, world = int(self.moment), self.desk.world
        days, profile = range(day_of(now) - 30, day_of(now) + 1), world.feed(handle).profile
        videos = [one for day in days for one in videos_on(world.seed, profile, day)]
        comments = [one for day in days for one in comments_on(world.seed, profile, day)]
        return {
            "videos": [
                {
                    "item_id": one.item_id,
                    "create_time": one.created,
                    "caption": one.post.caption,
                    "creator_handle_name": one.author.handle,
                    "region": one.author.region,
                    **one.counters_at(now)._asdict(),
                }
                for one in videos
                if now - 30 * DAY <= one.created <= now
            ],
            "comments": [
                {
                    "comment_id": one.comment_id,
                    "item_id": one.video.item_id,
                    "create_time": one.created,
                    "text": one.text,
                    "likes": one.likes,
                    "region": one.author.region,
                }
                for one in comments
                if now - 30 * DAY <= one.created <= now
            ],
        }

    def _comments(self, handle: str, item_id: str) -> list[dict[str, Any]]:
        """Comments and replies of one post in order of time, with what clients did to them."""
        now = int(self.moment)
        post = self.desk.world.feed(handle).find(item_id, now)
        if post is None:
            return []
        comments = Comments(self.desk, post, now)
        return [
            {
                "comment_id": one.comment_id,
                "parent_comment_id": one.parent_id,
                "create_time": one.created,
                "text": one.text,
                "username": handle if one.author is None else one.author.handle,
                "display_name": None if one.author is None else one.author.display_name,
                "owner": one.author is None,
                "status": "HIDDEN" if comments.is_hidden(one) else "PUBLIC",
                "likes": comments.likes(one),
                "replies": comments.reply_count(one),
                "pinned": comments.is_pinned(one),
                "liked": comments.is_liked(one),
            }
            for one in comments.all()
        ]

    def _post(self, post: Post, now: int) -> dict[str, Any]:
        """Counters as of now; reach and watch time as of the end of the last final day, as TikTok has them."""
        counters, known = post.counters_at(now), post.counters_at(final_before(now) * DAY).views
        is_video = post.media_type == "VIDEO"
        return {
            "item_id": post.item_id,
            "create_time": post.created,
            "created_on": date_text(day_of(post.created)),
            "caption": post.caption,
            "media_type": post.media_type,
            "auth_code": code_of(self.desk.world, post),
            **counters._asdict(),
            "reach": known * post.reach_rate // 10_000,
            "full_video_watched_rate": post.full_rate / 10_000 if is_video else None,
            "average_time_watched": post.average_watched_ms / 1000 if is_video else None,
            "total_time_watched": known * post.average_watched_ms / 1000 if is_video else None,
            "video_duration": post.duration_ms / 1000 if is_video else None,
        }


def ad_day(book: Book, figures: Figures, ad: Ad, day: int) -> dict[str, Any]:
    impressions, clicks, spend, conversions = figures.day(ad, day)
    return {
        "date": date_text(day),
        "campaign_id": ad.campaign.id,
        "adgroup_id": ad.group.id,
        "ad_id": ad.id,
        "spend": f"{spend // 100}.{spend % 100:02d}" if book.advertiser.has_decimals else str(spend),
        "impressions": impressions,
        "clicks": clicks,
        "conversion": conversions,
        "tiktok_item_id": None if ad.post is None else ad.post.item_id,
    }
