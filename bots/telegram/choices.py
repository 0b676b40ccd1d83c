"""A member's own choices, each purpose on its own, shown to that member alone and changed by one tap each."""

from dataclasses import dataclass

from telegram import CallbackQuery, Update
from telegram import InlineKeyboardMarkup as Keyboard

from bots.telegram import panels, parse
from bots.telegram.asides import Said
from bots.telegram.desk import Desk
from bots.telegram.seals import Errand, Invitation, Tap, Verb
from core.errors import GroupNotEnabled, UnknownGroup
from core.model import Account, Consent, Group, GroupState, Purpose, Taking
from texts.catalogue import Words
from texts.notices import MEMBER_NOTICE

REPLACING = "replacing"
"""Not a purpose: how messages look, not what is counted."""
YES, NO = "+", "-"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be chosen, and whether it is."""

    name: str
    chosen: bool


class ChoiceHandlers:
    """Shows the choices, and changes one.

    Args:
        desk: core's services and the ways to answer.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def on_show(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        """A member asks what they said yes to."""
        words = self._desk.texts.speak(query.from_user.language_code)
        await self._desk.asides.tell(update, await self.panel(tap.group, parse.account(query.from_user), words))

    async def on_choose(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        """A member changes one choice; the panel shows what is so now."""
        account, words = parse.account(query.from_user), self._desk.texts.speak(query.from_user.language_code)
        name, _, notice = tap.argument[1:].partition(" ")
        await self._change(tap.group, account, Choice(name, tap.argument.startswith(YES)), notice)
        await self._desk.asides.redraw(update, await self.panel(tap.group, account, words))

    async def panel(self, conversation: str, account: Account, words: Words) -> Said:
        """What a member can choose here, and has chosen.

        Raises:
            UnknownGroup: nothing is kept about the group.
            GroupNotEnabled: it is not on.
        """
        consents, address = self._desk.services.consent, parse.address_of(conversation)
        group = await consents.group(address)
        if group is None:
            raise UnknownGroup
        if group.state is not GroupState.ENABLED:
            raise GroupNotEnabled
        consent = await consents.of_member(address, account)
        in_force = consent if consent is not None and not consents.is_stale(consent) else None
        choices = choices_of(group, in_force)
        errand = self._desk.seal.invite(Invitation(Errand.CHOICES, conversation), account, self._desk.now())
        keyboard = self._keyboard(choices, conversation, words)
        return Said(panels.choices({each.name: each.chosen for each in choices}, words), None, keyboard, errand)

    def _keyboard(self, choices: tuple[Choice, ...], group: str, words: Words) -> Keyboard:
        keyboards = self._desk.keyboards
        rows = [[keyboards.tap(_label(each, words), Verb.CHOOSE, group, _other(each))] for each in choices]
        rows.append([keyboards.tap(words.say("member.no"), Verb.NO, group)])
        return Keyboard(rows)

    async def _change(self, conversation: str, account: Account, wanted: Choice, notice: str) -> None:
        consents, address = self._desk.services.consent, parse.address_of(conversation)
        if wanted.name == REPLACING:
            await consents.let_replace(address, account, on=wanted.chosen)
            return
        purpose = Purpose(wanted.name)
        before = await consents.of_member(address, account)
        kept = before.purposes if before is not None and not consents.is_stale(before) else frozenset()
        if wanted.chosen:
            await consents.grant(address, account, kept | {purpose}, notice)
        elif purpose is Purpose.SHARES:
            await consents.withdraw(address, account)
        elif purpose in kept:
            await consents.grant(address, account, kept - {purpose}, MEMBER_NOTICE)


def choices_of(group: Group, consent: Consent | None) -> tuple[Choice, ...]:
    """What a member can choose from in a group. Pure."""
    given = consent.purposes if consent else frozenset()
    choices = [Choice(purpose.value, purpose in given) for purpose in Purpose if purpose in group.offered]
    if group.taking is Taking.REPLACE:
        choices.append(Choice(REPLACING, consent is not None and consent.replaces))
    return tuple(choices)


def _label(choice: Choice, words: Words) -> str:
    return panels.mark(words.say(f"choices.{choice.name}"), on=choice.chosen)


def _other(choice: Choice) -> str:
    """What a tap on a choice asks for: the opposite of what is so; a yes names the notice read."""
    return f"{NO}{choice.name}" if choice.chosen else f"{YES}{choice.name} {MEMBER_NOTICE}"
