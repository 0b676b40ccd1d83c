"""Messages, unfurls and views held against Block Kit's rules, in Slack's words of refusal."""

import json
from collections.abc import Iterator

from playground.slack.charts import DATA_VISUALIZATION, MOST_PER_MESSAGE
from playground.slack.elements import ACCESSORIES, ACTIONS, IMAGE, INPUTS, RICH_PARTS, SLACK_FILE, plain, text
from playground.slack.errors import SlackError
from playground.slack.rules import Rule, also, boolean, complaint, listing, one_of, record, string, typed
from playground.slack.state import Json

_BLOCK_ID = {"block_id": string(255)}
MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
VIEW_BYTES = 250_000


def _block(name: str, required: dict[str, Rule], optional: dict[str, Rule] | None = None) -> Rule:
    return record({"type": one_of(name), **required}, {**_BLOCK_ID, **(optional or {})})


def _section_content(section: dict[str, object]) -> str | None:
    return None if "text" in section or "fields" in section else "must define one of text, fields"


def _image_source(image: dict[str, object]) -> str | None:
    return None if ("image_url" in image) != ("slack_file" in image) else "must define one of image_url, slack_file"


_CELL = typed(
    {
        "raw_text": record({"type": one_of("raw_text"), "text": string(10_000, least=0)}),
        "rich_text": record({"type": one_of("rich_text"), "elements": listing(typed(RICH_PARTS), 0, 100)}),
    }
)
BLOCKS: dict[str, Rule] = {
    "header": _block("header", {"text": plain(150)}),
    "section": also(
        _block(
            "section",
            {},
            {
                "text": text(3000),
                "fields": listing(text(2000), 1, 10),
                "accessory": typed(ACCESSORIES),
                "expand": boolean,
            },
        ),
        _section_content,
    ),
    "context": _block(
        "context",
        {"elements": listing(typed({"image": IMAGE, "mrkdwn": text(3000), "plain_text": text(3000)}), 1, 10)},
    ),
    "actions": _block("actions", {"elements": listing(typed(ACTIONS), 1, 25)}),
    "divider": _block("divider", {}),
    "image": also(
        _block(
            "image",
            {"alt_text": string(2000)},
            {"image_url": string(3000, pattern=r"https?://\S+"), "slack_file": SLACK_FILE, "title": plain(2000)},
        ),
        _image_source,
    ),
    "rich_text": _block("rich_text", {"elements": listing(typed(RICH_PARTS), 1, 100)}),
    "markdown": _block("markdown", {"text": string(12_000)}),
    "table": _block("table", {"rows": listing(listing(_CELL, 1, 20), 1, 100)}),
    "input": _block(
        "input",
        {"label": plain(2000), "element": typed(INPUTS)},
        {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "data_visualization": DATA_VISUALIZATION,
}
_UNFURL_BLOCKS = {name: rule for name, rule in BLOCKS.items() if name not in {"rich_text", "data_visualization"}}
_HOME_BLOCKS = {name: rule for name, rule in BLOCKS.items() if name not in {"table", "markdown", "data_visualization"}}
"""Those that stand in messages alone are refused in views [https://docs.slack.dev/reference/block-kit/blocks]."""
_VIEW_FIELDS: dict[str, Rule] = {
    "private_metadata": string(3000, least=0),
    "callback_id": string(255, least=0),
    "external_id": string(255, least=0),
}
_MODAL_FIELDS: dict[str, Rule] = {
    **_VIEW_FIELDS,
    "close": plain(24),
    "submit": plain(24),
    "clear_on_close": boolean,
    "notify_on_close": boolean,
    "submit_disabled": boolean,
}
_VIEWS = {
    "modal": record(
        {"type": one_of("modal"), "title": plain(24), "blocks": listing(typed(_HOME_BLOCKS), 0, VIEW_BLOCKS)},
        _MODAL_FIELDS,
    ),
    "home": record({"type": one_of("home"), "blocks": listing(typed(_HOME_BLOCKS), 0, VIEW_BLOCKS)}, _VIEW_FIELDS),
}


def check_blocks(blocks: list[Json], *, charts: bool = True, unfurl: bool = False) -> None:
    """Accept a message's blocks.

    Args:
        blocks: the blocks as handed in.
        charts: whether this workspace knows `data_visualization`.
        unfurl: the blocks belong to an unfurl, where rich text is refused (platforms.md 1.2).

    Raises:
        SlackError: `invalid_blocks`, with every complaint.
    """
    known = dict(_UNFURL_BLOCKS if unfurl else BLOCKS)
    if not charts:
        known.pop("data_visualization", None)
    faults = list(listing(typed(known), 0, MESSAGE_BLOCKS)(blocks, "/blocks"))
    if not faults:
        faults = [*_twins(blocks, "/blocks"), *_crowd(blocks)]
    if faults:
        raise SlackError("invalid_blocks", messages=faults)


def check_view(view: Json, kind: str) -> None:
    """Accept a view of this kind (`modal` or `home`).

    Raises:
        SlackError: `invalid_arguments` with every complaint, or `view_too_large`.
    """
    if len(json.dumps(view).encode()) > VIEW_BYTES:
        raise SlackError("view_too_large")
    faults = list(typed({kind: _VIEWS[kind]})(view, "/view"))
    blocks = view.get("blocks")
    if not faults and isinstance(blocks, list):
        faults = [*_twins(blocks, "/view/blocks"), *_unsubmittable(view, blocks)]
    if faults:
        raise SlackError("invalid_arguments", messages=faults)


def _unsubmittable(view: Json, blocks: list[Json]) -> Iterator[str]:
    asks = any(block["type"] == "input" for block in blocks)
    if asks and view["type"] == "modal" and "submit" not in view:
        yield complaint("missing required field: submit (the view has input blocks)", "/view")


def _crowd(blocks: list[Json]) -> Iterator[str]:
    for kind, most in (("data_visualization", MOST_PER_MESSAGE), ("table", 1)):
        if sum(block["type"] == kind for block in blocks) > most:
            yield complaint(f"no more than {most} {kind} allowed", "/blocks")


def _twins(blocks: list[Json], pointer: str) -> Iterator[str]:
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        block_id = block.get("block_id")
        if block_id in seen:
            yield complaint(f"block_id {block_id} already exists", f"{pointer}/{index}/block_id")
        if block_id:
            seen.add(block_id)
        yield from _twin_actions(block, f"{pointer}/{index}")


def _twin_actions(block: Json, pointer: str) -> Iterator[str]:
    seen: set[str] = set()
    for element in interactive(block):
        action_id = element.get("action_id")
        if action_id in seen:
            yield complaint(f"action_id {action_id} already exists", pointer)
        if action_id:
            seen.add(action_id)


def interactive(block: Json) -> list[Json]:
    """Return the elements of a block that a person can act on."""
    inside = [*block.get("elements", []), block.get("accessory"), block.get("element")]
    return [
        one for one in inside if isinstance(one, dict) and (one.get("type") in ACTIONS or one.get("type") in INPUTS)
    ]


def completed(blocks: list[Json], serial: int) -> list[Json]:
    """Return copies of the blocks with the ids Slack generates where none were given.

    Args:
        blocks: accepted blocks.
        serial: a number that makes the generated ids differ from message to message.
    """
    done: list[Json] = json.loads(json.dumps(blocks))
    for index, block in enumerate(done):
        block.setdefault("block_id", f"b{serial:x}{index:02x}")
        for place, element in enumerate(interactive(block)):
            element.setdefault("action_id", f"a{serial:x}{index:02x}{place:02x}")
    return done
