"""Three replicas, very many digests due in the same second: each group gets its own once, within the limits.

`python -m bench many_digests` is the figure of the design, ten thousand; the suite takes fewer.
"""

import pytest

from core.model import OutboxState
from tests.faults.many import post_all

MANY = 220
pytestmark = [pytest.mark.postgres, pytest.mark.timeout(180)]


async def test_each_of_many_groups_gets_its_digest_once_within_the_limits(postgres_url: str) -> None:
    went = await post_all(postgres_url, MANY)
    assert went.states == {OutboxState.SENT: MANY}
    assert (went.posted, went.platforms.twice()) == (MANY, 0)
    assert went.platforms.refused
    assert went.platforms.too_early == 0
    assert went.platforms.crowded() == {}
