"""Where TikTok's documents disagree or stay silent, and where an app's standing decides: one switch each. Changes nothing by itself."""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

WORDS: dict[str, tuple[str, ...]] = {
    "login_token_profile": ("2h", "24h"),
    "login_pkce": ("desktop", "required", "optional"),
    "posting_app": ("audited", "unaudited"),
    "webhook_retry_time": ("fresh", "same"),
    "webhook_order": ("as_made", "reversed"),
}
NUMBERS: dict[str, tuple[int, int]] = {
    "oauth_error_status": (200, 499),
    "comment_text_limit": (1, 10_000),
    "publish_seconds": (0, 86_400),
    "moderation_seconds": (0, 30 * 86_400),
    "direct_posts_a_day": (0, 10_000),
    "pending_drafts": (0, 10_000),
    "active_posters_a_day": (0, 100_000),
    "webhook_copies": (1, 20),
    "webhook_deaf": (0, 100),
    "webhook_skew": (-366 * 86_400, 366 * 86_400),
}


@dataclass(frozen=True, slots=True)
class Switches:
    login_token_profile: str = "2h"  # noqa: S105  2 h, 180 days and strict rotation; or 24 h, 365 days and a refresh token that stays
    login_pkce: str = "desktop"  # a challenge is needed for redirects to this machine
    oauth_error_status: int = 200
    state_on_denial: bool = True
    retry_after: bool = False  # with 429 of TikTok for Developers
    comment_text_limit: int = 150
    posting_app: str = "audited"
    publish_seconds: int = 5
    moderation_seconds: int = 30
    fail_reason: str = ""  # every publish that starts from now on ends with it
    direct_posts_a_day: int = 15
    pending_drafts: int = 5
    active_posters_a_day: int = 1_000
    verified_urls: tuple[str, ...] = ()  # addresses the Login Kit app may have videos pulled from
    duet_disabled: bool = False
    stitch_disabled: bool = False
    comment_disabled: bool = False
    webhook_text: bool = False  # whether comment.update carries the text
    webhook_copies: int = 1  # how often each event is sent, however it is answered
    webhook_deaf: int = 0  # so many answers of 200 are not heard, so that the event comes again later
    webhook_skew: int = 0  # seconds by which the clock that signs is wrong
    webhook_hold: bool = False  # events gather until this is switched off
    webhook_order: str = "as_made"  # in which order gathered events leave
    webhook_retry_time: str = "fresh"  # whether a retry is signed anew

    def changed(self, wanted: dict[str, Any]) -> "Switches":
        """New switches; raises ValueError with the name of what is none, or cannot have the value."""
        known = {field.name for field in fields(self)}
        values = {}
        for name, value in wanted.items():
            if name not in known or not self._fits(name, value):
                raise ValueError(name)
            values[name] = tuple(value) if isinstance(value, list) else value
        return replace(self, **values)

    def _fits(self, name: str, value: Any) -> bool:
        if name in WORDS:
            return value in WORDS[name]
        if name in NUMBERS:
            low, high = NUMBERS[name]
            return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        if name == "verified_urls":
            return isinstance(value, list) and all(isinstance(one, str) and one.startswith("https://") for one in value)
        if name == "fail_reason":
            return value == "" or value in FAIL_REASONS
        return isinstance(value, bool)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


FAIL_REASONS = (
    "file_format_check_failed",
    "duration_check_failed",
    "frame_rate_check_failed",
    "picture_size_check_failed",
    "internal",
    "video_pull_failed",
    "photo_pull_failed",
    "publish_cancelled",
    "auth_removed",
    "spam_risk_too_many_posts",
    "spam_risk_user_banned_from_posting",
    "spam_risk_text",
    "spam_risk",
)
