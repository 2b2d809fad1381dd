"""Accounts with figures put straight into the tables, for tests that need figures of their own choosing."""

import os
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import psycopg
from django.db import connection

from agency import clock
from agency.models import Membership
from integrations.features import SCOPES
from integrations.models import ApiCall, Connection
from metrics.models import Account, AccountDay, Post

_numbers = count(7_500_000_000_000_000_001)
ALL_SCOPES = tuple(SCOPES)


def plant_account(by: Membership, handle: str, *, scopes: Iterable[str] = ALL_SCOPES, synced: bool = True, **values: Any) -> Account:
    """A live connection that has been synced just now. Call inside the workspace's scope, like all of these."""
    now = clock.now()
    connection = Connection.objects.create(
        workspace_id=by.workspace_id,
        tiktok_open_id=f"open-{handle}",
        handle=handle,
        scopes_asked=list(ALL_SCOPES),
        scopes_granted=list(scopes),
        connected_at=now,
        connected_by_id=by.person_id,
        **({"state": Connection.State.LIVE, "state_since": now} | values),
    )
    seen = now if synced else None
    return Account.objects.create(
        workspace_id=by.workspace_id, connection=connection, profile_seen_at=seen, days_seen_at=seen, posts_seen_at=seen
    )


def a_call(account: Account) -> ApiCall:
    """Where planted figures came from."""
    return ApiCall.objects.create(
        workspace_id=account.workspace_id,
        connection=account.connection,
        endpoint="/business/get/",
        tiktok_request_id="r",
        code=0,
        http_status=200,
        called_at=clock.now(),
        duration_ms=1,
    )


def plant_days(account: Account, days: Iterable[date], **figures: int | None) -> None:
    """The same figures on each of these days; views 100 and engagement 5, unless they are named."""
    now, call = clock.now(), a_call(account)
    values = {"video_views": 100, "likes": 3, "comments": 1, "shares": 1, "followers_count": 1000} | figures
    AccountDay.objects.bulk_create(
        AccountDay(workspace_id=account.workspace_id, account=account, date=day, call=call, first_seen_at=now, changed_at=now, **values)
        for day in days
    )


def plant_post(account: Account, created_at: datetime, **values: Any) -> Post:
    """One post."""
    now = clock.now()
    figures = {"caption": "A post", "views": 50, "likes": 3, "comments": 1, "shares": 1, "watch_through_rate": 0.5} | values
    return Post.objects.create(
        workspace_id=account.workspace_id,
        account=account,
        created_at=created_at,
        call=a_call(account),
        first_seen_at=now,
        seen_at=now,
        **({"tiktok_item_id": str(next(_numbers))} | figures),
    )


def days_from(first: date, number: int) -> list[date]:
    """So many days, from this one on."""
    return [first + timedelta(days=n) for n in range(number)]


def never_analysed(table: str) -> None:
    """The planner knows no more of the table than on its first day. Rows of tests before, which were taken back, may have been vacuumed
    away just now, and then it takes the table for empty however much stands in it."""
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"]) as superuser:
        superuser.execute("DELETE FROM pg_statistic WHERE starelid = %s::regclass", [table])
        superuser.execute("UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE oid = %s::regclass", [table])


def rows_read(table: str) -> int:
    """How many rows of a table this transaction went through so far, those included that it let fall."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relname = %s", [table])
        return int(cursor.fetchone()[0])
