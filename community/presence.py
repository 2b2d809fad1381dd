"""Who is just writing an answer, so that two people do not answer at once. Kept for a minute in the cache; nothing is stored."""

from collections.abc import Iterable
from uuid import UUID

from django.core.cache import cache
from redis.exceptions import RedisError

from agency.models import Membership
from community.models import Comment

SECONDS = 60


def _key(thread: Comment, person_id: UUID) -> str:
    return f"answering:{thread.workspace_id}:{thread.pk}:{person_id}"


def note_answering(thread: Comment, by: Membership) -> None:
    """Somebody is at the reply box. If the cache does not answer, nobody hears of it, which costs a hint and no more."""
    try:
        cache.set(_key(thread, by.person_id), by.person.name, SECONDS)
    except RedisError:
        return


def note_answered(thread: Comment, by: Membership) -> None:
    """They are done."""
    try:
        cache.delete(_key(thread, by.person_id))
    except RedisError:
        return


def answering(thread: Comment, reader: Membership, team: Iterable[UUID]) -> list[str]:
    """Names of the others of the team, given by their keys, who are at it."""
    keys = [_key(thread, person_id) for person_id in team if person_id != reader.person_id]
    try:
        return sorted(cache.get_many(keys).values()) if keys else []
    except RedisError:
        return []
