"""What one person sees: their groups and their chat with the bot, as plain data for a page."""

from base64 import b64encode
from html import escape
from typing import Any

from playground.people import Person
from playground.telegram.acting import public_id, visible
from playground.telegram.safe_html import safe_html
from playground.telegram.state import ADMINS, PRESENT, Chat, Message, Picture, World

_LINKS = frozenset({"url", "text_link"})


def snapshot(world: World, viewer: str) -> dict[str, Any]:
    """Say what somebody sees now; the private chat is there, empty, before its first word.

    Raises:
        KeyError: Nobody has this key.
    """
    person = world.person(viewer)
    groups = [chat for chat in world.chats.values() if _in_group(chat, person)]
    own = world.chats.get(person.telegram_id) or Chat(person.telegram_id, "private", person.name)
    toasts = [toast for toast in world.toasts if toast.user_id == person.telegram_id]
    return {
        "platform": "telegram",
        "conversations": [_conversation(world, chat, person) for chat in (*groups, own)],
        "toasts": [
            {"id": toast.id, "text": toast.text, "alert": toast.alert, "url": toast.url or None} for toast in toasts
        ],
        "modal": None,
    }


def _in_group(chat: Chat, person: Person) -> bool:
    here = chat.member(person.telegram_id).status in PRESENT
    return here and chat.kind != "private" and chat.migrated_to is None


def _conversation(world: World, chat: Chat, viewer: Person) -> dict[str, Any]:
    private = chat.kind == "private"
    replaced = {
        message.ephemeral.in_place_of
        for message in chat.ephemerals.values()
        if message.ephemeral is not None and message.ephemeral.receiver_id == viewer.telegram_id
    }
    shown = [
        message
        for message in chat.in_order()
        if visible(message, viewer.telegram_id) and not (message.id and message.id in replaced)
    ]
    return {
        "id": str(chat.id),
        "title": world.bot.name if private else chat.title,
        "kind": "private" if private else "group",
        "members": 2 if private else len(chat.present()),
        "bot": private or world.bot_in(chat).status in PRESENT,
        "signs_as_group": _signs_as_group(chat, viewer),
        "messages": [_message(world, chat, message, viewer) for message in shown],
    }


def _signs_as_group(chat: Chat, viewer: Person) -> bool | None:
    """Whether an administrator signs as the group; None for whoever may not choose that."""
    member = chat.member(viewer.telegram_id)
    return member.anonymous if member.status in ADMINS and chat.kind != "private" else None


def _message(world: World, chat: Chat, message: Message, viewer: Person) -> dict[str, Any]:
    author = world.people.get(message.sender_id)
    hidden = message.anonymous or author is None
    name = chat.title if message.anonymous else (world.bot.name if author is None else author.name)
    return {
        "id": public_id(message),
        "author": name,
        "author_key": None if hidden or author is None else author.key,
        "is_bot": message.sender_id == world.bot.id,
        "at": message.date.isoformat(),
        "html": _service_html(message.service) if message.service else _html(world, message),
        "buttons": _buttons(message),
        "reply_to": None if message.reply_to is None else str(message.reply_to),
        "thread_of": None if message.thread_id is None else str(message.thread_id),
        "edited": message.edited is not None,
        "ephemeral": message.ephemeral is not None,
        "image": _image(world, message),
        "preview": _has_preview(message),
        "service": message.service is not None,
        "mine": message.sender_id == viewer.telegram_id,
    }


def _html(world: World, message: Message) -> str:
    html = safe_html(message.body.text, message.body.entities)
    if message.via_bot:
        html = f'<span class="via">via @{escape(world.bot.username)}</span><br>{html}'
    if message.body.picture is not None and message.body.picture.kind == "document":
        html = f'<span class="file">{escape(world.files[message.body.picture.file_id].name)}</span><br>{html}'
    return html


def _image(world: World, message: Message) -> dict[str, str] | None:
    picture: Picture | None = message.body.picture
    if picture is None or picture.kind != "photo":
        return None
    file = world.files[picture.file_id]
    source = f"data:{file.mime};base64,{b64encode(file.content).decode()}"
    return {"src": source, "alt": message.body.text or "Photo"}


def _has_preview(message: Message) -> bool:
    options = message.body.preview or {}
    linked = "url" in options or any(entity.type in _LINKS for entity in message.body.entities)
    return linked and message.body.picture is None and not options.get("is_disabled", False)


def _buttons(message: Message) -> list[list[dict[str, Any]]]:
    rows = (message.body.markup or {"inline_keyboard": []})["inline_keyboard"]
    return [[_button(f"{row}-{place}", button) for place, button in enumerate(line)] for row, line in enumerate(rows)]


def _button(button_id: str, button: dict[str, Any]) -> dict[str, Any]:
    """Kinds beyond `action` and `url` are the client's business: `inline` prefills a query, `copy` copies a text."""
    prompt = button.get("switch_inline_query_current_chat", button.get("switch_inline_query"))
    copied = button.get("copy_text", {}).get("text")
    kinds = (("url", button.get("url")), ("inline", prompt), ("copy", copied))
    kind = next((name for name, value in kinds if value is not None), "action")
    return {
        "id": button_id,
        "label": button["text"],
        "kind": kind,
        "url": button.get("url"),
        "style": button.get("style"),
        "options": [text for text in (prompt, copied) if text is not None],
    }


def _service_html(service: dict[str, Any]) -> str:
    (kind, value), *_ = service.items()
    if kind == "new_chat_members":
        return escape(", ".join(user["first_name"] for user in value)) + " joined"
    if kind == "left_chat_member":
        return f"{escape(value['first_name'])} left"
    if kind == "forum_topic_created":
        return f"Topic “{escape(value['name'])}” opened"
    words = {"forum_topic_closed": "Topic closed", "forum_topic_reopened": "Topic opened again"}
    return words.get(kind, "The group became a supergroup")
