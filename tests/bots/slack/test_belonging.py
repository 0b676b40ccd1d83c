"""Where the bot is, who switches it on, and how everything ends."""

import pytest

from core.errors import PlatformUnavailable, SharedOutside
from core.model import Actor, GroupAddress, GroupState, Platform
from playground.slack.events import envelope
from tests.bots.slack.stage import GROUP, ROOM, Stage, account
from tests.bots.slack.test_home import home, labels


async def test_an_invited_bot_says_once_who_it_is_and_reads_nothing(stage: Stage) -> None:
    await stage.slack.invite_bot("ada", ROOM)
    welcome = stage.latest()
    assert "Gazette IT" in welcome["html"]
    assert [button["label"] for row in welcome["buttons"] for button in row] == ["Switch on (admins)", "What is kept?"]
    assert await stage.group_is() == "pending"
    await stage.slack.say("bruno", ROOM, "https://pages.example/story")
    assert stage.state.inbox == {}


async def test_a_delivery_that_comes_twice_brings_one_welcome(stage: Stage) -> None:
    await stage.slack.invite_bot("ada", ROOM)
    before = len(stage.messages())
    [call] = stage.traffic.calls(method="event:member_joined_channel")
    stage.slack._platform.courier.send_event("member_joined_channel", call.request)
    await stage.slack.settled()
    assert len(stage.messages()) == before


@pytest.mark.parametrize(
    ("person", "says", "yes"),
    [("dev", "If you say yes", "Count my links"), ("bruno", "Si vous dites oui", "Compter mes liens")],
)
async def test_a_newcomer_is_asked_once_alone_and_in_their_language(
    stage: Stage, person: str, says: str, yes: str
) -> None:
    await stage.switch_on()
    before = len(stage.calls_of("chat.postMessage"))
    await stage.slack.leave(person, ROOM)
    await stage.slack.join(person, ROOM)
    asked = stage.latest(person)
    assert asked["ephemeral"]
    assert says in asked["html"]
    assert yes in [button["label"] for row in asked["buttons"] for button in row]
    assert not any(message["ephemeral"] for message in stage.messages("ada"))
    await stage.slack.say(person, ROOM, "https://pages.example/story")
    assert len(stage.calls_of("chat.postEphemeral")) == 1
    assert len(stage.calls_of("chat.postMessage")) == before
    assert stage.state.consents == {}
    await stage.slack.press(person, ROOM, asked["id"], "member_yes")
    consent = await stage.house.services.consent.of_member(GROUP, account(person))
    assert consent is not None


async def test_nobody_is_asked_where_there_is_nothing_to_say_yes_to_and_no_bot_ever(stage: Stage) -> None:
    await stage.slack.invite_bot("ada", ROOM)
    await stage.slack.leave("dev", ROOM)
    await stage.slack.join("dev", ROOM)
    assert stage.calls_of("chat.postEphemeral") == []
    stage.breathe()
    await stage.slack.press("ada", ROOM, stage.with_button("enable")["id"], "enable")
    stage.slack.workspace.accounts[account("dev")].is_bot = True
    await stage.slack.leave("dev", ROOM)
    await stage.slack.join("dev", ROOM)
    assert stage.calls_of("chat.postEphemeral") == []


async def test_an_admin_switches_the_channel_on_and_it_gets_one_notice(stage: Stage) -> None:
    await stage.switch_on()
    assert await stage.group_is() == "enabled"
    welcome, notice = [m for m in stage.messages() if m["is_bot"] and not m["service"]]
    assert "Penumbra is on." in welcome["html"]
    assert welcome["buttons"] == []
    assert "If you say yes" in notice["html"]
    group = await stage.house.services.consent.group(GROUP)
    assert group is not None
    assert group.name == "reading-room"


async def test_a_member_who_is_no_admin_is_told_so_alone(stage: Stage) -> None:
    await stage.slack.invite_bot("ada", ROOM)
    await stage.slack.press("bruno", ROOM, stage.latest()["id"], "enable")
    assert await stage.group_is() == "pending"
    answer = stage.latest("bruno")
    assert answer["ephemeral"]
    assert "Seul un admin" in answer["html"]
    assert not any(message["ephemeral"] for message in stage.messages("ada"))


async def test_the_creator_of_a_channel_may_switch_it_on(stage: Stage) -> None:
    stage.slack.workspace.channels[ROOM].creator = account("bruno")
    await stage.slack.invite_bot("ada", ROOM)
    stage.breathe()
    await stage.slack.press("bruno", ROOM, stage.latest()["id"], "enable")
    assert await stage.group_is() == "enabled"
    group = await stage.house.services.consent.group(GROUP)
    assert group is not None
    assert group.language == "fr"


async def test_who_is_no_admin_any_more_is_none_at_the_next_press(stage: Stage) -> None:
    channel, people = stage.slack.workspace.channels[ROOM], stage.slack.workspace.accounts
    channel.creator = account("dev")
    await stage.switch_on()
    await stage.slack.command("ada", ROOM, "/links", "pause 2w")
    assert await stage.group_is() == "paused"
    people[account("ada")].is_admin = people[account("ada")].is_owner = False
    await stage.slack.command("ada", ROOM, "/links", "on")
    assert "Only an admin" in stage.latest("ada")["html"]
    assert await stage.group_is() == "paused"
    await stage.slack.open_home("ada")
    assert "Switch on" not in labels(home(stage, "ada"))


async def test_a_removed_bot_stops_at_once(stage: Stage) -> None:
    await stage.switch_on()
    await stage.slack.remove_bot("ada", ROOM)
    assert await stage.group_is() == "erasing"


async def test_a_channel_with_another_id_keeps_everything(stage: Stage) -> None:
    await stage.switch_on()
    await stage.opt_in("bruno")
    new = await stage.slack.change_channel_id(ROOM)
    moved = GroupAddress(Platform.SLACK, GROUP.workspace, new)
    assert await stage.group_is() is None
    assert await stage.house.services.consent.may_count(moved, account("bruno")) is not None


async def test_uninstalling_stops_every_channel_of_the_workspace(stage: Stage) -> None:
    await stage.switch_on()
    await stage.slack.invite_bot("ada", "general")
    elsewhere = GroupAddress(Platform.SLACK, "T0ELSEWHERE", "C0ELSEWHERE")
    await stage.house.services.groups.bot_added(elsewhere, "theirs", "en")
    await stage.slack.uninstall("ada")
    states = {group.address: group.state for group in stage.state.groups.values()}
    assert states.pop(elsewhere) is GroupState.PENDING
    assert set(states.values()) == {GroupState.ERASING}
    assert len(states) == 2
    assert await stage.installs.of(GROUP.workspace) is None


async def test_a_persons_own_token_ending_is_not_the_end_of_ours(stage: Stage) -> None:
    await stage.switch_on()
    event = {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}}
    platform = stage.slack._platform
    platform.courier.send_event("tokens_revoked", envelope(platform, event, None))
    await stage.slack.settled()
    assert await stage.group_is() == "enabled"
    await stage.slack.revoke_tokens()
    assert await stage.group_is() == "erasing"


async def test_a_channel_shared_with_another_workspace_is_paused_and_told_why(stage: Stage) -> None:
    await stage.switch_on()
    await stage.opt_in("bruno")
    stage.breathe()
    await stage.slack.share_channel(ROOM)
    assert await stage.group_is() == "paused"
    assert "shared with another workspace" in stage.latest()["html"]
    await stage.share("bruno", "https://pages.example/story")
    assert stage.state.inbox == {}
    await stage.slack.share_channel(ROOM, shared=False)
    stage.breathe()
    await stage.slack.press("ada", ROOM, stage.with_button("enable")["id"], "enable")
    assert await stage.group_is() == "enabled"


async def test_a_shared_channel_is_switched_on_from_nowhere(stage: Stage) -> None:
    await stage.switch_on()
    stage.breathe()
    await stage.slack.share_channel(ROOM)
    await stage.slack.open_home("ada")
    await stage.slack.press("ada", "home", "", "home_enable")
    assert "shared with another workspace" in home(stage, "ada")["html"]
    await stage.slack.command("ada", ROOM, "/links", "on")
    assert "shared with another workspace" in stage.latest("ada")["html"]
    for who in (Actor(account("ada")), Actor(None, speaks_as_group=True)):
        with pytest.raises(SharedOutside):
            await stage.house.services.groups.enable(GROUP, who, "reading-room", "en")
    assert await stage.group_is() == "paused"


async def test_where_slack_does_not_say_whether_it_is_shared_nothing_is_switched_on(stage: Stage) -> None:
    await stage.slack.invite_bot("ada", ROOM)
    stage.slack.fail_next("conversations.info", "http_500")
    with pytest.raises(PlatformUnavailable):
        await stage.messenger.is_shared_outside(GROUP)
    assert not await stage.messenger.is_shared_outside(GROUP)


async def test_a_bot_invited_into_a_shared_channel_says_why_it_stays_off(stage: Stage) -> None:
    await stage.slack.share_channel(ROOM)
    await stage.slack.invite_bot("ada", ROOM)
    assert "shared with another workspace" in stage.latest()["html"]
    assert await stage.group_is() is None
