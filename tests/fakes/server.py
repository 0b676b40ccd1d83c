"""The web room's server over core's fakes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from core.model import Code
from tests.fakes.house import PUBLIC_URL, House
from texts.catalogue import Texts
from web.health import Check, Health
from web.metrics import Figure, Metrics
from web.pages.public import About, PublicPages
from web.pages.render import Pages
from web.pages.signed_in import SignedInOutside, SignedInPages
from web.redirect import Redirect
from web.server import Front, build_server


class MemberOf:
    """A member who shares links in a house's group."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def shares(self, url: str) -> Code:
        await self._house.switch_on()
        await self._house.opt_in()
        await self._house.post(url)
        await self._house.work()
        (link,) = self._house.storage.state.links.values()
        return link.code


def app_over(house: House, public_url: str = PUBLIC_URL) -> Redirect:
    """The app, for a client or for a browser that reaches it at `public_url`."""
    texts = Texts.load()
    about = About("Ada Operator", "ada@s.example", public_url)
    pages = Pages(texts)
    public = PublicPages(pages, house.services.clicks, texts, about, house.now)

    async def checks() -> list[Check]:
        return [Check("database", getattr(house, "trouble", None))]

    async def figures() -> list[Figure]:
        return [Figure("drops", "By reason.", {"crawler": 2.0}, "reason", "counter")]

    metrics = Metrics(figures, getattr(house, "metrics_token", None))
    signed_in = SignedInPages(pages, house.services, SignedInOutside(public_url, house.now, checks))
    return build_server(Front(house.services.clicks, public, Health(checks), metrics, signed_in), {})


@asynccontextmanager
async def server_over(house: House) -> AsyncIterator[httpx.AsyncClient]:
    app = app_over(house)
    transport = httpx.ASGITransport(app=app, client=(getattr(house, "asked_from", "203.0.113.9"), 50000))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield client
