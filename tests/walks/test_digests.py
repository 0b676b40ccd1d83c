"""Digests that can't be posted where they belong: a topic that closed, a channel archived after its week was frozen."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from config import doctor
from core.model import GroupAddress, Platform
from storage.checkup import check_up
from tests.config.english import english
from tests.walks.test_telegram import page, press, seen
from tests.walks.theatre import PATIENCE, Theatre, open_theatre

KEYS = ("tracked", "french", "recipe")


@pytest.fixture
async def shared(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Theatre]:
    """Both groups are on, and Dev shared three pages in each."""
    async with open_theatre(tmp_path, sqlite_url) as theatre:
        await theatre.switched_on("dev")
        for key in KEYS:
            for platform in ("telegram", "slack"):
                await theatre.say(platform, "dev", page(theatre, key))
            await theatre.work()
        yield theatre


async def diagnosed(theatre: Theatre) -> str:
    """What `penumbra doctor` says of digests."""
    found = doctor._work(await check_up(theatre.house.storage), theatre.stage.clock.now())
    return " ".join(f"{each.state} – {each.mend}" for each in map(english, found) if each.what == "digests")


def digests(theatre: Theatre, platform: str) -> list[dict[str, Any]]:
    return [each for each in theatre.messages(platform) if "The links of the week" in each["html"]]


async def digest_day(theatre: Theatre, platform: str) -> None:
    """It becomes Monday, and what is due is done until a digest stands there: the limits of posting go by real time."""
    await theatre.jump_to_monday()
    async with asyncio.timeout(PATIENCE):
        while not digests(theatre, platform):
            await theatre.work()


async def settings_on_telegram(theatre: Theatre) -> str:
    """What Ada's panel says, in her private chat."""
    telegram = theatre.stage.telegram
    await telegram.start("ada")
    await telegram.command("ada", theatre.club, "settings")
    await theatre.work()
    html: str = seen(theatre, "ada", telegram.private("ada"))[-1]["html"]
    return html


async def at_home_on_slack(theatre: Theatre) -> str:
    """What Ada's App Home says."""
    slack = theatre.stage.slack
    await slack.open_home("ada")
    await slack.settled()
    return str(next(each for each in slack.snapshot("ada")["conversations"] if each["id"] == "home"))


async def test_a_topic_that_closed_is_told_to_its_admins_and_to_the_operator(shared: Theatre) -> None:
    telegram = shared.stage.telegram
    topic = await telegram.open_topic("ada", shared.club, "Links")
    await telegram.say("ada", shared.club, "/settings@penumbra_bot here", thread=topic)
    await shared.work()
    await telegram.close_topic("ada", shared.club, topic)
    await shared.jump_to_monday()
    await shared.work()

    assert digests(shared, "telegram") == []  # an admin chose the topic: nowhere else would be right
    assert len(digests(shared, "slack")) == 1  # the other group's is not kept waiting
    assert "the topic that it goes to is closed or gone" in await settings_on_telegram(shared)
    assert "1 × topic closed – " in await diagnosed(shared)

    # opened again, the next week's is there
    await telegram.reopen_topic("ada", shared.club, topic)
    await shared.say("telegram", "dev", page(shared, "docs"))
    await shared.work()
    await digest_day(shared, "telegram")
    [digest] = digests(shared, "telegram")
    assert "1 link" in digest["html"]


async def past(theatre: Theatre, platform: Platform) -> int:
    workspace = theatre.stage.slack.workspace.id if platform is Platform.SLACK else ""
    where = GroupAddress(platform, workspace, theatre.room if platform is Platform.SLACK else theatre.club)
    group = await theatre.house.services.consent.group(where)
    assert group is not None
    return len(await theatre.house.services.digests.past(group.id))


async def test_a_digest_that_a_closed_topic_kept_away_can_be_read_by_whoever_asks(shared: Theatre) -> None:
    telegram = shared.stage.telegram
    topic = await telegram.open_topic("ada", shared.club, "Links")
    await telegram.say("ada", shared.club, "/settings@penumbra_bot here", thread=topic)
    await shared.work()
    await telegram.close_topic("ada", shared.club, topic)
    await shared.jump_to_monday()
    await telegram.command("dev", shared.club, "digest")
    await shared.work()
    [answer] = [each for each in shared.messages("telegram", "dev") if "The links of the week" in each["html"]]
    assert answer["ephemeral"]
    assert answer["image"]


async def test_a_topic_that_is_gone_is_told_as_well(shared: Theatre) -> None:
    await shared.stage.telegram.say("ada", shared.club, "/settings@penumbra_bot topic 4242")
    await shared.work()
    await shared.jump_to_monday()
    await shared.work()
    assert digests(shared, "telegram") == []
    assert "the topic that it goes to is closed or gone" in await settings_on_telegram(shared)
    assert "1 × topic gone – " in await diagnosed(shared)

    private = shared.stage.telegram.private("ada")
    await press(shared, "ada", private, "Topic: chosen")
    await press(shared, "ada", private, "general")
    await shared.say("telegram", "dev", page(shared, "docs"))
    await shared.work()
    await digest_day(shared, "telegram")
    assert len(digests(shared, "telegram")) == 1


async def test_a_channel_archived_between_freezing_and_posting_is_told_to_its_admins_and_to_the_operator(
    shared: Theatre,
) -> None:
    slack, clock = shared.stage.slack, shared.stage.clock
    monday = shared.stage.clock.now().replace(day=30, hour=9, minute=1)
    clock.jump_to(monday)
    await shared.house.services.digests.tick()
    assert await past(shared, Platform.SLACK) == 1
    await slack.archive("ada", shared.room)
    await shared.work()

    assert digests(shared, "slack") == []
    assert len(digests(shared, "telegram")) == 1
    assert "the channel is archived" in await at_home_on_slack(shared)
    assert "1 × channel archived – " in await diagnosed(shared)
    # it was tried once, and not again every few seconds
    tried = len([call for call in shared.stage.traffic.calls(method="chat.postMessage") if not call.ok])
    for _ in range(3):
        await shared.work()
    assert len([call for call in shared.stage.traffic.calls(method="chat.postMessage") if not call.ok]) == tried
