from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.unfurl import dates

DAY = date(2023, 3, 4)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("2023-03-04", None),
        ("2023-03-04T23:59:59-11:00", None),
        ("2023-03-04T00:10:00.000+14:00", None),
        ("2023-03-04 07:00:00", "en"),
        ("2023/3/4", "en"),
        ("2023.03.04", "ko"),
        ("20230304", None),
        ("20230304T101500Z", None),
        ("1677888000", None),
        ("1677888000000", None),
        (1677888000, None),
        ("Sat, 04 Mar 2023 10:00:00 GMT", None),
        ("Sat Mar 04 2023 10:00:00 GMT+0100", None),
        ("March 4, 2023", "en"),
        ("March 4th, 2023 at 10:30 AM", "en-us"),
        ("10:30 AM, Mar 4, 2023", "en"),
        ("Updated: 4 March 2023, 9.30", "en-gb"),
        ("3/4/2023", "en-us"),
        ("04/03/2023", "en-gb"),
        ("04/03/2023", "fr"),
        ("04.03.2023", "de"),
        ("4. 3. 2023", "cs"),
        ("04-03-23", "nl"),
        ("4 mars 2023 à 10h15", "fr"),
        ("4. März 2023", "de"),
        ("4 de marzo de 2023", "es"),
        ("4 de março de 2023", "pt"),
        ("4 marzo 2023", "it"),
        ("4 maart 2023", "nl"),
        ("4 marca 2023", "pl"),
        ("4 марта 2023 г.", "ru"),
        ("4 березня 2023", "uk"),
        ("4. března 2023", "cs"),
        ("2023. március 4.", "hu"),
        ("4 Mart 2023 Cumartesi", "tr"),
        ("4 Μαρτίου 2023", "el"),
        ("4 مارس 2023", "ar"),
        ("4 במרץ 2023", "he"),
        ("4 मार्च 2023", "hi"),
        ("4 มีนาคม 2566", "th"),
        ("4 tháng 3, 2023", "vi"),
        ("4 Maret 2023", "id"),
        ("2023年3月4日（土）", "ja"),
        ("2023 年 3 月 4 日", "zh"),
        ("2023년 3월 4일", "ko"),
        ("٤ مارس ٢٠٢٣", "ar"),
    ],
)
def test_a_date_is_the_day_that_is_printed(text: object, language: str | None) -> None:
    assert dates.read(text, language) == DAY


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "today",
        "2 hours ago",
        "0001-01-01",
        "2023-13-45",
        "99999999",
        "12",
        "March 2023",
        [],
        {},
        True,
        "1e400",
    ],
)
def test_what_is_no_day_gives_none(text: object) -> None:
    assert dates.read(text, "en") is None


@given(
    st.one_of(st.text(), st.integers(), st.none()), st.sampled_from([None, "en", "de", "xx", "zz-ZZ", "", "ελ", "123"])
)
def test_any_text_may_be_read(text: object, language: str | None) -> None:
    day = dates.read(text, language)
    assert day is None or 1900 < day.year < 2100


@given(st.dates(date(1901, 1, 1), date(2099, 12, 31)))
def test_every_day_of_iso_is_read(day: date) -> None:
    assert dates.read(day.isoformat()) == day


@pytest.mark.parametrize(
    "path",
    [
        "/2023/03/04/tram/",
        "/news/2023/3/4",
        "/2023-03-04-tram.html",
        "/a/20230304-tram",
        "/x_20230304",
        "/2023/politics/3/4/a",
    ],
)
def test_a_day_stands_in_the_address(path: str) -> None:
    assert dates.in_address(path) == DAY


@pytest.mark.parametrize("path", ["/", "/2023/03/", "/p/20239999", "/id/12345678", "/1234/56/78", "/2023/13/40/"])
def test_other_figures_in_an_address_are_no_day(path: str) -> None:
    assert dates.in_address(path) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ann Bee\nPosted on March 4, 2023\nShare", "en"),
        ("Stand: 4. März 2023, 10 Uhr", "de"),
        ("公開 2023年3月4日 更新", "ja"),
    ],
)
def test_a_date_is_found_in_running_text(text: str, language: str) -> None:
    assert dates.in_text(text, language) == DAY


def test_no_date_is_found_where_there_is_none() -> None:
    assert dates.in_text("Room 4 seats 2023 people, mostly") is None


@given(
    st.lists(st.sampled_from(["4 March 2023", "Published", "updated", "12/3/22", "\n", "\n\n", " ", "2023", "x" * 50]))
)
def test_a_line_is_read_alike_by_itself_and_among_others(pieces: list[str]) -> None:
    text = "".join(pieces)
    for read in (dates.in_lines, dates.in_short, dates.in_datelines):
        each = (read(line, "de") for line in text.split("\n"))
        assert read(text, "de") == next((day for day in each if day is not None), None)
