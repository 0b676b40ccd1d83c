"""One process of Penumbra as `config.service` runs it, whatever it was built from."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from config.metering import Meter
from config.settings import Settings
from config.ticks import Ticking
from core.clicks import ClickService
from core.model import Platform
from core.ports import Messenger, Now
from texts.catalogue import Texts
from web.redirect import App

if TYPE_CHECKING:  # who only redirects is spared what the services are made of
    from core.services import Services

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What both platforms need besides their own settings."""

    settings: Settings
    texts: Texts
    now: Now
    sleep: Sleep

    @property
    def privacy_url(self) -> str:
        """The page that says everything."""
        return f"{self.settings.public_url.rstrip('/')}/privacy"


class Line(Protocol):
    """One platform, from opening to closing."""

    @property
    def platform(self) -> Platform:
        """Which."""

    @property
    def messenger(self) -> Messenger:
        """Core's way to post there."""

    def connect(self, services: "Services") -> Mapping[str, App]:
        """Put the handlers in place; what to mount, by path."""

    async def run(self) -> None:
        """Get in touch and take in what comes, until `stop`. Raises what an operator must mend."""

    async def stand_by(self) -> None:
        """Get in touch to post, and take nothing in, until `stop`: without the role web. Raises as `run`."""

    def stop(self) -> None:
        """Take in no more; `run` ends when what is in hand is done."""

    async def close(self) -> None:
        """Let go of connections; also after a `run` that never came to an end."""


@dataclass(frozen=True, slots=True)
class Process:
    """Built and open."""

    settings: Settings
    clicks: ClickService
    meter: Meter
    server: App
    lines: Sequence[Line]
    ticking: Ticking
