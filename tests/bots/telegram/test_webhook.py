"""The webhook lets nobody in but Telegram, and says 200 only to what was taken in."""

import json
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs
from telegram import Update
from telegram.ext import BaseHandler

from bots.telegram.app import ALLOWED_UPDATES
from bots.telegram.client import TelegramApplication
from bots.telegram.webhook import BODY_AT_MOST, PATH
from core.errors import IntakeFull, StorageUnavailable
from tests.bots.telegram.staging import ARTICLE, SECRET, Stage

HEADER = "X-Telegram-Bot-Api-Secret-Token"


async def post(stage: Stage, body: Any, secret: str | None = SECRET, method: str = "POST") -> int:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    transport = httpx.ASGITransport(app=stage.webhook)
    async with httpx.AsyncClient(transport=transport, base_url="http://penumbra.test") as client:
        headers: dict[str, bytes] = {} if secret is None else {HEADER: secret.encode("latin-1")}
        return (await client.request(method, PATH, content=content, headers=headers)).status_code


def message_update(stage: Stage, text: str = ARTICLE) -> dict[str, Any]:
    return {
        "update_id": 7,
        "message": {
            "message_id": 70,
            "date": 1_790_000_000,
            "chat": {"id": int(stage.club), "type": "supergroup", "title": "Book club"},
            "from": {"id": 835_127_406, "is_bot": False, "first_name": "Dev"},
            "text": text,
            "entities": [{"type": "url", "offset": 0, "length": len(text)}],
        },
    }


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "é"])
async def test_without_the_secret_nothing_is_stored(stage: Stage, secret: str | None) -> None:
    await stage.switched_on("dev")
    assert await post(stage, message_update(stage), secret) == 401
    assert not stage.house.storage.state.inbox


async def test_a_message_that_is_delivered_twice_is_taken_in_once(stage: Stage) -> None:
    await stage.switched_on("dev")
    assert [await post(stage, message_update(stage)) for _ in range(3)] == [200, 200, 200]
    await stage.house.work()
    assert len(stage.house.storage.state.shares) == 1
    assert len([html for html in stage.said("ada") if "Counted link" in html]) == 0  # its message is not in the chat
    assert len(stage.house.storage.state.inbox) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        [],
        {},
        {"update_id": "7"},
        {"update_id": 7, "message": "hello"},
        {"update_id": 7, "message": {"message_id": 1}},
        {"update_id": 7, "message": {"message_id": 1, "date": 10**20, "chat": {"id": 1, "type": "group"}}},
    ],
    ids=str,
)
async def test_what_is_no_update_is_refused_and_nothing_of_it_is_logged(stage: Stage, body: Any) -> None:
    with capture_logs() as logs:
        assert await post(stage, body) == 400
    assert [line["event"] for line in logs] == ["telegram.update.malformed"]
    assert set(logs[0]) == {"event", "log_level"}


async def test_a_body_without_end_is_cut_off(stage: Stage) -> None:
    assert await post(stage, b" " * (BODY_AT_MOST + 1)) == 413


async def test_only_a_post_is_answered(stage: Stage) -> None:
    assert await post(stage, {}, method="GET") == 405


@pytest.mark.parametrize("error", [StorageUnavailable(), IntakeFull()])
async def test_what_cannot_be_stored_is_delivered_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    await stage.switched_on("dev")
    original = stage.house.services.shares.take_in

    async def full(*_: Any) -> bool:
        raise error

    monkeypatch.setattr(stage.house.services.shares, "take_in", full)
    assert await post(stage, message_update(stage)) == 503
    monkeypatch.setattr(stage.house.services.shares, "take_in", original)
    assert await post(stage, message_update(stage)) == 200
    assert len(stage.house.storage.state.inbox) == 1


async def test_a_person_who_waits_is_told_that_storage_is_away(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await stage.switched_on()

    async def away(*_: Any) -> Any:
        raise StorageUnavailable

    monkeypatch.setattr(stage.house.services.consent, "of_member", away)
    await stage.tap("dev", "Count my links")
    assert stage.toasts("dev") == [stage.texts.speak("en").say("error.unavailable")]


async def test_before_the_line_is_open_telegram_is_put_off(stage: Stage) -> None:
    stage.webhook._open = False
    assert await post(stage, message_update(stage)) == 503


async def test_we_ask_for_exactly_what_we_handle(stage: Stage) -> None:
    [call] = [call for call in stage.traffic.calls() if call.method == "setWebhook"]
    assert json.loads(call.request["allowed_updates"]) == ALLOWED_UPDATES
    assert call.request["secret_token"]
    assert {kind for kind in KINDS if handled(stage.bot.application, kind)} == set(ALLOWED_UPDATES)


KINDS = [
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_message",
    "callback_query",
    "inline_query",
    "chosen_inline_result",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "message_reaction",
]


def handled(application: TelegramApplication, kind: str) -> bool:
    user = {"id": 5, "is_bot": False, "first_name": "Dev"}
    chat = {"id": -5, "type": "channel" if "channel" in kind else "supergroup", "title": "x"}
    posted = {"message_id": 1, "date": 1, "chat": chat, "from": user, "text": "x"}
    member = {"user": user, "status": "member"}
    change = {"chat": chat, "from": user, "date": 1, "old_chat_member": member, "new_chat_member": member}
    payload: dict[str, Any] = {
        "callback_query": {"id": "1", "from": user, "chat_instance": "1", "data": "x"},
        "inline_query": {"id": "1", "from": user, "query": "x", "offset": ""},
        "chosen_inline_result": {"result_id": "1", "from": user, "query": "x"},
        "my_chat_member": change,
        "chat_member": change,
        "chat_join_request": {"chat": chat, "from": user, "user_chat_id": 5, "date": 1},
        "message_reaction": {
            "chat": chat, "message_id": 1, "user": user, "date": 1, "old_reaction": [], "new_reaction": []
        },
    }  # fmt: skip
    update = Update.de_json({"update_id": 1, kind: payload.get(kind, posted)}, application.bot)
    handlers: list[BaseHandler[Any, Any, Any]] = [each for group in application.handlers.values() for each in group]
    return any(handler.check_update(update) not in (None, False) for handler in handlers)
