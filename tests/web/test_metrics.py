"""`GET /metrics`: for this machine, or for who has the token; nobody else learns that it is there."""

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.routing import Route

from tests.fakes.house import House
from tests.fakes.server import server_over
from web.metrics import Figure, Metrics, text_of

TOKEN = "a-long-token"


async def figures() -> list[Figure]:
    return [Figure("groups", "Groups by state.", {"enabled": 2.0}, "state")]


async def asked(token: str | None, host: str, name: str = "127.0.0.1:8080", **headers: str) -> httpx.Response:
    metrics = Metrics(figures, SecretStr(token) if token else None)
    app = Starlette(routes=[Route("/metrics", metrics.tell)])
    transport = httpx.ASGITransport(app=app, client=(host, 50000))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{name}") as client:
        return await client.get("/metrics", headers={each.replace("_", "-"): value for each, value in headers.items()})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1"])
async def test_without_a_token_this_machine_may_ask(host: str) -> None:
    answer = await asked(None, host)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'penumbra_groups{state="enabled"} 2.0' in answer.text


@pytest.mark.parametrize("host", ["203.0.113.9", "10.0.0.7", "2001:db8::7", "testclient", ""])
async def test_without_a_token_nobody_else_may(host: str) -> None:
    assert (await asked(None, host)).status_code == 404


@pytest.mark.parametrize(
    "header", ["x_forwarded_for", "forwarded", "x_real_ip", "x_forwarded_proto", "x_forwarded_host", "via"]
)
async def test_a_proxy_on_this_machine_is_not_this_machine(header: str) -> None:
    assert (await asked(None, "127.0.0.1", **{header: "127.0.0.1"})).status_code == 404


@pytest.mark.parametrize("name", ["s.example", "127.0.0.1.s.example", "10.0.0.7:8080"])
async def test_nor_is_a_proxy_that_tells_only_which_name_was_asked(name: str) -> None:
    assert (await asked(None, "127.0.0.1", name)).status_code == 404
    assert (await asked(TOKEN, "127.0.0.1", name, authorization=f"Bearer {TOKEN}")).status_code == 200


@pytest.mark.parametrize("name", ["localhost:8080", "[::1]:8080"])
async def test_this_machine_has_several_names(name: str) -> None:
    assert (await asked(None, "::1", name)).status_code == 200


async def test_with_a_token_everybody_must_send_it() -> None:
    assert (await asked(TOKEN, "203.0.113.9", authorization=f"Bearer {TOKEN}")).status_code == 200
    assert (await asked(TOKEN, "127.0.0.1")).status_code == 404
    for wrong in (f"Basic {TOKEN}", "Bearer ", f"Bearer {TOKEN}x", TOKEN):
        answer = await asked(TOKEN, "127.0.0.1", authorization=wrong)
        assert answer.status_code == 404


async def test_it_is_on_the_server_and_not_taken_for_a_code() -> None:
    async with server_over(House()) as client:
        assert (await client.get("/metrics")).status_code == 404


def test_a_counter_says_so_and_a_figure_without_label_has_none() -> None:
    told = text_of(
        [Figure("drops", "By reason.", {"b": 2.0, "a": 1.0}, "reason", "counter"), Figure("up", "U.", {"": 1})]
    )
    assert told.decode().splitlines() == [
        "# HELP penumbra_drops_total By reason.",
        "# TYPE penumbra_drops_total counter",
        'penumbra_drops_total{reason="a"} 1.0',
        'penumbra_drops_total{reason="b"} 2.0',
        "# HELP penumbra_up U.",
        "# TYPE penumbra_up gauge",
        "penumbra_up 1.0",
    ]
