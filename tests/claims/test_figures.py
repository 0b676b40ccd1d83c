"""Numbers never change once published, and small groups get none."""

import pytest
from sqlalchemy import delete

from bots.slack import editions as slack
from bots.telegram import editions as telegram
from core.anonymity import OpenDpNoise
from core.model import Edition
from storage.clicks import CLICKS
from storage.keys import KEYS, WEEK
from storage.retention import Retention
from tests.claims.small_house import SmallHouse, small_house
from tests.fakes.house import GROUP
from texts.catalogue import Texts
from texts.pictures import chart, png

TEXTS = Texts.load()


async def published(house: SmallHouse, members: int) -> Edition:
    house.messenger.size = members
    await house.live()
    await house.publish()
    edition = await house.services.digests.latest(GROUP)
    assert edition is not None
    return edition


def rendered(edition: Edition) -> bytes:
    """Everything that both platforms show of it, in both languages."""
    shown = [telegram.digest(edition, TEXTS.speak(each)) for each in ("en", "fr")]
    shown += [repr(slack.digest(edition, TEXTS.speak(each), "member-1")) for each in ("en", "fr")]
    pictures = [png(chart(edition, TEXTS.speak(each))) for each in ("en", "fr")]
    return b"".join([*(each.encode() for each in shown), *pictures])


async def test_a_published_digest_is_the_same_to_the_byte_also_when_its_keys_and_counts_are_gone(
    database_url: str,
) -> None:
    async with small_house(database_url) as house:
        house.noise = OpenDpNoise()
        house.services = house.build(house.kept)
        first = rendered(await published(house, members=20))
        await house.services.digests.tick()
        assert rendered(await latest(house)) == first
        async with house.kept.transaction() as records:
            await records.transaction.run(delete(KEYS).where(KEYS.c.kind == WEEK))
            await records.transaction.run(delete(CLICKS))
        house.visitors.forget_before(house.moment)
        house.later(days=60)
        await Retention(house.kept).run()
        house.services = house.build(house.kept)
        assert rendered(await latest(house)) == first


async def latest(house: SmallHouse) -> Edition:
    edition = await house.services.digests.latest(GROUP)
    assert edition is not None
    return edition


@pytest.mark.parametrize("members", [0, 1, 2, 3, 7, 8, 14, 15, 40])
async def test_the_smaller_the_group_the_less_it_is_told(members: int, sqlite_url: str) -> None:
    async with small_house(sqlite_url) as house:
        edition = await published(house, members)
        each = [entry.clicks for entry in (*edition.entries, *edition.others)]
        assert each
        assert (edition.clicks is None) == (members < 8)
        assert all((clicks is None) == (members < 15) for clicks in each)
        if members < 8:
            assert not house.noise.scales, "nothing is even drawn"
