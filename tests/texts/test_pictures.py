"""The chart as people get it: in their language, the same everywhere, with letters in it."""

import re
import struct
from importlib import resources
from xml.etree import ElementTree as ET

import pytest
from resvg_py import svg_to_bytes

from core.anonymity import Gate
from core.charts import WIDTH
from tests.fakes.editions import week_of
from texts import pictures
from texts.catalogue import LANGUAGES, Texts

TEXTS = Texts.load()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("gate", list(Gate))
def test_everything_in_the_picture_is_told_in_words(language, gate):
    words = TEXTS.speak(language)
    edition = week_of(5, gate, language)
    svg, told = pictures.chart(edition, words), pictures.told(edition, words)
    picture = ET.fromstring(svg)  # noqa: S314 - our own drawing
    drawn = [each.text or "" for each in picture.iter("{http://www.w3.org/2000/svg}text")]
    figures = {each for text in drawn for each in re.findall(r"^\d+(?:–\d+)?$", text)}
    assert figures
    assert all(re.search(rf"(?<!\d){figure}(?!\d)", told) for figure in figures)
    assert (words.say("chart.untold") in told) == (gate is not Gate.PER_LINK)


def test_the_same_picture_is_the_same_bytes_twice_as_wide_as_a_phone():
    svg = pictures.chart(week_of(5), TEXTS.speak("en"))
    made = pictures.png(svg)
    assert made == pictures.png(svg)
    assert struct.unpack(">I", made[16:20])[0] == 2 * WIDTH


def test_the_letters_are_really_drawn_in_the_font_that_we_ship():
    svg = pictures.chart(week_of(3), TEXTS.speak("fr"))
    wordless = bytes(svg_to_bytes(svg_string=svg, zoom=pictures.ZOOM, skip_system_fonts=True))
    assert len(pictures.png(svg)) > len(wordless)


def test_the_font_has_a_letter_for_all_that_we_say_and_comes_with_its_licence():
    folder = resources.files("texts").joinpath("fonts")
    assert "Bitstream" in folder.joinpath("LICENSE.txt").read_text()
    assert folder.joinpath(pictures.FONT).is_file()
    said = "".join(
        text
        for language in LANGUAGES
        for text_id, text in TEXTS.speak(language).texts.items()
        if text_id.startswith(("chart.", "bucket.")) and isinstance(text, str)
    ) + "".join("".join(TEXTS.speak(language).weekdays()) for language in LANGUAGES)
    assert {each for each in said if ord(each) > 0x17F} <= set("–…’\u202f")
