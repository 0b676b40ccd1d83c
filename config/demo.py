"""The playground: both platforms on loopback with the real bots in them; all of it goes with the process."""

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from config.keys import make_root_key
from config.logs import set_up_logs
from config.process import Surroundings
from config.run import Listen, serving, until_stopped
from config.service import at_work, prepare_database, utc_now
from config.settings import Settings
from config.stored import quiet, stored_about
from config.wiring import House, open_house
from config.words import say
from playground.page.scene import Hooks
from playground.slack.manifest import EVENTS, Manifest
from playground.stage import Stage
from storage.laid_open import LaidOpen
from texts.catalogue import Texts

P = ParamSpec("P")
T = TypeVar("T")
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Theatre:
    """The stage and the bots that play on it."""

    stage: Stage
    house: House


def free_port(wanted: int = 0) -> int:
    """A loopback port nobody listens on: the wanted one if possible, else any."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server: what just closed is free
        try:
            probe.bind((LOOPBACK, wanted))
        except OSError:
            probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def demo_settings(stage: Stage, folder: Path, port: int) -> Settings:
    """Settings for a stage. Each one is given, so that nothing of the operator's environment gets in."""
    given = {name: field.default for name, field in Settings.model_fields.items()}
    given |= {
        "database_url": f"sqlite:///{folder / 'penumbra.db'}",
        "data_dir": folder / "clicks",
        "journal_dir": folder / "journal",
        "root_key": make_root_key(),
        "public_url": f"http://{LOOPBACK}:{port}",
        "port": port,
        "telegram_token": stage.credentials.telegram_token,
        "telegram_api_url": stage.telegram_api_url,
        "slack_signing_secret": stage.credentials.slack_signing_secret,
        "slack_bot_token": stage.credentials.slack_bot_token,
        "slack_client_id": stage.credentials.slack_client_id,
        "slack_client_secret": stage.credentials.slack_client_secret,
        "slack_api_url": stage.slack_api_url,
        "slack_authorize_url": stage.slack_authorize_url,
        "unfurl_test_hosts": stage.test_hosts,
        "digest_window_minutes": 0,
        "operator_name": "you, in the playground",
        "operator_contact": "nobody else",
    }
    return Settings(_env_file=None, **given)


class Questions:
    """What the page has asked of the house; the house closes only once all of it is answered.

    A question goes on to its end also when whoever asked has left: cut off between two transactions, it would open a
    connection that nobody closes.
    """

    def __init__(self) -> None:
        self._open: set[asyncio.Task[Any]] = set()

    def about(self, ask: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Awaitable[T]]:
        """The same question, remembered while it has no answer."""

        def asked(*args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
            task = asyncio.create_task(ask(*args, **kwargs))
            self._open.add(task)
            task.add_done_callback(self._open.discard)
            return asyncio.shield(task)

        return asked

    async def answered(self) -> None:
        """Wait until none is open; who asked is told of an error."""
        if self._open:
            await asyncio.wait(self._open)


@asynccontextmanager
async def open_theatre(stage: Stage, folder: Path, port: int) -> AsyncIterator[Theatre]:
    """The bots on a stage, at work until the block ends.

    Args:
        stage: served by the caller already.
        folder: where everything is kept.
        port: where our own server listens.
    """
    settings = demo_settings(stage, folder, port)
    await prepare_database(settings)
    around = Surroundings(settings, Texts.load(), stage.clock.now, asyncio.sleep)
    async with open_house(settings, around, utc_now) as house, at_work(house):
        database, questions = LaidOpen(house.storage), Questions()
        stage.scene.hooks = Hooks(
            before_jump=questions.about(partial(quiet, database)),
            after_jump=questions.about(house.ticking.all_once),
            stored=questions.about(partial(stored_about, stage, database)),
            reached=questions.about(database.reached),
        )
        try:
            yield Theatre(stage, house)
        finally:
            stage.scene.hooks = Hooks()  # the page asks on, and the database is about to close
            await questions.answered()


def slack_manifest(port: int) -> Manifest:
    """How the app is registered at the stand-in, its short links included: Slack itself would take no address for that.

    Args:
        port: where our own server listens.
    """
    return Manifest(events=(*EVENTS, "member_left_channel"), unfurl_domains=(f"{LOOPBACK}:{port}",))


async def demo(wanted: int) -> None:
    """Play until a stop signal.

    Args:
        wanted: the page's port; the next free one is taken when somebody listens there.
    """
    set_up_logs("console", "WARNING", [])
    page, own = free_port(wanted), free_port(wanted + 1)
    stage = Stage(
        f"http://{LOOPBACK}:{page}",
        slack_request_url=f"http://{LOOPBACK}:{own}/slack/events",
        slack_manifest=slack_manifest(own),
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serving(stage.app, Listen(LOOPBACK, page)))
        stack.push_async_callback(stage.aclose)
        stop = asyncio.create_task(until_stopped())
        plays = 0
        while not stop.done():
            await _one_play(stage, own, stop, first=plays == 0)
            plays += 1


async def _one_play(stage: Stage, port: int, stop: asyncio.Task[None], *, first: bool) -> None:
    """From an empty database to the end, or to a wish to start over."""
    over, ended = asyncio.Event(), asyncio.Event()

    async def start_over() -> None:
        over.set()
        await ended.wait()

    with tempfile.TemporaryDirectory(prefix="penumbra-demo-") as folder:
        async with open_theatre(stage, Path(folder), port):
            stage.scene.hooks.reset = start_over
            if first:  # not before the bots are there: what is said to them earlier is lost on them for a while
                say("command.demo.open", address=stage.base_url)
                say("command.demo.close")
            asked = asyncio.create_task(over.wait())
            await asyncio.wait({stop, asked}, return_when=asyncio.FIRST_COMPLETED)
            asked.cancel()
    if over.is_set():
        await stage.start_over()
    ended.set()
