"""The operator's commands on the real database, beside a house that runs: proofs, rotation, and what is wrong."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from config import doctor
from config.__main__ import main
from config.doctor import examine
from config.findings import Level
from config.settings import Settings, load_settings
from core.model import ConsentAct, ConsentEvent, Digest, Notice, OutboxState, Purpose, ReceiptId, Share
from core.receipts import Operator, receipt_of, sign, signer
from core.schedules import finished_week
from storage.database import Database
from storage.sql import Clocks, SqlStorage, root_keys
from tests.config.english import by_name, english
from tests.storage.stories import (
    ALICE,
    GROUP,
    LEASE,
    a_consent,
    a_group,
    a_kept_link,
    an_edition,
    an_intake,
    kept,
)

HOUSE = Path(__file__).parents[2]
NOTICE = Notice("member-1", "0" * 64, "en")
Types = Callable[..., tuple[int, str]]


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def types(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], database_url: str
) -> Types:
    """Type a command; its code and its words."""
    for name in [name for name in os.environ if name.startswith("PENUMBRA_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PENUMBRA_DATABASE_URL", database_url)
    monkeypatch.setenv("PENUMBRA_ROOT_KEY_FILE", "root.key")
    monkeypatch.setenv("PENUMBRA_PUBLIC_URL", "https://s.example")
    monkeypatch.setenv("PENUMBRA_TELEGRAM_TOKEN", "1234567:x")
    assert main(["keys", "init", "root.key"]) == 0

    def typed(*words: str, **settings: str) -> tuple[int, str]:
        for name, value in settings.items():
            monkeypatch.setenv(f"PENUMBRA_{name}", value)
        capsys.readouterr()
        code = main(words)
        told = capsys.readouterr()
        return code, told.out + told.err

    return typed


def lived_in() -> str:
    """A house that runs for a while, holding the database for itself; the receipt it gave."""

    async def run() -> str:
        settings = load_settings()
        keys = root_keys(settings.root(), settings.other_root())
        storage = await SqlStorage.open(Database.open(settings.database_url), keys, Clocks(now))
        try:
            return await _live(storage)
        finally:
            await storage.close()

    return asyncio.run(run())


async def _live(storage: SqlStorage) -> str:
    async with storage.transaction() as records:
        known = await records.groups.get(GROUP)
    if known is None:
        await kept(storage, a_group(now))
        await a_kept_link(storage, now)
    consent = a_consent(now, Purpose.SHARES, receipt="r-1")
    async with storage.transaction() as records:
        await records.consents.put(GROUP, ALICE, consent)
        event = ConsentEvent(ConsentAct.GRANTED, GROUP, ALICE, ReceiptId("r-1"), consent.purposes, NOTICE, now())
        await records.consents.log(event)
    operator = Operator("Ana", "ana@operator.example", "https://s.example")
    receipt = receipt_of(consent, a_group(now), NOTICE, operator, "Send /stop.")
    return sign(receipt, signer(await storage.signing_seed()))


def change(statement: str) -> None:
    """Somebody writes to the database outside Penumbra."""

    async def run() -> None:
        database = Database.open(load_settings().database_url, alone=False)
        async with database.begin() as connection:
            await connection.execute(text(statement))
        await database.close()

    asyncio.run(run())


# Receipts ---------------------------------------------------------------------------------------------------------


def test_a_members_receipt_is_verified_and_read(types: Types, tmp_path: Path) -> None:
    (tmp_path / "receipt.json").write_text(lived_in() + "\n")
    code, told = types("receipt", "verify", "receipt.json")
    assert code == 0
    assert "genuine" in told
    assert "covers    shares" in told
    code, key = types("keys", "public")
    assert types("receipt", "verify", "receipt.json", "--key", key.strip())[0] == 0


def test_a_tampered_receipt_is_refused_by_name(types: Types, tmp_path: Path) -> None:
    receipt = tmp_path / "receipt.json"
    genuine = lived_in()
    receipt.write_text(genuine.replace("Book club", "Chess club"))
    code, told = types("receipt", "verify", "receipt.json")
    assert code == 2
    assert "genuine" not in told
    receipt.write_text(json.dumps(json.loads(genuine), indent=2))
    assert types("receipt", "verify", "receipt.json")[0] == 2
    receipt.write_bytes(b"\xff" * 100_000)
    assert types("receipt", "verify", "receipt.json")[0] == 2
    receipt.write_text(genuine)
    assert types("receipt", "verify", "receipt.json", "--key", "AAAA")[0] == 2
    assert types("receipt", "verify", "receipt.json", "--key", "not base64")[0] == 2
    assert types("receipt", "verify", "missing.json")[0] == 1
    assert types("receipt", "verify", "receipt.json")[0] == 0


# The consent log --------------------------------------------------------------------------------------------------


def test_a_whole_chain_is_said_to_be_and_a_broken_one_is_named_by_line(types: Types) -> None:
    for _ in range(3):
        lived_in()
    assert types("consent", "audit") == (0, "The consent log is whole: 3 lines.\n")
    change("UPDATE consent_log SET purposes = 'clicks' WHERE seq = 2")
    code, told = types("consent", "audit")
    assert code == 1
    assert "broken at line 2 of 3" in told
    assert "RED   consent log" in types("doctor")[1]


# Root keys --------------------------------------------------------------------------------------------------------


def test_a_rotation_goes_step_by_step_beside_a_house_that_runs(types: Types, tmp_path: Path) -> None:
    receipt = lived_in()
    types("keys", "init", "new.key")
    code, told = types("keys", "rotate", "--to", "new.key")
    assert code == 2
    assert "PENUMBRA_OTHER_ROOT_KEY_FILE=new.key" in told
    code, told = types("keys", "rotate", "--to", "new.key", OTHER_ROOT_KEY_FILE="new.key")
    assert code == 0
    assert told.startswith("3 keys")
    lived_in()
    code, told = types("keys", "rotate", "--to", "new.key", ROOT_KEY_FILE="new.key", OTHER_ROOT_KEY_FILE="root.key")
    assert (code, told.startswith("0 keys")) == (0, True)
    (tmp_path / "root.key").unlink()
    types("config", "check", OTHER_ROOT_KEY_FILE="")
    assert lived_in() == receipt


def test_keys_are_rotated_while_the_house_holds_the_database(types: Types) -> None:
    lived_in()
    types("keys", "init", "new.key")
    types("config", "check", OTHER_ROOT_KEY_FILE="new.key")

    async def both() -> tuple[int, bool]:
        settings = load_settings()
        keys = root_keys(settings.root(), settings.other_root())
        house = await SqlStorage.open(Database.open(settings.database_url), keys, Clocks(now))
        done = await asyncio.to_thread(main, ["keys", "rotate", "--to", "new.key"])
        async with house.transaction() as records:
            reads = await records.consents.get(GROUP, ALICE) is not None
        await house.close()
        return done, reads

    assert asyncio.run(both()) == (0, True)


def test_a_key_that_was_rotated_away_is_refused_and_changes_nothing(types: Types) -> None:
    lived_in()
    types("keys", "init", "new.key")
    types("keys", "rotate", "--to", "new.key", OTHER_ROOT_KEY_FILE="new.key")
    code, told = types("consent", "audit", OTHER_ROOT_KEY_FILE="")
    assert code == 2
    assert "root key does not open this database" in told
    assert types("consent", "audit", ROOT_KEY_FILE="new.key")[0] == 0


@pytest.mark.parametrize(
    ("key", "words"), [("", "PENUMBRA_ROOT_KEY_FILE: is needed"), ("wrong.key", "does not open this database")]
)
def test_the_real_command_refuses_to_run_without_its_key(types: Types, key: str, words: str) -> None:
    lived_in()
    types("keys", "init", "wrong.key")
    here = {name: value for name, value in os.environ.items() if name.startswith("PENUMBRA_")}
    path = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HOUSE)}
    ran = subprocess.run(
        [sys.executable, "-m", "config", "run"],
        env={**path, **here, "PENUMBRA_ROOT_KEY_FILE": key},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 2
    assert words in ran.stderr
    assert "Traceback" not in ran.stderr


# The doctor -------------------------------------------------------------------------------------------------------


def test_all_is_well_in_a_house_that_is_looked_after(types: Types) -> None:
    code, told = types("doctor")
    assert "the first start will bind the database to it" in told
    lived_in()
    code, told = types("doctor")
    assert code == 0, told
    assert "RED" not in told
    assert "root key         opens the database" in told
    assert "consents         oldest goes in 39" in told


def test_everything_wrong_has_its_line_and_its_mend(types: Types) -> None:
    lived_in()
    for each in (Path("root.key"), Path(".env")):
        each.touch()
        each.chmod(0o644)
    change("UPDATE link SET expires_at = '2026-01-01 00:00:00.000000+00:00'")
    code, told = types(
        "doctor", UNFURL_TEST_HOSTS="news.example=127.0.0.1:8000", PUBLIC_URL="http://127.0.0.1:8080", TELEGRAM_TOKEN=""
    )
    assert code == 1
    red = [line for line in told.splitlines() if line.startswith("RED")]
    assert {line.split("  ")[1].strip() for line in red} >= {"public address", "test hosts", "platforms", "links"}
    assert all("→" in line for line in red)
    assert "chmod 600 root.key" in told
    assert "chmod 600 .env" in told


def test_a_root_key_that_was_never_made_is_told_before_the_database_is_ready(types: Types, tmp_path: Path) -> None:
    found = asyncio.run(findings(root_key_file=None, database_url=f"sqlite:///{tmp_path}/new.db"))
    assert "penumbra keys init" in found["root key"]
    assert "penumbra migrate" in found["migrations"]


async def findings(**changed: object) -> dict[str, str]:
    settings: Settings = load_settings().model_copy(update=changed)
    return {name: told.line(in_colour=True) for name, told in by_name(await examine(settings)).items()}


def test_an_address_with_a_path_or_without_https_is_noticed(types: Types) -> None:
    assert "has a path" in asyncio.run(findings(public_url="https://s.example/links"))["public address"]
    assert "is not https" in asyncio.run(findings(public_url="http://s.example"))["public address"]


def test_the_list_of_bad_addresses_is_off_missing_fresh_or_old(types: Types) -> None:
    lived_in()
    assert "off" in asyncio.run(findings())["malware list"]
    chosen = {"urlhaus_url": SecretStr("https://list.example/"), "factcheck_key": SecretStr("k")}
    found = asyncio.run(findings(**chosen, unfurl_honour_robots=True))
    assert "never fetched" in found["malware list"]
    assert "a tap sends a title" in found["fact checks"]
    assert "honoured" in found["robots.txt"]

    async def fetched() -> None:
        settings = load_settings()
        clocks = Clocks(lambda: datetime.now(UTC))
        storage = await SqlStorage.open(Database.open(settings.database_url), root_keys(settings.root()), clocks)
        async with storage.transaction() as records:
            await records.listed.replace({"https://bad.example/a", "worse.example"})
        await storage.close()

    asyncio.run(fetched())
    assert "2 entries, 0 h 0 min old" in asyncio.run(findings(**chosen))["malware list"]
    change("UPDATE listed SET replaced_at = '2026-01-01 00:00:00.000000+00:00'")
    assert "RED" in asyncio.run(findings(**chosen))["malware list"]


def test_a_database_that_is_away_behind_or_locked_is_told_apart(types: Types, tmp_path: Path) -> None:
    away = asyncio.run(findings(database_url="postgresql://nobody@127.0.0.1:1/none"))
    assert "start it" in away["database"]
    behind = asyncio.run(findings(database_url=f"sqlite:///{tmp_path}/new.db"))
    assert "penumbra migrate" in behind["migrations"]
    lived_in()
    types("keys", "init", "wrong.key")
    assert "does not open" in asyncio.run(findings(root_key_file=Path("wrong.key")))["root key"]
    assert "can't be read" in asyncio.run(findings(root_key_file=Path("none.key")))["root key"]


@pytest.mark.parametrize(("apart", "level"), [(1, Level.FINE), (-5, Level.ODD), (31, Level.RED), (-31, Level.RED)])
def test_a_clock_that_is_off_is_told_whichever_way(apart: int, level: Level) -> None:
    finding = english(doctor._clock(timedelta(seconds=apart)))
    assert finding.level is level
    assert ("NTP" in finding.mend) == (level is Level.RED)


def test_work_that_failed_and_posts_of_unknown_end_are_shown(types: Types) -> None:
    lived_in()

    async def trouble() -> None:
        settings = load_settings()
        storage = await SqlStorage.open(Database.open(settings.database_url), root_keys(settings.root()), Clocks(now))

        async with storage.transaction() as records:
            await records.inbox.put("e1", an_intake(now))
            await records.outbox.put(GROUP, "digest:1", Digest(an_edition(now)), now() + timedelta(hours=1))
        async with storage.transaction() as records:
            [item] = await records.outbox.claim(LEASE, 1)
            await records.outbox.close(item, OutboxState.UNKNOWN, "no answer")
            await records.outbox.put(GROUP, "digest:2", Digest(an_edition(now)), now() + timedelta(hours=1))
        await storage.close()

    asyncio.run(trouble())
    change("UPDATE inbox SET accepted_at = '2026-01-01 00:00:00.000000+00:00'")
    assert "the oldest waits for" in asyncio.run(findings())["inbox"]
    change("UPDATE inbox SET state = 'dead'")
    change("UPDATE outbox SET created_at = '2026-01-01 00:00:00.000000+00:00' WHERE closed_at IS NULL")
    found = asyncio.run(findings())
    assert "1 piece failed for good" in found["accepted work"]
    assert "1 of unknown end" in found["postings"]
    assert "the oldest waits for" in found["outbox"]


def given_up_on() -> None:
    """Work that failed for good, and a posting that may or may not have arrived."""

    async def run() -> None:
        settings = load_settings()
        storage = await SqlStorage.open(Database.open(settings.database_url), root_keys(settings.root()), Clocks(now))
        await kept(storage, a_group(now))
        async with storage.transaction() as records:
            await records.inbox.put("e1", an_intake(now))
            await records.outbox.put(GROUP, "digest:1", Digest(an_edition(now)), now() + timedelta(hours=1))
        async with storage.transaction() as records:
            [item] = await records.outbox.claim(LEASE, 1)
            await records.outbox.close(item, OutboxState.UNKNOWN, "no answer")
        await storage.close()

    asyncio.run(run())
    change("UPDATE inbox SET state = 'dead', error = 'ValueError'")


def test_a_person_decides_about_what_was_given_up_on(types: Types) -> None:
    assert types("doctor", "stuck") == (0, "Nothing waits for you.\n")
    given_up_on()
    code, told = types("doctor", "stuck")
    work, posting = (line.split() for line in told.splitlines())
    assert (code, work[0], work[2], posting[0], posting[2:]) == (0, "work", "ValueError", "posting", ["no", "answer"])
    assert types("doctor", "replay") == (0, "1 piece of work is tried again.\n")
    code, told = types("doctor", "replay", work[1])
    assert code == 2
    assert "no such work has failed" in told
    assert types("doctor", "resend", posting[1])[0] == 0
    code, told = types("doctor", "resend", posting[1])
    assert code == 2
    assert "is of unknown end" in told
    assert types("doctor", "stuck") == (0, "Nothing waits for you.\n")
    code, told = types("doctor", "resend", "what")
    assert code == 2
    assert "GROUP/ITEM" in told


def shared(*pages: str) -> None:
    """A group whose members shared these pages last week."""

    async def run() -> None:
        settings = load_settings()
        keys = root_keys(settings.root(), settings.other_root())
        storage = await SqlStorage.open(Database.open(settings.database_url), keys, Clocks(now))
        week = finished_week(now(), "UTC")
        try:
            await kept(storage, a_group(now))
            for page in pages:
                link = await a_kept_link(storage, now, page)
                async with storage.transaction() as records:
                    await records.shares.add(
                        Share(GROUP, link.id, ALICE, week, now() - timedelta(days=7), "1", counts_clicks=True)
                    )
        finally:
            await storage.close()

    asyncio.run(run())


def test_a_digest_is_shown_before_it_is_posted_the_same_each_time_and_without_a_click(types: Types) -> None:
    assert types("migrate")[0] == 0
    shared("a", "b", "c")
    first = types("digest", "--dry-run", GROUP)
    assert first[0] == 0
    assert "3 shares · 3 links" in first[1]
    assert "clicks:" not in first[1]
    assert types("digest", "--dry-run", GROUP) == first


def test_a_week_without_links_has_no_digest_and_an_unknown_group_is_told_so(types: Types) -> None:
    assert types("migrate")[0] == 0
    shared()
    assert types("digest", "--dry-run", GROUP) == (
        0,
        "Nothing was shared in this week yet, so there would be no digest.\n",
    )
    code, told = types("digest", "--dry-run", "nobody")
    assert code == 2
    assert "no group nobody" in told
