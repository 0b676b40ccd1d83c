"""Socket Mode: deliveries down a WebSocket that we opened, acknowledged when they are written down."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bots.slack.app import build_app
from bots.slack.calls import open_client, open_session
from bots.slack.socket import SlackAppTokenRefused, Socket
from tests.bots.slack.stage import ROOM, WORKSPACE, Stage, account

TOKEN = SecretStr("xapp-1-playground")


class FakeSocketMode:
    """`apps.connections.open` and the WebSocket behind it."""

    def __init__(self) -> None:
        self.refusals: list[str] = []
        self.tokens: list[str] = []
        self.acks: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._socket: web.WebSocketResponse | None = None
        self._open = asyncio.Event()
        app = web.Application()
        app.add_routes([web.post("/api/apps.connections.open", self._connections), web.get("/link", self._link)])
        self.server = TestServer(app)

    async def _connections(self, request: web.Request) -> web.Response:
        self.tokens.append(request.headers["Authorization"])
        if self.refusals:
            return web.json_response({"ok": False, "error": self.refusals.pop(0)})
        return web.json_response({"ok": True, "url": f"ws://127.0.0.1:{self.server.port}/link"})

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        self._socket = web.WebSocketResponse()
        await self._socket.prepare(request)
        await self._socket.send_json({"type": "hello", "num_connections": 1})
        self._open.set()
        async for message in self._socket:
            if message.type is WSMsgType.TEXT:
                await self.acks.put(message.json())
        return self._socket

    async def deliver(self, kind: str, payload: dict[str, Any], envelope: str = "e1") -> dict[str, Any]:
        """Send one down, and what came back."""
        await self._open.wait()
        assert self._socket is not None
        await self._socket.send_json({"type": kind, "envelope_id": envelope, "payload": payload})
        async with asyncio.timeout(5):
            return await self.acks.get()


@pytest.fixture
async def fake() -> AsyncIterator[FakeSocketMode]:
    fake = FakeSocketMode()
    await fake.server.start_server()
    yield fake
    await fake.server.close()


async def running(stage: Stage, fake: FakeSocketMode, stopping: asyncio.Event, slept: list[float]) -> None:
    """The real app, with the real library, until told to stop."""

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with open_session() as session:
        app = build_app(open_client(session, f"http://127.0.0.1:{fake.server.port}/api/"), stage.desk)
        await Socket(app, TOKEN, sleep).run(stopping)


async def test_a_delivery_is_written_down_before_it_is_acknowledged(stage: Stage, fake: FakeSocketMode) -> None:
    await stage.switch_on()
    await stage.opt_in("bruno")
    stopping, slept = asyncio.Event(), list[float]()
    fake.refusals = ["internal_error", "ratelimited"]
    work = asyncio.create_task(running(stage, fake, stopping, slept))
    event = {"type": "message", "channel": ROOM, "channel_type": "group", "user": account("bruno")}
    event |= {"ts": "1795424400.000100", "text": "<https://pages.example/x>"}
    envelope = {"type": "event_callback", "team_id": WORKSPACE, "event_id": "Ev1", "event": event}
    assert await fake.deliver("events_api", envelope) == {"envelope_id": "e1"}
    assert len(stage.state.inbox) == 1
    asked = {"command": "/links", "text": "help", "team_id": WORKSPACE, "channel_id": ROOM, "user_id": account("ada")}
    answer = await fake.deliver("slash_commands", asked, "e2")
    assert "tracked link" in answer["payload"]["text"]
    stopping.set()
    await work
    assert slept == [1.0, 2.0]
    assert set(fake.tokens) == {f"Bearer {TOKEN.get_secret_value()}"}


async def test_a_token_that_slack_does_not_know_is_named(stage: Stage, fake: FakeSocketMode) -> None:
    fake.refusals = ["invalid_auth"]
    with pytest.raises(SlackAppTokenRefused, match="connections:write"):
        await running(stage, fake, asyncio.Event(), [])
