"""Everything that the page shows and acts upon."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from playground.clock import PlaygroundClock
from playground.page.guide import Guide
from playground.site.content import Suggestion
from playground.slack.standin import SlackStandIn
from playground.telegram.standin import TelegramStandIn
from playground.traffic import Traffic

PlatformName = Literal["telegram", "slack"]


@dataclass(slots=True)
class Hooks:
    """What the page may ask of whoever runs the bots; what is None is not offered.

    Args:
        stored: what is stored about a person, by `Person.key`: `theirs`, rows by group and table; `searched`, the
            tables looked through; `nobodys`, every other table with its number of rows.
        reached: the steps of the guide that are true by now: `Step`.
        reset: forget everything and begin anew.
        before_jump: the clock is about to be moved: finish first what is under way.
        after_jump: the clock was moved: do now what has become due.
    """

    stored: Callable[[str], Awaitable[Mapping[str, Any]]] | None = None
    reached: Callable[[], Awaitable[Iterable[str]]] | None = None
    reset: Callable[[], Awaitable[None]] | None = None
    before_jump: Callable[[], Awaitable[None]] | None = None
    after_jump: Callable[[], Awaitable[None]] | None = None


@dataclass(slots=True)
class Scene:
    """The two platforms, the clock, and what went over the wire.

    Args:
        clock: the playground's time.
        traffic: every call and delivery.
        telegram: one of the two platforms.
        slack: the other.
        suggestions: links worth sharing.
        hooks: what the caller offers.
        guide: how far the visitor has come.
        dismissed: ids of toasts that were taken off the screen.
    """

    clock: PlaygroundClock
    traffic: Traffic
    telegram: TelegramStandIn
    slack: SlackStandIn
    suggestions: tuple[Suggestion, ...]
    hooks: Hooks = field(default_factory=Hooks)
    guide: Guide = field(default_factory=Guide)
    dismissed: set[str] = field(default_factory=set)

    def platform(self, name: PlatformName) -> TelegramStandIn | SlackStandIn:
        """The platform of that name."""
        return self.telegram if name == "telegram" else self.slack

    async def settled(self) -> None:
        """Wait until the bots have got, or refused, what was on its way."""
        await self.telegram.settled()
        await self.slack.settled()
