"""Trouble on demand: what the visitor lets go wrong at a platform, in that platform's own words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from playground.page.scene import PlatformName, Scene
from playground.slack.api import DROPPED, HTTP_500
from playground.slack.api import METHODS as SLACK_METHODS
from playground.telegram.errors import ApiError, DroppedResponseError, forbidden, server_error, too_many_requests
from playground.telegram.methods import HANDLERS

ANY: Final = "*"
TIMES_AT_MOST: Final = 20
SECONDS_AT_MOST: Final = 3600

_SLACK: Final[Mapping[str, str]] = MappingProxyType(
    {"rate": "ratelimited", "server": HTTP_500, "lost": DROPPED, "forbidden": "not_in_channel"}
)
_TELEGRAM: Final[Mapping[int, str]] = MappingProxyType({429: "rate", 500: "server", 403: "forbidden"})
FAULTS: Final = tuple(_SLACK)
"""Too many calls; trouble of the platform's own; done, but the answer is lost; not a member there."""


def methods() -> Mapping[PlatformName, list[str]]:
    """The methods of each platform that can be made to fail; polling for updates is left alone."""
    return {"telegram": sorted(HANDLERS.keys() - {"getUpdates"}), "slack": sorted(SLACK_METHODS)}


def arm(scene: Scene, platform: PlatformName, method: str, fault: str, seconds: int) -> None:
    """Let the next call of a method fail.

    Args:
        scene: the platforms.
        platform: the one that fails.
        method: its method, ANY for whichever comes next.
        fault: one of FAULTS.
        seconds: how long the bot is told to wait, for `rate`.

    Raises:
        ValueError: there is no such method or fault.
    """
    if method != ANY and method not in methods()[platform]:
        raise ValueError(f"there is no method {method}")
    if fault not in FAULTS:
        raise ValueError(f"there is no fault {fault}")
    if platform == "slack":
        scene.slack.fail_next(method, _SLACK[fault], retry_after=seconds)
    else:
        scene.telegram.fail_next(method, _on_telegram(fault, seconds))


def _on_telegram(fault: str, seconds: int) -> Exception:
    match fault:
        case "rate":
            return too_many_requests(seconds)
        case "server":
            return server_error()
        case "forbidden":
            return forbidden("bot is not a member of the supergroup chat")
        case _:
            return DroppedResponseError()


def armed(scene: Scene) -> list[dict[str, Any]]:
    """What is still to go wrong, as plain JSON data: platform, method and fault, with how often."""
    waiting = [("telegram", method, _named(error)) for method, error in scene.telegram.armed()]
    known = {word: name for name, word in _SLACK.items()}
    waiting += [("slack", method, known.get(fault.error, fault.error)) for method, fault in scene.slack.armed()]
    return [
        {"platform": platform, "method": method, "fault": fault, "times": waiting.count((platform, method, fault))}
        for platform, method, fault in dict.fromkeys(waiting)
    ]


def _named(error: Exception) -> str:
    return _TELEGRAM.get(error.code, error.description) if isinstance(error, ApiError) else "lost"


def calm(scene: Scene) -> None:
    """Let nothing more go wrong on either platform."""
    scene.telegram.calm()
    scene.slack.calm()
