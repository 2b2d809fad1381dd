"""What to fetch of the mentions of an account: posts and comments by others that name it. Runs inside `integrations.sync.run`.

New ones stand at the head of TikTok's two lists and are read until what is known comes. Once a day, with a new consent, and when TikTok
told of a mention, both lists are read whole: counters move, and what was taken away must go here too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agency import clock
from integrations import events
from integrations.models import SyncRun
from integrations.sync import Found, Run
from integrations.tiktok import mentions as tiktok
from integrations.tiktok.mentions import Listing
from metrics import mention_store, store
from metrics.models import Account

WHOLE_EVERY = timedelta(days=1)
PER_CALL = 20
_LIST = 10**6  # a cursor of the step: which list, and where in it
_KIND = SyncRun.Kind.MENTIONS


@dataclass(frozen=True)
class _List:
    """One of TikTok's lists of mentions: how it is asked for, newest first, and how it is kept."""

    page: Callable[..., Any]
    newest_first_by: str
    keep: Callable[..., int]


LISTS = (
    _List(tiktok.mentioning_posts_page, "CREATE_TIME", mention_store.keep_posts),
    _List(tiktok.mentioning_comments_page, "COMMENT_CREATE_TIME", mention_store.keep_comments),
)


def mentions(work: Run) -> Found:
    """One look. Page and cursor are stored together, so an interrupted one goes on where it was."""
    with work.writing():
        progress, account = work.runs.get(kind=_KIND), store.account_of(work.connection_id, work.connection.workspace_id)
        begun_at = _begin(work, account, is_new=progress.cursor is None)
    number, place = divmod(progress.cursor or 0, _LIST)
    is_news = False
    while number < len(LISTS):
        one = LISTS[number]
        listing = Listing(
            number_of_days=mention_store.DAYS_LISTED,
            sort_field=one.newest_first_by,
            direction="DESC",
            cursor=place or None,
            max_count=PER_CALL,
        )
        page = work.ask(one.page, listing=listing)
        with work.writing() as call_id:
            news_count = one.keep(account, page.records, call_id=call_id, now=clock.now())
            has_more = page.has_more and (begun_at is not None or news_count > 0)
            number, place = (number, int(page.cursor)) if has_more else (number + 1, 0)
            work.progress(_KIND, cursor=number * _LIST + place, done_count=mention_store.known(account))
        is_news = is_news or news_count > 0
    with work.writing():
        _end(work, account, begun_at)
    return Found(is_news)


def _begin(work: Run, account: Account, *, is_new: bool) -> datetime | None:
    """Since when all mentions are being read; None for a look at the heads only."""
    if not is_new:
        return account.mentions_begun_at
    now = clock.now()
    is_fresh = account.mentions_whole_of == work.generation and now - account.mentions_whole_at < WHOLE_EVERY
    begun_at = None if is_fresh and not events.waiting(work.connection_id, events.MENTIONED) else now
    Account.objects.filter(pk=account.pk).update(mentions_begun_at=begun_at)
    return begun_at


def _end(work: Run, account: Account, begun_at: datetime | None) -> None:
    now = clock.now()
    whole = {}
    if begun_at is not None:
        mention_store.let_go(account, begun_at=begun_at, now=now)
        events.done_until(work.connection_id, events.MENTIONED, begun_at)
        whole = {"mentions_whole_of": work.generation, "mentions_whole_at": now, "mentions_begun_at": None}
    Account.objects.filter(pk=account.pk).update(mentions_seen_at=now, **whole)
    work.progress(_KIND, done_count=mention_store.known(account), total_count=None)
