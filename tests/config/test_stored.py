"""The playground's panel has words for all that is stored, in both languages."""

import pytest

from playground.page.words import LANGUAGES, words
from storage.laid_open import OF_NOBODY, OF_PEOPLE


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_has_its_name_or_its_reason_on_the_page(language: str) -> None:
    known = words(language)
    assert {f"stored.table.{name}" for name in OF_PEOPLE} <= known.keys()
    assert {f"stored.why.{name}" for name in OF_NOBODY} <= known.keys()
