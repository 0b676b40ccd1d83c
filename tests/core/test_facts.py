"""Fact checks are looked up when somebody asks, and leave nothing behind."""

import pytest

from core.errors import FactChecksUnavailable, LinkGone
from core.facts import Found
from core.model import Card, FactCheck, GroupAddress, LinkId, Platform, Preview
from tests.fakes.factchecks import FakeFactChecks
from tests.fakes.house import GROUP, House

NEWS = "https://news.example/a"
TITLE = "The moon is made of cheese"
CHECK = FactCheck("Check Desk", "False", "https://checks.example/moon", "checks.example", "The moon is cheese")


async def ready(checks: FakeFactChecks | None, title: str | None = TITLE) -> tuple[House, Card]:
    house = House(fact_checks=checks)
    await house.switch_on()
    await house.opt_in()
    house.unfurler.pages[NEWS] = Preview(NEWS, "news.example", title)
    await house.post(NEWS)
    await house.work()
    ((_, card, _),) = house.messenger.posted
    assert isinstance(card, Card)
    return house, card


async def test_a_fact_check_is_found_by_the_title_and_only_when_asked_for():
    checks = FakeFactChecks({TITLE: [CHECK]})
    house, card = await ready(checks)
    assert card.links[0].checkable
    assert checks.asked == []
    before = house.storage.state.copy()
    assert await house.services.facts.about(GROUP, card.links[0].link) == Found(TITLE, (CHECK,))
    assert checks.asked == [TITLE]
    assert house.storage.state == before


async def test_without_a_key_or_a_title_no_card_offers_it():
    house, card = await ready(None)
    assert not card.links[0].checkable
    with pytest.raises(FactChecksUnavailable):
        await house.services.facts.about(GROUP, card.links[0].link)
    checks = FakeFactChecks()
    house, card = await ready(checks, title=None)
    assert not card.links[0].checkable
    with pytest.raises(LinkGone):
        await house.services.facts.about(GROUP, card.links[0].link)
    assert checks.asked == []


async def test_a_link_of_another_group_or_none_is_not_looked_up():
    checks = FakeFactChecks({TITLE: [CHECK]})
    house, card = await ready(checks)
    elsewhere = GroupAddress(Platform.TELEGRAM, "", "-1002")
    for address, link in ((elsewhere, card.links[0].link), (GROUP, LinkId("none"))):
        with pytest.raises(LinkGone):
            await house.services.facts.about(address, link)
    await house.switch_on(elsewhere)
    with pytest.raises(LinkGone):
        await house.services.facts.about(elsewhere, card.links[0].link)
    assert checks.asked == []


async def test_a_service_that_is_away_is_said_to_be():
    checks = FakeFactChecks()
    house, card = await ready(checks)
    checks.failure = FactChecksUnavailable()
    with pytest.raises(FactChecksUnavailable):
        await house.services.facts.about(GROUP, card.links[0].link)
