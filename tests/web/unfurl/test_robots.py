from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.page_server import PageServer, answer
from web.unfurl.fetch import NoPage, PageFetcher, Why
from web.unfurl.robots import KEPT, Robots

Make = Callable[..., PageFetcher]
RULES = b"User-agent: *\nDisallow: /private/\n\nUser-agent: Penumbra\nDisallow: /not-for-us/\n"


async def test_a_page_is_left_alone_where_its_site_asks_for_that(server: PageServer, fetcher_of: Make) -> None:
    server.pages["/robots.txt"] = answer(RULES, kind="text/plain; charset=utf-8")
    now = datetime(2026, 11, 23, tzinfo=UTC)
    robots = Robots(fetcher_of(), lambda: now)
    await robots.check("http://news.example/a")
    await robots.check("http://news.example/private/")
    with pytest.raises(NoPage) as nothing:
        await robots.check("http://news.example/not-for-us/a")
    assert nothing.value.why is Why.ROBOTS
    assert len(server.requests) == 1


async def test_what_a_site_asks_is_looked_up_again_after_a_day(server: PageServer, fetcher_of: Make) -> None:
    times = [datetime(2026, 11, 23, tzinfo=UTC)]
    robots = Robots(fetcher_of(), lambda: times[0])
    await robots.check("http://news.example/not-for-us/a")
    server.pages["/robots.txt"] = answer(RULES, kind="text/plain")
    await robots.check("http://news.example/not-for-us/a")
    times[0] += KEPT + timedelta(seconds=1)
    with pytest.raises(NoPage):
        await robots.check("http://news.example/not-for-us/a")


@pytest.mark.parametrize(
    "said", [answer(b"<html>", kind="text/html"), answer(b"\xff\x00: :\n" * 99, kind="text/plain"), b""]
)
async def test_a_site_without_rules_may_be_read(server: PageServer, fetcher_of: Make, said: bytes) -> None:
    server.pages["/robots.txt"] = said
    await Robots(fetcher_of(), lambda: datetime(2026, 11, 23, tzinfo=UTC)).check("http://news.example/a")
