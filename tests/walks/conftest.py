"""A theatre per story, on each database."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.walks.theatre import Theatre, open_theatre


@pytest.fixture
async def theatre(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Theatre]:
    async with open_theatre(tmp_path, sqlite_url) as opened:
        yield opened


@pytest.fixture
async def theatre_on_each(database_url: str, tmp_path: Path) -> AsyncIterator[Theatre]:
    async with open_theatre(tmp_path, database_url) as opened:
        yield opened
