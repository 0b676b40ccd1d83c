"""What two workers on one PostgreSQL answer beside one, as far as this machine can tell.

    python -m bench.workers

Two are to answer at least 1.7 times as much as one. Only four cores can show that: two for the workers, one for wrk,
one for PostgreSQL; there the rates themselves are compared. On fewer, the workers take each other's time and the rate
says nothing. What is measured everywhere is processor time: what a click costs a worker (until it is in the database)
alone, and beside another on the same database. Twice the one over the other is how much two answer when each has a
core; it leaves out only what a worker waits for without using its core, and redirects wait for nothing.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from bench.servers import Server, penumbra, server
from bench.stock import stock
from bench.wrk import Load, load, needed
from tests.postgres import running

SETTLED_AFTER = 2.5
"""Seconds: clicks are sealed each second, and applied with the next tick."""
CORES_NEEDED = 4


def measured(servers: list[Server], seconds: float, links: int) -> tuple[float, float]:
    """Microseconds of a worker for a click, and clicks a second, when these are at work at the same time."""
    before = sum(each.cpu_seconds() for each in servers)
    with ThreadPoolExecutor(len(servers)) as threads:
        done: list[Load] = list(threads.map(lambda each: load(each.url, seconds, links), servers))
    time.sleep(SETTLED_AFTER)
    clicks = sum(each.requests for each in done)
    if any(each.failed for each in done):
        sys.exit("some visitors were not led on")
    cost = (sum(each.cpu_seconds() for each in servers) - before) / clicks * 1e6
    return cost, sum(each.a_second for each in done)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.workers")
    parser.add_argument("--links", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    given = parser.parse_args()
    needed("wrk")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="penumbra-bench-")))
        url = stack.enter_context(stack.enter_context(running()).empty())
        root = asyncio.run(stock(url, given.links))
        workers = []
        for number in range(2):
            settings, port = penumbra(url, root, folder / str(number))
            command = [sys.executable, "-m", "config", "run"]
            workers.append(stack.enter_context(server(f"worker {number}", command, port, number, **settings)))
        for each in workers:
            load(each.url, given.seconds, given.links, walk=True)
        alone, both = [], []
        for _ in range(given.rounds):
            alone.append(measured(workers[:1], given.seconds, given.links))
            both.append(measured(workers, given.seconds, given.links))
    report(alone, both)


def report(alone: list[tuple[float, float]], both: list[tuple[float, float]]) -> None:
    """Say what was measured, and what was not."""
    one, two = (statistics.median(cost for cost, _ in rounds) for rounds in (alone, both))
    gains = [2 * first / second for (first, _), (second, _) in zip(alone, both, strict=True)]
    print(f"one worker   {one:6.1f} µs of its core for a click")
    print(f"two workers  {two:6.1f} µs")
    spread = f"({min(gains):.2f} to {max(gains):.2f})"
    print(f"by processor time two answer {statistics.median(gains):.2f} times as much {spread}")
    rates = [second / first for (_, first), (_, second) in zip(alone, both, strict=True)]
    cores = os.cpu_count() or 1
    if cores < CORES_NEEDED:
        print(f"{cores} cores: rates ({statistics.median(rates):.2f}) say nothing, wrk and PostgreSQL share the cores")
    else:
        print(f"by rates {statistics.median(rates):.2f} ({min(rates):.2f} to {max(rates):.2f})")


if __name__ == "__main__":
    main()
