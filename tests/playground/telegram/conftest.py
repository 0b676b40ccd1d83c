import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import telegram
import uvicorn
from telegram.request import HTTPXRequest

from playground.clock import PlaygroundClock
from playground.telegram import TelegramStandIn
from playground.traffic import Traffic
from tests.playground.telegram_contract import check_traffic, check_update

TOKEN = "7301446215:AAH-playground_token_that_opens_nothing"


@pytest.fixture
def clock() -> PlaygroundClock:
    return PlaygroundClock(frozen=datetime(2026, 11, 23, 9, 0, tzinfo=UTC))


@pytest.fixture
def traffic() -> Traffic:
    return Traffic()


@pytest.fixture
async def standin(clock: PlaygroundClock, traffic: Traffic) -> AsyncIterator[TelegramStandIn]:
    """A stand-in whose every recorded call and delivery is held against the contract when the test is over."""
    standin = TelegramStandIn(TOKEN, clock, traffic, longest_poll=0.2)
    yield standin
    await standin.aclose()
    check_traffic(traffic, of_a_bot=False)
    for update in standin.deliveries():
        check_update(update)


@pytest.fixture
async def address(standin: TelegramStandIn) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(standin.app, log_config=None, lifespan="off", ws="none", http="h11", loop="asyncio")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


@pytest.fixture
async def bot(address: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[telegram.Bot]:
    """The real library, over real HTTP."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # RetryAfter warns otherwise, and warnings are errors here
    base = f"{address}/bot"
    async with telegram.Bot(TOKEN, base, f"{address}/file/bot", HTTPXRequest(), HTTPXRequest()) as bot:
        yield bot
