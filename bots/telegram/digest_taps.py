"""What can be asked of a posted digest: all its links, one's own share out of it, its group's settings."""

from collections.abc import Iterable

from telegram import CallbackQuery, Update
from telegram import InlineKeyboardMarkup as Keyboard

from bots.telegram import editions, parse
from bots.telegram.asides import Said, plainly
from bots.telegram.desk import Desk
from bots.telegram.seals import Errand, Invitation, Tap, Verb, packed, unpacked
from core.model import Account, Entry, Person, Platform, Week
from core.signin import Goal
from texts.catalogue import Words

WEEK_LENGTH = 8
"""Of `2026-W48`: what stands behind it in a button is a link."""
OWN_AT_MOST = 20
"""Buttons for one's own shares."""


class DigestTaps:
    """One method per button under a digest.

    Args:
        desk: core's services and the ways to answer.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def on_all(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        """All links of the week: the tap opens the private chat, where they are listed."""
        await self._lead(query, Errand.ALL, tap.group)

    async def on_settings(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        """The group's settings, in the private chat."""
        await self._lead(query, Errand.SETTINGS, tap.group)

    async def on_mine(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        """What the tapper shared of this digest, each with a button that takes it out: to them alone."""
        account, words, week = parse.account(query.from_user), self._words(query), Week(tap.argument)
        own = await self._desk.services.own_shares.of_week(parse.address_of(tap.group), account, week)
        if not own.entries:
            return await self._desk.asides.tell(update, plainly(words.say("own.none")))
        keyboard = self._own(tap.group, week, own.entries[:OWN_AT_MOST], words)
        return await self._desk.asides.tell(update, Said(plainly(words.say("own.which")).html, keyboard=keyboard))

    async def on_remove(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        """The tapper takes one share of theirs out of a digest; the posted one is edited."""
        week, link = Week(tap.argument[:WEEK_LENGTH]), unpacked(tap.argument[WEEK_LENGTH:])
        account = parse.account(query.from_user)
        await self._desk.services.own_shares.remove(parse.address_of(tap.group), account, week, link)
        await self._desk.asides.tell(update, plainly(self._words(query).say("own.removed")))

    async def on_go_on(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        """An admin was asked whether to go on, and wants to."""
        await self._desk.asides.redraw(update, plainly(self._words(query).say("question.on")))

    async def all_links(self, group: str, account: Account, words: Words) -> Said:
        """Every link of the latest digest, for somebody who followed the deep link; and the way to earlier ones."""
        address = parse.address_of(group)
        edition = await self._desk.services.digests.latest(address)
        if edition is None:
            return plainly(words.say("why.gone"))
        person = Person(Platform.TELEGRAM, "", account)
        address_of_pages = await self._desk.services.signin.link_for(person, address, Goal.EDITIONS)
        return Said(editions.all_links(edition, words), keyboard=editions.past(address_of_pages, words))

    async def _lead(self, query: CallbackQuery, errand: Errand, group: str) -> None:
        """Open the private chat by a deep link that only this person can use; Telegram lets a bot lead to itself."""
        account = parse.account(query.from_user)
        payload = self._desk.seal.invite(Invitation(errand, group), account, self._desk.now())
        await query.answer(url=f"https://t.me/{self._desk.client.username}?start={payload}")

    def _own(self, group: str, week: Week, entries: Iterable[Entry], words: Words) -> Keyboard:
        tap = self._desk.keyboards.tap
        rows = [
            [tap(words.say("own.remove", title=editions.short(each)), Verb.REMOVE, group, f"{week}{packed(each.link)}")]
            for each in entries
        ]
        return Keyboard(rows)

    def _words(self, query: CallbackQuery) -> Words:
        return self._desk.texts.speak(query.from_user.language_code)
