"""How fast pages are read, how slow the slowest, and what hostile bodies cost; a peer beside it in the same run.

    python -m bench.unfurl            # our own pages, padded to the sizes of real ones, and the hostile bodies
    python -m bench.unfurl FOLDER     # the pages of a folder instead: NAME.html, with an optional NAME.json beside it

The JSON holds `url`, `content_type` and `expected`; with it the share of fields read as expected is printed too.
"""

import argparse
import gc
import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from trafilatura.metadata import extract_metadata

from tests.web.unfurl.hostile import BODIES
from web.unfurl.parse import parse

OURS = Path(__file__).parent.parent / "tests/web/unfurl/pages"
SIZES = (20_000, 60_000, 120_000, 250_000)
"""Bytes: quartiles or so of article pages as served."""
ROUNDS = 3


@dataclass(frozen=True)
class Sample:
    body: bytes
    url: str
    content_type: str
    expected: dict[str, str]


def samples(folder: Path) -> list[Sample]:
    found = []
    for page in sorted(folder.glob("*.html")):
        beside = page.with_suffix(".json")
        told = json.loads(beside.read_text()) if beside.exists() else {}
        kind = told.get("content_type", "text/html")
        found.append(
            Sample(page.read_bytes(), told.get("url", "https://page.example/"), kind, told.get("expected", {}))
        )
    return found


def padded(sample: Sample, size: int) -> Sample:
    """A page with teasers, scripts and texts round its own words, as pages usually have."""
    piece = (
        '<div class="teaser teaser--small"><a href="/a/b/%d" class="link"><img src="/i/%d.jpg" alt=""></a>'
        '<h3>Another thing</h3><p>One more sentence about it, <b>with</b> <a href="/x">a link</a>.</p></div>\n'
    )
    script = '<script>window.q=window.q||[];q.push(["track","%d",{"a":"<b>c</b>"}]);%s</script>\n'
    count = max(0, size - len(sample.body)) // (len(piece) + 100)
    filler = "".join(piece % (n, n) + (script % (n, "x();" * 300) if n % 12 == 0 else "") for n in range(count))
    head, end, tail = sample.body.rpartition(b"</body>")
    body = head + filler.encode() + end + tail if end and b"\x00" not in sample.body else sample.body
    return Sample(body, sample.url, sample.content_type, sample.expected)


def times(pages: list[Sample], read: Callable[[Sample], object]) -> list[float]:
    """Milliseconds of CPU for each page, the best of some rounds: other processes are not what is measured."""
    best = [float("inf")] * len(pages)
    for _ in range(ROUNDS):
        for number, page in enumerate(pages):
            started = time.process_time()
            read(page)
            best[number] = min(best[number], (time.process_time() - started) * 1_000)
    return best


def ours(page: Sample) -> object:
    return parse(page.body, page.url, page.content_type)


def trafilatura(page: Sample) -> object:
    return extract_metadata(page.body, default_url=page.url)


def report(name: str, spent: list[float]) -> None:
    ranked = sorted(spent)
    print(
        f"{name:<12} {1_000 * len(spent) / sum(spent):7.0f} pages/s   median {ranked[len(ranked) // 2]:6.2f} ms"
        f"   p99 {ranked[len(ranked) * 99 // 100]:6.2f} ms   slowest {ranked[-1]:7.2f} ms"
    )


def accuracy(pages: list[Sample]) -> None:
    right: dict[str, int] = {}
    asked: dict[str, int] = {}
    for page in pages:
        preview = asdict(parse(page.body, page.url, page.content_type))
        for name, value in page.expected.items():
            asked[name] = asked.get(name, 0) + 1
            right[name] = right.get(name, 0) + (str(preview.get(name)) == str(value))
    print("read as expected: " + ", ".join(f"{name} {100 * right[name] / asked[name]:.0f} %" for name in sorted(asked)))


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024


def hostile() -> None:
    before = megabytes()
    rows = []
    for name, make in BODIES.items():
        page = Sample(make(), "https://page.example/", "text/html", {})
        rows.append((times([page], ours)[0], len(page.body), name))
    rows.sort(reverse=True)
    print(f"\n{len(rows)} hostile bodies: slowest {rows[0][0]:.1f} ms, +{megabytes() - before:.1f} MB for all of them")
    for spent, size, name in rows[:5]:
        print(f"  {spent:6.1f} ms  {size:7d} B  {name}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.unfurl")
    parser.add_argument("folder", nargs="?", type=Path, default=OURS, help="pages of your own; without it, ours")
    folder = parser.parse_args().folder
    pages = samples(folder)
    if not pages:
        sys.exit(f"there are no pages in {folder}")
    if folder == OURS:
        pages = [padded(page, SIZES[number % len(SIZES)]) for number, page in enumerate(pages)]
    ours(pages[0])  # the public suffix list is read on first use
    gc.collect()
    kilobytes = sum(len(page.body) for page in pages) / len(pages) / 1_000
    print(f"{len(pages)} pages, {kilobytes:.0f} kB on average, CPU time on one core, best of {ROUNDS}")
    before = megabytes()
    report("penumbra", times(pages, ours))
    print(f"{'':12} memory +{megabytes() - before:.1f} MB")
    if any(page.expected for page in pages):
        accuracy(pages)
    hostile()
    report("\ntrafilatura", times(pages, trafilatura))


if __name__ == "__main__":
    main()
