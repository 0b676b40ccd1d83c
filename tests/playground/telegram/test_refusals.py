"""Every way to ask wrongly, and the words that come back; without a server in between."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from playground.telegram import TelegramStandIn
from tests.playground.telegram.conftest import TOKEN

CLUB = -1002847160935
ADA = 512340017


@pytest.fixture
async def api(standin: TelegramStandIn) -> AsyncIterator[httpx.AsyncClient]:
    await standin.invite_bot("ada", standin.book_club)
    await standin.start("ada")
    transport = httpx.ASGITransport(standin.app)
    async with httpx.AsyncClient(transport=transport, base_url=f"http://api.test/bot{TOKEN}/") as client:
        yield client


def keyboard(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "x"} | button]]}


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("sendMessage", {"text": "x"}, "chat_id is empty"),
    ("sendMessage", {"chat_id": CLUB}, "message text is empty"),
    ("sendMessage", {"chat_id": "@book_club", "text": "x"}, "chat not found"),
    ("sendMessage", {"chat_id": 7301446215, "text": "x"}, "bots can't send messages to bots"),
    ("sendMessage", {"chat_id": CLUB, "text": "x", "disable_notification": "maybe"}, "must be a boolean"),
    ("sendMessage", {"chat_id": CLUB, "text": "\ud83d"}, "strings must be encoded in UTF-8"),
    ("sendMessage", {"chat_id": CLUB, "text": "x", "reply_markup": {}}, "object expected as reply markup"),
    ("sendMessage", {"chat_id": CLUB, "text": "x", "reply_markup": "{"}, "can't parse reply_markup JSON object"),
    ("sendMessage", {"chat_id": CLUB, "text": "x", "entities": {}}, "array expected"),
    (
        "sendMessage",
        {"chat_id": CLUB, "text": "x", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
        "ENTITY_BOUNDS_INVALID",
    ),
    (
        "sendMessage",
        {"chat_id": CLUB, "text": "x", "entities": [{"type": "text_link", "offset": 0, "length": 1, "url": "no"}]},
        "ENTITY_URL_INVALID",
    ),
    ("sendMessage", {"chat_id": CLUB, "text": "x", "link_preview_options": {"url": "no"}}, "WEBPAGE_URL_INVALID"),
    ("sendMessage", {"chat_id": CLUB, "text": "x", "reply_markup": keyboard(copy_text={"text": ""})}, "COPY_TEXT"),
    (
        "sendMessage",
        {
            "chat_id": CLUB,
            "text": "x",
            "reply_markup": {"inline_keyboard": keyboard(url="a.com")["inline_keyboard"] * 101},
        },
        "REPLY_MARKUP_TOO_LONG",
    ),
    (
        "sendMessage",
        {"chat_id": CLUB, "text": "x", "reply_parameters": {"message_id": 1, "chat_id": ADA}},
        "other chats",
    ),
    ("sendPhoto", {"chat_id": CLUB}, "there is no photo in the request"),
    ("sendPhoto", {"chat_id": CLUB, "photo": "https://a.com/x.png"}, "failed to get HTTP URL content"),
    ("sendPhoto", {"chat_id": CLUB, "photo": "AgAC"}, "wrong file identifier/HTTP URL specified"),
    ("sendPhoto", {"chat_id": CLUB, "photo": "attach://x"}, "file must be attached"),
    ("sendChatAction", {"chat_id": CLUB, "action": "dancing"}, "wrong parameter action in request"),
    ("deleteMessage", {"chat_id": CLUB}, "message identifier is not specified"),
    ("deleteMessages", {"chat_id": CLUB, "message_ids": []}, "there must be 1-100 message identifiers"),
    ("editMessageText", {"text": "x"}, "chat_id is empty"),
    ("editMessageText", {"chat_id": CLUB, "text": "x"}, "message identifier is not specified"),
    ("editMessageText", {"chat_id": CLUB, "message_id": 1, "text": "x"}, "message can't be edited"),
    ("getUpdates", {"limit": 101}, "limit must be between 1 and 100"),
    ("setWebhook", {"url": "https://a.com", "max_connections": 0}, "max_connections must be between 1 and 100"),
    ("getFile", {"file_id": "none"}, "invalid file_id"),
    ("getChat", {"chat_id": 613902245}, "chat not found"),
    ("getChatAdministrators", {"chat_id": ADA}, "there are no administrators in the private chat"),
    ("leaveChat", {"chat_id": ADA}, "chat member status can't be changed in private chats"),
    ("setMyCommands", {"commands": [{"command": "x", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
    ("setMyCommands", {"commands": [{"command": "x", "description": "x"}] * 101}, "BOT_COMMANDS_TOO_MUCH"),
    ("getMyCommands", {"scope": {"type": "chat"}}, "unsupported type specified"),
    ("getMyCommands", {"language_code": "english"}, "BOT_LANG_CODE_INVALID"),
    ("setChatMenuButton", {"menu_button": {"type": "web_app"}}, "invalid menu button type specified"),
    ("setChatMenuButton", {"chat_id": CLUB}, "chat not found"),
    ("answerCallbackQuery", {"callback_query_id": "1"}, "query is too old"),
    ("answerInlineQuery", {"inline_query_id": "1", "results": []}, "query is too old"),
]


@pytest.mark.parametrize(("method", "params", "words"), REFUSED)
async def test_a_wrong_call_is_refused_in_words(
    api: httpx.AsyncClient, method: str, params: dict[str, Any], words: str
) -> None:
    answer = await api.post(method, content=json.dumps(params), headers={"content-type": "application/json"})
    body = answer.json()
    assert (body["ok"], body["error_code"]) == (False, answer.status_code)
    assert answer.status_code in {400, 403}
    assert words in body["description"]


async def test_entities_and_keyboards_that_are_right(api: httpx.AsyncClient, standin: TelegramStandIn) -> None:
    entities = [{"type": "text_link", "offset": 0, "length": 4, "url": "https://a.com/"}]
    markup = {
        "inline_keyboard": [
            [{"text": "Share", "switch_inline_query_current_chat": "https://a.com"}],
            [{"text": "Copy", "copy_text": {"text": "https://s.example/x"}, "style": "success"}],
        ]
    }
    said = {"chat_id": CLUB, "text": "here", "entities": entities, "reply_markup": markup}
    assert (await api.post("sendMessage", json=said)).json()["result"]["entities"] == entities
    await standin.open_topic("ada", standin.book_club, "A & B")
    await standin.leave("dev", standin.book_club)
    joined, message, topic, left = standin.snapshot("bruno")["conversations"][0]["messages"]
    assert [line[0]["kind"] for line in message["buttons"]] == ["inline", "copy"]
    assert message["buttons"][1][0]["style"] == "success"
    assert [one["html"] for one in (joined, topic, left)] == ["Penumbra joined", "Topic “A &amp; B” opened", "Dev left"]
    assert (await api.post("setWebhook", json={"url": ""})).json() == {"ok": True, "result": True}
    assert (await api.get(f"http://api.test/file/bot{TOKEN}/files/none")).status_code == 404
    assert (await api.get("http://api.test/file/bot1:x/files/none")).status_code == 401
