"""Pressed buttons: read, ask core, answer the one who pressed."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial

from telegram import CallbackQuery, Message, Update
from telegram.error import BadRequest

from bots.telegram import editions, parse, render
from bots.telegram.asides import Said, plainly
from bots.telegram.choices import ChoiceHandlers
from bots.telegram.desk import Desk
from bots.telegram.digest_taps import DigestTaps
from bots.telegram.own_papers import OwnPapers
from bots.telegram.seals import Errand, Invitation, Tap, Verb, unpacked
from bots.telegram.settings import SettingsHandlers
from core.errors import UnknownGroup
from core.model import Actor, Purpose, Week
from texts.catalogue import Words

SHARES_AND_CLICKS = frozenset({Purpose.SHARES, Purpose.CLICKS})
SHARES_ALONE = frozenset({Purpose.SHARES})

Answer = Callable[[Update, CallbackQuery, Tap], Awaitable[None]]


class TapHandlers:
    """One method per button.

    Args:
        desk: core's services and the ways to answer.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._papers = OwnPapers(desk)
        choices, settings, digests = ChoiceHandlers(desk), SettingsHandlers(desk), DigestTaps(desk)
        self._answers: Mapping[Verb, Answer] = {
            Verb.ENABLE: self._enable,
            Verb.YES: self._yes,
            Verb.YES_SHARES: self._yes_to_shares,
            Verb.NO: self._no,
            Verb.JOIN: self._show_notice,
            Verb.PRIVACY: self._privacy,
            Verb.UNDO: self._undo,
            Verb.FACTS: self._facts,
            Verb.WHY: self._why,
            Verb.NOT_MINE: self._not_mine,
            Verb.ABOUT: self._about,
            Verb.INLINE: self._inline,
            Verb.LANGUAGE: self._language,
            Verb.CHOICES: choices.on_show,
            Verb.CHOOSE: choices.on_choose,
            Verb.PAGE: settings.on_page,
            Verb.SET: settings.on_set,
            Verb.AGAIN: settings.on_again,
            Verb.ALL: digests.on_all,
            Verb.SETTINGS: digests.on_settings,
            Verb.MINE: digests.on_mine,
            Verb.REMOVE: digests.on_remove,
            Verb.GO_ON: digests.on_go_on,
        }

    async def on_tap(self, update: Update) -> None:
        """A pressed button. One that we did not make, or made for another group, is answered as out of date."""
        query = update.callback_query
        if query is None:
            return
        tap = self._desk.seal.read(query.data)
        if tap is None or not _belongs_here(query, tap):
            await self._desk.asides.tell(update, plainly(self._words(query).say("error.stale")))
            return
        await self._answers[tap.verb](update, query, tap)

    async def _enable(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        address, words = parse.address_of(tap.group), self._words(query)
        chat = query.message.chat if query.message else None
        name = (chat.title if chat else None) or ""
        actor = Actor(parse.account(query.from_user))
        language = await self._desk.language_of(address, words)
        await self._desk.services.groups.enable(address, actor, name, language, _topic(query))
        if chat is not None and parse.is_group(chat):
            await _without_buttons(query)
        await self._desk.asides.tell(update, plainly(await self._desk.is_on(int(tap.group), words)))

    async def _yes(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        await self._grant(update, query, tap, SHARES_AND_CLICKS)

    async def _yes_to_shares(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        await self._grant(update, query, tap, SHARES_ALONE)

    async def _grant(self, update: Update, query: CallbackQuery, tap: Tap, purposes: frozenset[Purpose]) -> None:
        consent, account = self._desk.services.consent, parse.account(query.from_user)
        address = parse.address_of(tap.group)
        before = await consent.of_member(address, account)
        granted = await consent.grant(address, account, purposes, tap.argument)
        same = before is not None and before.receipt == granted.consent.receipt
        thanks = "member.thanks" if Purpose.CLICKS in granted.consent.purposes else "member.thanks_shares"
        words = self._words(query)
        if same:
            return await self._desk.asides.tell(update, plainly(words.say("member.already")))
        await self._desk.asides.tell(update, plainly(f"{words.say(thanks)} {words.say('telegram.receipt_how')}"))
        await self._papers.give_receipt(query.from_user, tap.group)
        return None

    async def _no(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        was = await self._desk.services.consent.withdraw(parse.address_of(tap.group), parse.account(query.from_user))
        text_id = "member.stopped" if was else "member.was_not"
        await self._desk.asides.tell(update, plainly(self._words(query).say(text_id)))

    async def _show_notice(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        words, account = self._words(query), parse.account(query.from_user)
        errand = self._desk.seal.invite(Invitation(Errand.JOIN, tap.group), account, self._desk.now())
        keyboard = self._desk.keyboards.notice(tap.group, words)
        await self._desk.asides.tell(update, Said(render.member_notice(words), keyboard=keyboard, errand=errand))

    async def _privacy(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        text = render.privacy(self._desk.operator, self._words(query))
        await self._desk.asides.tell(update, Said(text, errand=Errand.PRIVACY))

    async def _undo(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        address, account, words = parse.address_of(tap.group), parse.account(query.from_user), self._words(query)
        urls = await self._desk.services.shares.undo(address, account, tap.argument)
        group = await self._desk.services.consent.group(address)
        await query.answer()
        if isinstance(query.message, Message):
            spoken = self._desk.texts.speak(group.language) if group else words
            await self._desk.patience.say(partial(query.edit_message_text, render.undone(urls, spoken)))

    async def _not_mine(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        """Who shared it wants it counted for nobody: the card stays, without its tracked link."""
        address, account = parse.address_of(tap.group), parse.account(query.from_user)
        links = await self._desk.services.shares.disown(address, account, tap.argument)
        group = await self._desk.services.consent.group(address)
        await query.answer()
        if isinstance(query.message, Message):
            spoken = self._desk.texts.speak(group.language) if group else self._words(query)
            keyboard = self._desk.keyboards.uncounted([each.clean.display for each in links], tap.group, spoken)
            html = render.disowned(links, spoken)
            await self._desk.patience.say(partial(query.edit_message_text, html, reply_markup=keyboard))

    async def _about(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        await self._desk.asides.tell(update, plainly(self._words(query).say("card.about")))

    async def _inline(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        await self._desk.asides.tell(update, plainly(self._words(query).say("inline.about")))

    async def _language(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        """An admin has the welcome said in another language, which is the group's from then on."""
        address, spoken = parse.address_of(tap.group), self._desk.texts.speak(tap.argument)
        group = await self._desk.services.consent.group(address)
        if group is None:
            raise UnknownGroup
        wanted = replace(group, language=spoken.language)
        await self._desk.services.groups.configure(address, Actor(parse.account(query.from_user)), wanted)
        welcome = render.onboarding(self._desk.operator, spoken)
        await self._desk.asides.redraw(
            update, Said(welcome, keyboard=self._desk.keyboards.onboarding(tap.group, spoken))
        )

    async def _facts(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        found = await self._desk.services.facts.about(parse.address_of(tap.group), unpacked(tap.argument))
        await self._desk.asides.tell(update, Said(render.fact_checks(found, self._words(query))))

    async def _why(self, update: Update, query: CallbackQuery, tap: Tap) -> None:
        words = self._words(query)
        edition = await self._desk.services.digests.of_week(parse.address_of(tap.group), Week(tap.argument))
        said = plainly(words.say("why.gone")) if edition is None else Said(editions.why(edition, words))
        await self._desk.asides.tell(update, said)

    def _words(self, query: CallbackQuery) -> Words:
        return self._desk.texts.speak(query.from_user.language_code)


def _belongs_here(query: CallbackQuery, tap: Tap) -> bool:
    """In a group, only that group's buttons; in the private chat, any that were made for it."""
    chat = query.message.chat if query.message else None
    if tap.verb is Verb.INLINE:
        return True  # it stands on members' own messages, in any chat
    return chat is not None and (not parse.is_group(chat) or str(chat.id) == tap.group)


def _topic(query: CallbackQuery) -> str | None:
    message = query.message
    return parse.topic(message) if isinstance(message, Message) else None


async def _without_buttons(query: CallbackQuery) -> None:
    """The welcome message has done its work; that somebody deleted it meanwhile does not matter."""
    try:
        await query.edit_message_reply_markup(None)
    except BadRequest:
        return
