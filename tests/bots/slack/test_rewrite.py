"""Other addresses in a message, and nothing else changed."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bots.slack import parse
from bots.slack.rewrite import LONGEST, rewritten
from playground.slack.markup import compose

A, B, SHORT = "https://pages.example/a?x=1&y=2", "https://pages.example/b", "https://s.example/0000000000000001"


def written(text: str) -> dict[str, Any]:
    marked, blocks = compose(text, {})
    return {"text": marked, "blocks": blocks}


def test_only_what_is_swapped_is_another() -> None:
    told = rewritten(written(f"one {A} two {B}"), {A: SHORT}.get)
    assert told is not None
    assert told.text == f"one <{SHORT}> two <{B}>"
    assert parse.links({"text": told.text, "blocks": list(told.blocks)}) == (SHORT, B)


def test_a_label_stays_unless_it_was_the_address_itself() -> None:
    block = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]}
    links = [{"type": "link", "url": B, "text": "a story"}, {"type": "link", "url": B, "text": B}]
    block["elements"][0]["elements"] = links  # type: ignore[index] # a list by its making above
    told = rewritten({"text": f"<{B}|a story> <{B}|{B}>", "blocks": [block]}, {B: SHORT}.get)
    assert told is not None
    assert told.text == f"<{SHORT}|a story> <{SHORT}>"
    assert told.blocks[0]["elements"][0]["elements"] == [
        {"type": "link", "url": SHORT, "text": "a story"},
        {"type": "link", "url": SHORT},
    ]


def test_code_files_foreign_blocks_and_long_texts_are_left_alone() -> None:
    assert rewritten(written(f"`{B}` ```{B}```"), {B: SHORT}.get) is None
    assert rewritten(written(B) | {"files": [{"id": "F1"}]}, {B: SHORT}.get) is None
    assert rewritten({"text": f"<{B}>", "blocks": [{"type": "section"}]}, {B: SHORT}.get) is None
    assert rewritten({"text": f"<{B}>" + "x" * LONGEST}, {B: SHORT}.get) is None
    assert rewritten({}, {B: SHORT}.get) is None


WORDS = st.sampled_from(["see", "*bold*", "_so_", "`code`", "\n", "&", "<tag>", B, f"[here]({B})", A, "> quoted"])


@given(st.lists(WORDS, max_size=12).map(" ".join))
def test_what_was_swapped_and_swapped_back_is_what_it_was(text: str) -> None:
    before = written(text)
    there = rewritten(before, {B: SHORT}.get)
    if there is None:
        assert B not in parse.links(before)
        return
    back = rewritten({"text": there.text, "blocks": list(there.blocks)}, {SHORT: B}.get)
    assert back is not None
    assert parse.links({"text": back.text, "blocks": list(back.blocks)}) == parse.links(before)
    assert back.text == before["text"]


@given(st.lists(WORDS, max_size=12).map(" ".join))
def test_with_nothing_to_swap_there_is_no_edit(text: str) -> None:
    assert rewritten(written(text), lambda _: None) is None
