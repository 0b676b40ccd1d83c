"""One command for all of them: `make bench`, or `make bench ARGS=unfurl` for one."""

import importlib
import sys

ALL = (
    "ack",
    "crawlers",
    "unfurl",
    "encodings",
    "storage",
    "retention",
    "digest",
    "many_digests",
    "redirect",
    "memory",
    "flat",
    "workers",
    "ingest",
    "slow_page",
)


def main() -> None:
    names = sys.argv[1:2] or ALL
    for name in names:
        if name not in ALL:
            sys.exit(f"there is no bench {name!r}: {', '.join(ALL)}")
    rest = sys.argv[2:]
    for name in names:
        print(f"== {name}")
        sys.argv = [f"bench.{name}", *rest]
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main()
