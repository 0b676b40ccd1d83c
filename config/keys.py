"""Root keys on disk."""

import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from config.settings import ROOT_KEY_LENGTH, Settings, SettingsError, mistake, root_key_in
from config.words import why_of
from core.receipts import Signer
from storage.database import Database
from storage.schema import pending
from storage.sql import Clocks, SqlStorage, root_keys
from storage.vault import RootKeys
from texts.phrases import phrase


def make_root_key() -> str:
    """A new root key in base64."""
    return base64.b64encode(os.urandom(ROOT_KEY_LENGTH)).decode("ascii")


def public_text(by: Signer) -> str:
    """The public half of the key that signs receipts, as people pass it on: base64."""
    return base64.b64encode(by.public_key).decode("ascii")


def write_root_key(path: Path) -> None:
    """Make a root key in a new file that only its owner can read.

    Raises:
        SettingsError: the file is there already, or can't be written.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(make_root_key() + "\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise SettingsError(phrase("command.keys.there", file=path)) from error
    except OSError as error:
        raise SettingsError(phrase("refusal.OSError.named", file=path, why=why_of(error))) from error


async def rotate(settings: Settings, to: Path) -> int:
    """Wrap every key anew under another root key, beside running processes; how many there were.

    Args:
        settings: must name the new key already, so that the running processes, which read the same, know it too.
        to: the file of the new root key.

    Raises:
        SettingsError: the settings do not name it yet, or a file can't be read.
        WrongRootKey: neither key opens this database.
    """
    new, root, other = root_key_in(to, "--to"), settings.root(), settings.other_root()
    if new not in {root, other}:
        raise SettingsError(phrase("command.keys.set_first", file=to))
    previous = root if new == other else other
    async with beside(settings, root_keys(new, previous)) as storage:
        return await storage.rotate()


@asynccontextmanager
async def beside(settings: Settings, roots: RootKeys | None = None) -> AsyncIterator[SqlStorage]:
    """The database for one short command, also while Penumbra runs.

    Args:
        settings: where it is, and its root keys.
        roots: other keys than those of the settings.

    Raises:
        SettingsError: it was never migrated, or there is no root key.
        WrongRootKey: the root key does not open it.
        StorageUnavailable: no connection.
    """
    if await pending(settings.database_url):
        raise SettingsError(mistake("PENUMBRA_DATABASE_URL", phrase("settings.migrate_first")))
    roots = roots or root_keys(settings.root(), settings.other_root())
    database = Database.open(settings.database_url, connections=2, alone=False)
    try:
        yield await SqlStorage.open(database, roots, Clocks(utc_now))
    finally:
        await database.close()


def utc_now() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)
