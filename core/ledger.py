"""What figures across groups have cost of each account's privacy, and the cap on it (privacy.md, "Publishing")."""

import math
from dataclasses import dataclass

from core.errors import BudgetSpent

WEEKLY_CAP = 1.5
"""ε per account and week."""


@dataclass(frozen=True, slots=True)
class Spending:
    """One release across groups: the ISO week it is about ("2026-W07"), what was released, and what it cost."""

    week: str
    release: str
    epsilon: float
    delta: float = 0.0


@dataclass(frozen=True, slots=True)
class Ledger:
    """What has been spent of each account's privacy: entries are only ever added.

    It holds for every account at once, since each release promises the same to each; there is no row per account.
    Costs of one week add up (basic composition), and so do the weeks of a year.
    """

    entries: tuple[Spending, ...] = ()

    def spend(self, spending: Spending) -> "Ledger":
        """Return the ledger with one more entry; write it in the transaction that freezes the release.

        Raises:
            BudgetSpent: the week would cost more than ε 1.5, or the entry would give budget back.
        """
        if not (spending.epsilon >= 0 and spending.delta >= 0):
            raise BudgetSpent(f"{spending.release} of {spending.week} can't cost less than nothing")
        after = Ledger((*self.entries, spending))
        if after.week(spending.week).epsilon > WEEKLY_CAP:
            raise BudgetSpent(f"{spending.release} of {spending.week} would cost more than ε {WEEKLY_CAP}")
        return after

    def week(self, week: str) -> Spending:
        """Sum the costs of one ISO week."""
        return self._sum(week, "week")

    def year(self, year: int) -> Spending:
        """Sum the costs of all ISO weeks of a year, to be printed beside the weekly ones."""
        return self._sum(f"{year:04}-", "year")

    def _sum(self, prefix: str, release: str) -> Spending:
        found = [each for each in self.entries if each.week.startswith(prefix)]
        epsilon = math.fsum(each.epsilon for each in found)
        return Spending(prefix.rstrip("-"), release, epsilon, math.fsum(each.delta for each in found))
