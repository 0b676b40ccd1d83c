"""The stage, and what every call on it is held against."""

from collections.abc import AsyncIterator

import pytest

from tests.bots.slack.stage import Stage, on_stage
from tests.playground.slack_contract import check_call


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A stage whose every recorded call is one that Slack's own typings allow."""
    async with on_stage() as stage:
        yield stage
    for call in (call for call in stage.traffic.calls(direction="to_platform") if call.ok):
        check_call(call.method, call.request)
