"""Calls to services that the operator chose: never to an address that somebody posted."""

import asyncio
from collections.abc import Mapping

import httpx

REDIRECTS = 3


class CallFailed(Exception):
    """There is no answer to be had, or not one of the kind asked for."""


def open_client(agent: str, proxy: str | None = None) -> httpx.AsyncClient:
    """The client of all such calls; the caller closes it. Nothing of the environment gets in.

    Args:
        agent: our `User-Agent`.
        proxy: the operator's egress proxy.
    """
    headers = {"User-Agent": agent, "Accept-Encoding": "identity"}
    return httpx.AsyncClient(headers=headers, trust_env=False, proxy=proxy, max_redirects=REDIRECTS)


async def fetch(
    client: httpx.AsyncClient, url: httpx.URL, headers: Mapping[str, str], *, at_most: int, seconds: float
) -> bytes:
    """The body of a 200.

    Args:
        client: from `open_client`.
        url: where it is.
        headers: sent along, to this server alone: with any, redirects are not followed.
        at_most: bytes; a longer body is refused.
        seconds: for all of it.

    Raises:
        CallFailed: without a word of the library's own, which may hold the address and the key in it.
    """
    try:
        async with (
            asyncio.timeout(seconds),
            client.stream("GET", url, headers=headers, follow_redirects=not headers, timeout=seconds) as response,
        ):
            return await _body(response, at_most)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        raise CallFailed(type(error).__name__) from None


async def _body(response: httpx.Response, at_most: int) -> bytes:
    if response.status_code != httpx.codes.OK or "content-encoding" in response.headers:
        raise CallFailed(str(response.status_code))
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > at_most:
            raise CallFailed("too long")
    return bytes(body)
