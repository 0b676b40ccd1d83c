"""Previews: remembered for a while, failures too."""

from dataclasses import fields
from datetime import timedelta

from core.model import Preview
from core.ports import CachedPreview, Storage
from tests.fakes.clock import Clock

PREVIEW = Preview("https://news.example/a", "news.example", "Title", "Ünïcode", noindex=True)


async def test_a_preview_is_remembered_until_it_is_too_old(storage: Storage, clock: Clock) -> None:
    async with storage.transaction() as records:
        assert await records.previews.get("news.example/a") is None
        await records.previews.put("news.example/a", PREVIEW, clock() + timedelta(hours=1))
    async with storage.transaction() as records:
        found = await records.previews.get("news.example/a")
    assert found == CachedPreview(PREVIEW)
    assert all(getattr(PREVIEW, field.name) == getattr(found.preview, field.name) for field in fields(Preview))
    clock.forward(hours=1)
    async with storage.transaction() as records:
        assert await records.previews.get("news.example/a") is None


async def test_that_there_was_none_is_remembered_too_and_a_later_answer_replaces_it(
    storage: Storage, clock: Clock
) -> None:
    later = clock() + timedelta(minutes=5)
    async with storage.transaction() as records:
        await records.previews.put("news.example/a", None, later)
        assert await records.previews.get("news.example/a") == CachedPreview(None)
        await records.previews.put("news.example/a", PREVIEW, later)
        assert await records.previews.get("news.example/a") == CachedPreview(PREVIEW)
