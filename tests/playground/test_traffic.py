"""The ring of calls: bounded, in order, and blind to tokens."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from playground.traffic import Traffic

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TOKENS = st.sampled_from(
    ["xoxb-123-abc", "xoxp-9-z", "xoxe.xoxb-1-abc", "512340017:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"]
)


def note(traffic: Traffic, method: str, **request: object) -> None:
    traffic.record(at=NOON, platform="slack", method=method, request=request, response={"ok": True}, ok=True)


def test_the_oldest_calls_are_forgotten_first() -> None:
    traffic = Traffic(size=3)
    for number in range(5):
        note(traffic, f"m{number}")
    assert [call.method for call in traffic] == ["m2", "m3", "m4"]
    assert [call.method for call in traffic.calls(method="m3")] == ["m3"]
    assert traffic.calls(platform="telegram") == []
    assert len(traffic) == 3
    traffic.clear()
    assert len(traffic) == 0


@given(TOKENS, st.text(max_size=5))
def test_no_token_is_ever_kept(token: str, around: str) -> None:
    traffic = Traffic()
    note(
        traffic,
        "m",
        text=f"{around} {token} {around}",
        nested=[{"url": f"/bot{token}/getMe"}],
        token=token,
        code="one-time-code",
    )
    assert token not in repr(list(traffic))
    assert "one-time-code" not in repr(list(traffic))
