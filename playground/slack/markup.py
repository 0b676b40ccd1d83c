"""What a person types, as Slack's client sends it: mrkdwn text and one `rich_text` block (pure)."""

import re
from collections.abc import Iterator, Mapping

from playground.slack.state import Json

_TYPED = re.compile(
    r"```(?P<pre>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|\[(?P<label>[^\]\n]+)\]\((?P<target>https?://[^\s)]+)\)"
    r"|(?P<url>https?://[^\s<>\"`|]+)"
    r"|(?<![\w@./-])(?P<bare>(?:[a-z0-9-]+\.)+(?:com|org|net|fr|io|dev|example|test)(?:/[^\s<>\"`|]*)?)(?![\w@-])"
    r"|(?<!\w)@(?P<mention>\w+)",
    re.DOTALL,
)
_TRAILING = ".,;:!?'\")]}"
_LINK = re.compile(r"<(?P<url>(?:https?|mailto):[^<>|]+)(?:\|(?P<label>[^<>]*))?>")
_CODE = re.compile(r"```.+?```|`[^`\n]+`", re.DOTALL)


def escape(text: str) -> str:
    """Escape the three characters that mean something in mrkdwn."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Undo `escape`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def compose(typed: str, people: Mapping[str, str]) -> tuple[str, list[Json]]:
    """Return `(text, blocks)` for what was typed; `people` maps lower-case names to account ids for mentions."""
    pieces = list(_pieces(typed, people))
    text = "".join(_mrkdwn(piece) for piece in pieces)
    return text, [{"type": "rich_text", "elements": list(_sections(pieces))}]


def _pieces(typed: str, people: Mapping[str, str]) -> Iterator[Json]:
    done = 0
    for match in _TYPED.finditer(typed):
        if match.start() < done:
            continue
        piece, end = _piece(match, people)
        if piece is None:
            continue
        if match.start() > done:
            yield {"type": "text", "text": typed[done : match.start()]}
        yield piece
        done = end
    if done < len(typed):
        yield {"type": "text", "text": typed[done:]}


def _piece(match: re.Match[str], people: Mapping[str, str]) -> tuple[Json | None, int]:
    kind, end = match.lastgroup, match.end()
    if kind == "pre":
        return {"type": "pre", "text": match["pre"].strip("\n")}, end
    if kind == "code":
        return {"type": "text", "text": match["code"], "style": {"code": True}}, end
    if kind == "target":
        return {"type": "link", "url": match["target"], "text": match["label"]}, end
    if kind == "mention":
        account = people.get(match["mention"].lower())
        return ({"type": "user", "user_id": account} if account else None), end
    found = match[0].rstrip(_TRAILING)
    end = match.start() + len(found)
    if kind == "bare":
        return {"type": "link", "url": "http://" + found, "text": found}, end
    return {"type": "link", "url": found}, end


def _mrkdwn(piece: Json) -> str:
    match piece:
        case {"type": "pre", "text": str(text)}:
            return f"```{escape(text)}```"
        case {"type": "text", "text": str(text), "style": {"code": True}}:
            return f"`{escape(text)}`"
        case {"type": "link", "url": str(url), "text": str(label)}:
            return f"<{escape(url)}|{escape(label)}>"
        case {"type": "link", "url": str(url)}:
            return f"<{escape(url)}>"
        case {"type": "user", "user_id": str(account)}:
            return f"<@{account}>"
        case _:
            return escape(piece["text"])


def _sections(pieces: list[Json]) -> Iterator[Json]:
    run: list[Json] = []
    for piece in pieces:
        if piece["type"] != "pre":
            run.append(piece)
            continue
        if run:
            yield {"type": "rich_text_section", "elements": run}
        run = []
        text = {"type": "text", "text": piece["text"]}
        yield {"type": "rich_text_preformatted", "elements": [text], "border": 0}
    if run or not pieces:
        yield {"type": "rich_text_section", "elements": run}


def links(text: str) -> list[str]:
    """Return the addresses in mrkdwn text, outside code, in order, each once."""
    outside = _CODE.sub(" ", text)
    found = [unescape(match["url"]) for match in _LINK.finditer(outside)]
    return list(dict.fromkeys(url for url in found if url.startswith("http")))


def previews(text: str) -> list[str]:
    """Return the addresses Slack's own crawler would unfurl: not those whose label is a part of the address."""
    shown: list[str] = []
    for match in _LINK.finditer(_CODE.sub(" ", text)):
        url = unescape(match["url"])
        label = unescape(match["label"] or "")
        if url.startswith("http") and not (label and label in url.partition("://")[2]):
            shown.append(url)
    return list(dict.fromkeys(shown))


def autolink(text: str) -> str:
    """Turn bare addresses of an app's text into `<url>`, as Slack does with mrkdwn text it is handed."""
    parts = re.split(r"(<[^<>]*>|```.+?```|`[^`\n]+`)", text, flags=re.DOTALL)
    return "".join(part if index % 2 else _autolinked(part) for index, part in enumerate(parts))


def _autolinked(text: str) -> str:
    return re.sub(r"https?://[^\s<>\"`|]+", lambda m: _wrapped(m[0]), text)


def _wrapped(found: str) -> str:
    url = found.rstrip(_TRAILING)
    return f"<{url}>{found[len(url) :]}"


def literal_links(text: str) -> str:
    """Return text as `parse: client` leaves it for a person's token: `<url|label>` is shown, not read.

    Source: platforms.md 1.1 (an edit with a user token needs `parse: "none"` to keep links).
    """
    parts: list[str] = []
    done = 0
    for match in _LINK.finditer(text):
        parts += [_autolinked(text[done : match.start()]), escape(match[0])]
        done = match.end()
    return "".join([*parts, _autolinked(text[done:])])
