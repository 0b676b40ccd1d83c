"""What the command line offers is there, and loads no more than it needs."""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pkgutil import resolve_name

from config import exports
from config.commandline import MAPS, parser
from config.words import operator_words

NOT_FOR_A_REDIRECT = (
    "alembic",
    "aiohttp",
    "bots",
    "httpx",
    "opendp",
    "playground",
    "psycopg",
    "selectolax",
    "telegram",
)


def commands(of: argparse.ArgumentParser) -> Iterator[str]:
    if given := of.get_default("do"):
        yield given
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                yield from commands(one)


def test_every_command_has_its_function():
    names = list(commands(parser(operator_words("en").say)))
    assert len(names) > 15
    assert all(callable(resolve_name(name)) for name in names)


def test_redirects_are_exported_in_the_kinds_that_the_command_takes():
    assert sorted(exports.MAPS) == list(MAPS)


def test_a_process_that_only_redirects_loads_no_bots_and_no_readers_of_pages():
    code = "import sys, config.running, config.redirecting; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()  # noqa: S603 - our own
    assert not {name for name in NOT_FOR_A_REDIRECT if name in loaded}
