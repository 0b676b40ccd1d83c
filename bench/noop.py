"""What uvicorn costs by itself, set up as ours is: an app that answers every request the same, and does nothing."""

import asyncio
import sys

import uvloop

from config.run import Listen, serving
from web.redirect import Receive, Scope, Send

START = {"type": "http.response.start", "status": 302, "headers": [(b"location", b"/"), (b"content-length", b"0")]}
BODY = {"type": "http.response.body", "body": b""}


async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send(START)
    await send(BODY)


async def main(port: int) -> None:
    async with serving(app, Listen("127.0.0.1", port)):
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
