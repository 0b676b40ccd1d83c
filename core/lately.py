"""What was asked for lately, bounded in number and cheap to ask for."""

from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Lately(Generic[K, V]):
    """Keeps the values asked for last: at least `capacity` of them, at most twice as many.

    There are two generations: whatever is put or asked for belongs to the younger one. When that has reached its
    capacity it becomes the older one, and who was not asked for since the last such turn goes. That is nearly the order
    of an LRU, without a list to keep in order: being asked for costs one look into a dictionary.

    Args:
        capacity: values of a generation.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, key: K) -> V | None:
        """A value, which thereby was asked for; None for one that is not kept."""
        found = self._young.get(key)
        if found is None and (found := self._old.get(key)) is not None:
            self.put(key, found)
        return found

    def put(self, key: K, value: V) -> None:
        """Keep a value, in the place of the one before."""
        self._old.pop(key, None)
        self._young[key] = value
        if len(self._young) >= self._capacity:
            self._old, self._young = self._young, {}

    def keys(self) -> list[K]:
        """The keys of all that is kept now, without asking for it."""
        return [*self._young, *self._old]

    def change(self, key: K, changed: Callable[[V], V]) -> None:
        """Change a value where it is kept, without asking for it; nothing, where it is not."""
        for generation in (self._young, self._old):
            if key in generation:
                generation[key] = changed(generation[key])
