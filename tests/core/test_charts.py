"""The picture of a week: everything in it is told in words too, and nothing in it is invented."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import charts
from core.anonymity import Bucket, Gate
from core.charts import Labels, draw
from tests.fakes.editions import week_of

SVG = "{http://www.w3.org/2000/svg}"
LABELS = Labels(
    "Week",
    "By day",
    tuple("MTWtFSs"),
    "By link",
    "shares",
    "clicks",
    "not told",
    {each: each.value for each in Bucket},
    "All of it",
)
FULL = week_of(5)


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own drawing


def texts(svg: str) -> list[str]:
    return [each.text or "" for each in parsed(svg).iter(f"{SVG}text")]


def luminance(color: str) -> float:
    """Relative luminance [https://www.w3.org/TR/WCAG22/#dfn-relative-luminance]."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(factor * part for factor, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("color", [charts.INK, charts.SHARES, charts.CLICKS, charts.HATCHED])
def test_every_colour_stands_out_from_the_paper(color):
    assert (luminance(charts.PAPER) + 0.05) / (luminance(color) + 0.05) >= 4.5


def test_every_figure_stands_beside_its_bar():
    shown = texts(draw(FULL, LABELS))
    assert {"0", str(FULL.shares - 1), "1"} <= set(shown)
    assert [each for each in shown if each in set(Bucket)] == ["from_100", "from_10", "from_5", "under_5", "under_5"]


def test_a_figure_below_zero_or_hidden_by_the_bucket_is_drawn_no_more_exactly_than_it_is_told():
    fewer = replace(FULL, entries=(replace(FULL.entries[0], clicks=-7),))
    more = replace(FULL, entries=(replace(FULL.entries[0], clicks=4),))
    assert draw(fewer, LABELS) == draw(more, LABELS)


def test_what_a_small_group_is_not_told_is_hatched():
    small = draw(week_of(5, Gate.TOTAL), LABELS)
    assert small.count("url(#untold)") == texts(small).count("not told") == 5
    assert "url(#untold)" not in draw(FULL, LABELS)


def test_no_letter_is_smaller_than_can_be_read_on_a_phone():
    sizes = {int(each.get("font-size", "0")) for each in parsed(draw(FULL, LABELS)).iter(f"{SVG}text")}
    assert min(sizes) >= 13


@given(words=st.text(), site=st.text(), shares=st.tuples(*[st.integers(0, 10**6)] * 7), clicks=st.integers())
def test_whatever_stands_in_it_it_is_well_formed_and_inside_its_frame(words, site, shares, clicks):
    entry = replace(FULL.entries[0], site=site, clicks=clicks, shares=shares[0])
    edition = replace(FULL, entries=(entry,) * 10, shares_by_day=shares)
    picture = parsed(draw(edition, replace(LABELS, title=words, told=words)))
    for bar in picture.iter(f"{SVG}rect"):
        assert float(bar.get("x", "0")) >= 0
        assert float(bar.get("x", "0")) + float(bar.get("width", "0")) <= charts.WIDTH
        assert float(bar.get("y", "0")) >= 0
        assert float(bar.get("y", "0")) + float(bar.get("height", "0")) <= float(picture.get("height", "0"))


def test_a_week_without_shares_has_no_bars_and_no_division():
    assert texts(draw(week_of(0), LABELS)).count("0") == 7
