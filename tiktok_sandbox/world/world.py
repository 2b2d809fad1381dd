"""The world as a whole: which accounts exist and where to find their figures. It has no clock; every question carries its moment."""

import hmac
from collections import OrderedDict
from hashlib import blake2b, sha256

from tiktok_sandbox.world.adworld import AdWorld
from tiktok_sandbox.world.calendar import date_text, last_final_week
from tiktok_sandbox.world.cast import CAST, Profile, numbered
from tiktok_sandbox.world.feed import Feed, natural_followers, natural_week
from tiktok_sandbox.world.posts import Post
from tiktok_sandbox.world.published import Published
from tiktok_sandbox.world.sample import HANDLE, Sample

WEEKS_OF_HISTORY = 16  # before the anchor week: about 120 days with the days since
FEEDS_REMEMBERED = 2_000


class World:
    def __init__(self, seed: int, anchor: int, *, scaled_accounts: int = 0, scaled_posts: int = 0, scaled_ads: int = 0) -> None:
        self.seed, self.anchor = seed, anchor
        self.scaled_accounts, self.scaled_posts = scaled_accounts, scaled_posts
        self._cast = {profile.handle: profile for profile in CAST}
        self._feeds: OrderedDict[str, Feed] = OrderedDict()
        self._published: dict[str, dict[str, Published]] = {}  # account: publish id
        self.ads = AdWorld(
            seed,
            anchor,
            scaled_ads=scaled_ads,
            profile=self.profile,
            posts_until=lambda handle, moment: self.feed(handle).computed_until(moment),
        )

    @classmethod
    def at(cls, seed: int, moment: int) -> "World":
        """A world whose sample week is the last one that is final at this moment."""
        return cls(seed, last_final_week(moment))

    @property
    def sample_week(self) -> tuple[str, str]:
        return date_text(self.anchor), date_text(self.anchor + 6)

    def handles(self) -> list[str]:
        return [*self._cast, *(f"creator{number:05d}" for number in range(1, self.scaled_accounts + 1))]

    def cast(self) -> list[Profile]:
        return list(CAST)

    def picker(self) -> list[Profile]:
        return [profile for profile in CAST if profile.in_picker]

    def profile(self, handle: str) -> Profile | None:
        if handle in self._cast:
            return self._cast[handle]
        number = handle.removeprefix("creator")
        if handle != number and len(number) == 5 and number.isdecimal() and 1 <= int(number) <= self.scaled_accounts:
            return numbered(self.seed, int(number))
        return None

    def feed(self, handle: str) -> Feed:
        if handle in self._feeds:
            self._feeds.move_to_end(handle)
            return self._feeds[handle]
        profile = self.profile(handle)
        if profile is None:
            raise KeyError(handle)
        feed = self._feeds[handle] = self._make_feed(profile)
        feed.take(self._published.get(handle, {}).values())
        if len(self._feeds) > FEEDS_REMEMBERED:
            self._feeds.popitem(last=False)
        return feed

    def put(self, handle: str, publish_id: str, published: Published | None) -> None:
        """What a publish has become of: a post of the account, or none (any more)."""
        known = self._published.setdefault(handle, {})
        known.pop(publish_id, None)
        if published is not None:
            known[publish_id] = published
        if handle in self._feeds:
            self._feeds[handle].take(known.values())

    def open_id(self, handle: str, client: str) -> str:
        """TikTok knows an account by another id in each app."""
        secret = hmac.new(f"world {self.seed}".encode(), f"{client} {handle}".encode(), sha256).hexdigest()
        return f"_000{secret[:36]}"

    def signature(self, text: str) -> str:
        return blake2b(text.encode(), key=str(self.seed).encode()[:64], digest_size=12).hexdigest()

    def _make_feed(self, profile: Profile) -> Feed:
        end, first = self.anchor + 7, self.anchor - 7 * WEEKS_OF_HISTORY
        if profile.handle == HANDLE:
            sample = Sample(profile, self.seed, self.anchor)
            return Feed(profile, self.seed, first_monday=first, week=sample.week, followers=sample.followers)
        if self.scaled_posts and profile.handle not in self._cast:
            first = self.anchor - 7 * max(1, self.scaled_posts // profile.posts_a_week)

        def week(monday: int, older: list[Post]) -> list[Post]:
            return natural_week(profile, self.seed, monday)

        def followers(boundary: int) -> int:
            return natural_followers(profile, self.seed, end, boundary)

        return Feed(profile, self.seed, first_monday=first, week=week, followers=followers)
