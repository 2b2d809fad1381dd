"""Keeping who follows and how posts were found. A row is written when something differs from what was told last, so days without a row are
days without a change, and a step that ran twice changes nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.db import connection
from psycopg.types.json import Jsonb

from integrations.tiktok.records import AccountDayRecord, Audience, PostRecord
from metrics.bulk import upsert
from metrics.models import Account, AccountAudience

_KINDS = ("ages", "genders", "countries", "cities")
_OF_POST = ("sources", "countries", "cities", "genders", "viewer_types", "retention")


def keep_audience(account: Account, told: Audience, *, call_id: int, now: datetime) -> bool:
    """Keep followers by kind. True when something is new; what TikTok does not tell at all leaves no row."""
    values = {name: _plain(getattr(told, name)) for name in _KINDS}
    if all(value is None for value in values.values()):
        return False
    last = AccountAudience.objects.filter(account=account).order_by("-date").first()
    if last is not None and all(getattr(last, name) == value for name, value in values.items()):
        return False
    AccountAudience.objects.update_or_create(
        workspace_id=account.workspace_id,
        account=account,
        date=now.astimezone(UTC).date(),
        defaults=values | {"call_id": call_id, "seen_at": now},
    )
    return True


def keep_hours(account: Account, days: Iterable[AccountDayRecord], *, call_id: int, now: datetime) -> int:
    """Keep the active hours of days. Returns how many days are new or changed."""
    rows = []
    for day in days:
        if day.audience_activity:
            by_hour = dict(day.audience_activity)
            rows.append((day.date, Jsonb([by_hour.get(hour) for hour in range(24)])))
    if not rows:
        return 0
    return upsert(
        table="metrics_activehours",
        key=("workspace_id", "account_id", "date"),
        columns=("date", "counts"),
        types=("date", "jsonb"),
        rows=rows,
        fixed={"workspace_id": account.workspace_id, "account_id": account.pk, "call_id": call_id, "seen_at": now},
        overwrite=("counts", "call_id", "seen_at"),
        only_if_changed=("counts",),
    )


def keep_post_audiences(account: Account, posts: Sequence[PostRecord], *, call_id: int, now: datetime) -> None:
    """Keep how posts were found and who watched, of those of which TikTok tells it and told something else before. One statement."""
    rows = []
    for post in posts:
        parts = (
            post.impression_sources, post.audience_countries, post.audience_cities, post.audience_genders, post.audience_types,
            post.video_view_retention,
        )  # fmt: skip
        if any(part is not None for part in parts):
            rows.append((uuid4(), post.item_id, *(None if part is None else Jsonb(_plain(part)) for part in parts)))
    if not rows:
        return
    names = ", ".join(_OF_POST)
    differs = " OR ".join(f"last.{name} IS DISTINCT FROM t.{name}" for name in _OF_POST)
    sets = ", ".join(f"{name} = EXCLUDED.{name}" for name in (*_OF_POST, "call_id", "seen_at"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO metrics_postaudience (workspace_id, id, post_id, date, {names}, call_id, seen_at)
            SELECT p.workspace_id, t.id, p.id, %s, {", ".join(f"t.{name}" for name in _OF_POST)}, %s, %s
            FROM unnest(%s::uuid[], %s::text[], {", ".join(["%s::jsonb[]"] * len(_OF_POST))}) AS t(id, item_id, {names})
            JOIN metrics_post p ON p.workspace_id = %s AND p.account_id = %s AND p.tiktok_item_id = t.item_id
            LEFT JOIN LATERAL (
                SELECT * FROM metrics_postaudience a WHERE a.workspace_id = p.workspace_id AND a.post_id = p.id ORDER BY a.date DESC LIMIT 1
            ) last ON true
            WHERE last.id IS NULL OR {differs}
            ON CONFLICT (workspace_id, post_id, date) DO UPDATE SET {sets}
            """,  # noqa: S608 # nosec B608 - our own names
            [
                now.astimezone(UTC).date(),
                call_id,
                now,
                *(list(column) for column in zip(*rows, strict=True)),
                account.workspace_id,
                account.pk,
            ],
        )


def _plain(shares: Any) -> list[list[Any]] | None:
    """As JSON holds it. Names are other people's text."""
    return None if shares is None else [[_text(name), part] for name, part in shares]


def _text(name: str | int) -> str | int:
    return name if isinstance(name, int) else name.replace("\x00", "").encode(errors="ignore").decode()[:120]
