"""Everything that is kept anywhere, as bytes: tables, database files, folders. For looking for canaries in it."""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import select

from storage.sql import SqlStorage
from storage.tables import METADATA

SMALLEST = 6
"""Characters of a canary; a shorter one would be found by chance."""


async def rows(storage: SqlStorage) -> dict[str, bytes]:
    """Each table's rows, their values one after the other as they are."""
    shown: dict[str, bytes] = {}
    async with storage.transaction() as records:
        for table in METADATA.sorted_tables:
            kept = await records.transaction.all(select(table))
            shown[table.name] = b"\n".join(_bytes(value) for row in kept for value in row)
    return shown


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def files(folders: Iterable[Path]) -> dict[str, bytes]:
    """Each file below some folders, its name included."""
    found = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {str(path): path.name.encode() + b"\n" + path.read_bytes() for path in found}


def exposed(canaries: Iterable[str | bytes], where: dict[str, bytes]) -> set[tuple[str, str]]:
    """Which canary stands where, whatever its case; as it is, in base64 or in hexadecimal is the same to a thief."""
    sought = {canary if isinstance(canary, bytes) else canary.encode() for canary in canaries}
    assert all(len(canary) >= SMALLEST for canary in sought)
    lowered = {place: content.lower() for place, content in where.items()}
    return {
        (str(canary), place)
        for canary in sought
        for place, content in lowered.items()
        for spelling in (canary.lower(), canary.hex().encode())
        if spelling in content
    }
