"""An internet of one server: names have addresses, addresses are answered on loopback, or nobody answers."""

import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpcore
import pytest

from tests.fakes.page_server import PageServer
from web.unfurl.transport import dial

PUBLIC = "93.184.215.14"
CLOSED = "93.184.215.15"
HTTPS = 443


class NoTls(httpcore.AsyncNetworkStream):
    """A connection to a server whose certificate nobody believes."""

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        raise httpcore.ConnectError

    async def aclose(self) -> None:
        return


@dataclass
class Internet:
    """What names lead to; everything else is unknown. No certificate of its server is believed."""

    server: PageServer
    names: Mapping[str, Sequence[str]]
    dialled: list[str] = field(default_factory=list)

    def addresses(self, name: str) -> list[str]:
        if name not in self.names:
            raise socket.gaierror("unknown name")
        return list(self.names[name])

    async def dial(self, address: str, port: int, timeout: float | None) -> httpcore.AsyncNetworkStream:
        self.dialled.append(address)
        if address != PUBLIC:
            raise httpcore.ConnectError
        if port == HTTPS:
            return NoTls()
        return await dial("127.0.0.1", self.server.port, timeout)

    def put_in_place(self, patch: pytest.MonkeyPatch) -> None:
        """Below the guard, which judges these addresses as any others."""
        patch.setattr("web.unfurl.transport._addresses", self.addresses)
        patch.setattr("web.unfurl.unfurler.dial", self.dial)
