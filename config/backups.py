"""Backups: made beside a Penumbra that runs, restored where none runs, with what was erased since erased again."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from config.keys import utc_now
from config.settings import Settings
from config.words import OperatorError, phrase_of
from core.errors import PenumbraError, StorageUnavailable, WrongRootKey
from storage.backup import About, Target, about, empty_postgres, look_at, make_backup, put_into_postgres, unpack
from storage.database import Database, sqlite_path
from storage.journal import KEPT_FOR, read_journal
from storage.migrate import upgrade
from storage.replay import replay
from storage.schema import known_revisions
from storage.sql import Clocks, SqlStorage, root_keys
from storage.vault import root_id
from texts.phrases import Phrase, phrase

_MARK = "last-backup"
_LOOKS, _LOOKED_EVERY = 10, 0.3
"""How often, and every how many seconds, it is looked whether somebody still uses a database."""


class NotRestored(OperatorError):
    """The backup was not restored. Nothing was changed, or the words say what was."""


@dataclass(frozen=True, slots=True)
class How:
    """What an operator allows a restore to do.

    Attributes:
        replace: put the backup in the place of a database that holds something.
        journals: folders with journals of erasures, of every machine.
        without_journal: go on although what was erased since can't be known.
    """

    replace: bool
    journals: Sequence[Path]
    without_journal: bool


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    made_at: datetime
    erased: int
    kept_as: Path | None
    """Where the SQLite database that was there before is now."""


async def back_up(settings: Settings, where: Path, now: datetime) -> Path:
    """Make a backup in a folder, or under a new file's name; where it is.

    Raises:
        BackupFailed: see `storage.backup.make_backup`.
        StorageUnavailable: no connection.
        OSError: it can't be written there.
    """
    target = _named(where, now)
    await make_backup(settings.database_url, target, now)
    _remember(settings.journal_dir, now)
    return target


def _named(where: Path, now: datetime) -> Path:
    return where / f"penumbra-{now:%Y%m%dT%H%M%SZ}.backup" if where.is_dir() else where


def _remember(folder: Path, now: datetime) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / _MARK).write_text(now.isoformat(), "ascii")


def last_backup(settings: Settings) -> datetime | None:
    """When a backup was made last from this machine; None when none was."""
    try:
        return datetime.fromisoformat((settings.journal_dir / _MARK).read_text("ascii"))
    except (FileNotFoundError, ValueError):
        return None


async def restore(settings: Settings, file: Path, how: How) -> Restored:
    """Put a backup in place, bring it up to date, and erase again what was erased since.

    Raises:
        NotRestored: the target holds something or is in use, the backup is of another kind, too new, or too old for
            the journal, or it could not be brought up to date and erased in.
        WrongRootKey: the backup was made with another root key.
        NotABackup: the file is none, or is damaged.
        Tampered: a journal belongs to another database.
    """
    found = about(file)
    _check_kind(settings, found)
    _check_key(settings, found)
    _check_journals(found, how, utc_now())
    await _check_target(settings, how)
    if found.kind == "sqlite":
        return await _into_sqlite(settings, file, how)
    return await _into_postgres(settings, file, how)


def _check_kind(settings: Settings, found: About) -> None:
    if urlsplit(settings.database_url).scheme != found.kind:
        raise NotRestored(phrase("command.restore.other_kind", kind=found.kind))
    if found.revision not in known_revisions():
        raise NotRestored(phrase("command.restore.newer", revision=found.revision))


def _check_key(settings: Settings, found: About) -> None:
    given = {root_id(key).hex() for key in (settings.root(), settings.other_root()) if key is not None}
    if not set(found.roots) <= given:
        raise WrongRootKey("The backup was made with another root key.", which="backup")


def _check_journals(found: About, how: How, now: datetime) -> None:
    if how.without_journal:
        return
    missing = [str(folder) for folder in how.journals if not folder.is_dir()]
    if missing:
        raise NotRestored(phrase("command.restore.no_journal", folders=missing))
    if now - found.made_at > KEPT_FOR - timedelta(days=1):
        raise NotRestored(phrase("command.restore.too_old", n=KEPT_FOR.days))


async def _check_target(settings: Settings, how: How) -> None:
    target = await _left_alone(settings.database_url)
    if target.strange:
        raise NotRestored(phrase("command.restore.strange"))
    if target.tables and not how.replace:
        raise NotRestored(phrase("command.restore.holds_something"))
    if target.busy:
        raise NotRestored(phrase("command.restore.busy", n=target.busy))


async def _left_alone(url: str) -> Target:
    """What is there, once the connections of a process that has just ended are gone too: PostgreSQL takes a moment."""
    target = await look_at(url)
    for _ in range(_LOOKS):
        if not target.busy:
            break
        await asyncio.sleep(_LOOKED_EVERY)
        target = await look_at(url)
    return target


async def _into_sqlite(settings: Settings, file: Path, how: How) -> Restored:
    """Everything happens beside the target; the last step puts it in place."""
    target = sqlite_path(settings.database_url)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".penumbra-restore-") as folder:
        found, copy = await asyncio.to_thread(unpack, file, Path(folder))
        try:
            erased = await _finish(settings, f"sqlite:///{copy}", how)
        except StorageUnavailable as error:
            raise NotRestored(phrase("command.restore.no_room", folder=target.parent)) from error
        holder = Database.open(settings.database_url)  # refuses while a Penumbra runs on it
        try:
            kept_as = _put_aside(target, utc_now())
            copy.replace(target)
        finally:
            await holder.close()
    return Restored(found.made_at, erased, kept_as)


def _put_aside(target: Path, now: datetime) -> Path | None:
    kept_as = target.with_name(f"{target.name}.{now:%Y%m%dT%H%M%SZ}.replaced")
    empty = target.stat().st_size == 0
    for ending in ("-wal", "-shm"):
        beside = target.with_name(target.name + ending)
        if beside.exists():
            beside.rename(kept_as.with_name(kept_as.name + ending))
    target.rename(kept_as)
    if empty:
        kept_as.unlink()
    return None if empty else kept_as


async def _into_postgres(settings: Settings, file: Path, how: How) -> Restored:
    with tempfile.TemporaryDirectory(prefix="penumbra-restore-") as folder:
        found, copy = await asyncio.to_thread(unpack, file, Path(folder))
        await asyncio.to_thread(put_into_postgres, settings.database_url, copy)
    try:
        return Restored(found.made_at, await _finish(settings, settings.database_url, how), None)
    except PenumbraError as error:
        raise NotRestored(await _taken_out(settings.database_url, error)) from error


async def _taken_out(url: str, why: PenumbraError) -> Phrase:
    """What was put in holds what has been erased since, so it must not stay; the words for that."""
    try:
        await empty_postgres(url)
    except PenumbraError:
        return phrase("command.restore.left_in", why=phrase_of(why))
    return phrase("command.restore.taken_out", why=phrase_of(why))


async def _finish(settings: Settings, url: str, how: How) -> int:
    """Bring a restored database up to date and erase again; how much was erased."""
    await upgrade(url)
    database = Database.open(url)
    try:
        storage = await SqlStorage.open(database, root_keys(settings.root(), settings.other_root()), Clocks(utc_now))
        if how.without_journal:
            return 0
        return await replay(storage, read_journal(how.journals, storage.journal_key))
    finally:
        await database.close()
