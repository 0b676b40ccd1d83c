"""Clicks in append-only files until the database has them: one `write` a click, so that `kill -9` loses none.

Each process writes into a folder of its own and holds its lock. Whoever finds a folder whose lock is free adopts it,
for its process is dead; batches keep their ids, so that what the dead one applied is not applied again.
"""

import asyncio
import fcntl
import itertools
import os
import secrets
import threading
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import IO, Final, Self

from core.errors import ClickLogFull
from core.model import Click, ClickBatch, GroupId, LinkId
from core.ports import NewId

_OPEN: Final = ".open"
_SEALED: Final = ".sealed"
_LOCK: Final = "lock"
_FIELDS: Final = 4
_BITS: Final = ("0", "1")
INTAKE: Final = "intake"
"""A folder beside those of the click logs: accepted messages, not ours to adopt."""
FULL: Final = 80_000
"""Bytes, about a thousand clicks: what is read and applied without giving visitors a turn."""
REMEMBERED: Final = 16
"""Segments that a process need not read again, as it knows what it has written: some 4 MB of clicks."""


def random_name() -> str:
    """A name that no other batch has."""
    return secrets.token_hex(16)


class Folder:
    """One process's folder of segments, and the lock that says its owner lives.

    Args:
        path: the folder.
        lock: its lock file, locked.
    """

    def __init__(self, path: Path, lock: IO[bytes]) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def take(cls, path: Path) -> "Folder | None":
        """Lock a folder; None when its owner lives, or when it has just been removed."""
        try:
            lock = (path / _LOCK).open("ab")
        except FileNotFoundError:
            return None
        if _is_locked(lock) and _is_still_there(lock, path / _LOCK):
            return cls(path, lock)
        lock.close()
        return None

    def sealed(self) -> list[Path]:
        """Its sealed segments."""
        return list(self.path.glob(f"*{_SEALED}"))

    def seal_all(self, but: Collection[Path] = ()) -> None:
        """Seal segments that nobody writes any more."""
        left = [segment for segment in self.path.glob(f"*{_OPEN}") if segment not in but]
        for segment in left:
            segment.rename(segment.with_suffix(_SEALED))
        if left:
            sync(self.path)

    def leave(self) -> None:
        """Give the lock back, and take the folder away if it is empty."""
        if not any(each.name != _LOCK for each in self.path.iterdir()):
            (self.path / _LOCK).unlink()
            self.path.rmdir()
        self._lock.close()


@dataclass
class _Segment:
    """A file being written, and what was written into it."""

    path: Path
    file: int
    clicks: list[Click] | None
    """None: to be read from the file."""
    size: int = 0


class SegmentClickLog:
    """See `core.ports.ClickLog`. Make it with `open`, and close it.

    Args:
        root: where all processes of this machine have their folders.
        own: this process's folder.
        new_id: names batches.
    """

    def __init__(self, root: Path, own: Folder, new_id: NewId) -> None:
        self._root = root
        self._own = own
        self._adopted: dict[Path, Folder] = {}
        self._new_id = new_id
        self._writing = threading.Lock()
        self._sealing = threading.Lock()  # a second one, so that no visitor waits for the disk
        self._segment: _Segment | None = None
        self._full: list[_Segment] = []
        self._remembered: dict[str, list[Click]] = {}

    @classmethod
    def open(cls, root: Path, new_id: NewId = random_name) -> "SegmentClickLog":
        """Begin a folder, and adopt those of dead processes; leaving the block closes it.

        Raises:
            OSError: the folder can't be written to.
        """
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        own = None
        while own is None:  # another process may take a new folder for a dead one's, before it is locked
            path = root / new_id()
            path.mkdir(mode=0o700)
            own = Folder.take(path)
        return cls(root, own, new_id)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def append(self, *clicks: Click) -> None:
        """See `core.ports.ClickLog`.

        Raises:
            ClickLogFull: they can't be written; none of them is in the log.
        """
        lines = "".join(
            [f"{group}\t{link}\t{_text(day)}\t{_BITS[in_total]}\n" for group, link, day, in_total in clicks]
        )
        with self._writing:
            try:
                self._write(lines.encode(), clicks)
            except OSError as error:
                raise ClickLogFull from error

    def _write(self, lines: bytes, clicks: Sequence[Click]) -> None:
        segment = self._segment = self._segment or self._begin()
        if os.write(segment.file, lines) < len(lines):
            os.ftruncate(segment.file, segment.size)  # no torn line in the middle: the disk was full
            raise OSError("the disk is full")
        segment.size += len(lines)
        if segment.clicks is not None:
            segment.clicks += clicks
        if segment.size >= FULL:
            self._full.append(segment)
            self._segment = None

    def _begin(self) -> _Segment:
        path = self._own.path / f"{self._new_id()}{_OPEN}"
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        return _Segment(path, file, [] if len(self._full) + len(self._remembered) < REMEMBERED else None)

    def seal(self) -> None:
        """See `core.ports.ClickLog`. What it seals is on the disk when it returns.

        Raises:
            OSError: the disk refuses; the clicks stay where they are, and are sealed next time.
        """
        with self._sealing, ExitStack() as closing:
            with self._writing:
                written, self._full = self._full, []
                if self._segment is not None:
                    written.append(self._segment)
                self._segment = None
            for segment in written:
                closing.callback(os.close, segment.file)
            for segment in written:
                os.fsync(segment.file)
                segment.path.rename(segment.path.with_suffix(_SEALED))
                if segment.clicks is not None:
                    self._remembered[segment.path.stem] = segment.clicks
            if written:
                sync(self._own.path)

    async def batches(self) -> AsyncIterator[ClickBatch]:
        """See `core.ports.ClickLog`. Sealing waits for the disk on a thread; a batch is read at once, being small.

        Raises:
            OSError: as for `seal`.
        """
        await asyncio.to_thread(self.seal)
        for segment in await asyncio.to_thread(self._sealed):
            yield self._read(segment)
            await asyncio.sleep(0)  # a thousand clicks at a time: visitors have their turn in between

    def sealed(self) -> Sequence[ClickBatch]:
        """Sealed batches not yet discarded, oldest first."""
        return [self._read(segment) for segment in self._sealed()]

    def _read(self, segment: Path) -> ClickBatch:
        remembered = self._remembered.get(segment.stem)
        clicks = _clicks(segment.read_bytes()) if remembered is None else Counter(remembered).items()
        return ClickBatch(segment.stem, tuple(clicks))

    def _sealed(self) -> list[Path]:
        with self._sealing, self._writing:
            self._own.seal_all(but=self._being_written())
        self._adopt()
        segments = [segment for folder in self._folders() for segment in folder.sealed()]
        return sorted(segments, key=lambda each: (each.stat().st_mtime_ns, each.name))

    def _being_written(self) -> set[Path]:
        return {segment.path for segment in [*self._full, *filter(None, [self._segment])]}

    async def discard(self, batches: Collection[str]) -> None:
        """See `core.ports.ClickLog`. Takes its files away on a thread: a busy disk takes its time."""
        await asyncio.to_thread(self._discard, batches)

    def _discard(self, batches: Collection[str]) -> None:
        for batch in batches:
            self._remembered.pop(batch, None)
        for folder, batch in itertools.product(self._folders(), batches):
            (folder.path / f"{batch}{_SEALED}").unlink(missing_ok=True)
        for path, folder in list(self._adopted.items()):
            if not folder.sealed():
                self._adopted.pop(path).leave()

    def close(self) -> None:
        """Seal what was written, and let others adopt what is not applied yet."""
        self.seal()
        for folder in self._folders():
            folder.leave()
        self._adopted.clear()

    def _folders(self) -> list[Folder]:
        return [self._own, *self._adopted.values()]

    def _adopt(self) -> None:
        for path in self._root.iterdir():
            if path == self._own.path or path in self._adopted or path.name == INTAKE or not path.is_dir():
                continue
            folder = Folder.take(path)
            if folder is not None:
                folder.seal_all()
                self._adopted[path] = folder


def _clicks(content: bytes) -> Iterator[tuple[Click, int]]:
    """The clicks of a segment, and how often each stands in it.

    A torn last line was never acknowledged; a line that the power cut spoilt can't be read.
    """
    whole, _, _torn = content.decode(errors="replace").rpartition("\n")
    for line, number in Counter(whole.split("\n")).items():
        parts = line.split("\t")
        if len(parts) == _FIELDS and parts[3] in _BITS:
            group, link, day, in_total = parts
            yield (GroupId(group), LinkId(link), _day(day), in_total == "1"), number


@lru_cache(maxsize=16)
def _text(day: date) -> str:
    return day.isoformat()


@lru_cache(maxsize=16)
def _day(text: str) -> date:
    return date.fromisoformat(text)


def _is_locked(lock: IO[bytes]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still_there(lock: IO[bytes], path: Path) -> bool:
    """Whether the locked file is still the one of that name: its folder may have been removed in between."""
    try:
        return os.fstat(lock.fileno()).st_ino == path.stat().st_ino
    except FileNotFoundError:
        return False


def sync(folder: Path) -> None:
    """Make a rename durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
