import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

import ada_url
import httpcore
import pytest

from core.urls import CleanUrl, registrable_domain
from tests.fakes.page_server import PageServer, page_server
from web.unfurl.fetch import PageFetcher
from web.unfurl.transport import GuardedBackend, dial, open_pool

TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Believes nobody: no test speaks TLS, and reading the list of those to believe takes longer than a test."""


@dataclass
class FakeExamined:
    clean: CleanUrl | None


@dataclass
class FakeExamine:
    """Lets every http(s) address through but those told; trackers are `utm_source` alone."""

    refused: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def __call__(self, url: str) -> FakeExamined:
        self.asked.append(url)
        try:
            parsed = ada_url.URL(url)
        except ValueError:
            return FakeExamined(None)
        if parsed.protocol not in {"http:", "https:"} or url in self.refused:
            return FakeExamined(None)
        plain = url.partition("?utm_source")[0]
        return FakeExamined(CleanUrl(plain, plain, registrable_domain(parsed.hostname), ()))


@dataclass
class Names:
    """A resolver by heart. Each asking of a name takes its next answer; the last one stays."""

    answers: dict[str, list[Sequence[str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def __call__(self, name: str) -> Sequence[str]:
        self.asked.append(name)
        known = self.answers.get(name)
        if not known:
            raise OSError("unknown name")
        return known.pop(0) if len(known) > 1 else known[0]


@dataclass
class Dialler:
    """Remembers who was called; nobody ever answers, or the bytes told."""

    called: list[tuple[str, int]] = field(default_factory=list)
    says: list[bytes] | None = None

    async def __call__(self, address: str, port: int, timeout: float | None) -> httpcore.AsyncNetworkStream:
        self.called.append((address, port))
        if self.says is None:
            raise httpcore.ConnectError("nobody is there")
        return httpcore.AsyncMockStream(list(self.says))


@pytest.fixture
async def server() -> AsyncIterator[PageServer]:
    async with page_server() as serving:
        yield serving


@pytest.fixture
def examine() -> FakeExamine:
    return FakeExamine()


@pytest.fixture
async def fetcher_of(server: PageServer, examine: FakeExamine) -> AsyncIterator[Callable[..., PageFetcher]]:
    hosts = dict.fromkeys(("news.example", "other.example"), ("127.0.0.1", server.port))
    pool = open_pool(GuardedBackend(Names(), dial, hosts), TLS)

    def make(seconds: float = 5.0) -> PageFetcher:
        return PageFetcher(pool, examine, "Penumbra/0.1 (+https://p.example/privacy)", seconds)

    yield make
    await pool.aclose()
