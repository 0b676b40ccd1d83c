"""The buttons under what we post. Pure."""

from telegram import InlineKeyboardButton as Button
from telegram import InlineKeyboardMarkup as Keyboard

from bots.telegram.render import SITE_AT_MOST, plain
from bots.telegram.seals import Seal, Tap, Verb, packed
from core.model import Card, CardLink, Week
from texts.catalogue import Words
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
        """Switch on (for admins), and what is kept."""
        return Keyboard(
            [
                [self._tap(words.say("onboarding.enable"), Verb.ENABLE, group)],
                [self._tap(words.say("onboarding.privacy"), Verb.PRIVACY, group)],
            ]
        )

    def notice(self, group: str, words: Words) -> Keyboard:
        """Yes, yes to shares alone, no: each one tap, under the notice they refer to."""
        return Keyboard(
            [
                [self._tap(words.say("member.yes"), Verb.YES, group, MEMBER_NOTICE)],
                [self._tap(words.say("member.yes_shares"), Verb.YES_SHARES, group, MEMBER_NOTICE)],
                [self._tap(words.say("member.no"), Verb.NO, group)],
                [self._tap(words.say("onboarding.privacy"), Verb.PRIVACY, group)],
            ]
        )

    def digest(self, group: str, words: Words) -> Keyboard:
        """Count mine, which shows the notice first; stop counting mine, which is one tap."""
        yes = self._tap(words.say("member.yes"), Verb.JOIN, group)
        return Keyboard([[yes, self._tap(words.say("member.no"), Verb.NO, group)]])

    def edition(self, group: str, week: Week, words: Words) -> Keyboard:
        """Under a posted digest: why its links are in it, and a member's own switches."""
        why = self._tap(words.say("digest.why"), Verb.WHY, group, week)
        return Keyboard([[why], *self.digest(group, words).inline_keyboard])

    def card(self, card: Card, group: str, words: Words) -> Keyboard:
        """The plain address and the tracked one side by side for each link, what can be asked, and the way back."""
        named = len(card.links) > 1
        rows = []
        for each in card.links:
            rows += [_ways_to_open(each, words, named=named), self._ask(each, group, words, named=named)]
        undo = self._tap(words.say("card.undo"), Verb.UNDO, group, card.message)
        return Keyboard([*(row for row in rows if row), [undo]])

    def _ask(self, each: CardLink, group: str, words: Words, *, named: bool) -> list[Button]:
        if not each.checkable:
            return []
        label = words.say("card.fact_check") + _site(each, named=named)
        return [self._tap(label, Verb.FACTS, group, packed(each.link))]

    def _tap(self, label: str, verb: Verb, group: str, argument: str = "") -> Button:
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
    return Keyboard([[Button(words.say("telegram.add_to_group"), url=f"https://t.me/{bot}?startgroup={STARTGROUP}")]])
