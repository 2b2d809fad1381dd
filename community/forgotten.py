"""Who asked to be forgotten, and what is therefore not kept again when TikTok tells it once more. Knows marks, never people."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from agency import address_book
from integrations.tiktok import comments as tiktok
from metrics.store import text


def mark_of(workspace_id: UUID, author_id: str) -> bytes:
    """Under which somebody is known who asked to be forgotten: nobody can tell from it who it is."""
    return address_book.hash_of("forgotten_commenter", f"{workspace_id}:{author_id}")


def name_of_handle(handle: str) -> str:
    """Under which a handle is remembered: posts and ads know the same person by different marks."""
    return f"@{handle.lower()}"[:120] if handle else ""


def leave_out_forgotten(workspace_id: UUID, by_id: dict[str, tiktok.Comment], untils: Mapping[bytes, datetime], *, now: datetime) -> None:
    """What somebody had said before they asked to be forgotten, and what the account answered to it. What others said below it stays.
    `untils`: when they asked, by their marks."""
    if not untils:
        return
    gone = set()
    for one in by_id.values():
        names = (text(one.unique_identifier)[:120], name_of_handle(text(one.username)))
        found = [until for name in names if name and (until := untils.get(mark_of(workspace_id, name))) is not None]
        until = max(found, default=None)
        if until is not None and (one.created_at or now) <= until and not one.is_owner:
            gone.add(one.comment_id)
    for key in [key for key, one in by_id.items() if key in gone or (one.is_owner and one.parent_comment_id in gone)]:
        del by_id[key]
