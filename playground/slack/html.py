"""Slack's mrkdwn and rich text as safe HTML (pure)."""

import re
from collections.abc import Callable, Mapping
from html import escape as quoted

from playground.slack.markup import unescape
from playground.slack.state import Json

_CODE = re.compile(r"```(?P<pre>.+?)```|`(?P<code>[^`\n]+)`", re.DOTALL)
_TOKEN = re.compile(r"<([^<>\n]+)>")
_STYLES = (
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"), "strong"),
    (re.compile(r"(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])"), "em"),
    (re.compile(r"(?<![\w~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\w~])"), "s"),
)
Names = Mapping[str, str]
"""Account and channel ids to the names people read."""


def link(url: str, label: str | None = None) -> str:
    """Return an anchor that opens elsewhere, or the escaped label when the scheme is not one to follow."""
    shown = quoted(label or url)
    if not url.startswith(("https://", "http://", "mailto:")):
        return shown
    return f'<a href="{quoted(url)}" rel="noopener noreferrer" target="_blank">{shown}</a>'


def mrkdwn(text: str, names: Names) -> str:
    """Return mrkdwn text as HTML; nothing in it can add markup of its own."""
    html, done = "", 0
    for match in _CODE.finditer(text):
        html += _prose(text[done : match.start()], names)
        tag = "pre" if match["pre"] else "code"
        html += f"<{tag}>{quoted(unescape(_bare(match['pre'] or match['code'])))}</{tag}>"
        done = match.end()
    return html + _prose(text[done:], names)


def _bare(code: str) -> str:
    return _TOKEN.sub(lambda match: match[1].partition("|")[0], code)


def _prose(text: str, names: Names) -> str:
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(_token(match[1], names))
        return f"\x00{len(kept) - 1}\x00"

    plain = quoted(unescape(_TOKEN.sub(keep, text.replace("\x00", ""))), quote=False)
    for pattern, tag in _STYLES:
        plain = pattern.sub(rf"<{tag}>\1</{tag}>", plain)
    plain = re.sub(r"\x00(\d+)\x00", lambda match: kept[int(match[1])], plain)
    return plain.replace("\n", "<br>")


def _token(inner: str, names: Names) -> str:
    target, _, label = inner.partition("|")
    if target.startswith(("@", "#")):
        return f"<b>{target[0]}{quoted(names.get(target[1:], unescape(label) or target[1:]))}</b>"
    if target.startswith("!date^"):
        return quoted(unescape(label))
    if target.startswith("!"):
        return f"<b>@{quoted(target[1:].partition('^')[0])}</b>"
    return link(unescape(target), unescape(label) or None)


def text_object(thing: Json | str | None, names: Names) -> str:
    """Return a text object (or a bare string) as HTML."""
    if not thing:
        return ""
    if isinstance(thing, str):
        return quoted(thing)
    if thing.get("type") == "mrkdwn":
        return mrkdwn(str(thing.get("text", "")), names)
    return quoted(str(thing.get("text", ""))).replace("\n", "<br>")


def rich_text(block: Json, names: Names) -> str:
    """Return a `rich_text` block as HTML."""
    return "".join(_rich_part(part, names) for part in block.get("elements", []))


def _rich_part(part: Json, names: Names) -> str:
    if part["type"] == "rich_text_list":
        tag = "ol" if part.get("style") == "ordered" else "ul"
        items = "".join(f"<li>{_rich_part(item, names)}</li>" for item in part.get("elements", []))
        return f"<{tag}>{items}</{tag}>"
    inner = "".join(_rich_element(element, names) for element in part.get("elements", []))
    wrap = {"rich_text_quote": "blockquote", "rich_text_preformatted": "pre"}.get(part["type"])
    return f"<{wrap}>{inner}</{wrap}>" if wrap else inner


def _rich_element(element: Json, names: Names) -> str:
    shown = _RICH.get(element["type"], _rich_plain)(element, names)
    style = element.get("style") or {}
    for word, tag in (("code", "code"), ("bold", "strong"), ("italic", "em"), ("strike", "s")):
        if style.get(word):
            shown = f"<{tag}>{shown}</{tag}>"
    return shown


def _rich_plain(element: Json, names: Names) -> str:
    del names
    return quoted(str(element.get("text", ""))).replace("\n", "<br>")


def _rich_link(element: Json, names: Names) -> str:
    del names
    return link(str(element["url"]), element.get("text"))


def _rich_mention(element: Json, names: Names) -> str:
    account = element.get("user_id") or element.get("channel_id") or element.get("usergroup_id") or ""
    sign = "#" if element["type"] == "channel" else "@"
    return f"<b>{sign}{quoted(names.get(account, account))}</b>"


def _rich_broadcast(element: Json, names: Names) -> str:
    del names
    return f"<b>@{quoted(str(element.get('range', '')))}</b>"


def _rich_emoji(element: Json, names: Names) -> str:
    del names
    return f":{quoted(str(element.get('name', '')))}:"


def _rich_date(element: Json, names: Names) -> str:
    del names
    return quoted(str(element.get("fallback") or element.get("timestamp", "")))


_RICH: dict[str, Callable[[Json, Names], str]] = {
    "text": _rich_plain,
    "link": _rich_link,
    "user": _rich_mention,
    "channel": _rich_mention,
    "usergroup": _rich_mention,
    "broadcast": _rich_broadcast,
    "emoji": _rich_emoji,
    "date": _rich_date,
}
