"""What to fetch of the comments under an ad account's ads. Runs inside `integrations.sync.run`, as work of its own beside the figures.

TikTok lists them by ad group and days. The last days of a group that runs are looked at often, all of its days at first and from time to
time: what was hidden, edited or deleted long after is found then. What ought to be there and no page named is asked for by its id before it
counts as deleted, because pages shift while they are read.
"""

import logging
from datetime import datetime, timedelta

from agency import clock, jobs, scope
from agency.jobs import Claim
from community import ad_store
from community.models import GroupReading
from integrations import sync
from integrations.models import AdAccount, Connection, SyncRun
from integrations.sync import Found, Plan, Run
from integrations.tiktok import ad_comments as tiktok
from integrations.tiktok.errors import OurMistake

logger = logging.getLogger(__name__)
Kind = SyncRun.Kind
# By how long ago a group last ran: how soon its last days are looked at again, and how often all of them are read.
LOOKS: tuple[tuple[timedelta, timedelta, timedelta], ...] = (
    (timedelta(days=3), timedelta(minutes=15), timedelta(days=1)),
    (timedelta(days=30), timedelta(hours=6), timedelta(days=7)),
    (timedelta.max, timedelta(days=3), timedelta(days=30)),
)
_WINDOW = timedelta(days=tiktok.MOST_DAYS - 1)
_REFUSED_GROUP = timedelta(days=1)


def run(claim: Claim) -> None:
    """One turn of one ad account."""
    with scope.begin():
        _prepare(claim)
    sync.run(claim, PLANS, then=_nothing_more, subject=sync.ad_account_of)


def _nothing_more(work: Run) -> None:
    """No floor above waits for comments."""


def _prepare(claim: Claim) -> None:
    """The row of this kind, made with the first turn and begun anew with a new consent. Whoever asked for a turn gets it."""
    rows = AdAccount.objects.linked().filter(pk=claim.ref, connection__state=Connection.State.LIVE)
    ad_account = rows.select_related("connection").first()
    if ad_account is None:
        return
    now = clock.now()
    generation = ad_account.connection.generation
    fresh = {"state": SyncRun.State.WAITING, "generation": generation, "due_at": now, "failure_count": 0, "sentence": ""}
    row, _ = SyncRun.objects.get_or_create(
        workspace_id=ad_account.workspace_id,
        ad_account=ad_account,
        kind=Kind.AD_COMMENTS,
        defaults=fresh | {"connection": ad_account.connection},
    )
    if (
        row.generation != generation
        or row.connection_id != ad_account.connection_id
        or (row.due_at is None and row.state != row.State.SKIPPED)
    ):
        SyncRun.objects.filter(pk=row.pk).update(connection=ad_account.connection, **fresh)
    elif row.state == SyncRun.State.DONE:
        SyncRun.objects.filter(pk=row.pk).update(due_at=now)


def _ad_comments(work: Run) -> Found:
    ad_account = work.ad_account
    assert ad_account is not None, "only ad accounts come here"
    with work.writing():
        ad_store.watch_groups(ad_account, now=clock.now())
    is_news = False
    while True:
        with work.writing():
            look = ad_store.due_group(ad_account, now=clock.now())
        if look is None:
            break
        try:
            is_news |= _group(work, ad_account, look)
        except OurMistake as error:  # the group is gone, or closed to us; the others are not
            logger.warning("comments of an ad group refused: %s", error, extra={"facts": {"group": str(look.pk)}})
            with work.writing():
                _note(look, look_at=clock.now() + _REFUSED_GROUP, began_at=None)
    with work.writing():
        again_at = clock.now() + jobs.spread(timedelta(minutes=30))
        next_look = ad_store.next_look_at(ad_account)
        return Found(is_news, due_at=again_at if next_look is None else max(min(again_at, next_look), clock.now()))


def _group(work: Run, ad_account: AdAccount, look: GroupReading) -> bool:
    """One look at a group: its days from the latest window to the first, then whatever was missing in them."""
    with work.writing():
        first_run, last_run = ad_store.days_run(look)
        pause, whole_every = _rhythm(last_run and datetime.combine(last_run, datetime.min.time(), tzinfo=clock.now().tzinfo))
        if look.began_at is None:
            _begin(look, is_whole=look.whole_at is None or clock.now() - look.whole_at > whole_every, first_run=first_run)
    assert look.first_on is not None and look.window_on is not None and look.began_at is not None
    is_news = False
    while look.window_on >= look.first_on:
        first = max(look.first_on, look.window_on - _WINDOW)
        page = work.ask(tiktok.ad_comments_page, adgroup_id=look.tiktok_adgroup_id, first=first, last=look.window_on, page=look.page)
        with work.writing() as call_id:
            kept = ad_store.keep(ad_account, page.records, adgroup_id=look.tiktok_adgroup_id, call_id=call_id, now=clock.now())
            if page.has_more:
                _note(look, page=look.page + 1)
            else:
                _note(look, page=1, window_on=first - timedelta(days=1))
        is_news |= kept.is_news
    is_news |= _missing(work, ad_account, look)
    with work.writing():
        now = clock.now()
        is_whole = look.whole_at is None or look.first_on < ad_store.first_look(look.began_at)
        _note(look, look_at=now + jobs.spread(pause), began_at=None, **({"whole_at": now} if is_whole else {}))
    return is_news


def _rhythm(last_run: datetime | None) -> tuple[timedelta, timedelta]:
    quiet = timedelta(days=365) if last_run is None else clock.now() - last_run
    return next((pause, whole) for until, pause, whole in LOOKS if quiet < until)


def _begin(look: GroupReading, *, is_whole: bool, first_run: object) -> None:
    """Days of the ad account's zone and UTC days differ by one at most."""
    now = clock.now()
    newest = ad_store.first_look(now)
    first_on = min(newest, first_run - timedelta(days=1)) if is_whole and first_run else newest
    _note(look, began_at=now, first_on=first_on, window_on=now.date() + timedelta(days=1), page=1)


def _missing(work: Run, ad_account: AdAccount, look: GroupReading) -> bool:
    is_news = False
    while True:
        with work.writing():
            missed = ad_store.unseen(look)
        if missed is None:
            return is_news
        original = missed.thread.tiktok_comment_id if missed.is_reply else None
        page = work.ask(tiktok.related_comments, comment_id=missed.tiktok_comment_id, original_comment_id=original)
        found = next((one for one in page.records if one.comment_id == missed.tiktok_comment_id), None)
        with work.writing() as call_id:
            ad_store.note_looked_for(ad_account, missed, found, call_id=call_id, now=clock.now())
        is_news |= found is None


def _note(look: GroupReading, **values: object) -> None:
    """On the row and on what is at hand."""
    GroupReading.objects.filter(pk=look.pk).update(**values)
    for name, value in values.items():
        setattr(look, name, value)


PLANS = {Kind.AD_COMMENTS: Plan(_ad_comments, every=timedelta(minutes=15), slowest=timedelta(minutes=30))}
