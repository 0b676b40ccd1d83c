"""robots.txt (RFC 9309), for operators who want it honoured: a preview is one page somebody pointed at, no crawl."""

from collections import OrderedDict
from datetime import datetime, timedelta
from urllib.robotparser import RobotFileParser

import ada_url

from core.errors import LeadsToListed
from core.ports import Now
from web.unfurl.fetch import NoPage, PageFetcher, PassBy, Why, pass_all

NAME = "Penumbra"
KEPT = timedelta(hours=24)
"""RFC 9309, section 2.4: not longer than a day."""
BYTES = 100 * 1024
REMEMBERED = 1_024
"""Sites; the one longest unused is forgotten first."""


class Robots:
    """What sites ask of us in their robots.txt.

    Args:
        fetcher: fetches within limits.
        now: the time.
        pass_by: hears of every redirect of a robots.txt; where it refuses one, there are no rules.
    """

    def __init__(self, fetcher: PageFetcher, now: Now, pass_by: PassBy = pass_all) -> None:
        self._fetcher = fetcher
        self._now = now
        self._pass_by = pass_by
        self._rules: OrderedDict[str, tuple[RobotFileParser, datetime]] = OrderedDict()

    async def check(self, url: str) -> None:
        """Raise NoPage when the site asks us not to read a page."""
        origin = ada_url.URL(url).origin
        known = self._rules.pop(origin, None)
        if known is None or known[1] < self._now():
            known = (await self._asked(origin), self._now() + KEPT)
        self._rules[origin] = known
        if len(self._rules) > REMEMBERED:
            self._rules.popitem(last=False)
        if not known[0].can_fetch(NAME, url):
            raise NoPage(Why.ROBOTS)

    async def _asked(self, origin: str) -> RobotFileParser:
        rules = RobotFileParser()
        try:
            text = (await self._fetcher.plain(f"{origin}/robots.txt", self._pass_by))[:BYTES]
        except (NoPage, LeadsToListed):
            text = b""  # section 2.3.1.3: without the file everything may be read
        rules.parse(text.decode("utf-8", "replace").splitlines())
        return rules
