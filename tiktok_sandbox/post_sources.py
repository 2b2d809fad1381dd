"""Where the bytes of a post come from: chunks by TikTok's arithmetic, and addresses that may be pulled from. Publishes nothing."""

from typing import Any
from urllib.parse import urlsplit

from tiktok_sandbox.params import Param, bad
from tiktok_sandbox.readers import Choice, ListOf, Shape, Text, Whole

LARGEST_VIDEO = 4 * 1024**3

# TikTok writes MB and means one or the other: what either reading allows is let through.
SMALLEST_CHUNK, LARGEST_CHUNK, LARGEST_LAST = 5_000_000, 64 * 1024**2, 128 * 1024**2


def upload_of(source: dict[str, Any]) -> dict[str, int]:
    """Size, chunk and count of an upload, by TikTok's arithmetic; nothing for a pull."""
    if source["source"] == "PULL_FROM_URL":
        if "video_url" not in source:
            raise bad("The request source info is empty or incorrect")
        return {}
    size, chunk, count = source.get("video_size"), source.get("chunk_size"), source.get("total_chunk_count")
    if size is None or chunk is None or count is None:
        raise bad("The request source info is empty or incorrect")
    if count == 1:
        if chunk != size or size > LARGEST_CHUNK:
            raise bad("The chunk size is invalid")
    elif not SMALLEST_CHUNK <= chunk <= LARGEST_CHUNK or size - chunk * (count - 1) > LARGEST_LAST:
        raise bad("The chunk size is invalid")
    elif count != size // chunk:
        raise bad("The total chunk count is invalid")
    return {"size": size, "chunk": chunk, "count": count}


def is_under(address: str, verified: tuple[str, ...]) -> bool:
    """Under a verified prefix, or on a verified domain or one below it (an address without a path stands for its domain)."""
    try:
        given = urlsplit(address)
        host = given.hostname or ""
    except ValueError:
        return False
    if given.scheme != "https" or not host:
        return False
    for known in verified:
        own = urlsplit(known)
        if own.path in {"", "/"} and own.hostname and (host == own.hostname or host.endswith(f".{own.hostname}")):
            return True
        if own.path not in {"", "/"} and address.startswith(known):
            return True
    return False


VIDEO_SOURCE = Param(
    "source_info",
    Shape(
        (
            Param("source", Choice(("FILE_UPLOAD", "PULL_FROM_URL")), required=True),
            Param("video_url", Text(2_048)),
            Param("video_size", Whole(1, LARGEST_VIDEO)),
            Param("chunk_size", Whole(1, LARGEST_VIDEO)),
            Param("total_chunk_count", Whole(1, 1_000)),
        )
    ),
    required=True,
)

PHOTO_SOURCE = Param(
    "source_info",
    Shape(
        (
            Param("source", Choice(("PULL_FROM_URL",)), required=True),
            Param("photo_images", ListOf(Text(2_048), 35, least=1), required=True),
            Param("photo_cover_index", Whole(0, 34), required=True),
        )
    ),
    required=True,
)
