"""Who advertises: the persons of TikTok for Business, their ad accounts and Business Centers. Traits only, no figures."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

from tiktok_sandbox.world.chance import draw

NO_DECIMALS = frozenset(("HUF", "TWD", "JPY", "ISK", "KRW", "CLP", "IDR", "VND", "PYG"))
SCALED = 900  # the number of the ad account that `scale` fills


@dataclass(frozen=True, slots=True)
class Advertiser:
    number: int
    name: str
    company: str
    currency: str
    timezone: str
    country: str
    bc: int
    industry: str = "290303"
    status: str = "STATUS_ENABLE"
    groups_a_week: int = 2
    size: int = 6_000  # typical impressions of one ad on one day
    handle: str | None = None  # the TikTok account whose posts it boosts
    language: str = "en"

    @property
    def has_decimals(self) -> bool:
        return self.currency not in NO_DECIMALS

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.timezone)

    def local(self, moment: float) -> int:
        """The moment on the ad account's own wall clock, as if that were UTC: its quotient by a day is the account's day."""
        return local_seconds(self.zone, moment)


@dataclass(frozen=True, slots=True)
class BusinessCenter:
    number: int
    name: str
    company: str
    currency: str
    area: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in to TikTok for Business. The key is what scripts and the consent page call them by."""

    key: str
    display_name: str
    advertisers: tuple[int, ...]
    business_centers: tuple[int, ...] = ()


BUSINESS_CENTERS = (
    BusinessCenter(1, "Brass Studio", "Brass Studio LLC", "USD", "US", "America/Los_Angeles"),
    BusinessCenter(2, "Moontide", "Moontide Collective GmbH", "EUR", "DE", "Europe/Berlin"),
    BusinessCenter(3, "Northwind Media", "Northwind Media Ltd", "GBP", "GB", "Europe/London"),
)
ADVERTISERS = (
    Advertiser(1, "Brass Studio", "Brass Studio LLC", "USD", "America/Los_Angeles", "US", 1, handle="brassorbit3"),
    Advertiser(2, "Moontide Europe", "Moontide Collective GmbH", "EUR", "Europe/Berlin", "DE", 2, size=4_200, handle="moontideco2"),
    Advertiser(
        3, "Moontide Japan 東京", "Moontide Collective GmbH", "JPY", "Asia/Tokyo", "JP", 2, size=2_900, handle="moontideco2", language="ja"
    ),
    Advertiser(4, "Northwind Seoul", "Northwind Media Ltd", "KRW", "Asia/Seoul", "KR", 3, size=3_500, groups_a_week=1),
    Advertiser(5, "Northwind Honolulu", "Northwind Media Ltd", "USD", "Etc/GMT+10", "US", 3, size=1_800, groups_a_week=1),
    Advertiser(6, "Northwind Auckland", "Northwind Media Ltd", "NZD", "Pacific/Auckland", "NZ", 3, size=2_100, groups_a_week=1),
    Advertiser(7, "Northwind Pune", "Northwind Media Ltd", "INR", "Asia/Kolkata", "IN", 3, size=5_600, groups_a_week=1),
    Advertiser(
        8, 'Closed "Shop" <b>& Sons</b>', "Northwind Media Ltd", "GBP", "Europe/London", "GB", 3, status="STATUS_DISABLE", groups_a_week=0
    ),
    Advertiser(9, "Northwind Reykjavík", "Northwind Media Ltd", "ISK", "Atlantic/Reykjavik", "IS", 3, size=1_500, groups_a_week=1),
)
SCALED_ADVERTISER = Advertiser(SCALED, "Volume Desk", "Northwind Media Ltd", "USD", "America/New_York", "US", 3, size=900)
PEOPLE = (
    Person("brassorbit3", "Brass Studio", (1,), (1,)),
    Person("moontideco2", "Moontide Collective", (2, 3), (2,)),
    Person("northwind", "Northwind Media", (2, 3, 4, 5, 6, 7, 8, 1, 9), (3,)),
)


def advertiser_id(seed: int, number: int) -> str:
    """Nineteen digits beyond what a double holds exactly."""
    return f"7{draw(seed, 'advertiser', number) % 10**14:014d}{number:04d}"


def bc_id(seed: int, number: int) -> str:
    return f"73{draw(seed, 'business center', number) % 10**13:013d}{number:04d}"


@cache
def zone_of(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def local_seconds(zone: ZoneInfo, moment: float) -> int:
    offset = datetime.fromtimestamp(moment, UTC).astimezone(zone).utcoffset()
    assert offset is not None
    return int(moment) + int(offset.total_seconds())


def moment_of(zone: ZoneInfo, local: int) -> int:
    """The moment at which the account's wall clock shows this; of two, the first."""
    shown = datetime.fromtimestamp(local, UTC).replace(tzinfo=zone)
    return int(shown.timestamp())
