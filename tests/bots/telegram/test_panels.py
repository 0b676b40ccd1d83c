"""Panels: every button has words and room in both languages, and asks for what can be asked again without harm."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.telegram import panels
from bots.telegram.choices import NO, REPLACING, YES, choices_of
from bots.telegram.panels import OPTIONS, PAUSES, Rights, UnknownSettingError
from bots.telegram.seals import Seal, Tap, Verb
from core.model import Group, GroupAddress, GroupId, GroupState, Platform, Purpose, Schedule, Taking
from texts.catalogue import LANGUAGES, Texts
from texts.notices import MEMBER_NOTICE

TEXTS = Texts.load()
LONGEST_GROUP = "-1009999999999"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
GROUP = Group(GroupId("g"), GroupAddress(Platform.TELEGRAM, "", LONGEST_GROUP), GroupState.ENABLED, NOW, "Book club")
RIGHTS = st.builds(Rights, st.booleans(), st.booleans(), st.booleans())
WORDS = st.sampled_from([TEXTS.speak(language) for language in LANGUAGES])
WISHES = st.sampled_from(
    [
        (setting, f"{sign}{value}")
        for setting, values in OPTIONS.items()
        if setting != "pause"
        for value in values
        for sign in (("+", "-") if setting == "offer" else ("",))
    ]
)


@given(WISHES)
def test_every_wish_fits_into_a_button_and_twice_is_as_once(wish: tuple[str, str]) -> None:
    setting, value = wish
    assert Seal(b"k").stamp(Tap(Verb.SET, LONGEST_GROUP, f"{setting}={value}"))
    once = panels.wanted(GROUP, setting, value)
    assert panels.wanted(once, setting, value) == once


@given(WISHES.filter(lambda wish: wish[0] != "offer"))
def test_what_was_wanted_is_how_it_stands(wish: tuple[str, str]) -> None:
    setting, value = wish
    assert panels.value_of(panels.wanted(GROUP, setting, value), setting) == value


@given(st.text(max_size=12), st.text(max_size=12))
def test_what_nobody_knows_is_refused(setting: str, value: str) -> None:
    if setting not in OPTIONS:
        with pytest.raises(UnknownSettingError):
            panels.wanted(GROUP, setting, value)
    for known in OPTIONS:
        if value not in {*OPTIONS[known], *PAUSES, "UTC", "GMT"} and not value.isdecimal() and "/" not in value:
            with pytest.raises(UnknownSettingError):
                panels.wanted(GROUP, known, f"{value}?")


def test_a_pause_is_of_so_many_weeks_or_without_an_end() -> None:
    assert panels.paused_until("2", NOW) == NOW + timedelta(weeks=2)
    assert panels.paused_until("0", NOW) is None
    with pytest.raises(UnknownSettingError):
        panels.paused_until("99", NOW)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_and_option_has_words(language: str) -> None:
    words = TEXTS.speak(language)
    for setting, values in OPTIONS.items():
        assert panels.page(setting, words)
        assert all(panels.label_of(setting, value, words) for value in values)
        assert panels.label_of(setting, panels.value_of(GROUP, setting), words)


@given(RIGHTS, st.sampled_from(Taking), WORDS, st.sampled_from(GroupState))
def test_the_first_page_says_what_is_missing_and_nothing_else_is_told_as_lost(
    rights: Rights, taking: Taking, words: object, state: GroupState
) -> None:
    assert isinstance(words, type(TEXTS.speak("en")))
    group = replace(GROUP, taking=taking, state=state, next_digest=NOW, schedule=Schedule("Europe/Paris"))
    page, lost = panels.settings(group, rights, words), panels.lost(group, rights, words)
    assert len(page) < 4096
    assert (words.say("telegram.deaf_why") in lost) == (taking is not Taking.ASKED and not rights.hears)
    assert (words.say("panel.cannot_delete") in lost) == (taking is Taking.REPLACE and not rights.deletes)


@given(st.frozensets(st.sampled_from(Purpose)), st.sampled_from(Taking), WORDS)
def test_choices_are_those_that_the_group_offers_and_fit_into_their_buttons(
    offered: frozenset[Purpose], taking: Taking, words: object
) -> None:
    assert isinstance(words, type(TEXTS.speak("en")))
    choices = choices_of(replace(GROUP, offered=offered, taking=taking), None)
    assert {each.name for each in choices} == {*offered} | ({REPLACING} if taking is Taking.REPLACE else set())
    assert panels.choices({each.name: each.chosen for each in choices}, words)
    for each in choices:
        for wish in (f"{YES}{each.name} {MEMBER_NOTICE}", f"{NO}{each.name}"):
            assert Seal(b"k").stamp(Tap(Verb.CHOOSE, LONGEST_GROUP, wish))
