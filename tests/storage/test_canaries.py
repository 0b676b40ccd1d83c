"""A stolen database shows no destination, code, address, account, name, title or token."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from core.model import (
    Account,
    Card,
    CardLink,
    Code,
    ConsentAct,
    ConsentEvent,
    Contribution,
    GroupAddress,
    Installation,
    LinkId,
    Notice,
    Pass,
    PassKind,
    Person,
    Platform,
    Preview,
    ReceiptId,
)
from core.urls import CleanUrl
from storage.installations import SqlInstallations
from storage.sql import SqlStorage
from storage.tables import METADATA
from tests.fakes.clock import Clock
from tests.storage.stories import LEASE, WEEK, a_consent, a_group, a_link, a_share, an_edition, an_intake, kept

CHAT, WORKSPACE, ACCOUNT, CODE = "CHAT5CANARY77", "WORK5CANARY77", "ACCT5CANARY77", "CODE5CANARY77777"
HOST, KEY, TITLE, NAME = "dest5canary77.example", "key5canary77", "TITLE5CANARY77", "NAME5CANARY77"
EVENT, MESSAGE, REMOTE, TOKEN = "EVENT5CANARY77", "MSG5CANARY77", "REMOTE5CANARY77", "TOKEN5CANARY77"
CANARIES = (CHAT, WORKSPACE, ACCOUNT, CODE, HOST, KEY, TITLE, NAME, EVENT, MESSAGE, REMOTE, TOKEN)
MEMBER = Account(ACCOUNT)
CLEAN = CleanUrl(f"https://{HOST}/page", KEY, HOST, ("utm_source",))


@pytest.fixture
async def lived_in(sql_storage: SqlStorage, clock: Clock) -> SqlStorage:
    """Everything that can be kept, with a canary in each place."""
    address = GroupAddress(Platform.SLACK, WORKSPACE, CHAT)
    group = await kept(sql_storage, replace(a_group(clock), address=address, name=NAME))
    link = replace(a_link(clock), code=Code(CODE), clean=CLEAN, title=TITLE)
    preview = Preview(f"https://{HOST}/page", HOST, TITLE)
    card = Card(MEMBER, MESSAGE, (CardLink(link.id, CLEAN.display, f"https://s/{CODE}", HOST, (), preview),), "en")
    async with sql_storage.transaction() as records:
        await records.links.add(link)
        await records.consents.put(group.id, MEMBER, a_consent(clock))
        notice = Notice("member-1", "0" * 64, "en")
        await records.consents.log(
            ConsentEvent(ConsentAct.GRANTED, group.id, MEMBER, ReceiptId("r1"), frozenset(), notice, clock())
        )
        await records.shares.add(replace(a_share(clock(), account=MEMBER), message=MESSAGE))
        await records.shares.set_message(group.id, MESSAGE, frozenset({LinkId("link-a")}), clock())
        await records.inbox.put(EVENT, replace(an_intake(clock), account=MEMBER, message=MESSAGE, links=(CLEAN,)))
        await records.outbox.put(group.id, f"card:{MESSAGE}", card, clock() + timedelta(hours=1))
        await records.outbox.put(group.id, f"card:{MESSAGE}2", card, clock() + timedelta(hours=1))
        await records.previews.put(KEY, preview, clock() + timedelta(hours=1))
        await records.digests.add(an_edition(clock))
        person = Person(Platform.SLACK, WORKSPACE, MEMBER)
        await records.passes.put(PassKind.SESSION, TOKEN, Pass(person, frozenset({group.id})), clock() + LEASE)
        await records.contributions.add(Contribution(group.id, person, KEY, HOST, WEEK))
    async with sql_storage.transaction() as records:
        [item] = await records.outbox.claim(LEASE, 1)
        await records.outbox.sent(item, REMOTE)
    scopes = frozenset({"chat:write"})
    await SqlInstallations(sql_storage).put(
        Installation(Platform.SLACK, WORKSPACE, NAME, SecretStr(TOKEN), MEMBER, "B1", scopes, clock())
    )
    return sql_storage


async def test_no_table_shows_any(lived_in: SqlStorage) -> None:
    seen = 0
    async with lived_in.transaction() as records:
        for table in METADATA.sorted_tables:
            for row in await records.transaction.all(select(table)):
                seen += 1
                shown = b"".join(each if isinstance(each, bytes) else str(each).encode() for each in row).lower()
                assert [canary for canary in CANARIES if canary.lower().encode() in shown] == []
    assert seen > 10


async def test_no_file_of_the_database_shows_any(
    lived_in: SqlStorage, request: pytest.FixtureRequest, database_url: str
) -> None:
    if database_url.startswith("sqlite"):
        folder = Path(database_url.removeprefix("sqlite:///")).parent
    else:
        server = request.getfixturevalue("postgres")
        server.checkpoint()
        folder = server.folder
    files = [each for each in folder.rglob("*") if each.is_file()]
    shown = {canary for each in files for canary in CANARIES if canary.lower().encode() in each.read_bytes().lower()}
    assert shown == set()
    assert any(each.name.endswith("-wal") or each.parent.name == "pg_wal" for each in files)


async def test_the_canaries_are_there_for_who_has_the_key(lived_in: SqlStorage, clock: Clock) -> None:
    async with lived_in.transaction() as records:
        found = await records.links.destination(Code(CODE))
        group = await records.groups.at(GroupAddress(Platform.SLACK, WORKSPACE, CHAT))
        posted = {await records.outbox.remote_id(a_group(clock).id, f"card:{MESSAGE}{end}") for end in ("", "2")}
    assert posted == {REMOTE, None}
    assert found is not None
    assert found.url == CLEAN.display
    assert group is not None
    assert group.name == NAME


async def test_an_installation_comes_back_and_is_forgotten(lived_in: SqlStorage, clock: Clock) -> None:
    installations = SqlInstallations(lived_in)
    found = await installations.get(Platform.SLACK, WORKSPACE)
    assert found is not None
    assert found.token.get_secret_value() == TOKEN
    assert TOKEN not in repr(found)
    newer = replace(found, token=SecretStr("newer"), installed_at=clock() + timedelta(days=1))
    await installations.put(newer)
    assert await installations.get(Platform.SLACK, WORKSPACE) == newer
    assert await installations.get(Platform.SLACK, "T-other") is None
    assert await installations.remove(Platform.SLACK, WORKSPACE)
    assert not await installations.remove(Platform.SLACK, WORKSPACE)
    assert await installations.get(Platform.SLACK, WORKSPACE) is None
