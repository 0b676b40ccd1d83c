"""kill -9 and restart between any two steps of the walk: nothing that was acknowledged is lost, nothing is doubled."""

import base64
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path

import httpx
import pytest

from config.demo import LOOPBACK, free_port
from config.run import Listen, serving
from config.service import utc_now
from core.model import GroupAddress, Platform
from core.schedules import week_of
from core.shares import LEASE
from playground.slack.world import READING_ROOM
from playground.stage import Stage
from playground.telegram.standin import BOOK_CLUB
from storage.database import Database
from storage.sql import Clocks, SqlStorage, root_keys
from tests.faults.process import PenumbraProcess
from tests.faults.test_roles_kill import end_leases
from tests.walks.theatre import FIREFOX, Theatre, until

pytestmark = pytest.mark.timeout(300)
SIDES = (("telegram", BOOK_CLUB), ("slack", READING_ROOM))
FAR = date(2100, 1, 1)


@pytest.fixture
async def installation(database_url: str, tmp_path: Path) -> AsyncIterator[PenumbraProcess]:
    page = free_port()
    async with AsyncExitStack() as stack:
        stage = Stage(f"http://{LOOPBACK}:{page}")
        await stack.enter_async_context(serving(stage.app, Listen(LOOPBACK, page)))
        stack.push_async_callback(stage.aclose)
        installed = PenumbraProcess(stage, database_url, tmp_path)
        stage.slack.request_url = f"{installed.url}/slack/events"
        await installed.start()
        stack.push_async_callback(installed.stop)
        yield installed


def messages(stage: Stage, platform: str) -> list[dict]:
    return Theatre.messages(Theatre(stage, None, None), platform)  # type: ignore[arg-type] # only the stage is asked


def button(stage: Stage, platform: str, label: str) -> tuple[str, str] | None:
    """The newest button of a name: its message's id and its own."""
    found = [
        (message["id"], each["id"])
        for message in messages(stage, platform)
        for row in message["buttons"]
        for each in row
        if each["label"] == label
    ]
    return found[-1] if found else None


async def tap(stage: Stage, platform: str, person: str, label: str) -> None:
    where = dict(SIDES)[platform]
    await until(lambda: button(stage, platform, label))
    pressed = button(stage, platform, label)
    assert pressed is not None
    await stage.scene.platform(platform).press(person, where, *pressed)
    await stage.scene.settled()


def cards(stage: Stage, platform: str) -> list[dict]:
    return [message for message in messages(stage, platform) if "Counted link" in message["html"]]


async def test_killed_between_any_two_steps_it_loses_nothing_and_doubles_nothing(
    installation: PenumbraProcess,
) -> None:
    stage = installation.stage
    link = next(each.url for each in stage.sites.suggestions if each.key == "tracked")

    await stage.telegram.invite_bot("ada", BOOK_CLUB)
    await stage.slack.invite_bot("ada", READING_ROOM)
    await stage.scene.settled()
    await installation.kill_and_restart()

    for platform, _ in SIDES:
        await tap(stage, platform, "ada", "Switch on (admins)")
        await until(lambda platform=platform: button(stage, platform, "Count my links"))
    await installation.kill_and_restart()

    await stage.telegram.promote_bot("ada", BOOK_CLUB)
    for platform, _ in SIDES:
        await tap(stage, platform, "bruno", "Count my links")
    await installation.kill_and_restart()

    for platform, where in SIDES:
        await stage.scene.platform(platform).say("bruno", where, f"See {link}")
    await stage.scene.settled()
    await installation.kill()
    # whoever was killed may have claimed the work: it is taken over when the claim's lease has run out
    storage = await opened(installation)
    await end_leases(storage)
    await storage.close()
    await installation.start()

    for platform, _ in SIDES:
        await until(lambda platform=platform: cards(stage, platform), patience=LEASE.total_seconds() + 30)
    await installation.kill_and_restart()

    async with httpx.AsyncClient(headers=FIREFOX) as browser:
        for platform, _ in SIDES:
            (short,) = set(re.findall(rf"{installation.url}/[0-9A-Za-z]{{16}}", cards(stage, platform)[0]["html"]))
            assert (await browser.get(short)).status_code == 302
    await installation.kill()

    await installation.start()
    await stage.slack.retry_pending()
    assert await installation.stop() == 0

    assert all(len(cards(stage, platform)) == 1 for platform, _ in SIDES)
    assert await kept(installation) == {"telegram": (1, 1), "slack": (1, 1)}


async def opened(installation: PenumbraProcess) -> SqlStorage:
    """Its database, while it does not run."""
    roots = root_keys(base64.b64decode(installation.root_key))
    return await SqlStorage.open(Database.open(installation.database_url), roots, Clocks(utc_now))


async def kept(installation: PenumbraProcess) -> dict[str, tuple[int, int]]:
    """Shares and clicks per platform, as the database has them."""
    storage = await opened(installation)
    addresses = {
        "telegram": GroupAddress(Platform.TELEGRAM, "", BOOK_CLUB),
        "slack": GroupAddress(Platform.SLACK, installation.stage.slack.workspace.id, READING_ROOM),
    }
    found = {}
    async with storage.transaction() as records:
        for name, address in addresses.items():
            group = await records.groups.at(address)
            assert group is not None, name
            shared = await records.shares.week(group.id, week_of(utc_now(), "UTC"))
            clicked = await records.clicks.counts(group.id, FAR)
            found[name] = (sum(each.shares for each in shared), sum(each.browsers for each in clicked))
    await storage.close()
    return found


async def test_a_stop_signal_ends_in_order(installation: PenumbraProcess) -> None:
    assert await installation.stop() == 0
    log = (installation.folder / "log").read_text()
    assert '"event": "started"' in log
    assert '"event": "stopped"' in log
    assert "Traceback" not in log


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_second_process_on_the_same_sqlite_is_told_so(installation: PenumbraProcess, tmp_path: Path) -> None:
    second = PenumbraProcess(installation.stage, installation.database_url, tmp_path, root_key=installation.root_key)
    with pytest.raises(AssertionError, match="Another Penumbra process has this SQLite database open"):
        await second.start()
