"""`GET /{code}`: lead on first, count second, explain plainly what went wrong."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse

from core.errors import StorageUnavailable
from core.model import DropReason
from tests.fakes.house import House
from tests.fakes.server import MemberOf, app_over, server_over
from web.pages.public import contact_link
from web.redirect import location, visitor_of

BROWSER = {"user-agent": "Mozilla/5.0 Firefox/140.0"}


@pytest.fixture
async def site():
    house = House()
    member = MemberOf(house)
    code = await member.shares("https://news.example/a?b=ü&c=1#part")
    async with server_over(house) as client:
        yield house, client, code


async def counted(house):
    await house.services.clicks.flush()
    return sum(row.browsers for row in house.storage.state.clicks.values())


async def test_a_visitor_is_led_on_and_counted_once(site):
    house, client, code = site
    for _ in range(2):
        answer = await client.get(f"/{code}", headers=BROWSER)
        assert answer.status_code == 302
        assert answer.headers["location"] == "https://news.example/a?b=%C3%BC&c=1#part"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in answer.headers
    assert await counted(house) == 1


@pytest.mark.parametrize(
    ("method", "headers", "reason"),
    [
        ("HEAD", {}, DropReason.NOT_A_VISIT),
        ("GET", {"sec-gpc": "1"}, DropReason.OPTED_OUT),
        ("GET", {"dnt": "1"}, DropReason.OPTED_OUT),
        ("GET", {"purpose": "prefetch"}, DropReason.NOT_A_VISIT),
        ("GET", {"sec-purpose": "prefetch;prerender"}, DropReason.NOT_A_VISIT),
        ("GET", {"x-moz": "prefetch"}, DropReason.NOT_A_VISIT),
        ("GET", {"user-agent": "crawler"}, DropReason.CRAWLER),
    ],
)
async def test_what_is_no_visit_gets_the_same_answer_uncounted(site, method, headers, reason):
    house, client, code = site
    answer = await client.request(method, f"/{code}", headers=BROWSER | headers)
    assert answer.status_code == 302
    assert await counted(house) == 0
    assert house.drops[reason] == 1


async def test_looking_where_a_link_leads_is_not_counted(site):
    house, client, code = site
    page = await client.get(f"/{code}+", headers=BROWSER)
    assert page.status_code == 200
    assert "https://news.example/a?b=ü&amp;c=1#part" in page.text
    assert "<script" not in page.text
    assert "noindex" in page.text
    assert "set-cookie" not in page.headers
    assert await counted(house) == 0


async def test_the_page_says_when_a_link_is_not_counted(site):
    house, client, code = site
    house.later(days=20)
    assert "not counted either" in (await client.get(f"/{code}+")).text
    french = await client.get(f"/{code}+", headers={"accept-language": "de;q=0.9, fr-CH;q=0.8, en;q=0.1"})
    assert 'lang="fr"' in french.text
    assert french.headers["content-language"] == "fr"


@pytest.mark.parametrize(
    "path",
    [
        "/0000000000000000",
        "/short",
        "/%00%ff%fe",
        "/../../etc/passwd",
        "/%E2%80%AE",
        "/a/b/c",
        "/" + "x" * 3000,
        "/zz+",
    ],
)
async def test_an_unknown_code_is_a_plain_page_that_says_what_to_do(site, path):
    _, client, _ = site
    answer = await client.get(path)
    assert answer.status_code == 404
    assert "never made this link" in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(("language", "words"), [("en", "reported for spreading malware"), ("fr", "a été signalée")])
async def test_a_destination_reported_since_is_shown_on_a_plain_page_that_leads_on_only_by_hand(language, words):
    house = House(has_list=True)
    code = await MemberOf(house).shares("https://news.example/a?b=1")
    house.later(minutes=5)
    async with house.storage.transaction() as records:
        await records.listed.replace({"news.example"})
    await house.services.links.refresh()
    async with server_over(house) as client:
        answer = await client.get(f"/{code}", headers=BROWSER | {"accept-language": language})
        assert answer.status_code == 403
        assert "location" not in answer.headers
        assert words in answer.text
        assert 'href="https://news.example/a?b=1"' in answer.text
        assert "<script" not in answer.text
        assert "http-equiv" not in answer.text
        look = await client.get(f"/{code}+", headers=BROWSER | {"accept-language": "en"})
        assert look.status_code == 200
        assert "public list of addresses that spread malware" in look.text
        assert "https://news.example/a?b=1" in look.text
        assert 'href="https://news.example' not in look.text
        assert f'href="https://s.example/{code}"' not in look.text
    assert await counted(house) == 0


async def test_an_expired_code_says_so(site):
    house, client, code = site
    house.later(days=91)
    for path in (f"/{code}", f"/{code}+"):
        answer = await client.get(path)
        assert answer.status_code == 410
        assert "expired" in answer.text


async def test_without_the_database_known_links_go_on_and_others_are_asked_to_come_back(site, monkeypatch):
    house, client, code = site
    await client.get(f"/{code}", headers=BROWSER)

    def gone():
        raise StorageUnavailable

    monkeypatch.setattr(house.storage, "transaction", gone)
    monkeypatch.setattr(house.storage, "reading", gone)
    assert (await client.get(f"/{code}", headers=BROWSER)).status_code == 302
    for path in ("/0000000000000000", "/0000000000000000+"):
        answer = await client.get(path)
        assert answer.status_code == 503
        assert "try again" in answer.text


async def test_other_methods_are_left_to_the_pages(site):
    _, client, code = site
    assert (await client.post(f"/{code}")).status_code == 405


@pytest.mark.parametrize(("language", "words"), [("en", "tell Ada Operator"), ("fr", "dites-le à Ada Operator")])
async def test_a_fault_of_ours_is_a_plain_page_that_tells_nothing_of_it(site, monkeypatch, language, words):
    house, _, code = site

    def broken():
        raise RuntimeError("a secret inside")

    monkeypatch.setattr(house.services.clicks, "look_up", lambda _: broken())
    transport = httpx.ASGITransport(app_over(house), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://s.example") as client:
        answer = await client.get(f"/{code}+", headers={"accept-language": language})
    assert answer.status_code == 500
    assert words in answer.text
    assert "secret" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


async def test_privacy_and_home_are_always_there_with_strict_headers(site):
    _, client, _ = site
    for path in ("/", "/privacy", "/privacy?lang=fr"):
        answer = await client.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert "Ada Operator" in (await client.get("/privacy")).text
    assert (await client.get("/static/page.css")).status_code == 200


async def test_health_tells_life_from_readiness(site):
    house, client, _ = site
    assert (await client.get("/healthz")).text == "ok\n"
    assert (await client.get("/readyz")).json()["status"] == "ready"
    house.trouble = "not reachable"
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": "not reachable"}
    assert (await client.get("/healthz")).status_code == 200


@given(st.text())
def test_a_header_never_holds_what_could_end_it(text):
    sent = location("https://news.example/" + text)
    assert all(0x20 < byte < 0x7F for byte in sent)


@given(st.from_regex(r"https://[a-z]{3}\.example/[a-zA-Z0-9/%:=&?~#+!$,;@()*\[\]|._-]{0,40}", fullmatch=True))
def test_an_address_that_is_fine_is_sent_as_it_is(url):
    assert location(url).decode() == url


def test_a_request_without_a_client_or_headers_is_a_visitor_too():
    scope = {"headers": [], "method": "GET"}
    assert visitor_of(scope).address == ""
    assert PlainTextResponse("x").status_code == 200
    assert httpx.codes.FOUND == 302


async def test_the_page_names_the_uncounted_way_and_whom_to_tell_of_a_bad_link(site):
    _, client, code = site
    page = (await client.get(f"/{code}+")).text
    assert "Without being counted" in page
    subject = "About%20a%20short%20link%20of%20this%20server"
    assert f'href="mailto:ada@s.example?subject={subject}&amp;body=https%3A//s.example/{code}"' in page


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("https://desk.example/penumbra", "https://desk.example/penumbra"),
        ("javascript:alert(1)", None),
        ("ask Ada, room 3", None),
        ("ada@s.example?cc=eve@evil.example", None),
    ],
)
def test_a_contact_leads_only_where_it_says(contact, link):
    assert contact_link(contact, "s", "b") == link
