"""Small rules that need no server."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from playground.page.origin import is_from_a_browser, is_own_host, is_same_origin
from playground.page.state import next_monday

EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
INSTANTS = st.integers(0, 10_000_000).map(lambda minutes: EARLIEST + timedelta(minutes=minutes))


@given(INSTANTS)
def test_monday_lies_ahead_and_at_most_a_week(now):
    monday = next_monday(now)
    assert timedelta(0) < monday - now <= timedelta(days=7)
    assert (monday.weekday(), monday.hour, monday.minute) == (0, 9, 1)


@given(INSTANTS)
def test_the_monday_after_monday_is_a_week_on(now):
    monday = next_monday(now)
    assert next_monday(monday) - monday == timedelta(days=7)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz.-", min_size=1).filter(lambda name: name != "localhost"))
def test_only_loopback_and_the_served_address_are_our_names(name):
    assert not is_own_host(f"{name}:8790", "http://127.0.0.1:8790")
    assert is_own_host(f"{name}:8790", f"http://{name}:8790")
    for own in ("127.0.0.1:1", "localhost", "LOCALHOST:80", "[::1]:8790"):
        assert is_own_host(own, "http://127.0.0.1:8790")


def test_a_program_may_act_and_a_foreign_page_may_not():
    assert is_same_origin({"host": "a:1"})
    assert is_same_origin({"host": "a:1", "origin": "http://a:1", "sec-fetch-site": "same-origin"})
    assert not is_same_origin({"host": "a:1", "origin": "http://a:2"})
    assert not is_from_a_browser({"host": "a:1"})
