"""What must not be logged is not, whoever logs it."""

import io
import json
import logging

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from config.logs import SCRUBBED, scrub, set_up_logs

TELEGRAM = "7654321098:AAF-abcdefghijklmnopqrstuvwxyz012345"
SLACK = "xoxb-1234567890-abcdefghijkl"
URL = "https://news.example/secret?x=1"
CODE = "aZ09bY18cX27dW36"


@pytest.fixture
def stream():
    root = logging.getLogger()
    before = root.handlers[:], root.level
    out = io.StringIO()
    set_up_logs("json", "INFO", ["own-secret"], out)
    yield out
    root.handlers, level = before
    root.setLevel(level)
    structlog.reset_defaults()


def told(stream, name):
    """The one line of this name: a busy process may have had something else to log meanwhile."""
    [event] = [line for line in map(json.loads, stream.getvalue().splitlines()) if line["event"] == name]
    return event


@given(st.text(), st.sampled_from([TELEGRAM, SLACK, URL, CODE, "own-secret"]), st.sampled_from([" ", '"', "/", "\n"]))
def test_wherever_it_stands_in_a_line_it_is_taken_out(around, secret, gap):
    assert secret not in scrub(f"{around}{gap}{secret}{gap}{around}", ["own-secret"]) or secret in around


def test_a_library_s_logger_goes_through_the_scrubber(stream):
    logging.getLogger("some.library").warning("POST https://api.example/bot%s/getMe %s %s", TELEGRAM, SLACK, CODE)
    line = stream.getvalue()
    assert SCRUBBED in line
    assert not any(secret in line for secret in (TELEGRAM, SLACK, CODE, "api.example"))


def test_an_error_is_named_and_placed_but_not_quoted(stream):
    try:
        raise ValueError(f"cannot fetch {URL} for {CODE} own-secret")
    except ValueError:
        structlog.get_logger("penumbra").exception("it_failed", group="g1")
    event = told(stream, "it_failed")
    assert event["group"] == "g1"
    assert event["error"].startswith("ValueError at ")
    assert "news.example" not in stream.getvalue()
    assert "own-secret" not in stream.getvalue()


def test_a_chain_of_errors_is_told_in_order(stream):
    try:
        try:
            raise KeyError("inner")
        except KeyError as error:
            raise RuntimeError("outer") from error
    except RuntimeError:
        logging.getLogger("library").exception("broken")
    error = told(stream, "broken")["error"]
    assert error.index("RuntimeError") < error.index("KeyError")


def test_loud_libraries_are_quiet(stream):
    for name in ("httpx", "telegram", "slack_bolt", "apscheduler"):
        logging.getLogger(name).info("GET something")
    assert stream.getvalue() == ""
