"""How fast short URLs lead on, with everything switched on, beside nginx and beside uvicorn with nothing to do.

    python -m bench.redirect                          # the figures of bench/RESULTS.md
    python -m bench.redirect --rounds 3 --seconds 3   # a short look

Needs wrk and nginx. Every server has core 0 to itself, wrk the others. The three are asked in turn within each round,
so that what else the machine does meets all of them; ratios are taken within a round.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bench.servers import Server, nginx, penumbra, server
from bench.stock import stocked
from bench.wrk import Load, load, needed
from config.demo import free_port

CONNECTIONS = 64


@dataclass
class Runner:
    server: Server
    loads: list[Load] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    """Microseconds of its core for one answer."""

    def run(self, seconds: float, links: int) -> None:
        before = self.server.cpu_seconds()
        done = load(self.server.url, seconds, links, CONNECTIONS)
        self.loads.append(done)
        self.cpu.append((self.server.cpu_seconds() - before) / max(done.requests, 1) * 1e6)

    def line(self) -> str:
        rates = [each.a_second for each in self.loads]
        p50, p99 = _median(each.p50 for each in self.loads), _median(each.p99 for each in self.loads)
        cpu = statistics.median(self.cpu)
        failed = sum(each.failed for each in self.loads)
        return (
            f"{self.server.name:<22} {statistics.median(rates):9,.0f}/s  ({min(rates):,.0f} to {max(rates):,.0f})"
            f"   p50 {p50:6.2f} ms   p99 {p99:6.2f} ms   {cpu:5.1f} µs of a core each   failed {failed}"
        )


def _median(numbers: Iterable[float]) -> float:
    return statistics.median(list(numbers))


def ratio(ours: Runner, theirs: Runner) -> str:
    rates = [one.a_second / other.a_second for one, other in zip(ours.loads, theirs.loads, strict=True)]
    p99 = _median(one.p99 / other.p99 for one, other in zip(ours.loads, theirs.loads, strict=True))
    spread = f"({min(rates):.2f} to {max(rates):.2f})"
    return f"of {theirs.server.name}: {statistics.median(rates):.2f} {spread}, p99 ×{p99:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.redirect")
    parser.add_argument("--links", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument(
        "--warm", type=float, default=30, help="seconds before the first round: every link once, or more"
    )
    given = parser.parse_args()
    needed("wrk", "nginx")
    with tempfile.TemporaryDirectory(prefix="penumbra-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        url, root = asyncio.run(stocked(folder, given.links))
        settings, port = penumbra(url, root, folder)
        ours = stack.enter_context(server("penumbra", [sys.executable, "-m", "config", "run"], port, **settings))
        empty = ours.megabytes()
        bare_port = free_port()
        bare = stack.enter_context(
            server("no-op on uvicorn", [sys.executable, "-m", "bench.noop", str(bare_port)], bare_port)
        )
        edge = stack.enter_context(server("nginx return 302", *nginx(folder)))
        asked = load(ours.url, given.warm, given.links, CONNECTIONS, walk=True).requests
        print(f"{min(asked, given.links):,} of {given.links:,} links were in memory before the first round")
        print(
            f"resident: {empty:.0f} MB at start, {ours.megabytes():.0f} MB ({ours.own_megabytes():.0f} MB its own) warm"
        )
        runners = [Runner(edge), Runner(bare), Runner(ours)]
        for _ in range(given.rounds):
            for each in runners:
                each.run(given.seconds, given.links)
        for each in runners:
            print(each.line())
        print(f"penumbra {ratio(runners[2], runners[1])}")
        print(f"penumbra {ratio(runners[2], runners[0])}")
        print(f"resident after {sum(each.requests for each in runners[2].loads):,} visitors: {ours.megabytes():.0f} MB")


if __name__ == "__main__":
    main()
