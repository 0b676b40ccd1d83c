"""The digest word for word, as each platform and each language gets it; see tests/golden/README.md."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from bots.slack import editions as on_slack
from bots.slack import forms
from bots.telegram import editions as on_telegram
from bots.telegram import looking
from core.anonymity import Gate
from core.drafts import Draft, sample
from core.model import Edition, Week
from storage.codec import EDITION
from tests.fakes.editions import FROZEN_AT, week_of
from tests.storage.stories import a_group
from texts import pictures
from texts.catalogue import LANGUAGES, Texts, Words
from texts.samples import titles

GOLDEN = Path(__file__).parent.parent / "golden"
TEXTS = Texts.load()
WEEK = Week("2026-W47")
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
    check(f"{week}-{language}.{kind}", VIEWS[kind](edition, TEXTS.speak(language)))


def check(name: str, shown: str) -> None:
    """Compare with a golden file, or write it."""
    file = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        file.write_text(shown, "utf-8")
    assert file.read_text("utf-8") == shown


def sample_on_telegram(draft: Draft, words: Words) -> str:
    return looking.draft(draft, words, words).html + "\n"


def sample_on_slack(draft: Draft, words: Words) -> str:
    shown = on_slack.digest(draft.edition, words, "member-1")
    return json.dumps(forms.preview(draft, shown, words), ensure_ascii=False, indent=1) + "\n"


def sample_drawn(draft: Draft, words: Words) -> str:
    return pictures.chart(draft.edition, words, draft.kind)


SAMPLES = {"html": sample_on_telegram, "json": sample_on_slack, "svg": sample_drawn}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", SAMPLES)
def test_a_sample_is_what_it_was(kind, language):
    words, group = TEXTS.speak(language), replace(a_group(lambda: FROZEN_AT), language=language)
    check(f"sample-{language}.{kind}", SAMPLES[kind](sample(group, WEEK, 20, titles(words)), words))


@pytest.mark.parametrize("week", WEEKS)
def test_an_edition_that_was_put_away_and_taken_out_again_is_the_same_to_the_byte(week):
    edition, words = WEEKS[week], TEXTS.speak("fr")
    again = EDITION.validate_json(EDITION.dump_json(edition))
    assert [view(again, words) for view in VIEWS.values()] == [view(edition, words) for view in VIEWS.values()]
    assert pictures.png(pictures.chart(again, words)) == pictures.png(pictures.chart(edition, words))
