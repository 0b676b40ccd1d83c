"""Whatever goes wrong, the person concerned reads one sentence that says what to do, and nothing is lost."""

import json
from typing import Any

import httpx
import pytest

from bots.slack import render
from bots.slack.edge import SLACK_SAYS
from core.errors import IntakeFull
from core.model import GroupAddress, Platform
from tests.bots.slack.stage import GROUP, ROOM, TEXTS, WORKSPACE, Stage, account
from tests.bots.slack.test_endpoint import door, signed
from tests.bots.slack.test_home import home, modal
from texts.catalogue import LANGUAGES

STORY = "https://pages.example/story"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text_id", sorted(set(SLACK_SAYS.values())))
def test_every_refusal_of_slacks_is_a_sentence_that_ends(language: str, text_id: str) -> None:
    assert TEXTS.speak(language).say(text_id).endswith(".")


@pytest.mark.parametrize(
    ("error", "english", "french"),
    [
        ("missing_scope", "lacks a permission", "Il manque à Penumbra une autorisation"),
        ("not_in_channel", "Invite it with /invite", "Invitez-le avec /invite"),
        ("channel_not_found", "Invite it with /invite", "Invitez-le avec /invite"),
        ("is_archived", "archived", "archivé"),
        ("http_500", "try again in a minute", "dans une minute"),
        ("ratelimited", "try again in a minute", "dans une minute"),
    ],
)
async def test_a_button_that_slack_lets_nobody_follow_says_why(
    stage: Stage, error: str, english: str, french: str
) -> None:
    await stage.slack.invite_bot("ada", ROOM)
    welcome = stage.latest()["id"]
    for person, said in (("ada", english), ("bruno", french)):
        stage.slack.fail_next("conversations.info", error)
        await stage.slack.press(person, ROOM, welcome, "enable")
        assert said in stage.latest(person)["html"]
    assert await stage.group_is() == "pending"
    stage.breathe()
    await stage.slack.press("ada", ROOM, stage.with_button("enable")["id"], "enable")
    assert await stage.group_is() == "enabled"


@pytest.mark.parametrize(("person", "said"), [("ada", "three seconds"), ("bruno", "trois secondes")])
@pytest.mark.parametrize("error", ["expired_trigger_id", "exchanged_trigger_id"])
async def test_an_expired_trigger_is_said_where_it_was_pulled(stage: Stage, error: str, person: str, said: str) -> None:
    await stage.switch_on()
    stage.slack.fail_next("views.open", error)
    await stage.slack.command(person, ROOM, "/links", "mine")
    assert said in stage.latest(person)["html"]
    await stage.slack.open_home(person)
    stage.slack.fail_next("views.open", error)
    await stage.slack.press(person, "home", "", "home_mine")
    assert said in home(stage, person)["html"]
    stage.slack.fail_next("views.open", error)
    await stage.slack.global_shortcut(person)
    direct = next(c for c in stage.slack.snapshot(person)["conversations"] if c["kind"] == "private")
    assert said in direct["messages"][-1]["html"]


@pytest.mark.parametrize(
    ("person", "stale", "not_yours"),
    [
        ("ada", "This button is out of date", "Only the person who shared this link"),
        ("chloe", "Ce bouton n’est plus valable", "Seule la personne qui a partagé ce lien"),
    ],
)
async def test_a_button_of_another_time_or_of_another_member_changes_nothing(
    stage: Stage, person: str, stale: str, not_yours: str
) -> None:
    await stage.switch_on()
    await stage.opt_in("bruno")
    old = {"type": "actions", "elements": [render.button("Old", "from_long_ago")]}
    posted = await stage.calls.post(GROUP, render.said("From long ago.", render.section("From long ago."), old))
    await stage.slack.press(person, ROOM, posted, "from_long_ago")
    assert stale in stage.latest(person)["html"]
    stage.breathe()
    await stage.share("bruno", STORY)
    await stage.slack.press(person, ROOM, stage.with_button("undo")["id"], "undo")
    assert not_yours in stage.latest(person)["html"]
    assert len(stage.state.shares) == 1


@pytest.mark.parametrize(("person", "said"), [("dev", "reach its memory"), ("bruno", "sa mémoire")])
async def test_what_was_written_into_a_form_is_still_there_when_it_could_not_be_taken(
    stage: Stage, person: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.switch_on()
    await stage.opt_in(person)

    async def refuse(*_: Any, **__: Any) -> bool:
        raise IntakeFull

    filled = {"url": STORY, "channel": ROOM}
    await stage.slack.global_shortcut(person)
    with monkeypatch.context() as patched:
        patched.setattr(stage.desk.services.shares, "take_in", refuse)
        await stage.slack.submit_modal(person, filled)
    assert said in str(modal(stage, person))
    await stage.slack.submit_modal(person, filled)
    await stage.work()
    assert len(stage.state.shares) == 1


@pytest.mark.parametrize(("person", "said"), [("dev", "Invite it with /invite"), ("bruno", "Invitez-le avec /invite")])
async def test_a_link_for_a_channel_the_bot_is_not_in_says_what_to_do(stage: Stage, person: str, said: str) -> None:
    await stage.slack.command(person, "general", "/links", f"share {STORY}")
    assert said in stage.messages(person, "C07PBGEN002")[-1]["html"]
    assert stage.state.inbox == {}


async def test_what_is_refused_after_a_modal_opened_is_said_in_it(stage: Stage) -> None:
    await stage.switch_on()
    stage.slack.fail_next("users.info", "http_500")
    stage.slack.fail_next("users.info", "missing_scope")
    await stage.slack.command("ada", ROOM, "/links", "settings")
    assert "lacks a permission" in modal(stage, "ada")["html"] or "Only an admin" in modal(stage, "ada")["html"]


def form(payload: dict[str, object]) -> bytes:
    return str(httpx.QueryParams({"payload": json.dumps(payload)})).encode()


MALFORMED: list[dict[str, object]] = [
    {"type": "view_submission"},
    {"type": "view_submission", "team": {"id": WORKSPACE}, "user": {"id": "U1"}, "view": {"callback_id": "mine"}},
    {
        "type": "view_submission",
        "team": {"id": WORKSPACE},
        "user": {"id": "U1"},
        "view": {"callback_id": "share", "id": "V1", "state": {"values": []}},
    },
    {"type": "shortcut", "callback_id": "share_link", "team": {"id": WORKSPACE}, "user": {"id": "U1"}},
    {"type": "block_actions", "team": {"id": WORKSPACE}, "user": {"id": "U1"}, "actions": [{"action_id": "home_mine"}]},
]


@pytest.mark.parametrize("payload", MALFORMED)
async def test_a_malformed_payload_does_nothing_and_breaks_nothing(stage: Stage, payload: dict[str, object]) -> None:
    await stage.switch_on()
    raw = form(payload)
    async with door(stage) as client:
        headers = signed(raw) | {"content-type": "application/x-www-form-urlencoded"}
        answer = await client.post("/slack/events", content=raw, headers=headers)
    assert answer.status_code < 500


async def test_a_channel_of_another_workspace_is_not_this_ones(stage: Stage) -> None:
    await stage.switch_on()
    elsewhere = GroupAddress(Platform.SLACK, "T0ELSEWHERE", ROOM)
    assert await stage.house.services.consent.group(elsewhere) is None
    await stage.slack.open_home("bruno")
    await stage.slack.press("bruno", "home", "", "home_mine")
    await stage.slack.submit_modal("bruno", {"purposes": ["shares"]})
    assert await stage.house.services.consent.of_member(GROUP, account("bruno")) is not None


async def test_an_archived_channel_costs_no_card_that_is_not_told(stage: Stage) -> None:
    await stage.switch_on()
    await stage.opt_in("bruno")
    await stage.slack.say("bruno", ROOM, "https://pages.example/story")
    await stage.slack.archive("ada", ROOM)
    await stage.work()
    assert await stage.group_is() == "enabled"
    assert len(stage.state.shares) == 1
