"""Why a digest did not come, in both languages."""

import pytest

from core.model import Missed, Week
from texts.catalogue import LANGUAGES, Texts
from texts.missed import REASONS, missed

TEXTS = Texts.load()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("why", [*REASONS, "msg_too_long"])
def test_every_reason_has_its_sentence(why, language):
    told = missed(Missed(Week("2026-W48"), why), TEXTS.speak(language))
    assert "{" not in told
    assert ("msg_too_long" in told) == (why not in REASONS)
