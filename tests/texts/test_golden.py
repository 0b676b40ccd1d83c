"""The digest word for word, as each platform and each language gets it; see tests/golden/README.md."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from bots.slack import editions as on_slack
from bots.telegram import editions as on_telegram
from core.anonymity import Gate
from core.model import Edition
from storage.codec import EDITION
from tests.fakes.editions import week_of
from texts import pictures
from texts.catalogue import LANGUAGES, Texts, Words

GOLDEN = Path(__file__).parent.parent / "golden"
TEXTS = Texts.load()
WEEKS = {
    "full": week_of(5),
    "small-group": week_of(4, Gate.TOTAL, size=3),
    "short": week_of(2),
}


def telegram(edition: Edition, words: Words) -> str:
    return f"{on_telegram.digest(edition, words)}\n\n--- why ---\n\n{on_telegram.why(edition, words)}\n"


def slack(edition: Edition, words: Words) -> str:
    plainly = on_slack.digest(edition, words, "member-1")
    shown = {
        "with chart": on_slack.with_chart(plainly, edition, words).fields(),
        "in words": plainly.fields(),
        "why": [on_slack.why(each, words).fields() for each in edition.entries],
    }
    return json.dumps(shown, ensure_ascii=False, indent=1) + "\n"


VIEWS = {"html": telegram, "json": slack, "svg": pictures.chart}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("week", WEEKS)
@pytest.mark.parametrize("kind", VIEWS)
def test_a_digest_is_what_it_was(kind, week, language):
    edition = replace(WEEKS[week], language=language)
    shown = VIEWS[kind](edition, TEXTS.speak(language))
    file = GOLDEN / f"{week}-{language}.{kind}"
    if os.environ.get("GOLDEN") == "write":
        file.write_text(shown, "utf-8")
    assert file.read_text("utf-8") == shown


@pytest.mark.parametrize("week", WEEKS)
def test_an_edition_that_was_put_away_and_taken_out_again_is_the_same_to_the_byte(week):
    edition, words = WEEKS[week], TEXTS.speak("fr")
    again = EDITION.validate_json(EDITION.dump_json(edition))
    assert [view(again, words) for view in VIEWS.values()] == [view(edition, words) for view in VIEWS.values()]
    assert pictures.png(pictures.chart(again, words)) == pictures.png(pictures.chart(edition, words))
