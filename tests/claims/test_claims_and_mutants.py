"""Each claim of privacy.md holds, and whoever breaks it on purpose is found out by the same check."""

import gc
import hmac
import logging
from collections.abc import Awaitable, Callable
from datetime import date, timedelta

import pytest

from core.clicks import Hmac, MemoryVisitors
from core.marks import Marks
from core.model import GroupId, LinkId, Person, Platform
from core.shares import ShareService
from storage import keys, retention, shares
from storage.clicks import SqlClicks
from storage.retention import Retention
from storage.subject import SqlSubjects
from storage.vault import RootKeys
from tests.claims.kept import exposed
from tests.claims.small_house import ADDRESS, AGENT, SHARER, TITLE, SmallHouse, logs, small_house

CANARIES = {"dest7canary", TITLE, "MSG7CANARY", ADDRESS, AGENT, SHARER, "Book club"}

Claim = Callable[[SmallHouse], Awaitable[None]]
Mutate = Callable[[pytest.MonkeyPatch], None]


# The claims ---------------------------------------------------------------------------------------------------------


async def nothing_stands_in_clear(house: SmallHouse) -> None:
    code = await house.live()
    assert exposed({*CANARIES, code}, await house.rows()) == set()
    await house.publish()
    assert exposed({*CANARIES, code}, await house.rows()) == set()


async def nothing_is_logged(house: SmallHouse) -> None:
    with logs() as out:
        code = await house.live()
        await house.publish()
    assert exposed({*CANARIES, code}, {"log": out.getvalue().encode()}) == set()


async def no_key_is_in_the_database(house: SmallHouse) -> None:
    await house.live()
    secrets = await house.secrets()
    assert len(secrets) >= 3
    assert exposed(secrets, await house.rows()) == set()


async def exact_counts_go_with_the_release(house: SmallHouse) -> None:
    await house.live()
    assert (await house.rows())["click_day"]
    await house.publish()
    assert (await house.rows())["edition"]
    assert not (await house.rows())["click_day"]


async def after_14_days_no_share_leads_to_anybody(house: SmallHouse) -> None:
    await house.live()
    subjects = SqlSubjects(house.kept, house.now, lambda: "none")
    me = Person(Platform.TELEGRAM, "", SHARER)
    [before] = await subjects.held_about(me)
    assert before.links
    marks = await marks_of(house)
    assert exposed(marks, await house.rows()) != set()
    house.later(days=14)
    await Retention(house.kept).run()
    [after] = await subjects.held_about(me)
    assert not after.links
    assert exposed(marks, await house.rows()) == set()


async def marks_of(house: SmallHouse) -> set[bytes]:
    """What only somebody with the true account, the true links and every key can compute."""
    group = await house.group_id()
    async with house.kept.transaction() as records:
        key = await records.transaction.key(group)
        links = await records.shares.by_account(group, SHARER)
    return {shares._mark(key, SHARER, link) for link in links}


async def the_days_key_dies_with_the_day(house: SmallHouse) -> None:
    key = b"K_day canary of thirty-two bytes"
    visitors = MemoryVisitors(lambda: key)
    day = date(2026, 11, 24)
    assert visitors.first_visit(LinkId("l1"), GroupId("g1"), b"browser", day)
    assert reachable(visitors, key)
    midnight = house.moment.replace(day=25, hour=0, minute=0, second=0)
    visitors.forget_before(midnight + timedelta(minutes=9, seconds=59))
    assert reachable(visitors, key)
    visitors.forget_before(midnight + timedelta(minutes=10))
    assert not reachable(visitors, key)


def reachable(root: object, secret: bytes) -> bool:
    """Whether a key hangs on an object in memory, at whatever depth, in clear or made ready for hashing.

    Code and classes are not gone into.
    """
    marks = hmac.digest(secret, b"probe", "sha256")
    seen: set[int] = set()
    ahead = list(vars(root).values())
    while ahead:
        each = ahead.pop()
        if (isinstance(each, bytes) and secret in each) or (isinstance(each, Hmac) and each(b"probe") == marks):
            return True
        if id(each) not in seen and not callable(each):
            seen.add(id(each))
            ahead += gc.get_referents(each)
    return False


# How they are broken ------------------------------------------------------------------------------------------------


def sharer_kept_in_clear(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(shares, "_mark", lambda _, account, link: f"{account} {link}".encode())


def message_marked_by_its_id(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(shares, "message_mark", lambda _, message: message.encode())


def canary_in_a_log(patch: pytest.MonkeyPatch) -> None:
    honest = ShareService.take_in

    async def talkative(self, standing, message, event, **how):
        logging.getLogger("core.shares").debug("taken in from %s", message.account)
        return await honest(self, standing, message, event, **how)

    patch.setattr(ShareService, "take_in", talkative)


def key_in_the_database(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(RootKeys, "wrap", lambda _, secret, __: secret)
    patch.setattr(RootKeys, "unwrap", lambda _, __, wrapped, ___: wrapped)


def root_key_in_the_database(patch: pytest.MonkeyPatch) -> None:
    honest = keys.wrapped_row

    def careless(roots, owner, kind, secret, made_at):
        root = roots._keys[roots.current]._secret
        return {**honest(roots, owner, kind, secret, made_at), "root": roots.current + root}

    patch.setattr(keys, "wrapped_row", careless)
    patch.setattr(RootKeys, "unwrap", lambda self, root, wrapped, at: self._keys[root[:8]].unseal(wrapped, at))


def counts_kept_after_release(patch: pytest.MonkeyPatch) -> None:
    async def lazy(*_):
        return None

    patch.setattr(SqlClicks, "delete", lazy)


def shares_kept_for_longer(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(retention, "RULES", tuple(rule for rule in retention.RULES if rule.kind != "shares"))


def visitor_key_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(MemoryVisitors, "forget_before", lambda *_: None)


def visitor_sets_emptied_but_not_their_key(patch: pytest.MonkeyPatch) -> None:
    def forgetful(self, _):
        for day in self._days.values():
            day._seen = Marks()

    patch.setattr(MemoryVisitors, "forget_before", forgetful)


BROKEN: list[tuple[Claim, Mutate]] = [
    (nothing_stands_in_clear, sharer_kept_in_clear),
    (nothing_stands_in_clear, message_marked_by_its_id),
    (nothing_is_logged, canary_in_a_log),
    (no_key_is_in_the_database, key_in_the_database),
    (no_key_is_in_the_database, root_key_in_the_database),
    (exact_counts_go_with_the_release, counts_kept_after_release),
    (after_14_days_no_share_leads_to_anybody, shares_kept_for_longer),
    (the_days_key_dies_with_the_day, visitor_key_kept),
    (the_days_key_dies_with_the_day, visitor_sets_emptied_but_not_their_key),
]
CLAIMS = list(dict.fromkeys(claim for claim, _ in BROKEN))


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.__name__)
async def test_the_claim_holds(claim: Claim, database_url: str) -> None:
    async with small_house(database_url) as house:
        await claim(house)


@pytest.mark.parametrize(("claim", "mutate"), BROKEN, ids=[mutate.__name__ for _, mutate in BROKEN])
async def test_whoever_breaks_it_is_found_out(
    claim: Claim, mutate: Mutate, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutate(monkeypatch)
    async with small_house(sqlite_url) as house:
        with pytest.raises(AssertionError):
            await claim(house)
