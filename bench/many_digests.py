"""Ten thousand groups due in the same second, three replicas, one PostgreSQL: `python -m bench many_digests`.

Each replica is a process; the platforms are a server on loopback which holds them to their documented limits; time
is virtual, so that limits are kept without being waited for (see `tests.faults.many`). It fails if a digest is missing
or stands twice, or a limit was passed. `--groups 1000` is a look while others work.
"""

import argparse
import asyncio
import sys
import time

from core.model import OutboxState
from tests.faults.many import post_all
from tests.postgres import running


def main() -> None:
    asked = argparse.ArgumentParser(prog="bench many_digests")
    asked.add_argument("--groups", type=int, default=10_000)
    asked.add_argument("--replicas", type=int, default=3)
    given = asked.parse_args()
    begun = time.perf_counter()
    with running() as server, server.clone() as url:
        went = asyncio.run(post_all(url, given.groups, given.replicas))
    platforms = went.platforms
    print(
        f"{given.groups:,} groups due at once, {given.replicas} replicas: {went.posted:,} digests posted,"
        f" {platforms.twice()} twice; {platforms.refused} answers of 429, {platforms.too_early} calls too early;"
        f" limits passed: {platforms.crowded() or 'none'}"
    )
    print(
        f"over {went.virtual:.0f} s of the platforms' time; {went.real:.0f} s of ours"
        f" ({time.perf_counter() - begun:.0f} s with making the groups), {went.processors:.0f} s of processors"
        f" ({went.processors / given.groups * 1000:.0f} ms a digest), at most {went.memory} MB a replica"
    )
    as_wanted = went.states == {OutboxState.SENT: given.groups} and went.posted == given.groups
    if not as_wanted or platforms.twice() or platforms.too_early or platforms.crowded():
        sys.exit(f"not as promised: {dict(went.states)}")
