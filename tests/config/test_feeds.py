"""`penumbra feeds update`: off until chosen, and what goes wrong is said in a line."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from config.__main__ import main
from config.keys import make_root_key
from config.lookups import FeedTick
from core.errors import FeedUnavailable
from core.feeds import FeedOutside, FeedService
from tests.fakes.clock import Clock
from tests.fakes.feed import FakeFeed
from tests.fakes.memory_storage import MemoryStorage

LIST = b"# reported\nhttp://bad.example/a.exe\nhttp://bad.example/b.exe\n"


class Publisher(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/list" else 404)
        self.send_header("Content-Length", str(len(LIST)))
        self.end_headers()
        self.wfile.write(LIST)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def published() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Publisher) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def told(monkeypatch, capsys, sqlite_url):
    monkeypatch.setattr("config.running.set_up_logs", lambda *_: None)
    monkeypatch.setenv("PENUMBRA_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("PENUMBRA_ROOT_KEY", make_root_key())

    def types(url: str) -> tuple[int, str]:
        monkeypatch.setenv("PENUMBRA_URLHAUS_URL", url)
        code = main(["feeds", "update"])
        said = capsys.readouterr()
        return code, said.out + said.err

    return types


def test_without_a_feed_nothing_is_fetched(told):
    code, said = told("")
    assert code == 0
    assert "set PENUMBRA_URLHAUS_URL" in said


def test_a_list_is_fetched_when_the_operator_says_so(told, published):
    code, said = told(f"{published}/list")
    assert code == 0
    assert said.startswith("The list holds 2 addresses.")


def test_a_feed_that_is_away_is_named_without_its_address(told, published):
    code, said = told(f"{published}/elsewhere")
    assert code == 2
    assert said.startswith("penumbra: The list of reported addresses can't be fetched right now")
    assert published not in said


async def test_a_feed_that_is_away_does_not_stop_the_process():
    clock, feed = Clock(), FakeFeed(FeedUnavailable())
    storage = MemoryStorage(clock)
    tick = FeedTick(FeedService(FeedOutside(storage, feed, clock)))
    await tick()
    assert not storage.state.listed
    feed.answer = frozenset({"bad.example"})
    await tick()
    assert storage.state.listed
