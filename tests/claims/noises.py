"""Noise for audits: OpenDP's own, drawn in bulk, and mutants of it that must be caught."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.anonymity import Noise, OpenDpNoise, Threshold

BULK = 20_000
"""Draws to ask OpenDP for at once."""


@dataclass
class Reservoir:
    """OpenDP's noise, drawn in bulk beforehand and handed out in order; no draw is used twice within one audit."""

    source: OpenDpNoise
    drawn: dict[float, list[int]] = field(default_factory=dict)
    used: Counter[float] = field(default_factory=Counter)

    def rewind(self) -> "Reservoir":
        self.used.clear()
        return self

    def laplace(self, values: Sequence[int], scale: float) -> list[int]:
        start = self.used[scale]
        self.used[scale] += len(values)
        store = self.drawn.setdefault(scale, [])
        if self.used[scale] > len(store):
            store += self.source.laplace([0] * max(BULK, len(values)), scale)
        return [value + noise for value, noise in zip(values, store[start : self.used[scale]], strict=True)]

    def over_threshold(self, counts: Mapping[str, int], threshold: Threshold) -> dict[str, int]:
        return self.source.over_threshold(counts, threshold)


@dataclass(frozen=True)
class HalfScale:
    """Mutant: half the noise."""

    inner: Noise

    def laplace(self, values: Sequence[int], scale: float) -> list[int]:
        return self.inner.laplace(values, scale / 2)

    def over_threshold(self, counts: Mapping[str, int], threshold: Threshold) -> dict[str, int]:
        noisy = dict(zip(counts, self.laplace(list(counts.values()), threshold.scale), strict=True))
        return {key: figure for key, figure in noisy.items() if figure >= threshold.smallest}


@dataclass(frozen=True)
class NoThreshold:
    """Mutant: every key that exists is published, with the right noise."""

    inner: Noise

    def laplace(self, values: Sequence[int], scale: float) -> list[int]:
        return self.inner.laplace(values, scale)

    def over_threshold(self, counts: Mapping[str, int], threshold: Threshold) -> dict[str, int]:
        return dict(zip(counts, self.laplace(list(counts.values()), threshold.scale), strict=True))


@dataclass(frozen=True)
class ThresholdOnTheTrueCount:
    """Mutant: the right noise, but the exact count decides whether a key is published."""

    inner: Noise

    def laplace(self, values: Sequence[int], scale: float) -> list[int]:
        return self.inner.laplace(values, scale)

    def over_threshold(self, counts: Mapping[str, int], threshold: Threshold) -> dict[str, int]:
        enough = {key: count for key, count in counts.items() if count >= threshold.smallest}
        return dict(zip(enough, self.laplace(list(enough.values()), threshold.scale), strict=True))
