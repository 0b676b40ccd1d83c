"""A stand-in for the Telegram Bot API: the bot's side over HTTP, the people's in Python, as strict as the platform."""

from playground.telegram.standin import TelegramStandIn

__all__ = ["TelegramStandIn"]
