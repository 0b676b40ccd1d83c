"""Getting in touch, whatever Telegram is up to."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bots.telegram.app import open_bot
from bots.telegram.errors import TokenRefused, WebhookRefused
from playground.telegram.errors import bad_request, server_error, too_many_requests, unauthorized
from tests.bots.telegram.staging import TOKEN, Stage, TelegramHouse, staged
from texts.catalogue import Texts


@pytest.fixture
async def stage(house: TelegramHouse, texts: Texts) -> AsyncIterator[Stage]:
    async with staged(house, texts) as stage:
        yield stage


async def test_a_wrong_token_is_told_by_name(stage: Stage) -> None:
    stage.telegram.fail_next("getMe", unauthorized())
    with pytest.raises(TokenRefused) as refused:
        await stage.connection.open()
    for error in (refused.value, refused.value.__cause__, refused.value.__context__):
        assert TOKEN not in str(error)


def test_an_empty_token_is_told_by_name(house: TelegramHouse, texts: Texts) -> None:
    with pytest.raises(TokenRefused):
        open_bot(SecretStr(""), texts, house.now)


async def test_telegram_is_waited_for(stage: Stage) -> None:
    for error in (server_error(), too_many_requests(3), server_error()):
        stage.telegram.fail_next("getMe", error)
    with capture_logs() as logs:
        await stage.connection.open()
    assert stage.naps.taken == [1.0, 2.0, 4.0]
    assert {line["event"] for line in logs} == {"telegram.unreachable"}


async def test_a_menu_that_cannot_be_shown_is_no_reason_to_stay_away(stage: Stage) -> None:
    stage.telegram.fail_next("setMyCommands", too_many_requests(100))
    with capture_logs() as logs:
        await stage.connection.open()
    assert [line["event"] for line in logs] == ["telegram.commands.failed"]
    assert not stage.connection._asides.ephemerals


async def test_a_webhook_that_telegram_does_not_take_is_told_by_name(stage: Stage) -> None:
    await stage.connection.open()
    stage.telegram.fail_next(
        "setWebhook", bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    )
    with pytest.raises(WebhookRefused):
        await stage.webhook.set_up("https://penumbra.test:9999")


async def test_a_webhook_is_set_as_soon_as_telegram_answers(stage: Stage) -> None:
    await stage.connection.open()
    for error in (server_error(), too_many_requests(3)):
        stage.telegram.fail_next("setWebhook", error)
    with capture_logs() as logs:
        await stage.webhook.set_up("https://penumbra.test", stage.naps)
    assert stage.naps.taken == [1.0, 2.0]
    assert {line["event"] for line in logs} == {"telegram.webhook.not_set"}
