"""Avatars and covers, drawn on request as PNG and served under addresses that expire, as TikTok's do."""

import struct
import zlib
from functools import lru_cache

from tiktok_sandbox.world.chance import draw
from tiktok_sandbox.world.world import World

PREFIX = "/__sandbox__/pictures/"
HOLD = 6 * 3600
INKS = ((31, 143, 128), (43, 74, 203), (144, 92, 1), (194, 25, 85), (55, 112, 41), (111, 66, 203), (188, 40, 38), (66, 78, 94))


def address(base: str, world: World, kind: str, key: str, now: int, *, hold: int = HOLD, lasts: int = 8 * HOLD) -> str:
    """Good for 42 to 48 hours; the same for six hours on end, so that a client may compare addresses. Both can be given."""
    expires = now // hold * hold + lasts
    return f"{base}{PREFIX}{kind}/{key}.png?x-expires={expires}&x-signature={_sign(world, kind, key, expires)}"


def serve(path: str, query: dict[str, str], world: World, now: int) -> bytes | None:
    """The picture, or None when the address is not one of ours or has expired."""
    kind, _, name = path.removeprefix(PREFIX).partition("/")
    key, expires = name.removesuffix(".png"), query.get("x-expires", "")
    if kind not in {"avatar", "cover"} or not (expires.isascii() and expires.isdecimal()) or len(expires) > 12 or int(expires) < now:
        return None
    if query.get("x-signature") != _sign(world, kind, key, int(expires)):
        return None
    return avatar(key) if kind == "avatar" else cover(key)


def _sign(world: World, kind: str, key: str, expires: int) -> str:
    return world.signature(f"{kind}/{key}/{expires}")


@lru_cache(maxsize=256)
def avatar(key: str) -> bytes:
    """A mirrored mosaic in one ink, 168 pixels square."""
    chance, cell = draw("avatar", key), 28
    ink, ground = bytes(INKS[chance % len(INKS)]), b"\xf5\xf4\xf0"
    lines = []
    for row in range(6):
        left = [bool(chance >> (8 + row * 3 + column) & 1) for column in range(3)]
        line = b"".join((ink if filled else ground) * cell for filled in left + left[::-1])
        lines += [line] * cell
    return png(168, lines)


@lru_cache(maxsize=1024)
def cover(key: str) -> bytes:
    """A frame of 180 by 320 pixels: two inks running into each other and a pale disc."""
    chance = draw("cover", key)
    top, bottom = INKS[chance % 8], INKS[(chance // 8 + 1 + chance % 8) % 8]
    middle_x, middle_y, radius = 40 + chance // 64 % 100, 60 + chance // 6400 % 200, 24 + chance // 2_000_000 % 30
    lines = []
    for y in range(320):
        tint = bytes((high * (320 - y) + low * y) // 320 for high, low in zip(top, bottom, strict=True))
        half = int(max(0, radius**2 - (y - middle_y) ** 2) ** 0.5)
        start, end = max(0, middle_x - half), min(180, middle_x + half)
        lines.append(tint * start + b"\xf5\xf4\xf0" * (end - start) + tint * (180 - end))
    return png(180, lines)


def png(width: int, lines: list[bytes]) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, len(lines), 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + line for line in lines), 6)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
