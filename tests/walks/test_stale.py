"""A yes that has gone stale: inert at once, its member told once and alone, then forgotten."""

from datetime import timedelta

import pytest

from tests.walks.test_three_walks import suggestion
from tests.walks.theatre import Theatre


def whispered(theatre: Theatre, person: str) -> list[str]:
    """What the bot told one person alone on Slack."""
    mine = theatre.messages("slack", person)
    return [message["html"] for message in mine if message["ephemeral"]]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_year_later_the_member_is_told_once_and_nobody_else(theatre_on_each: Theatre) -> None:
    theatre = theatre_on_each
    await theatre.switched_on("bruno")
    theatre.stage.clock.advance(timedelta(days=366))
    before = len(theatre.messages("slack", "chloe"))
    for _ in range(2):
        await theatre.say("slack", "bruno", suggestion(theatre))
        await theatre.work()
    assert len(theatre.messages("slack", "chloe")) == before + 2
    assert sum("/links join" in said for said in whispered(theatre, "bruno")) == 1
    await theatre.say("telegram", "bruno", suggestion(theatre))
    await theatre.work()
    told = [message["html"] for message in theatre.messages("telegram", "bruno") if message["ephemeral"]]
    assert sum("/join" in said for said in told) == 1
    assert not theatre.stage.sites.visits


async def test_blocking_the_bot_counts_as_withdrawing(theatre: Theatre) -> None:
    await theatre.switched_on("bruno")
    await theatre.stage.telegram.start("bruno")
    await theatre.stage.telegram.block_bot("bruno")
    await theatre.say("telegram", "bruno", suggestion(theatre))
    await theatre.work()
    assert not theatre.stage.sites.visits
