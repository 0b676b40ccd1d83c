"""What `penumbra doctor` finds at Telegram: what was set with @BotFather, as far as the Bot API tells it.

`getMe` names three of the settings [https://core.telegram.org/bots/api#user]; nothing tells whether inline feedback is
on, so that it is only said that we don't need it.
"""

from collections.abc import Iterator

from bots.telegram.errors import TokenRefused
from bots.telegram.tokens import BotSettings, bot_of
from config.findings import Finding, Level, about, name
from config.settings import Settings
from core.errors import PlatformUnavailable


async def ask_telegram(settings: Settings) -> list[Finding]:
    """Ask Telegram who the bot is and what it may do; changes nothing, and may run beside Penumbra."""
    if settings.telegram_token is None:
        return []
    try:
        return list(settings_of(await bot_of(settings.telegram_token, settings.telegram_api_url)))
    except TokenRefused:
        state, mend = about("telegram.refused"), about("telegram.refused.mend")
        return [Finding(Level.RED, name("telegram"), state, mend)]
    except PlatformUnavailable:
        state, mend = about("telegram.silent"), about("telegram.silent.mend")
        return [Finding(Level.ODD, name("telegram"), state, mend)]


def settings_of(me: BotSettings) -> Iterator[Finding]:
    """What @BotFather was told, and what to tell it."""
    yield Finding(Level.FINE, name("telegram"), about("telegram.known", name=me.username))
    yield _groups(me)
    yield _privacy_mode(me)
    yield _inline(me)
    yield Finding(Level.FINE, name("inline_feedback"), about("inline_feedback.unknown"))


def _groups(me: BotSettings) -> Finding:
    if me.joins_groups:
        return Finding(Level.FINE, name("joining"), about("joining.allowed"))
    return Finding(Level.RED, name("joining"), about("joining.forbidden"), about("joining.mend"))


def _privacy_mode(me: BotSettings) -> Finding:
    """Either is a choice; but which it is, is seldom known to who chose it."""
    if me.sees_all:
        return Finding(Level.FINE, name("privacy_mode"), about("privacy_mode.off"))
    return Finding(Level.ODD, name("privacy_mode"), about("privacy_mode.on"), about("privacy_mode.mend"))


def _inline(me: BotSettings) -> Finding:
    if me.inline:
        return Finding(Level.FINE, name("inline"), about("inline.on"))
    return Finding(Level.ODD, name("inline"), about("inline.off"), about("inline.mend"))
