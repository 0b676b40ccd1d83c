"""Buttons, menus, commands, shortcuts, modals and the App Home."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.responses import JSONResponse, PlainTextResponse

from playground.clock import PlaygroundClock
from playground.slack import SlackStandIn
from playground.slack.world import READING_ROOM
from playground.traffic import Traffic
from tests.playground.slack.conftest import ListeningApp
from tests.playground.slack_contract import check_event

Caller = Callable[..., Awaitable[dict[str, Any]]]
DEV, BRUNO = "U07PBDEV004", "U07PBBRU002"


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(value: str) -> dict[str, Any]:
    return {"text": plain(value.title()), "value": value}


def button(action_id: str, **more: object) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": plain("Go"), **more}


def menu(action_id: str) -> dict[str, Any]:
    return {
        "type": "static_select",
        "action_id": action_id,
        "options": [option("en"), option("fr")],
        "initial_option": option("en"),
    }


ASK = [{"type": "actions", "block_id": "ask", "elements": [button("yes", value="v1"), menu("language")]}]
MODAL: dict[str, Any] = {
    "type": "modal",
    "callback_id": "share",
    "title": plain("Share a link"),
    "submit": plain("Share"),
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "link",
            "label": plain("Link"),
            "element": {"type": "url_text_input", "action_id": "url"},
        },
        {
            "type": "input",
            "block_id": "where",
            "optional": True,
            "label": plain("Where"),
            "element": {"type": "conversations_select", "action_id": "to", "response_url_enabled": True},
        },
        {"type": "actions", "block_id": "more", "elements": [button("explain"), menu("language")]},
    ],
}


def shown(slack: SlackStandIn, viewer: str) -> list[dict[str, Any]]:
    conversations = slack.snapshot(viewer)["conversations"]
    messages: list[dict[str, Any]] = next(c["messages"] for c in conversations if c["id"] == READING_ROOM)
    return messages


@pytest.fixture
async def invited(slack: SlackStandIn) -> SlackStandIn:
    await slack.invite_bot("ada", "reading-room")
    return slack


async def test_an_ephemeral_button_is_its_viewers_alone_and_goes_by_its_response_url(
    invited: SlackStandIn, call: Caller, web: httpx.AsyncClient, listening: ListeningApp
) -> None:
    ts = (await call("chat.postEphemeral", channel=READING_ROOM, user=DEV, text="Join?", blocks=ASK))["message_ts"]
    assert shown(invited, "dev")[-1]["buttons"][0][0] == {
        "id": "ask/yes",
        "label": "Go",
        "kind": "action",
        "url": None,
        "style": None,
        "options": [],
        "element": "button",
        "confirm": None,
    }
    with pytest.raises(PermissionError, match="message_not_found"):
        await invited.press("ada", "reading-room", ts, "ask/yes")
    await invited.press("dev", "reading-room", ts, "ask/yes")
    pressed = listening.interactions[-1]
    assert pressed["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": READING_ROOM,
        "is_ephemeral": True,
    }
    assert "message" not in pressed
    assert pressed["channel"]["name"] == "privategroup"
    assert pressed["actions"][0]["value"] == "v1"
    replaced = {"replace_original": True, "text": "Thank you"}
    assert (await web.post(pressed["response_url"], json=replaced)).text == "ok"
    assert shown(invited, "dev")[-1]["html"] == "Thank you"
    assert (await web.post(pressed["response_url"], json={"delete_original": True})).status_code == 200
    assert ts not in [one["id"] for one in shown(invited, "dev")]


async def test_a_response_url_serves_five_times_and_half_an_hour(
    invited: SlackStandIn, web: httpx.AsyncClient, listening: ListeningApp, clock: PlaygroundClock
) -> None:
    await invited.command("dev", "reading-room", "/links", "help")
    url = listening.commands[-1]["response_url"]
    assert (await web.post(url, json={"text": "hi", "colour": "red"})).status_code == 400
    for _ in range(4):
        assert (await web.post(url, json={"text": "hi"})).status_code == 200
    assert (await web.post(url, json={"text": "hi"})).status_code == 404
    await invited.command("dev", "reading-room", "/links", "help")
    clock.advance(timedelta(minutes=31))
    assert (await web.post(listening.commands[-1]["response_url"], json={"text": "hi"})).text == "expired_url"


async def test_a_menu_says_what_was_chosen(invited: SlackStandIn, call: Caller, listening: ListeningApp) -> None:
    ts = (await call("chat.postMessage", channel=READING_ROOM, text="Language?", blocks=ASK))["ts"]
    await invited.press("bruno", "reading-room", ts, "language", option="fr")
    assert listening.interactions[-1]["actions"][0]["selected_option"]["value"] == "fr"
    assert listening.interactions[-1]["message"]["ts"] == ts
    with pytest.raises(PermissionError, match="no option"):
        await invited.press("bruno", "reading-room", ts, "language", option="de")
    with pytest.raises(PermissionError, match="no such button"):
        await invited.press("bruno", "reading-room", ts, "maybe")


async def test_a_command_is_answered_at_once_to_its_asker(invited: SlackStandIn, listening: ListeningApp) -> None:
    listening.answer = lambda: JSONResponse({"text": "*Only* you"})
    await invited.command("chloe", "reading-room", "/links", "share https://x.example/")
    command = listening.commands[-1]
    assert (command["command"], command["text"]) == ("/links", "share https://x.example/")
    assert (command["channel_name"], command["user_name"]) == ("privategroup", "chloe")
    check_event(command)
    assert shown(invited, "chloe")[-1]["html"] == "<strong>Only</strong> you"
    assert "Only" not in shown(invited, "ada")[-1]["html"]
    listening.answer = lambda: JSONResponse({"response_type": "in_channel", "text": "All of you"})
    await invited.command("chloe", "reading-room", "/links")
    assert shown(invited, "ada")[-1]["html"] == "All of you"
    listening.answer = lambda: PlainTextResponse("", status_code=500)
    await invited.command("chloe", "reading-room", "/links")
    assert "dispatch_failed" in invited.snapshot("chloe")["toasts"][0]["text"]
    with pytest.raises(PermissionError, match="not a valid command"):
        await invited.command("chloe", "reading-room", "/other")


async def test_a_trigger_opens_one_modal_within_three_seconds(
    invited: SlackStandIn, call: Caller, listening: ListeningApp, clock: PlaygroundClock
) -> None:
    await invited.global_shortcut("bruno")
    trigger = listening.interactions[-1]["trigger_id"]
    assert (await call("views.open", trigger_id="1.2.3", view=MODAL))["error"] == "invalid_arguments"
    opened = await call("views.open", trigger_id=trigger, view=MODAL)
    assert opened["view"]["root_view_id"] == opened["view"]["id"]
    assert (await call("views.open", trigger_id=trigger, view=MODAL))["error"] == "exchanged_trigger_id"
    await invited.global_shortcut("bruno", "share_link")
    clock.advance(timedelta(seconds=4))
    late = await call("views.open", trigger_id=listening.interactions[-1]["trigger_id"], view=MODAL)
    assert late["error"] == "expired_trigger_id"
    untitled = {key: value for key, value in MODAL.items() if key != "title"}
    assert (await call("views.open", trigger_id=trigger, view=untitled))["error"] == "invalid_arguments"


async def test_a_modal_is_filled_in_refused_mended_and_closed(
    invited: SlackStandIn, call: Caller, listening: ListeningApp, web: httpx.AsyncClient
) -> None:
    await invited.global_shortcut("bruno")
    view = (await call("views.open", trigger_id=listening.interactions[-1]["trigger_id"], view=MODAL))["view"]
    modal = invited.snapshot("bruno")["modal"]
    assert [one["id"] for one in modal["inputs"]] == ["link", "where"]
    assert invited.snapshot("ada")["modal"] is None
    with pytest.raises(PermissionError, match="required"):
        await invited.submit_modal("bruno")
    with pytest.raises(PermissionError, match="valid URL"):
        await invited.submit_modal("bruno", {"link": "nonsense"})
    listening.answer = lambda: JSONResponse({"response_action": "errors", "errors": {"link": "Not this one"}})
    await invited.submit_modal("bruno", {"link": "https://x.example/", "to": READING_ROOM})
    submitted = listening.interactions[-1]
    assert submitted["view"]["state"]["values"]["link"]["url"]["value"] == "https://x.example/"
    assert submitted["response_urls"][0]["channel_id"] == READING_ROOM
    assert invited.snapshot("bruno")["modal"]["errors"] == {"link": "Not this one"}
    update = {"view_id": view["id"], "view": MODAL}
    assert (await call("views.update", **update, hash="1.stale"))["error"] == "hash_conflict"
    assert (await call("views.update", **update, hash=view["hash"]))["ok"]
    assert invited.snapshot("bruno")["modal"]["errors"] == {}
    listening.answer = lambda: PlainTextResponse("")
    await invited.press("bruno", "modal", "", "language", option="fr")
    entered = listening.interactions[-1]["view"]["state"]["values"]
    assert entered["link"]["url"]["value"] == "https://x.example/"
    assert entered["more"]["language"]["selected_option"]["value"] == "fr"
    pushed = await call("views.push", trigger_id=listening.interactions[-1]["trigger_id"], view=MODAL)
    assert pushed["view"]["previous_view_id"] == view["id"]
    await invited.close_modal("bruno")
    assert listening.interactions[-1]["type"] == "view_closed"
    await invited.submit_modal("bruno", {"link": "https://x.example/", "to": READING_ROOM})
    assert invited.snapshot("bruno")["modal"] is None
    address = listening.interactions[-1]["response_urls"][0]["response_url"]
    await web.post(address, json={"text": "from the modal", "response_type": "in_channel"})
    assert shown(invited, "ada")[-1]["html"] == "from the modal"
    for payload in listening.interactions:
        check_event(payload)


async def test_a_modal_answers_with_another_or_clears_the_stack(
    invited: SlackStandIn, call: Caller, listening: ListeningApp
) -> None:
    done = {"type": "modal", "title": plain("Done"), "blocks": []}
    await invited.global_shortcut("bruno")
    await call("views.open", trigger_id=listening.interactions[-1]["trigger_id"], view=MODAL)
    listening.answer = lambda: JSONResponse({"response_action": "push", "view": done})
    await invited.submit_modal("bruno", {"link": "https://x.example/"})
    assert invited.snapshot("bruno")["modal"]["title"] == "Done"
    listening.answer = lambda: JSONResponse({"response_action": "update", "view": done | {"title": plain("Twice")}})
    await invited.submit_modal("bruno")
    assert invited.snapshot("bruno")["modal"]["title"] == "Twice"
    listening.answer = lambda: JSONResponse({"response_action": "clear"})
    await invited.submit_modal("bruno")
    assert invited.snapshot("bruno")["modal"] is None


async def test_a_message_shortcut_brings_the_whole_message(invited: SlackStandIn, listening: ListeningApp) -> None:
    ts = await invited.say("bruno", "general", "see https://x.example/")
    await invited.shortcut("chloe", "general", ts)
    payload = listening.interactions[-1]
    assert (payload["callback_id"], payload["message"]["user"], payload["user"]["name"]) == (
        "shorten_message",
        BRUNO,
        "chloe",
    )
    check_event(payload)
    with pytest.raises(PermissionError):
        await invited.shortcut("chloe", "general", ts, "unheard_of")


async def test_a_home_is_published_pressed_and_guarded_by_its_hash(
    slack: SlackStandIn, call: Caller, listening: ListeningApp
) -> None:
    home = {"type": "home", "blocks": [{"type": "header", "text": plain("Settings")}, *ASK]}
    await slack.open_home("ada")
    assert "view" not in listening.inner("app_home_opened")[0]
    first = (await call("views.publish", user_id="U07PBADA001", view=home))["view"]
    assert (await call("views.publish", user_id="U07PBADA001", view=home, hash=first["hash"]))["ok"]
    assert (await call("views.publish", user_id="U07PBADA001", view=home, hash=first["hash"]))["error"] == (
        "hash_conflict"
    )
    assert (await call("views.publish", user_id="U0NOBODY", view=home))["error"] == "invalid_arguments"
    await slack.press("ada", "home", "", "ask/language", option="fr")
    pressed = listening.interactions[-1]
    assert pressed["container"] == {"type": "view", "view_id": first["id"]}
    assert pressed["view"]["state"]["values"]["ask"]["language"]["selected_option"]["value"] == "fr"
    conversation = slack.snapshot("ada")["conversations"][-1]
    assert (conversation["kind"], conversation["messages"][0]["html"]) == ("home", "<h3>Settings</h3>")


async def test_buttons_in_unfurls_name_the_unfurl(slack: SlackStandIn, call: Caller, listening: ListeningApp) -> None:
    url = "https://s.example/abc"
    ts = await slack.say("bruno", "general", url)
    await call("chat.unfurl", channel="C07PBGEN002", ts=ts, unfurls={url: {"blocks": ASK}})
    await slack.press("chloe", "general", ts, "ask/yes")
    pressed = listening.interactions[-1]
    assert pressed["container"]["is_app_unfurl"] is True
    assert pressed["app_unfurl"]["app_unfurl_url"] == url
    assert "message" not in pressed


async def test_every_interaction_is_on_record(invited: SlackStandIn, traffic: Traffic) -> None:
    await invited.global_shortcut("bruno")
    await invited.command("bruno", "reading-room", "/links")
    assert [call.method for call in traffic.calls(direction="to_bot")][-2:] == ["shortcut", "/links"]
