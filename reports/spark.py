"""The paid part of a week: what Spark Ads did on the seven dates of each ad account. Owns adding up; never adds two currencies.

A Spark Ad shows a post. Other ads of the same ad accounts are left out here; /campaigns has them all.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from integrations.models import AdAccount
from metrics.ad_queries import Level, boosted_posts, paid
from metrics.dictionary import cpm, ctr
from metrics.models import Ad
from metrics.periods import Week
from reports.content import MissingAccount, Paid

PAID_DELAY = timedelta(hours=11)  # TikTok's figures of ads follow by this much
_CENTS, _FINE = Decimal("0.01"), Decimal("0.000001")
N = TypeVar("N", int, Decimal)


@dataclass(frozen=True)
class _Sum:
    """Spark Ads over some days. None: a part was not told, so that the sum would be too low."""

    spend: Decimal | None
    impressions: int | None
    clicks: int | None
    posts: frozenset[str]

    @property
    def boosted_posts(self) -> int:
        return len(self.posts)

    @property
    def ctr(self) -> float | None:
        return ctr(clicks=self.clicks, impressions=self.impressions)

    @property
    def cpm(self) -> str | None:
        return _money(cpm(spend=self.spend, impressions=self.impressions), _FINE)


def paid_blocks(ad_accounts: Sequence[AdAccount], week: Week) -> tuple[Paid, ...]:
    """One block for each currency, in the currencies' order. Ad accounts that were never read are in `missing_ad_accounts`."""
    by_currency: dict[str, list[AdAccount]] = defaultdict(list)
    for account in ad_accounts:
        if _was_read(account, week):
            by_currency[account.currency].append(account)
    return tuple(_block(currency, accounts, week) for currency, accounts in sorted(by_currency.items()))


def missing_ad_accounts(ad_accounts: Sequence[AdAccount], week: Week) -> Iterator[MissingAccount]:
    """Ad accounts that are not in the paid figures, or no longer, and why."""
    for account in ad_accounts:
        if account.state == AdAccount.State.LOST:
            yield MissingAccount(account.shown_name, "ads_lost", "")
        elif not _was_read(account, week):
            yield MissingAccount(account.shown_name, "ads_not_read", "")


def _was_read(account: AdAccount, week: Week) -> bool:
    """Whether the days from the week's Monday on have been read, as far as they had begun."""
    began = _start(account, week.monday)
    return account.figures_from is not None and account.figures_from <= week.monday and (account.figures_seen_at or began) > began


def _block(currency: str, accounts: Sequence[AdAccount], week: Week) -> Paid:
    ended = min(_days_ended(a, week) for a in accounts)
    whole = _sum(accounts, week.monday, week.sunday)
    comparable = ended if all(a.figures_from is not None and a.figures_from <= week.before.monday for a in accounts) else 0
    alike = before = None
    if comparable:
        until = timedelta(days=comparable - 1)
        alike = _sum(accounts, week.monday, week.monday + until)
        before = _sum(accounts, week.before.monday, week.before.monday + until)
    return Paid(
        currency=currency,
        ad_accounts=tuple(a.shown_name for a in accounts),
        time_zones=tuple(sorted({a.time_zone or "UTC" for a in accounts})),
        boosted_posts=whole.boosted_posts,
        impressions=whole.impressions,
        clicks=whole.clicks,
        spend=_money(whole.spend),
        ctr=whole.ctr,
        cpm=whole.cpm,
        days_alike=comparable,
        boosted_posts_alike=alike.boosted_posts if alike else None,
        boosted_posts_before=before.boosted_posts if before else None,
        impressions_alike=alike.impressions if alike else None,
        impressions_before=before.impressions if before else None,
        ctr_alike=alike.ctr if alike else None,
        ctr_before=before.ctr if before else None,
        cpm_alike=alike.cpm if alike else None,
        cpm_before=before.cpm if before else None,
        may_still_rise=any(_final_at(a, week) > (a.figures_seen_at or _start(a, week.monday)) for a in accounts),
    )


def _sum(accounts: Iterable[AdAccount], first: date, last: date) -> _Sum:
    posts: set[str] = set()
    lines = []
    for account in accounts:
        sparks = set(Ad.objects.filter(ad_account=account).exclude(tiktok_item_id="").values_list("tiktok_ad_id", flat=True))
        lines += [line for line in paid(account, first, last, level=Level.AD) if line.key in sparks]
        posts.update(boosted_posts(account, first, last))
    return _Sum(
        spend=_added([line.spend for line in lines], Decimal(0)),
        impressions=_added([line.impressions for line in lines], 0),
        clicks=_added([line.clicks for line in lines], 0),
        posts=frozenset(posts),
    )


def _added(values: Sequence[N | None], nothing: N) -> N | None:
    return None if None in values else sum((v for v in values if v is not None), nothing)


def _money(value: Decimal | None, step: Decimal = _CENTS) -> str | None:
    return None if value is None else str(value.quantize(step, ROUND_HALF_UP))


def _start(account: AdAccount, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(account.time_zone or "UTC"))


def _final_at(account: AdAccount, week: Week) -> datetime:
    return _start(account, week.after.monday) + PAID_DELAY


def _days_ended(account: AdAccount, week: Week) -> int:
    """How many of the seven days had ended, and been told, when TikTok was read last."""
    seen = account.figures_seen_at
    return sum(seen is not None and _start(account, day + timedelta(days=1)) + PAID_DELAY <= seen for day in week.days)
