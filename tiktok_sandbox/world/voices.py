"""The people who comment and mention, and what they say. Every eleventh text is one that careless programs break on."""

from functools import lru_cache
from typing import NamedTuple

from tiktok_sandbox.world.chance import draw

VOICES = 7_919
HOSTILE_EVERY = 11
LONGEST = 2_200  # UTF-16 units, as TikTok counts captions

FIRST = (
    "jo", "sam", "mika", "lena", "tariq", "ines", "noor", "ola", "pavel", "ruth", "yuki", "zane", "bea", "cem", "dov", "elif", "femi",
    "gus",
    "hana", "ivo", "kaja", "luz", "maud", "nils", "oona", "pia", "quinn", "remy", "suri", "theo", "uma", "vik", "wren", "ximena",
)  # fmt: skip
SECOND = ("harz", "frame", "kiln", "north", "tape", "light", "salt", "grain", "lens", "moss", "tide", "loop", "dust", "reel", "oak")
REGIONS = ("US", "DE", "GB", "BR", "JP", "FR", "CA", "AU")

NATURAL = (
    "Where is this?",
    "How long did that take?",
    "The light is unreal",
    "Saving this for the weekend",
    "Which lens?",
    "Part two please",
    "I tried this and it broke",
    "That sound at the end",
    "My favourite one so far",
    "Wait, how?",
    "Needed this today",
    "Do you sell these?",
    "Explained better than my course",
    "First",
    "The patience",
    "Sending this to my sister",
    "What is the song?",
    "Underrated",
    "Can you show the setup?",
    "So calm",
    "Does it work with a phone?",
    "I would watch an hour of this",
    "Not what I expected",
    "Sehr schön, danke fürs Zeigen",
    "¿Dónde lo compraste?",
    "これ好きです",
    "جميل جدا",
)
FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
HOSTILE = (
    '<script>alert("x")</script>',
    '<img src=x onerror="alert(1)"> & <b>bold</b>',
    '=HYPERLINK("https://example.test/?"&A1,"free lenses")',
    "+49 30 000000 call me",
    "-2+3",
    "@SUM(A1:A9)",
    "\ttab first\tand, \"quotes\"; semicolons",
    "one line\nand another\r\nand a third",
    "\u202etxet desrever\u202c and back",
    "\u2066isolate\u2069 and شكرا mixed with 123",
    f"{FAMILY}\U0001f525\U0001f1e9\U0001f1ea\U0001f44d\U0001f3fd",
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘",
    "'; DROP TABLE comments; --",
    "{{ 7 * 7 }} ${7*7} %s %(name)s \\u0041",
    "    ",
    "https://example.test/a?b=<c>&d=\"e\"#f",
    "\U0001f9c3" * (LONGEST // 2),
    "é́" * 40 + " " + "w" * 600,
)  # fmt: skip


class Voice(NamedTuple):
    """Somebody on TikTok. Shown by a handle and a name; known to an app by a mark of their own."""

    number: int
    handle: str
    display_name: str
    identifier: str
    region: str


@lru_cache(maxsize=VOICES + 1)
def voice(seed: int, number: int) -> Voice:
    chance = draw(seed, "voice", number)
    handle = f"{FIRST[number % len(FIRST)]}_{SECOND[chance % len(SECOND)]}{number // len(FIRST)}"
    name = HOSTILE[chance // 97 % 16] if number % 53 == 7 else f"{FIRST[number % len(FIRST)].title()} {chr(65 + chance % 26)}."
    return Voice(number, handle, name, f"u_{chance:016x}", REGIONS[chance // 31 % len(REGIONS)])


def text(number: int) -> str:
    """What is said; one in eleven is hostile."""
    if number % HOSTILE_EVERY == 5:
        return HOSTILE[number // HOSTILE_EVERY % len(HOSTILE)]
    return NATURAL[number // HOSTILE_EVERY % len(NATURAL)]
