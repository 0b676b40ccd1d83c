"""The whole of Penumbra on the playground's stage: real bots, real server, real database, a clock that tests move."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from config.demo import LOOPBACK, demo_settings, free_port, slack_manifest
from config.process import Sleep, Surroundings
from config.run import Listen, serving
from config.service import utc_now
from config.wiring import House, open_house
from playground.clock import PlaygroundClock
from playground.slack.world import READING_ROOM
from playground.stage import Stage
from playground.telegram.standin import BOOK_CLUB
from tests.playground import slack_contract, telegram_contract
from texts.catalogue import Texts

TUESDAY = datetime(2026, 11, 24, 12, tzinfo=UTC)
FIREFOX = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
PATIENCE = 10.0


async def until(holds: Callable[[], object], patience: float = PATIENCE) -> None:
    """Let the loop run until something holds; a story in which it never does fails."""
    async with asyncio.timeout(patience):
        while not holds():  # noqa: ASYNC110 - what is waited for happens in another process or library
            await asyncio.sleep(0.005)


@dataclass
class Theatre:
    """A stage, the bots on it, and a browser beside it."""

    stage: Stage
    house: House
    browser: httpx.AsyncClient

    @property
    def club(self) -> str:
        return BOOK_CLUB

    @property
    def room(self) -> str:
        return READING_ROOM

    async def work(self) -> None:
        """Everything that is due, done; twice, since one thing leads to another."""
        for _ in range(2):
            await self.stage.scene.settled()
            self.stage.clock.advance(timedelta(seconds=5))  # platforms take one message a second
            await self.house.ticking.all_once()
        await self.stage.scene.settled()

    def messages(self, platform: str, viewer: str = "ada") -> list[dict]:
        """What a person sees in the group of a platform."""
        shown = self.stage.scene.platform(platform).snapshot(viewer)["conversations"]
        return next(one for one in shown if one["title"].lstrip("#") in {"Book club", "reading-room"})["messages"]

    async def tap(self, platform: str, person: str, label: str) -> None:
        """Press the newest button of that name in the group of a platform."""
        found = [
            (message["id"], button)
            for message in self.messages(platform, person)
            for row in message["buttons"]
            for button in row
            if button["label"] == label
        ]
        assert found, f"{person} sees no {label!r} on {platform}"
        message, button = found[-1]
        where = self.club if platform == "telegram" else self.room
        await self.stage.scene.platform(platform).press(person, where, message, button["id"])
        await self.work()

    async def switched_on(self, *members: str) -> None:
        """Both groups switched on by Ada; these members said yes in both."""
        telegram, slack = self.stage.telegram, self.stage.slack
        await telegram.invite_bot("ada", self.club)
        await slack.invite_bot("ada", self.room)
        await self.work()
        await telegram.promote_bot("ada", self.club)
        for platform in ("telegram", "slack"):
            await self.tap(platform, "ada", "Switch on (admins)")
            for member in members:
                await self.tap(platform, member, "Count my links")

    async def say(self, platform: str, person: str, text: str) -> str:
        """Post in the group of a platform; the message's id."""
        if platform == "telegram":
            message: str = await self.stage.telegram.say(person, self.club, text)
        else:
            message = await self.stage.slack.say(person, self.room, text)
        return message

    async def jump_to_monday(self) -> None:
        """Monday, a minute past nine."""
        now = self.stage.clock.now()
        monday = (now + timedelta(days=(7 - now.weekday()))).replace(hour=9, minute=1)
        self.stage.clock.jump_to(monday)
        await self.work()


@asynccontextmanager
async def open_theatre(
    folder: Path,
    database_url: str | None = None,
    chosen: Mapping[str, object] | None = None,
    sleep: Sleep = asyncio.sleep,
    *,
    installed: bool = True,
) -> AsyncIterator[Theatre]:
    """Everything on loopback; ticks come when a test calls for them. At the end all traffic is held against contracts.

    Args:
        folder: where everything is kept.
        database_url: a migrated database, if not one in the folder.
        chosen: settings that an operator of this theatre has made.
        sleep: how our own side waits.
        installed: whether the operator gave us a bot token of a Slack workspace; else workspaces install the app.
    """
    page, own = free_port(), free_port()
    async with AsyncExitStack() as stack:
        stage = Stage(
            f"http://{LOOPBACK}:{page}",
            slack_request_url=f"http://{LOOPBACK}:{own}/slack/events",
            clock=PlaygroundClock(frozen=TUESDAY),
            slack_installed=installed,
            slack_manifest=slack_manifest(own),
        )
        await stack.enter_async_context(serving(stage.app, Listen(LOOPBACK, page)))
        stack.push_async_callback(stage.aclose)
        settings = demo_settings(stage, folder, own)
        changed = dict(chosen or {}) | ({} if database_url is None else {"database_url": database_url})
        changed |= {} if installed else {"slack_bot_token": None}
        settings = settings.model_copy(update=changed)
        around = Surroundings(settings, Texts.load(), stage.clock.now, sleep)
        house = await stack.enter_async_context(open_house(settings, around, utc_now))
        await stack.enter_async_context(serving(house.server, Listen(LOOPBACK, own)))
        tasks = [asyncio.create_task(line.run()) for line in house.lines]
        try:
            first = "setWebhook" if settings.telegram_mode == "webhook" else "deleteWebhook"
            await until(lambda: stage.traffic.calls(method=first))
            await until(lambda: not installed or stage.traffic.calls(method="auth.test"))
            browser = httpx.AsyncClient(base_url=settings.public_url, headers=FIREFOX)
            yield Theatre(stage, house, await stack.enter_async_context(browser))
            telegram_contract.check_traffic(stage.traffic)
            slack_contract.check_traffic(stage.traffic)
        finally:
            for line in house.lines:
                line.stop()
            await asyncio.wait(tasks)
        for task in tasks:
            task.result()
