"""Every word stands in every language."""

import re
from importlib import resources
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from texts.catalogue import DOMAINS, LANGUAGES, OPERATOR_DOMAINS, Texts, UnknownText, read_words
from texts.notices import MEMBER_NOTICE, notice_text, notices

TEXTS = Texts.load()
EVERY = (*DOMAINS, *OPERATOR_DOMAINS)
EN, FR = read_words("en", EVERY), read_words("fr", EVERY)


def forms(words, text_id):
    found = words.texts[text_id]
    return [found] if isinstance(found, str) else list(found)


def placeholders(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_texts():
    assert set(EN.texts) == set(FR.texts)


def test_no_text_is_written_twice():
    for language in LANGUAGES:
        sources = [resources.files("texts").joinpath("locale", language, f"{domain}.po") for domain in EVERY]
        ids = [
            text_id
            for source in sources
            for text_id in re.findall(r'^msgid "(.+)"', source.read_text("utf-8"), re.MULTILINE)
        ]
        assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("text_id", sorted(EN.texts))
def test_a_text_takes_the_same_values_in_both_languages_and_is_not_empty(text_id):
    english, french = forms(EN, text_id), forms(FR, text_id)
    assert all(english)
    assert all(french)
    assert set.union(*map(placeholders, english)) == set.union(*map(placeholders, french))


@pytest.mark.parametrize("text_id", sorted(FR.texts))
def test_french_is_set_as_french(text_id):
    for text in forms(FR, text_id):
        without_links = re.sub(r"https?://\S+|\{[^}]*\}", "", text)
        assert "'" not in without_links, "an apostrophe is ’"
        assert not re.search(r"\w[;!?](\s|$)", without_links), "a narrow no-break space stands before ; ! ?"
        assert not re.search(r"\w:\s", without_links), "a narrow no-break space stands before a colon"
        assert not re.search(r"«[^\u00a0\u202f]|[^\u00a0\u202f]»", without_links), "guillemets hold no-break spaces"


def test_a_missing_text_is_an_error():
    with pytest.raises(UnknownText):
        EN.say("no.such.text")
    with pytest.raises(UnknownText):
        EN.count("card.open", 2)


def test_plurals_follow_each_language():
    assert EN.count("digest.shares", 0) == "0 shares"
    assert FR.count("digest.shares", 0) == "0 partage"
    assert EN.count("digest.shares", 1) == "1 share"
    assert FR.count("digest.shares", 1234) == "1\u202f234 partages"


@given(st.text(max_size=12))
def test_any_language_tag_finds_words(tag):
    assert TEXTS.speak(tag).language in LANGUAGES


def test_tags_of_platforms_are_understood():
    assert [TEXTS.speak(tag).language for tag in ("fr-FR", "fr_CA", "FR", None, "pt-br")] == [
        "fr",
        "fr",
        "fr",
        "en",
        "en",
    ]


def test_a_notice_has_a_hash_that_a_changed_word_would_change():
    found = notices(TEXTS)
    assert {each.id for each in found.values()} == {MEMBER_NOTICE}
    assert found["en"].hash != found["fr"].hash
    assert all(len(each.hash) == 64 for each in found.values())
    assert "14" in notice_text(TEXTS, "en")


def test_the_notice_in_force_is_the_one_that_was_agreed_on():
    """A word changed without a new version would make receipts lie: make `member-2` instead."""
    assert {language: each.hash[:16] for language, each in notices(TEXTS).items()} == AGREED


AGREED = {"en": "a29dcbb3bbe0413e", "fr": "46163eacdaf81598"}
