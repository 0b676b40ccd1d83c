"""Buttons and deep links are ours alone, and fit."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bots.telegram.seals import ROOM, Errand, Invitation, Seal, Tap, Verb
from core.model import Account

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SEAL = Seal.of(SecretStr("7301446215:AAH"))
GROUPS = st.integers(min_value=-(2**52), max_value=-1).map(str)
"""Chat ids have at most 52 significant bits [https://core.telegram.org/bots/api#chat]."""
ARGUMENTS = st.one_of(st.just(""), st.just("member-1"), st.integers(min_value=1, max_value=2**31).map(str))


@given(st.sampled_from(Verb), GROUPS, ARGUMENTS)
def test_a_button_comes_back_as_it_was_made_and_fits(verb: Verb, group: str, argument: str) -> None:
    tap = Tap(verb, group, argument)
    data = SEAL.stamp(tap)
    assert len(data.encode()) <= ROOM
    assert SEAL.read(data) == tap


@given(st.sampled_from(Verb), GROUPS, ARGUMENTS, st.data())
def test_a_button_with_one_changed_letter_is_nobody_s(
    verb: Verb, group: str, argument: str, data: st.DataObject
) -> None:
    made = SEAL.stamp(Tap(verb, group, argument))
    place = data.draw(st.integers(min_value=0, max_value=len(made) - 1))
    letter = data.draw(st.characters())
    forged = made[:place] + letter + made[place + 1 :]
    assert forged == made or SEAL.read(forged) is None


@given(st.one_of(st.none(), st.text()))
def test_any_callback_data_at_all_can_be_read(data: str | None) -> None:
    assert SEAL.read(data) is None


def test_half_a_surrogate_pair_is_nobody_s() -> None:
    assert SEAL.read("y:-1:\ud800:\ud800") is None
    assert SEAL.accept("\ud800" * 30, Account("1"), NOW) is None


def test_another_token_makes_other_buttons() -> None:
    tap = Tap(Verb.UNDO, "-1001", "17")
    assert Seal.of(SecretStr("another")).read(SEAL.stamp(tap)) is None


def test_a_button_that_would_not_fit_is_not_made() -> None:
    with pytest.raises(ValueError, match="bytes"):
        SEAL.stamp(Tap(Verb.UNDO, "-1001", "7" * 60))


@given(st.sampled_from([Errand.DIGEST, Errand.JOIN]), GROUPS, st.integers(min_value=1, max_value=2**52))
def test_an_invitation_is_one_person_s_for_an_hour(errand: Errand, group: str, person: int) -> None:
    invitation, account = Invitation(errand, group), Account(str(person))
    payload = SEAL.invite(invitation, account, NOW)
    assert len(payload) <= ROOM
    assert all(each.isascii() and (each.isalnum() or each in "_-") for each in payload)
    assert SEAL.accept(payload, account, NOW + timedelta(minutes=60)) == invitation
    assert SEAL.accept(payload, account, NOW + timedelta(minutes=61)) is None
    assert SEAL.accept(payload, Account(f"{person}0"), NOW) is None


@given(st.text())
def test_any_payload_at_all_can_be_read(payload: str) -> None:
    assert SEAL.accept(payload, Account("1"), NOW) is None
