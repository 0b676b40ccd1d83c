"""Noise that tests can foresee."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle

from core.anonymity import Threshold


class ScriptedNoise:
    """`Noise` that adds the given offsets in turn, over and over, and remembers which scales were asked for."""

    def __init__(self, offsets: Iterable[int] = (0,)) -> None:
        self._offsets = cycle(offsets)
        self.scales: list[float] = []

    def laplace(self, values: Sequence[int], scale: float) -> list[int]:
        self.scales.append(scale)
        return [value + next(self._offsets) for value in values]

    def over_threshold(self, counts: Mapping[str, int], threshold: Threshold) -> dict[str, int]:
        noisy = dict(zip(counts, self.laplace(list(counts.values()), threshold.scale), strict=True))
        return {key: count for key, count in noisy.items() if count >= threshold.smallest}


class ForbiddenNoise:
    """`Noise` for those to whom no number may be given at all."""

    def laplace(self, values: Sequence[int], scale: float) -> list[int]:
        raise AssertionError("no number may be drawn here")

    def over_threshold(self, counts: Mapping[str, int], threshold: Threshold) -> dict[str, int]:
        raise AssertionError("no number may be drawn here")
