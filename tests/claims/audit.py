"""A black-box audit of privacy: what ε can be proved against a mechanism from its outcomes alone.

Run the mechanism on two neighbouring inputs. On half of the runs choose the event that tells the inputs apart best; on
the other half bound its two chances by Clopper and Pearson (1934). If the mechanism is (ε, δ)-private, then
p ≤ e^ε·q + δ for every event, so ln((p_low − δ)/q_high) is a lower bound of ε; it exceeds the true ε with a chance of
at most `error`. (Jagielski, Ullman, Oprea 2020, "Auditing differentially private machine learning".)
"""

import math
from collections import Counter
from collections.abc import Callable, Hashable, Sequence

Outcomes = Sequence[Hashable]
Mechanism = Callable[[int, int], Outcomes]
"""Given 1 if the person is there and 0 if not, and a number of runs: what a reader saw in each run."""
SEEN_BEFORE = 20
"""How often each outcome is taken to have been seen already, on both inputs: a rare one's odds are mostly chance, and
an event made of such outcomes proves little on the other half of the runs."""


def certified_epsilon(mechanism: Mechanism, runs: int, delta: float = 0.0, error: float = 1e-6) -> float:
    """An ε that the mechanism does not stay below, proved by `runs` runs on each of the two inputs."""
    half = runs // 2
    present, absent = mechanism(1, runs), mechanism(0, runs)
    forth, back = best_event(present[:half], absent[:half]), best_event(absent[:half], present[:half])
    event, more, less = (forth[1], present, absent) if forth[0] >= back[0] else (back[1], absent, present)
    tests = runs - half
    low = lower_bound(sum(each in event for each in more[half:]), tests, error / 2)
    high = upper_bound(sum(each in event for each in less[half:]), tests, error / 2)
    return max(math.log((low - delta) / high), 0.0) if low > delta else 0.0


def best_event(more: Outcomes, less: Outcomes) -> tuple[float, frozenset[Hashable]]:
    """The outcomes of highest odds that tell most, and the log-ratio they show, cautiously taken."""
    likely, unlikely = Counter(more), Counter(less)

    def odds(outcome: Hashable) -> float:
        return (likely[outcome] + SEEN_BEFORE) / (unlikely[outcome] + SEEN_BEFORE)

    by_odds = sorted(likely, key=odds, reverse=True)
    best, cut, seen, missed = -math.inf, 0, 0, 0
    for place, outcome in enumerate(by_odds, 1):
        seen, missed = seen + likely[outcome], missed + unlikely[outcome]
        cautious = math.log(max(seen - 5 * math.sqrt(seen), 1e-9) / (missed + 5 * math.sqrt(missed) + 14))
        if cautious > best:
            best, cut = cautious, place
    return best, frozenset(by_odds[:cut])


def lower_bound(hits: int, tests: int, error: float) -> float:
    """Clopper–Pearson: a chance that the true one is smaller than with probability `error` at most."""
    return _beta_quantile(error, hits, tests - hits + 1) if hits else 0.0


def upper_bound(hits: int, tests: int, error: float) -> float:
    """Clopper–Pearson: a chance that the true one is larger than with probability `error` at most."""
    return 1 - lower_bound(tests - hits, tests, error)


def _beta_quantile(chance: float, a: int, b: int) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _beta_cdf(middle, a, b) < chance else (low, middle)
    return low


def _beta_cdf(x: float, a: int, b: int) -> float:
    """The regularised incomplete beta function, by its continued fraction (DLMF 8.17.22)."""
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_cdf(1 - x, b, a)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(log_front) / a * _continued_fraction(x, a, b)


def _continued_fraction(x: float, a: int, b: int) -> float:
    """1/(1 + d1/(1 + d2/(1 + …))) by the method of Lentz; its denominators stay positive where it is used here."""
    value = ratio = 1 / (1 - (a + b) * x / (a + 1))
    grown = 1.0
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        before = value
        for d in (even, odd):
            ratio, grown = 1 / (1 + d * ratio), 1 + d / grown
            value *= ratio * grown
        if abs(value / before - 1) < 1e-14:
            return value
    raise ArithmeticError("the continued fraction did not settle")
