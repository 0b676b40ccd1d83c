"""Inline mode: a member writes `@bot address` in any chat and sends what we offer, as their own message.

Telegram does not tell which chat a query comes from, and asks with every keystroke; so nothing is kept of a query, and
no code is minted for it. The message that was sent comes back to us where we are in the group
[https://core.telegram.org/bots/inline]: that joins it to its group, and there its sender's own yes is asked for.
"""

from functools import partial
from html import escape

from telegram import (
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    Message,
    Update,
)

from bots.telegram import parse
from bots.telegram.asides import plainly
from bots.telegram.desk import Desk
from bots.telegram.render import NAMES_AT_MOST, SEPARATOR, SITE_AT_MOST, plain
from bots.telegram.seals import Errand, Verb
from core.urls import CleanUrl
from texts.catalogue import Words

QUERY_AT_MOST = 256
"""Characters; a client cuts what is longer without a word [https://core.telegram.org/bots/api#inlinequery]."""
KEPT_FOR = 60
"""Seconds that Telegram may answer the same person the same query by itself."""


class InlineHandlers:
    """What people ask inline, and what they sent of it.

    Args:
        desk: core's services and the ways to answer.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def on_query(self, update: Update) -> None:
        """Offer the address without trackers, to be counted or not; else say in one line what to do."""
        query = update.inline_query
        if query is None:
            return
        words = self._desk.texts.speak(query.from_user.language_code)
        clean = await self._clean(query)
        if clean is None:
            await self._answer(query, [], InlineQueryResultsButton(_advice(query, words), start_parameter=Errand.HELP))
        else:
            await self._answer(query, [self._counted(clean, words), _clean_only(clean, words)])

    async def on_sent(self, posted: Message) -> None:
        """A message sent through us came into a group: counted if it says so, and its sender said yes there."""
        account = parse.sent_through(posted, self._desk.client.id)
        if account is None or posted.from_user is None or not self._wants_to_count(posted):
            return
        consent = self._desk.services.consent
        standing = await consent.may_count(parse.address(posted.chat), account, handed_over=True)
        if standing is None:
            words = self._desk.texts.speak(posted.from_user.language_code)
            said, topic = plainly(words.say("inline.not_counted")), parse.topic(posted)
            where = int(topic) if topic else None
            tell = partial(self._desk.asides.tell_member, posted.chat.id, posted.from_user.id, said, where)
            await self._desk.patience.say(tell)
            return
        message = parse.message(posted, account)
        await self._desk.services.shares.take_in(standing, message, parse.event_of(posted), deliberate=True)

    def _wants_to_count(self, posted: Message) -> bool:
        """Looks at the buttons alone, which are ours: clean-only messages have none, nor has a forward."""
        rows = posted.reply_markup.inline_keyboard if posted.reply_markup else ()
        taps = (self._desk.seal.read(str(button.callback_data)) for row in rows for button in row)
        return any(tap is not None and tap.verb is Verb.INLINE for tap in taps)

    async def _clean(self, query: InlineQuery) -> CleanUrl | None:
        if len(query.query) >= QUERY_AT_MOST:
            return None  # what came is not what was typed
        found = next((word for word in query.query.split() if "." in word), None)
        return await self._desk.services.shares.cleaned(found) if found else None

    def _counted(self, clean: CleanUrl, words: Words) -> InlineQueryResultArticle:
        content = InputTextMessageContent(
            escape(clean.display), link_preview_options=LinkPreviewOptions(is_disabled=True)
        )
        keyboard = self._desk.keyboards.inline(clean.display, words)
        title, about = words.say("inline.counted"), words.say("inline.counted.about")
        return InlineQueryResultArticle("counted", title, content, reply_markup=keyboard, description=about)

    async def _answer(
        self, query: InlineQuery, offers: list[InlineQueryResultArticle], button: InlineQueryResultsButton | None = None
    ) -> None:
        await self._desk.client.answer_inline_query(
            query.id, offers, cache_time=KEPT_FOR, is_personal=True, button=button
        )


def _clean_only(clean: CleanUrl, words: Words) -> InlineQueryResultArticle:
    content = InputTextMessageContent(
        escape(clean.display), link_preview_options=LinkPreviewOptions(is_disabled=False, url=clean.display)
    )
    about = [plain(clean.site, SITE_AT_MOST)]
    if clean.removed:
        names = plain(", ".join(clean.removed), NAMES_AT_MOST)
        about.append(words.count("card.removed", len(clean.removed), names=names))
    return InlineQueryResultArticle("clean", words.say("inline.clean"), content, description=SEPARATOR.join(about))


def _advice(query: InlineQuery, words: Words) -> str:
    """One line, at most 64 characters, on a button that leads to the private chat."""
    if len(query.query) >= QUERY_AT_MOST:
        return words.say("inline.too_long")
    return words.say("inline.untouched" if "." in query.query else "inline.how")
