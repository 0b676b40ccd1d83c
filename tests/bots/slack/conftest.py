"""The stage, and what every call on it is held against."""

from collections.abc import AsyncIterator

import pytest

from tests.bots.slack.stage import Stage, on_stage
from tests.playground.slack_contract import check_traffic


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A stage whose every call, answer and delivery is in Slack's contract."""
    async with on_stage() as stage:
        yield stage
    check_traffic(stage.traffic)
