"""Whether a digest that nobody follows should go on: asked of whoever runs the group, in private.

No list of admins is kept: Telegram is asked who they are at that moment, the owner first, and the first who can be
reached in private is asked. Nobody is told in the group.
"""

from telegram import ChatMember, InlineKeyboardMarkup

from bots.telegram.asides import Asides, Said, plainly
from bots.telegram.client import Client
from bots.telegram.keyboards import Keyboards
from bots.telegram.render import TITLE_AT_MOST, plain
from bots.telegram.seals import Verb
from core.model import GroupAddress, Outcome, Question, Refused, Sent
from texts.catalogue import Texts, Words

ASKED_AT_MOST = 5
PAUSED_WEEKS = "4"


async def ask(client: Client, asides: Asides, address: GroupAddress, said: Said) -> Outcome:
    """Ask the first of a group's admins who can be reached.

    Raises:
        TelegramError: Telegram does not say who they are.
    """
    group = int(address.conversation)
    admins = [each for each in await client.get_chat_administrators(group) if not each.user.is_bot]
    for each in sorted(admins, key=lambda each: each.status != ChatMember.OWNER)[:ASKED_AT_MOST]:
        if await asides.tell_privately(each.user.id, said):
            return Sent("")
    return Refused("no private way")


def question(asked: Question, address: GroupAddress, texts: Texts, keyboards: Keyboards) -> Said:
    """The words, and the two answers."""
    words = texts.speak(asked.language)
    text = words.say("question.body", group=plain(asked.name, TITLE_AT_MOST) or words.say("question.unnamed"))
    return Said(plainly(text).html, keyboard=_answers(address.conversation, words, keyboards))


def _answers(group: str, words: Words, keyboards: Keyboards) -> InlineKeyboardMarkup:
    on = keyboards.tap(words.say("question.go_on"), Verb.GO_ON, group)
    pause = keyboards.tap(words.say("question.pause"), Verb.SET, group, f"pause={PAUSED_WEEKS}")
    return InlineKeyboardMarkup([[on, pause]])
