"""Breakdowns of accounts and posts: who watched, from where, for how long. Shares are fractions that add up to one."""

from collections.abc import Sequence

from tiktok_sandbox.world.cast import Profile
from tiktok_sandbox.world.chance import draw
from tiktok_sandbox.world.posts import Post

CITIES = {
    "US": ("Los Angeles", "New York", "Austin", "Chicago"),
    "DE": ("Berlin", "Hamburg", "Munich", "Cologne"),
    "GB": ("London", "Bristol", "Leeds", "Glasgow"),
    "BR": ("Sao Paulo", "Rio de Janeiro", "Curitiba", "Recife"),
    "JP": ("Tokyo", "Osaka", "Nagoya", "Fukuoka"),
}
NEIGHBOURS = {
    "US": ("CA", "GB", "MX", "AU"),
    "DE": ("AT", "CH", "NL", "US"),
    "GB": ("IE", "US", "AU", "FR"),
    "BR": ("PT", "AR", "US", "MX"),
    "JP": ("KR", "TW", "US", "TH"),
}
# Followers online by hour, in thousandths of all followers.
HOURS = (210, 160, 120, 90, 80, 90, 130, 190, 230, 240, 250, 270, 310, 320, 300, 300, 320, 360, 410, 450, 470, 440, 370, 290)


def fractions(labels: Sequence[str], weights: Sequence[int], *chance: object) -> list[tuple[str, float]]:
    """Four decimals each, exactly one together; the first label takes what rounding leaves."""
    shaken = [weight * (850 + draw(*chance, label) % 301) for label, weight in zip(labels, weights, strict=True)]
    parts = [part * 10_000 // sum(shaken) for part in shaken]
    parts[0] += 10_000 - sum(parts)
    return [(label, part / 10_000) for label, part in zip(labels, parts, strict=True)]


def rows(label: str, shares: list[tuple[str, float]]) -> list[dict[str, object]]:
    return [{label: name, "percentage": share} for name, share in shares]


def audience(profile: Profile, seed: int, key: str) -> dict[str, list[dict[str, object]]]:
    """Ages, genders, countries and cities of an account's followers, or of one post's viewers."""
    home = profile.country
    return {
        "audience_ages": rows("age", fractions(("18-24", "25-34", "35-44", "45-54", "55+"), (36, 34, 17, 8, 5), seed, key, "age")),
        "audience_genders": rows("gender", fractions(("Female", "Male", "Other"), (54, 44, 2), seed, key, "gender")),
        "audience_countries": rows("country", fractions((home, *NEIGHBOURS[home], "Others"), (52, 12, 9, 7, 5, 15), seed, key, "country")),
        "audience_cities": rows("city_name", fractions((*CITIES[home], "Others"), (14, 9, 6, 4, 67), seed, key, "city")),
    }


def hourly_activity(handle: str, seed: int, day: int, followers: int) -> list[dict[str, object]]:
    return [
        {"hour": str(hour), "count": followers * share * (900 + draw(seed, handle, day, hour) % 201) // 1_000_000}
        for hour, share in enumerate(HOURS)
    ]


def viewer_types(post: Post, seed: int) -> list[dict[str, object]]:
    """Two pairs, each of which adds up to one."""
    new = fractions(("NEW_VIEWER", "RETURN_VIEWER"), (71, 29), seed, post.item_id)
    following = fractions(("NON_FOLLOWER_PERCENT", "FOLLOWER_PERCENT"), (78, 22), seed, post.item_id)
    return rows("type", new + following)


def impression_sources(post: Post, seed: int) -> list[dict[str, object]]:
    names = ("For You", "Follow", "Personal Profile", "Search", "Sound", "Hashtag", "Direct Message")
    return rows("impression_source", fractions(names, (76, 9, 6, 4, 2, 2, 1), seed, post.item_id, "source"))


def retention(post: Post) -> list[dict[str, object]]:
    """The part still watching at each second; it ends at the full-watch rate."""
    seconds, end = max(1, post.duration_ms // 1000), post.full_rate
    return [
        {"second": str(second), "percentage": (end + (10_000 - end) * (seconds - second) ** 2 // max(1, (seconds - 1) ** 2)) / 10_000}
        for second in range(1, seconds + 1)
    ]


def like_moments(post: Post, seed: int) -> list[dict[str, object]]:
    seconds = max(1, post.duration_ms // 1000)
    names = tuple(str(second) for second in range(1, seconds + 1))
    return rows("second", fractions(names, tuple(20 + second for second in range(seconds)), seed, post.item_id, "likes"))
