"""A stage for stories: the real bot over real HTTP, the playground's Telegram, core over fakes."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import SecretStr

from bots.telegram.app import TelegramBot, build, open_bot
from bots.telegram.connection import Connection
from bots.telegram.parse import address_of
from bots.telegram.webhook import Webhook
from core.model import Account, Actor, Group
from playground.clock import PlaygroundClock
from playground.telegram import TelegramStandIn
from playground.traffic import Traffic
from tests.fakes.house import House
from tests.playground.serving import served
from tests.playground.telegram_contract import check_traffic
from texts.catalogue import Texts
from texts.operator import Operator

TOKEN = "7301446215:AAH-playground_token_that_opens_nothing"
SECRET = "a-webhook-secret"
ARTICLE = "https://news.example/article"
MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


class Naps:
    """A sleep that only remembers for how long it was asked."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


@dataclass
class TelegramHouse(House):
    """Core over fakes, but for the messenger and the clock, which are the platform's."""

    clock: PlaygroundClock = field(default_factory=lambda: PlaygroundClock(frozen=MONDAY))

    def now(self) -> datetime:
        return self.clock.now()


@dataclass
class Stage:
    """Everything that a story needs."""

    telegram: TelegramStandIn
    traffic: Traffic
    house: TelegramHouse
    bot: TelegramBot
    webhook: Webhook
    connection: Connection
    naps: Naps
    texts: Texts

    @property
    def club(self) -> str:
        return self.telegram.book_club

    def seen(self, person: str, conversation: str | None = None) -> list[dict[str, Any]]:
        """What a person sees in a conversation, the service messages left out."""
        wanted = conversation or self.club
        for each in self.telegram.snapshot(person)["conversations"]:
            if each["id"] == wanted:
                return [message for message in each["messages"] if not message["service"]]
        return []

    def said(self, person: str, conversation: str | None = None) -> list[str]:
        """The bot's words, as a person sees them in a conversation."""
        return [message["html"] for message in self.seen(person, conversation) if message["is_bot"]]

    def words(self, person: str, conversation: str | None = None) -> list[str]:
        """The same without tags."""
        return [re.sub("<[^>]+>", "", html) for html in self.said(person, conversation)]

    def toasts(self, person: str) -> list[str]:
        return [toast["text"] for toast in self.telegram.snapshot(person)["toasts"]]

    async def tap(self, person: str, label: str, conversation: str | None = None) -> None:
        """Press the newest button with this label that a person sees."""
        for message in reversed(self.seen(person, conversation)):
            for button in (button for row in message["buttons"] for button in row):
                if button["label"] == label:
                    await self.telegram.press(person, conversation or self.club, message["id"], button["id"])
                    return
        raise AssertionError(f"{person} sees no button {label!r}")

    async def group(self, conversation: str | None = None) -> Group | None:
        return await self.house.services.consent.group(address_of(conversation or self.club))

    async def switched_on(self, *members: str, rights: tuple[str, ...] = ("can_manage_chat",)) -> None:
        """Ada brings the bot in and switches it on; these members say yes."""
        await self.telegram.invite_bot("ada", self.club, rights)
        await self.turned_on()
        for member in members:
            await self.tap(member, "Count my links")

    async def turned_on(self) -> None:
        """Ada presses the button in the welcome message; the notice comes by the outbox."""
        await self.tap("ada", "Switch on (admins)")
        await self.house.work()

    async def configured(self, **changed: Any) -> None:
        """Ada has set these, on whichever way."""
        group = await self.group()
        assert group is not None
        actor = Actor(Account(self.telegram.private("ada")))
        await self.house.services.groups.configure(group.address, actor, replace(group, **changed))

    async def share(self, person: str, text: str = ARTICLE, **how: Any) -> str:
        """A member posts, and the workers do what is due."""
        message = await self.telegram.say(person, self.club, text, **how)
        await self.house.work()
        return message


class Switch:
    """An ASGI application that is known before the bot it leads to."""

    def __init__(self) -> None:
        self.to: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.to(scope, receive, send)


@asynccontextmanager
async def staged(house: TelegramHouse, texts: Texts) -> AsyncIterator[Stage]:
    """The stage before the bot is in touch; every call and delivery is held against the Bot API in the end."""
    traffic, switch = Traffic(), Switch()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=switch)) as client:
        telegram = TelegramStandIn(TOKEN, house.clock, traffic, client=client, longest_poll=0.05)
        async with served(telegram.app) as address:
            stage = _stage(telegram, traffic, house, texts, f"{address}/bot")
            switch.to = stage.webhook
            try:
                yield stage
            finally:
                await stage.connection.close()
                await telegram.aclose()
    check_traffic(traffic)


def _stage(telegram: TelegramStandIn, traffic: Traffic, house: TelegramHouse, texts: Texts, api_url: str) -> Stage:
    bot = open_bot(SecretStr(TOKEN), texts, house.now, api_url)
    house.messenger = bot.messenger
    house.services = house.build()
    naps = Naps()
    operator = Operator("Ana & Co", "ana@operator.example", "https://s.example/privacy")
    connection = build(bot, house.services, operator, naps)
    return Stage(telegram, traffic, house, bot, Webhook(bot.application, SecretStr(SECRET)), connection, naps, texts)
