"""Keeper of the figures across groups: public, so in clear; what they cost; the sitemaps they are drawn over."""

import json
from typing import Final

from sqlalchemy import insert, select

from core.ledger import Spending
from core.model import PublishedWeek, Sitemap, Week
from storage import codec
from storage.tables import FiguresRow, SitemapRow, SpendingRow, table
from storage.transaction import Transaction

FIGURES: Final = table(FiguresRow)
SPENDING: Final = table(SpendingRow)
SITEMAPS: Final = table(SitemapRow)


class SqlFigures:
    """See `core.ports.Figures`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def add(self, published: PublishedWeek) -> None:
        """See `core.ports.Figures`."""
        frozen = codec.PUBLISHED.dump_json(published)
        values = {"week": published.week, "released_at": published.released_at, "frozen": frozen}
        await self._tx.run(insert(FIGURES).values(values))

    async def get(self, week: Week) -> PublishedWeek | None:
        """See `core.ports.Figures`."""
        row = await self._tx.one(select(FIGURES.c.frozen).where(FIGURES.c.week == week))
        return codec.read(codec.PUBLISHED, row.frozen) if row else None

    async def latest(self, limit: int) -> list[PublishedWeek]:
        """See `core.ports.Figures`."""
        rows = await self._tx.all(select(FIGURES.c.frozen).order_by(FIGURES.c.week.desc()).limit(limit))
        return [codec.read(codec.PUBLISHED, row.frozen) for row in rows]

    async def spend(self, spending: Spending) -> None:
        """See `core.ports.Figures`."""
        values = {"week": spending.week, "release": spending.release, "spent_at": self._tx.now()}
        await self._tx.run(insert(SPENDING).values(values | {"epsilon": spending.epsilon, "delta": spending.delta}))

    async def spent(self) -> tuple[Spending, ...]:
        """See `core.ports.Figures`."""
        rows = await self._tx.all(select(SPENDING).order_by(SPENDING.c.week, SPENDING.c.release))
        return tuple(Spending(row.week, row.release, row.epsilon, row.delta) for row in rows)

    async def set_sitemap(self, week: Week, sitemap: Sitemap) -> None:
        """See `core.ports.Figures`."""
        values = {"week": week, "domain": sitemap.domain, "pages": json.dumps(sitemap.pages)}
        await self._tx.upsert(SITEMAPS, values | {"taken_at": self._tx.now()})

    async def sitemaps(self, week: Week) -> list[Sitemap]:
        """See `core.ports.Figures`."""
        rows = await self._tx.all(select(SITEMAPS).where(SITEMAPS.c.week == week).order_by(SITEMAPS.c.domain))
        return [Sitemap(row.domain, tuple(json.loads(row.pages))) for row in rows]
