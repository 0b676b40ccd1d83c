"""Answers of storage, packed and unpacked."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from core.model import Destination, GroupId, LinkId, LinkState
from core.remembered import changed, leads_now, link_in, pack, unpack

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
IDS = st.text(max_size=40) | st.binary(min_size=16, max_size=16).map(bytes.hex) | st.just("0123456789ABCDEF" * 2)
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
DESTINATIONS = st.builds(
    Destination,
    IDS.map(LinkId),
    IDS.map(GroupId),
    st.text(max_size=300),
    MOMENTS,
    st.none() | MOMENTS,
    st.booleans(),
)
STANDINGS = st.tuples(MOMENTS.map(datetime.timestamp), st.booleans(), st.integers(0, 255))


@given(st.none() | DESTINATIONS, STANDINGS)
def test_what_was_packed_comes_back_as_it_was(destination, standing):
    assert unpack(pack(destination, standing)) == (destination, standing)


@given(st.none() | DESTINATIONS, STANDINGS)
def test_the_link_is_found_without_unpacking(destination, standing):
    assert link_in(pack(destination, standing)) == (destination.link if destination else "")


@given(st.none() | DESTINATIONS, STANDINGS, MOMENTS)
def test_who_only_leads_on_is_told_the_same(destination, standing, now):
    leads, stands = leads_now(pack(destination, standing), now.timestamp())
    assert stands == standing
    if destination is None or destination.listed or destination.expires_at <= now:
        assert leads is None
    else:
        counted = destination.counted_until is not None and destination.counted_until > now
        assert leads == (destination.link, destination.group, destination.url, counted)


@given(DESTINATIONS, STANDINGS, st.builds(LinkState, MOMENTS, st.none() | MOMENTS))
def test_what_changed_is_changed_and_nothing_else(destination, standing, state):
    after = destination._replace(expires_at=state.expires_at, counted_until=state.counted_until)
    assert changed(pack(destination, standing), state) == pack(after, standing)


def test_a_link_as_they_are_takes_little_more_than_its_address():
    url = "https://www.news.example/2026/11/a-title-of-some-length"
    leads = Destination(LinkId("0f" * 16), GroupId("a0" * 16), url, NOW, None)
    assert len(pack(leads, (0.0, True, 0))) == len(url) + 26 + 2 * 16
