"""The command `penumbra`."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pkgutil import resolve_name

from config.commandline import read
from config.words import lines_of, suit_terminal
from core.errors import PenumbraError

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Do a command; what an operator can mend is said in a line or two, without a traceback."""
    suit_terminal()
    given = read(arguments)
    try:
        do: Command = resolve_name(given.do)
        return do(given)
    except (PenumbraError, OSError) as error:
        for line in lines_of(error):
            print(f"penumbra: {line}", file=sys.stderr)
        return 2 if isinstance(error, PenumbraError) else 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
