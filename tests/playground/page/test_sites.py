"""The local sites look to a reader of pages like real ones, each odd in its own way."""

import json
import re
import zlib
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import pytest

from playground.site.app import LocalSites
from playground.site.content import SUGGESTED, origin
from playground.site.pictures import PALETTES, picture
from tests.playground.outline import outline

TODAY = datetime(2026, 11, 4, 14, 5, tzinfo=UTC)


@pytest.fixture
def sites():
    return LocalSites(8790, TODAY, slow_seconds=0.0)


@pytest.fixture
async def read(sites):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=sites.app)) as client:

        async def read(key):
            return await client.get(next(one.url for one in sites.suggestions if one.key == key))

        yield read


def metas(html):
    return dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', html))


def linked(html):
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)[1])


@pytest.mark.parametrize("key", [key for key, _ in SUGGESTED])
async def test_every_page_is_well_formed_and_carries_no_script(read, key):
    answer = await read(key)
    found = outline(answer.text)
    assert answer.status_code == 200
    assert [wrong for wrong in found.wrong if wrong not in {"img from elsewhere", "link from elsewhere"}] == []
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_story_says_what_it_is_in_open_graph_and_json_ld(read):
    html = (await read("news")).text
    tags, data = metas(html), linked(html)
    assert tags["og:title"] == data["headline"]
    assert tags["og:site_name"] == data["publisher"]["name"] == "The Riverside Herald"
    assert data["datePublished"] == tags["article:published_time"] == "2026-11-03T06:30:00+00:00"
    assert tags["og:url"] == "http://riverside-herald.localhost:8790/news/bridge-reopens"


async def test_pages_speak_several_languages(read):
    spoken = {outline((await read(key)).text).language for key in ("news", "french", "recipe")}
    assert spoken == {"en", "fr", "es"}


async def test_the_old_story_is_more_than_two_years_old(read):
    assert linked((await read("old")).text)["datePublished"].startswith("2019-03-12")


async def test_the_plain_page_has_a_title_and_nothing_else(read):
    html = (await read("plain")).text
    assert "<title>walks i liked</title>" in html
    assert "og:" not in html
    assert "ld+json" not in html


async def test_the_hostile_title_stays_text(read):
    html = (await read("hostile")).text
    assert "<script>alert" not in html
    assert linked(html)["headline"].startswith("<script>alert('boo')</script>")
    assert "\u202e" in html


def test_the_tracked_link_carries_what_others_add_and_the_reset_link_its_key(sites):
    urls = {one.key: urlsplit(one.url).query for one in sites.suggestions}
    assert "utm_source=" in urls["tracked"]
    assert "fbclid=" in urls["tracked"]
    assert "token=" in urls["reset"]
    assert not urls["news"]


async def test_visits_are_counted_so_that_an_untouched_page_can_be_seen(sites, read):
    await read("reset")
    await read("missing")
    assert sites.visits == {"my-account.localhost/reset-password": 1, "sleepy.localhost/gone": 1}


async def test_what_is_not_there_is_said_so(sites, read):
    assert (await read("missing")).status_code == 404
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=sites.app)) as client:
        assert (await client.get("http://nowhere.localhost:8790/")).status_code == 404
        assert (await client.get("http://riverside-herald.localhost:8790/")).status_code == 200
        assert (await client.get("http://riverside-herald.localhost:8790/pictures/none.png")).status_code == 404
        assert (await client.get("http://riverside-herald.localhost:8790/favicon.ico")).status_code == 204
        assert "#1f4e6b" in (await client.get("http://riverside-herald.localhost:8790/style.css")).text
        shown = await client.get("http://riverside-herald.localhost:8790/pictures/river.png")
        assert shown.headers["content-type"] == "image/png"


def test_http_needs_no_port_in_its_address():
    assert origin("a.localhost", 80) == origin("a.localhost", None) == "http://a.localhost"


@pytest.mark.parametrize("palette", list(PALETTES))
def test_pictures_are_small_and_whole(palette):
    content = picture(palette)
    assert content.startswith(b"\x89PNG")
    assert len(content) < 20_000
    pixels = content[content.index(b"IDAT") + 4 : content.index(b"IEND") - 8]
    assert len(zlib.decompress(pixels)) == 315 * 601
