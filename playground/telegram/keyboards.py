"""Inline keyboards, checked as the platform checks them."""

from typing import Any

from playground.telegram.errors import bad_request
from playground.telegram.markup import valid_link

_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
)
_STYLES = frozenset({"danger", "success", "primary"})
_MOST_BUTTONS = 100
_MOST_IN_A_ROW = 8


def inline_keyboard(markup: dict[str, Any] | None) -> dict[str, Any] | None:
    """Check a reply markup and keep it if it is an inline keyboard with buttons; other kinds are checked by the tables.

    Raises:
        ApiError: A button does nothing or two things, or its data, link or text is not one.
    """
    if markup is None or "inline_keyboard" not in markup:
        return None
    rows = [[_button(button) for button in row] for row in markup["inline_keyboard"] if row]
    if sum(map(len, rows)) > _MOST_BUTTONS or any(len(row) > _MOST_IN_A_ROW for row in rows):
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return {"inline_keyboard": rows} if rows else None


def _button(button: dict[str, Any]) -> dict[str, Any]:
    actions = [action for action in _ACTIONS if action in button]
    if not button["text"].strip():
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be non-empty')
    if len(actions) != 1:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if button.get("style", "primary") not in _STYLES:
        raise bad_request("can't parse inline keyboard button: invalid button style specified")
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
        raise bad_request("BUTTON_DATA_INVALID")
    if "copy_text" in button and not 1 <= len(button["copy_text"]["text"]) <= 256:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    return _with_link(button)


def _with_link(button: dict[str, Any]) -> dict[str, Any]:
    if "url" not in button:
        return button
    link = valid_link(button["url"])
    if link is None:
        raise bad_request(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL specified")
    return button | {"url": link}
