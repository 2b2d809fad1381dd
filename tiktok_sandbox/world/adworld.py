"""The advertising side of the world: persons, ad accounts, and where to find each account's campaigns. It has no clock."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from tiktok_sandbox.world.adbook import Book
from tiktok_sandbox.world.adcast import (
    ADVERTISERS,
    BUSINESS_CENTERS,
    PEOPLE,
    SCALED_ADVERTISER,
    Advertiser,
    BusinessCenter,
    Person,
    advertiser_id,
    bc_id,
)
from tiktok_sandbox.world.adsample import BoostBook
from tiktok_sandbox.world.cast import Profile
from tiktok_sandbox.world.posts import Post
from tiktok_sandbox.world.sample import HANDLE

WEEKS_OF_HISTORY = 16


class AdWorld:
    def __init__(
        self,
        seed: int,
        anchor: int,
        *,
        scaled_ads: int,
        profile: Callable[[str], Profile | None],
        posts_until: Callable[[str, int], list[Post]],
    ) -> None:
        self.seed, self.anchor, self.scaled_ads = seed, anchor, scaled_ads
        self._profile, self._posts_until = profile, posts_until
        listed = (*ADVERTISERS, SCALED_ADVERTISER) if scaled_ads else ADVERTISERS
        self.advertisers: dict[str, Advertiser] = {advertiser_id(seed, one.number): one for one in listed}
        self._ids = {one.number: known for known, one in self.advertisers.items()}
        self._books: dict[str, Book] = {}
        self.tasks: dict[str, Any] = {}  # asynchronous reports
        self.tables: OrderedDict[Any, Any] = OrderedDict()  # what reports remember; it goes with the world
        self.business_centers: dict[str, BusinessCenter] = {bc_id(seed, one.number): one for one in BUSINESS_CENTERS}

    def person(self, key: str) -> Person | None:
        """A named person, or whoever stands behind a TikTok account; the scaled ad account is everybody's."""
        found = next((person for person in PEOPLE if person.key == key), None)
        if found is None:
            profile = self._profile(key)
            found = None if profile is None else Person(profile.handle, profile.display_name, ())
        if found is not None and self.scaled_ads:
            return Person(found.key, found.display_name, (*found.advertisers, SCALED_ADVERTISER.number), found.business_centers)
        return found

    def picker(self) -> list[Person]:
        return [person for key in PEOPLE if (person := self.person(key.key)) is not None]

    def ids_of(self, person_key: str) -> list[str]:
        person = self.person(person_key)
        return [] if person is None else [self._ids[number] for number in person.advertisers]

    def id_of(self, advertiser: Advertiser) -> str:
        return self._ids[advertiser.number]

    def core_user_id(self, person_key: str) -> str:
        return advertiser_id(self.seed, sum(person_key.encode()) % 9_000 + 1_000)

    def book(self, advertiser: str) -> Book:
        if advertiser not in self._books:
            self._books[advertiser] = self._make_book(self.advertisers[advertiser])
        return self._books[advertiser]

    def _make_book(self, advertiser: Advertiser) -> Book:
        made = BoostBook if advertiser.handle == HANDLE else Book
        first = self.anchor - 7 * WEEKS_OF_HISTORY
        book = made(advertiser, self.seed, self.anchor, first_monday=first, scaled_ads=self.scaled_ads)
        handle = advertiser.handle
        if handle is not None:
            book.posts_before = lambda moment: self._posts_until(handle, moment)
        return book
