"""The boosted posts of the sample account: two weeks whose paid figures are known beforehand, and plausible ones around them.

In the anchor week three posts are boosted and nothing else delivers; in the week before, two. Weeks are seven days of the ad account.
"""

from dataclasses import dataclass

from tiktok_sandbox.world.adbook import KINDS, Book
from tiktok_sandbox.world.adentities import Ad, Campaign
from tiktok_sandbox.world.adfigures import Cell
from tiktok_sandbox.world.calendar import date_text
from tiktok_sandbox.world.chance import draw, split
from tiktok_sandbox.world.posts import Post


@dataclass(frozen=True, slots=True)
class Boost:
    """One boosted post: its part of the week, and the weekday its ad starts on."""

    caption: str
    weekday: int
    impressions: int
    weight: int  # of clicks and money for each impression, in hundredths


CLICKS, SPEND = 5_237, 182_713  # of 284,600 impressions: CTR 1.84 %, CPM 6.42
BOOSTS = (
    Boost("Quick-cut color grading reel", 4, 138_400, 112),
    Boost("Hook test · split-screen tutorial", 3, 92_700, 95),
    Boost("BTS · slow-mo product loop", 1, 53_500, 78),
)
CLICKS_BEFORE, SPEND_BEFORE = 4_392, 170_353  # of 253,880: CTR 1.73 %, CPM 6.71
BEFORE = (Boost("", 0, 151_480, 104), Boost("", 1, 102_400, 93))
DAYTIME = 10 * 3600 + 300


class BoostBook(Book):
    """The ad account of the sample's TikTok account."""

    def lay(self, monday: int) -> None:
        number = (monday - self._first) // 7
        if monday < self.anchor - 35:
            # Every kind of campaign there is, over before the two weeks whose figures are known.
            self.lay_natural(monday, KINDS[number % len(KINDS)], number, most_days=self.anchor - 9 - monday)
        campaign = self._campaign(monday)
        if monday == self.anchor:
            week = self.posts_before(self.moment(monday + 7, 0))
            posts = [next(post for post in week if post.caption == boost.caption) for boost in BOOSTS]
            self._lay_known(campaign, monday, posts, BOOSTS, CLICKS, SPEND)
        elif monday == self.anchor - 7:
            self._lay_known(campaign, monday, self._best(monday, 2), BEFORE, CLICKS_BEFORE, SPEND_BEFORE)
        else:
            for place, post in enumerate(self._best(monday, 2 + self.luck("boosts", monday) % 2)):
                self._lay_usual(campaign, monday, post, place)

    def _campaign(self, monday: int) -> Campaign:
        created = self.moment(monday, 7 * 3600)
        return self.add_campaign(f"Boosted posts · {date_text(monday)}", created, "TRAFFIC")

    def _best(self, monday: int, count: int) -> list[Post]:
        """The strongest posts of the week before: what somebody would put money behind on a Monday."""
        recent = self.posts_before(self.moment(monday, 0))[-9:]
        return sorted(recent, key=lambda post: (post.course.total, post.item_id), reverse=True)[:count]

    def _boost(self, campaign: Campaign, day: int, last: int, post: Post, place: int) -> Ad:
        start = max(self.moment(day, DAYTIME), post.created + 3600) + place
        group = self.add_group(
            campaign, f"Boost {place + 1}", start, "CLICK", "CPC", self.money(260), starts=start + 60, ends=self.moment(last + 1, 0)
        )
        dice = draw(self.seed, "boost", day, place)
        ad = self.add_ad(group, post.caption[:60], start + 20, day, last, dice, post=post)
        ad.identity = "TT_USER"
        return ad

    def _lay_usual(self, campaign: Campaign, monday: int, post: Post, place: int) -> None:
        ad = self._boost(campaign, monday + place, monday + 6, post, place)
        ad.base = 13_000 + ad.mix % 8_000
        ad.ctr, ad.cvr, ad.cpm = 1_500 + ad.mix // 7 % 600, 110 + ad.mix // 11 % 90, 560 + ad.mix // 13 % 190

    def _lay_known(self, campaign: Campaign, monday: int, posts: list[Post], boosts: tuple[Boost, ...], clicks: int, spend: int) -> None:
        weights = [boost.impressions * boost.weight for boost in boosts]
        parts = zip(boosts, posts, split(clicks, weights), split(spend, weights), strict=True)
        for place, (boost, post, own_clicks, own_spend) in enumerate(parts):
            days = range(monday + boost.weekday, monday + 7)
            ad = self._boost(campaign, days[0], days[-1], post, place)
            shape = [900 + draw(self.seed, "boost", day, place, "shape") % 300 for day in days]
            shape[0] = shape[0] * 6 // 10  # the first day starts in the morning
            impressions = split(boost.impressions, shape)
            clicked = split(own_clicks, [seen * (950 + place) for seen in impressions])
            spent = split(own_spend, impressions)
            ad.fixed = {day: _cell(seen, click, cost) for day, seen, click, cost in zip(days, impressions, clicked, spent, strict=True)}


def _cell(impressions: int, clicks: int, spend: int) -> Cell:
    return impressions, clicks, spend, clicks * 2 // 100
