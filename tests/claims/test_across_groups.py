"""The figures across groups, held against what privacy.md claims of them, and against mutants that break it."""

from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core import across
from core.across import Counts, count, draw
from core.anonymity import (
    PAGE_SCALE,
    UNKNOWN_PAGES,
    UNKNOWN_SITES,
    Noise,
    OpenDpNoise,
    Threshold,
)
from core.errors import BudgetSpent
from core.figures import RELEASED_AFTER, ends_at
from core.ledger import WEEKLY_CAP, Spending
from core.model import AccountWeek, Person, Platform, Purpose, Sitemap, Week
from core.schedules import week_of
from storage import codec, contributions
from storage.contributions import CONTRIBUTIONS, SqlContributions
from storage.figures import FIGURES
from storage.keys import KEYS, Keys
from storage.keys import WEEK as WEEK_KEY
from storage.vault import Key
from tests.claims.audit import certified_epsilon
from tests.claims.kept import exposed
from tests.claims.noises import HalfScale, NoThreshold, Reservoir, ThresholdOnTheTrueCount
from tests.claims.small_house import OTHER, PAGE, SHARER, TITLE, SmallHouse, small_house
from tests.fakes.house import GROUP

RUNS = 25_000
"""With the account, and as many without."""
DELTA = UNKNOWN_PAGES.delta + UNKNOWN_SITES.delta
EVERY = (Purpose.SHARES, Purpose.CLICKS, Purpose.STATISTICS)
WITHOUT = EVERY[:2]

# What is kept ------------------------------------------------------------------------------------------------------


async def contributed(house: SmallHouse) -> Week:
    """The sharer lets the page be counted across groups, and so does another; the week it is counted in."""
    await house.live()
    for account in (SHARER, OTHER):
        await house.opt_in(account, *EVERY)
        await house.post(PAGE, account=account, message=f"{TITLE} {account}")
    await house.work()
    return week_of(house.moment, "UTC")


async def release(house: SmallHouse, week: Week) -> None:
    house.moment = ends_at(week) + RELEASED_AFTER
    assert await house.services.figures.tick()


async def traces(house: SmallHouse, keys: set[bytes]) -> set[tuple[str, str]]:
    """Where somebody with the true ids, the true page and these keys finds the sharer's contribution."""
    group = await house.group_id()
    person = Person(Platform.TELEGRAM, "", SHARER)
    sought: set[str | bytes] = {SHARER, PAGE}
    for key in (Key(secret, bytes) for secret in keys if len(secret) == 32):
        sought |= {contributions._mark(key, group, SHARER, PAGE), contributions._member(key, group, SHARER)}
        sought.add(contributions.unit(key, person))
    return exposed(sought, await house.rows())


async def after_its_release_nothing_of_a_week_leads_to_anybody(house: SmallHouse) -> None:
    week = await contributed(house)
    keys = await house.secrets()
    assert {place for _, place in await traces(house, keys)} == {"contribution"}
    await release(house, week)
    left = await house.secrets()
    assert len(keys - left) == 1, "the key of the week is destroyed"
    assert await traces(house, keys) == set(), "not even with the key of the week"
    group = await house.group_id()
    async with house.kept.transaction() as records:
        assert await records.transaction.all(select(CONTRIBUTIONS)) == []
        assert await records.transaction.all(select(KEYS).where(KEYS.c.kind == WEEK_KEY)) == []
        assert await records.contributions.of_account(group, SHARER) == ()
        assert await records.contributions.take(week) == []


async def what_waits_does_not_stand_in_clear(house: SmallHouse) -> None:
    await contributed(house)
    assert (await house.rows())["contribution"]
    assert exposed({SHARER, OTHER, PAGE, "news.example"}, await house.rows()) == set()


async def nothing_waits_for_more_than_eight_days(house: SmallHouse) -> None:
    """Also where nothing was ever released."""
    week = await contributed(house)
    house.moment = ends_at(week) + timedelta(days=1)
    await house.services.figures.tick()
    async with house.kept.transaction() as records:
        assert await records.transaction.all(select(CONTRIBUTIONS)) == []
        assert await records.transaction.all(select(KEYS).where(KEYS.c.kind == WEEK_KEY)) == []
    assert await house.services.figures.latest() == []


async def whoever_takes_the_yes_back_is_not_counted(house: SmallHouse) -> None:
    await contributed(house)
    group = await house.group_id()
    await house.opt_in(SHARER, *WITHOUT)
    await house.services.consent.withdraw(GROUP, OTHER)
    async with house.kept.transaction() as records:
        assert [await records.contributions.of_account(group, each) for each in (SHARER, OTHER)] == [(), ()]
        assert await records.contributions.take(week_of(house.moment, "UTC")) == []


async def figures_never_change_once_published(house: SmallHouse) -> None:
    week = await contributed(house)
    house.noise.__init__([60])
    await release(house, week)
    first = await frozen(house, week)
    assert PAGE.encode() in first
    house.later(hours=1)
    await house.services.figures.tick()
    house.later(days=70)
    house.services = house.build(house.kept)
    await house.services.figures.tick()
    published = await house.services.figures.of_week(week)
    assert published is not None
    assert codec.PUBLISHED.dump_json(published) == await frozen(house, week) == first


async def frozen(house: SmallHouse, week: Week) -> bytes:
    async with house.kept.transaction() as records:
        [row] = await records.transaction.all(select(FIGURES.c.frozen).where(FIGURES.c.week == week))
    return bytes(row.frozen)


async def no_week_costs_more_than_its_cap(house: SmallHouse) -> None:
    week = await contributed(house)
    async with house.kept.transaction() as records:
        await records.figures.spend(Spending(week, "before", 1e-6))
    with pytest.raises(BudgetSpent, match=week):
        await release(house, week)
    assert await house.services.figures.latest() == []
    async with house.kept.transaction() as records:
        assert sum(each.epsilon for each in await records.figures.spent()) <= WEEKLY_CAP


# How it is broken --------------------------------------------------------------------------------------------------


def buffer_kept(patch: pytest.MonkeyPatch) -> None:
    async def reading(self, week):
        return contributions._by_account(
            await self._tx.keys.of_week(week),
            await self._tx.all(select(CONTRIBUTIONS).where(CONTRIBUTIONS.c.week == week)),
        )

    patch.setattr(SqlContributions, "take", reading)
    patch.setattr(SqlContributions, "destroy", nothing)


def key_of_the_week_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Keys, "destroy_weeks", nothing)


def contributor_kept_in_clear(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(contributions, "_member", lambda _, group, account: account.encode())


def late_weeks_kept(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SqlContributions, "destroy", nothing)


def withdrawal_forgets_the_buffer(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SqlContributions, "forget", nothing)


def drawn_anew_for_each_reader(patch: pytest.MonkeyPatch) -> None:
    honest = codec.PUBLISHED.validate_json

    class Redrawn:
        dump_json = codec.PUBLISHED.dump_json

        def validate_json(self, said):
            week = honest(said)
            return replace(week, pages=tuple(replace(each, noisy=each.noisy + 1) for each in week.pages))

    patch.setattr(codec, "PUBLISHED", Redrawn())


def ledger_without_a_cap(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("core.ledger.WEEKLY_CAP", 9.0)


async def nothing(*_: object) -> None:
    return None


Claim = Callable[[SmallHouse], Awaitable[None]]
Mutate = Callable[[pytest.MonkeyPatch], None]
BROKEN: list[tuple[Claim, Mutate]] = [
    (after_its_release_nothing_of_a_week_leads_to_anybody, buffer_kept),
    (after_its_release_nothing_of_a_week_leads_to_anybody, key_of_the_week_kept),
    (what_waits_does_not_stand_in_clear, contributor_kept_in_clear),
    (nothing_waits_for_more_than_eight_days, late_weeks_kept),
    (whoever_takes_the_yes_back_is_not_counted, withdrawal_forgets_the_buffer),
    (figures_never_change_once_published, drawn_anew_for_each_reader),
    (no_week_costs_more_than_its_cap, ledger_without_a_cap),
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
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            await claim(house)


# What is published: the audit of a whole week ----------------------------------------------------------------------

LISTED = Sitemap("news.example", ("l0", "l1"))
PAGES = ("l0", "l1", *(f"u{number}" for number in range(8)))
SITES = tuple(f"s{number}" for number in range(8))
"""What the account shared, in the order of its keyed hashes: the first three pages and the first two sites count."""


class InBulk(Reservoir):
    """Thresholds compared here, on noise that OpenDP drew in bulk: one call of OpenDP a run would take minutes."""

    def over_threshold(self, counts, threshold: Threshold) -> dict[str, int]:
        noisy = dict(zip(counts, self.laplace(list(counts.values()), threshold.scale), strict=True))
        return {key: figure for key, figure in noisy.items() if figure >= threshold.smallest}


@pytest.fixture(scope="module")
def reservoir() -> InBulk:
    scales = [PAGE_SCALE, UNKNOWN_SITES.scale]
    return InBulk(OpenDpNoise(scales=[*scales, *(scale / 2 for scale in scales)]))


@pytest.fixture
def noise(reservoir: InBulk) -> Noise:
    return reservoir.rewind()


def short_of_one(pages: Iterable[str] = PAGES[:3], sites: Iterable[str] = SITES[:2]) -> Counts:
    """Others: one account more brings each of these over its threshold, but for the noise."""
    listed, unlisted = across.shown_threshold(2) - 1, UNKNOWN_PAGES.smallest - 1
    return Counts(
        {page: listed if page in LISTED.pages else unlisted for page in pages},
        dict.fromkeys(sites, UNKNOWN_SITES.smallest - 1),
    )


def with_account(person: int, others: Counts) -> Counts:
    """The others and, if it is there, the account, bounded as `count` bounds it."""
    hashes = {key: bytes([rank]) for keys in (PAGES, SITES) for rank, key in enumerate(keys)}
    account = AccountWeek({page: hashes[page] for page in PAGES}, {site: hashes[site] for site in SITES})
    mine = count([account] * person)
    return Counts(Counter(others.pages) + Counter(mine.pages), Counter(others.sites) + Counter(mine.sites))


def published(noise: Noise, others: Counts) -> Callable[[int, int], list[Hashable]]:
    """How many figures of each kind a reader sees."""
    inputs = [with_account(person, others) for person in (0, 1)]

    def runs(person: int, times: int) -> list[Hashable]:
        drawn = (draw(inputs[person], [LISTED], noise) for _ in range(times))
        return [len(each.domains[0].pages) + len(each.pages) + len(each.sites) for each in drawn]

    return runs


def test_an_accounts_week_changes_the_chance_of_any_edition_by_no_more_than_was_paid_for(noise: Noise) -> None:
    proved = certified_epsilon(published(noise, short_of_one()), 2 * RUNS, DELTA)
    assert 0.6 < proved <= WEEKLY_CAP


def test_an_account_that_alone_shared_its_pages_is_not_seen(noise: Noise) -> None:
    assert certified_epsilon(published(noise, Counts({}, {})), RUNS, DELTA) == 0


@pytest.mark.parametrize(
    ("mutant", "others"),
    [
        (HalfScale, short_of_one()),
        (NoThreshold, Counts({}, {})),
        (ThresholdOnTheTrueCount, short_of_one()),
    ],
    ids=["half scale", "no threshold", "threshold on the true count"],
)
def test_the_audit_catches_an_edition_that_tells_more(
    mutant: Callable[[Noise], Noise], others: Counts, noise: Noise
) -> None:
    assert certified_epsilon(published(mutant(noise), others), RUNS, DELTA) > WEEKLY_CAP


def test_the_audit_catches_an_edition_to_which_one_account_adds_all_it_shared(
    noise: Noise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(across, "contribution", lambda keys, *_: tuple(keys))
    assert certified_epsilon(published(noise, short_of_one(PAGES, SITES)), 2 * RUNS, DELTA) > WEEKLY_CAP
