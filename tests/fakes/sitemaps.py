"""Domains that the operator vouches for, in a test's hands."""

from dataclasses import dataclass, field

from core.model import Sitemap


@dataclass
class FakeSitemaps:
    listed: list[Sitemap] = field(default_factory=list)
    trouble: Exception | None = None

    async def read(self) -> list[Sitemap]:
        if self.trouble is not None:
            raise self.trouble
        return list(self.listed)
