"""The digest on Slack: with Slack's own chart where it is known, complete in words everywhere."""

import re
from datetime import timedelta

import pytest

from bots.slack import editions
from core.anonymity import Gate
from core.digests import is_full
from core.model import Digest, Outcome, Refused, Sent
from tests.bots.slack.stage import GROUP, ROOM, TEXTS, Stage
from tests.fakes.editions import week_of
from texts.catalogue import LANGUAGES
from texts.pictures import told


async def posted(stage: Stage, links: int) -> Outcome:
    return await stage.messenger.post(GROUP, Digest(week_of(links)), "digest:2026-W47")


def kinds(request: dict[str, object]) -> list[str]:
    return [block["type"] for block in request["blocks"]]  # type: ignore[index,attr-defined] # recorded JSON


@pytest.fixture
async def present(stage: Stage) -> Stage:
    await stage.slack.invite_bot("ada", ROOM)
    stage.breathe()
    return stage


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("gate", list(Gate))
@pytest.mark.parametrize("links", [1, 2, 3, 5, 8])
def test_every_figure_of_the_chart_is_in_the_words_and_read_aloud(language, gate, links):
    words, edition = TEXTS.speak(language), week_of(links, gate, language)
    said = editions.digest(edition, words, "member-1")
    assert (words.say("chart.by_day") in said.text) == is_full(edition)
    if is_full(edition):
        assert all(
            re.search(rf"(?<!\d){figure}(?!\d)", said.text) for figure in re.findall(r"\d+", told(edition, words))
        )


async def test_a_week_of_three_links_has_slack_s_own_chart(present: Stage) -> None:
    outcome = await posted(present, 3)
    assert outcome == Sent(present.latest()["id"])
    [call] = [call for call in present.calls_of("chat.postMessage") if "data_visualization" in kinds(call)]
    assert kinds(call)[0] == "header"


async def test_a_week_of_two_links_is_told_in_short(present: Stage) -> None:
    await posted(present, 2)
    assert not any("data_visualization" in kinds(call) for call in present.calls_of("chat.postMessage"))


async def test_where_slack_knows_no_charts_the_digest_is_posted_once_in_words(present: Stage) -> None:
    present.slack._platform.charts = False
    before = len(present.messages())
    outcome = await posted(present, 3)
    assert outcome == Sent(present.latest()["id"])
    assert len(present.messages()) == before + 1
    assert await present.messenger.find(GROUP, "digest:2026-W47") == present.latest()["id"]


async def test_another_refusal_is_not_followed_by_a_second_attempt(present: Stage) -> None:
    present.slack.fail_next("chat.postMessage", "is_archived")
    before = len(present.calls_of("chat.postMessage"))
    assert await posted(present, 3) == Refused("is_archived")
    assert len(present.calls_of("chat.postMessage")) == before + 1


async def test_why_is_told_to_the_asker_alone_and_stays_as_it_was_frozen(stage: Stage) -> None:
    await stage.switch_on()
    await stage.opt_in("bruno")
    await stage.share("bruno", "https://pages.example/x")
    stage.breathe(days=7)
    await stage.house.services.digests.tick()
    await stage.work()
    edition = await stage.house.services.digests.latest(GROUP)
    assert edition is not None
    chosen = f"{edition.week} {edition.entries[0].link}"
    digest = stage.with_button("why")
    for waited in (timedelta(0), timedelta(days=2)):
        stage.clock.advance(waited)
        await stage.slack.press("chloe", ROOM, digest["id"], "why", option=chosen)
        assert "Pourquoi est-ce ici" in stage.latest("chloe")["html"]
        assert "Score 3" in stage.latest("chloe")["html"]
        assert "Pourquoi est-ce ici" not in stage.latest("bruno")["html"]
