"""Keeper of rate buckets: rows that every replica takes from, by the database's clock."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import case, select

from core.errors import TooSoon
from core.rates import Bucket
from storage.tables import RateBucketRow, key_of, table
from storage.transaction import Transaction

RATES: Final = table(RateBucketRow)


class SqlRates:
    """See `core.ports.Rates`."""

    def __init__(self, transaction: Transaction) -> None:
        self._tx = transaction

    async def take(self, buckets: Sequence[Bucket]) -> None:
        """See `core.ports.Rates`. One statement a bucket: whoever comes second sees what the first has taken."""
        now = (await self._tx.clock()).timestamp()
        for bucket in buckets:
            if not await self._taken(bucket, now):
                raise TooSoon(await self._wait(bucket, now), bucket.kind)

    async def push(self, buckets: Sequence[Bucket], seconds: float) -> None:
        """See `core.ports.Rates`."""
        now = (await self._tx.clock()).timestamp()
        for bucket in buckets:
            opens = now + seconds + bucket.rate.ahead  # full until then: not even the calls made at once are left
            insert = self._tx.inserting(RATES).values(self._row(bucket, opens))
            later = case((RATES.c.time > opens, RATES.c.time), else_=opens)
            await self._tx.run(insert.on_conflict_do_update(index_elements=key_of(RATES), set_={"time": later}))

    async def _taken(self, bucket: Bucket, now: float) -> bool:
        rate = bucket.rate
        insert = self._tx.inserting(RATES).values(self._row(bucket, now + rate.interval))
        moved = case((RATES.c.time > now, RATES.c.time), else_=now) + rate.interval
        taken = insert.on_conflict_do_update(
            index_elements=key_of(RATES),
            set_={"time": moved, "used_at": insert.excluded.used_at},
            where=RATES.c.time <= now + rate.ahead,
        )
        return (await self._tx.run(taken.returning(RATES.c.mark))).one_or_none() is not None

    async def _wait(self, bucket: Bucket, now: float) -> float:
        row = await self._tx.one(select(RATES.c.time).where(RATES.c.mark == self._mark(bucket)))
        return max(0.0, row.time - bucket.rate.ahead - now) if row is not None else 0.0

    def _row(self, bucket: Bucket, time: float) -> dict[str, object]:
        return {"mark": self._mark(bucket), "time": time, "used_at": self._tx.now()}

    def _mark(self, bucket: Bucket) -> bytes:
        return self._tx.master.lookup("rate", bucket.kind, *bucket.owner)
