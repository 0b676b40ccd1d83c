"""Three replicas, very many digests due in the same second: each group gets its own once, within the limits.

`PENUMBRA_MANY_DIGESTS=10000` is the figure of the design, run by hand; the suite takes fewer.
"""

import asyncio
import os
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from core.model import Code, GroupAddress, GroupId, LinkId, OutboxState, Platform, Schedule, Share
from core.schedules import week_of
from tests.fakes.clock import Clock
from tests.faults.replicas import BadDays, BadPlatform, Replica, replicas, states
from tests.storage.stories import ALICE, a_group, a_link

MANY = int(os.environ.get("PENUMBRA_MANY_DIGESTS", "300"))
AT_A_TIME = 100
pytestmark = [pytest.mark.postgres, pytest.mark.timeout(3600 if MANY > 1000 else 120)]


async def add_groups(house: Replica, clock: Clock) -> None:
    """Every group shared one link last week, and reads its digest at the same second."""
    due = clock() + timedelta(hours=1)
    for start in range(0, MANY, AT_A_TIME):
        async with house.storage.transaction() as records:
            for number in range(start, min(start + AT_A_TIME, MANY)):
                group = GroupId(f"g{number:05}")
                at = GroupAddress(Platform.SLACK, f"T{number % 50}", f"C{number}")
                known = replace(a_group(clock, group), address=at, schedule=Schedule(), next_digest=due)
                link = replace(a_link(clock), id=LinkId(f"l{number}"), group=group, code=Code(f"{number:016}"))
                shared_at = clock() - timedelta(days=1)
                share = Share(group, link.id, ALICE, week_of(shared_at, "UTC"), shared_at, "m1", counts_clicks=False)
                await records.groups.add(known)
                await records.links.add(link)
                await records.shares.add(share)
    clock.moment = due


async def test_each_of_many_groups_gets_its_digest_once(postgres_url: str, clock: Clock) -> None:
    platform = BadPlatform(clock, BadDays(too_many=0.02, wait=(1, 10)))
    async with replicas(postgres_url, 3, clock, platform) as houses:
        await add_groups(houses[0], clock)

        async def replica(house: Replica) -> None:
            while await house.services.digests.tick(AT_A_TIME):
                pass

        await asyncio.gather(*(replica(house) for house in houses))
        while (await states(houses[0]))[OutboxState.WAITING]:
            await asyncio.gather(*(house.services.delivery.post_due(50) for house in houses))
            clock.forward(seconds=1)
        assert await states(houses[0]) == {OutboxState.SENT: MANY}
    digests = Counter(address for address, posting, _ in platform.posted if posting.kind == "digest")
    assert (len(digests), set(digests.values())) == (MANY, {1})
    assert platform.too_early == 0
