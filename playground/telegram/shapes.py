"""The stand-in's nouns in the platform's words: User, Chat, ChatMember, Message as JSON."""

from datetime import datetime
from typing import Any

from playground.telegram.state import ANONYMOUS_ADMIN_ID, Chat, Member, Message, Picture, StoredFile, World

RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
    "can_send_welcome_messages",
)
"""The rights of an administrator that ChatMemberAdministrator always tells."""


def unix(instant: datetime) -> int:
    """Say an instant in Unix seconds."""
    return int(instant.timestamp())


def user_json(world: World, user_id: int) -> dict[str, Any]:
    """Say somebody, the bot, or GroupAnonymousBot, as a User."""
    if user_id == world.bot.id:
        return {"id": user_id, "is_bot": True, "first_name": world.bot.name, "username": world.bot.username}
    if user_id == ANONYMOUS_ADMIN_ID:
        return {"id": user_id, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    person = world.people[user_id]
    return {"id": user_id, "is_bot": False, "first_name": person.name, "language_code": person.language}


def bot_json(world: World) -> dict[str, Any]:
    """Say the bot as getMe does."""
    return user_json(world, world.bot.id) | {
        "can_join_groups": True,
        "can_read_all_group_messages": world.bot.can_read_all,
        "supports_inline_queries": world.bot.inline,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def chat_json(chat: Chat) -> dict[str, Any]:
    """Say a chat as a Chat."""
    if chat.kind == "private":
        return {"id": chat.id, "type": "private", "first_name": chat.title}
    forum = {"is_forum": True} if chat.is_forum else {}
    return {"id": chat.id, "type": chat.kind, "title": chat.title} | forum


def chat_full_json(chat: Chat) -> dict[str, Any]:
    """Say a chat as a ChatFullInfo."""
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    protected = {"has_protected_content": True} if chat.protected else {}
    return (
        chat_json(chat)
        | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(gifts, False)}
        | protected
    )


def member_json(world: World, user_id: int, member: Member) -> dict[str, Any]:
    """Say somebody's standing as a ChatMember."""
    said: dict[str, Any] = {"user": user_json(world, user_id), "status": member.status}
    if member.status == "creator":
        return said | {"is_anonymous": member.anonymous}
    if member.status == "administrator":
        rights = {right: right in member.rights for right in RIGHTS}
        return said | {"can_be_edited": False, "is_anonymous": member.anonymous} | rights
    return said | ({"until_date": 0} if member.status == "kicked" else {})


def message_json(world: World, message: Message, *, nested: bool = False) -> dict[str, Any]:
    """Say a message as a Message; a nested one does not tell what it replies to."""
    chat = world.chats[message.chat_id]
    said: dict[str, Any] = {"message_id": message.id, "from": user_json(world, _signer(message))}
    said |= {"chat": chat_json(chat), "date": unix(message.date)}
    said |= _circumstances(world, chat, message)
    if message.service is not None:
        return said | message.service
    replied = None if nested or message.reply_to is None else chat.messages.get(message.reply_to)
    if replied is not None:
        said["reply_to_message"] = message_json(world, replied, nested=True)
    return said | _body_json(world, message)


def photo_sizes(file: StoredFile) -> list[dict[str, Any]]:
    """Say an image as Telegram lists its sizes; here there is one."""
    return [_file_json(file) | {"width": file.width, "height": file.height}]


def _signer(message: Message) -> int:
    return ANONYMOUS_ADMIN_ID if message.anonymous else message.sender_id


def _circumstances(world: World, chat: Chat, message: Message) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if message.anonymous:
        said["sender_chat"] = chat_json(chat)
    if message.thread_id is not None:
        said |= {"message_thread_id": message.thread_id, "is_topic_message": True}
    if message.ephemeral is not None:
        said["ephemeral_message_id"] = message.ephemeral.id
        said["receiver_user"] = user_json(world, message.ephemeral.receiver_id)
    if message.edited is not None:
        said["edit_date"] = unix(message.edited)
    if message.album_id is not None:
        said["media_group_id"] = message.album_id
    if message.origin is not None:
        said["forward_origin"] = message.origin
    if message.via_bot:
        said["via_bot"] = user_json(world, world.bot.id)
    if message.protected or chat.protected:
        said["has_protected_content"] = True
    return said


def _body_json(world: World, message: Message) -> dict[str, Any]:
    body = message.body
    text, entities = ("caption", "caption_entities") if body.picture else ("text", "entities")
    said = _picture_json(world, body.picture) if body.picture else {}
    if body.text:
        said[text] = body.text
    if body.entities:
        said[entities] = [entity.as_json() for entity in body.entities]
    if body.caption_above:
        said["show_caption_above_media"] = True
    if body.preview is not None:
        said["link_preview_options"] = body.preview
    if body.markup is not None:
        said["reply_markup"] = body.markup
    return said


def _picture_json(world: World, picture: Picture) -> dict[str, Any]:
    file = world.files[picture.file_id]
    if picture.kind == "photo":
        return {"photo": photo_sizes(file)}
    return {"document": _file_json(file) | {"file_name": file.name, "mime_type": file.mime}}


def _file_json(file: StoredFile) -> dict[str, Any]:
    return {"file_id": file.file_id, "file_unique_id": file.file_id[-12:], "file_size": len(file.content)}
