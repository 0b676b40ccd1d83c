"""The rules of ephemeral messages, Bot API 10.3 [https://core.telegram.org/bots/api#ephemeral-messages-and-commands].

Any bot may send one within 15 seconds of a callback query or of an incoming ephemeral message; an administrator may
send one to any member that is no bot at any time. Where the words of a refusal are not documented, the nearest known
ones are used.
"""

from datetime import timedelta
from typing import Any

from playground.telegram.access import reach
from playground.telegram.errors import bad_request
from playground.telegram.platform import Platform
from playground.telegram.state import ADMINS, PRESENT, Chat, Ephemeral, Message

WINDOW = timedelta(seconds=15)
_FIRST_ID = 29_341_000


def new_ephemeral(platform: Platform, chat: Chat, args: dict[str, Any]) -> Ephemeral | None:
    """Check a call that sends an ephemeral message; None when it sends an ordinary one.

    Raises:
        ApiError: The chat, the receiver or the moment does not allow it.
    """
    wanted = args.get("ephemeral_message_parameters")
    trigger = (args.get("reply_parameters") or {}).get("ephemeral_message_id")
    if wanted is None:
        if trigger is not None:
            raise bad_request("a reply to an ephemeral message must be an ephemeral message")
        return None
    receiver = wanted["receiver_user_id"]
    if chat.kind == "private":
        raise bad_request("PEER_ID_INVALID")
    if receiver not in platform.world.people or chat.member(receiver).status not in PRESENT:
        raise bad_request("PARTICIPANT_ID_INVALID")
    replaced = _check_moment(platform, chat, wanted, trigger)
    return Ephemeral(next_id(platform), receiver, replaced)


def next_id(platform: Platform) -> int:
    """Make the id of a new ephemeral message."""
    return _FIRST_ID + platform.world.next_serial()


def find_ephemeral(platform: Platform, args: dict[str, Any]) -> Message:
    """Find the ephemeral message that an edit or a deletion names.

    Raises:
        ApiError: It is gone, was for somebody else, or is not the bot's.
    """
    chat = reach(platform.world, args["chat_id"])
    message = chat.ephemerals.get(args["ephemeral_message_id"])
    if message is None or message.ephemeral is None or message.sender_id != platform.world.bot.id:
        raise bad_request("message to edit not found")
    if message.ephemeral.receiver_id != args["receiver_user_id"]:
        raise bad_request("message to edit not found")
    return message


def _check_moment(platform: Platform, chat: Chat, wanted: dict[str, Any], trigger: int | None) -> int | None:
    if "callback_query_id" in wanted:
        return _check_callback(platform, chat, wanted)
    if wanted.get("replace_callback_query_message"):
        raise bad_request("QUERY_ID_INVALID")
    if trigger is not None:
        _check_trigger(platform, chat, wanted["receiver_user_id"], trigger)
    elif platform.world.bot_in(chat).status not in ADMINS:
        raise bad_request("MESSAGE_NOT_COMMAND")
    return None


def _check_callback(platform: Platform, chat: Chat, wanted: dict[str, Any]) -> int | None:
    query = platform.world.queries.get(wanted["callback_query_id"])
    fresh = query is not None and query.message is not None and platform.now() - query.asked <= WINDOW
    if query is None or not fresh or query.user_id != wanted["receiver_user_id"] or query.message is None:
        raise bad_request("QUERY_ID_INVALID")
    if query.message.chat_id != chat.id:
        raise bad_request("QUERY_ID_INVALID")
    if not wanted.get("replace_callback_query_message"):
        return None
    if query.message.ephemeral is not None:
        raise bad_request("MESSAGE_ID_INVALID")
    return query.message.id


def _check_trigger(platform: Platform, chat: Chat, receiver: int, trigger: int) -> None:
    incoming = chat.ephemerals.get(trigger)
    if incoming is None or incoming.sender_id != receiver or platform.now() - incoming.date > WINDOW:
        raise bad_request("message to be replied not found")
