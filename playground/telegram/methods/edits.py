"""Editing the bot's own messages."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from playground.telegram.access import charge, own_message
from playground.telegram.contents import picture_body, store_picture, text_body
from playground.telegram.errors import bad_request, not_modified
from playground.telegram.keyboards import inline_keyboard
from playground.telegram.methods.calls import Handler, Result
from playground.telegram.platform import Platform
from playground.telegram.shapes import message_json
from playground.telegram.state import Body, Message


def edit_message_text(platform: Platform, args: dict[str, Any]) -> Result:
    """EditMessageText."""
    message = own_message(platform, args)
    if message.body.picture is not None:
        raise bad_request("there is no text in the message to edit")
    return apply_edit(platform, message, text_body(args), args)


def edit_message_caption(platform: Platform, args: dict[str, Any]) -> Result:
    """EditMessageCaption."""
    message = own_message(platform, args)
    if message.body.picture is None:
        raise bad_request("there is no caption in the message to edit")
    return apply_edit(platform, message, picture_body(args, message.body.picture), args)


def edit_message_media(platform: Platform, args: dict[str, Any]) -> Result:
    """editMessageMedia, with photos alone."""
    message = own_message(platform, args)
    media = args["media"]
    if media["type"] != "photo":
        raise bad_request("the stand-in plays photos only")
    picture = store_picture(platform.world, media["media"], "photo")
    body = picture_body(media | {"reply_markup": args.get("reply_markup")}, picture)
    return apply_edit(platform, message, body, args)


def edit_message_reply_markup(platform: Platform, args: dict[str, Any]) -> Result:
    """EditMessageReplyMarkup."""
    message = own_message(platform, args)
    return apply_edit(platform, message, with_keyboard(message.body, args), args)


def with_keyboard(body: Body, args: dict[str, Any]) -> Body:
    """The same words with another keyboard, or none."""
    return replace(body, markup=inline_keyboard(args.get("reply_markup")))


def apply_edit(platform: Platform, message: Message, body: Body, args: dict[str, Any]) -> Result:
    """Change a message, or refuse: nothing changes, or too fast.

    Raises:
        ApiError: See above.
    """
    if body == message.body:
        raise not_modified()
    charge(platform, platform.world.chats[message.chat_id])
    shows_edited = replace(body, markup=None) != replace(message.body, markup=None)
    message.body = body
    message.edited = platform.now() if shows_edited else message.edited
    return True if "inline_message_id" in args else message_json(platform.world, message)


METHODS: Mapping[str, Handler] = MappingProxyType(
    {
        "editMessageText": edit_message_text,
        "editMessageCaption": edit_message_caption,
        "editMessageMedia": edit_message_media,
        "editMessageReplyMarkup": edit_message_reply_markup,
    }
)
