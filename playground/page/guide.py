"""The four steps of a first visit, ticked off as they happen."""

from typing import Literal

from playground.people import OWNER

Step = Literal["enable", "opt_in", "share", "monday"]
STEPS: tuple[Step, ...] = ("enable", "opt_in", "share", "monday")


class Guide:
    """Watches what people do, as far as the first steps go; it knows nothing of what the bot makes of it."""

    def __init__(self) -> None:
        self._done: set[Step] = set()

    def pressed(self, person: str) -> None:
        """Somebody pressed a button of the bot's, or filled a form in: the owner to switch on, others to opt in."""
        self._done.add("enable" if person == OWNER else "opt_in")

    def said(self, text: str) -> None:
        """Somebody posted a message."""
        if "http://" in text or "https://" in text:
            self._done.add("share")

    def jumped(self, where: str) -> None:
        """Somebody moved the clock."""
        if where == "monday":
            self._done.add("monday")

    def as_json(self) -> list[dict[str, object]]:
        """The steps in order, each done or not."""
        return [{"step": step, "done": step in self._done} for step in STEPS]
