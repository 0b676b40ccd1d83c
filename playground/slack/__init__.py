"""A stand-in for Slack: Web API, Events API, interactivity, commands and OAuth over real HTTP, as strict."""

from playground.slack.manifest import Manifest
from playground.slack.standin import SlackStandIn

__all__ = ["Manifest", "SlackStandIn"]
