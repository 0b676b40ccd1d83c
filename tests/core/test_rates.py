"""Which limits a post counts against."""

from datetime import timedelta

from core.model import Account, Card, GroupAddress, Platform, Revision
from core.rates import Rate, buckets_of
from tests.fakes.clock import Clock
from tests.storage.stories import an_edition

CARD = Card(Account("1"), "m1", (), "en")
EDIT = Revision(an_edition(Clock()))


def test_every_post_counts_against_the_limits_of_its_platform() -> None:
    telegram = buckets_of(GroupAddress(Platform.TELEGRAM, "", "-1"), CARD)
    assert [(each.kind, each.rate.calls, each.rate.span.total_seconds()) for each in telegram] == [
        ("telegram_token", 25, 1),
        ("telegram_chat", 1, 1),
        ("telegram_group", 20, 60),
    ]
    slack = GroupAddress(Platform.SLACK, "T1", "C1")
    posts, edits = buckets_of(slack, CARD), buckets_of(slack, EDIT)
    assert [each.kind for each in posts] == ["slack_post", "slack_channel"]
    assert [each.kind for each in edits] == ["slack_update", "slack_channel"]
    assert posts[0].owner == ("slack", "T1")
    assert posts[1] == edits[1]


def test_calls_made_at_once_are_paid_for_by_slower_ones():
    rate = Rate(20, timedelta(minutes=1), at_once=5)
    assert rate.interval == 3.75
    assert rate.ahead == 15
    assert Rate(1, timedelta(seconds=1)).ahead == 0
