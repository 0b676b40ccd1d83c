"""Whoever runs this Penumbra, as people are told."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operator:
    """Who to turn to, and where everything is written down."""

    name: str
    contact: str
    privacy_url: str
