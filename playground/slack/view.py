"""What one person sees of the workspace now, as plain data for a page (pure)."""

from datetime import UTC, datetime

from playground.slack import block_html
from playground.slack.blocks import interactive
from playground.slack.elements_acted import options
from playground.slack.html import mrkdwn
from playground.slack.platform import Platform
from playground.slack.state import Account, Channel, Json, Message, View

_SERVICE = frozenset({"channel_join", "channel_leave"})


def snapshot(platform: Platform, viewer: str) -> Json:
    """Return what a person sees: conversations, App Home, toasts, the open modal."""
    who = platform.workspace.account_of(viewer)
    channels = [c for c in platform.workspace.channels.values() if who.id in c.members]
    stack = platform.workspace.modals.get(who.id) or []
    return {
        "platform": "slack",
        "conversations": [_conversation(platform, who, channel) for channel in channels] + [_home(platform, who)],
        "toasts": list(platform.workspace.toasts.get(who.id, [])),
        "modal": _modal(platform, stack[-1]) if stack else None,
    }


def _conversation(platform: Platform, who: Account, channel: Channel) -> Json:
    private = channel.kind == "im"
    shown = [*channel.messages.values(), *(one for one in channel.whispers.values() if one.viewer == who.id)]
    return {
        "id": channel.id,
        "title": platform.manifest.name if private else f"#{channel.name}",
        "kind": "private" if private else "group",
        "members": len(channel.members),
        "bot": private or platform.workspace.bot_user in channel.members,
        "messages": [_message(platform, who, one) for one in sorted(shown, key=lambda one: float(one.ts))],
    }


def _message(platform: Platform, who: Account, message: Message) -> Json:
    account = platform.workspace.accounts[message.author]
    return {
        "id": message.ts,
        "author": account.name,
        "author_key": account.key,
        "is_bot": message.by_app,
        "at": datetime.fromtimestamp(float(message.ts), UTC).isoformat(),
        "html": _html(platform, message),
        "buttons": _message_buttons(platform, message),
        "pieces": _pieces(platform, message),
        "reply_to": message.thread_ts,
        "thread_of": message.thread_ts,
        "edited": message.edited is not None,
        "ephemeral": message.viewer is not None,
        "image": _image(message),
        "preview": message.preview,
        "service": message.subtype in _SERVICE,
        "mine": message.author == who.id,
    }


def _html(platform: Platform, message: Message) -> str:
    names = platform.names
    html = block_html.blocks(message.blocks, names) if message.blocks else mrkdwn(message.text, names)
    return html + "".join(_unfurl(platform, one) for one in message.attachments) + _reactions(message)


def _pieces(platform: Platform, message: Message) -> list[Json]:
    """A message of the app's, block by block, so that what can be pressed stands beside what it is about."""
    if not message.by_app or not message.blocks:
        return []
    unfurls = [
        {"html": _unfurl(platform, one), "buttons": _buttons(platform, one.get("blocks") or []), "input": None}
        for one in message.attachments
    ]
    reactions = _reactions(message)
    shown: list[Json] = [{"html": reactions, "buttons": [], "input": None}] if reactions else []
    return [*_parts(platform, message.blocks), *unfurls, *shown]


def _unfurl(platform: Platform, attachment: Json) -> str:
    return f'<div class="unfurl">{block_html.attachment(attachment, platform.names)}</div>'


def _reactions(message: Message) -> str:
    reactions = " ".join(f":{name}: {len(users)}" for name, users in message.reactions.items() if users)
    return f'<p class="reactions">{reactions}</p>' if reactions else ""


def _image(message: Message) -> Json | None:
    for file in message.files:
        if str(file["mimetype"]).startswith("image/"):
            return {"src": file["url_private"], "alt": file["alt_txt"] or file["title"]}
    return None


def _message_buttons(platform: Platform, message: Message) -> list[list[Json]]:
    blocks = [*message.blocks, *(b for a in message.attachments for b in a.get("blocks") or [])]
    return _buttons(platform, blocks)


def _buttons(platform: Platform, blocks: list[Json]) -> list[list[Json]]:
    rows = [
        [_button(platform, block, element) for element in interactive(block)]
        for block in blocks
        if block["type"] != "input"
    ]
    return [row for row in rows if row]


def _parts(platform: Platform, blocks: list[Json]) -> list[Json]:
    """A view block by block: its text, what can be pressed beside it, and the input that stands there, by its id."""
    return [
        {
            "html": block_html.blocks([block], platform.names),
            "buttons": _buttons(platform, [block]),
            "input": block["block_id"] if block["type"] == "input" else None,
        }
        for block in blocks
    ]


def _button(platform: Platform, block: Json, element: Json) -> Json:
    plain = element["type"] == "button"
    return {
        "id": f"{block['block_id']}/{element['action_id']}",
        "label": _label(element),
        "kind": ("url" if "url" in element else "action") if plain else "menu",
        "url": element.get("url"),
        "style": element.get("style"),
        "options": [] if plain else _choices(platform, element),
        "element": element["type"],
        "confirm": (element.get("confirm") or {}).get("text", {}).get("text"),
    }


def _label(element: Json) -> str:
    if element["type"] == "overflow":
        return "⋯"
    thing = element.get("text") or element.get("initial_option", {}).get("text") or element.get("placeholder") or {}
    return str(thing.get("text", element["type"]))


def _choices(platform: Platform, element: Json) -> list[Json]:
    workspace = platform.workspace
    if element["type"] == "users_select":
        people = (account for account in workspace.accounts.values() if not account.is_bot)
        return [{"value": account.id, "label": account.name} for account in people]
    if element["type"] in {"channels_select", "conversations_select"}:
        channels = (channel for channel in workspace.channels.values() if channel.kind != "im")
        return [{"value": channel.id, "label": f"#{channel.name}"} for channel in channels]
    return [{"value": one["value"], "label": one["text"]["text"]} for one in options(element)]


def _home(platform: Platform, who: Account) -> Json:
    view = platform.workspace.homes.get(who.id)
    conversation: Json = {"id": "home", "title": platform.manifest.name, "kind": "home", "members": 1, "bot": True}
    conversation["messages"] = []
    if view is not None:
        conversation["messages"] = [_home_message(platform, view)]
    return conversation


def _home_message(platform: Platform, view: View) -> Json:
    seconds = float(view.hash.rpartition(".")[0])
    return {
        "id": view.id,
        "author": platform.manifest.name,
        "author_key": None,
        "is_bot": True,
        "at": datetime.fromtimestamp(seconds, UTC).isoformat(),
        "html": block_html.blocks(view.payload["blocks"], platform.names),
        "buttons": _buttons(platform, view.payload["blocks"]),
        "parts": _parts(platform, view.payload["blocks"]),
        "reply_to": None,
        "thread_of": None,
        "edited": False,
        "ephemeral": False,
        "image": None,
        "preview": False,
        "service": False,
        "mine": False,
    }


def _modal(platform: Platform, view: View) -> Json:
    payload = view.payload
    return {
        "id": view.id,
        "title": payload["title"]["text"],
        "html": block_html.blocks(payload["blocks"], platform.names),
        "buttons": _buttons(platform, payload["blocks"]),
        "parts": _parts(platform, payload["blocks"]),
        "submit": (payload.get("submit") or {}).get("text"),
        "close": (payload.get("close") or {}).get("text", "Cancel"),
        "inputs": [_input(platform, block) for block in payload["blocks"] if block["type"] == "input"],
        "errors": dict(view.errors),
    }


def _input(platform: Platform, block: Json) -> Json:
    element = block["element"]
    initial = [element[key] for key in element if key.startswith("initial_")]
    return {
        "id": block["block_id"],
        "action_id": element["action_id"],
        "type": element["type"],
        "label": block["label"]["text"],
        "hint": (block.get("hint") or {}).get("text"),
        "optional": bool(block.get("optional")),
        "placeholder": (element.get("placeholder") or {}).get("text"),
        "initial": initial[0] if initial else None,
        "multiline": bool(element.get("multiline")),
        "max_length": element.get("max_length"),
        "options": _choices(platform, element),
    }
