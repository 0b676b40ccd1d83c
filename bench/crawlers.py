"""How long it takes to tell a crawler from a person, beside the cheapest thing that a click costs anyway.

python -m bench crawlers           # the time
python -m bench crawlers FILE...   # and who of these agents, one a line, is taken for a crawler
"""

import hmac
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from timeit import repeat

from core.crawlers import CrawlerRules, is_crawler

DESKTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IN_APP = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22B83 "
    "[FBAN/FBIOS;FBAV/490.0.0.31.105;FBBV/663157417;FBDV/iPhone15,2;FBMD/iPhone;FBSN/iOS;FBSV/18.1;FBSS/3;FBLC/en_US]"
)
ROUNDS = 20
NUMBER = 2_000


def microseconds(work: Callable[[], object]) -> str:
    times = [each / NUMBER * 1e6 for each in repeat(work, number=NUMBER, repeat=ROUNDS)]
    return f"{statistics.median(times):8.2f} µs  (min {min(times):.2f}, max {max(times):.2f})"


def taken(rules: CrawlerRules, path: Path) -> None:
    """Office asks for a link before it hands it to the browser: that is a program's visit, not a browser's."""
    agents = [line for line in path.read_text("utf-8", "replace").splitlines() if line.strip()]
    crawlers = [agent for agent in agents if rules.is_crawler(agent)]
    office = sum("office" in agent.lower() for agent in crawlers)
    rest = len(crawlers) - office
    print(
        f"{path.name}: of {len(agents)} agents {len(crawlers)} taken for crawlers"
        f" ({100 * len(crawlers) / len(agents):.2f} %), "
        f"{office} of them Office's own look; the others {rest} ({100 * rest / (len(agents) - office):.2f} %)"
    )


def main() -> None:
    rules = CrawlerRules.load()
    for name in sys.argv[1:]:
        taken(rules, Path(name))
    is_crawler(DESKTOP)
    print("baseline: one HMAC-SHA256 of 100 bytes", microseconds(lambda: hmac.digest(b"k" * 32, b"x" * 100, "sha256")))
    print("a known agent                         ", microseconds(lambda: is_crawler(DESKTOP)))
    print("a new desktop browser                 ", microseconds(lambda: rules.is_crawler(DESKTOP)))
    print("a new in-app browser                  ", microseconds(lambda: rules.is_crawler(IN_APP)))


if __name__ == "__main__":
    main()
