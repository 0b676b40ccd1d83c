"""Long polling loses nothing: what is not taken in is asked for again."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from bots.telegram.errors import PolledElsewhere, TokenRefused
from bots.telegram.polling import CONFLICTS_AT_MOST, Polling
from core.errors import IntakeFull, StorageUnavailable
from playground.telegram.errors import conflict, server_error, too_many_requests, unauthorized
from tests.bots.telegram.staging import ARTICLE, Stage, TelegramHouse, staged
from texts.catalogue import Texts


@pytest.fixture
async def stage(house: TelegramHouse, texts: Texts) -> AsyncIterator[Stage]:
    async with staged(house, texts) as stage:
        await stage.connection.open()
        yield stage


@contextlib.asynccontextmanager
async def polled(stage: Stage) -> AsyncIterator[Polling]:
    polling = Polling(stage.bot.application, stage.naps)
    running = asyncio.create_task(polling.run())
    yield polling
    polling.stop()
    await running


async def until(true: Any) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - the stand-in has no event for it, and real HTTP lies between
            await asyncio.sleep(0.005)


async def all_confirmed(stage: Stage) -> None:
    await until(lambda: not list(stage.telegram.deliveries()))


async def test_a_polling_bot_lives_through_the_whole_story(stage: Stage) -> None:
    async with polled(stage):
        await stage.telegram.invite_bot("ada", stage.club, ("can_manage_chat",))
        await all_confirmed(stage)
        await stage.tap("ada", "Switch on (admins)")
        await all_confirmed(stage)
        await stage.house.work()
        await stage.tap("dev", "Count my links")
        await all_confirmed(stage)
        await stage.telegram.say("dev", stage.club, ARTICLE)
        await all_confirmed(stage)
        await stage.house.work()
    assert "A &lt;b&gt;bold&lt;/b&gt; claim" in stage.said("ada")[-1]


async def test_what_storage_cannot_take_in_is_asked_for_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    errors: list[Exception] = [StorageUnavailable(), IntakeFull(), StorageUnavailable()]
    groups, original = stage.house.services.groups, stage.house.services.groups.bot_added

    async def bot_added(*given: Any) -> Any:
        if errors:
            raise errors.pop(0)
        return await original(*given)

    monkeypatch.setattr(groups, "bot_added", bot_added)
    async with polled(stage):
        await stage.telegram.invite_bot("ada", stage.club)
        await all_confirmed(stage)
    assert len(stage.said("ada")) == 1
    assert stage.naps.taken == [1.0, 2.0, 4.0]


async def test_a_killed_process_gets_again_what_it_had_not_finished(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups, original = stage.house.services.groups, stage.house.services.groups.bot_added
    entered = asyncio.Event()

    async def never_ends(*given: Any) -> Any:
        entered.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(groups, "bot_added", never_ends)
    first = asyncio.create_task(Polling(stage.bot.application, stage.naps).run())
    await stage.telegram.invite_bot("ada", stage.club)
    await entered.wait()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    monkeypatch.setattr(groups, "bot_added", original)
    async with polled(stage):
        await all_confirmed(stage)
    assert len(stage.said("ada")) == 1


async def test_an_orderly_stop_leaves_nothing_to_be_answered_twice(stage: Stage) -> None:
    async with polled(stage):
        await stage.telegram.invite_bot("ada", stage.club)
        await until(lambda: stage.said("ada"))
    assert not [update for update in stage.telegram.deliveries() if "my_chat_member" in update]


async def test_a_handler_that_breaks_is_named_in_the_log_and_holds_up_nobody(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> Any:
        raise ZeroDivisionError("words of a member")

    monkeypatch.setattr(stage.house.services.consent, "hear", broken)
    with capture_logs() as logs:
        async with polled(stage):
            await stage.telegram.invite_bot("ada", stage.club, ("can_manage_chat",))
            await stage.telegram.say("dev", stage.club, "secret words")
            await all_confirmed(stage)
    [line] = logs
    assert line["event"] == "telegram.update.failed"
    assert line["error"] == "ZeroDivisionError"
    assert line["at"].startswith("test_polling.py:")
    assert "words" not in str(logs)


async def test_an_update_of_an_unknown_shape_is_skipped_unseen(stage: Stage) -> None:
    stage.telegram._platform.delivery.emit("message", {"message_id": "secret", "chat": "secret"}, 1)
    with capture_logs() as logs:
        async with polled(stage):
            await all_confirmed(stage)
    assert [line["event"] for line in logs] == ["telegram.update.malformed"]
    assert "secret" not in str(logs)
    stage.traffic.clear()  # it would not stand up to the contract


async def test_telegram_in_trouble_is_asked_again_after_a_pause(stage: Stage) -> None:
    for error in (server_error(), too_many_requests(7), server_error()):
        stage.telegram.fail_next("getUpdates", error)
    with capture_logs() as logs:
        async with polled(stage):
            await stage.telegram.invite_bot("ada", stage.club)
            await until(lambda: stage.said("ada"))
    assert stage.naps.taken == [1.0, 16.0, 30.0]
    assert [line["error"] for line in logs] == ["NetworkError", "RetryAfter", "NetworkError"]


async def test_a_second_poller_is_told_by_name(stage: Stage) -> None:
    for _ in range(CONFLICTS_AT_MOST):
        stage.telegram.fail_next("getUpdates", conflict("terminated by other getUpdates request"))
    with pytest.raises(PolledElsewhere):
        await Polling(stage.bot.application, stage.naps).run()


async def test_a_token_that_is_revoked_while_polling_is_told_by_name(stage: Stage) -> None:
    stage.telegram.fail_next("getUpdates", unauthorized())
    with pytest.raises(TokenRefused):
        await Polling(stage.bot.application, stage.naps).run()


async def test_numbers_that_start_over_after_a_quiet_week_are_not_missed(stage: Stage) -> None:
    async with polled(stage):
        await stage.telegram.invite_bot("ada", stage.club)
        await all_confirmed(stage)
        stage.telegram._platform.delivery._last_id = 1000
        await stage.telegram.remove_bot("ada", stage.club)
        await stage.telegram.invite_bot("ada", stage.club)
        await until(lambda: len(stage.said("ada")) == 2)
