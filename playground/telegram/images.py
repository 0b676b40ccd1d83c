"""How large an image is, read from its first bytes; PNG and JPEG are the two that bots send here."""

import zlib

IMAGE_LIMIT = 10 * 1024 * 1024
"""Bytes of a photo [https://core.telegram.org/bots/api#sendphoto]."""

_PNG = b"\x89PNG\r\n\x1a\n"
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})


def size_of(content: bytes) -> tuple[int, int] | None:
    """Read width and height in pixels; None when it is no image."""
    size = _png_size(content) if content.startswith(_PNG) else _jpeg_size(content)
    return size if size is not None and min(size) > 0 else None


def mime_of(content: bytes) -> str:
    """Say the type of what `size_of` measured."""
    return "image/png" if content.startswith(_PNG) else "image/jpeg"


def _png_size(content: bytes) -> tuple[int, int] | None:
    if content[12:16] != b"IHDR" or len(content) < 24:
        return None
    return int.from_bytes(content[16:20]), int.from_bytes(content[20:24])


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    at = 2 if content.startswith(b"\xff\xd8") else len(content)
    while at + 9 <= len(content) and content[at] == 0xFF:
        if content[at + 1] in _FRAMES:
            return int.from_bytes(content[at + 7 : at + 9]), int.from_bytes(content[at + 5 : at + 7])
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    return None


def blank_png(width: int = 320, height: int = 180) -> bytes:
    """Draw a grey rectangle, for people who post a photo without having one."""
    header = width.to_bytes(4) + height.to_bytes(4) + b"\x08\x00\x00\x00\x00"
    rows = (b"\x00" + b"\xc8" * width) * height
    return _PNG + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)
