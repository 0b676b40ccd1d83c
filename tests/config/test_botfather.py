"""What the doctor finds of the settings made with @BotFather; each with its mend."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from bots.telegram.tokens import BotSettings
from config.botfather import ask_telegram, settings_of
from config.findings import Level
from config.settings import Settings
from playground.clock import PlaygroundClock
from playground.telegram import TelegramStandIn
from playground.telegram.errors import server_error
from playground.traffic import Traffic
from tests.config.english import by_name, english
from tests.playground.serving import served

TOKEN = "7301446215:AAH-playground_token_that_opens_nothing"


@pytest.fixture
async def telegram() -> AsyncIterator[tuple[TelegramStandIn, str]]:
    stand_in = TelegramStandIn(TOKEN, PlaygroundClock(frozen=datetime(2026, 11, 24, tzinfo=UTC)), Traffic())
    async with served(stand_in.app) as address:
        yield stand_in, f"{address}/bot"
    await stand_in.aclose()


def settings(api_url: str, token: str | None = TOKEN) -> Settings:
    secret = SecretStr(token) if token else None
    return Settings(_env_file=None, telegram_token=secret, telegram_api_url=api_url)


def test_each_setting_of_botfather_is_told_with_its_mend() -> None:
    closed = BotSettings("p_bot", joins_groups=False, sees_all=False, inline=False)
    found = by_name(settings_of(closed))
    assert found["joining groups"].level is Level.RED
    assert found["privacy mode"].level is found["inline mode"].level is Level.ODD
    assert "/setjoingroups" in found["joining groups"].mend
    assert "/setprivacy" in found["privacy mode"].mend
    assert "/setinline" in found["inline mode"].mend
    assert "can't be read" in found["inline feedback"].state


def test_a_bot_that_may_do_everything_has_nothing_to_mend() -> None:
    found = list(map(english, settings_of(BotSettings("p_bot", joins_groups=True, sees_all=True, inline=True))))
    assert {each.level for each in found} == {Level.FINE}
    assert not any(each.mend for each in found)


async def test_telegram_is_asked_and_its_answers_are_told(telegram: tuple[TelegramStandIn, str]) -> None:
    stand_in, api_url = telegram
    first, *others = map(english, await ask_telegram(settings(api_url)))
    assert (first.level, first.state) == (Level.FINE, "knows the bot as @penumbra_bot")
    assert len(others) == 4
    [unknown] = map(english, await ask_telegram(settings(api_url, "7301446215:another")))
    assert (unknown.level, "another" in unknown.line()) == (Level.RED, False)
    stand_in.fail_next("getMe", server_error())
    [silent] = map(english, await ask_telegram(settings(api_url)))
    assert silent.level is Level.ODD


async def test_without_a_token_nobody_is_asked() -> None:
    assert await ask_telegram(settings("http://127.0.0.1:1/bot", None)) == []
