"""What an operator takes elsewhere: weeks as they were published, and a map that nginx, Caddy and Netlify can read."""

import asyncio
import csv
import io
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.__main__ import main
from config.exports import MAPS
from config.settings import load_settings
from core.model import Code, LinkId
from core.urls import CleanUrl
from storage.database import Database
from storage.sql import Clocks, SqlStorage, root_keys
from tests.fakes.editions import week_of
from tests.storage.stories import GROUP, a_group, a_link, kept

Types = Callable[..., tuple[int, str]]
NASTY = 'https://news.example/a b?q=$uri&x="};{1+1}<ü>\\'

CLEAN = CleanUrl("https://fine.example/page", "https://fine.example/page", "fine.example", ())


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def types(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], sqlite_url: str
) -> Types:
    for name in [name for name in os.environ if name.startswith("PENUMBRA_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PENUMBRA_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("PENUMBRA_ROOT_KEY_FILE", "root.key")
    assert main(["keys", "init", "root.key"]) == 0
    asyncio.run(live())

    def typed(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        code = main(words)
        told = capsys.readouterr()
        return code, told.out + told.err

    return typed


async def live() -> None:
    settings = load_settings()
    storage = await SqlStorage.open(Database.open(settings.database_url), root_keys(settings.root()), Clocks(now))
    await kept(storage, a_group(now))
    edition = replace(week_of(4), group=GROUP)
    formula = replace(edition.entries[0], title="=HYPERLINK(1)", clicks=7)
    nasty = CleanUrl(NASTY, "news.example/nasty", "news.example", ())
    old = replace(a_link(now, "b"), expires_at=now() - timedelta(days=1))
    async with storage.transaction() as records:
        await records.digests.add(replace(edition, entries=(formula, *edition.entries[1:])))
        await records.links.add(replace(a_link(now, "a"), id=LinkId("l1"), clean=nasty, code=Code("A" * 16)))
        await records.links.add(old)
    await storage.close()


def test_weeks_are_told_as_they_were_published(types: Types, tmp_path: Path) -> None:
    code, told = types("export", "weeks", GROUP, "weeks.json")
    assert (code, "1 week as it was" in told) == (0, True)
    [week] = json.loads((tmp_path / "weeks.json").read_text())
    assert week["links"][0]["clicks"] == "from_5"  # the range that was shown, never the number
    assert types("export", "weeks", GROUP, "weeks.csv")[0] == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "weeks.csv").read_text())))
    assert len(rows) == len(week["links"])
    assert rows[0]["title"] == "'=HYPERLINK(1)"
    assert (tmp_path / "weeks.csv").stat().st_mode & 0o777 == 0o600
    assert types("export", "weeks", GROUP, "weeks.csv")[0] == 1  # never written over
    assert types("export", "weeks", "nobody", "other.csv")[0] == 2


@pytest.mark.parametrize("kind", sorted(MAPS))
def test_a_map_names_every_link_that_leads_somewhere_and_says_what_that_means(
    types: Types, tmp_path: Path, kind: str
) -> None:
    code, told = types("export", "redirects", kind, "map")
    assert code == 0
    assert "knows what was shared" in told
    content = (tmp_path / "map").read_text()
    assert (tmp_path / "map").stat().st_mode & 0o777 == 0o600
    assert "/" + "A" * 16 in content
    assert "000000b" not in content
    line = next(each for each in content.splitlines() if "AAAA" in each)
    assert not {"{", "}", "<", ">", "\\"} & set(line)
    assert line.count(" ") - len(line) + len(line.lstrip()) <= 3


def test_a_link_whose_page_was_reported_leads_nowhere(
    types: Types, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def reported() -> None:
        settings = load_settings()
        storage = await SqlStorage.open(Database.open(settings.database_url), root_keys(settings.root()), Clocks(now))
        async with storage.transaction() as records:
            await records.listed.replace({"news.example"})
            await records.links.add(replace(a_link(now, "c"), code=Code("C" * 16), clean=CLEAN))
        await storage.close()

    asyncio.run(reported())
    types("export", "redirects", "netlify", "all")  # the operator has chosen no list
    assert "A" * 16 in (tmp_path / "all").read_text()
    monkeypatch.setenv("PENUMBRA_URLHAUS_URL", "https://list.example/")
    assert "where 1 link leads" in types("export", "redirects", "netlify", "map")[1]
    assert (tmp_path / "map").read_text() == f"/{'C' * 16} https://fine.example/page 302\n"


def test_nginx_takes_the_map(types: Types, tmp_path: Path) -> None:
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(nginx).exists():
        pytest.skip("nginx is not one of our dependencies")
    types("export", "redirects", "nginx", "map")
    server = "server { listen 127.0.0.1:18099; if ($penumbra_to) { return 302 $penumbra_to; } }"
    conf = tmp_path / "nginx.conf"
    conf.write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{ access_log off; include {tmp_path}/map; {server} }}\n")
    command = [nginx, "-t", "-p", str(tmp_path), "-c", str(conf)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a program of the machine's
    assert told.returncode == 0, told.stderr
