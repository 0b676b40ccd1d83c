"""Envelope encryption: bound to a place, keyed, and refused when anything was changed."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Tampered, WrongRootKey
from storage.vault import Key, RootKeys, prefixed, root_id

KEY = Key(b"k" * 32, os.urandom)
PLACE = ("link", "sealed", "g1", "l1")


@given(plain=st.binary(max_size=200), place=st.lists(st.text(max_size=9), min_size=2, max_size=5))
def test_what_was_sealed_opens_where_it_stands(plain: bytes, place: list[str]) -> None:
    assert KEY.unseal(KEY.seal(plain, place), place) == plain


@pytest.mark.parametrize(
    "place", [("link", "target", "g1", "l1"), ("link", "sealed", "g1", "l2"), ("link", "sealed", "g1l1"), ("x", "y")]
)
def test_a_value_moved_elsewhere_is_refused(place: tuple[str, ...]) -> None:
    with pytest.raises(Tampered):
        KEY.unseal(KEY.seal(b"secret", PLACE), place)


@given(at=st.integers(0, 33), flip=st.integers(1, 255))
def test_a_changed_value_is_refused(at: int, flip: int) -> None:
    sealed = bytearray(KEY.seal(b"secret", PLACE))
    assert len(sealed) == 34
    sealed[at] ^= flip
    with pytest.raises(Tampered):
        KEY.unseal(bytes(sealed), PLACE)


@given(length=st.integers(0, 33))
def test_a_shortened_value_is_refused(length: int) -> None:
    with pytest.raises(Tampered):
        KEY.unseal(KEY.seal(b"secret", PLACE)[:length], PLACE)


def test_the_same_value_never_looks_the_same() -> None:
    assert KEY.seal(b"secret", PLACE) != KEY.seal(b"secret", PLACE)


@given(one=st.lists(st.text(max_size=5)), other=st.lists(st.text(max_size=5)))
def test_different_parts_never_give_the_same_bytes(one: list[str], other: list[str]) -> None:
    assert (prefixed(*one) == prefixed(*other)) == (one == other)


def test_a_look_up_depends_on_key_purpose_and_every_part() -> None:
    lookups = {
        KEY.lookup("member", "1", "23"),
        KEY.lookup("member", "12", "3"),
        KEY.lookup("share", "1", "23"),
        KEY.derive("other").lookup("member", "1", "23"),
    }
    assert len(lookups) == 4
    assert KEY.lookup("member", "1", "23") in lookups
    assert all(len(each) == 32 for each in lookups)


def test_a_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Key(b"short", os.urandom)


def test_both_root_keys_open_during_a_rotation_and_the_new_one_wraps() -> None:
    old = RootKeys(b"a" * 32, None, os.urandom)
    both = RootKeys(b"b" * 32, b"a" * 32, os.urandom)
    wrapped = old.wrap(b"s" * 32, ("key",))
    assert both.unwrap(old.current, wrapped, ("key",)) == b"s" * 32
    assert both.current == root_id(b"b" * 32)
    with pytest.raises(WrongRootKey):
        old.unwrap(both.current, both.wrap(b"s" * 32, ("key",)), ("key",))


def test_a_root_keys_name_does_not_tell_it() -> None:
    assert root_id(b"a" * 32) != root_id(b"b" * 32)
    assert b"a" * 4 not in root_id(b"a" * 32)
