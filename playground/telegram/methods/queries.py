"""Answers to pressed buttons and to inline queries."""

import re
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from playground.telegram.contents import text_body
from playground.telegram.errors import bad_request, query_too_old
from playground.telegram.keyboards import inline_keyboard
from playground.telegram.methods.calls import Handler
from playground.telegram.platform import Platform
from playground.telegram.state import Query, Toast

ANSWERABLE_FOR = timedelta(seconds=15)
"""The platform documents no span; it forgets a query after about this long."""

_TEXT_LIMIT = 200
_RESULT_LIMIT = 50
_BUTTON_LIMIT = 64
"""Characters; clients cut what is longer."""
_START = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a button may start the private chat with [https://core.telegram.org/bots/api#inlinequeryresultsbutton]."""


def answer_callback_query(platform: Platform, args: dict[str, Any]) -> bool:
    """answerCallbackQuery: its text becomes a toast of the presser, its address opens on their screen.

    A bot that has no game may only lead to itself [https://core.telegram.org/bots/api#answercallbackquery].
    """
    query = _open_query(platform, args["callback_query_id"], callback=True)
    if len(args.get("text", "")) > _TEXT_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    text, url = args.get("text", ""), args.get("url", "")
    if url and not _leads_to_itself(url, platform.world.bot.username):
        raise bad_request("URL_INVALID")
    query.answered = True
    if text or url:
        platform.world.toasts.append(Toast(query.id, query.user_id, text, bool(args.get("show_alert")), url))
    return True


def _leads_to_itself(url: str, bot: str) -> bool:
    start = f"https://t.me/{bot}?start="
    return url.startswith(start) and _START.fullmatch(url.removeprefix(start)) is not None


def answer_inline_query(platform: Platform, args: dict[str, Any]) -> bool:
    """answerInlineQuery, with articles alone."""
    query = _open_query(platform, args["inline_query_id"], callback=False)
    results = args["results"]
    if len(results) > _RESULT_LIMIT:
        raise bad_request("RESULTS_TOO_MUCH")
    ids = [result["id"] for result in results]
    if len(set(ids)) < len(ids):
        raise bad_request("RESULT_ID_DUPLICATE")
    for result in results:
        _check_result(result)
    query.results = results
    query.advice = _checked_button(args.get("button"))
    query.answered = True
    return True


def _checked_button(button: dict[str, Any] | None) -> dict[str, Any] | None:
    if button is None:
        return None
    if not 1 <= len(button["text"]) <= _BUTTON_LIMIT:
        raise bad_request("BUTTON_TEXT_INVALID")
    if not _START.fullmatch(button.get("start_parameter", "")):
        raise bad_request("START_PARAM_INVALID")
    return button


def _open_query(platform: Platform, query_id: str, *, callback: bool) -> Query:
    query = platform.world.queries.get(query_id)
    if query is None or query.answered or (query.message is not None) != callback:
        raise query_too_old()
    if platform.now() - query.asked > ANSWERABLE_FOR:
        raise query_too_old()
    return query


def _check_result(result: dict[str, Any]) -> None:
    if result["type"] != "article":
        raise bad_request("the stand-in plays articles only")
    if not 1 <= len(result["id"].encode()) <= 64:
        raise bad_request("RESULT_ID_INVALID")
    if not result["title"].strip():
        raise bad_request("ARTICLE_TITLE_EMPTY")
    text_body(result["input_message_content"], "message_text")
    inline_keyboard(result.get("reply_markup"))


METHODS: Mapping[str, Handler] = MappingProxyType(
    {"answerCallbackQuery": answer_callback_query, "answerInlineQuery": answer_inline_query}
)
