"""What was erased, told to a file outside the database: a restored backup must not bring it back.

One line for each erasure: base64 of a value sealed under the master key, which says only which rows went, by the
look-ups that they had. It is written before the erasure is committed, so that none is missing; a line of an erasure
that then failed errs on the side of erasing. Files are named by day and go after `KEPT_FOR`.
"""

import base64
import binascii
import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from core.errors import Tampered
from core.ports import NewId, Now
from storage import codec
from storage.vault import Key

KEPT_FOR: Final = timedelta(days=35)
"""A backup older than this can't be restored: what was erased since is no longer known."""
_SUFFIX: Final = ".erasures"
_PLACE: Final = ("journal", "line")


class Erased(StrEnum):
    """What kind of row went."""

    GROUP = "group"
    CONSENT = "consent"
    PURPOSES = "purposes"
    """A yes was cut down to some purposes."""
    SHARES = "shares"
    CLICK_COUNTING = "click_counting"
    """Shares stay, their clicks count no longer."""
    WORK = "work"
    POSTINGS = "postings"
    HANDED_OVER = "handed_over"
    """A member's own token; the consent beside it stays."""
    INSTALLATION = "installation"


@dataclass(frozen=True, slots=True)
class Erasure:
    """Rows that went at a moment.

    Attributes:
        what: of which kind.
        at: when; a row written later under the same look-up stays.
        group: our own id; empty for an installation.
        marks: look-ups of the rows, hexadecimal.
        purposes: what is left of a yes that was cut down.
    """

    what: Erased
    at: datetime
    group: str = ""
    marks: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()


_LINE: Final = TypeAdapter(Erasure)


class Journal:
    """Writes erasures into a folder.

    Args:
        folder: shared by all processes of this machine, or not; each writes files of its own.
        key: seals lines.
        now: the clock, for the files' names.
        new_id: names this process's files.
    """

    def __init__(self, folder: Path, key: Key, now: Now, new_id: NewId) -> None:
        self._folder = folder
        self._key = key
        self._now = now
        self._name = new_id()
        self._unwritten: list[bytes] = []
        self._writing = threading.Lock()

    @property
    def trouble(self) -> str | None:
        """What is wrong, for `/readyz`; None when everything is written."""
        return f"{len(self._unwritten)} erasure(s) not written: is its disk full?" if self._unwritten else None

    def write(self, erasures: Iterable[Erasure]) -> None:
        """Write erasures down, on the disk when this returns.

        A disk that refuses does not refuse the erasure: it waits in memory, is told as trouble and tried again.
        """
        with self._writing:
            self._unwritten += [_sealed(self._key, each) for each in erasures]
            if self._unwritten:
                try:
                    self._append(b"".join(self._unwritten))
                except OSError:
                    return
                self._unwritten.clear()

    def tidy(self) -> None:
        """Try again what could not be written, and delete files whose time is over.

        Raises:
            OSError: the folder can't be made.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.write(())
        oldest = (self._now() - KEPT_FOR).date()
        for path, day in _files(self._folder):
            if day < oldest:
                path.unlink(missing_ok=True)

    def _append(self, lines: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{self._now().date().isoformat()}.{self._name}{_SUFFIX}"
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            before = os.fstat(file).st_size
            if os.write(file, lines) < len(lines):
                os.ftruncate(file, before)
                raise OSError("the disk is full")
            os.fsync(file)
        finally:
            os.close(file)


def read_journal(folders: Sequence[Path], key: Key) -> list[Erasure]:
    """Every erasure in some folders. A torn last line is left out: its erasure was never acknowledged.

    Raises:
        Tampered: a line was changed, or belongs to another database.
        OSError: a folder can't be read.
    """
    erasures: list[Erasure] = []
    for folder in folders:
        for path, _ in _files(folder):
            whole, _, _torn = path.read_bytes().rpartition(b"\n")
            erasures += [_opened(key, line) for line in whole.splitlines()]
    return erasures


def _files(folder: Path) -> list[tuple[Path, date]]:
    return [(path, date.fromisoformat(path.name[:10])) for path in sorted(folder.glob(f"????-??-??.*{_SUFFIX}"))]


def _sealed(key: Key, erasure: Erasure) -> bytes:
    return base64.b64encode(key.seal(_LINE.dump_json(erasure), _PLACE)) + b"\n"


def _opened(key: Key, line: bytes) -> Erasure:
    try:
        return codec.read(_LINE, key.unseal(base64.b64decode(line, validate=True), _PLACE))
    except (binascii.Error, Tampered) as error:
        raise Tampered(
            "A line of the erasure journal does not open: it was changed, or is another database's.", which="journal"
        ) from error


def journal_key(master: Key) -> Key:
    """The key that seals lines: it comes from the master key, so a backup and its journal belong together."""
    return master.derive("journal")
