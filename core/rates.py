"""How often others may be called: buckets that all replicas share, asked before each post and each page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.model import GroupAddress, GroupId, Platform, Posting, Revision


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many calls in any span of time, some of them at once: the generic cell rate algorithm.

    A call moves the bucket's time on by `interval`; it may be made while that time is not more than `ahead` of the
    clock. So any half-open span holds at most `calls` of them.
    """

    calls: int
    span: timedelta
    at_once: int = 1

    @property
    def interval(self) -> float:
        """Seconds that one call takes of the bucket's time."""
        return self.span.total_seconds() / (self.calls - self.at_once + 1)

    @property
    def ahead(self) -> float:
        """Seconds that the bucket's time may be ahead of the clock when a call is made."""
        return (self.at_once - 1) * self.interval


@dataclass(frozen=True, slots=True)
class Bucket:
    """What one limit is kept for: its kind, whom it is for, and the limit."""

    kind: str
    owner: tuple[str, ...]
    rate: Rate


Limits = Callable[[GroupAddress, Posting], Sequence[Bucket]]
"""The limits that a posting counts against where it is posted."""
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
TELEGRAM_TOKEN = Rate(25, SECOND, at_once=5)
"""Of about 30/s [https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this]."""
TELEGRAM_CHAT = Rate(1, SECOND)
TELEGRAM_GROUP = Rate(20, MINUTE, at_once=5)
"""As above; edits count."""
SLACK_CHANNEL = Rate(1, SECOND)
"""[https://docs.slack.dev/apis/web-api/rate-limits]"""
SLACK_POST = Rate(200, MINUTE, at_once=10)
""""Several hundred" a minute and workspace for `chat.postMessage`: the fewest that are several."""
SLACK_UPDATE = Rate(50, MINUTE, at_once=5)
"""Tier 3, of `chat.update`."""

PAGE_GROUP = Rate(39, MINUTE, at_once=20)
"""Twenty pages at once, then twenty a minute: nobody fetches through us at will."""
PAGE_HOST = Rate(39, MINUTE, at_once=10)
"""Ten pages at once, then thirty a minute: to be no burden."""
PAGE = Rate(1, timedelta(seconds=10))
"""One fetch of a page under way: it is over after eight seconds, or may be tried anew."""
FACT_CHECKS = Rate(49, MINUTE, at_once=20)
"""Twenty at once, then thirty a minute: buttons pressed without end do not spend the operator's quota."""
UNDER_WAY = "page"
"""The kind of bucket that is full while somebody fetches that very page."""

KINDS = ("telegram_token", "telegram_chat", "telegram_group", "slack_post", "slack_update", "slack_channel")
"""Every kind of bucket that a post may wait for."""


def buckets_of(address: GroupAddress, posting: Posting) -> tuple[Bucket, ...]:
    """Every limit that a posting counts against, widest first, so that two replicas take them in the same order."""
    where, platform = (address.workspace, address.conversation), str(address.platform)
    if address.platform is Platform.TELEGRAM:
        return (
            Bucket("telegram_token", (platform,), TELEGRAM_TOKEN),
            Bucket("telegram_chat", (platform, *where), TELEGRAM_CHAT),
            Bucket("telegram_group", (platform, *where), TELEGRAM_GROUP),
        )
    edits = isinstance(posting, Revision)
    kind, rate = ("slack_update", SLACK_UPDATE) if edits else ("slack_post", SLACK_POST)
    return Bucket(kind, (platform, where[0]), rate), Bucket("slack_channel", (platform, *where), SLACK_CHANNEL)


def buckets_of_page(key: str, host: str, group: GroupId) -> tuple[Bucket, ...]:
    """Every limit that a fetch counts against; whether it is under way already is asked first.

    Args:
        key: of the page's canonical URL.
        host: asked for it.
        group: where its link was shared.
    """
    return (
        Bucket(UNDER_WAY, (key,), PAGE),
        Bucket("page_group", (group,), PAGE_GROUP),
        Bucket("page_host", (host,), PAGE_HOST),
    )


FACT_CHECKS_ASKED = (Bucket("fact_checks", (), FACT_CHECKS),)
"""What a question for fact checks counts against, whoever asks."""
