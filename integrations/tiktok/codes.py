"""Which error each of TikTok's codes and words stands for: one table each, and nothing else decides it.

The errors themselves, and what they say to people, are in `errors`.
"""

from integrations.tiktok.errors import (
    CodeRefused,
    ConsentRefused,
    InternalFailure,
    NotGranted,
    NotUnderstood,
    OurMistake,
    ReconnectNeeded,
    Throttled,
    TikTokError,
    TokenExpired,
    TryLater,
)

# https://business-api.tiktok.com/portal/docs?id=1737172488964097 is TikTok's page of return codes.
CODES: dict[int, type[TikTokError]] = {
    40000: OurMistake,  # invalid parameters
    40001: NotGranted,  # no permission to operate
    40002: OurMistake,  # parameter error, the message names the field
    40003: NotGranted,  # forbidden
    40006: OurMistake,  # no such path or version
    40007: OurMistake,  # object does not exist
    40008: OurMistake,  # not implemented
    40009: OurMistake,  # not supported in TikTok's sandbox mode
    40010: OurMistake,  # unsupported domain
    40011: OurMistake,  # too many ids
    40012: OurMistake,  # nothing to update
    40013: OurMistake,  # no such sandbox advertiser
    40016: Throttled,  # business frequency control
    40050: OurMistake,  # duplicated request
    40051: OurMistake,  # invalid API version
    40053: OurMistake,  # invalid video id
    40061: OurMistake,  # invalid batch size
    40067: OurMistake,  # query too wide: ask for less at a time
    40100: Throttled,  # requests too frequent
    40101: OurMistake,  # app id or secret invalid
    40102: TokenExpired,  # access token expired
    40103: ReconnectNeeded,  # refresh token expired
    40104: OurMistake,  # access token missing
    40105: ReconnectNeeded,  # access token incorrect or revoked
    40106: ReconnectNeeded,  # invalid core user
    40107: ReconnectNeeded,  # invalid refresh token
    40108: OurMistake,  # invalid grant type
    40110: CodeRefused,  # authorization code wrong, used or expired
    40113: OurMistake,  # app forbidden
    40114: ReconnectNeeded,  # advertiser logged out
    40115: OurMistake,  # signature timestamp expired
    40116: OurMistake,  # signature wrong
    40117: OurMistake,  # method forbidden for the app
    40118: OurMistake,  # app not in the allow-list
    40119: NotGranted,  # identity mismatch
    40120: ReconnectNeeded,  # TikTok user not logged in
    40121: NotGranted,  # not a Creator Marketplace creator
    40122: NotGranted,  # the creator's country is not supported
    40124: OurMistake,  # developer rejected
    40125: NotGranted,  # no permission
    40130: NotGranted,  # scope not authorised
    40131: CodeRefused,  # account consent failed, "Authorization code is expired"
    40132: Throttled,  # requests per value
    40133: Throttled,  # requests per advertiser
    40200: TryLater,  # asynchronous task error
    40201: TryLater,  # asynchronous task not ready
    40202: TryLater,  # concurrent write conflict
    40300: NotGranted,  # advertiser missing
    40301: NotGranted,  # wrong advertiser role
    40309: ReconnectNeeded,  # login required
    40400: OurMistake,  # route not found
    40502: OurMistake,  # limit on the number of ads
    40700: InternalFailure,  # internal validation error
    41000: NotGranted,  # blocked
    41001: OurMistake,  # interface offline
    41002: OurMistake,  # fields offline
    51021: Throttled,  # too many requests
    60001: TryLater,  # maintenance
    61000: Throttled,  # too many requests, block list
    70001: OurMistake,  # wrong kind of token for the endpoint
}
RANGES: tuple[tuple[int, int, type[TikTokError]], ...] = (
    (40900, 40916, OurMistake),  # media: format, size, address, name
    (50000, 53999, InternalFailure),  # system, inner services, storage, serialisation
)
# https://developers.tiktok.com/doc/tiktok-api-v2-error-handling and https://developers.tiktok.com/doc/oauth-error-handling
WORDS: dict[str, type[TikTokError]] = {
    "access_token_invalid": TokenExpired,  # TikTok does not say whether expired or revoked: the refresh will tell
    "scope_not_authorized": NotGranted,
    "scope_permission_missed": NotGranted,  # the fields need more scopes
    "invalid_params": OurMistake,
    "invalid_param": OurMistake,  # the spelling of the posting pages
    "invalid_file_upload": OurMistake,
    "rate_limit_exceeded": Throttled,
    "internal_error": InternalFailure,
    # Login Kit
    "access_denied": ConsentRefused,
    "invalid_client": OurMistake,
    "invalid_grant": CodeRefused,  # in a refresh it means the refresh token; login_kit turns it
    "invalid_request": OurMistake,
    "invalid_scope": OurMistake,
    "unauthorized_client": OurMistake,
    "unsupported_grant_type": OurMistake,
    "unsupported_response_type": OurMistake,
    "server_error": InternalFailure,
    "temporarily_unavailable": TryLater,
    # posting
    "spam_risk_too_many_posts": TryLater,
    "spam_risk_too_many_pending_share": TryLater,
    "reached_active_user_cap": TryLater,
    "spam_risk_user_banned_from_posting": NotGranted,
    "unaudited_client_can_only_post_to_private_accounts": NotGranted,
    "token_not_authorized_for_specified_publish_id": NotGranted,
    "app_version_check_failed": NotGranted,
    "url_ownership_unverified": OurMistake,
    "privacy_level_option_mismatch": OurMistake,
    "invalid_publish_id": OurMistake,
    "publish_not_cancellable": OurMistake,
}


def error_class_for(code: int) -> type[TikTokError]:
    """The error that TikTok's code stands for; a code nobody has described is not understood."""
    if code in CODES:
        return CODES[code]
    for first, last, error_class in RANGES:
        if first <= code <= last:
            return error_class
    return NotUnderstood


def error_class_for_word(word: str) -> type[TikTokError]:
    """The same for the words of TikTok for Developers."""
    return WORDS.get(word, NotUnderstood)
