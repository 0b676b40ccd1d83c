"""Bolt as its documentation shows it, with a listener that does nothing: what `bench.ack` is compared with."""

import sys

import uvicorn
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bench.slack_events import BOT, BOT_ID, SECRET


async def authorize() -> AuthorizeResult:
    """Without a question to Slack, which would only be slower."""
    return AuthorizeResult(enterprise_id=None, team_id=None, bot_id=BOT_ID, bot_user_id=BOT, bot_token="xoxb-bench")


async def nothing() -> None:
    """What is done with every message."""


async def healthy(_: Request) -> Response:
    return PlainTextResponse("well")


def main() -> None:
    app = AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=True)
    app.event("message")(nothing)
    handler = AsyncSlackRequestHandler(app)

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    routes = [Route("/slack/events", events, methods=["POST"]), Route("/healthz", healthy)]
    uvicorn.run(Starlette(routes=routes), port=int(sys.argv[1]), log_level="critical", access_log=False)


if __name__ == "__main__":
    main()
