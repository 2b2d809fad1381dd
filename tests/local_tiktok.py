"""Local TikTok as tests steer it, through its control plane."""

import os
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import redis

NEAR = 120  # seconds: more than a test takes


def seconds_past_the_half_hour() -> float:
    """How long until it has struck, or nothing where that is far. Figures move with the hour, and days end with one, in some zones half an
    hour beside the others: what is read before it is not what is true after it."""
    left = 1800 - time.time() % 1800
    return left + 1 if left < NEAR else 0.0


@dataclass
class LocalTikTok:
    """The sandbox of this test process."""

    http: httpx.Client

    def control(self, name: str, **body: Any) -> Any:
        """POST to the control plane."""
        answer = self.http.post(f"/__control__/{name}", json=body)
        assert answer.status_code < 300, f"{name}: {answer.status_code} {answer.text}"
        return answer.json()

    def reset(self) -> None:
        """A fresh world at the real time."""
        self.control("reset")
        self.forget_counts()

    def pass_the_half_hour(self) -> None:
        """Be past it where it is near."""
        if seconds := seconds_past_the_half_hour():
            self.advance(seconds)

    def forget_counts(self) -> None:
        """Our own count of calls begins anew."""
        with redis.Redis.from_url(os.environ["RATE_URL"]) as counts:
            counts.flushdb()

    def fault(self, path: str, kind: str, times: int = 1, **value: Any) -> None:
        """The next answers of a path go wrong."""
        self.control("faults", path=path, kind=kind, times=times, **value)

    def advance(self, seconds: float) -> None:
        """Let time pass, there and here."""
        self.control("clock", advance=seconds)

    def account(self, handle: str) -> dict[str, Any]:
        """The truth about an account."""
        return self.http.get("/__control__/world", params={"account": handle, "limit": 1000}).json()["accounts"][0]

    def log(self) -> list[dict[str, Any]]:
        """Every request so far."""
        answer = self.http.get("/__control__/log").json()
        return answer if isinstance(answer, list) else next(v for v in answer.values() if isinstance(v, list))

    def answer_consent(self, address: str, account: str, *, scopes: list[str] | None = None, deny: bool = False) -> dict[str, str]:
        """What TikTok sends the browser back with, when `account`'s owner answers the consent page at `address`."""
        self.control("consent", account=account, scopes=scopes, deny=deny, auto=True)
        answer = self.http.get(address, follow_redirects=False)
        assert answer.status_code in {302, 303}, answer.text[:500]
        return {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["location"]).query).items()}
