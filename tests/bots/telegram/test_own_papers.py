"""What somebody asks about themselves: files to the private chat, words to them alone."""

import json
import re

from core.receipts import verify
from tests.bots.telegram.staging import ARTICLE, Stage
from tests.fakes.house import ISSUER


def files(stage: Stage, name: str) -> list[str]:
    stored = stage.telegram._platform.world.files.values()
    return [each.content.decode() for each in stored if each.name == name]


def private(stage: Stage, person: str) -> str:
    shown = stage.telegram.snapshot(person)["conversations"]
    return next(each["id"] for each in shown if each["kind"] == "private")


def heard(stage: Stage, person: str) -> str:
    """Everything the bot said to one person, in the private chat or in the group for that person's eyes only."""
    mine = [each["html"] for each in stage.seen(person) if each["ephemeral"] and each["is_bot"]]
    return re.sub("<[^>]+>", "", "\n".join([*mine, *stage.said(person, private(stage, person))]))


async def test_mydata_goes_to_the_private_chat_of_who_opened_it(stage: Stage) -> None:
    await stage.switched_on("dev")
    await stage.share("dev")
    await stage.telegram.start("dev")
    before = stage.said("bruno")
    await stage.telegram.say("dev", stage.club, "/mydata")
    [told] = files(stage, "penumbra-mydata.json")
    [group] = json.loads(told)["groups"]
    assert [link["address"] for link in group["shared_in_the_last_14_days"]] == [ARTICLE]
    assert group["consent"]["purposes"] == ["clicks", "shares"]
    assert any("penumbra-mydata.json" in html for html in stage.said("dev", private(stage, "dev")))
    assert stage.said("bruno") == before


async def test_who_never_opened_the_private_chat_gets_a_link_that_is_theirs_alone(stage: Stage) -> None:
    await stage.switched_on("dev")
    await stage.telegram.say("dev", stage.club, "/mydata")
    assert files(stage, "penumbra-mydata.json") == []
    answer = stage.seen("dev")[-1]
    [button] = [button for row in answer["buttons"] for button in row]
    assert ARTICLE not in answer["html"]
    payload = re.search(r"start=([\w-]+)", button["url"])
    assert payload is not None
    await stage.telegram.start("bruno", payload[1])
    assert files(stage, "penumbra-mydata.json") == []
    await stage.telegram.start("dev", payload[1])
    [told] = files(stage, "penumbra-mydata.json")
    assert len(json.loads(told)["groups"]) == 1


async def test_a_receipt_follows_a_yes_where_the_private_chat_is_open_and_comes_again_when_asked(stage: Stage) -> None:
    await stage.telegram.start("dev")
    await stage.switched_on("dev")
    await stage.telegram.say("dev", stage.club, "/receipt")
    first, second = files(stage, "penumbra-receipt.json")
    assert first == second
    receipt = verify(first, ISSUER.signer.public_key)
    assert receipt.group_name == "Book club"
    await stage.telegram.say("dev", private(stage, "dev"), "/receipt")
    assert stage.texts.speak("en").say("telegram.in_group") in heard(stage, "dev")


async def test_without_a_yes_there_is_no_receipt(stage: Stage) -> None:
    await stage.telegram.start("dev")
    await stage.switched_on()
    await stage.telegram.say("dev", stage.club, "/receipt")
    assert files(stage, "penumbra-receipt.json") == []
    assert stage.texts.speak("en").say("receipt.none") in heard(stage, "dev")


async def test_forget_stops_and_erases_here_and_says_what_happens_next(stage: Stage) -> None:
    await stage.telegram.start("dev")
    await stage.switched_on("dev", "bruno")
    await stage.share("dev")
    await stage.telegram.say("dev", stage.club, "/forget")
    assert "24 hours" in heard(stage, "dev")
    assert len(stage.house.storage.state.consents) == 1
    assert not stage.house.storage.state.shares
    before = len(stage.seen("ada"))
    await stage.share("dev", "https://news.example/later")
    assert len(stage.seen("ada")) == before + 1
    await stage.telegram.say("dev", stage.club, "/forget")
    assert "Nothing is kept" in heard(stage, "dev")


async def test_forget_all_works_from_the_private_chat(stage: Stage) -> None:
    await stage.telegram.start("dev")
    await stage.switched_on("dev")
    chat, words = private(stage, "dev"), stage.texts.speak("en")
    await stage.telegram.say("dev", chat, "/forget")
    assert words.say("telegram.forget_where") in heard(stage, "dev")
    assert stage.house.storage.state.consents
    await stage.telegram.say("dev", chat, "/forget all")
    assert "You are forgotten in 1 group:" in heard(stage, "dev")
    assert not stage.house.storage.state.consents
    await stage.telegram.say("dev", chat, "/forget all")
    assert words.say("forget.nowhere") in heard(stage, "dev")
