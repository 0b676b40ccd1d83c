"""Pages of our own, small and varied, each with what a reader would say it is."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from web.unfurl.parse import parse

PAGES = sorted(Path(__file__).parent.joinpath("pages").glob("*.html"))


def test_there_are_enough_of_them() -> None:
    languages = {json.loads(page.with_suffix(".json").read_text())["expected"]["language"] for page in PAGES}
    assert len(PAGES) >= 60
    assert len(languages) >= 15


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_a_page_is_read_as_its_reader_would(page: Path) -> None:
    told = json.loads(page.with_suffix(".json").read_text())
    preview = asdict(parse(page.read_bytes(), told["url"], told["content_type"]))
    preview["published"] = preview["published"].isoformat() if preview["published"] else None
    read = {name: preview[name] for name in told["expected"]}
    assert read == told["expected"]
