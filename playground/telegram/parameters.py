"""Every method the stand-in plays and every parameter it takes, written by hand.

A word is `name:kind`; `!` behind the name: required. Kinds are `int`, `str`, `bool`, `chat` (an id or @username),
`file` (an upload, or the id of a file), the name of an object below, and `[kind]` for a list. What is not written here
is refused: that is stricter than the platform, which drops unknown parameters without a word. Deprecated spellings, and
what only business accounts, channels, payments or games need, are left out on purpose.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_SEND = (
    "chat_id!:chat message_thread_id:int disable_notification:bool protect_content:bool"
    " reply_parameters:ReplyParameters reply_markup:ReplyMarkup"
)
_EDIT = "chat_id:chat message_id:int inline_message_id:str reply_markup:InlineKeyboardMarkup"
_EPHEMERAL = "chat_id!:chat receiver_user_id!:int ephemeral_message_id!:int"
_TEXT = "parse_mode:str entities:[MessageEntity] link_preview_options:LinkPreviewOptions"
_CAPTION = "caption:str parse_mode:str caption_entities:[MessageEntity]"
_TO_ONE = "ephemeral_message_parameters:EphemeralMessageParameters"
_ABOVE = "show_caption_above_media:bool"

_METHODS = {
    "getMe": "",
    "getUpdates": "offset:int limit:int timeout:int allowed_updates:[str]",
    "setWebhook": (
        "url!:str ip_address:str max_connections:int allowed_updates:[str] drop_pending_updates:bool secret_token:str"
    ),
    "deleteWebhook": "drop_pending_updates:bool",
    "getWebhookInfo": "",
    "sendMessage": f"{_SEND} text!:str {_TEXT} {_TO_ONE}",
    "sendPhoto": f"{_SEND} photo!:file {_CAPTION} {_ABOVE} has_spoiler:bool {_TO_ONE}",
    "sendDocument": f"{_SEND} document!:file {_CAPTION} disable_content_type_detection:bool",
    "sendChatAction": "chat_id!:chat action!:str message_thread_id:int",
    "editMessageText": f"{_EDIT} text:str {_TEXT}",
    "editMessageCaption": f"{_EDIT} {_CAPTION} {_ABOVE}",
    "editMessageReplyMarkup": _EDIT,
    "editMessageMedia": f"{_EDIT} media!:InputMediaPhoto",
    "deleteMessage": "chat_id!:chat message_id!:int",
    "deleteMessages": "chat_id!:chat message_ids!:[int]",
    "editEphemeralMessageText": f"{_EPHEMERAL} text:str {_TEXT} reply_markup:InlineKeyboardMarkup",
    "editEphemeralMessageReplyMarkup": f"{_EPHEMERAL} reply_markup:InlineKeyboardMarkup",
    "deleteEphemeralMessage": _EPHEMERAL,
    "answerCallbackQuery": "callback_query_id!:str text:str show_alert:bool url:str cache_time:int",
    "answerInlineQuery": (
        "inline_query_id!:str results!:[InlineQueryResultArticle] cache_time:int is_personal:bool next_offset:str"
        " button:InlineQueryResultsButton"
    ),
    "getChat": "chat_id!:chat",
    "getChatMember": "chat_id!:chat user_id!:int",
    "getChatMemberCount": "chat_id!:chat",
    "getChatAdministrators": "chat_id!:chat return_bots:bool",
    "leaveChat": "chat_id!:chat",
    "getFile": "file_id!:str",
    "setMyCommands": "commands!:[BotCommand] scope:BotCommandScope language_code:str",
    "getMyCommands": "scope:BotCommandScope language_code:str",
    "deleteMyCommands": "scope:BotCommandScope language_code:str",
    "setMyName": "name:str language_code:str",
    "setMyDescription": "description:str language_code:str",
    "setMyShortDescription": "short_description:str language_code:str",
    "setChatMenuButton": "chat_id:int menu_button:MenuButton",
}

_OBJECTS = {
    "LinkPreviewOptions": (
        "is_disabled:bool url:str prefer_small_media:bool prefer_large_media:bool show_above_text:bool"
    ),
    "MessageEntity": "type!:str offset!:int length!:int url:str language:str",
    "ReplyParameters": (
        "message_id:int chat_id:chat allow_sending_without_reply:bool quote:str quote_parse_mode:str"
        " quote_entities:[MessageEntity] quote_position:int ephemeral_message_id:int"
    ),
    "EphemeralMessageParameters": "receiver_user_id!:int callback_query_id:str replace_callback_query_message:bool",
    "InlineKeyboardMarkup": "inline_keyboard!:[[InlineKeyboardButton]]",
    "InlineKeyboardButton": (
        "text!:str icon_custom_emoji_id:str style:str url:str callback_data:str web_app:WebAppInfo"
        " switch_inline_query:str switch_inline_query_current_chat:str"
        " switch_inline_query_chosen_chat:SwitchInlineQueryChosenChat copy_text:CopyTextButton"
    ),
    "WebAppInfo": "url!:str",
    "CopyTextButton": "text!:str",
    "SwitchInlineQueryChosenChat": (
        "query:str allow_user_chats:bool allow_bot_chats:bool allow_group_chats:bool allow_channel_chats:bool"
    ),
    "ReplyKeyboardMarkup": (
        "keyboard!:[[KeyboardButton]] is_persistent:bool resize_keyboard:bool one_time_keyboard:bool"
        " input_field_placeholder:str selective:bool"
    ),
    "KeyboardButton": (
        "text!:str icon_custom_emoji_id:str style:str request_contact:bool request_location:bool web_app:WebAppInfo"
    ),
    "ReplyKeyboardRemove": "remove_keyboard!:bool selective:bool",
    "ForceReply": "force_reply!:bool input_field_placeholder:str selective:bool",
    "InputMediaPhoto": f"type!:str media!:file {_CAPTION} {_ABOVE} has_spoiler:bool",
    "InlineQueryResultArticle": (
        "type!:str id!:str title!:str input_message_content!:InputTextMessageContent reply_markup:InlineKeyboardMarkup"
        " url:str description:str thumbnail_url:str thumbnail_width:int thumbnail_height:int"
    ),
    "InputTextMessageContent": f"message_text!:str {_TEXT}",
    "InlineQueryResultsButton": "text!:str web_app:WebAppInfo start_parameter:str",
    "BotCommand": "command!:str description!:str is_ephemeral:bool",
    "BotCommandScope": "type!:str chat_id:chat user_id:int",
    "MenuButton": "type!:str text:str web_app:WebAppInfo",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a method, or one field of an object.

    Attributes:
        name: Telegram's name.
        kind: See the head of this file.
        required: Whether a call without it is refused.
    """

    name: str
    kind: str
    required: bool


Table = Mapping[str, Mapping[str, Parameter]]


def _table(words: Mapping[str, str]) -> Table:
    return MappingProxyType({name: MappingProxyType(dict(map(_parameter, row.split()))) for name, row in words.items()})


def _parameter(word: str) -> tuple[str, Parameter]:
    name, _, kind = word.partition(":")
    return name.rstrip("!"), Parameter(name.rstrip("!"), kind, required=name.endswith("!"))


METHODS: Table = _table(_METHODS)
OBJECTS: Table = _table(_OBJECTS)
METHOD_NAMES: Mapping[str, str] = MappingProxyType({name.lower(): name for name in METHODS})
"""Method names are case-insensitive [https://core.telegram.org/bots/api#making-requests]."""

REPLY_MARKUPS: Mapping[str, str] = MappingProxyType(
    {
        "inline_keyboard": "InlineKeyboardMarkup",
        "keyboard": "ReplyKeyboardMarkup",
        "remove_keyboard": "ReplyKeyboardRemove",
        "force_reply": "ForceReply",
    }
)
"""A reply markup is known by the one field that its kind must carry."""

UPDATE_KINDS = (
    "message",
    "edited_message",
    "callback_query",
    "inline_query",
    "chosen_inline_result",
    "my_chat_member",
    "chat_member",
    "message_reaction",
)
"""The kinds of update that the stand-in can emit."""
