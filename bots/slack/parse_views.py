"""Modals in Slack's words into ours. Pure; whatever is malformed is None."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bots.slack import parse
from core.model import Account, GroupAddress

Json = Mapping[str, Any]

HOME = "home"
"""Beside the channel, what a modal is about: that it was opened from App Home, which then shows what has changed."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """Somebody did something that a modal may answer, within three seconds."""

    workspace: str
    account: Account
    trigger: str


@dataclass(frozen=True, slots=True)
class Submitted:
    """A modal that was filled in."""

    workspace: str
    account: Account
    view: str
    """Slack's id of the modal: one for each time it was opened."""
    about: GroupAddress | None
    """The channel it was opened for."""
    words: tuple[str, ...]
    """What else it remembers."""
    chosen: Mapping[str, tuple[str, ...]]
    """What stands in each input, by its block."""

    def one(self, block: str) -> str:
        """What was written or chosen in an input that takes one thing; nothing where it is empty."""
        return next(iter(self.chosen.get(block, ())), "")


def pulled(body: Json) -> Pulled | None:
    """Who may be answered with a modal: a shortcut, a command or a button."""
    user = body.get("user")
    account = user.get("id") if isinstance(user, Mapping) else body.get("user_id")
    workspace, trigger = parse.workspace(body), body.get("trigger_id")
    if workspace is None or not isinstance(account, str) or not isinstance(trigger, str):
        return None
    return Pulled(workspace, Account(account), trigger)


def submitted(body: Json) -> Submitted | None:
    """A modal that was filled in."""
    view, user = body.get("view"), body.get("user")
    workspace = parse.workspace(body)
    if workspace is None or not isinstance(view, Mapping) or not isinstance(user, Mapping):
        return None
    account, view_id = user.get("id"), view.get("id")
    if not isinstance(account, str) or not isinstance(view_id, str):
        return None
    channel, *words = str(view.get("private_metadata") or "").split(" ")
    about = parse.address(body, channel)
    return Submitted(workspace, Account(account), view_id, about, tuple(words), _chosen(view))


def _chosen(view: Json) -> Mapping[str, tuple[str, ...]]:
    state = view.get("state")
    blocks = state.get("values") if isinstance(state, Mapping) else None
    if not isinstance(blocks, Mapping):
        return {}
    return {block: _values(next(iter(inputs.values()))) for block, inputs in blocks.items() if inputs}


def _values(element: Json) -> tuple[str, ...]:
    for name in ("value", "selected_conversation"):
        if element.get(name):
            return (str(element[name]),)
    options = element.get("selected_options") or [element.get("selected_option")]
    return tuple(str(option["value"]) for option in options if option)
