"""What to fetch about an account and what to keep: profile, days, posts with their snapshots; mentions are in `mention_sync`. Runs
inside `integrations.sync.run`.

New posts are found at the head of the list. Each post then has a time of its own at which its counters are read again, twenty posts a
call: a young one often, an old one that nobody watches any more seldom.
"""

from datetime import timedelta

from agency import clock, jobs
from agency.jobs import Claim
from integrations import actions, sync
from integrations.models import SyncRun
from integrations.sync import Found, Plan, Run
from integrations.tiktok import accounts
from metrics import audience_store, mention_sync, store, unusual
from metrics.models import Account

DAYS_BACK = 59  # TikTok gives sixty days, today included
HOURS_BACK = 13
POSTS_PER_CALL = 20
WHOLE_EVERY = timedelta(days=7)
SOONEST_OLDER_LOOK = timedelta(minutes=10)
Kind = SyncRun.Kind


def run(claim: Claim) -> None:
    """One turn of one connection."""
    sync.run(claim, PLANS, then=_after)


def _after(work: Run) -> None:
    """A complete sync leaves a row for the floor above: a report can be written. What a report can do without holds nobody up."""
    runs = work.runs.filter(kind__in=_REPORTED)
    if all(r.state in {SyncRun.State.DONE, SyncRun.State.SKIPPED} for r in runs):
        jobs.put("report", work.connection.workspace_id, workspace_id=work.connection.workspace_id, at=clock.now())


def _account(work: Run) -> Account:
    return store.account_of(work.connection.pk, work.connection.workspace_id)


def _profile(work: Run) -> Found:
    fields = accounts.fields_for(work.connection.scopes_granted, accounts.PROFILE_FIELDS)
    profile = work.ask(accounts.profile, fields=fields)
    with work.writing() as call_id:
        is_news = store.keep_profile(_account(work), profile, call_id=call_id, now=clock.now())
        actions.name_account(
            work.connection,
            handle=store.text(profile.username)[:120],
            display_name=store.text(profile.display_name)[:200],
            picture_url=profile.profile_image,
        )
    return Found(is_news)


def _days(work: Run) -> Found:
    """Sixty days at every look: it is one call, and TikTok corrects the last of them for a while."""
    today = clock.today()
    fields = [f for f in accounts.fields_for(work.connection.scopes_granted, accounts.DAY_FIELDS) if f != "audience_activity"]
    days = work.ask(accounts.account_days, start=today - timedelta(days=DAYS_BACK), end=today, fields=fields)
    with work.writing() as call_id:
        account, now = _account(work), clock.now()
        changed = store.keep_days(account, days, call_id=call_id, now=now)
        Account.objects.filter(pk=account.pk).update(days_seen_at=now)
        if unusual.days_to_judge(account, now=now):
            jobs.put("unusual_day", work.connection.pk, workspace_id=work.connection.workspace_id, at=now)
        work.progress(Kind.ACCOUNT_DAYS, done_count=len(days))
    return Found(changed > 0)


def _posts(work: Run) -> Found:
    """Posts from the newest back to what is known, page by page; with a new consent and once a week, all of them: a post that was made
    public late stands among older ones.

    Page and cursor are stored together, so an interrupted run goes on where it was.
    """
    fields = accounts.fields_for(work.connection.scopes_granted, accounts.POST_FIELDS)
    with work.writing():
        progress = SyncRun.objects.get(connection=work.connection, kind=Kind.POSTS)
        account = _account(work)
    cursor, done = progress.cursor, progress.done_count if progress.cursor else 0
    is_whole = account.posts_whole_of != work.generation or clock.now() - account.posts_whole_at > WHOLE_EVERY or cursor is not None
    is_news = False
    while True:
        page = work.ask(accounts.posts_page, fields=fields, cursor=cursor, max_count=POSTS_PER_CALL)
        done += len(page.posts)
        with work.writing() as call_id:
            now = clock.now()
            news_count = store.keep_posts(account, page.posts, call_id=call_id, now=now, stretch=work.stretch)
            audience_store.keep_post_audiences(account, page.posts, call_id=call_id, now=now)
            if news_count:  # whoever looked for comments before knew nothing to look under
                actions.read_comments_soon(work.connection)
                is_news = True
            is_over = not page.has_more or not (is_whole or news_count)
            if is_over:
                whole = {"posts_whole_of": work.generation, "posts_whole_at": now} if is_whole else {}
                Account.objects.filter(pk=account.pk).update(posts_seen_at=now, **whole)
                done = store.posts_count(account)
            total = None if account.videos_count is None else max(account.videos_count, done)
            work.progress(Kind.POSTS, cursor=None if is_over else page.cursor, done_count=done, total_count=total)
        if is_over:
            return Found(is_news)
        cursor = page.cursor


def _older_posts(work: Run) -> Found:
    """Posts whose time has come, the most overdue first, twenty a call."""
    fields = accounts.fields_for(work.connection.scopes_granted, accounts.POST_FIELDS)
    with work.writing():
        account = _account(work)
        due = store.posts_to_look_at(account, now=clock.now(), most=POSTS_PER_CALL * sync.CALLS_PER_TURN)
    is_news = False
    for start in range(0, len(due), POSTS_PER_CALL):
        asked, found, cursor = due[start : start + POSTS_PER_CALL], set(), None
        while True:
            page = work.ask(accounts.posts_page, fields=fields, cursor=cursor, max_count=POSTS_PER_CALL, item_ids=asked)
            found |= {post.item_id for post in page.posts}
            with work.writing() as call_id:
                now = clock.now()
                is_news = store.keep_posts(account, page.posts, call_id=call_id, now=now, stretch=work.stretch) > 0 or is_news
                audience_store.keep_post_audiences(account, page.posts, call_id=call_id, now=now)
                if not page.has_more:
                    store.note_gone(account, set(asked) - found, now=now)
            if not page.has_more:
                break
            cursor = page.cursor
    with work.writing():
        next_look = store.next_look_at(account)
    soonest = clock.now() + SOONEST_OLDER_LOOK
    return Found(is_news, due_at=max(next_look, soonest) if next_look else clock.now() + timedelta(days=1))


def _audience(work: Run) -> Found:
    """Who follows, and in which hours they are active. Two calls: TikTok tells the hours by day only."""
    fields = accounts.fields_for(work.connection.scopes_granted, accounts.AUDIENCE_FIELDS)
    who = work.ask(accounts.audience, fields=fields)
    with work.writing() as call_id:
        account, now = _account(work), clock.now()
        is_news = audience_store.keep_audience(account, who, call_id=call_id, now=now)
    today = clock.today()
    days = work.ask(accounts.account_days, start=today - timedelta(days=HOURS_BACK), end=today, fields=["audience_activity"])
    with work.writing() as call_id:
        is_news = audience_store.keep_hours(account, days, call_id=call_id, now=clock.now()) > 0 or is_news
    return Found(is_news)


HOUR = timedelta(hours=1)
PLANS = {
    Kind.PROFILE: Plan(_profile, every=HOUR, slowest=1.5 * HOUR),
    Kind.ACCOUNT_DAYS: Plan(_days, every=HOUR, slowest=1.5 * HOUR),
    Kind.POSTS: Plan(_posts, every=HOUR / 2, slowest=1.5 * HOUR),
    Kind.OLDER_POSTS: Plan(_older_posts, every=HOUR, slowest=24 * HOUR),
    Kind.MENTIONS: Plan(mention_sync.mentions, every=HOUR, slowest=6 * HOUR),
    Kind.AUDIENCE: Plan(_audience, every=12 * HOUR, slowest=24 * HOUR),
}
_REPORTED = (Kind.PROFILE, Kind.ACCOUNT_DAYS, Kind.POSTS, Kind.OLDER_POSTS)
