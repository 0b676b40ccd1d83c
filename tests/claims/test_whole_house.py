"""A week of the whole house on the stage: nothing that names a page, a person or a browser is kept or logged."""

import io
import logging
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from config.logs import set_up_logs
from playground.people import CAST
from storage.sql import SqlStorage
from tests.claims.kept import exposed, files, rows
from tests.walks.theatre import Theatre, open_theatre

WORDS, SILENT = "WORDS7CANARY", "SILENT7CANARY"
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 AGENT7CANARY/140.0"
EDITED, QUERY, PAGE, ADDRESS = "EDITED7CANARY", "query7canary", "silent7canary.example", "198.51.100.77"
TITLES = ("The old bridge reopens", "The library will open", "Retries and back-off", "À la médiathèque")
PEOPLE = ("bruno", "chloe", "dev")


@pytest.fixture
def logs() -> Iterator[io.StringIO]:
    """Everything that is logged at DEBUG, as the service sets its logs up."""
    root, out = logging.getLogger(), io.StringIO()
    before = root.handlers[:], root.level
    set_up_logs("json", "DEBUG", [], out)
    yield out
    root.handlers, level = before
    root.setLevel(level)
    structlog.reset_defaults()


def short_urls(theatre: Theatre, platform: str) -> set[str]:
    html = " ".join(each["html"] for each in theatre.messages(platform))
    return set(re.findall(re.escape(theatre.house.settings.public_url) + r"/[0-9A-Za-z]{16}\b", html))


async def live(theatre: Theatre, platform: str) -> set[str]:
    """Members share, edit, follow and take back; one who never said yes talks too. The short URLs that came of it."""
    news = next(each.url for each in theatre.stage.sites.suggestions if each.key == "news")
    other = next(each.url for each in theatre.stage.sites.suggestions if each.key == "tracked")
    joint = "&" if "?" in news else "?"
    await theatre.say(platform, "dev", f"{SILENT} https://{PAGE}/{SILENT}")
    message = await theatre.say(platform, "bruno", f"{WORDS} {news}{joint}q={QUERY}")
    await theatre.say(platform, "chloe", other)
    await theatre.work()
    where = theatre.club if platform == "telegram" else theatre.room
    await theatre.stage.scene.platform(platform).edit("bruno", where, message, f"{EDITED} {news}{joint}q={QUERY}")
    await theatre.work()
    shorts = short_urls(theatre, platform)
    for short in shorts:
        answer = await theatre.browser.get(short, headers={"user-agent": AGENT, "x-forwarded-for": ADDRESS})
        assert answer.status_code == 302
    await theatre.tap(platform, "chloe", "Undo")
    return shorts


def canaries(theatre: Theatre, shorts: set[str]) -> set[str | bytes]:
    names = {str(CAST[each].telegram_id) for each in PEOPLE} | {CAST[each].slack_id for each in PEOPLE}
    groups = {theatre.club, theatre.room, "Book club", "reading-room"}
    settings = theatre.house.settings
    tokens = {settings.telegram_token, settings.slack_bot_token, settings.slack_signing_secret, settings.root_key}
    secrets = {token.get_secret_value() for token in tokens if token}
    texts = {WORDS, SILENT, EDITED, QUERY, PAGE, ADDRESS, "AGENT7CANARY", *TITLES}
    return {*texts, *names, *groups, *secrets, *(short.rpartition("/")[2] for short in shorts), settings.root()}


async def test_nothing_that_names_anything_is_kept_or_logged(
    database_url: str,
    tmp_path: Path,
    logs: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    async with open_theatre(tmp_path, database_url) as theatre:
        await theatre.switched_on("bruno", "chloe")
        shorts = {short for platform in ("telegram", "slack") for short in await live(theatre, platform)}
        assert len(shorts) >= 2
        for _ in range(2):  # in the middle of the week with clicks not yet in the database, and when it is published
            for short in shorts:
                await theatre.browser.get(short, headers={"user-agent": f"{AGENT} again", "x-forwarded-for": ADDRESS})
            where = await rows(theatre.house.storage) | files([tmp_path, *_server(database_url, request)])
            assert {"link", "share", "member_consent", "consent_log", "group"} <= {k for k, v in where.items() if v}
            where["the logs"] = logs.getvalue().encode()
            assert exposed(canaries(theatre, shorts), where) == set()
            await theatre.jump_to_monday()
        assert (await rows(theatre.house.storage))["edition"]
    assert exposed(canaries(theatre, shorts), files([tmp_path]) | {"logs": logs.getvalue().encode()}) == set()


def _server(database_url: str, request: pytest.FixtureRequest) -> list[Path]:
    if database_url.startswith("sqlite"):
        return []
    server = request.getfixturevalue("postgres")
    server.checkpoint()
    return [server.folder]


async def test_what_would_be_found_is_found(sqlite_url: str, tmp_path: Path) -> None:
    """The search is able to find: what is known to stand in clear, it sees."""
    async with open_theatre(tmp_path, sqlite_url) as theatre:
        await theatre.switched_on("bruno")
        storage: SqlStorage = theatre.house.storage
        assert exposed(["member-1", "granted"], await rows(storage)) >= {("b'granted'", "consent_log")}
        assert {place.rpartition("penumbra")[2] for _, place in exposed(["consent_log"], files([tmp_path]))} & {
            ".db",
            ".db-wal",
        }
