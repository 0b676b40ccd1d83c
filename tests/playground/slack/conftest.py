"""A Slack, an app that only listens, and the people."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from playground.clock import PlaygroundClock
from playground.slack import Manifest, SlackStandIn
from playground.slack.manifest import BOT_SCOPES, EVENTS
from playground.traffic import Traffic

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECRET = "playground-signing-secret"
WIDE = Manifest(
    bot_scopes=(*BOT_SCOPES, "reactions:read", "files:write", "im:write", "im:history", "im:read", "team:read"),
    events=(*EVENTS, "reaction_added", "member_left_channel", "message.im", "group_archive"),
    unfurl_domains=("s.example", "pages.example"),
)


@dataclass
class ListeningApp:
    """Takes whatever Slack delivers and answers as told."""

    events: list[dict[str, Any]] = field(default_factory=list)
    interactions: list[dict[str, Any]] = field(default_factory=list)
    commands: list[dict[str, str]] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answer: Callable[[], Response] = lambda: PlainTextResponse("")

    async def take(self, request: Request) -> Response:
        body = await request.body()
        self.requests.append((dict(request.headers), body))
        if request.headers["content-type"].startswith("application/json"):
            envelope = json.loads(body)
            if envelope["type"] == "url_verification":
                return PlainTextResponse(envelope["challenge"])
            self.events.append(envelope)
        else:
            form = dict(parse_qsl(body.decode(), keep_blank_values=True))
            if "payload" in form:
                self.interactions.append(json.loads(form["payload"]))
            else:
                self.commands.append(form)
        return self.answer()

    def inner(self, kind: str) -> list[dict[str, Any]]:
        return [one["event"] for one in self.events if "event" in one and one["event"]["type"] == kind]


@pytest.fixture
def clock() -> PlaygroundClock:
    return PlaygroundClock(frozen=MONDAY)


@pytest.fixture
def traffic() -> Traffic:
    return Traffic()


@pytest.fixture
def listening() -> ListeningApp:
    return ListeningApp()


@pytest.fixture
async def http(listening: ListeningApp) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=[Route("/slack/events", listening.take, methods=["POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as client:
        yield client


@pytest.fixture
async def slack(clock: PlaygroundClock, traffic: Traffic, http: httpx.AsyncClient) -> AsyncIterator[SlackStandIn]:
    standin = SlackStandIn(
        clock=clock,
        traffic=traffic,
        signing_secret=SECRET,
        client_id="11.22",
        client_secret="shh",
        request_url="http://app.test/slack/events",
        manifest=WIDE,
        base_url="http://slack.test",
        http=http,
        signed_at=clock.now,
    )
    yield standin
    await standin.aclose()


@pytest.fixture
async def web(slack: SlackStandIn) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    transport = httpx.ASGITransport(app=slack.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://slack.test", headers=headers) as client:
        yield client


@pytest.fixture
def call(web: httpx.AsyncClient) -> Callable[..., Any]:
    async def call(method: str, **params: object) -> dict[str, Any]:
        response = await web.post(f"/api/{method}", json=params)
        answer: dict[str, Any] = response.json()
        return answer

    return call
