"""What one click costs the process that answers it, however many links there are, counting it in included.

    python -m bench.flat                                 # 10³, 10⁴ and 10⁵ links
    python -m bench.flat --links 1000 1000000            # the figure of the issue; stocking 10⁶ takes some minutes

Each number of links has a database and a server of its own; they are asked in turn within each round, so that what else
the machine does meets all of them. Measured is the processor time of the server (all its threads) over a round that
ends when every click is in the database, divided by the clicks. Hot: a thousand links are followed, whatever else is
kept: what the sheer number costs. All: any of them is followed as likely as any other: each click a row of its own, and
what is not in memory is looked up.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.servers import Server, penumbra, server
from bench.stock import stocked
from bench.wrk import load, needed

HOT = 1000
SETTLED_AFTER = 2.5
"""Seconds: clicks are sealed each second, and applied with the next tick."""


@dataclass
class Runner:
    """A server with so many links."""

    links: int
    server: Server
    hot: list[float] = field(default_factory=list)
    """Microseconds of processor time for a click, by round."""
    every: list[float] = field(default_factory=list)

    def cost(self, seconds: float, links: int) -> float:
        """Microseconds a click, until it is counted."""
        before = self.server.cpu_seconds()
        done = load(self.server.url, seconds, links)
        time.sleep(SETTLED_AFTER)
        if done.failed:
            sys.exit(f"{done.failed} of {done.requests} visitors were not led on")
        return (self.server.cpu_seconds() - before) / done.requests * 1e6

    def line(self) -> str:
        """What it costs, in words."""
        hot, every = statistics.median(self.hot), statistics.median(self.every)
        return (
            f"{self.links:>9,} links   hot {hot:6.1f} µs ({min(self.hot):.1f} to {max(self.hot):.1f})"
            f"   all {every:6.1f} µs ({min(self.every):.1f} to {max(self.every):.1f})"
        )


def ratio(first: list[float], last: list[float]) -> str:
    """Within each round, the most links beside the fewest."""
    ratios = [many / few for few, many in zip(first, last, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.flat")
    parser.add_argument("--links", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    given = parser.parse_args()
    needed("wrk")
    with tempfile.TemporaryDirectory(prefix="penumbra-bench-") as name, ExitStack() as stack:
        runners = [_opened(stack, Path(name), links) for links in sorted(given.links)]
        for each in runners:
            load(each.server.url, given.seconds, each.links, walk=True)
        for _ in range(given.rounds):
            for each in runners:
                each.hot.append(each.cost(given.seconds, min(HOT, each.links)))
            for each in runners:
                each.every.append(each.cost(given.seconds, each.links))
    for each in runners:
        print(each.line())
    first, last = runners[0], runners[-1]
    print(
        f"{last.links:,} beside {first.links:,}: hot {ratio(first.hot, last.hot)}, all {ratio(first.every, last.every)}"
    )


def _opened(stack: ExitStack, folder: Path, links: int) -> Runner:
    mine = folder / str(links)
    mine.mkdir()
    url, root = asyncio.run(stocked(mine, links))
    settings, port = penumbra(url, root, mine)
    command = [sys.executable, "-m", "config", "run"]
    return Runner(links, stack.enter_context(server(f"{links} links", command, port, **settings)))


if __name__ == "__main__":
    main()
