"""Runs bots, server and ticks side by side, and ends them in order. Owns the stop signals.

uvicorn re-raises a signal after its own shutdown, so nothing placed after `serve()` would run: it gets no signals here.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import structlog
import uvicorn

from config.words import CantListen
from web.protocol import ShortUrls
from web.redirect import App

DRAIN_SECONDS = 10
_log = structlog.get_logger("penumbra.run")


@dataclass(frozen=True, slots=True)
class Listen:
    """Where a server listens, and whom it believes about addresses of visitors."""

    host: str
    port: int
    trusted_proxies: str = "127.0.0.1"


class QuietServer(uvicorn.Server):
    """uvicorn without its own signal handlers."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to `run`."""
        yield


@asynccontextmanager
async def serving(app: App, listen: Listen) -> AsyncIterator[QuietServer]:
    """Serve an ASGI app until the block ends; answers under way are finished first.

    Raises:
        OSError: the address can't be listened on.
    """
    server = QuietServer(
        uvicorn.Config(
            app,
            host=listen.host,
            port=listen.port,
            log_config=None,
            access_log=False,
            http=ShortUrls,
            ws="none",
            server_header=False,
            forwarded_allow_ips=listen.trusted_proxies,
            timeout_graceful_shutdown=DRAIN_SECONDS,
            lifespan="off",
        )
    )
    task = asyncio.create_task(_serve(server))
    try:
        while not server.started:
            if task.done():
                await task
            await asyncio.sleep(0.01)
        yield server
    finally:
        server.should_exit = True
        await task


async def _serve(server: QuietServer) -> None:
    try:
        await server.serve()
    except SystemExit as error:  # uvicorn's way of saying that it can't listen
        raise CantListen(server.config.host, server.config.port) from error


async def until_stopped() -> None:
    """Wait for SIGTERM or SIGINT; a second one ends the process at once."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def begin(name: str) -> None:
        _log.info("stopping", signal=name)
        stop.set()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(each)

    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, begin, each.name)
    await stop.wait()
