"""The first run: no tokens yet, so a page behind a one-time address asks for them. There is no default password."""

import asyncio
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from secrets import token_urlsafe

from pydantic import SecretStr

from bots.slack.installs import SlackTokenRefused
from bots.slack.manifest import create_link
from bots.slack.tokens import workspace_of
from bots.telegram.errors import TokenRefused
from bots.telegram.tokens import bot_of
from config.env_file import PREFIX
from config.keys import write_root_key
from config.run import Listen, serving, until_stopped
from config.settings import Settings, SettingsError, load_settings
from config.words import every_words, say, tell
from core.errors import PlatformUnavailable
from texts.phrases import Phrase
from web.pages.render import Pages
from web.pages.setup import NOTHING_TYPED, PLACE, Finding, SetupOutside, SetupPages, Typed

ENV_FILE = Path(".env")
KEY_FILE = Path("root.key")
_ANYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - told apart, not bound to


async def set_up(settings: Settings) -> bool:
    """Ask for tokens until they are kept; whether they are. False: a stop signal came first.

    Raises:
        OSError: the address can't be listened on.
    """
    done, secret = asyncio.Event(), token_urlsafe(32)
    outside = SetupOutside(
        secret,
        {name: str(getattr(settings, name)) for name in PLACE},
        look=lambda typed: look(settings, typed),
        keep=lambda typed: keep(settings, typed),
        app_link=create_link,
    )
    pages = SetupPages(Pages(every_words()), outside, done.set)
    async with serving(pages.app(), Listen(settings.host, settings.port)):
        host = "127.0.0.1" if settings.host in _ANYWHERE else settings.host
        say_where(f"http://{host}:{settings.port}/set-up/{secret}")
        kept, stopped = asyncio.create_task(done.wait()), asyncio.create_task(until_stopped())
        await asyncio.wait({kept, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        kept.cancel()
    return done.is_set()


def say_where(address: str) -> None:
    """Say where to go, on stdout alone: the address is a key until it is used."""
    say("command.first_run")
    tell(address)


# What was typed ---------------------------------------------------------------------------------------------------


async def look(settings: Settings, typed: Typed) -> Sequence[Finding]:
    """What is wrong with what was typed, and what the platforms say of the tokens."""
    wrong = _wrong(settings, typed)
    if wrong:
        return wrong
    found = []
    if typed.get("telegram_token"):
        found.append(await _telegram(settings, SecretStr(typed["telegram_token"])))
    if typed.get("slack_bot_token"):
        found.append(await _slack(settings, SecretStr(typed["slack_bot_token"])))
    if typed.get("slack_bot_token") and not typed.get("slack_signing_secret"):
        found.append(Finding("slack", "setup.slack.no_secret"))
    if not typed.get("telegram_token") and not typed.get("slack_signing_secret"):
        found.append(Finding("slack", NOTHING_TYPED))
    return found


def _wrong(settings: Settings, typed: Typed) -> list[Finding]:
    try:
        load_settings(**settings.model_dump() | _given(typed) | {"root_key": None, "root_key_file": None})
    except SettingsError as error:
        return [_wrong_line(line) for line in error.phrases]
    return []


def _wrong_line(line: Phrase) -> Finding:
    name = str(line.values.get("name", "")).removeprefix(PREFIX)
    about = next((each for each in ("telegram", "slack") if name.lower().startswith(each)), "place")
    return Finding(about, "setup.wrong", {"why": line})


async def _telegram(settings: Settings, token: SecretStr) -> Finding:
    try:
        bot = await bot_of(token, settings.telegram_api_url)
    except TokenRefused:
        return Finding("telegram", "setup.telegram.refused")
    except PlatformUnavailable:
        return Finding("telegram", "setup.unreachable", {"platform": "Telegram"})
    return Finding(
        "telegram",
        "setup.telegram.fine" if bot.sees_all else "setup.telegram.private",
        {"name": bot.username},
        fine=True,
    )


async def _slack(settings: Settings, token: SecretStr) -> Finding:
    try:
        name, lacking = await workspace_of(token, settings.slack_api_url)
    except SlackTokenRefused:
        return Finding("slack", "setup.slack.refused")
    except PlatformUnavailable:
        return Finding("slack", "setup.unreachable", {"platform": "Slack"})
    if lacking:
        return Finding("slack", "setup.slack.lacks", {"name": name, "scopes": ", ".join(lacking)})
    return Finding("slack", "setup.slack.fine", {"name": name}, fine=True)


# What is kept -----------------------------------------------------------------------------------------------------


def keep(settings: Settings, typed: Typed) -> None:
    """Write what was typed to `.env`, and make a root key where there is none.

    Raises:
        SettingsError: the root key can't be written.
        OSError: `.env` can't be written.
    """
    values = _given(typed)
    if settings.root_key is None and settings.root_key_file is None:
        if not KEY_FILE.exists():
            write_root_key(KEY_FILE)
        values["root_key_file"] = str(KEY_FILE)
    write_env(ENV_FILE, values)


def _given(typed: Typed) -> dict[str, str]:
    return {name: value for name, value in typed.items() if value}


def write_env(path: Path, values: Mapping[str, str]) -> None:
    """Put settings into an env file that only its owner can read; its other lines stay as they are.

    The file is written beside the old one and put in its place at once.
    """
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    ours = re.compile(rf"\s*(?:export\s+)?{PREFIX}({'|'.join(name.upper() for name in values)})\s*=")
    kept = [line for line in lines if not ours.match(line)]
    written = [f"{PREFIX}{name.upper()}={_quoted(value)}" for name, value in values.items()]
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=".env.")  # made with mode 0600
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write("\n".join([*kept, *written]) + "\n")
        file.flush()
        os.fsync(file.fileno())
    Path(beside).replace(path)


def _quoted(value: str) -> str:
    """A value as python-dotenv reads it back: single quotes keep everything but a backslash and a quote as it is."""
    one_line = " ".join(value.split())
    return "'" + one_line.replace("\\", "\\\\").replace("'", "\\'") + "'"
