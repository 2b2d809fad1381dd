"""From what came back to the error it stands for: which one, how long to wait, and TikTok's text without our secrets.

Knows statuses, headers and envelopes; the tree of errors is in `errors`, the tables of codes in `codes`.
"""

import email.utils
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from agency.secret import DOTS, Secret
from integrations.tiktok.envelopes import Envelope, Received
from integrations.tiktok.errors import AnswerLost, Call, NotUnderstood, Throttled, TikTokError, TryLater


def failure(answer: Received, envelope: Envelope | None, call: Call, sent: Iterable[object], now: datetime) -> TikTokError:
    """TikTok says: trust the code over the HTTP status. Without an envelope, the status has to do."""
    if answer.status == 429:
        error_class: type[TikTokError] = Throttled
    elif envelope is not None:
        error_class = envelope.error_class or NotUnderstood
    elif answer.status == 503:
        error_class = TryLater
    elif answer.status >= 500:
        error_class = AnswerLost  # a gateway gave up; what is behind it may have done the work
    else:
        error_class = answer.fault or NotUnderstood
    message = blotted(envelope.message if envelope else None, sent)
    if issubclass(error_class, TryLater):
        return error_class(call=call, tiktok_message=message, retry_after_seconds=_retry_after_seconds(answer.headers, now))
    return error_class(call=call, tiktok_message=message)


def blotted(message: object, sent: Iterable[object]) -> str:
    """TikTok's text for our log, at most a line, without the secrets of this call and without anything that looks like a token."""
    if not isinstance(message, str):
        return ""
    for value in sent:
        if isinstance(value, Secret) and value:
            message = message.replace(value.reveal(), DOTS)
    message = re.sub(r"\b(?:act|rft|clt)\.\S+", DOTS, message)
    return "".join(character if character.isprintable() else " " for character in message)[:300]


def request_id(answer: Received, envelope: Envelope | None) -> str:
    """What TikTok's support asks for: the envelope's, or else the gateway's; "" when neither looks like one."""
    for candidate in (envelope.request_id if envelope else None, answer.headers.get("x-tt-logid")):
        if isinstance(candidate, str) and re.fullmatch(r"[0-9A-Za-z_-]{1,64}", candidate):
            return candidate
    return ""


def _retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    said = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", said):
        return float(said)
    until = _http_date(said)
    if until is None:
        return None
    here = _http_date(headers.get("date", "")) or now  # TikTok's own clock where it tells it, so that ours need not agree
    return max(0.0, (until - here).total_seconds())


def _http_date(text: str) -> datetime | None:
    try:
        date = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
