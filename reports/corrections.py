"""What has changed since a report was sent: the frozen content beside the present composition. Owns telling them apart, in words.

Only figures of the week itself are compared. A post's lifetime figures go on rising; that is no correction.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from agency.outlets import figures
from reports.content import Content, DayFigure, Paid

COUNTED_ON = "TikTok still counted this when the report was written."
CAME_LATE = "TikTok had not delivered this when the report was written."
CORRECTED = "TikTok has corrected this."
POSTS = "A post was published late, or removed, since."


@dataclass(frozen=True)
class Correction:
    """One figure, as it was sent and as it is now, and why they differ."""

    label: str
    sent: str
    now: str
    reason: str


@dataclass(frozen=True)
class Corrected:
    """What differs, or why that cannot be said."""

    rows: tuple[Correction, ...] = ()
    sentence: str = ""


def corrected_since(sent: Content, now: Content) -> Corrected:
    """Only what differs as it is shown."""
    gone = sorted(set(sent.accounts) - set(now.accounts))
    if gone:
        names = f"{', '.join(gone[:-1])} and {gone[-1]}" if len(gone) > 1 else gone[0]
        verb = "is" if len(gone) == 1 else "are"
        return Corrected(sentence=f"{names} {verb} no longer connected: what TikTok corrected since is not known.")
    came = sorted(set(now.accounts) - set(sent.accounts))
    if came:
        return Corrected(sentence=f"{', '.join(came)} was connected since. This report stays as it was sent, without it.")
    return Corrected(rows=(*_organic(sent, now), *_days(sent, now), *_paid(sent, now)))


def _days(sent: Content, now: Content) -> Iterator[Correction]:
    for before, after in zip(sent.days, now.days, strict=True):
        day = date.fromisoformat(after.date)
        yield from _changed(f"{day:%a} {day.day}", figures.count(before.views), figures.count(after.views), _why(before))


def _why(day: DayFigure) -> str:
    return CAME_LATE if day.views is None else CORRECTED if day.is_final else COUNTED_ON


def _organic(sent: Content, now: Content) -> Iterator[Correction]:
    was, is_now = sent.organic, now.organic
    moved = [_why(b) for b, a in zip(sent.days, now.days, strict=True) if b.views != a.views]
    why = moved[-1] if moved else (CAME_LATE if sent.missing_days else COUNTED_ON if sent.not_final_days else CORRECTED)
    yield from _changed("Posts published", figures.count(was.posts_count), figures.count(is_now.posts_count), POSTS)
    yield from _changed("Total views", figures.count(was.views), figures.count(is_now.views), why)
    yield from _changed("Avg. engagement rate", figures.rate(was.engagement_rate), figures.rate(is_now.engagement_rate), why)
    yield from _changed("New followers", figures.signed_count(was.new_followers), figures.signed_count(is_now.new_followers), why)


def _paid(sent: Content, now: Content) -> Iterator[Correction]:
    before = {p.currency: p for p in sent.paid}
    for after in now.paid:
        was = before.get(after.currency)
        if was is not None and was.ad_accounts == after.ad_accounts:
            yield from _block(was, after)


def _block(was: Paid, is_now: Paid) -> Iterator[Correction]:
    why, currency = (COUNTED_ON if was.may_still_rise else CORRECTED), is_now.currency
    yield from _changed("Boosted posts", figures.count(was.boosted_posts), figures.count(is_now.boosted_posts), why)
    yield from _changed("Impressions", figures.count(was.impressions), figures.count(is_now.impressions), why)
    yield from _changed("CTR", figures.ctr(was.ctr), figures.ctr(is_now.ctr), why)
    yield from _changed(f"CPM ({currency})", _money(was.cpm, currency), _money(is_now.cpm, currency), why)


def _money(text: str | None, currency: str) -> str:
    return figures.money(None if text is None else Decimal(text), currency)


def _changed(label: str, sent: str, now: str, reason: str) -> Iterator[Correction]:
    if sent != now:
        yield Correction(label, sent, now, reason)
