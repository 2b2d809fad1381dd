"""Consents and what they are worth: authorization codes, access tokens, refresh tokens. Knows when each dies; never who may call what."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

CODE_LIFE = 600
ACCESS_LIFE = 86_400
REFRESH_LIFE = 31_536_000
KEEP_EXPIRED = 30 * 86_400


@dataclass(frozen=True, slots=True)
class Code:
    client: str
    handle: str
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str | None
    made_at: float


@dataclass(slots=True)
class Grant:
    """One consent of one account to one app. It ends as a whole."""

    client: str
    handle: str
    open_id: str
    scopes: tuple[str, ...]
    consented_at: float
    ended: bool = False
    access_life: int = ACCESS_LIFE
    refresh_life: int = REFRESH_LIFE
    refresh_tokens: list[str] = field(default_factory=list)

    @property
    def refresh_ends_at(self) -> float:
        """Counted from the consent: refreshing does not restart the year."""
        return self.consented_at + self.refresh_life


@dataclass(frozen=True, slots=True)
class Access:
    grant: Grant
    ends_at: float
    mark: str  # what the log shows instead of the token


def mark_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()[:12]


class Grants:
    def __init__(self, *, strict_rotation: bool, on_change: Callable[[], None]) -> None:
        self._strict, self._on_change = strict_rotation, on_change
        self._codes: dict[str, Code] = {}
        self._access: dict[str, Access] = {}
        self._refresh: dict[str, Grant] = {}
        self._grants: list[Grant] = []

    def add_code(self, code: Code) -> str:
        if len(self._codes) % 256 == 255:  # now and then, or many unused codes would make each new one slow
            self._codes = {text: known for text, known in self._codes.items() if 0 <= code.made_at - known.made_at <= CODE_LIFE}
        text = f"{secrets.token_urlsafe(48)}*0!{4000 + secrets.randbelow(3000)}.u1"
        self._codes[text] = code
        return text

    def code(self, text: str, now: float) -> Code | None:
        """The code, if it was never used and is not older than ten minutes."""
        code = self._codes.get(text)
        return code if code is not None and 0 <= now - code.made_at <= CODE_LIFE else None

    def take_code(self, text: str) -> None:
        del self._codes[text]

    def consent(
        self, client: str, handle: str, open_id: str, scopes: tuple[str, ...], now: float, *, lives: tuple[int, int] | None = None
    ) -> tuple[Grant, str, str]:
        """A new grant with its first pair of tokens. `lives` of access and refresh token, when not those of the account flow."""
        access_life, refresh_life = lives or (ACCESS_LIFE, REFRESH_LIFE)
        grant = Grant(client, handle, open_id, scopes, now, access_life=access_life, refresh_life=refresh_life)
        self._grants.append(grant)
        return grant, *self._issue(grant, now)

    def by_refresh_token(self, token: str) -> Grant | None:
        return self._refresh.get(token)

    def rotate(self, grant: Grant, now: float, *, strict: bool | None = None) -> tuple[str, str]:
        """A new pair. With strict rotation every older refresh token is dead from here on; the older access tokens live out their day."""
        if self._strict if strict is None else strict:
            for token in grant.refresh_tokens:
                del self._refresh[token]
            grant.refresh_tokens.clear()
        return self._issue(grant, now)

    def renew_access(self, grant: Grant, now: float) -> str:
        """A new access token beside a refresh token that stays."""
        access = self._issue_access(grant, now)
        self._on_change()
        return access

    def access(self, token: str) -> Access | None:
        return self._access.get(token)

    def end(self, handle: str, client: str) -> int:
        """The account withdraws from the app, or the app lets go: every grant between the two ends at once."""
        self._codes = {text: code for text, code in self._codes.items() if (code.handle, code.client) != (handle, client)}
        return self.end_where(lambda grant: grant.handle == handle and grant.client == client)

    def end_where(self, is_meant: Callable[[Grant], bool]) -> int:
        ended = [grant for grant in self._grants if is_meant(grant)]
        for grant in ended:
            grant.ended = True
            for token in grant.refresh_tokens:
                del self._refresh[token]
            grant.refresh_tokens.clear()
        self._grants = [grant for grant in self._grants if not grant.ended]
        self._access = {token: access for token, access in self._access.items() if not access.grant.ended}
        self._on_change()
        return len(ended)

    def end_all(self) -> None:
        self._codes.clear()
        self.end_where(lambda grant: True)

    def _issue_access(self, grant: Grant, now: float) -> str:
        access = f"act.{secrets.token_urlsafe(45)}!{5000 + secrets.randbelow(900)}.s1"
        if len(self._access) % 1024 == 1023:
            self._access = {token: known for token, known in self._access.items() if now - known.ends_at < KEEP_EXPIRED}
        self._access[access] = Access(grant, now + grant.access_life, mark_of(access))
        return access

    def _issue(self, grant: Grant, now: float) -> tuple[str, str]:
        access = self._issue_access(grant, now)
        refresh = f"rft.{secrets.token_urlsafe(45)}!{5000 + secrets.randbelow(900)}.s1"
        self._refresh[refresh] = grant
        grant.refresh_tokens.append(refresh)
        self._on_change()
        return access, refresh

    def dump(self) -> list[dict[str, Any]]:
        held: dict[int, dict[str, float]] = {id(grant): {} for grant in self._grants}
        for token, access in self._access.items():
            held[id(access.grant)][token] = access.ends_at
        return [
            {
                "client": grant.client,
                "handle": grant.handle,
                "open_id": grant.open_id,
                "scopes": list(grant.scopes),
                "consented_at": grant.consented_at,
                "access_life": grant.access_life,
                "refresh_life": grant.refresh_life,
                "refresh_tokens": grant.refresh_tokens,
                "access_tokens": held[id(grant)],
            }
            for grant in self._grants
        ]

    def load(self, dumped: list[dict[str, Any]]) -> None:
        for one in dumped:
            grant = Grant(
                one["client"],
                one["handle"],
                one["open_id"],
                tuple(one["scopes"]),
                one["consented_at"],
                access_life=one.get("access_life", ACCESS_LIFE),
                refresh_life=one.get("refresh_life", REFRESH_LIFE),
                refresh_tokens=list(one["refresh_tokens"]),
            )
            self._grants.append(grant)
            self._refresh.update(dict.fromkeys(grant.refresh_tokens, grant))
            self._access.update({token: Access(grant, ends_at, mark_of(token)) for token, ends_at in one["access_tokens"].items()})
