"""What can go wrong with a call to TikTok, named by what happens next.

Owns the tree of errors and what they say to people; which of TikTok's codes means which is in `codes`. An error never quotes a token, a
secret, a code or a body.
"""

from dataclasses import dataclass
from datetime import datetime

NO_ANSWER = 0
NO_CODE = -1
TASK_CODES = frozenset({40200, 40201, 40202})


@dataclass(frozen=True)
class Call:
    """One call as it happened, answered or not; `request_id` is what TikTok's support asks for.

    `http_status` is NO_ANSWER when no status line came, `code` is NO_CODE when no envelope came, `request_id` is "" when none came.
    TikTok for Developers names its errors with a `word` instead of a code; elsewhere it is "". `notice` is TikTok's remark beside a good
    answer: a report that was cut short says so there.
    """

    endpoint: str
    request_id: str
    http_status: int
    code: int
    started_at: datetime
    duration_ms: int
    word: str = ""
    notice: str = ""


class TikTokError(Exception):
    """The call did not give what was asked for.

    `sentence` is for people. `tiktok_message` is TikTok's own text with the call's secrets blotted out: for our log, never for a page.
    `may_have_run` is true when TikTok may have carried the call out all the same: after a refresh, the old token may be dead.
    """

    sentence = "TikTok did not do what was asked."
    may_have_run = False

    def __init__(self, *, call: Call | None = None, sentence: str | None = None, tiktok_message: str = "") -> None:
        self.call = call
        self.code = None if call is None or call.code == NO_CODE else call.code
        self.word = call.word if call else ""
        self.request_id = call.request_id if call else ""
        self.sentence = sentence or SENTENCES.get(self.word or self.code, type(self).sentence)
        self.tiktok_message = tiktok_message
        super().__init__(self.sentence)

    @property
    def is_outage(self) -> bool:
        """Whether it says that TikTok does not work at all, as opposed to this call. Many in a row mean: stop asking for a while."""
        return False

    def __str__(self) -> str:
        if self.call is None:
            return self.sentence
        facts = [self.call.endpoint]
        if self.call.http_status != NO_ANSWER:
            facts.append(f"HTTP {self.call.http_status}")
        if self.code is not None:
            facts.append(f"code {self.code}")
        if self.word:
            facts.append(self.word)
        if self.request_id:
            facts.append(f"request {self.request_id}")
        return f"{self.sentence} [{', '.join(facts)}]"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class ReconnectNeeded(TikTokError):
    """The consent is gone: revoked in TikTok, or its refresh token is dead. Only the account's owner can mend it."""

    sentence = "TikTok no longer accepts this connection. Connect the account again."


class TokenExpired(TikTokError):
    """The access token has run out. Refresh once and call again."""

    sentence = "The access to this account has to be renewed. This happens by itself at the next sync."


class TryLater(TikTokError):
    """Nothing is wrong with the call; TikTok cannot serve it now.

    `retry_after_seconds` is what TikTok said, None when it did not say.
    """

    sentence = "TikTok cannot answer at the moment. We try again by ourselves."

    def __init__(
        self,
        *,
        call: Call | None = None,
        sentence: str | None = None,
        tiktok_message: str = "",
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(call=call, sentence=sentence, tiktok_message=tiktok_message)
        self.retry_after_seconds = retry_after_seconds

    @property
    def is_outage(self) -> bool:
        """Unless TikTok answers in good order that one task has to wait."""
        return self.code not in TASK_CODES


class Throttled(TryLater):
    """Too many calls. TikTok sends no Retry-After with its code 40100; after a breach of the limit per minute it wants five minutes."""

    sentence = "TikTok asks us to slow down. We go on in a few minutes."
    is_outage = False


class LimitReached(TryLater):
    """Our own count says that TikTok's limit is used up for the moment. The call was not made."""

    sentence = "TikTok's limit is used up for the moment. We go on by ourselves."
    is_outage = False


class CircuitOpen(TryLater):
    """TikTok has not answered anybody for a while, and we ask only from time to time. The call was not made."""

    sentence = "TikTok does not answer at the moment. We look again every few seconds and go on by ourselves."
    is_outage = False


class InternalFailure(TryLater):
    """TikTok's own services failed, perhaps after doing the work."""

    may_have_run = True


class AnswerLost(TryLater):
    """The call went out and no whole answer came back: TikTok may or may not have carried it out."""

    sentence = "TikTok's answer was lost on its way. We try again by ourselves."
    may_have_run = True


class NotGranted(TikTokError):
    """The account, or the app, lacks the permission. Repeating does not help; asking for the scope may."""

    sentence = "TikTok has not granted access to this. Add the permission by connecting the account again."


class ConsentRefused(TikTokError):
    """The consent did not come about. Start it again."""

    sentence = "TikTok did not complete the connection. Start again from the Integrations page."


class CodeRefused(ConsentRefused):
    """TikTok did not take the authorization code: used, expired, or not ours."""

    sentence = "TikTok did not accept the confirmation: it was used already or is too old. Start again from the Integrations page."


class UploadGone(TikTokError):
    """The address for the file has run out or is known no more. What was sent there is lost: begin the post again."""

    sentence = "The upload took too long for TikTok. Start the post again."


class OurMistake(TikTokError):
    """The call itself is wrong. Repeating it unchanged never helps; it is for us to mend."""

    sentence = "We asked TikTok for something in the wrong way. The people who run this platform have to correct it."


class NotUnderstood(TikTokError):
    """TikTok answered something that is not an answer: a page, half a document, a part missing or of the wrong kind."""

    sentence = "TikTok sent an answer that we could not read. We have kept what was there before."
    may_have_run = True

    @property
    def is_outage(self) -> bool:
        """A whole answer that no reader understands, as a gateway's page; a part that one reader misses is not."""
        return self.call is not None and self.code is None


SENTENCES: dict[int | str | None, str] = {
    40101: "TikTok does not accept the app id or the app secret. A platform admin can correct them in the TikTok app settings.",
    40103: "TikTok's access to this account has run out: it is given for a year. Connect the account again.",
    40113: "TikTok has switched this app off. A platform admin can see why in TikTok's developer portal.",
    40117: "TikTok has not approved this app for what was asked. A platform admin can apply for it in TikTok's developer portal.",
    40118: "TikTok has not approved this app for what was asked. A platform admin can apply for it in TikTok's developer portal.",
    40121: "This account is not part of TikTok's Creator Marketplace. Its owner can join it in TikTok.",
    40122: "TikTok does not offer this in the country of the account.",
    60001: "TikTok is under maintenance. We try again by ourselves.",
    "invalid_client": "TikTok does not accept the client key or the client secret. A platform admin can correct them in the settings.",
    "unauthorized_client": "TikTok has not approved this app for this. A platform admin can apply for it in TikTok's developer portal.",
    "spam_risk_too_many_posts": "This account has reached TikTok's limit of posts for today. Try again tomorrow.",
    "spam_risk_too_many_pending_share": "Too many drafts wait in TikTok. Publish or delete some of them there first.",
    "reached_active_user_cap": "TikTok's daily limit of people who post through this platform is reached. Try again tomorrow.",
    "spam_risk_user_banned_from_posting": "TikTok does not let this account post at the moment. Its owner can see why in TikTok.",
    "unaudited_client_can_only_post_to_private_accounts": (
        "Until TikTok has audited this platform it posts to private accounts only. Make the account private in TikTok, or wait."
    ),
    "app_version_check_failed": "The TikTok app on the phone is too old for this. Update it and try again.",
}
