"""What `penumbra doctor` finds at Telegram: what was set with @BotFather, as far as the Bot API tells it.

`getMe` names three of the settings [https://core.telegram.org/bots/api#user]; nothing tells whether inline feedback is
on, so that it is only said that we don't need it.
"""

from collections.abc import Iterator

from bots.telegram.errors import TokenRefused
from bots.telegram.tokens import BotSettings, bot_of
from config.findings import Finding, Level
from config.settings import Settings
from core.errors import PlatformUnavailable


async def ask_telegram(settings: Settings) -> list[Finding]:
    """Ask Telegram who the bot is and what it may do; changes nothing, and may run beside Penumbra."""
    if settings.telegram_token is None:
        return []
    try:
        return list(settings_of(await bot_of(settings.telegram_token, settings.telegram_api_url)))
    except TokenRefused:
        mend = "copy the token from @BotFather (/mybots → API Token) into PENUMBRA_TELEGRAM_TOKEN"
        return [Finding(Level.RED, "Telegram", "does not know the token", mend)]
    except PlatformUnavailable:
        return [Finding(Level.ODD, "Telegram", "does not answer", "can this machine reach PENUMBRA_TELEGRAM_API_URL?")]


def settings_of(me: BotSettings) -> Iterator[Finding]:
    """What @BotFather was told, and what to tell it."""
    yield Finding(Level.FINE, "Telegram", f"knows the bot as @{me.username}")
    yield _groups(me)
    yield _privacy_mode(me)
    yield _inline(me)
    state = "can't be read by a bot; whether it is on makes no difference"
    yield Finding(Level.FINE, "inline feedback", f"{state}: shares are told by the message itself")


def _groups(me: BotSettings) -> Finding:
    if me.joins_groups:
        return Finding(Level.FINE, "joining groups", "allowed")
    return Finding(Level.RED, "joining groups", "forbidden: nobody can add it", "@BotFather: /setjoingroups → Enable")


def _privacy_mode(me: BotSettings) -> Finding:
    """Either is a choice; but which it is, is seldom known to who chose it."""
    if me.sees_all:
        return Finding(Level.FINE, "privacy mode", "off: the bot gets every message of its groups")
    mend = (
        "make it an admin there, or @BotFather: /setprivacy → Disable, then remove it from its groups and add it again"
    )
    state = "on: where it is no admin, it gets only commands and what is sent through it"
    return Finding(Level.ODD, "privacy mode", state, mend)


def _inline(me: BotSettings) -> Finding:
    if me.inline:
        return Finding(Level.FINE, "inline mode", "on")
    return Finding(Level.ODD, "inline mode", "off: @bot ADDRESS offers nothing", "@BotFather: /setinline")
