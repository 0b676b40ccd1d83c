"""What an operator hears of the figures across groups, and the sitemaps they vouch for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from config import doctor
from config.__main__ import main
from config.doctor import Level
from config.keys import beside, write_root_key
from config.published import published
from config.settings import SettingsError, load_settings
from config.sitemaps import BYTES, FileSitemaps, SitemapTick, read_file
from config.words import operator_words
from core.errors import SitemapUnreadable, TooManyPages
from core.figures import next_release
from core.ledger import Ledger, Spending
from core.model import Sitemap, Week
from core.urls import UrlRules
from storage.checkup import Checkup
from tests.config.english import english
from tests.fakes.house import House
from tests.storage.stories import a_published_week

MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
RULES = UrlRules.load()
LEDGER = Ledger((Spending("2025-W52", "pages", 1.0, 7.5e-7), Spending("2026-W47", "pages", 1.0, 7.5e-7)))


def told(released: str | None, now: datetime = MONDAY) -> tuple[Level, str]:
    week = Week(released) if released else None
    found = Checkup(now, {}, 0, (), 0, 0, None, None, 0, None, ledger=LEDGER, released=week)
    finding = doctor._figures(found, now)
    return finding.level, english(finding).line()


@pytest.mark.parametrize("released", [None, "2026-W48"])
def test_the_next_release_and_the_price_so_far_are_told(released: str | None) -> None:
    level, line = told(released)
    assert level is Level.FINE
    assert "next release 2026-12-07 01:00 UTC; ε 1 and δ 7.5e-07 spent of each account in 2026" in line


def test_a_release_that_does_not_come_is_red_while_it_still_may() -> None:
    level, line = told("2026-W47")
    assert level is Level.RED
    assert "2026-W48 are not released yet" in line


def test_a_release_that_is_lost_is_told_until_the_next_one() -> None:
    level, line = told("2026-W47", MONDAY + timedelta(days=2))
    assert level is Level.ODD
    assert "2026-W48 are lost" in line


def test_a_release_that_is_due_this_very_minute_is_nobodys_fault() -> None:
    assert told("2026-W47", next_release(MONDAY - timedelta(days=1)) + timedelta(minutes=5))[0] is Level.FINE


def settings(**given: object):
    return load_settings(_env_file=None, **given)


def test_domains_and_their_files_are_named_in_one_setting() -> None:
    found = settings(sitemaps="news.example=/srv/news.xml, blog.example=blog.txt,").sitemap_files()
    assert found == {"news.example": Path("/srv/news.xml"), "blog.example": Path("blog.txt")}
    assert settings().sitemap_files() == {}


@pytest.mark.parametrize("wrong", ["news.example", "=a.xml", "News.example=a.xml", "www.news.example=a", "localhost=a"])
def test_what_names_no_domain_and_file_is_refused(wrong: str) -> None:
    with pytest.raises(SettingsError, match="PENUMBRA_SITEMAPS"):
        settings(sitemaps=wrong).sitemap_files()


async def test_files_are_read_anew_each_time(tmp_path: Path) -> None:
    file = tmp_path / "news.txt"
    file.write_text("https://news.example/a")
    sitemaps = FileSitemaps({"news.example": file}, RULES)
    assert await sitemaps.read() == [Sitemap("news.example", ("https://news.example/a",))]
    file.write_text("https://news.example/b")
    assert await sitemaps.read() == [Sitemap("news.example", ("https://news.example/b",))]


def test_a_file_that_is_no_sitemap_is_refused_by_name(tmp_path: Path) -> None:
    binary, huge = tmp_path / "binary", tmp_path / "huge"
    binary.write_bytes(b"\xff\xfe")
    with huge.open("wb") as file:
        file.truncate(BYTES + 1)
    for path, error in ((tmp_path / "none", SitemapUnreadable), (binary, SitemapUnreadable), (huge, TooManyPages)):
        with pytest.raises(error):
            read_file("news.example", path, RULES)


def test_the_doctor_reads_them_too(tmp_path: Path) -> None:
    (tmp_path / "news.txt").write_text("https://news.example/a")
    both = f"news.example={tmp_path / 'news.txt'},blog.example={tmp_path / 'none'}"
    blog, news = map(english, doctor._sitemaps(settings(sitemaps=both)))
    assert (news.level, news.state) == (Level.FINE, "news.example: 1 page")
    assert blog.level is Level.RED
    assert "FileNotFoundError" in blog.state


async def test_a_sitemap_that_cannot_be_read_stops_nothing_and_is_logged() -> None:
    house = House()
    house.sitemaps.trouble = SitemapUnreadable()
    with capture_logs() as logs:
        await SitemapTick(house.services.figures)()
    assert logs == [{"event": "sitemaps_not_taken", "why": "SitemapUnreadable", "log_level": "warning"}]


async def test_a_frozen_week_is_read_in_the_operators_language_or_is_not_there(sqlite_url: str, tmp_path: Path) -> None:
    key = tmp_path / "root.key"
    write_root_key(key)
    chosen = settings(database_url=sqlite_url, root_key_file=key)
    french = operator_words("fr")
    assert await published(chosen, "latest", french) is None
    async with beside(chosen) as storage, storage.transaction() as records:
        await records.figures.add(a_published_week(lambda: MONDAY))
    said = await published(chosen, "latest", french)
    assert said is not None
    assert "  https://news.example/a\u202f: environ 19 personnes" in said
    assert await published(chosen, "2026-W47", french) == said
    assert await published(chosen, "2020-W01", french) is None


def test_the_command_tells_a_week_or_that_there_is_none(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_root_key(tmp_path / "root.key")
    monkeypatch.setenv("PENUMBRA_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("PENUMBRA_ROOT_KEY_FILE", str(tmp_path / "root.key"))
    assert main(["digest", "--across", "2026-W47"]) == 0
    assert capsys.readouterr().out == "There are no figures of this week.\n"
