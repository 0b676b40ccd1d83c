"""A message's text and entities as safe HTML for the playground's page: all escaped, links with rel and target."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from playground.telegram.entities import Entity, utf16_length, utf16_slice
from playground.telegram.markup import valid_link

_TAGS = {
    "bold": ("<strong>", "</strong>"),
    "italic": ("<em>", "</em>"),
    "underline": ("<u>", "</u>"),
    "strikethrough": ("<s>", "</s>"),
    "spoiler": ('<span class="spoiler">', "</span>"),
    "code": ("<code>", "</code>"),
    "pre": ("<pre>", "</pre>"),
    "blockquote": ("<blockquote>", "</blockquote>"),
    "expandable_blockquote": ("<blockquote>", "</blockquote>"),
    "bot_command": ('<span class="command">', "</span>"),
    "mention": ('<span class="mention">', "</span>"),
    "hashtag": ('<span class="hashtag">', "</span>"),
}
_OPENED_BY_PAGE = ("http://", "https://", "mailto:")


def safe_html(text: str, entities: Sequence[Entity]) -> str:
    """Render a text; entities that cross others are cut so that the tags always nest."""
    edges = sorted({0, utf16_length(text)} | {edge for entity in entities for edge in (entity.offset, entity.end)})
    ordered = sorted(entities, key=lambda entity: (entity.offset, -entity.length))
    parts: list[str] = []
    open_ones: list[Entity] = []
    for start, end in pairwise(edges):
        covering = [entity for entity in ordered if entity.offset <= start and end <= entity.end]
        _change(parts, open_ones, covering, text)
        parts.append(escape(utf16_slice(text, start, end - start)).replace("\n", "<br>"))
        open_ones = covering
    _change(parts, open_ones, [], text)
    return "".join(parts)


def _change(parts: list[str], before: list[Entity], after: list[Entity], text: str) -> None:
    shared = 0
    while shared < min(len(before), len(after)) and before[shared] == after[shared]:
        shared += 1
    parts.extend(_tags(entity, text)[1] for entity in reversed(before[shared:]))
    parts.extend(_tags(entity, text)[0] for entity in after[shared:])


def _tags(entity: Entity, text: str) -> tuple[str, str]:
    if entity.type not in {"url", "text_link", "email"}:
        return _TAGS.get(entity.type, ("", ""))
    shown = utf16_slice(text, entity.offset, entity.length)
    target = f"mailto:{shown}" if entity.type == "email" else valid_link(entity.url or shown)
    if target is None or not target.lower().startswith(_OPENED_BY_PAGE):
        return "", ""
    return f'<a href="{escape(target)}" rel="noopener noreferrer" target="_blank">', "</a>"
