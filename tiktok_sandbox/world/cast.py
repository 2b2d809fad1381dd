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


CAST = (
    Profile("brassorbit3", "Brass Studio", "Small studio, big light. Films, sets and how they are made.", "film", 48_210, 72_000, 10, 96_000, 530, 5400,
            REGISTERED, is_verified=True, following=214, in_picker=True),
    Profile("moontideco2", "Moontide Collective", "Stoneware and slow mornings from the coast.", "clay", 21_940, 26_000, 6, 21_000, 610, 4900,
            BUSINESS, following=402, in_picker=True),
    Profile("velvetfoxlab", "Velvet Fox Lab", "Perfume, one experiment at a time.", "scent", 3_115, 7_000, 4, 2_600, 480, 4300,
            PERSONAL, is_public=False, following=96, in_picker=True),
    Profile("grainandgold", "Grain & Gold", "35 mm, expired on purpose.", "film", 15_870, 19_000, 4, 14_500, 690, 5600, following=611),
    Profile("nd_filter", "Nadia D.", "Cinematographer. Notes from set.", "film", 9_402, 11_000, 3, 9_800, 560, 5100, following=388, country="DE"),
    Profile("saltedframes", "Salted Frames", "Coast, kiln, camera.", "clay", 6_230, 8_000, 3, 5_400, 640, 4700, following=523, country="GB"),
    Profile("tinylens_mo", "Mo", "New here.", "film", 64, 150, 2, 90, 900, 3900, following=120),
)  # fmt: skip

TOPICS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "film": (
        ("Window light at four in the afternoon", "The cheapest dolly we own", "One lens for a whole week", "Match cuts without a plan", "Fog machine in a small room",
         "Packing for a one-day shoot", "Why we slate everything", "A practical lamp does the work", "Handheld, but calm", "The shot list nobody followed",
         "Skin tones under shop lights", "Sound from a single boom", "Rain plates from the balcony"),
        ("and what we would change", "in forty seconds", "before and after", "from the edit", "with the crew watching", "shot on the second try", "start to finish",
         "the honest version", "and the mistake we kept", "explained slowly", "on a small budget"),
        ("#filmtok", "#behindthescenes", "#cinematography", "#setlife", "#colorgrading"),
    ),
    "clay": (
        ("Throwing the tall vase", "A glaze that runs", "Kiln opening on a Sunday", "Trimming feet", "Reclaiming a week of scraps", "Handles, twelve of them",
         "Wax resist in the morning", "The mug that cracked", "Packing plates in straw", "Testing six blues", "Salt on the outside only"),
        ("with the sea outside", "in real time", "and why it matters", "from the first pull", "before it dries", "for the spring table", "no music", "start to finish",
         "and what went wrong", "one take"),
        ("#pottery", "#stoneware", "#studioday", "#ceramics"),
    ),
    "scent": (
        ("Vetiver, twice distilled", "Smelling strips after a day", "What ambergris stands for", "Ten drops of cardamom", "A chypre in plain words", "Labels by hand",
         "Mixing the evening batch", "Iris root before it is iris", "Three musks side by side"),
        ("at the bench", "for beginners", "with honest notes", "and a failed trial", "a week later", "blind", "from the notebook", "in small steps"),
        ("#perfumetok", "#fragrance", "#smalllab"),
    ),
}  # fmt: skip


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
        handle, f"Creator {number}", "", ("film", "clay", "scent")[number % 3], followers, followers // 2, 3, 400 + followers // 2,
        between(350, 800, seed, handle, "engagement"), between(3200, 6200, seed, handle, "full"), kind=(PERSONAL, BUSINESS)[number % 5 == 0],
        following=between(20, 900, seed, handle, "following"), country=("US", "DE", "GB", "BR", "JP")[number % 5],
    )  # fmt: skip
