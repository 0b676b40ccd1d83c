"""Is there a fact check? Told to who asks, in others' words, within the three seconds that Slack waits."""

from collections.abc import AsyncIterator

import pytest

from core.errors import FactChecksUnavailable
from core.model import FactCheck, Preview
from tests.bots.slack.stage import ROOM, Stage, on_stage
from tests.fakes.factchecks import FakeFactChecks

PAGE = "https://pages.example/x"
TITLE = "A <bold> claim"
CHECK = FactCheck("Check & Co", "Mostly <false>", "https://checks.example/bold", "checks.example", "It is bold")


@pytest.fixture
def checks() -> FakeFactChecks:
    return FakeFactChecks({TITLE: [CHECK]})


@pytest.fixture
async def checked(checks: FakeFactChecks) -> AsyncIterator[Stage]:
    async with on_stage(fact_checks=checks) as stage:
        stage.house.unfurler.pages[PAGE] = Preview(PAGE, "pages.example", TITLE)
        await stage.switch_on()
        await stage.opt_in("bruno")
        await stage.share("bruno", PAGE)
        yield stage


async def ask(stage: Stage, person: str) -> None:
    await stage.slack.press(person, ROOM, stage.with_button("fact_check")["id"], "fact_check")


async def test_who_asks_is_told_alone_and_who_wrote_it(checked: Stage) -> None:
    others = checked.messages("ada")
    await ask(checked, "dev")
    assert checked.messages("ada") == others
    told = checked.latest("dev")["html"]
    assert "Check &amp; Co" in told
    assert "Mostly &lt;false&gt;" in told
    assert "https://checks.example/bold" in told


async def test_that_there_is_none_says_nothing_about_the_page(checked: Stage, checks: FakeFactChecks) -> None:
    checks.known.clear()
    await ask(checked, "dev")
    assert "says nothing about the page" in checked.latest("dev")["html"]


async def test_a_service_that_is_away_is_said_to_be(checked: Stage, checks: FakeFactChecks) -> None:
    checks.failure = FactChecksUnavailable()
    await ask(checked, "dev")
    assert "can’t be looked up right now" in checked.latest("dev")["html"]


async def test_without_a_key_there_is_no_button(stage: Stage) -> None:
    stage.house.unfurler.pages[PAGE] = Preview(PAGE, "pages.example", TITLE)
    await stage.switch_on()
    await stage.opt_in("bruno")
    await stage.share("bruno", PAGE)
    assert "fact_check" not in str(stage.latest()["buttons"])
