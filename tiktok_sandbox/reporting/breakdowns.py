"""Who saw the ads and where: the members of every audience dimension with their weights, in thousandths. The same for every ad."""

from tiktok_sandbox.world.adbook import Book

MEMBERS: dict[str, tuple[tuple[str, int], ...]] = {
    "gender": (("FEMALE", 524), ("MALE", 451), ("NONE", 25)),
    "age": (
        ("AGE_18_24", 371), ("AGE_25_34", 318), ("AGE_35_44", 167), ("AGE_45_54", 82), ("AGE_55_100", 41), ("AGE_13_17", 3), ("NONE", 18),
    ),
    "province_id": (("5332921", 340), ("4736286", 270), ("5128638", 210), ("4155751", 180)),
    "dma_id": (("803", 410), ("501", 330), ("602", 260)),
    "platform": (("ANDROID", 472), ("IPHONE", 488), ("IPAD", 31), ("PC", 9)),
    "language": (("en", 871), ("es", 77), ("de", 52)),
    "ac": (("WIFI", 702), ("4G", 233), ("5G", 65)),
    "placement": (("TikTok", 1000),),
    "interest_category": (("10100", 310), ("13100", 270), ("17100", 240), ("25100", 180)),
    "contextual_tag": (("3010100", 600), ("3020100", 400)),
    "device_brand_id": (("1", 520), ("2", 300), ("3", 180)),
}  # fmt: skip
NEIGHBOURS = {"US": "CA", "DE": "AT", "JP": "TW", "KR": "JP", "NZ": "AU", "IN": "LK", "GB": "IE"}


def members(name: str, book: Book | None) -> tuple[tuple[str, int], ...]:
    if name != "country_code":
        return MEMBERS[name]
    home = "US" if book is None else book.advertiser.country
    return (home, 862), (NEIGHBOURS[home], 138)


def values_of(names: tuple[str, ...], book: Book | None) -> list[tuple[tuple[str, ...], int]]:
    """Every combination of members, with its weight."""
    found: list[tuple[tuple[str, ...], int]] = [((), 1)]
    for name in names:
        found = [((*labels, label), weight * own) for labels, weight in found for label, own in members(name, book)]
    return found
