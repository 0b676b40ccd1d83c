from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from playground.clock import PlaygroundClock
from playground.stage import Stage

BASE = "http://127.0.0.1:8790"
WEDNESDAY = datetime(2026, 11, 4, 14, 5, tzinfo=UTC)
Post = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """Both platforms and the page, on a Wednesday; nobody runs a bot, so Telegram's updates just wait."""
    stage = Stage(BASE, clock=PlaygroundClock(WEDNESDAY), patience=0.0)
    yield stage
    await stage.aclose()


@pytest.fixture
async def browser(stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    """Asks as the page's own script does."""
    headers = {"sec-fetch-site": "same-origin", "origin": BASE}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=stage.app), base_url=BASE, headers=headers
    ) as browser:
        yield browser


@pytest.fixture
def post(browser: httpx.AsyncClient) -> Post:
    async def post(act: str, **fields: Any) -> httpx.Response:
        return await browser.post(f"/play/{act}", json=fields)

    return post


@pytest.fixture
async def bot(stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    """Calls both platforms' APIs as a bot does."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=stage.app), base_url=BASE) as client:
        yield client


@pytest.fixture
def telegram_call(stage: Stage, bot: httpx.AsyncClient) -> Callable[..., Awaitable[Any]]:
    async def call(method: str, **fields: Any) -> Any:
        answer = (
            await bot.post(f"{stage.telegram_api_url}{stage.credentials.telegram_token}/{method}", json=fields)
        ).json()
        assert answer["ok"], answer
        return answer["result"]

    return call


@pytest.fixture
def slack_call(stage: Stage, bot: httpx.AsyncClient) -> Callable[..., Awaitable[Any]]:
    async def call(method: str, **fields: Any) -> Any:
        headers = {"authorization": f"Bearer {stage.credentials.slack_bot_token}"}
        answer = (await bot.post(f"{stage.slack_api_url}{method}", json=fields, headers=headers)).json()
        assert answer["ok"], answer
        return answer

    return call
