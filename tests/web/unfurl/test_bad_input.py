"""Whatever a page's server does, the link is tracked, and the card says plainly that there is no preview."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial

import pytest

from bots.slack import render as slack
from bots.telegram import render as telegram
from core.links_in import examine
from core.model import Card, DropReason
from tests.fakes.house import GROUP, RULES, House
from tests.fakes.page_server import PageServer, answer
from tests.web.unfurl.conftest import TLS
from texts.catalogue import Texts
from web.unfurl.fetch import PageFetcher
from web.unfurl.transport import GuardedBackend, dial, open_pool
from web.unfurl.unfurler import HttpUnfurler, Pace

PAGE = "http://news.example/a"
NO_PREVIEW = {"en": "No preview", "fr": "Aucun aperçu"}


@dataclass
class Stage:
    house: House
    server: PageServer

    async def share(self, url: str = PAGE) -> Card:
        await self.house.switch_on()
        await self.house.opt_in()
        await self.house.post(url)
        await self.house.work()
        (card,) = [posting for _, posting, _ in self.house.messenger.posted if isinstance(posting, Card)]
        return card


async def nobody(name: str) -> list[str]:
    raise OSError(name)


@pytest.fixture
async def stage(server: PageServer) -> AsyncIterator[Stage]:
    house = House()
    hosts = {"news.example": ("127.0.0.1", server.port), "closed.example": ("127.0.0.1", 9)}
    pool = open_pool(GuardedBackend(nobody, dial, hosts), TLS)
    rules = partial(examine, url_rules=RULES.urls, sensitive_rules=RULES.sensitive)
    pace = Pace(house.now, lambda low, _: low, lambda _: asyncio.sleep(0))
    unfurler = HttpUnfurler(PageFetcher(pool, rules, "agent", seconds=0.3), rules, house.storage, pace)
    house.unfurler = unfurler  # type: ignore[assignment] # the real one in the fake's place
    house.services = house.build()
    yield Stage(house, server)
    await unfurler.aclose()
    await pool.aclose()


ANSWERS = {
    "a picture": answer(b"\x89PNG\r\n", kind="image/png"),
    "a document": answer(b"%PDF-1.7", kind="text/html"),
    "nothing": answer(b""),
    "not found": answer(b"<title>no</title>", status="404 Not Found"),
    "forbidden": answer(b"<title>no</title>", status="403 Forbidden"),
    "too many": answer(b"<title>no</title>", status="429 Too Many Requests"),
    "broken": answer(b"<title>no</title>", status="500 Internal Server Error"),
    "overloaded": answer(b"<title>no</title>", status="503 Service Unavailable"),
    "a login wall": answer(b"", "Location: /login?next=%2Fa", status="302 Found"),
    "round and round": answer(b"", "Location: /a", status="302 Found"),
    "into the network": answer(b"", "Location: http://10.0.0.1/", status="302 Found"),
    "brotli": answer(b"x", "Content-Encoding: br"),
    "zstd": answer(b"x", "Content-Encoding: zstd"),
    "no http": b"SSH-2.0-OpenSSH_9.9\r\n",
    "broken off": b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n",
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_the_link_is_tracked_and_its_card_has_no_preview(stage: Stage, name: str) -> None:
    stage.server.pages["/a"] = ANSWERS[name]
    card = await stage.share()
    assert [(link.url, link.preview) for link in card.links] == [(PAGE, None)]
    assert len(stage.house.storage.state.shares) == 1
    assert DropReason.LISTED not in stage.house.drops


@pytest.mark.parametrize("url", ["https://unknown.example/a", "http://closed.example/a"])
async def test_who_can_not_be_reached_has_no_preview(stage: Stage, url: str) -> None:
    card = await stage.share(url)
    assert [link.preview for link in card.links] == [None]


async def test_who_never_answers_has_no_preview(stage: Stage) -> None:
    async def never(_: str, __: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    stage.server.pages["/a"] = never
    card = await stage.share()
    assert [link.preview for link in card.links] == [None]


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_both_platforms_say_so_in_words(stage: Stage, language: str) -> None:
    stage.server.pages["/a"] = ANSWERS["not found"]
    card, words = await stage.share(), Texts.load().speak(language)
    said = words.say("card.no_preview")
    assert NO_PREVIEW[language] in said
    today = stage.house.now().date()
    assert said in str(slack.card(card, words, today).blocks)
    assert said in str(telegram.card(card, words, today))
    assert stage.house.messenger.posted[-1][0] == GROUP


async def test_what_a_page_refers_to_is_never_asked_for(stage: Stage) -> None:
    inside = "http://news.example/inside"
    stage.server.pages["/a"] = answer(
        f'''<!doctype html><head><title>Hello</title><meta property="og:image" content="{inside}.png">
        <link rel="stylesheet" href="{inside}.css"><link rel="preload" href="{inside}"><base href="http://10.0.0.1/">
        <link rel="alternate" type="application/json+oembed" href="{inside}.json"><script src="{inside}.js"></script>
        <meta http-equiv="refresh" content="0; url={inside}"></head><iframe src="{inside}"></iframe>'''.encode()
    )
    card = await stage.share()
    assert card.links[0].preview is not None
    assert len(stage.server.requests) == 1
