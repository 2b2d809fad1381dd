"""What a TikTok-account token is good for, asked of TikTok itself.

TikTok's page: https://business-api.tiktok.com/portal/docs (Accounts API, Authorization).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agency.secret import Secret
from integrations.tiktok import reading
from integrations.tiktok.answers import understood
from integrations.tiktok.oauth import App
from integrations.tiktok.transport import Answer, Transport


@dataclass(frozen=True)
class TokenInfo:
    """Whose token it is and what was granted; `open_id` is what TikTok calls `creator_id` here."""

    app_id: str
    open_id: str
    scopes: frozenset[str]


def token_info(transport: Transport, app: App, *, access_token: Secret) -> Answer[TokenInfo]:
    """POST /tt_user/token_info/get/: the token travels in the body. Raises TokenExpired, ReconnectNeeded, OurMistake, TryLater and its
    kinds, NotUnderstood."""
    answer = transport.business_post("/tt_user/token_info/get/", body={"app_id": app.app_id, "access_token": access_token})
    return understood(answer, _info, "the state of the connection")


def _info(data: Mapping[str, Any]) -> TokenInfo:
    scopes = re.split(r"[,\s]+", reading.required_text(data, "scope", may_be_empty=True))
    return TokenInfo(
        app_id=reading.identifier(data, "app_id"),
        open_id=reading.identifier(data, "creator_id"),
        scopes=frozenset(scope for scope in scopes if scope),
    )
