"""What can go wrong between us and Telegram, in words an operator can act on."""

from core.errors import PenumbraError


class TokenRefused(PenumbraError):
    """Telegram does not know this bot token: copy it again from @BotFather into PENUMBRA_TELEGRAM_TOKEN."""


class PolledElsewhere(PenumbraError):
    """Another process fetches this bot's updates: stop it, or give this one a bot of its own."""


class WebhookRefused(PenumbraError):
    """Telegram does not take this webhook: it wants a public https address on port 443, 80, 88 or 8443."""
