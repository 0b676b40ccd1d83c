"""Updates reach the bot by polling or by webhook, once each, and wait when it is away."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import telegram
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram.error import BadRequest, Conflict
from telegram.ext import Application, ApplicationBuilder, CommandHandler, ContextTypes

from playground.clock import PlaygroundClock
from playground.telegram import TelegramStandIn
from playground.traffic import Traffic
from tests.playground.telegram_contract import check_traffic

TOKEN = "7301446215:AAH-playground_token_that_opens_nothing"
HOOK = "http://bot.test/telegram"


class Webhook:
    """A bot that takes updates by webhook, or refuses them while it is ill."""

    def __init__(self) -> None:
        self.got: list[int] = []
        self.secrets: set[str | None] = set()
        self.status = 200
        self.app = Starlette(routes=[Route("/telegram", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        if self.status == 200:
            self.got.append((await request.json())["update_id"])
        return Response(status_code=self.status)


@pytest.fixture
def hook() -> Webhook:
    return Webhook()


@pytest.fixture
async def standin(hook: Webhook, clock: PlaygroundClock, traffic: Traffic) -> AsyncIterator[TelegramStandIn]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(hook.app)) as client:
        standin = TelegramStandIn(TOKEN, clock, traffic, client=client, longest_poll=0.2)
        yield standin
        await standin.aclose()
    check_traffic(traffic)


async def test_a_poll_confirms_what_it_got_before(bot: telegram.Bot, standin: TelegramStandIn) -> None:
    await standin.start("bruno")
    await standin.start("dev")
    first, second = await bot.get_updates()
    assert (first.update_id + 1, first.message and first.message.text) == (second.update_id, "/start")
    assert [update.update_id for update in await bot.get_updates(offset=second.update_id)] == [second.update_id]
    assert await bot.get_updates(offset=second.update_id + 1) == ()
    await standin.start("bruno")
    await standin.start("dev")
    assert len(await bot.get_updates(offset=-1)) == 1
    assert len(await bot.get_updates(limit=1)) == 1


async def test_a_long_poll_is_woken_by_the_first_update(bot: telegram.Bot, standin: TelegramStandIn) -> None:
    waiting = asyncio.create_task(bot.get_updates(timeout=30))
    await asyncio.wait_for(bot.get_me(), 5)
    await standin.start("bruno")
    assert len(await asyncio.wait_for(waiting, 5)) == 1


async def test_two_pollers_are_one_too_many(bot: telegram.Bot, standin: TelegramStandIn) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=30))
    await bot.get_me()
    second = asyncio.create_task(bot.get_updates(timeout=30))
    with pytest.raises(Conflict, match="terminated by other getUpdates request"):
        await first
    await standin.start("bruno")
    assert len(await second) == 1


async def test_the_kinds_a_bot_asked_for_are_remembered(bot: telegram.Bot, standin: TelegramStandIn) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])
    await standin.start("bruno")
    assert await bot.get_updates() == ()
    await bot.get_updates(allowed_updates=[])
    await standin.start("bruno")
    assert len(await bot.get_updates()) == 1
    with pytest.raises(BadRequest, match="nknown update types"):
        await bot.get_updates(allowed_updates=["gossip"])


async def test_a_webhook_gets_each_update_with_its_secret(
    bot: telegram.Bot, standin: TelegramStandIn, hook: Webhook
) -> None:
    await bot.set_webhook(HOOK, secret_token="s3cret", allowed_updates=["message"], max_connections=5)
    await standin.start("bruno")
    assert len(hook.got) == 1
    assert hook.secrets == {"s3cret"}
    await standin.block_bot("bruno")
    assert len(hook.got) == 1
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count, info.max_connections) == (HOOK, 0, 5)
    assert info.allowed_updates == ("message",)
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    assert (await bot.get_webhook_info()).url == ""
    for bad in ("ftp://x.example", "nonsense"):
        with pytest.raises(BadRequest, match="n https url must be provided"):
            await bot.set_webhook(bad)
    with pytest.raises(BadRequest, match="unallowed characters"):
        await bot.set_webhook(HOOK, secret_token="not allowed")


async def test_a_refused_update_is_kept_in_order_and_tried_again(
    bot: telegram.Bot, standin: TelegramStandIn, hook: Webhook, clock: PlaygroundClock
) -> None:
    await bot.set_webhook(HOOK)
    hook.status = 503
    await standin.start("bruno")
    await standin.say("bruno", standin.private("bruno"), "second")
    await standin.start("dev")
    info = await bot.get_webhook_info()
    assert info.pending_update_count == 3
    assert info.last_error_message == "Wrong response from the webhook: 503 Service Unavailable"
    hook.status = 200
    await standin.settled()
    assert hook.got == []
    clock.advance(timedelta(seconds=1))
    await standin.settled()
    assert len(hook.got) == 3
    brunos = [update["update_id"] for update in standin.deliveries()]
    assert brunos == []
    hook.status = 500
    await standin.start("dev")
    hook.status = 200
    await standin.retry_deliveries()
    assert len(hook.got) == 4


async def test_what_waits_longer_than_a_day_is_lost(
    bot: telegram.Bot, standin: TelegramStandIn, hook: Webhook, clock: PlaygroundClock
) -> None:
    await bot.set_webhook(HOOK)
    hook.status = 500
    await standin.start("bruno")
    clock.advance(timedelta(hours=24))
    hook.status = 200
    await standin.settled()
    assert hook.got == []
    assert list(standin.deliveries()) == []


async def test_what_waited_goes_to_a_new_webhook_or_is_dropped(
    bot: telegram.Bot, standin: TelegramStandIn, hook: Webhook
) -> None:
    await standin.start("bruno")
    await bot.set_webhook(HOOK)
    await standin.settled()
    assert len(hook.got) == 1
    await bot.delete_webhook()
    await standin.start("bruno")
    await bot.set_webhook(HOOK, drop_pending_updates=True)
    await standin.settled()
    assert len(hook.got) == 1
    await bot.delete_webhook(drop_pending_updates=True)


async def test_a_webhook_nobody_answers_is_an_error_like_any_other(
    address: str, clock: PlaygroundClock, traffic: Traffic
) -> None:
    lonely = TelegramStandIn(TOKEN, clock, traffic)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(lonely.app), base_url=f"http://api/bot{TOKEN}/"
    ) as client:
        await client.post("setWebhook", json={"url": "http://127.0.0.1:9/"})
        await lonely.start("bruno")
        info = (await client.get("getWebhookInfo")).json()["result"]
    assert info["last_error_message"].startswith("Connection failed")
    assert info["pending_update_count"] == 1
    await lonely.aclose()


async def test_a_real_application_polls_and_answers(address: str, standin: TelegramStandIn) -> None:
    async def greet(update: telegram.Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.effective_message is not None
        await update.effective_message.reply_html("<b>Hello</b>")
        answered.set()

    answered = asyncio.Event()
    builder = ApplicationBuilder().token(TOKEN).base_url(f"{address}/bot").base_file_url(f"{address}/file/bot")
    application: Application[telegram.Bot, ContextTypes.DEFAULT_TYPE, dict, dict, dict, None] = builder.job_queue(
        None
    ).build()
    application.add_handler(CommandHandler("start", greet))
    async with application:
        await application.start()
        assert application.updater is not None
        await application.updater.start_polling(timeout=1, poll_interval=0)
        await standin.start("bruno")
        await asyncio.wait_for(answered.wait(), 10)
        await standin.settled()
        await application.updater.stop()
        await application.stop()
    assert [message["html"] for message in standin.snapshot("bruno")["conversations"][1]["messages"]][-1] == (
        "<strong>Hello</strong>"
    )
