"""The methods of the Bot API that the stand-in plays, by subject."""

from collections.abc import Mapping
from types import MappingProxyType

from playground.telegram.methods import chats, edits, ephemeral, messages, profile, queries, updates
from playground.telegram.methods.calls import Handler

HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        name: handler
        for subject in (updates, messages, edits, ephemeral, queries, chats, profile)
        for name, handler in subject.METHODS.items()
    }
)
"""Every method by its name."""
