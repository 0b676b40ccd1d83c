"""Digests that are posted are edited once a page they name comes onto the list of bad addresses."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256

from core.errors import Tampered, UnknownGroup
from core.listed_later import ListedAs, listed_of
from core.model import Edition, GroupId, Revision, Week
from core.ports import Records, Storage
from core.revisions import REVISION_WAITS, digest_key

LOOKED_BACK = timedelta(days=8)
"""How long it is known which message a digest is. Who follows a link of an older one is warned before it leads on."""
TOGETHER = 50
"""Editions that are held against the list by one question."""

_Place = tuple[GroupId, Week]


async def edit_posted(storage: Storage, listed_as: ListedAs, now: datetime) -> int:
    """Ask for every recent digest to be edited that names what is listed by now; how many were asked for.

    An edit leaves out what is listed in the moment it is made (`core.listed_later.posting_to_send`), and the figures
    stay as they were frozen. For the same pages of a digest an edit is asked for once, however often this is called.

    Raises:
        StorageUnavailable: it can't be reached; the next call does what this one did not.
    """
    async with storage.reading() as records:
        recent = await records.digests.frozen_since(now - LOOKED_BACK)
    return sum([await _edit(storage, some, listed_as, now) for some in _parted(recent)])


def _parted(places: Sequence[_Place]) -> Iterator[Sequence[_Place]]:
    return (places[start : start + TOGETHER] for start in range(0, len(places), TOGETHER))


async def _edit(storage: Storage, places: Sequence[_Place], listed_as: ListedAs, now: datetime) -> int:
    async with storage.reading() as records:
        editions = [edition for place in places if (edition := await _opened(records, *place)) is not None]
        listed = await listed_of(records, (url for edition in editions for url in _urls(edition)), listed_as)
    touched = [edition for edition in editions if not listed.isdisjoint(_urls(edition))]
    return sum([await _ask(storage, edition, listed, now) for edition in touched])


async def _opened(records: Records, group: GroupId, week: Week) -> Edition | None:
    with suppress(Tampered):  # one that can't be read keeps nobody else's
        return await records.digests.get(group, week)
    return None


def _urls(edition: Edition) -> Iterable[str]:
    return (each.url for each in (*edition.entries, *edition.others))


async def _ask(storage: Storage, edition: Edition, listed: frozenset[str], now: datetime) -> bool:
    pages = sorted(listed.intersection(_urls(edition)))
    which = sha256("\n".join(pages).encode()).hexdigest()[:16]
    key = f"revision:{edition.week}:{edition.shares}:listed:{which}"
    with suppress(UnknownGroup):  # erased meanwhile
        async with storage.transaction() as records:
            if await records.outbox.remote_id(edition.group, digest_key(edition.week)) is not None:
                return await records.outbox.put(edition.group, key, Revision(edition), now + REVISION_WAITS)
    return False  # one that still waits is posted without them
