"""Block Kit's limits, each one met from below and from above."""

from typing import Any

import pytest

from playground.slack.blocks import check_blocks, check_view
from playground.slack.errors import SlackError
from tests.playground.slack_contract import check_call


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def button(action_id: str, **more: object) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": plain("Go"), **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def series(name: str, *values: float) -> dict[str, Any]:
    return {"name": name, "data": [{"label": f"d{i}", "value": value} for i, value in enumerate(values)]}


def line(*rows: dict[str, Any]) -> dict[str, Any]:
    categories = [f"d{i}" for i in range(len(rows[0]["data"]))]
    chart = {"type": "line", "series": list(rows), "axis_config": {"categories": categories, "x_label": "day"}}
    return {"type": "data_visualization", "title": "Shares", "chart": chart}


OPTION = {"text": plain("One"), "value": "1"}
IMAGE = {"type": "image", "image_url": "https://x.example/a.png", "alt_text": "a"}
GOOD: list[dict[str, Any]] = [
    {"type": "header", "text": plain("h" * 150)},
    {"type": "section", "text": mrkdwn("t" * 3000), "accessory": button("b")},
    {"type": "section", "fields": [mrkdwn("f" * 2000)] * 10},
    {"type": "section", "text": plain("x"), "accessory": {"type": "overflow", "options": [OPTION] * 5}},
    {"type": "context", "elements": [IMAGE, *[mrkdwn("c")] * 9]},
    actions(*[button(str(i)) for i in range(25)]),
    {"type": "divider"},
    IMAGE,
    line(series("a", 1, 2), series("b", 3, 4)),
]
BAD: list[dict[str, Any]] = [
    {"type": "header", "text": plain("h" * 151)},
    {"type": "header", "text": mrkdwn("h")},
    {"type": "section"},
    {"type": "section", "text": mrkdwn("t" * 3001)},
    {"type": "section", "text": mrkdwn("")},
    {"type": "section", "fields": [mrkdwn("f")] * 11},
    {"type": "section", "fields": [mrkdwn("f" * 2001)]},
    {"type": "section", "text": mrkdwn("x"), "colour": "red"},
    {"type": "context", "elements": [mrkdwn("c")] * 11},
    {"type": "context", "elements": []},
    actions(*[button(str(i)) for i in range(26)]),
    actions(button("same"), button("same")),
    actions(button("b", text=plain("x" * 76))),
    actions(button("b", value="x" * 2001)),
    actions(button("b", style="fancy")),
    actions(button("b", url="javascript:alert(1)")),
    actions({"type": "static_select", "action_id": "s"}),
    actions({"type": "overflow", "options": [OPTION] * 6}),
    {"type": "image", "image_url": "https://x.example/a.png"},
    {"type": "image", "alt_text": "neither file nor address"},
    {"type": "divider", "block_id": "x" * 256},
    {"type": "carousel"},
    line(series("a", 1), series("a", 2)),
    line(series("a", 1, 2), series("b", 3)),
    {**line(series("a", 1)), "title": "t" * 51},
]


@pytest.mark.parametrize("block", GOOD)
def test_what_slack_takes_is_taken_and_its_typings_agree(block: dict[str, Any]) -> None:
    check_blocks([block])
    check_call("chat.postMessage", {"channel": "C1", "text": "x", "blocks": [block]})


@pytest.mark.parametrize("block", BAD)
def test_what_slack_refuses_is_refused(block: dict[str, Any]) -> None:
    with pytest.raises(SlackError, match="invalid_blocks") as refused:
        check_blocks([block])
    assert "json-pointer:/blocks" in refused.value.messages[0]


def test_fifty_blocks_and_no_more_each_with_its_own_id() -> None:
    check_blocks([{"type": "divider"}] * 50)
    for blocks in ([{"type": "divider"}] * 51, [{"type": "divider", "block_id": "same"}] * 2):
        with pytest.raises(SlackError, match="invalid_blocks"):
            check_blocks(blocks)


def test_charts_can_be_unknown_and_are_two_at_most() -> None:
    chart = line(series("a", 1))
    check_blocks([chart, chart])
    with pytest.raises(SlackError, match="invalid_blocks"):
        check_blocks([chart], charts=False)
    with pytest.raises(SlackError, match="invalid_blocks"):
        check_blocks([chart] * 3)


def test_views_have_limits_of_their_own() -> None:
    modal = {"type": "modal", "title": plain("t" * 24), "blocks": [{"type": "divider"}] * 100}
    check_view(modal, "modal")
    asks = {"type": "input", "label": plain("l"), "element": {"type": "plain_text_input"}}
    for change in (
        {"title": plain("t" * 25)},
        {"blocks": [{"type": "divider"}] * 101},
        {"blocks": [asks]},
        {"private_metadata": "x" * 3001},
        {"hash": "x"},
        {"type": "home"},
    ):
        with pytest.raises(SlackError, match="invalid_arguments"):
            check_view(modal | change, "modal")
    big = {"type": "section", "text": plain("x" * 3000)}
    with pytest.raises(SlackError, match="view_too_large"):
        check_view(modal | {"blocks": [big] * 100}, "modal")
