"""What somebody asks about themselves, for their eyes alone."""

import html
import json
import re

from bots.slack import render
from core.receipts import verify
from playground.people import CAST
from tests.bots.slack.stage import OPERATOR, ROOM, TEXTS, Stage, account
from tests.fakes.house import ISSUER

STORY = "https://pages.example/story"


async def asked(stage: Stage, person: str, words: str) -> str:
    before = stage.messages("ada")
    await stage.slack.command(person, ROOM, "/links", words)
    assert stage.messages("ada") == before
    shown = stage.latest(person)
    assert shown["ephemeral"]
    return shown["html"]


def file_in(shown: str) -> str:
    pieces = re.findall(r"<pre[^>]*>(.*?)</pre>", shown, re.DOTALL)
    return html.unescape(re.sub("<[^>]+>", "", "".join(pieces)))


async def test_mydata_is_shown_to_the_asker_alone(stage: Stage) -> None:
    await stage.switch_on()
    await stage.opt_in("dev")
    await stage.share("dev", f"<{STORY}>")
    told = json.loads(file_in(await asked(stage, "dev", "mydata")))
    assert told["account"] == account("dev")
    [group] = told["groups"]
    assert [link["address"] for link in group["shared_in_the_last_14_days"]] == [STORY]


async def test_a_yes_is_answered_with_the_way_to_its_receipt(stage: Stage) -> None:
    await stage.switch_on()
    await stage.opt_in("dev")
    thanks = stage.latest("dev")
    [[button]] = thanks["buttons"]
    assert button["label"] == "Your receipt"
    await stage.slack.press("dev", ROOM, thanks["id"], button["id"])
    pressed = file_in(stage.latest("dev")["html"])
    assert verify(pressed, ISSUER.signer.public_key).group_name == "reading-room"
    assert file_in(await asked(stage, "dev", "receipt")) == pressed
    assert "no receipt" in await asked(stage, "hana", "receipt")


async def test_forget_stops_and_erases_in_this_channel(stage: Stage) -> None:
    await stage.switch_on()
    await stage.opt_in("dev")
    await stage.opt_in("hana")
    await stage.share("dev", f"<{STORY}>")
    assert "24 hours" in await asked(stage, "dev", "forget")
    assert [key[1] for key in stage.state.consents] == [CAST["hana"].slack_id]
    assert not stage.state.shares
    assert "Nothing is kept" in await asked(stage, "dev", "forget")


async def test_forget_all_is_everywhere_in_the_workspace(stage: Stage) -> None:
    await stage.switch_on()
    await stage.opt_in("dev")
    assert "You are forgotten in 1 group:" in await asked(stage, "dev", "forget all")
    assert not stage.state.consents
    assert "in any group" in await asked(stage, "dev", "forget ALL")


def test_what_is_too_long_for_slack_says_so_and_is_cut_between_characters() -> None:
    said = render.paper("Yours.", "a<&>b" * 40_000, TEXTS.speak("en"), OPERATOR)
    assert len(said.blocks) == 47
    texts = [block["text"]["text"] for block in said.blocks]
    assert all(len(text) <= 3000 for text in texts)
    assert OPERATOR.contact in texts[-1]
    assert html.unescape(texts[1].strip("`")).startswith("a<&>ba<&>b")
    assert not re.search(r"&[a-z]*`", "".join(texts))
