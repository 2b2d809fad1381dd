"""What to fetch about an account and what to keep: profile, days, posts with their snapshots. Runs inside `integrations.sync.run`."""

from datetime import timedelta

from agency import clock, jobs
from agency.jobs import Claim
from integrations import actions, sync
from integrations.models import SyncRun
from integrations.sync import Run
from integrations.tiktok import accounts
from metrics import store

DAYS_BACK = 59  # TikTok gives sixty days, today included
AGAIN_AFTER = timedelta(minutes=30)


def run(claim: Claim) -> None:
    """One connection, all kinds."""
    steps = {SyncRun.Kind.PROFILE: _profile, SyncRun.Kind.ACCOUNT_DAYS: _days, SyncRun.Kind.POSTS: _posts}
    sync.run(claim, steps, again_after=AGAIN_AFTER, then=_after)


def _after(work: Run) -> None:
    """A first complete sync leaves a row for the floor above: a report can be written."""
    runs = SyncRun.objects.filter(connection=work.connection)
    if all(r.state in {SyncRun.State.DONE, SyncRun.State.SKIPPED} for r in runs):
        jobs.put("report", work.connection.workspace_id, workspace_id=work.connection.workspace_id, at=clock.now())


def _profile(work: Run) -> None:
    fields = accounts.fields_for(work.connection.scopes_granted, accounts.PROFILE_FIELDS)
    profile = work.ask(accounts.profile, fields=fields)
    with work.writing() as call_id:
        account = store.account_of(work.connection.pk, work.connection.workspace_id)
        store.keep_profile(account, profile, call_id=call_id, now=clock.now())
        actions.name_account(
            work.connection, handle=store.text(profile.username)[:120], display_name=store.text(profile.display_name)[:200]
        )


def _days(work: Run) -> None:
    """Sixty days at every sync: it is one call, and TikTok corrects the last of them for a while."""
    today = clock.today()
    fields = [f for f in accounts.fields_for(work.connection.scopes_granted, accounts.DAY_FIELDS) if f != "audience_activity"]
    days = work.ask(accounts.account_days, start=today - timedelta(days=DAYS_BACK), end=today, fields=fields)
    with work.writing() as call_id:
        account = store.account_of(work.connection.pk, work.connection.workspace_id)
        now = clock.now()
        store.keep_days(account, days, call_id=call_id, now=now)
        type(account).objects.filter(pk=account.pk).update(days_seen_at=now)
        work.progress(SyncRun.Kind.ACCOUNT_DAYS, done_count=len(days))


def _posts(work: Run) -> None:
    """All posts, newest first, page by page; page and cursor are stored together, so an interrupted run goes on where it was."""
    fields = accounts.fields_for(work.connection.scopes_granted, accounts.POST_FIELDS)
    with work.writing():
        run_row = SyncRun.objects.get(connection=work.connection, kind=SyncRun.Kind.POSTS)
        account = store.account_of(work.connection.pk, work.connection.workspace_id)
        total = account.videos_count
        work.progress(SyncRun.Kind.POSTS, total_count=total, done_count=run_row.done_count if run_row.cursor else 0)
    cursor, done = run_row.cursor, run_row.done_count if run_row.cursor else 0
    while True:
        page = work.ask(accounts.posts_page, fields=fields, cursor=cursor, max_count=20)
        done += len(page.posts)
        with work.writing() as call_id:
            now = clock.now()
            store.keep_posts(account, page.posts, call_id=call_id, now=now)
            work.progress(
                SyncRun.Kind.POSTS, cursor=page.cursor if page.has_more else None, done_count=done, total_count=_at_least(total, done)
            )
            if not page.has_more:
                type(account).objects.filter(pk=account.pk).update(posts_seen_at=now)
        if not page.has_more or page.cursor is None or page.cursor == cursor:
            return
        cursor = page.cursor


def _at_least(total: int | None, done: int) -> int | None:
    return None if total is None else max(total, done)
