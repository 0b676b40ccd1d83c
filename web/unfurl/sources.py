"""Everything that one page says of itself, at one place for those who read a single thing out of it (pure)."""

from collections.abc import Iterator
from typing import Any

from web.unfurl import jsonld, markup, picker
from web.unfurl.markup import Beside


class Sources:
    """One page, picked and read.

    Args:
        body: the page in UTF-8.
        url: where it was found.
    """

    def __init__(self, body: bytes, url: str) -> None:
        self.url = url
        self.picked = picker.pick(body)
        self.markup = markup.read(self.picked)
        self.graph = jsonld.read(self.picked.scripts)
        self.subjects = self.graph.subjects
        self.headline: str | None = None
        """Set as soon as it is known: it tells where on the page its own words begin."""
        self._place: int | None = None
        self._beside: Beside | None = None

    def said(self, *names: str) -> Iterator[Any]:
        """Values of a property of the page's subjects, in JSON-LD."""
        for node in self.subjects:
            for name in names:
                if (value := node.get(name)) is not None:
                    yield value

    @property
    def place(self) -> int:
        """Where the headline stands; looked for once, for on hostile pages each look takes milliseconds."""
        if self._place is None:
            self._place = markup.heading(self.picked, self.headline or "")
        return self._place

    @property
    def is_headed(self) -> bool:
        """Whether that is a headline, and not merely where the page begins: mastheads show today's date."""
        return self.place > 0 and not self.picked.lower.startswith((b"<article", b"<body"), self.place)

    @property
    def beside(self) -> Beside:
        """What stands next to the headline."""
        if self._beside is None:
            self._beside = markup.beside_heading(self.picked, self.place)
        return self._beside
