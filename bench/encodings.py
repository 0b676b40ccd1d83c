"""How many pages are read as written, in whatever encoding they come and whatever their label says; a peer beside it.

    python -m bench encodings           # our own pages
    python -m bench encodings FOLDER    # NAME.html, each with a NAME.json beside it, as bench.unfurl takes them

Each page is written anew in the encodings that old sites of its language used, labelled in seven ways, and counts as
read when the text before its body comes back letter by letter.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from trafilatura.utils import decode_file

from bench.unfurl import OURS, Sample, samples
from web.unfurl.charset import to_utf8
from web.unfurl.parse import parse

ENCODINGS = {  # language: what old sites in it were written in, by their labels
    **dict.fromkeys(
        ("fr", "de", "es", "it", "pt", "nl", "sv", "da", "fi", "no", "en"), ("windows-1252", "iso-8859-15")
    ),
    **dict.fromkeys(("pl", "cs", "sk", "hu", "sl", "hr", "ro"), ("windows-1250", "iso-8859-2")),
    **dict.fromkeys(("ru", "bg"), ("windows-1251", "koi8-r")),
    "uk": ("windows-1251", "koi8-u"),
    "el": ("windows-1253", "iso-8859-7"),
    "tr": ("windows-1254",),
    "he": ("windows-1255",),
    "ar": ("windows-1256", "iso-8859-6"),
    "th": ("cp874",),
    "vi": ("windows-1258",),
    "ja": ("shift_jis", "euc-jp", "iso-2022-jp"),
    "ko": ("euc-kr",),
    "zh": ("gb18030", "big5"),
}
WIRE = {"cp874": "windows-874"}
"""Where Python's name of an encoding is not the one that pages write."""
ANOTHER = {  # what else old sites in the same language were written in, or in a neighbouring one
    "windows-1251": "koi8-r",
    "koi8-r": "windows-1251",
    "koi8-u": "windows-1251",
    "windows-1250": "iso-8859-2",
    "iso-8859-2": "windows-1250",
    "shift_jis": "euc-jp",
    "euc-jp": "shift_jis",
    "gb18030": "big5",
    "big5": "gb18030",
    "euc-kr": "gb18030",
}
_LANGUAGE = re.compile(r"(<html[^>]*?)\s(?:xml:)?lang=(?:\"[^\"]*\"|\S+)", re.IGNORECASE)
_LABELS = re.compile(r"<meta[^>]{0,200}charset[^>]*>|<\?xml[^>]*>|\ufeff", re.IGNORECASE)
_HEAD = re.compile(r"<head[^>]*>", re.IGNORECASE)


def labelled(text: str, encoding: str) -> Iterator[tuple[str, bytes, str]]:
    """A page in an encoding: how it is labelled, its bytes, its `Content-Type`."""
    bare, label = _LABELS.sub("", text), WIRE.get(encoding, encoding)
    named = _HEAD.sub(lambda head: f'{head[0]}<meta charset="{label}">', bare, count=1)
    lying = _HEAD.sub(lambda head: f'{head[0]}<meta charset="utf-8">', bare, count=1)
    for way, page, header in (
        ("in the page", named, "text/html"),
        ("in the header", bare, f"text/html; charset={label}"),
        ("header says latin1, page the truth", named, "text/html; charset=iso-8859-1"),
        ("page says utf-8", lying, "text/html"),
        ("not at all", bare, "text/html"),
        ("not at all, nor its language", _LANGUAGE.sub(r"\1", bare), "text/html"),
        ("as another of its language", bare, f"text/html; charset={ANOTHER.get(encoding, 'windows-1252')}"),
    ):
        yield way, page.encode(encoding, "xmlcharrefreplace"), header


def head_of(text: str) -> str:
    return re.split(r"<body", text, maxsplit=1, flags=re.IGNORECASE)[0][:8_000]


def ours(body: bytes, header: str) -> str:
    return to_utf8(body, header).decode()


def trafilatura(body: bytes, _: str) -> str:
    return decode_file(body)


READERS: tuple[Callable[[bytes, str], str], ...] = (ours, trafilatura)


def measure(pages: list[Sample]) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """How many were labelled each way, and how many of them each reader read."""
    asked: Counter[str] = Counter()
    read: Counter[tuple[str, str]] = Counter()
    for page in pages:
        text = to_utf8(page.body, page.content_type).decode()
        language = parse(page.body, page.url, page.content_type).language or ""
        for encoding in ENCODINGS.get(language, ()):
            for way, body, header in labelled(text, encoding):
                if body.isascii() and encoding != "iso-2022-jp":
                    continue
                asked[way] += 1
                told = head_of(body.decode(encoding))
                for reader in READERS:
                    read[reader.__name__, way] += head_of(reader(body, header)) == told
    return asked, read


def main() -> None:
    asked, read = measure(samples(Path(sys.argv[1]) if len(sys.argv) > 1 else OURS))
    for way, number in asked.items():
        shares = "   ".join(
            f"{reader.__name__} {100 * read[reader.__name__, way] / number:5.1f} %" for reader in READERS
        )
        print(f"labelled {way:<36} {number:4}   {shares}")


if __name__ == "__main__":
    main()
