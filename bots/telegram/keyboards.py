"""The buttons under what we post. Pure."""

from collections.abc import Iterable

from telegram import InlineKeyboardButton as Button
from telegram import InlineKeyboardMarkup as Keyboard

from bots.telegram.render import SITE_AT_MOST, plain
from bots.telegram.seals import NO_GROUP, Seal, Tap, Verb, packed
from core.model import Card, CardLink, Week
from texts.catalogue import LANGUAGES, Words
from texts.notices import MEMBER_NOTICE

ADDRESS_AT_MOST = 2048
"""A longer address gets no button; Telegram documents no limit, and the title leads there too."""

STARTGROUP = "hello"
"""The payload of our `startgroup` link: it marks a `/start` that only follows from bringing the bot in."""


class Keyboards:
    """Lays out buttons.

    Args:
        seal: signs what a tap will bring back.
    """

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    def onboarding(self, group: str, words: Words) -> Keyboard:
        """Switch on (for admins), what is kept, and the languages that this can be said in."""
        return Keyboard(
            [
                [self.tap(words.say("onboarding.enable"), Verb.ENABLE, group)],
                [self.tap(words.say("onboarding.privacy"), Verb.PRIVACY, group)],
                [self.tap(words.name_of(language), Verb.LANGUAGE, group, language) for language in LANGUAGES],
            ]
        )

    def notice(self, group: str, words: Words) -> Keyboard:
        """Yes, yes to shares alone, each purpose on its own, no: one tap, under the notice they refer to."""
        return Keyboard(
            [
                [self.tap(words.say("member.yes"), Verb.YES, group, MEMBER_NOTICE)],
                [self.tap(words.say("member.yes_shares"), Verb.YES_SHARES, group, MEMBER_NOTICE)],
                [self.tap(words.say("choices.button"), Verb.CHOICES, group)],
                [self.tap(words.say("member.no"), Verb.NO, group)],
                [self.tap(words.say("onboarding.privacy"), Verb.PRIVACY, group)],
            ]
        )

    def digest(self, group: str, words: Words) -> Keyboard:
        """Count mine, which shows the notice first; stop counting mine, which is one tap."""
        yes = self.tap(words.say("member.yes"), Verb.JOIN, group)
        return Keyboard([[yes, self.tap(words.say("member.no"), Verb.NO, group)]])

    def edition(self, group: str, week: Week, words: Words) -> Keyboard:
        """Under a posted digest: what else can be asked of it, and a member's own switches."""
        rows = (
            (("digest.why", Verb.WHY, week), ("digest.all", Verb.ALL, "")),
            (("digest.remove", Verb.MINE, week), ("digest.settings", Verb.SETTINGS, "")),
        )
        asked = [[self.tap(words.say(label), verb, group, about) for label, verb, about in row] for row in rows]
        return Keyboard([*asked, *self.digest(group, words).inline_keyboard])

    def card(self, card: Card, group: str, words: Words) -> Keyboard:
        """The plain address and the tracked one side by side for each link, what can be asked, and the way back."""
        named = len(card.links) > 1
        rows = []
        for each in card.links:
            rows += [_ways_to_open(each, words, named=named), self._ask(each, group, words, named=named)]
        undo = self.tap(words.say("card.undo"), Verb.UNDO, group, card.message)
        not_mine = self.tap(words.say("card.not_mine"), Verb.NOT_MINE, group, card.message)
        about = self.tap(words.say("card.why"), Verb.ABOUT, group)
        return Keyboard([*(row for row in rows if row), [undo, not_mine, about]])

    def uncounted(self, urls: Iterable[str], group: str, words: Words) -> Keyboard:
        """Under a card that is not counted any more: the plain addresses alone."""
        ways = [[Button(words.say("card.open"), url=url)] for url in urls if len(url) <= ADDRESS_AT_MOST]
        return Keyboard([*ways, [self.tap(words.say("card.why"), Verb.ABOUT, group)]])

    def inline(self, url: str, words: Words) -> Keyboard:
        """Under a message sent through us to be counted: the mark that it is, which tells about itself."""
        about = self.tap(words.say("inline.mark"), Verb.INLINE, NO_GROUP)
        return Keyboard([[Button(words.say("card.open"), url=url), about]])

    def _ask(self, each: CardLink, group: str, words: Words, *, named: bool) -> list[Button]:
        if not each.checkable:
            return []
        label = words.say("card.fact_check") + _site(each, named=named)
        return [self.tap(label, Verb.FACTS, group, packed(each.link))]

    def tap(self, label: str, verb: Verb, group: str, argument: str = "") -> Button:
        """A button that brings this back, signed."""
        return Button(label, callback_data=self._seal.stamp(Tap(verb, group, argument)))


def _ways_to_open(each: CardLink, words: Words, *, named: bool) -> list[Button]:
    site = _site(each, named=named)
    ways = ((words.say("card.open"), each.url), (words.say("card.open_counted"), each.short_url))
    return [Button(label + site, url=url) for label, url in ways if len(url) <= ADDRESS_AT_MOST]


def _site(each: CardLink, *, named: bool) -> str:
    return f" · {plain(each.site, SITE_AT_MOST)}" if named else ""


def to_private_chat(bot: str, payload: str, words: Words) -> Keyboard:
    """A button that opens the private chat with the bot."""
    return Keyboard([[Button(words.say("telegram.open_private"), url=f"https://t.me/{bot}?start={payload}")]])


def to_a_group(bot: str, words: Words) -> Keyboard:
    """A button that brings the bot into a group, asking for no rights at all."""
    return Keyboard([[Button(words.say("telegram.add_to_group"), url=group_link(bot))]])


def group_link(bot: str, *rights: str) -> str:
    """The address that brings the bot into a group, or gives it rights there [core.telegram.org/bots/features]."""
    asked = f"&admin={'+'.join(rights)}" if rights else ""
    return f"https://t.me/{bot}?startgroup={STARTGROUP}{asked}"
