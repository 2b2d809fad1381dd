"""Consents of the advertiser flow: codes that live an hour, tokens that never expire. Knows who gave them, not what they own."""

import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from tiktok_sandbox.grants import mark_of

CODE_LIFE = 3_600


@dataclass(frozen=True, slots=True)
class PortalCode:
    client: str
    person: str
    made_at: float


@dataclass(frozen=True, slots=True)
class AdvertiserGrant:
    """One consent of one person of TikTok for Business. Its permissions are the app's at that time."""

    client: str
    person: str
    permissions: tuple[int, ...]
    consented_at: float
    token: str

    @property
    def mark(self) -> str:
        return mark_of(self.token)


class AdvertiserGrants:
    def __init__(self, *, on_change: Callable[[], None]) -> None:
        self._on_change = on_change
        self._codes: dict[str, PortalCode] = {}
        self._grants: dict[str, AdvertiserGrant] = {}

    def add_code(self, code: PortalCode) -> str:
        if len(self._codes) % 256 == 255:
            self._codes = {text: known for text, known in self._codes.items() if 0 <= code.made_at - known.made_at <= CODE_LIFE}
        text = secrets.token_hex(20)
        self._codes[text] = code
        return text

    def code(self, text: str, now: float) -> PortalCode | None:
        """The code, if it was never used and is not older than an hour."""
        code = self._codes.get(text)
        return code if code is not None and 0 <= now - code.made_at <= CODE_LIFE else None

    def take_code(self, text: str) -> None:
        del self._codes[text]

    def consent(self, client: str, person: str, permissions: tuple[int, ...], now: float) -> AdvertiserGrant:
        grant = AdvertiserGrant(client, person, permissions, now, secrets.token_hex(20))
        self._grants[grant.token] = grant
        self._on_change()
        return grant

    def by_token(self, token: str) -> AdvertiserGrant | None:
        return self._grants.get(token)

    def end(self, person: str, client: str) -> int:
        """The person withdraws from the app: every token and pending code between the two ends at once."""
        self._codes = {text: code for text, code in self._codes.items() if (code.person, code.client) != (person, client)}
        return self.end_where(lambda grant: grant.person == person and grant.client == client)

    def end_where(self, is_meant: Callable[[AdvertiserGrant], bool]) -> int:
        kept = {token: grant for token, grant in self._grants.items() if not is_meant(grant)}
        ended, self._grants = len(self._grants) - len(kept), kept
        self._on_change()
        return ended

    def end_all(self) -> None:
        self._codes.clear()
        self.end_where(lambda grant: True)

    def dump(self) -> list[dict[str, Any]]:
        return [asdict(grant) for grant in self._grants.values()]

    def load(self, dumped: list[dict[str, Any]]) -> None:
        for one in dumped:
            self._grants[one["token"]] = AdvertiserGrant(**{**one, "permissions": tuple(one["permissions"])})
