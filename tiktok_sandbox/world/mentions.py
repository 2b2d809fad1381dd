"""Who speaks of an account elsewhere on TikTok: videos that mention it, and comments that do. Computed day by day."""

from dataclasses import dataclass
from functools import lru_cache

from tiktok_sandbox.world.calendar import DAY
from tiktok_sandbox.world.cast import Profile
from tiktok_sandbox.world.chance import draw
from tiktok_sandbox.world.curves import Curve
from tiktok_sandbox.world.posts import Counters, Post, interactions, item_id_for
from tiktok_sandbox.world.voices import VOICES, Voice, text, voice

A_DAY = 4  # fewer than so many videos, and as many comments
TAGS = ("#studio", "#behindthescenes", "#filmtok", "#ceramics", "#smallbusiness", "#weekend", "#howitsmade")
LONGEST = 2_200


@dataclass(frozen=True, slots=True)
class MentionVideo:
    """Somebody else's post. Its counters grow like those of the account's own."""

    post: Post
    author: Voice
    tags: tuple[str, ...]

    @property
    def item_id(self) -> str:
        return self.post.item_id

    @property
    def created(self) -> int:
        return self.post.created

    def counters_at(self, moment: int) -> Counters:
        return self.post.counters_at(moment)


@dataclass(frozen=True, slots=True)
class MentionComment:
    comment_id: str
    created: int
    text: str
    author: Voice
    likes: int
    video: MentionVideo


@lru_cache(maxsize=4_096)
def videos_on(seed: int, profile: Profile, day: int) -> tuple[MentionVideo, ...]:
    """The videos of one day, oldest first. There are fewer than four."""
    found = [_video(seed, profile, day, number) for number in range(draw(seed, profile.handle, "mentions", day) % A_DAY)]
    return tuple(sorted(found, key=lambda one: one.created))


def comments_on(seed: int, profile: Profile, day: int) -> list[MentionComment]:
    """The comments of one day, under videos of the three days before."""
    videos = [one for back in (3, 2, 1) for one in videos_on(seed, profile, day - back)]
    found = []
    for number in range(draw(seed, profile.handle, "mention comments", day) % A_DAY if videos else 0):
        chance = draw(seed, profile.handle, "mention comment", day, number)
        created = day * DAY + chance % DAY
        words = text(chance >> 20 & 0xFFFF)
        said = f"@{profile.handle} {words}" if chance >> 8 & 1 else f"{words} @{profile.handle}"
        found.append(
            MentionComment(
                item_id_for(created, chance >> 5),
                created,
                _cut(said, profile),
                voice(seed, (chance >> 40) % VOICES),
                (chance >> 12) % 40,
                videos[(chance >> 3) % len(videos)],
            )
        )
    return sorted(found, key=lambda one: one.created)


def _video(seed: int, profile: Profile, day: int, number: int) -> MentionVideo:
    chance = draw(seed, profile.handle, "mention", day, number)
    created = day * DAY + chance % DAY
    author = voice(seed, (chance >> 40) % VOICES)
    tags = tuple(dict.fromkeys((TAGS[chance % len(TAGS)], TAGS[chance // 7 % len(TAGS)], f"#{profile.handle}")))[: 1 + chance // 3 % 3]
    caption = _cut(f"{text(chance >> 20 & 0xFFFF)} @{profile.handle} {' '.join(tags)}", profile)
    total = 40 + (chance >> 24) % max(100, profile.followers // 3)
    likes, comments, shares = interactions(total * (30 + chance % 60) // 1000)
    post = Post(
        item_id=item_id_for(created, chance >> 9),
        handle=author.handle,
        created=created,
        caption=caption,
        duration_ms=9_000 + chance % 40_000,
        media_type="VIDEO",
        course=Curve(created, total, "usual"),
        likes=likes,
        comments=comments,
        shares=shares,
        favorites=likes // 10,
        full_rate=4_000,
        reach_rate=8_700,
    )
    return MentionVideo(post, author, tuple(tag for tag in tags if tag in caption))


def _cut(said: str, profile: Profile) -> str:
    """At most 2,200 UTF-16 units, and the name stays in it."""
    raw = said.encode("utf-16-le")
    if len(raw) <= 2 * LONGEST:
        return said
    mention = f" @{profile.handle}"
    return raw[: 2 * (LONGEST - len(mention))].decode("utf-16-le", "ignore") + mention
