"""A digest of which nobody knows whether it came: an admin looks, and has it posted again; once, whoever presses."""

from datetime import timedelta

from playground.telegram.errors import DroppedResponseError, server_error
from tests.bots.telegram.staging import Stage

AGAIN = "I looked: post it again"
DOUBT = "look into the group"


async def no_answer(stage: Stage, *, arrives: bool) -> str:
    """A week with links, whose digest got no answer; Ada has the settings before her in private."""
    await stage.switched_on("dev")
    await stage.share("dev")
    stage.house.clock.advance(timedelta(days=7))
    stage.telegram.fail_next("sendMessage", DroppedResponseError() if arrives else server_error())
    await stage.house.services.digests.tick()
    await stage.house.work()
    stage.telegram.calm()
    await stage.telegram.start("ada")
    return await panel(stage)


async def panel(stage: Stage) -> str:
    stage.house.clock.advance(timedelta(minutes=1))
    await stage.telegram.command("ada", stage.club, "settings")
    return stage.telegram.private("ada")


async def some_minutes_later(stage: Stage) -> None:
    for _ in range(3):
        stage.house.clock.advance(timedelta(minutes=2))
        await stage.house.work()


def digests(stage: Stage) -> int:
    return sum(
        "All links" in {each["label"] for row in message["buttons"] for each in row} for message in stage.seen("dev")
    )


async def test_it_is_said_in_the_settings_and_posted_once_however_often_the_button_is_pressed(stage: Stage) -> None:
    private = await no_answer(stage, arrives=False)
    assert digests(stage) == 0
    assert DOUBT in stage.words("ada", private)[-1]
    await stage.tap("ada", AGAIN, private)
    await stage.tap("ada", AGAIN, private)
    assert ["posted again now" in said for said in stage.toasts("ada")[-2:]] == [True, False]
    await some_minutes_later(stage)
    assert digests(stage) == 1
    await panel(stage)
    assert DOUBT not in stage.words("ada", private)[-1]
    await stage.tap("ada", AGAIN, private)  # an old panel still stands there
    await some_minutes_later(stage)
    assert digests(stage) == 1


async def test_without_anybody_asking_it_is_never_posted_again_and_who_asks_without_looking_has_it_twice(
    stage: Stage,
) -> None:
    private = await no_answer(stage, arrives=True)
    await some_minutes_later(stage)
    assert digests(stage) == 1
    await stage.tap("ada", AGAIN, private)
    assert "twice" in stage.toasts("ada")[-1]
    await some_minutes_later(stage)
    assert digests(stage) == 2


async def test_that_goes_wrong_too_and_can_be_asked_for_anew(stage: Stage) -> None:
    private = await no_answer(stage, arrives=False)
    stage.telegram.fail_next("sendMessage", server_error())
    await stage.tap("ada", AGAIN, private)
    await stage.house.work()
    stage.telegram.calm()
    await panel(stage)
    assert DOUBT in stage.words("ada", private)[-1]
    await stage.tap("ada", AGAIN, private)
    await some_minutes_later(stage)
    assert digests(stage) == 1


async def test_who_runs_the_group_no_more_has_nothing_posted(stage: Stage) -> None:
    private = await no_answer(stage, arrives=False)
    await stage.telegram.leave("ada", stage.club)
    stage.house.clock.advance(timedelta(minutes=1))
    await stage.tap("ada", AGAIN, private)
    await some_minutes_later(stage)
    assert digests(stage) == 0
