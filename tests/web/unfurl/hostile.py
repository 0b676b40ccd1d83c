"""Bodies made to cost: each cheap to send and, to a careless reader, dear to read. Used by tests and by the bench."""

from collections.abc import Callable

LIMIT = 512 * 1024
TRAP = 41_000


def filled(piece: bytes, size: int = LIMIT, before: bytes = b"", after: bytes = b"") -> bytes:
    """A piece said again and again."""
    return (before + piece * (size // len(piece) + 1))[: size - len(after)] + after


def numbered(template: str, size: int = LIMIT) -> bytes:
    """A piece said again and again, each time with another number."""
    out, count, room = [], 0, size
    while room > 0:
        out.append(template % count)
        room -= len(out[-1])
        count += 1
    return "".join(out).encode()[:size]


def json_ld(content: bytes) -> bytes:
    return b'<script type="application/ld+json">' + content + b"</script>"


BODIES: dict[str, Callable[[], bytes]] = {
    "deep nesting": lambda: filled(b"<div>"),
    "deep formatting": lambda: filled(b"<b><i><u><a>", TRAP),
    "adoption agency": lambda: filled(b"<a><div><b><p>", TRAP) + b"</a></b>" * 2_000,
    "tables in tables": lambda: filled(b"<table><tr><td>"),
    "options": lambda: filled(b"<select><option><optgroup>"),
    "unknown elements": lambda: numbered("<x%d>"),
    "one tag, all attributes": lambda: b"<meta " + numbered("a%d ") + b">",
    "one html tag, all attributes": lambda: b"<html " + numbered("a%d=b ") + b">",
    "a trap of attributes": lambda: b"<meta " + numbered("a%d ", TRAP) + b">",
    "many tags of many attributes": lambda: filled(b"<meta " + numbered("a%d ", 8_000) + b">"),
    "many tags of some attributes": lambda: filled(b"<meta " + numbered("a%d ", 190) + b">"),
    "many tags of allowed attributes": lambda: filled(b"<meta " + b" ".join(b"a%d" % n for n in range(46)) + b">"),
    "links of some attributes": lambda: filled(b"<link rel=canonical " + numbered("a%d ", 170) + b">"),
    "times of some attributes": lambda: filled(b"<time " + numbered("a%d ", 190) + b">1</time>"),
    "one long value": lambda: b'<meta property="og:title" content="' + filled(b"x") + b'">',
    "unclosed quote": lambda: b'<meta property="og:title" content="' + filled(b"x"),
    "unclosed quotes": lambda: filled(b'<meta content="'),
    "unclosed single quotes": lambda: filled(b"<meta a='"),
    "alternating quotes": lambda: filled(b"<meta a='\" b=\"' "),
    "unclosed tags": lambda: filled(b"<meta "),
    "open angles": lambda: filled(b"<"),
    "open meta": lambda: filled(b"<meta"),
    "unclosed comment": lambda: b"<!--" + filled(b"-"),
    "many comment openings": lambda: filled(b"<!--"),
    "many short comments": lambda: filled(b"<!-->"),
    "unclosed script": lambda: b"<script>" + filled(b"<"),
    "many scripts": lambda: filled(b"<script></script>"),
    "script openings": lambda: filled(b"<script>"),
    "unclosed svgs": lambda: filled(b"<svg>"),
    "unclosed templates": lambda: filled(b"<template><svg><textarea>"),
    "unclosed titles": lambda: filled(b"<title>"),
    "unclosed headings": lambda: filled(b"<h1>"),
    "many headings": lambda: filled(b"<h1>x</h1>"),
    "unclosed times": lambda: filled(b"<time>"),
    "many metas": lambda: numbered('<meta property="og:image" content="/%d.png">'),
    "many distinct metas": lambda: numbered('<meta name="n%d" content="c">'),
    "many links": lambda: numbered('<link rel="canonical" href="/%d">'),
    "many bases": lambda: numbered('<base href="/%d/">'),
    "ld+json without end": lambda: b'<script type="application/ld+json">' + filled(b"["),
    "ld+json nested arrays": lambda: json_ld(filled(b"[", 180_000)),
    "ld+json nested objects": lambda: json_ld(filled(b'{"a":', 180_000)),
    "ld+json graph in graph": lambda: json_ld(filled(b'{"@graph":[', 180_000)),
    "ld+json many nodes": lambda: json_ld(filled(b'{"@type":"Article","author":"x"},', 180_000, b"[", b"{}]")),
    "ld+json empty objects": lambda: json_ld(filled(b"{},", 180_000, b"[", b"{}]")),
    "ld+json many keys": lambda: json_ld(b"{" + numbered('"k%d":1,', 180_000)[:-8].rpartition(b",")[0] + b"}"),
    "ld+json huge number": lambda: json_ld(filled(b"9", 180_000)),
    "ld+json huge exponent": lambda: json_ld(b'{"@type":"Article","headline":1e999999999}'),
    "ld+json many authors": lambda: json_ld(
        b'{"@type":"Article","author":[' + filled(b'"Ann Bee",', 180_000).rpartition(b",")[0] + b"]}"
    ),
    "ld+json quotes": lambda: json_ld(filled(b'"', 180_000)),
    "ld+json backslashes": lambda: json_ld(filled(b'"headline":"\\\\', 180_000)),
    "ld+json commas": lambda: json_ld(filled(b",", 180_000)),
    "ld+json commas and spaces": lambda: json_ld(filled(b",", 1) + filled(b" ", 180_000)),
    "ld+json many scripts": lambda: filled(json_ld(b'{"@type":"Article","headline":"x"}')),
    "ld+json entities": lambda: json_ld(b'{"@type":"Article","headline":"' + filled(b"&amp;", 180_000) + b'"}'),
    "entities": lambda: b'<meta property="og:title" content="' + filled(b"&amp;", 8_000) + b'">',
    "entities in title": lambda: b"<title>" + filled(b"&#x26;#38;") + b"</title>",
    "markup in title": lambda: b"<title>" + filled(b"<a <b <c <d ") + b"</title>",
    "separators in title": lambda: b"<title>" + filled(b" | - : ", 4_000) + b"</title>",
    "spaces in title": lambda: b"<title>" + filled(b" ") + b"x</title>",
    "dashes in title": lambda: b"<title>x" + filled(b"- ", 4_000) + b"</title>",
    "null bytes": lambda: filled(b"\x00"),
    "null bytes in tags": lambda: filled(b"<me\x00ta\x00>"),
    "broken utf-8": lambda: filled(b"\xff\xc0<p>\x80"),
    "bytes above ascii": lambda: filled(bytes(range(0x80, 0x100))),
    "odd bytes between tags": lambda: filled(b"<p>\xe9\xe8"),
    "utf-16 of nothing": lambda: b"\xff\xfe" + filled(b"\x00\xd8"),
    "utf-16 of tags": lambda: b"\xff\xfe" + filled("<meta name=a content=b>".encode("utf-16-le")),
    "shift_jis lead bytes": lambda: b'<meta charset="shift_jis">' + filled(b"\x81"),
    "escapes of iso-2022-jp": lambda: b'<meta charset="iso-2022-jp">' + filled(b"\x1b$B\x1b(B"),
    "itemprop": lambda: filled(b"<p itemprop=author>"),
    "itemprop without tags": lambda: filled(b"itemprop "),
    "itemprop far from tags": lambda: filled(b"<" + b" " * 590 + b"itemprop"),
    "author": lambda: filled(b'<a rel=author class=byline href="/author/">'),
    "author words": lambda: filled(b"author"),
    "author of names": lambda: b'<meta name=author content="' + filled(b"Ann Bee, ", 8_000) + b'">',
    "author by by by": lambda: b'<meta name=author content="' + filled(b"by ", 8_000) + b'">',
    "date": lambda: filled(b"<p class=date>1</p>"),
    "date words": lambda: filled(b"<date"),
    "dates of figures": lambda: b'<meta name=date content="' + filled(b"1 ", 8_000) + b'">',
    "years": lambda: filled(b">2019<"),
    "years on lines": lambda: numbered("<p>%d May 2019</p>"),
    "years in long lines": lambda: filled(b">" + b"a" * 80 + b" 2019 " + b"b" * 80 + b"<"),
    "pictures": lambda: filled(b"<img src=a width=1 height=1>"),
    "picture of attributes": lambda: b"<h1>x</h1><img " + filled(b"a=b "),
    "words of bylines": lambda: filled(b'<a class="contributor creator auteur autor journalist writer">'),
    "half of each encoding": lambda: b"<html lang=uk>" + filled(bytes(range(0x80, 0x100))),
    "latin letters above ascii": lambda: b"<html lang=pl>" + filled(b"\xb1" * 40 + b" "),
    "hidden places": lambda: filled(b"<!----><p class=date>"),
    "locales": lambda: b'<html lang="' + filled(b"x-", 8_000) + b'">',
    "long base": lambda: b'<base href="http://' + filled(b"a.", 8_000) + b'"><link rel=canonical href="x">',
}
