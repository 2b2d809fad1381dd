from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from integrations.tiktok.transport import BaseUrls, Transport
from tests.integrations.tiktok.loopback import Loopback
from tests.local_tiktok import LocalTikTok

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[Loopback]:
    server = Loopback()
    yield server
    server.close()


@pytest.fixture
def make_transport(server: Loopback) -> Iterator[Callable[..., Transport]]:
    made: list[Transport] = []

    def make(url: str | None = None, **options: float) -> Transport:
        base = url or server.url
        transport = Transport(BaseUrls(auth=base, business=base, developers=base), now=lambda: NOW, **options)
        made.append(transport)
        return transport

    yield make
    for transport in made:
        transport.close()


@pytest.fixture
def transport(make_transport: Callable[..., Transport]) -> Transport:
    return make_transport()


@pytest.fixture
def near(tiktok: LocalTikTok) -> Iterator[Transport]:
    """A client of local TikTok, which counts no calls here."""
    base = str(tiktok.http.base_url).rstrip("/")
    transport = Transport(BaseUrls(base, base, base), now=lambda: datetime.now(UTC), total_deadline_seconds=10)
    tiktok.control("limits", enabled=False)
    yield transport
    transport.close()
