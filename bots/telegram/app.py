"""Table of contents: which update goes to which handler."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr
from telegram import Update
from telegram.ext import (
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    InlineQueryHandler,
    MessageHandler,
    MessageReactionHandler,
    filters,
)

from bots.telegram.asides import Asides, plainly
from bots.telegram.client import PUBLIC_API, Context, TelegramApplication, open_application
from bots.telegram.commands import CommandHandlers
from bots.telegram.connection import Connection, Sleep
from bots.telegram.desk import Desk
from bots.telegram.errors import TokenRefused
from bots.telegram.handlers import GroupHandlers
from bots.telegram.inline import InlineHandlers
from bots.telegram.keyboards import Keyboards
from bots.telegram.lock import Lock
from bots.telegram.menu import menus
from bots.telegram.messenger import TelegramMessenger
from bots.telegram.own_papers import OwnPapers
from bots.telegram.patience import Patience
from bots.telegram.reactions import ReactionHandlers
from bots.telegram.seals import Seal
from bots.telegram.settings import SettingsHandlers
from bots.telegram.taps import TapHandlers
from core.ports import Now
from core.services import Services
from texts.catalogue import Texts
from texts.operator import Operator
from texts.troubles import TROUBLES

ALLOWED_UPDATES = [
    Update.MESSAGE,
    Update.EDITED_MESSAGE,
    Update.CALLBACK_QUERY,
    Update.MY_CHAT_MEMBER,
    Update.CHAT_MEMBER,
    Update.INLINE_QUERY,
    Update.MESSAGE_REACTION,
]
"""What we ask Telegram for: exactly what the handlers below take."""

Handle = Callable[[Update], Awaitable[None]]
Callback = Callable[[Update, Context], Coroutine[Any, Any, None]]
Handler = BaseHandler[Update, Context, None]

_IN_GROUPS = filters.ChatType.GROUPS
_POSTED = filters.UpdateType.MESSAGE
_POSTED_OR_EDITED = filters.UpdateType.MESSAGE | filters.UpdateType.EDITED_MESSAGE


@dataclass(frozen=True, slots=True)
class TelegramBot:
    """Our side of Telegram before core's services stand.

    Attributes:
        application: the client; it takes updates once `build` has put the handlers in place.
        messenger: core's way to post.
        seal: signs buttons and deep links.
        texts: every language's words.
        now: the clock.
    """

    application: TelegramApplication
    messenger: TelegramMessenger
    seal: Seal
    texts: Texts
    now: Now


def open_bot(token: SecretStr, texts: Texts, now: Now, api_url: str = PUBLIC_API) -> TelegramBot:
    """Make the client and the messenger; nothing is sent yet.

    Args:
        token: from @BotFather.
        texts: every language's words.
        now: the clock.
        api_url: the Bot API up to and including `/bot`.

    Raises:
        TokenRefused: the token is empty.
    """
    if not token.get_secret_value():
        raise TokenRefused
    application, seal = open_application(token, api_url), Seal.of(token)
    return TelegramBot(application, TelegramMessenger(application.bot, texts, Keyboards(seal), now), seal, texts, now)


def build(bot: TelegramBot, services: Services, operator: Operator, sleep: Sleep) -> Connection:
    """Put the handlers in place.

    Args:
        bot: from `open_bot`; its messenger is among what the services were built with.
        services: core's.
        operator: who runs this, as people are told.
        sleep: waits some seconds; used while Telegram can't be reached.

    Returns:
        What opens and closes the line to Telegram; open it before `Polling.run` or `Webhook.set_up`.
    """
    client = bot.application.bot
    patience = Patience(sleep)
    asides, keyboards = Asides(client, bot.texts, patience), Keyboards(bot.seal)
    desk = Desk(client, services, bot.texts, keyboards, bot.seal, asides, patience, bot.messenger, operator, bot.now)
    bot.messenger.on_moved = services.groups.readdress
    bot.messenger.asides = asides
    register(bot.application, desk)
    return Connection(bot.application, menus(bot.texts), asides, patience, sleep)


def register(application: TelegramApplication, desk: Desk) -> None:
    """Put every handler in its place; the first that takes an update is the only one."""
    edge = Edge(desk.asides, desk.texts)
    application.add_handlers([*_commands(desk, edge), *_of_groups(GroupHandlers(desk), desk, edge)])


def _commands(desk: Desk, edge: "Edge") -> list[Handler]:
    """What is addressed to us. To tell one, only the mark that Telegram sets at a message's start is looked at."""
    commands, papers, settings, lock = CommandHandlers(desk), OwnPapers(desk), SettingsHandlers(desk), Lock(desk)
    table: Mapping[str, Handle] = {
        "start": commands.on_start,
        "help": lock.unless_locked(commands.on_help),
        "privacy": commands.on_privacy,
        "digest": lock.unless_locked(commands.on_digest),
        "join": commands.on_join,
        "share": lock.unless_locked(commands.on_share),
        "stop": commands.on_stop,
        "forget": papers.on_forget,
        "mydata": papers.on_mydata,
        "receipt": papers.on_receipt,
        "settings": settings.on_settings,
        "on": commands.on_on,
        "pause": commands.on_pause,
        "off": commands.on_off,
    }
    named: list[Handler] = [CommandHandler(name, edge.told(handle), _POSTED) for name, handle in table.items()]
    return [*named, MessageHandler(filters.ChatType.PRIVATE & _POSTED, edge.told(commands.on_private_message))]


def _of_groups(groups: GroupHandlers, desk: Desk, edge: "Edge") -> list[Handler]:
    """What groups send of themselves. No filter here touches text, captions or entities: consent comes first."""
    return [
        CallbackQueryHandler(edge.told(TapHandlers(desk).on_tap)),
        InlineQueryHandler(untold(InlineHandlers(desk).on_query)),
        MessageHandler(_IN_GROUPS & filters.StatusUpdate.MIGRATE & _POSTED, untold(groups.on_moved)),
        MessageHandler(_IN_GROUPS & filters.StatusUpdate.LEFT_CHAT_MEMBER & _POSTED, untold(groups.on_left)),
        MessageHandler(_IN_GROUPS & _POSTED_OR_EDITED & ~filters.StatusUpdate.ALL, untold(groups.on_message)),
        MessageReactionHandler(
            untold(ReactionHandlers(desk.services.reactions).on_reaction),
            message_reaction_types=MessageReactionHandler.MESSAGE_REACTION_UPDATED,
        ),
        ChatMemberHandler(untold(groups.on_own_standing), ChatMemberHandler.MY_CHAT_MEMBER),
        ChatMemberHandler(untold(groups.on_member_standing), ChatMemberHandler.CHAT_MEMBER),
    ]


class Edge:
    """The one place where what core refuses becomes words for the person concerned.

    Args:
        asides: tells them in private.
        texts: in their language.
    """

    def __init__(self, asides: Asides, texts: Texts) -> None:
        self._asides = asides
        self._texts = texts

    def told(self, handle: Handle) -> Callback:
        """A handler whose person waits for an answer."""

        async def callback(update: Update, _: Context) -> None:
            try:
                await handle(update)
            except tuple(TROUBLES) as error:
                user = update.effective_user
                words = self._texts.speak(user.language_code if user else None)
                text_id = next(text for kind, text in TROUBLES.items() if isinstance(error, kind))
                await self._asides.tell(update, plainly(words.say(text_id)))

        return callback


def untold(handle: Handle) -> Callback:
    """A handler that nobody waits for: its errors go to whoever delivered the update, who lets it come again."""

    async def callback(update: Update, _: Context) -> None:
        await handle(update)

    return callback
