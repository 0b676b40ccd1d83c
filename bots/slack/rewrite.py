"""A member's own message with other addresses in it, and nothing else changed. Pure.

An edit must bring the `rich_text` blocks along, or they are lost; whatever is in them stays as it was, key by key
[https://docs.slack.dev/reference/methods/chat.update].
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bots.slack.render import escape

Json = Mapping[str, Any]
Swap = Callable[[str], str | None]
"""What stands in the place of an address; None leaves it as it is."""

LONGEST = 4000
"""Characters of `text` that an edit may have; a longer message is left as it is (`msg_too_long`)."""

_LINK = re.compile(r"<(https?://[^<>|\s]+)(\|[^<>]*)?>", re.IGNORECASE)
_CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
_ONE_BLOCK_KIND = frozenset({"rich_text"})


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What the edit says."""

    text: str
    blocks: tuple[dict[str, Any], ...]


def rewritten(message: Json, swap: Swap) -> Rewritten | None:
    """A message with its addresses swapped; None when there is nothing to swap, or it can't be done without loss.

    Code is left alone. A message with files, or with blocks that no person types, is left as it is. A label stays; an
    address that was its own label takes the new one, so that nobody is led elsewhere than the text says.
    """
    blocks = message.get("blocks") or []
    if message.get("files") or any(block.get("type") not in _ONE_BLOCK_KIND for block in blocks):
        return None
    text = str(message.get("text") or "")
    changed = Rewritten(_in_text(text, swap), tuple(_in_element(block, swap) for block in blocks))
    same = changed.text == text and list(changed.blocks) == list(blocks)
    return None if same or len(changed.text) > LONGEST else changed


def _in_text(text: str, swap: Swap) -> str:
    pieces = _CODE.split(text)
    pieces[::2] = [_LINK.sub(lambda match: _swapped(match, swap), piece) for piece in pieces[::2]]
    return "".join(pieces)


def _swapped(match: re.Match[str], swap: Swap) -> str:
    url = match[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    instead = swap(url)
    if instead is None:
        return match[0]
    label = match[2] or ""
    return f"<{escape(instead)}{'' if label[1:] == match[1] else label}>"


def _in_element(element: Json, swap: Swap) -> dict[str, Any]:
    kind = element.get("type")
    if kind == "rich_text_preformatted":
        return dict(element)
    if kind == "link":
        return _link(element, swap)
    inside = element.get("elements")
    return (
        {**element, "elements": [_in_element(each, swap) for each in inside]}
        if isinstance(inside, list)
        else {**element}
    )


def _link(element: Json, swap: Swap) -> dict[str, Any]:
    url = str(element.get("url") or "")
    instead = None if (element.get("style") or {}).get("code") else swap(url)
    if instead is None:
        return dict(element)
    kept = {name: value for name, value in element.items() if name != "text" or value != url}
    return {**kept, "url": instead}
