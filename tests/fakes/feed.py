"""A feed that is what a test says it is."""


class FakeFeed:
    """`Feed` on paper: an answer, or the error it raises."""

    def __init__(self, answer: frozenset[str] | Exception = frozenset()) -> None:
        self.answer = answer
        self.asked = 0

    async def entries(self) -> frozenset[str]:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer
