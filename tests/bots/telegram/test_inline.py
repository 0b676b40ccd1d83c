"""Inline mode in the Book club and outside of it, with the real library over real HTTP."""

import pytest

from bots.telegram.inline import QUERY_AT_MOST
from core.model import DropReason, Taking
from tests.bots.telegram.staging import ARTICLE, Stage
from texts.catalogue import LANGUAGES, Texts

TRACKED = f"{ARTICLE}?utm_source=x"


async def offered(stage: Stage, person: str, query: str, conversation: str | None = None) -> list[dict[str, str]]:
    await stage.telegram.inline(person, conversation or stage.club, query)
    return stage.telegram.inline_results(person)


async def sent(stage: Stage, person: str, result: str, conversation: str | None = None) -> str:
    await offered(stage, person, TRACKED, conversation)
    message = await stage.telegram.choose(person, conversation or stage.club, result)
    await stage.house.work()
    return message


async def test_an_address_is_offered_clean_to_be_counted_or_not(stage: Stage) -> None:
    counted, clean = await offered(stage, "dev", TRACKED)
    assert (counted["title"], clean["title"]) == ("Clean and counted", "Clean only")
    assert "Removed 1 tracker: utm_source" in clean["description"]
    assert not stage.house.storage.state.links
    assert not stage.house.unfurler.asked


async def test_a_listed_address_is_offered_in_no_way(stage: Stage) -> None:
    async with stage.house.storage.transaction() as records:
        await records.listed.replace({ARTICLE})
    assert await offered(stage, "dev", TRACKED) == []


async def test_what_is_sent_to_be_counted_is_the_member_s_own_and_gets_its_card(stage: Stage) -> None:
    await stage.switched_on("dev")
    message = await sent(stage, "dev", "counted")
    own, card = stage.seen("ada")[-2:]
    assert (own["id"], own["author_key"]) == (message, "dev")
    assert "utm_source" not in own["html"]
    assert [button["label"] for row in own["buttons"] for button in row] == ["Open", "Counted?"]
    assert card["reply_to"] == message
    assert "https://s.example/0000000000000001" in card["html"]
    assert len(stage.house.storage.state.shares) == 1
    await stage.tap("dev", "Undo")
    assert not stage.house.storage.state.shares


async def test_it_is_counted_also_by_a_bot_that_hears_only_what_goes_through_it(stage: Stage) -> None:
    await stage.switched_on("dev", rights=())
    await sent(stage, "dev", "counted")
    assert len(stage.house.storage.state.shares) == 1


async def test_clean_only_is_sent_and_nothing_is_kept_though_its_sender_said_yes(stage: Stage) -> None:
    await stage.switched_on("dev")
    await sent(stage, "dev", "clean")
    own = stage.seen("ada")[-1]
    assert ARTICLE in own["html"]
    assert not own["buttons"]
    assert not stage.house.storage.state.inbox
    assert not stage.house.unfurler.asked


async def test_who_has_not_said_yes_is_told_alone_that_it_is_not_counted(stage: Stage) -> None:
    await stage.switched_on()
    await sent(stage, "dev", "counted")
    assert stage.said("dev")[-1].startswith("Your link was sent clean, but not counted")
    assert "not counted" not in stage.said("ada")[-1]
    assert not stage.house.storage.state.inbox
    assert stage.house.drops[DropReason.NO_CONSENT] == 1


async def test_where_the_bot_is_not_it_is_a_plain_link(stage: Stage) -> None:
    elsewhere = await stage.telegram.create_group("dev", "Elsewhere", ["bruno"])
    await sent(stage, "dev", "counted", elsewhere)
    [own] = stage.seen("bruno", elsewhere)
    await stage.telegram.press("bruno", elsewhere, own["id"], "0-1")
    assert stage.toasts("bruno") == [stage.texts.speak("fr").say("inline.about")]
    assert not stage.house.storage.state.inbox


async def test_an_anonymous_admin_sends_nothing_that_is_counted(stage: Stage) -> None:
    await stage.switched_on("ada")
    stage.telegram.set_anonymous("ada", stage.club, on=True)
    await sent(stage, "ada", "counted")
    assert not stage.house.storage.state.inbox


async def test_a_forward_of_it_is_not_counted_again(stage: Stage) -> None:
    await stage.switched_on("dev", "bruno")
    message = await sent(stage, "dev", "counted")
    await stage.telegram.forward("bruno", stage.club, message, stage.club)
    await stage.house.work()
    assert len(stage.house.storage.state.shares) == 1


async def test_where_links_are_taken_on_request_inline_is_a_request_and_a_message_is_none(stage: Stage) -> None:
    await stage.switched_on("dev")
    await stage.configured(taking=Taking.ASKED)
    await stage.share("dev")
    assert not stage.house.storage.state.inbox
    await sent(stage, "dev", "counted")
    assert len(stage.house.storage.state.shares) == 1


@pytest.mark.parametrize(
    ("query", "advice"),
    [
        ("", "inline.how"),
        ("hello there", "inline.how"),
        ("http://192.168.1.1/admin", "inline.untouched"),
        ("https://news.example/" + "a" * QUERY_AT_MOST, "inline.too_long"),
    ],
    ids=["nothing", "words", "intranet", "too long"],
)
@pytest.mark.parametrize("person", ["dev", "bruno"], ids=LANGUAGES)
async def test_what_can_t_be_offered_says_in_one_line_what_to_do(
    stage: Stage, person: str, query: str, advice: str
) -> None:
    assert await offered(stage, person, query) == []
    language = {"dev": "en", "bruno": "fr"}[person]
    button = stage.telegram.inline_advice(person)
    assert button is not None
    assert button["text"] == stage.texts.speak(language).say(advice)
    await stage.telegram.start(person, button["payload"])
    assert "/share" in stage.said(person, stage.telegram.private(person))[-1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_advice_fits_onto_its_button(texts: Texts, language: str) -> None:
    for text_id in ("inline.how", "inline.untouched", "inline.too_long"):
        assert len(texts.speak(language).say(text_id)) <= 64
