"""A page behind a certificate that does not hold is no page: nobody knows who wrote it."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.fakes.page_server import PageServer, answer
from tests.web.unfurl.conftest import FakeExamine, Names
from web.unfurl.fetch import NoPage, PageFetcher, Why
from web.unfurl.transport import GuardedBackend, dial, open_pool

PUBLIC = "93.184.215.14"


def certified(name: str, days: int, folder: Path) -> tuple[ssl.SSLContext, bytes]:
    """A server's context with a certificate for a name, that ends so many days from now; and the certificate."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=30)).not_valid_after(now + timedelta(days=days))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    shown = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "server.pem").write_bytes(secret + shown)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context, shown


PAGE = b"<!doctype html><title>x</title>" + b"<p>Words.</p>" * 30_000
"""More than may come before a body."""


async def title_of(name: str, days: int, folder: Path, *, believed: bool) -> bytes:
    context, shown = certified(name, days, folder)
    pages = PageServer({"/a": answer(PAGE)})
    server = await asyncio.start_server(pages.welcome, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]

    async def dialling(_: str, __: int, timeout: float | None) -> httpcore.AsyncNetworkStream:
        return await dial("127.0.0.1", port, timeout)

    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if believed:
        trust.load_verify_locations(cadata=shown.decode())
    pool = open_pool(GuardedBackend(Names({"news.example": [[PUBLIC]]}), dialling), trust)
    try:
        return (await PageFetcher(pool, FakeExamine(), "agent", 3.0).page("https://news.example/a")).body
    finally:
        await pool.aclose()
        server.close()
        await pages.close()


async def test_a_certificate_that_holds_lets_the_page_through(tmp_path: Path) -> None:
    assert await title_of("news.example", 30, tmp_path, believed=True) == PAGE


@pytest.mark.parametrize(
    ("name", "days", "believed"),
    [("news.example", 30, False), ("other.example", 30, True), ("news.example", -1, True)],
    ids=["of nobody we believe", "of another name", "ended"],
)
async def test_a_certificate_that_does_not_hold_gives_no_page(
    name: str, days: int, *, believed: bool, tmp_path: Path
) -> None:
    with pytest.raises(NoPage) as nothing:
        await title_of(name, days, tmp_path, believed=believed)
    assert nothing.value.why is Why.UNREACHABLE
