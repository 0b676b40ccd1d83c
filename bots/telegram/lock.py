"""A locked group: commands are its admins' alone, but for those about oneself, which always answer everybody."""

from collections.abc import Awaitable, Callable
from functools import partial

from telegram import Update

from bots.telegram import parse
from bots.telegram.asides import plainly
from bots.telegram.desk import Desk

Handle = Callable[[Update], Awaitable[None]]


class Lock:
    """Holds commands back in groups that are locked.

    Args:
        desk: core's services and the ways to answer.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def unless_locked(self, handle: Handle) -> Handle:
        """A handler that answers members of a locked group only that it is locked, and only in private."""

        async def handle_unless_locked(update: Update) -> None:
            if not await self._holds_back(update):
                await handle(update)

        return handle_unless_locked

    async def _holds_back(self, update: Update) -> bool:
        command = update.message
        if command is None or not parse.is_group(command.chat):
            return False
        address, somebody = parse.address(command.chat), command.from_user
        group = await self._desk.services.consent.group(address)
        if group is None or not group.locked or parse.actor(command).speaks_as_group or somebody is None:
            return False
        if await self._desk.roles.is_admin(address, parse.account(somebody)):
            return False
        said = plainly(self._desk.texts.speak(somebody.language_code).say("telegram.locked"))
        await self._desk.patience.say(partial(self._desk.asides.tell_member, command.chat.id, somebody.id, said))
        return True
