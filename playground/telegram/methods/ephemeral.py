"""Editing and deleting ephemeral messages."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from playground.telegram.contents import CAPTION_LIMIT, text_body
from playground.telegram.ephemerals import find_ephemeral
from playground.telegram.errors import ApiError, bad_request
from playground.telegram.methods.calls import Handler
from playground.telegram.methods.edits import apply_edit, with_keyboard
from playground.telegram.platform import Platform


def edit_ephemeral_message_text(platform: Platform, args: dict[str, Any]) -> bool:
    """editEphemeralMessageText; the server measures it as a caption [tdlib/telegram-bot-api issue 881]."""
    message = find_ephemeral(platform, args)
    body = text_body(args)
    if len(body.text) > CAPTION_LIMIT:
        raise bad_request("MEDIA_CAPTION_TOO_LONG")
    apply_edit(platform, message, body, args)
    return True


def edit_ephemeral_message_reply_markup(platform: Platform, args: dict[str, Any]) -> bool:
    """EditEphemeralMessageReplyMarkup."""
    message = find_ephemeral(platform, args)
    apply_edit(platform, message, with_keyboard(message.body, args), args)
    return True


def delete_ephemeral_message(platform: Platform, args: dict[str, Any]) -> bool:
    """DeleteEphemeralMessage."""
    try:
        message = find_ephemeral(platform, args)
    except ApiError as error:
        if error.description.endswith("message to edit not found"):
            raise bad_request("message to delete not found") from error
        raise
    del platform.world.chats[message.chat_id].ephemerals[args["ephemeral_message_id"]]
    return True


METHODS: Mapping[str, Handler] = MappingProxyType(
    {
        "editEphemeralMessageText": edit_ephemeral_message_text,
        "editEphemeralMessageReplyMarkup": edit_ephemeral_message_reply_markup,
        "deleteEphemeralMessage": delete_ephemeral_message,
    }
)
