"""What a chat sees of pages that are good, hostile or not there, with the real guard between us and them."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.fakes.internet import CLOSED, PUBLIC, Internet
from tests.fakes.page_server import PageServer, answer, page_server
from tests.walks.theatre import Theatre, open_theatre

BOTH = pytest.mark.parametrize("platform", ["telegram", "slack"])
NAMES = {
    "good.example": [PUBLIC],
    "other.example": [PUBLIC],
    "blocked.example": ["10.0.0.7"],
    "mixed.example": [PUBLIC, "169.254.169.254"],
    "closed.example": [CLOSED],
}
PAGE = b"""<!doctype html><html><head><title>The bridge reopens</title>
<meta name="robots" content="noindex"><meta property="article:published_time" content="2019-03-12T08:00:00Z">
</head><body>x</body></html>"""
NO_PREVIEW = "No preview could be had"
BAD = "http://good.example/payload/a.exe"
BAD_AND_OPAQUE = "http://good.example/x/k3Jd82hQpLz9vTr4Ws7XbN1c"
CHECKED = {
    "claims": [
        {
            "text": "The bridge reopens",
            "claimReview": [
                {"publisher": {"name": "Check Desk"}, "url": "https://checks.example/b", "textualRating": "Correct"}
            ],
        }
    ]
}


async def no_waiting(_: float) -> None:
    """What would wait takes its turn and goes on."""
    await asyncio.sleep(0)


def moved(to: str) -> bytes:
    return answer(b"", f"Location: {to}", status="302 Found")


@pytest.fixture
async def server() -> AsyncIterator[PageServer]:
    async with page_server() as server:
        server.pages |= {
            "/a": answer(PAGE),
            "/a?utm_source=mail": answer(PAGE),
            "/moved": moved("http://other.example/a?utm_source=mail"),
            "/wall": moved("/login?next=/wall"),
            "/file": answer(b"%PDF-1.7", kind="application/pdf"),
            "/empty": answer(b""),
            "/forbidden": answer(PAGE, status="403 Forbidden"),
            "/broken": answer(PAGE, status="503 Busy"),
            "/inward": moved("http://10.0.0.7/admin"),
            "/to-a-key": moved("http://other.example/reset-password?token=4f1c9d2e8b7a6c5d4e3f"),
            "/to-malware": moved(BAD),
            "/payload/a.exe": answer(PAGE),
            "/list": answer(f"# reported\n{BAD}\n{BAD_AND_OPAQUE}\n".encode(), kind="text/plain"),
            "/v1alpha1/claims:search?query=The+bridge+reopens&pageSize=10": answer(json.dumps(CHECKED).encode()),
        }
        yield server


@pytest.fixture
def internet(server: PageServer, monkeypatch: pytest.MonkeyPatch) -> Internet:
    internet = Internet(server, NAMES)
    internet.put_in_place(monkeypatch)
    return internet


@pytest.fixture
async def theatre(internet: Internet, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Theatre]:
    here = f"http://127.0.0.1:{internet.server.port}"
    chosen = {
        "urlhaus_url": SecretStr(f"{here}/list"),
        "factcheck_url": here,
        "factcheck_key": SecretStr("an-account-s-key"),
    }
    async with open_theatre(tmp_path, sqlite_url, chosen, no_waiting) as opened:
        await opened.switched_on("bruno")
        yield opened


async def shared(theatre: Theatre, platform: str, url: str) -> dict:
    """What stands in the group after Bruno shared a link."""
    await theatre.say(platform, "bruno", url)
    await theatre.work()
    return theatre.messages(platform)[-1]


def is_tracked(theatre: Theatre, card: dict) -> bool:
    return re.search(re.escape(theatre.house.settings.public_url) + r"/[0-9A-Za-z]{16}\b", card["html"]) is not None


@BOTH
async def test_a_card_tells_everything_that_is_known_of_a_page(theatre: Theatre, platform: str) -> None:
    card = await shared(theatre, platform, "http://good.example/moved?fbclid=IwAR0abcdefgh")
    for told in (
        "The bridge reopens",
        "good.example",
        "Leads to another site: other.example",
        "Published March 12, 2019",
        "More than two years old",
        "Asks search engines to leave it out",
        "fbclid",
    ):
        assert told in card["html"]


NOT_TO_BE_HAD = {
    "a login wall": "http://good.example/wall",
    "no HTML": "http://good.example/file",
    "empty": "http://good.example/empty",
    "403": "http://good.example/forbidden",
    "404": "http://good.example/nowhere",
    "503": "http://good.example/broken",
    "no TLS": "https://good.example/a",
}


@BOTH
async def test_a_page_that_can_not_be_had_is_tracked_and_its_card_says_so(theatre: Theatre, platform: str) -> None:
    for why, url in NOT_TO_BE_HAD.items():
        card = await shared(theatre, platform, url)
        assert NO_PREVIEW in card["html"], why
        assert is_tracked(theatre, card), why
        labels = {button["label"] for row in card["buttons"] for button in row}
        assert labels >= {"Open", "Open, counted", "Undo"}, why


def look(theatre: Theatre, card: dict, host: str) -> str:
    """What a card looks like, but for its own host and code."""
    without_code = re.sub(re.escape(theatre.house.settings.public_url) + r"/\w{16}", "CODE", card["html"])
    return unescape(without_code).replace(host, "HOST")


@BOTH
async def test_blocked_closed_and_unknown_look_the_same_to_the_chat(
    theatre: Theatre, internet: Internet, platform: str
) -> None:
    hosts = ["blocked.example", "mixed.example", "closed.example", "unknown.example"]
    cards = [look(theatre, await shared(theatre, platform, f"http://{host}/a"), host) for host in hosts]
    inward = look(theatre, await shared(theatre, platform, "http://good.example/inward"), "good.example")
    assert NO_PREVIEW in cards[0]
    assert {card.replace("/a", "/inward") for card in cards} == {inward.replace("/a", "/inward")}
    assert set(internet.dialled) <= {PUBLIC, CLOSED}


@BOTH
async def test_a_redirect_to_a_key_is_not_followed_and_shows_nothing_of_it(
    theatre: Theatre, server: PageServer, platform: str
) -> None:
    card = await shared(theatre, platform, "http://good.example/to-a-key")
    assert NO_PREVIEW in card["html"]
    assert "reset-password" not in card["html"]
    assert not any(b"reset-password" in request for request in server.requests)


@BOTH
async def test_a_listed_address_is_left_as_it_is_and_only_its_poster_is_told(theatre: Theatre, platform: str) -> None:
    words = {"telegram": "malware", "slack": "logiciels malveillants"}  # Slack says which language Bruno reads
    for url in (BAD, "http://good.example/to-malware", BAD_AND_OPAQUE):
        before = theatre.messages(platform, "ada")
        await theatre.say(platform, "bruno", url)
        await theatre.work()
        assert len(theatre.messages(platform, "ada")) == len(before) + 1
        told = theatre.messages(platform, "bruno")[-1]
        assert words[platform] in told["html"]
        assert "good.example" not in str(told)
        assert not any(button.get("url") for row in told["buttons"] for button in row)


@BOTH
async def test_a_fact_check_is_asked_for_by_a_tap_and_told_to_one(
    theatre: Theatre, server: PageServer, platform: str
) -> None:
    await shared(theatre, platform, "http://good.example/a")
    assert not any(b"claims:search" in request for request in server.requests)
    before = theatre.messages(platform, "bruno")
    await theatre.tap(platform, "ada", "Is there a fact check?")
    assert "Check Desk" in theatre.messages(platform, "ada")[-1]["html"]
    assert len(theatre.messages(platform, "bruno")) == len(before)


@BOTH
async def test_what_is_listed_after_it_was_shared_stands_in_no_card_and_no_digest(
    theatre: Theatre, server: PageServer, platform: str
) -> None:
    for path, title in (
        ("/bad", b"Listed later"),
        ("/kept", b"Kept"),
        ("/one-more", b"One more"),
        ("/waits", b"Waits"),
    ):
        server.pages[path] = answer(PAGE.replace(b"The bridge reopens", title))
    for path in ("/bad", "/kept", "/one-more"):
        await shared(theatre, platform, f"http://other.example{path}")
    await theatre.say(platform, "bruno", "http://other.example/waits")
    await theatre.stage.scene.settled()
    while not await theatre.house.services.shares.work_off():  # its card waits to be posted while the list changes
        await no_waiting(0)
    reported = {"https://other.example/bad", "https://other.example/waits"}
    async with theatre.house.storage.transaction() as records:
        await records.listed.replace(reported)
    server.pages["/list"] = answer("\n".join(reported).encode(), kind="text/plain")
    await theatre.work()
    assert not [each for each in theatre.messages(platform, "bruno") if "Waits" in each["html"]]
    told = {"telegram": "before its card was posted", "slack": "avant que sa fiche soit"}
    assert told[platform] in theatre.messages(platform, "bruno")[-1]["html"]
    await theatre.jump_to_monday()
    (digest,) = [each for each in theatre.messages(platform) if "The links of the week" in each["html"]]
    assert "One more" in str(digest)
    assert "Kept" in str(digest)
    assert "Listed later" not in str(digest)
    assert "Waits" not in str(digest)
