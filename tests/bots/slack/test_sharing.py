"""A member says yes, posts a link, gets a card, takes it back; whoever did not say yes is never read."""

from asyncio import gather
from collections import UserDict
from typing import Any

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest

from bots.slack.app import build_app
from bots.slack.calls import open_client, open_session
from core.model import Account, Preview, Purpose
from tests.bots.slack.stage import GROUP, MONDAY, ROOM, Stage, account

STORY = "https://pages.example/story"


async def ready(stage: Stage, *people: str) -> None:
    await stage.switch_on()
    for person in people:
        await stage.opt_in(person)
    stage.breathe()


async def test_a_members_link_gets_a_card_in_its_thread(stage: Stage) -> None:
    stage.house.unfurler.pages[STORY] = Preview(STORY, "pages.example", "A story", "About something")
    await ready(stage, "bruno")
    ts = await stage.share("bruno", f"Look: {STORY}?utm_source=x")
    card = stage.latest()
    assert card["thread_of"] == ts
    assert "A story" in card["html"]
    assert "Removed 1 tracker: utm_source" in card["html"]
    labels = {button["label"]: button["url"] for row in card["buttons"] for button in row}
    assert labels["Open"] == STORY
    assert str(labels["Open, counted"]).startswith("https://s.example/")
    posted = stage.calls_of("chat.postMessage")[-1]
    assert posted["unfurl_links"] is False
    assert posted["unfurl_media"] is False
    assert STORY in posted["text"]
    assert labels["Open, counted"] in posted["text"]
    assert not card["preview"]


async def test_a_link_in_a_thread_is_answered_there(stage: Stage) -> None:
    await ready(stage, "bruno")
    root = await stage.slack.say("dev", ROOM, "What do you read?")
    await stage.share("bruno", STORY, thread=root)
    assert stage.latest()["thread_of"] == root


async def test_a_member_who_never_said_yes_is_never_read(stage: Stage) -> None:
    await ready(stage, "bruno")
    before = len(stage.traffic.calls(direction="to_platform"))
    for number in range(20):
        await stage.share("dev", f"https://pages.example/{number}")
    assert stage.state.inbox == {}
    assert stage.state.links == {}
    assert len(stage.traffic.calls(direction="to_platform")) == before
    assert stage.house.unfurler.asked == []


class Unreadable(UserDict[str, Any]):
    """An event whose text and blocks must not be touched."""

    def __getitem__(self, key: str) -> Any:
        assert key not in {"text", "blocks", "attachments", "files"}, f"{key} was read"
        return super().__getitem__(key)


def envelope(event: dict[str, Any]) -> dict[str, Any]:
    common = {"channel": ROOM, "channel_type": "group", "event_ts": "1795424400.000200"}
    return {
        "type": "event_callback",
        "team_id": GROUP.workspace,
        "event_id": "Ev1",
        "event": Unreadable(event | common),
    }


def message(user: str) -> Unreadable:
    return Unreadable({"type": "message", "user": user, "ts": "1795424400.000100", "text": STORY, "blocks": []})


async def dispatched(stage: Stage, body: dict[str, Any]) -> int:
    async with open_session() as session:
        app = build_app(open_client(session, stage.slack.base_url + "/api/"), stage.desk)
        # the mode in which Bolt takes a body as data: the only way to hand it one that can object
        return (await app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))).status


async def test_without_a_yes_not_even_the_handler_touches_the_text(stage: Stage) -> None:
    await stage.switch_on()
    said = message(account("dev"))
    for event in (
        dict(said.data),
        {"type": "message", "subtype": "message_changed", "message": said, "previous_message": said},
        {"type": "message", "subtype": "message_deleted", "previous_message": said},
    ):
        assert await dispatched(stage, envelope(event)) == 200


async def test_with_a_yes_the_same_text_is_read(stage: Stage) -> None:
    await ready(stage, "bruno")
    assert await dispatched(stage, envelope(dict(message(account("bruno")).data))) == 500


async def test_what_is_set_as_code_is_no_share(stage: Stage) -> None:
    await ready(stage, "bruno")
    await stage.share("bruno", f"`{STORY}` and ```{STORY}```")
    assert stage.state.inbox == {}


async def test_a_redelivered_message_is_counted_once(stage: Stage) -> None:
    await ready(stage, "bruno")
    await stage.share("bruno", STORY)
    [call] = stage.traffic.calls(method="event:message")[-1:]
    shared = next(c for c in stage.traffic.calls(method="event:message") if STORY in str(c.request))
    cards = len(stage.calls_of("chat.postMessage"))
    stage.slack._platform.courier.send_event("message", shared.request)
    await stage.slack.settled()
    await stage.work()
    assert len(stage.state.shares) == 1
    assert len(stage.calls_of("chat.postMessage")) == cards
    assert call is not None


async def test_an_edit_corrects_and_an_unfurl_does_not(stage: Stage) -> None:
    await ready(stage, "bruno")
    ts = await stage.share("bruno", STORY)
    stage.breathe()
    await stage.slack.edit("bruno", ROOM, ts, f"{STORY}, I mean")
    rows = len(stage.state.inbox)
    assert rows == 1
    stage.breathe()
    await stage.slack.edit("bruno", ROOM, ts, "https://pages.example/other")
    await stage.work()
    kept = {stage.state.links[share.link].clean.display for share in stage.state.shares.values()}
    assert kept == {"https://pages.example/other"}


async def test_a_deleted_message_takes_its_shares_along(stage: Stage) -> None:
    await ready(stage, "bruno")
    ts = await stage.share("bruno", STORY)
    assert len(stage.state.shares) == 1
    stage.breathe()
    await stage.slack.remove("bruno", ROOM, ts)
    await stage.work()
    assert stage.state.shares == {}


async def test_the_sharer_takes_it_back_with_one_tap_and_nobody_else_can(stage: Stage) -> None:
    await ready(stage, "bruno")
    await stage.share("bruno", STORY)
    card = stage.with_button("undo")
    await stage.slack.press("ada", ROOM, card["id"], "undo")
    assert "Only the person who shared this link" in stage.latest("ada")["html"]
    assert len(stage.state.shares) == 1
    await stage.slack.press("bruno", ROOM, card["id"], "undo")
    assert stage.state.shares == {}
    [undone] = [m for m in stage.messages() if m["id"] == card["id"]]
    assert "Taken back" in undone["html"]
    assert STORY in undone["html"]
    assert undone["buttons"] == []


@pytest.mark.parametrize(
    ("person", "taken", "nothing"),
    [("dev", "Taken back", "nothing of yours"), ("bruno", "Annulé", "Il n’y a rien à reprendre ici")],
)
async def test_the_command_takes_the_last_share_back_as_the_button_does(
    stage: Stage, person: str, taken: str, nothing: str
) -> None:
    await ready(stage, person, "hana")
    await stage.slack.command(person, ROOM, "/links", "undo")
    assert nothing in stage.latest(person)["html"]
    await stage.share(person, "https://pages.example/first")
    stage.breathe(minutes=40)
    await stage.share(person, STORY)
    stage.breathe(minutes=40)
    await stage.share("hana", "https://pages.example/third")
    [card] = [m for m in stage.messages() if STORY in m["html"] and m["buttons"]]
    await stage.slack.command(person, ROOM, "/links", "undo")
    assert taken in stage.latest(person)["html"]
    assert STORY in stage.latest(person)["html"]
    [left] = [m for m in stage.messages() if m["id"] == card["id"]]
    assert "Taken back" in left["html"]
    assert left["buttons"] == []
    kept = {stage.state.links[share.link].clean.display for share in stage.state.shares.values()}
    assert kept == {"https://pages.example/first", "https://pages.example/third"}


async def test_a_card_that_slack_does_not_let_us_change_keeps_no_share(stage: Stage) -> None:
    await ready(stage, "dev")
    await stage.share("dev", STORY)
    stage.slack.fail_next("chat.update", "message_not_found")
    await stage.slack.command("dev", ROOM, "/links", "undo")
    assert "Taken back" in stage.latest("dev")["html"]
    assert stage.state.shares == {}


async def test_a_link_handed_over_is_taken_back_by_command_too(stage: Stage) -> None:
    await ready(stage, "dev")
    await stage.slack.command("dev", ROOM, "/links", f"share {STORY}")
    await stage.work()
    assert len(stage.state.shares) == 1
    await stage.slack.command("dev", ROOM, "/links", "undo")
    assert stage.state.shares == {}
    assert any("Taken back" in m["html"] and not m["ephemeral"] for m in stage.messages())


async def test_yes_to_shares_alone_is_no_yes_to_clicks(stage: Stage) -> None:
    await stage.switch_on()
    await stage.opt_in("bruno", "member_shares")
    consent = await stage.house.services.consent.of_member(GROUP, account("bruno"))
    assert consent is not None
    assert consent.purposes == {Purpose.SHARES}
    assert "les clics ne le sont pas" in stage.latest("bruno")["html"]


async def test_saying_yes_twice_and_no_once(stage: Stage) -> None:
    await stage.switch_on()
    await stage.opt_in("ada")
    assert "Thank you" in stage.latest("ada")["html"]
    await stage.opt_in("ada")
    assert "already counted" in stage.latest("ada")["html"]
    await stage.opt_in("ada", "member_no")
    assert "no longer counted" in stage.latest("ada")["html"]
    await stage.opt_in("ada", "member_no")
    assert "were not counted" in stage.latest("ada")["html"]
    assert await stage.house.services.consent.may_count(GROUP, account("ada")) is None


async def test_a_stale_yes_pressed_twice_is_one_yes_again(stage: Stage) -> None:
    await ready(stage, "ada")
    stage.breathe(days=366)
    told = len(stage.state.log)
    await gather(stage.opt_in("ada"), stage.opt_in("ada"))
    assert len(stage.state.log) == told + 1
    await stage.opt_in("ada")
    assert "already counted" in stage.latest("ada")["html"]
    assert len(stage.state.log) == told + 1
    await stage.share("ada", STORY)
    assert len(stage.state.shares) == 1


async def test_who_leaves_the_channel_has_withdrawn(stage: Stage) -> None:
    await ready(stage, "bruno")
    await stage.slack.leave("bruno", ROOM)
    assert await stage.house.services.consent.of_member(GROUP, account("bruno")) is None


async def test_who_opens_a_link_by_its_button_is_not_looked_at(stage: Stage) -> None:
    await ready(stage, "bruno")
    await stage.share("bruno", STORY)
    card = stage.with_button("undo")
    before = len(stage.traffic.calls(direction="to_platform"))
    counted = next(b for row in card["buttons"] for b in row if b["label"] == "Open, counted")
    ack = await stage.slack.press("dev", ROOM, card["id"], counted["id"])
    assert ack.failure is None
    assert len(stage.traffic.calls(direction="to_platform")) == before


async def test_the_weekly_digest_arrives_with_its_numbers(stage: Stage) -> None:
    stage.house.unfurler.pages[STORY] = Preview(STORY, "pages.example", "A <!channel> story", None)
    await ready(stage, "bruno", "ada")
    await stage.share("bruno", STORY)
    stage.breathe(hours=1)
    await stage.share("ada", STORY)
    stage.breathe(days=7)
    await stage.house.services.digests.tick()
    await stage.work()
    digest = stage.latest()
    assert "The links of the week" in digest["html"]
    assert "2 shares" in digest["html"]
    posted = stage.calls_of("chat.postMessage")[-1]
    assert "<!channel>" not in str(posted)
    assert MONDAY.strftime("%B") in posted["text"]
    assert posted["metadata"]["event_type"] == "penumbra"


async def test_commands_are_answered_to_the_asker_alone(stage: Stage) -> None:
    await stage.switch_on()
    for command, expected in (
        ("privacy", "Gazette IT"),
        ("help", "/links digest"),
        ("", "/links digest"),
        ("digest", "There is no digest yet"),
        ("join", "If you say yes"),
    ):
        await stage.slack.command("dev", ROOM, "/links", command)
        answer = stage.latest("dev")
        assert answer["ephemeral"]
        assert expected in answer["html"]
    await stage.slack.command("bruno", ROOM, "/links", "privacy")
    assert "Penumbra ne lit que" in stage.latest("bruno")["html"]


async def test_joining_works_from_the_private_answer_too(stage: Stage) -> None:
    await stage.switch_on()
    await stage.slack.command("dev", ROOM, "/links", "join")
    await stage.slack.press("dev", ROOM, stage.latest("dev")["id"], "member_yes")
    assert await stage.house.services.consent.of_member(GROUP, Account(account("dev"))) is not None


async def test_where_the_bot_is_not_it_says_how_to_get_it(stage: Stage) -> None:
    await stage.slack.command("dev", "general", "/links", "join")
    assert "Invite it" in stage.messages("dev", "C07PBGEN002")[-1]["html"]
