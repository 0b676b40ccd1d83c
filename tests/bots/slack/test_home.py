"""App Home, the message shortcut, and short links of ours in people's messages."""

from typing import Any

from bots.slack import parse
from core.model import Purpose
from tests.bots.slack.stage import GROUP, ROOM, Stage, account

STORY = "https://pages.example/story"


def home(stage: Stage, person: str) -> dict[str, Any]:
    seen = stage.slack.snapshot(person)["conversations"]
    return next(each for each in seen if each["kind"] == "home")["messages"][-1]


def labels(shown: dict[str, Any]) -> list[str]:
    return [button["label"] for row in shown["buttons"] for button in row]


async def test_home_says_what_to_do_where_there_is_nothing(stage: Stage) -> None:
    await stage.slack.open_home("bruno")
    assert "aucun de vos canaux" in home(stage, "bruno")["html"]


async def test_a_member_says_yes_and_no_at_home_where_nobody_sees_it(stage: Stage) -> None:
    await stage.switch_on()
    before = len(stage.messages())
    await stage.slack.open_home("dev")
    assert "reading-room" in home(stage, "dev")["html"]
    assert "Next digest: Monday" in home(stage, "dev")["html"]
    assert "Your links are not counted here" in home(stage, "dev")["html"]
    await stage.slack.press("dev", "home", "", "home_shares")
    assert "shares only" in home(stage, "dev")["html"]
    await stage.slack.press("dev", "home", "", "home_yes")
    assert "shares and clicks" in home(stage, "dev")["html"]
    consent = await stage.house.services.consent.of_member(GROUP, account("dev"))
    assert consent is not None
    assert consent.purposes == {Purpose.SHARES, Purpose.CLICKS}
    await stage.slack.press("dev", "home", "", "home_no")
    assert await stage.house.services.consent.of_member(GROUP, account("dev")) is None
    assert len(stage.messages()) == before


async def test_home_shows_only_channels_one_is_in(stage: Stage) -> None:
    await stage.switch_on()
    await stage.slack.leave("dev", ROOM)
    await stage.slack.open_home("dev")
    assert "reading-room" not in home(stage, "dev")["html"]


async def test_an_admin_switches_on_from_home_and_a_member_has_no_such_button(stage: Stage) -> None:
    await stage.slack.invite_bot("ada", ROOM)
    await stage.slack.open_home("bruno")
    assert labels(home(stage, "bruno")) == []
    await stage.slack.open_home("ada")
    assert labels(home(stage, "ada")) == ["Switch on"]
    stage.breathe()
    await stage.slack.press("ada", "home", "", "home_enable")
    assert await stage.group_is() == "enabled"
    await stage.work()
    assert "If you say yes" in stage.latest()["html"]


async def test_what_goes_wrong_at_home_is_said_at_home(stage: Stage) -> None:
    await stage.switch_on()
    await stage.slack.open_home("dev")
    await stage.slack.remove_bot("ada", ROOM)
    await stage.slack.press("dev", "home", "", "home_yes")
    assert "Penumbra knows nothing about this group" in home(stage, "dev")["html"]


async def test_the_shortcut_shortens_ones_own_message_and_no_other(stage: Stage) -> None:
    await stage.switch_on()
    early = await stage.slack.say("bruno", ROOM, STORY)
    await stage.slack.shortcut("bruno", ROOM, early)
    assert "Si vous dites oui" in stage.latest("bruno")["html"]
    await stage.opt_in("bruno")
    await stage.slack.shortcut("ada", ROOM, early)
    assert "Only your own messages" in stage.latest("ada")["html"]
    assert stage.state.inbox == {}
    await stage.slack.shortcut("bruno", ROOM, early)
    assert "C’est fait" in stage.latest("bruno")["html"]
    await stage.work()
    assert stage.with_button("undo")["thread_of"] == early
    wordless = await stage.slack.say("bruno", ROOM, "Bonjour")
    await stage.slack.shortcut("bruno", ROOM, wordless)
    assert "pas dans ce message de lien" in stage.latest("bruno")["html"]


async def counted_link(stage: Stage) -> str:
    await stage.switch_on()
    await stage.opt_in("bruno")
    await stage.share("bruno", STORY)
    buttons = [button for row in stage.with_button("undo")["buttons"] for button in row]
    return str(next(button["url"] for button in buttons if button["label"] == "Open, counted"))


async def test_a_short_link_shows_where_it_leads(stage: Stage) -> None:
    short = await counted_link(stage)
    stage.breathe()
    await stage.slack.say("bruno", ROOM, f"Again: {short}")
    [call] = stage.calls_of("chat.unfurl")
    assert list(call["unfurls"]) == [short]
    assert STORY in str(call["unfurls"])


async def test_short_links_of_whoever_said_no_or_still_types_are_not_looked_at(stage: Stage) -> None:
    short = await counted_link(stage)
    await stage.slack.say("dev", ROOM, short)
    await stage.slack.type_text("bruno", ROOM, short)
    await stage.slack.say("bruno", "general", short)
    await stage.slack.say("bruno", ROOM, "https://s.example/0000")
    assert stage.calls_of("chat.unfurl") == []


def test_a_code_is_the_last_piece_of_a_path() -> None:
    assert parse.code_in("https://s.example/ABC?x=1#y") == "ABC"
    assert parse.code_in("https://s.example/") == ""
