"""The figures across groups in words."""

from datetime import UTC, datetime

import pytest

from core.anonymity import Figure
from core.model import DomainFigures, PublishedWeek, Week
from texts.across import lines, told
from texts.catalogue import Texts

TEXTS = Texts.load()
NEWS = DomainFigures("news.example", 3, 17, (Figure("https://news.example/a", 1019),))
WEEK = PublishedWeek(
    Week("2026-W48"),
    (NEWS,),
    (),
    (Figure("blog.example", 60),),
    1.5,
    1.7e-6,
    4.5,
    5e-6,
    datetime(2026, 11, 30, 1, tzinfo=UTC),
)


def test_a_week_is_told_figure_by_figure_and_says_where_there_are_too_few_people() -> None:
    assert list(lines(WEEK, TEXTS.speak("en")))[:8] == [
        "What was shared across groups, Nov 23\u2009–\u200929, 2026",
        "Pages of news.example:",
        "  https://news.example/a: about 1,019 people",
        "  2 more pages: too few people shared each of them in this week for a figure.",
        "Other pages:",
        "  Too few people shared any of them in this week for a figure.",
        "Sites:",
        "  blog.example: about 60 people",
    ]
    assert list(lines(WEEK, TEXTS.speak("fr")))[-1].endswith("ε 1,5 pour cette semaine, ε 4,5 pour l’année jusqu’ici.")


@pytest.mark.parametrize(("language", "said"), [("en", "Too few people"), ("fr", "Trop peu de personnes")])
def test_a_page_below_its_threshold_says_so(language: str, said: str) -> None:
    assert told(None, TEXTS.speak(language)).startswith(said)
    assert "17" in told(Figure("p", 17), TEXTS.speak(language))
