"""Withdrawing takes as many taps as joining, and holds at once, for links already posted too."""

import re
from datetime import date, timedelta

import pytest

from config.ticks import Tick
from core.model import Account, GroupAddress, Platform
from playground.people import CAST
from tests.walks.theatre import Theatre, open_theatre

AT_ONCE = timedelta(seconds=2)
BOTH = pytest.mark.parametrize("platform", ["telegram", "slack"])


@pytest.fixture
async def theatre(sqlite_url, tmp_path):
    async with open_theatre(tmp_path, sqlite_url) as opened:
        yield opened


def dev_on(theatre: Theatre, platform: str) -> tuple[GroupAddress, Account]:
    if platform == "telegram":
        return GroupAddress(Platform.TELEGRAM, "", theatre.club), Account(str(CAST["dev"].telegram_id))
    workspace = theatre.stage.slack.workspace.id
    return GroupAddress(Platform.SLACK, workspace, theatre.room), Account(CAST["dev"].slack_id)


async def is_in(theatre: Theatre, platform: str) -> bool:
    return await theatre.house.services.consent.of_member(*dev_on(theatre, platform)) is not None


@BOTH
async def test_one_tap_joins_and_one_tap_leaves_on_the_same_message(theatre: Theatre, platform: str) -> None:
    await theatre.switched_on()
    labels = [{button["label"] for row in m["buttons"] for button in row} for m in theatre.messages(platform, "dev")]
    assert any({"Count my links", "Stop counting mine"} <= each for each in labels)
    for _ in range(2):
        await theatre.tap(platform, "dev", "Count my links")
        assert await is_in(theatre, platform)
        await theatre.tap(platform, "dev", "Stop counting mine")
        assert not await is_in(theatre, platform)


@BOTH
async def test_a_withdrawal_holds_within_two_seconds_for_links_already_posted(theatre: Theatre, platform: str) -> None:
    await theatre.switched_on("dev")
    tracked = next(each.url for each in theatre.stage.sites.suggestions if each.key == "tracked")
    await theatre.say(platform, "dev", tracked)
    await theatre.work()
    shown = theatre.messages(platform)[-1]["html"]
    [short] = set(re.findall(re.escape(theatre.house.settings.public_url) + r"/[0-9A-Za-z]{16}\b", shown))
    await follow(theatre, short, "one")
    assert await counted(theatre) == 1
    address, account = dev_on(theatre, platform)
    assert await theatre.house.services.consent.withdraw(address, account)
    theatre.stage.clock.advance(AT_ONCE)
    look = tick(theatre, "link_changes")
    assert look.every <= AT_ONCE
    await look.do()
    await follow(theatre, short, "two")
    assert await counted(theatre) == 1


async def follow(theatre: Theatre, short: str, browser: str) -> None:
    answer = await theatre.browser.get(short, headers={"user-agent": f"Mozilla/5.0 Gecko/20100101 Firefox/{browser}"})
    assert answer.status_code == 302


def tick(theatre: Theatre, name: str) -> Tick:
    return next(each for each in theatre.house.ticking.ticks if each.name == name)


async def counted(theatre: Theatre) -> int:
    await theatre.house.services.clicks.flush()
    async with theatre.house.storage.transaction() as records:
        groups = await records.groups.page("", 99)
        counts = [count for each in groups for count in await records.clicks.counts(each.id, date(2030, 1, 1))]
    return sum(count.browsers for count in counts)
