"""Which limits a post counts against."""

from datetime import timedelta

from core.model import Account, Card, GroupAddress, GroupId, Platform, Revision
from core.rates import PAGE, PAGE_GROUP, PAGE_HOST, UNDER_WAY, Rate, buckets_of, buckets_of_page
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


def test_a_page_counts_for_itself_its_group_and_its_site():
    under_way, group, host = buckets_of_page("news.example/a", "news.example", GroupId("g"))
    assert (under_way.kind, under_way.owner, under_way.rate) == (UNDER_WAY, ("news.example/a",), PAGE)
    assert (
        (group.owner, group.rate.ahead, group.rate.interval) == (("g",), 57, 3) == (("g",), PAGE_GROUP.ahead, 60 / 20)
    )
    assert (host.owner, host.rate.ahead, host.rate.interval) == (("news.example",), 18, 2)
    assert host.rate == PAGE_HOST


def test_calls_made_at_once_are_paid_for_by_slower_ones():
    rate = Rate(20, timedelta(minutes=1), at_once=5)
    assert rate.interval == 3.75
    assert rate.ahead == 15
    assert Rate(1, timedelta(seconds=1)).ahead == 0
