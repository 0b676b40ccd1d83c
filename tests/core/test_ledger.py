"""What a week may cost an account, and that nobody gets around it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BudgetSpent
from core.ledger import Ledger, Spending


def test_a_week_affords_pages_and_sites_once_and_not_more() -> None:
    ledger = (
        Ledger().spend(Spending("2026-W07", "pages", 1.0, 7.5e-7)).spend(Spending("2026-W07", "sites", 0.5, 9.35e-7))
    )
    assert ledger.week("2026-W07") == Spending("2026-W07", "week", 1.5, 7.5e-7 + 9.35e-7)
    with pytest.raises(BudgetSpent, match="2026-W07"):
        ledger.spend(Spending("2026-W07", "again", 1e-9))
    assert ledger.spend(Spending("2026-W08", "pages", 1.0)).year(2026).epsilon == 2.5
    assert ledger.year(2025) == Spending("2025", "year", 0.0)


@pytest.mark.parametrize(("epsilon", "delta"), [(-0.1, 0.0), (0.1, -1e-9), (math.nan, 0.0), (math.inf, 0.0)])
def test_nobody_buys_budget_back(epsilon: float, delta: float) -> None:
    with pytest.raises(BudgetSpent):
        Ledger().spend(Spending("2026-W07", "refund", epsilon, delta))


@given(st.lists(st.tuples(st.sampled_from(["2026-W01", "2026-W02", "2025-W52"]), st.floats(0, 2)), max_size=20))
def test_no_week_ever_costs_more_than_its_cap(wishes: list[tuple[str, float]]) -> None:
    ledger = Ledger()
    for week, epsilon in wishes:
        before = ledger
        try:
            ledger = ledger.spend(Spending(week, "wish", epsilon))
        except BudgetSpent:
            continue
        assert ledger.entries[:-1] == before.entries
    weeks = {each.week for each in ledger.entries}
    assert all(ledger.week(week).epsilon <= 1.5 for week in weeks)
    assert ledger.year(2026).epsilon + ledger.year(2025).epsilon == pytest.approx(
        sum(ledger.week(w).epsilon for w in weeks)
    )
