"""Pictures for pages: hills under a low sun, drawn by arithmetic, so that no image file is needed (pure)."""

import zlib
from functools import lru_cache
from math import hypot, sin

WIDTH, HEIGHT = 600, 315
"""The 1.91:1 of link previews, at half their usual size."""
PALETTES: dict[str, tuple[str, ...]] = {
    "river": ("f4dcc1", "eebf9b", "fff3d6", "7d93a6", "4c6780", "243c56"),
    "dune": ("f9e7cf", "f2cfa0", "fffaf0", "d9a066", "b5763f", "7a4a27"),
    "kitchen": ("fbe9e1", "f5c9b5", "fff6e9", "c96f4a", "8f3f2b", "4f2018"),
    "stage": ("31294f", "4d3a6e", "f7d774", "6b4a86", "241d3d", "120f22"),
    "paper": ("e8eef0", "d3dee2", "ffffff", "9fb4bd", "6c8894", "3c5560"),
    "lake": ("dcefe8", "b5d9cd", "fdfbe8", "6fa695", "3f7a6c", "1f4a43"),
}
"""Sky above, sky below, sun, and three ranges of hills, each as RRGGBB."""
_BANDS = 8


@lru_cache(maxsize=len(PALETTES))
def picture(palette: str) -> bytes:
    """Draw one as PNG, a few kilobytes.

    Raises:
        KeyError: there is no such palette.
    """
    colours = [bytes.fromhex(colour) for colour in PALETTES[palette]]
    table = [_between(colours[0], colours[1], band / (_BANDS - 1)) for band in range(_BANDS)] + colours[2:]
    ranges = [[_ridge(x, depth, len(palette)) for x in range(WIDTH)] for depth in range(3)]
    rows = b"".join(b"\0" + bytes(_pixel(x, y, ranges) for x in range(WIDTH)) for y in range(HEIGHT))
    header = WIDTH.to_bytes(4) + HEIGHT.to_bytes(4) + b"\x08\x03\0\0\0"  # eight bits, indexed
    parts = (b"IHDR", header), (b"PLTE", b"".join(table)), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def _pixel(x: int, y: int, ranges: list[list[float]]) -> int:
    for depth in (2, 1, 0):
        if y > ranges[depth][x]:
            return _BANDS + 1 + depth
    if hypot(x - WIDTH * 0.68, y - HEIGHT * 0.42) < HEIGHT * 0.14:
        return _BANDS
    return min(_BANDS - 1, y * _BANDS // (HEIGHT * 2 // 3))


def _ridge(x: int, depth: int, seed: int) -> float:
    wave = sin(x / (74 - 12 * depth) + seed + depth * 2.1) + 0.5 * sin(x / 31 + seed * depth)
    return HEIGHT * (0.58 + 0.14 * depth) - wave * (26 - 5 * depth)


def _between(first: bytes, second: bytes, share: float) -> bytes:
    return bytes(round(a + (b - a) * share) for a, b in zip(first, second, strict=True))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)
