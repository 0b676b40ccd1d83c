"""App Home, the message shortcut, and short links of ours in people's messages."""

from dataclasses import replace
from typing import Any

import pytest

from bots.slack import forms, home_view, parse
from core.model import Code, Preview, Purpose, Schedule
from tests.bots.slack.stage import GROUP, MONDAY, ROOM, TEXTS, Stage, account
from tests.storage.stories import a_group

STORY = "https://pages.example/story"


def home(stage: Stage, person: str) -> dict[str, Any]:
    seen = stage.slack.snapshot(person)["conversations"]
    return next(each for each in seen if each["kind"] == "home")["messages"][-1]


def modal(stage: Stage, person: str) -> dict[str, Any]:
    shown = stage.slack.snapshot(person)["modal"]
    assert shown is not None
    return dict(shown)


async def test_each_switch_says_aloud_which_channel_it_is_about(stage: Stage) -> None:
    await stage.switch_on()
    await stage.opt_in("dev")
    for person in ("ada", "dev"):
        await stage.slack.open_home(person)
        blocks = stage.calls_of("views.publish")[-1]["view"]["blocks"]
        switches = [each for block in blocks if block.get("block_id") == f"home-{ROOM}" for each in block["elements"]]
        assert switches
        for each in switches:
            assert each["accessibility_label"] == f"{each['text']['text']} – reading-room"


async def purposes(stage: Stage, person: str) -> frozenset[Purpose] | None:
    consent = await stage.house.services.consent.of_member(GROUP, account(person))
    return consent.purposes if consent else None


def labels(shown: dict[str, Any]) -> list[str]:
    return [button["label"] for row in shown["buttons"] for button in row]


async def test_home_says_what_to_do_where_there_is_nothing(stage: Stage) -> None:
    await stage.slack.open_home("bruno")
    assert "aucun de vos canaux" in home(stage, "bruno")["html"]


async def test_a_member_reads_chooses_and_stops_at_home_where_nobody_sees_it(stage: Stage) -> None:
    await stage.switch_on()
    before = len(stage.messages())
    await stage.slack.open_home("dev")
    assert "reading-room" in home(stage, "dev")["html"]
    assert "Next digest: Monday" in home(stage, "dev")["html"]
    assert "Your links are not counted here" in home(stage, "dev")["html"]
    await stage.slack.press("dev", "home", "", "home_mine")
    assert "If you say yes" in modal(stage, "dev")["html"]
    await stage.slack.submit_modal("dev", {"purposes": ["shares", "statistics"]})
    assert "You said yes here to: shares, figures across groups." in home(stage, "dev")["html"]
    assert await purposes(stage, "dev") == {Purpose.SHARES, Purpose.STATISTICS}
    await stage.slack.press("dev", "home", "", "home_receipt")
    assert "signature" in modal(stage, "dev")["html"]
    await stage.slack.press("dev", "home", "", "home_no")
    assert await purposes(stage, "dev") is None
    assert len(stage.messages()) == before


async def test_each_purpose_is_refused_on_its_own_and_no_shares_is_no_to_all(stage: Stage) -> None:
    await stage.switch_on()
    await stage.slack.open_home("dev")
    for chosen, kept in (
        (["clicks"], None),
        (["shares", "clicks", "statistics"], set(Purpose)),
        (["shares", "clicks"], {Purpose.SHARES, Purpose.CLICKS}),
        (["clicks", "statistics"], None),
        ([], None),
    ):
        await stage.slack.press("dev", "home", "", "home_mine")
        await stage.slack.submit_modal("dev", {"purposes": chosen})
        assert await purposes(stage, "dev") == kept
    await stage.slack.press("dev", "home", "", "home_mine")
    await stage.slack.submit_modal("dev", {"purposes": ["statistics"]})
    assert "only counted together with shares" in modal(stage, "dev")["html"]


async def test_what_is_kept_is_told_at_home(stage: Stage) -> None:
    await stage.switch_on()
    await stage.opt_in("bruno")
    await stage.slack.open_home("bruno")
    await stage.slack.press("bruno", "home", "", "home_mydata")
    assert "reading-room" in modal(stage, "bruno")["html"]


async def test_home_shows_only_channels_one_is_in(stage: Stage) -> None:
    await stage.switch_on()
    await stage.slack.leave("dev", ROOM)
    await stage.slack.open_home("dev")
    assert "reading-room" not in home(stage, "dev")["html"]


async def test_an_admin_switches_on_from_home_and_a_member_has_no_such_button(stage: Stage) -> None:
    await stage.slack.invite_bot("ada", ROOM)
    await stage.slack.open_home("bruno")
    assert labels(home(stage, "bruno")) == ["Ce qui est gardé sur moi"]
    await stage.slack.open_home("ada")
    assert labels(home(stage, "ada")) == ["Switch on", "What is kept about me", "Past figures"]
    stage.breathe()
    await stage.slack.press("ada", "home", "", "home_enable")
    await stage.work()
    assert await stage.group_is() == "enabled"
    assert "If you say yes" in stage.latest()["html"]
    await stage.slack.press("ada", "home", "", "home_pages")
    assert "/in/secret-" in str(modal(stage, "ada")["buttons"])


async def test_an_admin_sets_language_day_and_hour_at_home(stage: Stage) -> None:
    await stage.switch_on()
    await stage.slack.open_home("ada")
    await stage.slack.press("ada", "home", "", "home_language", option=f"{ROOM} fr")
    await stage.slack.press("ada", "home", "", "home_settings")
    wanted = {"weekday": "4", "hour": "17", "zone": "Europe/Paris", "size": "7", "offered": ["shares"]}
    await stage.slack.submit_modal("ada", wanted)
    group = await stage.house.services.consent.group(GROUP)
    assert group is not None
    assert (group.language, group.digest_size, group.offered) == ("fr", 7, {Purpose.SHARES})
    assert group.schedule == Schedule("Europe/Paris", 4, 17)
    assert "Next digest: Friday" in home(stage, "ada")["html"]
    await stage.slack.press("ada", "home", "", "home_preview")
    assert "A sample: nothing was shared" in modal(stage, "ada")["html"]
    assert "Le pain sans pétrissage" in modal(stage, "ada")["html"]
    assert modal(stage, "ada")["buttons"] == []


async def test_the_next_digest_is_previewed_with_nothing_to_press(stage: Stage) -> None:
    await stage.switch_on()
    await stage.opt_in("bruno")
    await stage.share("bruno", STORY)
    stage.breathe(days=6, hours=20)  # still before Monday nine o'clock, in the week that it will be about
    await stage.slack.open_home("ada")
    await stage.slack.press("ada", "home", "", "home_preview")
    assert "1 share" in modal(stage, "ada")["html"]
    assert modal(stage, "ada")["buttons"] == []


async def test_an_admin_pauses_for_a_while_and_a_member_can_not(stage: Stage) -> None:
    await stage.switch_on()
    await stage.slack.open_home("ada")
    await stage.slack.press("ada", "home", "", "home_pause")
    await stage.slack.submit_modal("ada", {"for": "2"})
    assert await stage.group_is() == "paused"
    assert "Paused until Monday 7 December" in home(stage, "ada")["html"]
    await stage.slack.press("ada", "home", "", "home_enable")
    await stage.slack.command("dev", ROOM, "/links", "pause 2w")
    assert "Only an admin" in stage.latest("dev")["html"]
    await stage.slack.command("dev", ROOM, "/links", "settings")
    assert "Only an admin" in modal(stage, "dev")["html"]
    assert await stage.group_is() == "enabled"


async def test_what_goes_wrong_at_home_is_said_at_home(stage: Stage) -> None:
    await stage.switch_on()
    await stage.slack.open_home("dev")
    await stage.slack.press("dev", "home", "", "home_mine")
    await stage.slack.remove_bot("ada", ROOM)
    await stage.slack.submit_modal("dev", {"purposes": ["shares"]})
    assert "Penumbra knows nothing about this group" in modal(stage, "dev")["html"]
    await stage.slack.open_home("dev")
    assert labels(home(stage, "dev")) == ["What is kept about me"]


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


async def test_what_the_page_said_stands_with_it_in_its_own_group_alone(stage: Stage) -> None:
    stage.house.unfurler.pages[STORY] = Preview(STORY, "pages.example", "A <!channel> story", "About <it>")
    short = await counted_link(stage)
    stage.breathe()
    await stage.slack.say("bruno", ROOM, f"Again: {short}")
    [call] = stage.calls_of("chat.unfurl")
    [about] = [block["text"]["text"] for block in call["unfurls"][short]["blocks"]]
    assert about.startswith(f"*<{STORY}|A &lt;!channel&gt; story>*")
    assert about.endswith(f"Leads to pages.example: <{STORY}|{STORY}>")


async def test_a_short_link_to_an_address_that_was_listed_since_shows_no_way_there(stage: Stage) -> None:
    short = await counted_link(stage)
    stage.breathe()
    code = Code(short.rpartition("/")[2])
    found = await stage.house.services.links.resolve(code)
    assert found is not None
    stage.house.cache.put(code, found._replace(listed=True))
    await stage.slack.say("bruno", ROOM, f"Again: {short}")
    assert stage.calls_of("chat.unfurl") == []


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


@pytest.mark.parametrize(("language", "called"), [("en", "A group without a name"), ("fr", "Un groupe sans nom")])
@pytest.mark.parametrize("name", ["", "\u202e\u2066 "])
def test_a_channel_without_a_name_that_can_be_seen_is_called_so(language: str, called: str, name: str) -> None:
    group = replace(a_group(lambda: MONDAY), name=name)
    place = home_view.Place(group, None, may_administer=True, editing=home_view.Editing(possible=False, on=False))
    assert called in str(home_view.home([place], TEXTS.speak(language)))
    assert called in str(forms.mine(group, None, "notice", TEXTS.speak(language), "C1"))
