"""Who lives in the invented world: the demo accounts by name, further ones by number. Traits only, no figures over time."""

from dataclasses import dataclass

from tiktok_sandbox.world.chance import between, draw

PERSONAL, BUSINESS, REGISTERED = "personal", "business", "registered"


@dataclass(frozen=True, slots=True)
class Profile:
    handle: str
    display_name: str
    bio: str
    topic: str
    followers: int  # at the end of the anchor week
    daily_gain: int  # net followers a day, in thousandths
    posts_a_week: int
    typical_views: int
    engagement: int  # of 10,000 views
    full_rate: int  # of 10,000 viewers, typical
    kind: str = PERSONAL
    is_public: bool = True
    is_verified: bool = False
    following: int = 180
    country: str = "US"
    in_picker: bool = False
    posts_photos: bool = False


CAST = (
    Profile(
        "brassorbit3",
        "Brass Studio",
        "Small studio, big light. Films, sets and how they are made.",
        "film",
        followers=48_210,
        daily_gain=72_000,
        posts_a_week=10,
        typical_views=96_000,
        engagement=530,
        full_rate=5400,
        kind=REGISTERED,
        is_verified=True,
        following=214,
        in_picker=True,
    ),
    Profile(
        "moontideco2",
        "Moontide Collective",
        "Stoneware and slow mornings from the coast.",
        "clay",
        followers=21_940,
        daily_gain=26_000,
        posts_a_week=6,
        typical_views=21_000,
        engagement=610,
        full_rate=4900,
        kind=BUSINESS,
        following=402,
        in_picker=True,
        posts_photos=True,
    ),
    Profile(
        "velvetfoxlab",
        "Velvet Fox Lab",
        "Perfume, one experiment at a time.",
        "scent",
        followers=3_115,
        daily_gain=7_000,
        posts_a_week=4,
        typical_views=2_600,
        engagement=480,
        full_rate=4300,
        is_public=False,
        following=96,
        in_picker=True,
    ),
    Profile(
        "grainandgold",
        "Grain & Gold",
        "35 mm, expired on purpose.",
        "film",
        followers=15_870,
        daily_gain=19_000,
        posts_a_week=4,
        typical_views=14_500,
        engagement=690,
        full_rate=5600,
        following=611,
    ),
    Profile(
        "nd_filter",
        "Nadia D.",
        "Cinematographer. Notes from set.",
        "film",
        followers=9_402,
        daily_gain=11_000,
        posts_a_week=3,
        typical_views=9_800,
        engagement=560,
        full_rate=5100,
        following=388,
        country="DE",
    ),
    Profile(
        "saltedframes",
        "Salted Frames",
        "Coast, kiln, camera.",
        "clay",
        followers=6_230,
        daily_gain=8_000,
        posts_a_week=3,
        typical_views=5_400,
        engagement=640,
        full_rate=4700,
        following=523,
        country="GB",
    ),
    Profile(
        "tinylens_mo",
        "Mo",
        "New here.",
        "film",
        followers=64,
        daily_gain=150,
        posts_a_week=2,
        typical_views=90,
        engagement=900,
        full_rate=3900,
        following=120,
    ),
)

# By topic: what posts show, how, and under which tags.
TOPICS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "film": (
        (
            "Window light at four in the afternoon",
            "The cheapest dolly we own",
            "One lens for a whole week",
            "Match cuts without a plan",
            "Fog machine in a small room",
            "Packing for a one-day shoot",
            "Why we slate everything",
            "A practical lamp does the work",
            "Handheld, but calm",
            "The shot list nobody followed",
            "Skin tones under shop lights",
            "Sound from a single boom",
            "Rain plates from the balcony",
        ),
        (
            "and what we would change",
            "in forty seconds",
            "before and after",
            "from the edit",
            "with the crew watching",
            "shot on the second try",
            "start to finish",
            "the honest version",
            "and the mistake we kept",
            "explained slowly",
            "on a small budget",
        ),
        ("#filmtok", "#behindthescenes", "#cinematography", "#setlife", "#colorgrading"),
    ),
    "clay": (
        (
            "Throwing the tall vase",
            "A glaze that runs",
            "Kiln opening on a Sunday",
            "Trimming feet",
            "Reclaiming a week of scraps",
            "Handles, twelve of them",
            "Wax resist in the morning",
            "The mug that cracked",
            "Packing plates in straw",
            "Testing six blues",
            "Salt on the outside only",
        ),
        (
            "with the sea outside",
            "in real time",
            "and why it matters",
            "from the first pull",
            "before it dries",
            "for the spring table",
            "no music",
            "start to finish",
            "and what went wrong",
            "one take",
        ),
        ("#pottery", "#stoneware", "#studioday", "#ceramics"),
    ),
    "scent": (
        (
            "Vetiver, twice distilled",
            "Smelling strips after a day",
            "What ambergris stands for",
            "Ten drops of cardamom",
            "A chypre in plain words",
            "Labels by hand",
            "Mixing the evening batch",
            "Iris root before it is iris",
            "Three musks side by side",
        ),
        (
            "at the bench",
            "for beginners",
            "with honest notes",
            "and a failed trial",
            "a week later",
            "blind",
            "from the notebook",
            "in small steps",
        ),
        ("#perfumetok", "#fragrance", "#smalllab"),
    ),
}


def caption_for(profile: Profile, seed: int, week: int, slot: int) -> str:
    """A natural caption. Neighbouring posts never share their first half."""
    subjects, turns, tags = TOPICS[profile.topic]
    number = week * profile.posts_a_week + slot
    subject, turn = subjects[number * 5 % len(subjects)], turns[(number * 3 + number // len(subjects)) % len(turns)]
    chosen = draw(seed, profile.handle, "tags", week, slot)
    words = [f"{subject}, {turn}" if chosen % 3 else subject]
    words += [tags[chosen // 7 % len(tags)], tags[(chosen // 7 + 1 + chosen % 2) % len(tags)]][: chosen % 4]
    return " ".join(words)


def numbered(seed: int, number: int) -> Profile:
    """One of the accounts that exist only when the world is scaled up."""
    handle = f"creator{number:05d}"
    followers = 120 + draw(seed, handle, "followers") % 60_000
    return Profile(
        handle,
        f"Creator {number}",
        "",
        ("film", "clay", "scent")[number % 3],
        followers=followers,
        daily_gain=followers // 2,
        posts_a_week=3,
        typical_views=400 + followers // 2,
        engagement=between(350, 800, seed, handle, "engagement"),
        full_rate=between(3200, 6200, seed, handle, "full"),
        kind=BUSINESS if number % 5 == 0 else PERSONAL,
        following=between(20, 900, seed, handle, "following"),
        country=("US", "DE", "GB", "BR", "JP")[number % 5],
        posts_photos=number % 4 == 0,
    )
