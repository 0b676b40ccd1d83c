"""Telegram asks to wait: who asked for something gets it a little later, and once."""

import asyncio

import pytest
import structlog
from telegram.error import Forbidden, RetryAfter

from bots.telegram.patience import TRIES, WAITING_AT_MOST, WORTH_WAITING, Patience
from playground.telegram.errors import too_many_requests
from tests.bots.telegram.staging import Naps, Stage


async def followed() -> None:
    """Until everything that was put off has been said, or given up."""
    tasks = (each for each in asyncio.all_tasks() if each.get_coro().__qualname__.startswith(Patience.__name__))
    await asyncio.gather(*tasks)


async def test_a_command_in_a_flood_is_answered_when_telegram_allows(stage: Stage) -> None:
    await stage.telegram.start("dev")
    private, before = stage.telegram.private("dev"), len(stage.said("dev", stage.telegram.private("dev")))
    stage.telegram.fail_next("sendMessage", too_many_requests(7))
    await stage.telegram.command("dev", private, "privacy")
    await followed()
    assert stage.naps.taken == [7.0]
    assert "Ana &amp; Co" in stage.said("dev", private)[-1]
    assert len(stage.said("dev", private)) == before + 1


async def test_the_welcome_comes_also_when_the_group_was_just_flooded(stage: Stage) -> None:
    stage.telegram.fail_next("sendMessage", too_many_requests(2))
    await stage.telegram.invite_bot("ada", stage.club)
    assert not stage.said("bruno")
    await followed()
    assert len(stage.said("bruno")) == 1


async def test_who_taps_in_a_flood_is_told_that_the_answer_follows(stage: Stage) -> None:
    await stage.telegram.start("dev")
    await stage.switched_on()
    stage.telegram.fail_next("sendMessage", too_many_requests(4))
    await stage.tap("dev", "What is kept?")
    assert stage.toasts("dev")[-1] == "Telegram asks me to slow down: the answer follows in a moment."
    await followed()
    assert any("Ana &amp; Co" in each for each in stage.said("dev", stage.telegram.private("dev")))


async def test_a_card_taken_back_in_a_flood_changes_when_telegram_allows(stage: Stage) -> None:
    await stage.switched_on("dev")
    await stage.share("dev")
    stage.telegram.fail_next("editMessageText", too_many_requests(4))
    await stage.tap("dev", "Undo")
    assert not stage.house.storage.state.shares
    before = stage.said("bruno")
    await followed()
    assert stage.said("bruno") != before


class Reluctant:
    """Words that Telegram puts off some times."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.said = 0

    async def __call__(self) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.said += 1


async def test_words_put_off_for_too_long_or_too_many_are_refused_at_once() -> None:
    patience = Patience(Naps())
    with pytest.raises(RetryAfter):
        await patience.say(Reluctant(RetryAfter(int(WORTH_WAITING) + 1)))
    forever = asyncio.Event()
    crowded = Patience(lambda _: forever.wait())
    for _ in range(WAITING_AT_MOST):
        await crowded.say(Reluctant(RetryAfter(1)))
    with pytest.raises(RetryAfter):
        await crowded.say(Reluctant(RetryAfter(1)))
    assert len(crowded) == WAITING_AT_MOST
    await crowded.close()
    assert len(crowded) == 0


async def test_words_are_tried_again_as_long_as_telegram_asks_and_no_longer() -> None:
    naps = Naps()
    patience = Patience(naps)
    late, never, gone = (
        Reluctant(*[RetryAfter(1)] * TRIES),
        Reluctant(*[RetryAfter(2)] * (TRIES + 1)),
        Reluctant(RetryAfter(3), Forbidden("bot was blocked by the user")),
    )
    with structlog.testing.capture_logs() as logs:
        for words in (late, never, gone):
            await patience.say(words)
        await followed()
    assert len(patience) == 0
    assert (late.said, never.said, gone.said) == (1, 0, 0)
    assert sorted(naps.taken) == [1.0] * TRIES + [2.0] * TRIES + [3.0]
    assert sorted(line["error"] for line in logs) == ["Forbidden", "RetryAfter"]
