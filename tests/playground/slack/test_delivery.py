"""Three seconds, three retries, and a way to say no more."""

import asyncio
from datetime import timedelta

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from playground.clock import PlaygroundClock
from playground.slack import SlackStandIn
from playground.traffic import Traffic
from tests.playground.slack.conftest import ListeningApp


async def test_a_failed_event_comes_back_at_once_after_a_minute_and_after_five(
    slack: SlackStandIn, listening: ListeningApp, clock: PlaygroundClock
) -> None:
    listening.answer = lambda: PlainTextResponse("oops", status_code=500)
    await slack.open_home("bruno")
    assert len(listening.events) == 2
    clock.advance(timedelta(seconds=59))
    await slack.settled()
    assert len(listening.events) == 2
    clock.advance(timedelta(seconds=1))
    await slack.settled()
    clock.advance(timedelta(minutes=5))
    await slack.settled()
    assert len(listening.events) == 4
    assert slack.deliveries() == []
    assert [headers.get("x-slack-retry-num") for headers, _ in listening.requests] == [None, "1", "2", "3"]
    assert {headers.get("x-slack-retry-reason") for headers, _ in listening.requests[1:]} == {"http_error"}
    assert len({one["event_id"] for one in listening.events}) == 1


async def test_retries_can_be_asked_for_and_refused(slack: SlackStandIn, listening: ListeningApp) -> None:
    listening.answer = lambda: PlainTextResponse("", status_code=503)
    await slack.open_home("bruno")
    assert await slack.retry_pending() == 1
    listening.answer = lambda: PlainTextResponse("", status_code=404, headers={"x-slack-no-retry": "1"})
    await slack.retry_pending()
    assert slack.deliveries() == []


async def test_an_app_that_thinks_too_long_is_asked_again(clock: PlaygroundClock, traffic: Traffic) -> None:
    asked: list[str | None] = []

    async def slow(request: Request) -> Response:
        asked.append(request.headers.get("x-slack-retry-reason"))
        if len(asked) == 1:
            await asyncio.Event().wait()
        return PlainTextResponse("")

    app = Starlette(routes=[Route("/", slow, methods=["POST"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as http:
        slack = SlackStandIn(
            clock=clock,
            traffic=traffic,
            signing_secret="s",
            client_id="i",
            client_secret="c",
            request_url="http://app.test/",
            http=http,
            ack_seconds=0.05,
        )
        await slack.open_home("ada")
    assert asked == [None, "http_timeout"]
    assert [call.ok for call in traffic.calls(method="event:app_home_opened")] == [False, True]


async def test_the_request_url_proves_itself(slack: SlackStandIn) -> None:
    assert await slack.verify_request_url()
