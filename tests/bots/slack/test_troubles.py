"""Whatever goes wrong, the person concerned reads one sentence that says what to do, and nothing is lost."""

import json

import httpx
import pytest

from bots.slack.edge import SLACK_SAYS
from core.model import GroupAddress, Platform
from tests.bots.slack.stage import GROUP, ROOM, TEXTS, WORKSPACE, Stage, account
from tests.bots.slack.test_endpoint import door, signed
from tests.bots.slack.test_home import home, modal
from texts.catalogue import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text_id", sorted(set(SLACK_SAYS.values())))
def test_every_refusal_of_slacks_is_a_sentence_that_ends(language: str, text_id: str) -> None:
    assert TEXTS.speak(language).say(text_id).endswith(".")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("missing_scope", "lacks a permission"),
        ("not_in_channel", "Invite it with /invite"),
        ("channel_not_found", "Invite it with /invite"),
        ("is_archived", "archived"),
        ("http_500", "try again in a minute"),
        ("ratelimited", "try again in a minute"),
    ],
)
async def test_a_button_that_slack_lets_nobody_follow_says_why(stage: Stage, error: str, said: str) -> None:
    await stage.slack.invite_bot("ada", ROOM)
    stage.slack.fail_next("conversations.info", error)
    await stage.slack.press("ada", ROOM, stage.latest()["id"], "enable")
    assert said in stage.latest("ada")["html"]
    assert await stage.group_is() == "pending"
    stage.breathe()
    await stage.slack.press("ada", ROOM, stage.with_button("enable")["id"], "enable")
    assert await stage.group_is() == "enabled"


@pytest.mark.parametrize("error", ["expired_trigger_id", "exchanged_trigger_id"])
async def test_an_expired_trigger_is_said_where_it_was_pulled(stage: Stage, error: str) -> None:
    await stage.switch_on()
    stage.slack.fail_next("views.open", error)
    await stage.slack.command("ada", ROOM, "/links", "settings")
    assert "three seconds" in stage.latest("ada")["html"]
    await stage.slack.open_home("ada")
    stage.slack.fail_next("views.open", error)
    await stage.slack.press("ada", "home", "", "home_settings")
    assert "three seconds" in home(stage, "ada")["html"]
    stage.slack.fail_next("views.open", error)
    await stage.slack.global_shortcut("ada")
    direct = next(c for c in stage.slack.snapshot("ada")["conversations"] if c["kind"] == "private")
    assert "three seconds" in direct["messages"][-1]["html"]


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
