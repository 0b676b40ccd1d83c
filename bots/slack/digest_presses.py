"""What can be asked of a posted digest: all its links, one's own share out of it, its channel's settings."""

from datetime import timedelta

from bots.slack import editions, parse_acts, parse_views, render
from bots.slack.administering import Administering
from bots.slack.handlers import Body, Desk
from bots.slack.modals import Modals
from bots.slack.render import Block
from core.model import LinkId, Week
from texts.catalogue import Words

PAUSED_FOR = timedelta(weeks=4)


class DigestPresses:
    """One method per button.

    Args:
        desk: what every handler has at hand.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._modals = Modals(desk)
        self._administering = Administering(desk)

    async def on_entry(self, body: Body) -> None:
        """Something was chosen from a link's menu: why it is here, or to take one's share out."""
        press = parse_acts.press(body)
        if press is None:
            return
        wanted, week, link = (*press.value.split(" "), "", "", "")[:3]
        if wanted == editions.REMOVE:
            await self._desk.services.own_shares.remove(press.address, press.account, Week(week), LinkId(link))
            said = render.said((await self._desk.words(press)).say("own.removed"))
        else:
            said = await self._why(press, Week(week), link)
        await self._desk.tell(press, said)

    async def on_all(self, body: Body) -> None:
        """All links of a week, in a modal."""
        press, pulled = parse_acts.press(body), parse_views.pulled(body)
        if press is None or pulled is None:
            return

        async def fill(words: Words) -> Block:
            edition = await self._desk.services.digests.of_week(press.address, Week(press.value))
            return editions.all_links(edition, words)

        await self._modals.show(pulled, fill)

    async def on_settings(self, body: Body) -> None:
        """The channel's settings, for its admins."""
        press, pulled = parse_acts.press(body), parse_views.pulled(body)
        if press is not None and pulled is not None:
            await self._modals.settings(pulled, press.address, at_home=False)

    async def on_go_on(self, body: Body) -> None:
        """Whoever was asked whether to go on wants to."""
        press = parse_acts.press(body)
        if press is not None:
            words = await self._desk.words(press)
            await self._desk.calls.answer(press.response_url, render.said(words.say("question.on")), replace=True)

    async def on_pause(self, body: Body) -> None:
        """They would rather pause; whether they may is asked at this moment."""
        press = parse_acts.press(body)
        if press is not None:
            await self._administering.pause(press.address, press.account, PAUSED_FOR)
            words = await self._desk.words(press)
            await self._desk.calls.answer(press.response_url, render.said(words.say("state.paused")), replace=True)

    async def _why(self, press: parse_acts.Press, week: Week, link: str) -> render.Said:
        words = await self._desk.words(press)
        edition = await self._desk.services.digests.of_week(press.address, week)
        every = (*edition.entries, *edition.others) if edition else ()
        entry = next((each for each in every if each.link == link), None)
        return editions.why(entry, words) if entry else render.said(words.say("why.gone"))
