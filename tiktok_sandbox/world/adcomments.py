"""The comments under an ad that shows no post, computed: on each of its days as many as its figures say. They belong to nobody's account.

A Spark Ad shows a post, and the comments under it are the post's own (world/comments.py).
"""

from functools import lru_cache

from tiktok_sandbox.world.adentities import Ad
from tiktok_sandbox.world.adfigures import delivers_on, whole_day
from tiktok_sandbox.world.calendar import DAY
from tiktok_sandbox.world.chance import draw
from tiktok_sandbox.world.comments import Comment
from tiktok_sandbox.world.voices import VOICES, text, voice

COMMENTS = 7  # of 10,000 impressions; reports say the same


def item_of(ad: Ad) -> str:
    """The video that such an ad shows, as TikTok numbers it."""
    return str((ad.created << 32) | draw("video of an ad", ad.id) & 0xFFFFFFFF)


@lru_cache(maxsize=4_096)
def on_day(seed: int, ad: tuple[str, str], day: int, count: int) -> tuple[Comment, ...]:
    """What is said on one UTC day, in order of time; every fourth is a reply to the first of the day."""
    ad_id, item_id = ad
    moments = sorted(day * DAY + draw(seed, ad_id, "moment", day, number) % DAY for number in range(count))
    made: list[Comment] = []
    for number, moment in enumerate(moments):
        chance = draw(seed, ad_id, "ad comment", day, number)
        parent = made[0].comment_id if number % 4 == 3 else None
        made.append(
            Comment(
                comment_id=str((moment << 32) | chance & 0xFFFFFFFF),
                item_id=item_id,
                parent_id=parent,
                created=moment,
                text=text(chance >> 30 & 0xFFFF),
                author=voice(seed, (chance >> 46) % VOICES),
                hidden=chance >> 11 & 31 == 3,
                likes=(chance >> 16 & 1023) ** 4 // 10**10,
            )
        )
    return tuple(made)


def under(seed: int, ad: Ad, *, since: int, until: int) -> list[Comment]:
    """Said from one moment to another, the second left out, in order of time."""
    found: list[Comment] = []
    for day in range(max(ad.first_day, since // DAY), min(ad.last_day, (until - 1) // DAY) + 1):
        if delivers_on(ad, day):
            count = whole_day(ad, day)[0] * COMMENTS // 10_000
            found += [one for one in on_day(seed, (ad.id, item_of(ad)), day, count) if since <= one.created < until]
    return found
