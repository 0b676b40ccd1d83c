"""Digests that are posted are edited once a page they name comes onto the list of bad addresses."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256

from core.errors import Tampered, UnknownGroup
from core.model import Edition, GroupId, Revision, Week
from core.ports import Storage
from core.revisions import REVISION_WAITS, digest_key

LOOKED_BACK = timedelta(days=8)
"""How long it is known which message a digest is. Who follows a link of an older one is warned before it leads on."""
Names = Callable[[str], bool]
"""Whether an address is on the new list."""


async def edit_posted(storage: Storage, lists: Names, now: datetime) -> int:
    """Ask for every recent digest to be edited that names what is listed by now; how many were asked for.

    An edit leaves out what is listed in the moment it is made (`core.listed_later.posting_to_send`), and the figures
    stay as they were frozen. For the same pages of a digest an edit is asked for once, however often this is called.

    Raises:
        StorageUnavailable: it can't be reached; the next call does what this one did not.
    """
    async with storage.reading() as records:
        recent = await records.digests.frozen_since(now - LOOKED_BACK)
    # one after the other: an edition costs some two milliseconds, and clicks are answered in between
    return sum([await _edit(storage, *place, lists, now) for place in recent])


async def _edit(storage: Storage, group: GroupId, week: Week, lists: Names, now: datetime) -> bool:
    edition = None
    async with storage.reading() as records:
        with suppress(Tampered):  # one that can't be read keeps nobody else's
            edition = await records.digests.get(group, week)
    if edition is None or not (pages := sorted(set(filter(lists, _urls(edition))))):
        return False
    return await _ask(storage, edition, pages, now)


def _urls(edition: Edition) -> Iterable[str]:
    return (each.url for each in (*edition.entries, *edition.others))


async def _ask(storage: Storage, edition: Edition, pages: list[str], now: datetime) -> bool:
    which = sha256("\n".join(pages).encode()).hexdigest()[:16]
    key = f"revision:{edition.week}:{edition.shares}:listed:{which}"
    with suppress(UnknownGroup):  # erased meanwhile
        async with storage.transaction() as records:
            if await records.outbox.remote_id(edition.group, digest_key(edition.week)) is not None:
                return await records.outbox.put(edition.group, key, Revision(edition), now + REVISION_WAITS)
    return False  # one that still waits is posted without them
