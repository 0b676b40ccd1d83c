"""What comes in of an answer, bounded as sent and as unpacked; a broken answer counts as far as it came."""

import zlib
from collections.abc import AsyncIterable

import httpcore

BYTES = 512 * 1024
"""The most that is read of a body, as sent and as unpacked: og:title stands within it on every page we know."""

_MAGIC = (b"%pdf", b"\x89png", b"\xff\xd8\xff", b"gif8", b"pk\x03\x04", b"\x1f\x8b", b"riff", b"{", b"[{", b"\x00asm")
_HTML_TAGS = (b"<!doctype html", b"<html", b"<head", b"<title")
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_SNIFFED = 4096


class EncodingRefused(Exception):
    """The body is packed in a way we did not offer to unpack."""


class BodyReader:
    """Reads one body into memory, never more than `BYTES` of it.

    Args:
        encodings: the values of all `Content-Encoding` headers; gzip once, or none.

    Raises:
        EncodingRefused: for brotli, zstd, deflate or anything stacked, whose unpacking can't be bounded as simply.
    """

    def __init__(self, encodings: list[bytes]) -> None:
        named = [name.strip().lower() for value in encodings for name in value.split(b",")]
        packed = [name for name in named if name not in {b"", b"identity"}]
        if packed not in ([], [b"gzip"], [b"x-gzip"]):
            raise EncodingRefused
        # 47: a gzip or zlib header, found out by itself, with the largest window (zlib's manual, inflateInit2)
        self._unpack = zlib.decompressobj(47) if packed else None
        self._taken = 0
        self.body = bytearray()

    @property
    def full(self) -> bool:
        """Whether a limit is reached, or the packed stream has come to its end."""
        return max(self._taken, len(self.body)) >= BYTES or (self._unpack is not None and self._unpack.eof)

    def take(self, chunk: bytes) -> None:
        """Add what a server sent. Raises zlib.error when it is not what it says it is."""
        chunk = chunk[: BYTES - self._taken]
        self._taken += len(chunk)
        room = BYTES - len(self.body)
        if room > 0:
            self.body += chunk[:room] if self._unpack is None else self._unpack.decompress(chunk, room)

    async def read(self, chunks: AsyncIterable[bytes]) -> None:
        """Read until the end, a limit, or the place where the answer breaks.

        Raises:
            httpcore.NetworkError, httpcore.ProtocolError: when it broke before anything useful came.
        """
        try:
            async for chunk in chunks:
                self.take(chunk)
                if self.full:
                    return
        except (httpcore.NetworkError, httpcore.ProtocolError, zlib.error) as error:
            if not self.body:
                raise httpcore.ReadError from error


def looks_like_html(body: bytes | bytearray, *, told: bool) -> bool:
    """Whether a body is a page, judged by its first bytes.

    Args:
        body: the beginning of it, or all.
        told: its `Content-Type` says that it is; then any tag will do, unless a known file's first bytes speak up.
    """
    start = bytes(body[:_SNIFFED])
    if start.startswith(_BOMS):
        return b"<" in start
    start = start.lstrip().lower()
    if start.startswith(_MAGIC):
        return False
    return b"<" in start if told else any(tag in start for tag in _HTML_TAGS)
