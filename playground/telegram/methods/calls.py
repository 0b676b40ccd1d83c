"""What a method is to the route table."""

from collections.abc import Awaitable, Callable
from typing import Any

from playground.telegram.platform import Platform

Result = dict[str, Any] | list[Any] | bool | int
"""What stands under `result` in the answer."""

Handler = Callable[[Platform, dict[str, Any]], Result | Awaitable[Result]]
"""Reads checked arguments, acts on the platform, says the result; raises ApiError."""
