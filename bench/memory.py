"""What a process that only redirects holds in memory when each of so many links has been followed once.

    python -m bench.memory                                    # on SQLite
    python -m bench.memory --postgres --python .venv-bare/bin/python

Each link is followed by a visitor of its own, so there are as many visitors as links; with `--times 3` it is followed
by two more, and what a visitor takes can be told from what a link takes. Some packages import more of
themselves where others, which only tests and benches need, are installed too: `--python` names an interpreter that has
`requirements.lock` and nothing else, as the image does.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench.flat import SETTLED_AFTER
from bench.servers import ROOT, Server, penumbra, server
from bench.stock import code, stock
from config.demo import LOOPBACK
from tests.postgres import running

CONNECTIONS = 64
REPORTED_EVERY = 25_000
AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)


async def visited(server: Server, visitors: range, links: int) -> None:
    """Each of these visitors follows the next link."""
    numbers = iter(visitors)

    async def visit() -> None:
        reader, writer = await asyncio.open_connection(LOOPBACK, server.port)
        for number in numbers:
            address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
            lines = f"Host: s.example\r\nUser-Agent: {AGENT}\r\nX-Forwarded-For: {address}\r\n\r\n"
            writer.write(f"GET /{code(number % links)} HTTP/1.1\r\n{lines}".encode())
            if not (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 302"):
                sys.exit(f"visitor {number} was not led on")
        writer.close()

    async with asyncio.TaskGroup() as together:
        for _ in range(CONNECTIONS):
            together.create_task(visit())


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.memory")
    parser.add_argument("--links", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--roles", default="redirect")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="penumbra-bench-")))
        url = f"sqlite:///{folder / 'links.db'}"
        if given.postgres:
            url = stack.enter_context(stack.enter_context(running()).empty())
        root = asyncio.run(stock(url, given.links))
        settings, port = penumbra(url, root, folder, given.roles)
        command = [str(Path(given.python).absolute()), "-m", "config", "run"]
        asked = stack.enter_context(server("penumbra", command, port, PYTHONPATH=str(ROOT), **settings))
        print(f"at start         {asked.megabytes():5.0f} MB resident, {asked.own_megabytes():4.0f} MB its own")
        visits = given.links * given.times
        for first in range(0, visits, REPORTED_EVERY):
            last = min(first + REPORTED_EVERY, visits)
            asyncio.run(visited(asked, range(first, last), given.links))
            time.sleep(SETTLED_AFTER)
            print(f"{last:>7,} visitors {asked.megabytes():5.0f} MB resident, {asked.own_megabytes():4.0f} MB its own")


if __name__ == "__main__":
    main()
