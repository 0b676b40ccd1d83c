"""Is there a fact check? Told to who asks, in others' words."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.telegram.seals import ROOM, Seal, Tap, Verb, packed, unpacked
from core.errors import FactChecksUnavailable
from core.model import FactCheck, LinkId
from tests.bots.telegram.staging import ARTICLE, Stage, TelegramHouse, staged
from tests.fakes.factchecks import FakeFactChecks
from texts.catalogue import Texts

TITLE = "A <b>bold</b> claim"
BUTTON = "Is there a fact check?"
CHECK = FactCheck("Check & Co", "Mostly <false>", "https://checks.example/bold?a=1&b=2", "checks.example", "It is bold")


@pytest.fixture
def checks() -> FakeFactChecks:
    return FakeFactChecks({TITLE: [CHECK]})


@pytest.fixture
async def checked(house: TelegramHouse, checks: FakeFactChecks, texts: Texts) -> AsyncIterator[Stage]:
    house.fact_checks = checks
    async with staged(house, texts) as stage:
        await stage.connection.open()
        await stage.webhook.set_up("http://penumbra.test")
        await stage.switched_on("dev")
        await stage.share("dev")
        yield stage


async def test_who_asks_is_told_alone_and_who_wrote_it(checked: Stage) -> None:
    others = checked.seen("ada")
    await checked.tap("bruno", BUTTON)
    assert checked.seen("ada") == others
    told = checked.seen("bruno")[-1]
    assert told["ephemeral"]
    assert "Check &amp; Co" in told["html"]
    assert "Mostly &lt;false&gt;" in told["html"]
    assert "https://checks.example/bold" in told["html"]


async def test_that_there_is_none_says_nothing_about_the_page(checked: Stage, checks: FakeFactChecks) -> None:
    checks.known.clear()
    await checked.tap("dev", BUTTON)
    assert "says nothing about the page" in checked.seen("dev")[-1]["html"]


async def test_a_service_that_is_away_is_told_in_an_alert(checked: Stage, checks: FakeFactChecks) -> None:
    checks.failure = FactChecksUnavailable()
    await checked.tap("dev", BUTTON)
    assert "can’t be looked up right now" in checked.toasts("dev")[-1]


async def test_without_a_key_there_is_no_button(stage: Stage) -> None:
    await stage.switched_on("dev")
    await stage.share("dev", ARTICLE)
    assert BUTTON not in {button["label"] for row in stage.seen("dev")[-1]["buttons"] for button in row}


@given(st.one_of(st.uuids().map(lambda made: made.hex), st.from_regex(r"[a-z0-9-]{1,22}", fullmatch=True)))
def test_a_link_fits_into_a_button_of_the_longest_group_id(link: str) -> None:
    assert unpacked(packed(LinkId(link))) == link
    tap = Tap(Verb.FACTS, str(-(2**52)), packed(LinkId(link)))
    seal = Seal(b"k")
    assert len(seal.stamp(tap)) <= ROOM
    assert seal.read(seal.stamp(tap)) == tap
