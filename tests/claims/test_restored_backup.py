"""A restored backup does not bring back who withdrew or what was erased since it was made."""

import asyncio
import os
import resource
import sqlite3
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.__main__ import main
from config.backups import last_backup
from config.settings import load_settings
from core.model import Account, GroupAddress, GroupId, GroupState, Person, Platform, Purpose
from core.schedules import week_of
from storage.backup import about
from storage.database import Database
from storage.journal import KEPT_FOR, Erased, Erasure, Journal, read_journal
from storage.sql import Clocks, SqlRecords, SqlStorage, root_keys
from storage.subject import SqlSubjects
from storage.vault import Key
from tests.fakes.clock import Clock
from tests.fakes.house import NOTICES, House
from tests.postgres import Postgres, _binaries

Types = Callable[..., tuple[int, str]]
Do = Callable[[House, SqlStorage], Coroutine[Any, Any, None]]
CLUB, CHOIR = GroupAddress(Platform.TELEGRAM, "", "-1001"), GroupAddress(Platform.TELEGRAM, "", "-1002")
STAYS, LEAVES, NARROWS, FORGOTTEN, RETURNS = (Account(f"8351274{number}") for number in range(5))
EVERYBODY = (STAYS, LEAVES, NARROWS, FORGOTTEN, RETURNS)


@pytest.fixture
def types(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], database_url: str
) -> Types:
    """Type a command; its code and its words."""
    for name in [name for name in os.environ if name.startswith("PENUMBRA_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{_binaries()}:{os.environ['PATH']}")  # pg_dump of the server's own version
    monkeypatch.setenv("PENUMBRA_DATABASE_URL", database_url)
    monkeypatch.setenv("PENUMBRA_ROOT_KEY_FILE", "root.key")
    assert main(["keys", "init", "root.key"]) == 0

    def typed(*words: str, **settings: str) -> tuple[int, str]:
        for name, value in settings.items():
            monkeypatch.setenv(f"PENUMBRA_{name}", value)
        capsys.readouterr()
        code = main(words)
        told = capsys.readouterr()
        return code, told.out + told.err

    return typed


def live(do: Do) -> None:
    """A house that runs for a while on the operator's database."""

    async def run() -> None:
        settings = load_settings()
        house = House(moment=datetime.now(UTC))
        database = Database.open(settings.database_url)
        storage = await SqlStorage.open(database, root_keys(settings.root()), Clocks(house.now), settings.journal_dir)
        house.storage, house.services = storage, house.build(storage)
        try:
            await do(house, storage)
        finally:
            await storage.close()

    asyncio.run(run())


async def two_groups(house: House, _: SqlStorage) -> None:
    for address in (CLUB, CHOIR):
        await house.switch_on(address)
        for account in EVERYBODY:
            await house.opt_in(account, address=address)
            await house.post(f"https://news.example/{account}", account=account, message=f"m{account}", address=address)
    await house.work()


async def some_leave(house: House, storage: SqlStorage) -> None:
    house.later(minutes=2)
    consent = house.services.consent
    await consent.withdraw(CLUB, LEAVES)
    await consent.withdraw(CLUB, RETURNS)
    await consent.grant(CLUB, NARROWS, frozenset({Purpose.SHARES}), "member-1")
    await SqlSubjects(storage, house.now, lambda: "forgotten-1").forget_everywhere(
        Person(Platform.TELEGRAM, "", FORGOTTEN), NOTICES["en"]
    )
    await house.services.groups.bot_removed(CHOIR)
    await house.services.groups.erase_due()


async def one_returns(house: House, _: SqlStorage) -> None:
    house.later(minutes=4)
    await house.opt_in(RETURNS, address=CLUB)
    await house.post(f"https://news.example/{RETURNS}", account=RETURNS, message="again", address=CLUB)
    await house.work()


async def standing(records: SqlRecords, group: GroupId, account: Account) -> tuple[frozenset[Purpose], int]:
    """What a member's yes covers, and how many links of theirs are kept."""
    consent = await records.consents.get(group, account)
    shared = await records.shares.by_account(group, account)
    return consent.purposes if consent else frozenset(), len(shared)


def everybody_stands() -> tuple[dict[Account, tuple[frozenset[Purpose], int]], bool]:
    found: dict[Account, tuple[frozenset[Purpose], int]] = {}
    choir: list[bool] = []

    async def look(_: House, storage: SqlStorage) -> None:
        async with storage.transaction() as records:
            group = await records.groups.at(CLUB)
            assert group is not None
            assert group.state is GroupState.ENABLED
            choir.append(await records.groups.at(CHOIR) is not None)
            for account in EVERYBODY:
                found[account] = await standing(records, group.id, account)

    live(look)
    return found, choir[0]


BOTH, ALONE, NONE = frozenset({Purpose.SHARES, Purpose.CLICKS}), frozenset({Purpose.SHARES}), frozenset()


def test_who_left_and_what_was_erased_after_the_backup_is_not_brought_back(types: Types, tmp_path: Path) -> None:
    live(two_groups)
    code, told = types("backup", ".")
    assert code == 0
    assert "root key alone" in told
    [backup] = tmp_path.glob("penumbra-*.backup")
    live(some_leave)
    code, told = types("restore", backup.name, "--replace")
    assert code == 0
    assert "erased again" in told
    expected = {STAYS: (BOTH, 1), LEAVES: (NONE, 0), NARROWS: (ALONE, 1), FORGOTTEN: (NONE, 0), RETURNS: (NONE, 0)}
    assert everybody_stands() == (expected, False)


def test_clicks_on_the_links_of_who_left_stay_uncounted(types: Types) -> None:
    live(two_groups)
    types("backup", "one.backup")
    live(some_leave)
    types("restore", "one.backup", "--replace")

    async def look(_: House, storage: SqlStorage) -> None:
        async with storage.transaction() as records:
            group = await records.groups.at(CLUB)
            assert group is not None
            links = await records.shares.week(group.id, week_of(datetime.now(UTC), "UTC"))
            counted = {each.link.clean.key for each in links if each.link.counted_until}
        assert [STAYS in key for key in counted] == [True]

    live(look)


def test_who_came_back_before_the_backup_stays(types: Types) -> None:
    live(two_groups)
    live(some_leave)
    live(one_returns)
    types("backup", "one.backup")
    assert types("restore", "one.backup", "--replace")[0] == 0
    found, choir = everybody_stands()
    assert found[RETURNS] == (BOTH, 1)
    assert found[LEAVES] == (NONE, 0)
    assert not choir


def test_a_backup_is_made_while_the_house_runs_and_holds_no_key(types: Types, tmp_path: Path) -> None:
    made: list[int] = []

    async def busy(house: House, storage: SqlStorage) -> None:
        await two_groups(house, storage)
        async with storage.transaction() as records:
            await records.groups.at(CLUB)
        made.append(await asyncio.to_thread(main, ["backup", "one.backup"]))

    live(busy)
    backup = tmp_path / "one.backup"
    assert made == [0]
    assert backup.stat().st_mode & 0o777 == 0o600
    content = backup.read_bytes()
    assert (tmp_path / "root.key").read_bytes().strip() not in content
    assert load_settings().root() not in content
    assert str(STAYS).encode() not in content
    assert last_backup(load_settings()) is not None


def test_without_its_journal_a_backup_is_refused_unless_that_is_wanted(types: Types, tmp_path: Path) -> None:
    live(two_groups)
    types("backup", "one.backup")
    live(some_leave)
    code, told = types("restore", "one.backup", "--replace", "--journal", "elsewhere")
    assert (code, "journal" in told) == (2, True)
    assert everybody_stands()[0][LEAVES] == (NONE, 0)
    code, told = types("restore", "one.backup", "--replace", "--without-journal")
    assert (code, "is back" in told) == (0, True)
    assert everybody_stands()[0][LEAVES] == (BOTH, 1)


def test_a_backup_older_than_the_journal_reaches_is_refused(types: Types, monkeypatch: pytest.MonkeyPatch) -> None:
    live(two_groups)
    types("backup", "one.backup")
    monkeypatch.setattr("config.backups.utc_now", lambda: datetime.now(UTC) + KEPT_FOR)
    code, told = types("restore", "one.backup", "--replace")
    assert (code, "older than the journal" in told) == (2, True)


def test_a_target_that_holds_something_is_left_alone_without_the_flag(types: Types) -> None:
    live(two_groups)
    types("backup", "one.backup")
    live(some_leave)
    code, told = types("restore", "one.backup")
    assert (code, "--replace" in told) == (2, True)
    assert everybody_stands()[0][NARROWS] == (ALONE, 1)


def test_a_backup_goes_into_an_empty_database(types: Types, tmp_path: Path, postgres: Postgres) -> None:
    live(two_groups)
    types("backup", "one.backup")
    with postgres.empty() as empty:
        sqlite = load_settings().database_url.startswith("sqlite")
        assert types("restore", "one.backup", DATABASE_URL="sqlite:///new.db" if sqlite else empty)[0] == 0
        assert everybody_stands()[0][STAYS] == (BOTH, 1)


def test_another_root_key_is_refused_and_changes_nothing(types: Types) -> None:
    live(two_groups)
    types("backup", "one.backup")
    live(some_leave)
    types("keys", "init", "other.key")
    code, told = types("restore", "one.backup", "--replace", ROOT_KEY_FILE="other.key")
    assert (code, "another root key" in told) == (2, True)
    types("config", "example", ROOT_KEY_FILE="root.key")
    assert everybody_stands()[0][NARROWS] == (ALONE, 1)


def test_what_is_no_backup_or_a_newer_one_is_refused_by_name(
    types: Types, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(two_groups)
    types("backup", "one.backup")
    whole = (tmp_path / "one.backup").read_bytes()
    (tmp_path / "half.backup").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.backup").write_bytes(b"hello")
    (tmp_path / "changed.backup").write_bytes(whole.replace(b"consent_log", b"consent_lag"))
    for name in ("half", "text", "changed"):
        code, told = types("restore", f"{name}.backup", "--replace")
        assert (code, "not a backup" in told) == (2, True), name
    assert types("restore", "missing.backup")[0] == 1
    assert types("backup", "one.backup")[0] == 1  # never overwritten
    assert (tmp_path / "one.backup").read_bytes() == whole
    monkeypatch.setattr("config.backups.known_revisions", lambda: frozenset({"0001"}))
    code, told = types("restore", "one.backup", "--replace")
    assert (code, "newer than this Penumbra" in told) == (2, True)
    assert everybody_stands()[0][STAYS] == (BOTH, 1)


def test_a_database_of_somebody_else_is_never_replaced(types: Types, tmp_path: Path) -> None:
    live(two_groups)
    types("backup", "one.backup")
    if not load_settings().database_url.startswith("sqlite"):
        return
    with closing(sqlite3.connect(tmp_path / "shop.db")) as shop:
        shop.execute("CREATE TABLE orders (id INTEGER)")
        shop.commit()
    code, told = types("restore", "one.backup", "--replace", DATABASE_URL="sqlite:///shop.db")
    assert (code, "not Penumbra's" in told) == (2, True)


def test_pg_dump_that_is_not_there_is_named(types: Types, monkeypatch: pytest.MonkeyPatch) -> None:
    live(two_groups)
    monkeypatch.setenv("PATH", "")
    code, told = types("backup", "one.backup")
    if load_settings().database_url.startswith("sqlite"):
        assert code == 0
        assert about(Path("one.backup")).kind == "sqlite"
    else:
        assert (code, "pg_dump is not installed" in told) == (2, True)
        assert not Path("one.backup").exists()


def test_an_erasure_that_the_journal_can_not_take_still_holds_and_is_told(types: Types, tmp_path: Path) -> None:
    async def full(house: House, storage: SqlStorage) -> None:
        await two_groups(house, storage)
        (tmp_path / "journal").write_text("a file where the folder should be")
        assert await house.services.consent.withdraw(CLUB, LEAVES)
        assert storage.journal_trouble is not None
        (tmp_path / "journal").unlink()
        storage.tidy_journal()
        assert storage.journal_trouble is None

    live(full)
    assert everybody_stands()[0][LEAVES] == (NONE, 0)
    [file] = (tmp_path / "journal").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert str(LEAVES).encode() not in file.read_bytes()


def test_a_backup_that_can_not_be_erased_in_is_not_left_in_place(types: Types, tmp_path: Path) -> None:
    live(two_groups)
    types("backup", "one.backup")
    live(some_leave)
    [journal] = (tmp_path / "journal").glob("*.erasures")
    told_before = everybody_stands()
    lines = journal.read_bytes()
    journal.write_bytes(lines[:8] + (b"A" if lines[8:9] != b"A" else b"B") + lines[9:])
    code, told = types("restore", "one.backup", "--replace")
    assert (code, "erasure journal does not open" in told) == (2, True)
    if load_settings().database_url.startswith("sqlite"):
        assert everybody_stands() == told_before
    else:
        assert "The database is empty now" in told
        assert "nothing to back up" in types("backup", "two.backup")[1]
    journal.write_bytes(lines)
    assert types("restore", "one.backup", "--replace")[0] == 0
    assert everybody_stands()[0][LEAVES] == (NONE, 0)


def test_nothing_is_put_under_a_penumbra_that_runs(types: Types) -> None:
    live(two_groups)
    types("backup", "one.backup")
    told: list[tuple[int, str]] = []

    async def meanwhile(_: House, storage: SqlStorage) -> None:
        async with storage.transaction() as records:
            await records.transaction.clock()
        told.append(await asyncio.to_thread(types, "restore", "one.backup", "--replace"))

    live(meanwhile)
    [(code, words)] = told
    assert code == 2
    assert ("Another Penumbra process" if "sqlite" in load_settings().database_url else "stop every process") in words
    assert everybody_stands()[0][STAYS] == (BOTH, 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_is_said_to_be_one_and_leaves_no_half_backup(types: Types, tmp_path: Path) -> None:
    live(two_groups)
    types("backup", "one.backup")
    size = (tmp_path / "one.backup").stat().st_size
    for room in (size // 2, size - 1000):
        with room_for(room):
            code, told = types("backup", "two.backup")
        assert code in {1, 2}, told
        assert not (tmp_path / "two.backup").exists()
    with room_for(size // 2):
        code, told = types("restore", "one.backup", DATABASE_URL="sqlite:///new.db")
    assert code in {1, 2}, told
    assert not (tmp_path / "new.db").exists()
    assert list(tmp_path.glob(".penumbra-*")) == []


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file may grow beyond a size: what a full disk says, without one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_the_journal_is_forgotten_in_time(tmp_path: Path) -> None:
    clock, key = Clock(), Key(b"k" * 32, os.urandom)
    journal = Journal(tmp_path, key, clock, lambda: "p1")
    journal.write([Erasure(Erased.GROUP, clock(), "g1")])
    clock.forward(days=35)
    journal.tidy()
    assert len(read_journal([tmp_path], key)) == 1
    clock.forward(timedelta(days=1))
    journal.tidy()
    assert read_journal([tmp_path], key) == []
