"""The four steps of a first visit, ticked off once they are true; whoever runs the bots says so."""

from collections.abc import Iterable
from typing import Literal, get_args

Step = Literal["enable", "opt_in", "share", "monday"]
STEPS: tuple[Step, ...] = get_args(Step)


class Guide:
    """How far a visitor has come. A step that was done once stays done: an undo is no step back."""

    def __init__(self) -> None:
        self._done: set[str] = set()

    def reach(self, steps: Iterable[str]) -> None:
        """These are true by now: a group is switched on, somebody said yes, a link was counted, a digest is out."""
        self._done |= set(steps)

    def as_json(self) -> list[dict[str, object]]:
        """The steps in order, each done or not."""
        return [{"step": step, "done": step in self._done} for step in STEPS]
