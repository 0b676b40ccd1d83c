"""Fact checks that a test knows by heart."""

from core.model import FactCheck


class FakeFactChecks:
    """`FactChecks` over a dictionary; remembers what it was asked, and can be made to fail."""

    def __init__(self, known: dict[str, list[FactCheck]] | None = None) -> None:
        self.known = known or {}
        self.asked: list[str] = []
        self.failure: Exception | None = None

    async def about(self, claim: str) -> list[FactCheck]:
        self.asked.append(claim)
        if self.failure is not None:
            raise self.failure
        return self.known.get(claim, [])
