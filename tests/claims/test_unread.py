"""Messages of members who did not opt in are not read, on either platform; a bot that peeks is found out."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from telegram import Chat, Message, Update, User
from telegram.ext import MessageHandler

from bots.slack import parse as slack_parse
from bots.slack.sharing import Sharing
from bots.telegram import parse as telegram_parse
from bots.telegram.handlers import GroupHandlers
from playground.people import CAST
from tests.bots.slack import stage as slack
from tests.bots.telegram import staging as telegram
from texts.catalogue import Texts

WORDS_ON_TELEGRAM = frozenset({"text", "entities", "caption", "caption_entities", "to_dict", "photo", "document"})
WORDS_ON_SLACK = frozenset({"text", "blocks", "attachments", "files"})

Claim = Callable[[], Awaitable[None]]


class SealedMessage(Message):
    """Telegram's message, whose words must not be touched."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        if name in WORDS_ON_TELEGRAM:
            raise AssertionError(f"{name} was read")
        return super().__getattribute__(name)


class SealedEvent(dict[str, Any]):
    """Slack's message, whose words must not be touched, nor all of it be gone through."""

    def __getitem__(self, name: str) -> Any:
        return self.get(name)

    def get(self, name: str, default: Any = None) -> Any:
        if name in WORDS_ON_SLACK:
            raise AssertionError(f"{name} was read")
        return super().get(name, default)

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("the message was gone through")

    items = values = keys = copy = __iter__  # type: ignore[assignment]


async def telegram_leaves_it_alone() -> None:
    async with telegram.staged(telegram.TelegramHouse(), Texts.load()) as stage:
        await stage.connection.open()
        await stage.webhook.set_up("http://penumbra.test")
        await stage.switched_on("bruno")
        dev = User(CAST["dev"].telegram_id, "Dev", is_bot=False)
        message = SealedMessage(7, telegram.MONDAY, Chat(int(stage.club), "supergroup"), from_user=dev)
        handlers = stage.bot.application.handlers[0]
        [listener] = [each for each in handlers if isinstance(each, MessageHandler)][-1:]
        for update in (Update(1, message=message), Update(2, edited_message=message)):
            await listener.callback(update, None)
        assert not stage.house.storage.state.inbox


async def slack_leaves_it_alone() -> None:
    async with slack.on_stage() as stage:
        await stage.switch_on()
        await stage.opt_in("bruno")
        said = {"type": "message", "channel": slack.ROOM, "channel_type": "channel", "ts": "1764000000.000100"}
        event = SealedEvent(said, user=CAST["dev"].slack_id, text="https://pages.example/secret", blocks=[])
        body = {"type": "event_callback", "team_id": slack.WORKSPACE, "event_id": "Ev1", "event": event}
        assert slack_parse.concerns_us(body)
        await Sharing(stage.desk).on_message(body)
        assert not stage.state.inbox
        theirs = SealedEvent(said, user=CAST["bruno"].slack_id, text="https://pages.example/secret", blocks=[])
        with pytest.raises(AssertionError, match="was read"):  # of who said yes it is, so that this proves something
            await Sharing(stage.desk).on_message({**body, "event_id": "Ev2", "event": theirs})


async def peeking_on_telegram(self: GroupHandlers, update: Update) -> None:
    if update.effective_message is not None:
        telegram_parse.links(update.effective_message)


async def peeking_on_slack(_: Sharing, body: dict[str, Any]) -> None:
    slack_parse.urls(body, slack_parse.Kind.POSTED)


@pytest.mark.parametrize("claim", [telegram_leaves_it_alone, slack_leaves_it_alone])
async def test_who_did_not_say_yes_is_not_read(claim: Claim) -> None:
    await claim()


@pytest.mark.parametrize(
    ("claim", "handlers", "peeks"),
    [
        (telegram_leaves_it_alone, GroupHandlers, peeking_on_telegram),
        (slack_leaves_it_alone, Sharing, peeking_on_slack),
    ],
)
async def test_reading_before_consent_is_found_out(
    claim: Claim, handlers: type, peeks: Callable[..., Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "on_message", peeks)
    with pytest.raises(AssertionError, match="was read"):
        await claim()
