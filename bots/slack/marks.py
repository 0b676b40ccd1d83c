"""What we leave on our messages to find them again. Pure."""

from hashlib import sha256

from core.model import GroupAddress

MARK_LENGTH = 16


def mark_of(address: GroupAddress, key: str) -> str:
    """What we leave on a message to find it again: every app in the workspace can read it, so it says nothing."""
    named = f"{address.workspace}\0{address.conversation}\0{key}"
    return sha256(named.encode()).hexdigest()[:MARK_LENGTH]
