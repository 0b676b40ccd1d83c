"""A migration under load: the old version goes on, the new one joins it, and going back is told as what it is."""

import asyncio
import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from config import service
from config.doctor import examine
from config.findings import Level
from config.settings import Settings, SettingsError
from core.errors import PenumbraError, SchemaIsNewer
from core.model import Account
from core.schedules import week_of
from storage import migrate
from storage.database import Database
from storage.inbox import WorkState
from tests.fakes.clock import Clock
from tests.fakes.house import GROUP
from tests.faults.replicas import Replica, replicas, work_by_state

MEMBERS = [Account(f"member-{number}") for number in range(3)]
NEXT = '''"""The next one: a table and a column that the old version does not know."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("of_tomorrow", sa.Column("id", sa.String(), primary_key=True))
    op.add_column("inbox", sa.Column("of_tomorrow", sa.String(), nullable=True))
    op.add_column("share", sa.Column("of_tomorrow", sa.String(), nullable=True))
'''


@pytest.fixture
def tomorrow(tmp_path: Path) -> Path:
    """Migrations as the next version has them."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate._FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    head = migrate.ScriptDirectory.from_config(migrate._config()).get_current_head()
    (folder / "versions" / "9999_tomorrow.py").write_text(NEXT.format(head=head))
    return folder


async def load(house: Replica, name: str, over: asyncio.Event) -> tuple[int, int]:
    """Messages come in and are worked off until it is over: how many were acknowledged, how many were refused."""
    acknowledged, refused, number = 0, 0, 0
    while not over.is_set():
        number += 1
        page = f"https://news.example/{name}/{number}"
        try:
            acknowledged += await house.post(
                page, account=MEMBERS[number % 3], message=f"{name}{number}", event=f"{name}{number}"
            )
            await house.services.shares.work_off(10)
        except PenumbraError:
            refused += 1
    return acknowledged, refused


async def test_a_migration_under_load_loses_nothing_and_old_and_new_run_side_by_side(
    postgres_url: str, clock: Clock, tomorrow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = asyncio.Event()
    async with replicas(postgres_url, 2, clock) as (old, new):
        old.now()
        new.now()
        await old.switch_on()
        for member in MEMBERS:
            await old.opt_in(member)
        loads = [asyncio.create_task(load(old, "old", over)), asyncio.create_task(load(new, "new", over))]
        await asyncio.sleep(0.5)
        with monkeypatch.context() as patch:
            patch.setattr(migrate, "_FOLDER", tomorrow)
            assert await migrate.pending(postgres_url) == ["9999"]
            await migrate.upgrade(postgres_url)
            assert await migrate.pending(postgres_url) == []
        await asyncio.sleep(0.5)
        over.set()
        counted = [await each for each in loads]
        acknowledged, refused = sum(each for each, _ in counted), sum(each for _, each in counted)
        clock.forward(minutes=5)
        while await old.services.shares.work_off(100):
            pass
        kept = await work_by_state(old)
        async with old.storage.transaction() as records:
            group = await records.groups.at(GROUP)
            assert group is not None
            shared = await records.shares.week(group.id, week_of(old.now(), "UTC"))
    assert acknowledged > 10
    assert (len(shared), kept[WorkState.DONE]) == (acknowledged, acknowledged)
    assert refused <= 4  # whom the locks of the migration turned away was told so, and delivers again


async def test_after_a_rollback_the_old_version_runs_and_the_doctor_says_what_it_sees(
    database_url: str, clock: Clock, tomorrow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "_FOLDER", tomorrow)
        await migrate.upgrade(database_url)
    settings = Settings(_env_file=None, database_url=database_url, data_dir=tmp_path / "c", journal_dir=tmp_path / "j")
    assert await migrate.newer(database_url) == "9999"
    assert await migrate.pending(database_url) == []
    with pytest.raises(SchemaIsNewer):
        await migrate.upgrade(database_url)
    await service.prepare_database(settings)
    async with replicas(database_url, 1, clock) as (house,):
        house.now()
        await house.switch_on()
        await house.opt_in(MEMBERS[0])
        assert await house.post("https://news.example/a", account=MEMBERS[0])
        assert await house.services.shares.work_off() == 1
    [line] = [each for each in await examine(settings) if each.what == "migrations"]
    assert (line.level, "9999" in line.state) == (Level.ODD, True)


async def test_a_schema_that_lacks_what_this_version_needs_stops_it_by_name(database_url: str, tmp_path: Path) -> None:
    database = Database.open(database_url)
    async with database.begin() as connection:
        await connection.execute(text("ALTER TABLE share RENAME COLUMN counts_clicks TO counts"))
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await database.close()
    settings = Settings(_env_file=None, database_url=database_url, data_dir=tmp_path / "c", journal_dir=tmp_path / "j")
    assert await migrate.lacking(database_url) == ["share.counts_clicks"]
    with pytest.raises(SettingsError, match=r"9999.*share\.counts_clicks"):
        await service.prepare_database(settings)
    [line] = [each for each in await examine(settings) if each.what == "migrations"]
    assert (line.level, "penumbra restore" in line.mend) == (Level.RED, True)
