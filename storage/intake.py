"""Accepting work: what many deliver at once is one transaction; what the database can't take goes to a file first.

Consent is asked in the database just before a text is read, so nobody gets here whose yes was not just confirmed:
work is kept in a file only when the database went away between that answer and this commit. Whoever comes later is not
asked, not read and not accepted: the platform delivers again.
"""

import asyncio
import json
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy.dialects import postgresql, sqlite

from core.errors import AlreadyKept, IntakeFull, PenumbraError, StorageUnavailable, UnknownGroup
from core.model import Intake
from core.ports import NewId
from storage.inbox import INBOX, inbox_row, seal_intake
from storage.segments import INTAKE, sync
from storage.sql import AtHand, SqlStorage
from storage.together import Together
from storage.transaction import Values

Ask = tuple[str, Intake]
AT_A_TIME: Final = 100
WAITING_AT_MOST: Final = 1000
FILES_AT_MOST: Final = 1000
ANSWER_WITHIN: Final = 1.5
"""Seconds the database has for a commit; platforms wait for three."""
_SUFFIX: Final = ".sealed"
_PUT: Final = {
    dialect: insert(INBOX).on_conflict_do_nothing().returning(INBOX.c.group_id, INBOX.c.event)
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


class SealedFiles:
    """Accepted work in files: rows of the inbox as they would stand there, sealed under their groups' keys.

    Args:
        folder: where; made when it is needed first.
        new_id: names files.
    """

    def __init__(self, folder: Path, new_id: NewId) -> None:
        self._folder = folder
        self._new_id = new_id

    def write(self, rows: Sequence[Values]) -> None:
        """Keep rows on the disk: they are there when this returns.

        Raises:
            IntakeFull: too many files wait.
            OSError: the disk refuses.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if len(self.waiting()) >= FILES_AT_MOST:
            raise IntakeFull
        draft = self._folder / self._new_id()
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump([_spelled(row) for row in rows], file)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(draft.with_suffix(_SUFFIX))
        sync(self._folder)

    def waiting(self) -> list[Path]:
        """Files that are not in the database yet."""
        return sorted(self._folder.glob(f"*{_SUFFIX}"))

    @staticmethod
    def read(file: Path) -> list[tuple[str, bytes, bytes]]:
        """Group, mark of the event and sealed work of each row; none when somebody else has been faster."""
        try:
            rows = json.loads(file.read_text("ascii"))
        except FileNotFoundError:
            return []
        return [(group, bytes.fromhex(event), bytes.fromhex(sealed)) for group, event, sealed in rows]


def _spelled(row: Values) -> tuple[str, str, str]:
    event, sealed = row["event"], row["sealed"]
    assert isinstance(event, bytes)  # noqa: S101 - as `inbox_row` makes it
    assert isinstance(sealed, bytes)  # noqa: S101
    return str(row["group_id"]), event.hex(), sealed.hex()


class SqlIntake:
    """See `core.ports.Accept`.

    Args:
        storage: the database.
        folder: of this machine, for files; other things may stand in it.
        new_id: names files.
        answer_within: seconds the database has for a commit.
    """

    def __init__(self, storage: SqlStorage, folder: Path, new_id: NewId, answer_within: float = ANSWER_WITHIN) -> None:
        self._storage = storage
        self._files = SealedFiles(folder / INTAKE, new_id)
        self._answer_within = answer_within
        self._together: Together[Ask, bool | PenumbraError] = Together(self._accept, AT_A_TIME)

    async def __call__(self, event: str, intake: Intake) -> bool:
        """Accept work; False when the platform's event was accepted before.

        Raises:
            IntakeFull: too much waits.
            StorageUnavailable: neither database nor disk takes it.
            UnknownGroup: the group was erased meanwhile.
        """
        if self._together.waiting >= WAITING_AT_MOST:
            raise IntakeFull
        answer = await self._together.ask((event, intake))
        if isinstance(answer, PenumbraError):
            raise answer
        return answer

    async def replay(self) -> int:
        """Bring what waits in files into the database, each piece once; how many files there were."""
        files = await asyncio.to_thread(self._files.waiting)
        for file in files:
            for group, event, sealed in await asyncio.to_thread(self._files.read, file):
                await self._replay(group, event, sealed)
            file.unlink(missing_ok=True)
        return len(files)

    async def _replay(self, group: str, event: bytes, sealed: bytes) -> None:
        try:
            async with self._storage.transaction() as records:
                row = inbox_row(records.transaction.now(), group, event, sealed)
                await records.transaction.insert_new(INBOX, row)
        except UnknownGroup:
            return  # erased meanwhile, with the key of what was sealed

    async def _accept(self, asks: Sequence[Ask]) -> Sequence[bool | PenumbraError]:
        committing = asyncio.create_task(self._commit(asks))
        done, _ = await asyncio.wait({committing}, timeout=self._answer_within)
        try:
            if done:
                return committing.result()
        except StorageUnavailable:
            pass  # as when it does not answer: what is kept twice is one in the end, by its event
        else:
            committing.add_done_callback(_forget)
        return await self._keep_apart(asks)

    async def _commit(self, asks: Sequence[Ask]) -> Sequence[bool | PenumbraError]:
        try:
            return await self._storage.stroke(partial(_put_all, asks))
        except (UnknownGroup, AlreadyKept):  # a group was erased at this very moment: the others are not to suffer
            return [await self._commit_one(ask) for ask in asks]

    async def _commit_one(self, ask: Ask) -> bool | PenumbraError:
        try:
            return (await self._storage.stroke(partial(_put_all, [ask])))[0]
        except UnknownGroup as error:
            return error

    async def _keep_apart(self, asks: Sequence[Ask]) -> Sequence[bool | PenumbraError]:
        """Into a file: only what can be sealed under its group's key, for that is what erasing a group destroys."""
        rows = [self._storage.sealed_apart(event, intake) for event, intake in asks]
        kept = [row for row in rows if row is not None]
        try:
            if kept:
                await asyncio.to_thread(self._files.write, kept)
        except (IntakeFull, OSError):
            rows = [None] * len(asks)
        return [row is not None or StorageUnavailable() for row in rows]


def _put_all(asks: Sequence[Ask], hand: AtHand) -> list[bool | PenumbraError]:
    """Put work into the inbox in one statement, in the order of its keys, so that replicas don't lock each other.

    Returns:
        For each whether it is new; UnknownGroup where the group is not kept.
    """
    answers: list[bool | PenumbraError] = [False] * len(asks)
    rows: dict[tuple[str, bytes], tuple[int, Values]] = {}
    for place, (event, intake) in enumerate(asks):
        key = hand.key_of(intake.group)
        if key is None:
            answers[place] = UnknownGroup()
            continue
        mark = hand.master.lookup("event", event)
        row = inbox_row(hand.now(), intake.group, mark, seal_intake(key, mark, intake))
        rows.setdefault((intake.group, mark), (place, row))
    if rows:
        put = _PUT[hand.connection.dialect.name]
        for done in hand.connection.execute(put, [rows[each][1] for each in sorted(rows)]):
            answers[rows[done.group_id, done.event][0]] = True
    return answers


def _forget(task: "asyncio.Task[Sequence[bool | PenumbraError]]") -> None:
    """Whatever becomes of a commit that nobody waits for: it is in a file."""
    if not task.cancelled():
        task.exception()
