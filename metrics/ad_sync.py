"""What to fetch about an ad account and what to keep: itself, its campaigns, ad groups and ads, and its figures by ad and day.

Figures come in windows of days, each page stored together with the place where reading stands. The last days are read again every hour,
the four weeks in which TikTok still moves conversions once a day, and everything before them once, the newest first.
Runs inside `integrations.sync.run`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agency import clock
from agency.jobs import Claim
from agency.secret import Secret
from integrations import ad_accounts, sync
from integrations.features import AD_ACCOUNTS
from integrations.models import AdAccount, SyncRun
from integrations.sync import Found, Plan, Run
from integrations.tiktok import ad_reports, advertisers, structure
from integrations.tiktok.ad_reports import LARGEST_PAGE, ReportPage
from integrations.tiktok.advertisers import Advertiser
from integrations.tiktok.errors import NotGranted, NotUnderstood, OurMistake
from integrations.tiktok.report_requests import BY_DAY, DataLevel, ReportFilter, ReportRequest
from integrations.tiktok.structure import Filters
from integrations.tiktok.transport import Answer, Transport
from metrics import ad_store
from metrics.ad_windows import CORRECTED_DAYS, MOST_TRIES, RECENT_DAYS, TOTALS, Place, oldest_day, recent, today_in, window

Kind = SyncRun.Kind
TOO_WIDE = 40067
_ALL = "STATUS_ALL"
# Reservations for the top of the app come only when asked for, a hundred a page; everything else a thousand.
PASSES = (
    (Filters(primary_status=_ALL, buying_types=("AUCTION", "RESERVATION_RF")), structure.LARGEST_PAGE),
    (Filters(primary_status=_ALL, buying_types=("RESERVATION_TOP_VIEW",)), 100),
)
_PASS = 10**6  # a cursor of the structure: which pass, and which page of it
_NO_ZONE = f"Not granted: {AD_ACCOUNTS.name}. Without it nobody knows in which currency and on which days this ad account counts."
_OTHER_MONEY = "TikTok now names another currency or time zone for this ad account. Unlink it and link it again to begin anew."
_STRANGE = "TikTok sent a report about something else than was asked for. We have kept what was there before."


def run(claim: Claim) -> None:
    """One turn of one ad account."""
    sync.run(claim, PLANS, then=_nothing, subject=sync.ad_account_of)


def _nothing(work: Run) -> None:
    """Nobody waits for the end of a turn: pages read what is there."""


def _subject(work: Run) -> AdAccount:
    assert work.ad_account is not None, "only ad accounts come here"
    return work.ad_account


# --- the ad account itself -----------------------------------------------------------------------------------------------


def _info(transport: Transport, *, access_token: Secret, advertiser_id: str) -> Answer[tuple[Advertiser, ...]]:
    return advertisers.advertiser_info(transport, access_token=access_token, advertiser_ids=[advertiser_id])


def _ad_account(work: Run) -> Found:
    told = work.ask(_info)
    if [one.advertiser_id for one in told] != [_subject(work).advertiser_id]:
        raise NotUnderstood(sentence=_STRANGE)
    with work.writing():
        row = AdAccount.objects.get(pk=_subject(work).pk)
        try:
            is_news = ad_accounts.describe(row, told[0])
        except ad_accounts.OtherMoney:
            raise NotUnderstood(sentence=_OTHER_MONEY) from None
        row.save()
    work.ad_account = row
    return Found(is_news)


# --- campaigns, ad groups, ads -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Level:
    """How one level is asked for and kept."""

    kind: Kind
    page: Callable[..., Answer[Any]]
    keep: Callable[..., int]


def _structure(level: _Level, work: Run) -> Found:
    """All of a level, page by page, deleted ones too: TikTok does not tell what changed since the last look."""
    with work.writing():
        progress = work.runs.get(kind=level.kind)
    cursor, done = progress.cursor, progress.done_count if progress.cursor else 0
    turn, page = divmod(cursor, _PASS) if cursor else (0, 1)
    is_news = False
    while turn < len(PASSES):
        filters, size = PASSES[turn]
        found = work.ask(level.page, filters=filters, page=page, page_size=size)
        turn, page = (turn, page + 1) if found.has_more else (turn + 1, 1)
        done += len(found.records)
        with work.writing() as call_id:
            try:
                changed = level.keep(_subject(work), found.records, call_id=call_id, now=clock.now())
            except ad_store.Strange:
                raise NotUnderstood(sentence=_STRANGE) from None
            work.progress(level.kind, cursor=turn * _PASS + page, done_count=done, total_count=max(done, found.total_count))
        is_news = is_news or changed > 0
    return Found(is_news)


# --- figures -------------------------------------------------------------------------------------------------------------


def _report(level: DataLevel, named_by: str, metrics: tuple[str, ...], *filters: ReportFilter) -> Callable[..., Answer[ReportPage]]:
    """The call for one kind of report, as `Run.ask` wants it."""

    def ask(transport: Transport, *, access_token: Secret, advertiser_id: str, place: Place) -> Answer[ReportPage]:
        request = ReportRequest(advertiser_id, level, (named_by, BY_DAY), metrics, place.first, place.last, filters=filters)
        return ad_reports.report_page(
            transport, access_token=access_token, request=request, page=max(1, place.page), page_size=LARGEST_PAGE
        )

    return ask


_totals = _report(DataLevel.ADVERTISER, "advertiser_id", ad_store.TOTAL_FIGURES)
_of_ads = _report(DataLevel.AD, "ad_id", (*ad_store.PLACES, *ad_store.DAY_FIGURES), ReportFilter("ad_status", "IN", f'["{_ALL}"]'))


def _zone(ad_account: AdAccount) -> ZoneInfo:
    if not ad_account.time_zone or not ad_account.currency:
        raise NotGranted(sentence=_NO_ZONE)
    try:
        return ZoneInfo(ad_account.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise NotUnderstood(sentence="TikTok names a time zone for this ad account that we do not know.") from None


def _recent(work: Run) -> Found:
    """Today and the days before it that still move."""
    zone = _zone(_subject(work))
    with work.writing():
        progress = work.runs.get(kind=Kind.AD_DAYS)
    begun = Place.unpack(progress.cursor) if progress.cursor else recent(today_in(zone, clock.now()))
    oldest = begun.first if progress.cursor is None else begun.last - timedelta(days=RECENT_DAYS - 1)
    changed = _read(work, Kind.AD_DAYS, begun, oldest, then=lambda done_to: None)
    with work.writing():
        AdAccount.objects.filter(pk=_subject(work).pk).update(figures_seen_at=clock.now())
    return Found(changed > 0)


def _history(work: Run) -> Found:
    """At first everything before the recent days; from then on the days that TikTok may still correct, and those since the last look."""
    zone, ad_account = _zone(_subject(work)), _subject(work)
    today = today_in(zone, clock.now())
    with work.writing():
        progress = work.runs.get(kind=Kind.AD_HISTORY)
    if progress.last_success_at is None:
        oldest = oldest_day(today, today_in(zone, ad_account.opened_at) if ad_account.opened_at else None)
    else:
        oldest = today_in(zone, progress.last_success_at) - timedelta(days=CORRECTED_DAYS - 1)
    newest = today - timedelta(days=RECENT_DAYS)
    changed = 0
    if newest >= oldest:
        begun = Place.unpack(progress.cursor) if progress.cursor else window(newest, oldest)
        changed = _read(work, Kind.AD_HISTORY, begun, oldest, then=lambda first: _tell(work, today, oldest, first))
    with work.writing():
        _tell(work, today, oldest, min(oldest, today))
    return Found(changed > 0)


def _tell(work: Run, today: date, oldest: date, first: date) -> None:
    """How far back the figures reach, for the card and for pages. Call inside `writing()`."""
    work.progress(Kind.AD_HISTORY, done_count=(today - first).days + 1, total_count=(today - oldest).days + 1)
    row = AdAccount.objects.only("figures_from").get(pk=_subject(work).pk)
    if row.figures_from is None or first < row.figures_from:
        AdAccount.objects.filter(pk=row.pk).update(figures_from=first)


def _read(work: Run, kind: Kind, place: Place, oldest: date, *, then: Callable[[date], None]) -> int:
    """Windows from a place back to the oldest day. Returns how many rows are new or changed. `then` hears how far back it got."""
    changed, at = 0, place
    while True:
        try:
            found = work.ask(_totals if at.page == TOTALS else _of_ads, place=at)
        except OurMistake as error:
            if error.code != TOO_WIDE or at.days == 1:
                raise
            at = at.narrower()
            continue
        if found.is_truncated and at.days > 1:
            at = at.narrower()
            continue
        with work.writing() as call_id:
            changed += _keep(work, at, found, call_id)
            following = _following(_subject(work), at, found)
            if following is None:
                then(at.first)
                following = at.older(oldest)
            work.progress(kind, cursor=following.pack() if following else None)
        if following is None:
            return changed
        at = following


def _keep(work: Run, at: Place, found: ReportPage, call_id: int | None) -> int:
    keep = ad_store.keep_totals if at.page == TOTALS else ad_store.keep_ad_days
    try:
        return keep(_subject(work), found.records, at.first, at.last, call_id=call_id, now=clock.now())
    except ad_store.Strange:
        raise NotUnderstood(sentence=_STRANGE) from None


def _following(ad_account: AdAccount, at: Place, found: ReportPage) -> Place | None:
    """The next page of the window; None when it is read.

    TikTok's pages are places in a list that moves while it is read: a window of which fewer rows are here than TikTok counts is read
    once more.
    """
    if at.page == TOTALS:
        return at.on_page(1) if found.records or found.has_more else None
    if found.has_more:
        return at.on_page(at.page + 1)
    if at.tries + 1 < MOST_TRIES and ad_store.days_count(ad_account, at.first, at.last) < found.total_count:
        return at.again()
    return None


HOUR = timedelta(hours=1)
PLANS = {
    Kind.AD_ACCOUNT: Plan(_ad_account, every=12 * HOUR, slowest=24 * HOUR),
    Kind.AD_DAYS: Plan(_recent, every=HOUR, slowest=2 * HOUR),
    Kind.CAMPAIGNS: Plan(
        partial(_structure, _Level(Kind.CAMPAIGNS, structure.campaigns_page, ad_store.keep_campaigns)), every=2 * HOUR, slowest=6 * HOUR
    ),
    Kind.AD_GROUPS: Plan(
        partial(_structure, _Level(Kind.AD_GROUPS, structure.ad_groups_page, ad_store.keep_ad_groups)), every=2 * HOUR, slowest=6 * HOUR
    ),
    Kind.ADS: Plan(partial(_structure, _Level(Kind.ADS, structure.ads_page, ad_store.keep_ads)), every=2 * HOUR, slowest=6 * HOUR),
    Kind.AD_HISTORY: Plan(_history, every=20 * HOUR, slowest=20 * HOUR),
}
