"""The three walks of the house with the real libraries over real HTTP: a message with a link, a click, a tick."""

import logging
import re
import sqlite3
from contextlib import closing
from datetime import date, timedelta

import httpx
import pytest

from config.machine import look_around
from tests.config.english import by_name
from tests.walks.theatre import FIREFOX, Theatre

HOUR = timedelta(hours=1)
LEASE = timedelta(seconds=1)
FAR = date(2030, 1, 1)
BOTH = pytest.mark.parametrize("platform", ["telegram", "slack"])


def suggestion(theatre: Theatre, key: str = "tracked") -> str:
    return next(each.url for each in theatre.stage.sites.suggestions if each.key == key)


def short_urls(theatre: Theatre, html: str) -> list[str]:
    return re.findall(re.escape(theatre.house.settings.public_url) + r"/[0-9A-Za-z]{16}\b", html)


@BOTH
async def test_a_message_with_a_link_becomes_a_card_with_a_tracked_link(theatre: Theatre, platform: str) -> None:
    await theatre.switched_on("bruno")
    message = await theatre.say(platform, "bruno", f"Have you seen this? {suggestion(theatre)}")
    await theatre.work()

    card = theatre.messages(platform)[-1]
    assert message in {card["reply_to"], card["thread_of"]}
    labels = {button["label"] for row in card["buttons"] for button in row}
    assert {"Open", "Open, counted", "Undo"} <= labels
    assert short_urls(theatre, card["html"])
    assert "utm_source" in card["html"]
    assert not card["preview"]


@BOTH
async def test_a_click_is_led_on_and_counted(theatre: Theatre, platform: str) -> None:
    await theatre.switched_on("bruno")
    await theatre.say(platform, "bruno", suggestion(theatre))
    await theatre.work()
    (short,) = set(short_urls(theatre, theatre.messages(platform)[-1]["html"]))

    answer = await theatre.browser.get(short)
    assert answer.status_code == 302
    assert "utm_source" not in answer.headers["location"]
    page = httpx.URL(answer.headers["location"])
    landed = await theatre.browser.get(page.copy_with(host="127.0.0.1"), headers={"host": page.netloc.decode()})
    assert landed.status_code == 200
    await theatre.browser.get(short, headers={"dnt": "1"})
    await theatre.browser.head(short)
    assert await clicks(theatre) == 1


async def clicks(theatre: Theatre) -> int:
    await theatre.house.services.clicks.flush()
    async with theatre.house.storage.transaction() as records:
        due = await records.groups.claim_due(theatre.stage.clock.now().replace(year=2030), 0 * LEASE, 10)
        counts = [count for group in due for count in await records.clicks.counts(group.id, FAR)]
    return sum(count.browsers for count in counts)


async def test_a_weekly_tick_posts_one_digest_to_each_platform(theatre_on_each: Theatre) -> None:
    theatre = theatre_on_each
    await theatre.switched_on("bruno", "chloe")
    for platform in ("telegram", "slack"):
        await theatre.say(platform, "bruno", suggestion(theatre, "news"))
        await theatre.say(platform, "chloe", suggestion(theatre, "tracked"))
        await theatre.say(platform, "chloe", suggestion(theatre, "french"))
        await theatre.say(platform, "dev", suggestion(theatre, "recipe"))
        await theatre.work()
    await theatre.jump_to_monday()
    for platform in ("telegram", "slack"):
        digests = [each for each in theatre.messages(platform) if "The links of the week" in each["html"]]
        assert len(digests) == 1
        assert "2 links" in digests[0]["html"]
        assert "3 shares" in digests[0]["html"]
        assert "recipe" not in digests[0]["html"]
    theatre.stage.clock.advance(HOUR)
    await theatre.work()
    for platform in ("telegram", "slack"):
        assert sum("The links of the week" in each["html"] for each in theatre.messages(platform)) == 1


async def test_each_job_on_time_is_named_where_the_doctor_asks(theatre: Theatre) -> None:
    checks = (await theatre.browser.get("/readyz")).json()["checks"]
    assert checks["database"] == checks["tick.digests"] == checks["tick.outbox"] == "ok"
    lines = await look_around(theatre.house.settings, theatre.stage.clock.now())
    assert by_name(lines)["scheduler"].state == f"{len(theatre.house.ticking.ticks)} jobs on time"


@BOTH
async def test_what_was_followed_right_before_monday_is_in_mondays_digest(theatre: Theatre, platform: str) -> None:
    await theatre.switched_on("bruno")
    await theatre.say(platform, "bruno", suggestion(theatre))
    await theatre.work()
    (short,) = set(short_urls(theatre, theatre.messages(platform)[-1]["html"]))
    for version in range(100, 140):
        agent = FIREFOX["user-agent"].replace("140.0", f"{version}.0")
        assert (await theatre.browser.get(short, headers={"user-agent": agent})).status_code == 302
    await theatre.jump_to_monday()
    assert "clicks: 20–49" in theatre.messages(platform)[-1]["html"]


@BOTH
async def test_undo_is_one_tap_and_only_the_sharers(theatre: Theatre, platform: str) -> None:
    await theatre.switched_on("bruno", "chloe")
    await theatre.say(platform, "bruno", suggestion(theatre))
    await theatre.work()
    await theatre.tap(platform, "chloe", "Undo")
    assert short_urls(theatre, theatre.messages(platform)[-1]["html"])
    await theatre.tap(platform, "bruno", "Undo")
    card = theatre.messages(platform)[-1]
    assert not short_urls(theatre, card["html"])
    assert "utm_source" not in card["html"]
    await theatre.jump_to_monday()
    assert not any("The links of the week" in each["html"] for each in theatre.messages(platform))


@BOTH
async def test_a_link_that_is_itself_a_key_is_never_touched(theatre: Theatre, platform: str) -> None:
    await theatre.switched_on("bruno")
    before = len(theatre.messages(platform))
    await theatre.say(platform, "bruno", suggestion(theatre, "reset"))
    await theatre.work()
    assert len(theatre.messages(platform)) == before + 1
    assert not theatre.stage.sites.visits


def everything_kept(theatre: Theatre) -> list[str]:
    path = theatre.house.settings.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())


@BOTH
async def test_a_member_who_did_not_opt_in_can_post_a_hundred_links(
    theatre: Theatre, platform: str, caplog: pytest.LogCaptureFixture
) -> None:
    await theatre.switched_on()
    shown, kept = len(theatre.messages(platform)), everything_kept(theatre)
    caplog.clear()
    for number in range(100):
        await theatre.say(platform, "dev", f"{suggestion(theatre)}&n={number}")
    await theatre.work()
    assert len(theatre.messages(platform)) == shown + 100
    assert everything_kept(theatre) == kept
    assert [record for record in caplog.records if record.levelno >= logging.INFO and "http" not in record.name] == []
    assert not theatre.stage.sites.visits
    await theatre.jump_to_monday()
    assert not any("The links of the week" in each["html"] for each in theatre.messages(platform))
