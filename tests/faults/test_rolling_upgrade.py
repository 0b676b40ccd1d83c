"""A migration under load: the old version goes on, the new one joins it, and going back is told as what it is."""

import asyncio
import itertools
import shutil
from dataclasses import dataclass, field
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
from storage import migrate, schema
from storage.database import Database
from storage.inbox import WorkState
from tests.config.english import by_name
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
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    head = schema.known_revisions()[-1]
    (folder / "versions" / "9999_tomorrow.py").write_text(NEXT.format(head=head))
    return folder


def bring_in(patch: pytest.MonkeyPatch, folder: Path) -> None:
    for module in (migrate, schema):
        patch.setattr(module, "MIGRATIONS", folder)


@dataclass
class Load:
    """Messages come in and are worked off until it is over."""

    acknowledged: int = 0
    refused: int = 0
    over: bool = False
    taken: asyncio.Event = field(default_factory=asyncio.Event)

    async def upon(self, house: Replica, name: str) -> None:
        for number in itertools.count():
            if self.over:
                return
            page = f"https://news.example/{name}/{number}"
            try:
                taken = await house.post(
                    page, account=MEMBERS[number % 3], message=f"{name}{number}", event=f"{name}{number}"
                )
                self.acknowledged += taken  # not in one statement: the other house adds to it while this one waits
                self.taken.set()
                await house.services.shares.work_off(10)
            except PenumbraError:
                self.refused += 1

    async def goes_on(self, messages: int) -> None:
        for _ in range(messages):
            self.taken.clear()
            await self.taken.wait()


async def test_a_migration_under_load_loses_nothing_and_old_and_new_run_side_by_side(
    postgres_url: str, clock: Clock, tomorrow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = Load()
    async with replicas(postgres_url, 2, clock) as (old, new):
        old.now()
        new.now()
        await old.switch_on()
        for member in MEMBERS:
            await old.opt_in(member)
        loads = [asyncio.create_task(load.upon(house, name)) for house, name in ((old, "old"), (new, "new"))]
        await load.goes_on(10)
        with monkeypatch.context() as patch:
            bring_in(patch, tomorrow)
            assert await schema.pending(postgres_url) == ["9999"]
            await migrate.upgrade(postgres_url)
            assert await schema.pending(postgres_url) == []
        await load.goes_on(10)
        load.over = True
        await asyncio.gather(*loads)
        clock.forward(minutes=5)
        while await old.services.shares.work_off(100):
            pass
        kept = await work_by_state(old)
        async with old.storage.transaction() as records:
            group = await records.groups.at(GROUP)
            assert group is not None
            shared = await records.shares.week(group.id, week_of(old.now(), "UTC"))
    assert (len(shared), kept[WorkState.DONE]) == (load.acknowledged, load.acknowledged)
    assert load.refused <= 4  # whom the locks of the migration turned away was told so, and delivers again


async def test_after_a_rollback_the_old_version_runs_and_the_doctor_says_what_it_sees(
    database_url: str, clock: Clock, tomorrow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        bring_in(patch, tomorrow)
        await migrate.upgrade(database_url)
    settings = Settings(_env_file=None, database_url=database_url, data_dir=tmp_path / "c", journal_dir=tmp_path / "j")
    assert await schema.newer(database_url) == "9999"
    assert await schema.pending(database_url) == []
    with pytest.raises(SchemaIsNewer):
        await migrate.upgrade(database_url)
    await service.prepare_database(settings)
    async with replicas(database_url, 1, clock) as (house,):
        house.now()
        await house.switch_on()
        await house.opt_in(MEMBERS[0])
        assert await house.post("https://news.example/a", account=MEMBERS[0])
        assert await house.services.shares.work_off() == 1
    line = by_name(await examine(settings))["migrations"]
    assert (line.level, "9999" in line.state) == (Level.ODD, True)


async def test_a_schema_that_lacks_what_this_version_needs_stops_it_by_name(database_url: str, tmp_path: Path) -> None:
    database = Database.open(database_url)
    async with database.begin() as connection:
        await connection.execute(text("ALTER TABLE share RENAME COLUMN counts_clicks TO counts"))
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await database.close()
    settings = Settings(_env_file=None, database_url=database_url, data_dir=tmp_path / "c", journal_dir=tmp_path / "j")
    assert await schema.lacking(database_url) == ["share.counts_clicks"]
    with pytest.raises(SettingsError, match=r"9999.*share\.counts_clicks"):
        await service.prepare_database(settings)
    line = by_name(await examine(settings))["migrations"]
    assert (line.level, "penumbra restore" in line.mend) == (Level.RED, True)
