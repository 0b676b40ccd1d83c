"""How long it takes to tell a crawler from a person, beside the cheapest thing that a click costs anyway."""

import hmac
import statistics
from collections.abc import Callable
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


def main() -> None:
    rules = CrawlerRules.load()
    is_crawler(DESKTOP)
    print("baseline: one HMAC-SHA256 of 100 bytes", microseconds(lambda: hmac.digest(b"k" * 32, b"x" * 100, "sha256")))
    print("a known agent                         ", microseconds(lambda: is_crawler(DESKTOP)))
    print("a new desktop browser                 ", microseconds(lambda: rules.is_crawler(DESKTOP)))
    print("a new in-app browser                  ", microseconds(lambda: rules.is_crawler(IN_APP)))


if __name__ == "__main__":
    main()
