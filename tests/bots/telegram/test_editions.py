"""The digest on Telegram: with its chart, complete in words, within the platform's room."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.telegram import editions
from bots.telegram.parse import address_of
from bots.telegram.render import MESSAGE_AT_MOST, utf16_length
from core.anonymity import Gate
from core.editions import is_full, without
from core.model import Brought, Digest, Outcome, Revision, Sent, Week
from playground.telegram.errors import bad_request
from tests.bots.telegram.staging import Stage
from tests.bots.telegram.test_asides import weekly
from tests.fakes.editions import week_of
from texts.catalogue import LANGUAGES, Texts
from texts.pictures import told

TEXTS = Texts.load()


async def posted(stage: Stage, digest: Digest) -> Outcome:
    return await stage.bot.messenger.post(address_of(stage.club), digest, f"digest:{digest.edition.week}")


async def present(stage: Stage) -> Stage:
    await stage.telegram.invite_bot("ada", stage.club)
    return stage


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("gate", list(Gate))
@pytest.mark.parametrize("links", [1, 2, 3, 5, 8])
def test_every_figure_of_the_chart_is_in_the_words(language, gate, links):
    words, edition = TEXTS.speak(language), week_of(links, gate, language)
    html = editions.digest(edition, words)
    assert (words.say("chart.by_day.frozen") in html) == is_full(edition)
    if is_full(edition):
        assert all(re.search(rf"(?<!\d){figure}(?!\d)", html) for figure in re.findall(r"\d+", told(edition, words)))


async def test_a_week_of_three_links_is_a_photo_with_the_words_under_it_silently(stage: Stage) -> None:
    edition = week_of(3)
    outcome = await posted(await present(stage), Digest(edition))
    [*_, message] = stage.seen("hana")
    assert outcome == Sent(message["id"])
    assert message["image"]
    assert "The links of the week" in message["html"]
    [call] = [call for call in stage.traffic.calls() if call.method == "sendPhoto"]
    assert str(call.request["disable_notification"]).lower() == "true"


@pytest.mark.parametrize("links", [1, 2])
async def test_a_week_of_one_or_two_links_is_told_in_short(stage: Stage, links: int) -> None:
    await posted(await present(stage), Digest(week_of(links)))
    message = stage.seen("hana")[-1]
    assert not message["image"]
    assert "Shares by day" not in message["html"]


async def test_words_too_long_for_a_caption_are_followed_by_the_chart(stage: Stage) -> None:
    edition = week_of(10, size=10)
    outcome = await posted(await present(stage), Digest(edition))
    [*_, words, picture] = stage.seen("hana")
    assert outcome == Sent(f"{words['id']}+{picture['id']}")
    assert not words["image"]
    assert picture["image"]
    assert (picture["html"], picture["reply_to"]) == ("", words["id"])


async def test_a_share_taken_out_is_taken_out_of_the_words_and_of_the_chart_below_them(stage: Stage) -> None:
    edition = week_of(10, size=10)
    outcome = await posted(await present(stage), Digest(edition))
    [*_, words, picture] = stage.seen("hana")
    assert isinstance(outcome, Sent)
    stage.house.clock.advance(timedelta(seconds=5))
    gone = Brought(edition.entries[0].link, edition.week, edition.entries[0].first_shared_at)
    revision = Revision(without(edition, gone, "UTC"), posted=outcome.remote_id)
    again = await stage.bot.messenger.post(address_of(stage.club), revision, f"revision:{edition.week}:1")
    assert again == outcome
    [*_, words_now, picture_now] = stage.seen("hana")
    assert (words_now["id"], picture_now["id"]) == (words["id"], picture["id"])
    assert words_now["html"] != words["html"]
    assert picture_now["image"] != picture["image"]


async def test_who_asks_for_the_digest_sees_its_chart_and_nobody_else_does(stage: Stage) -> None:
    await three_links(stage)
    before = stage.said("hana")
    await stage.telegram.command("chloe", stage.club, "digest")
    answer = stage.seen("chloe")[-1]
    assert answer["ephemeral"]
    assert answer["image"]
    assert "Les liens de la semaine" in answer["html"]
    assert stage.said("hana") == before


async def test_where_nothing_can_be_whispered_it_comes_in_private_with_its_chart(stage: Stage) -> None:
    await three_links(stage)
    await stage.telegram.start("chloe")
    stage.telegram.fail_next("sendPhoto", bad_request("MESSAGE_NOT_COMMAND"))
    stage.telegram.fail_next("sendMessage", bad_request("MESSAGE_NOT_COMMAND"))
    await stage.telegram.command("chloe", stage.club, "digest")
    answer = stage.seen("chloe", stage.telegram.private("chloe"))[-1]
    assert answer["image"]
    assert "Les liens de la semaine" in answer["html"]


async def three_links(stage: Stage) -> None:
    """A week of three links, and its digest posted."""
    await stage.switched_on("dev")
    for page in ("a", "b", "c"):
        await stage.share("dev", f"https://{page}.example/page")
        stage.house.clock.advance(timedelta(minutes=1))
    stage.house.clock.advance(timedelta(days=7))
    await stage.house.services.digests.tick()
    await stage.house.work()


async def test_where_photos_are_not_allowed_the_words_are_posted_alone(stage: Stage) -> None:
    stage.telegram.fail_next("sendPhoto", bad_request("not enough rights to send photos to the chat"))
    outcome = await posted(await present(stage), Digest(week_of(3)))
    digests = [message for message in stage.seen("hana") if "The links of the week" in message["html"]]
    assert [outcome] == [Sent(message["id"]) for message in digests]


async def test_a_chart_that_does_not_get_through_takes_nothing_from_the_words(stage: Stage) -> None:
    stage.telegram.fail_next("sendPhoto", bad_request("not enough rights to send photos to the chat"))
    outcome = await posted(await present(stage), Digest(week_of(10, size=10)))
    assert outcome == Sent(stage.seen("hana")[-1]["id"])


async def test_why_is_told_to_the_asker_alone_in_the_asker_s_language(stage: Stage) -> None:
    await weekly(stage)
    before = stage.said("hana")
    await stage.tap("chloe", "Why these links?")
    answer = stage.seen("chloe")[-1]
    assert answer["ephemeral"]
    assert "Pourquoi est-ce ici" in answer["html"]
    assert "Score 3" in answer["html"]
    assert stage.said("hana") == before


async def test_why_is_told_again_as_it_was_frozen(stage: Stage) -> None:
    await weekly(stage)
    group = await stage.group()
    assert group is not None
    edition = await stage.house.services.digests.latest(group.address)
    assert edition is not None
    stage.house.clock.advance(timedelta(days=3))
    again = await stage.house.services.digests.of_week(group.address, edition.week)
    assert again == edition
    assert await stage.house.services.digests.of_week(group.address, Week("2020-W01")) is None


@given(st.integers(0, 12), st.sampled_from(Gate), st.sampled_from(LANGUAGES))
def test_the_reasons_fit_and_are_escaped(links: int, gate: Gate, language: str) -> None:
    html = editions.why(week_of(links, gate, language), TEXTS.speak(language))
    assert utf16_length(html) <= MESSAGE_AT_MOST
    assert "<b>Free" not in html
