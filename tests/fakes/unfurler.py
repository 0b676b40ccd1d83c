"""An unfurler that knows some pages by heart."""

from core.model import GroupId, Preview


class FakeUnfurler:
    """`Unfurler` over a dictionary; remembers what it was asked, and can be made to fail."""

    def __init__(self, pages: dict[str, Preview] | None = None) -> None:
        self.pages = pages or {}
        self.asked: list[str] = []
        self.failure: Exception | None = None

    async def unfurl(self, url: str, group: GroupId) -> Preview | None:
        self.asked.append(url)
        if self.failure is not None:
            raise self.failure
        return self.pages.get(url)
