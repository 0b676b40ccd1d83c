"""The titles of pages that nobody shared, for samples of a digest."""

from core.drafts import SITES
from texts.catalogue import Words


def titles(words: Words) -> tuple[str, ...]:
    """A title for each page of `core.drafts.sample`, in a language."""
    return tuple(words.say(f"sample.{number}") for number, _ in enumerate(SITES, start=1))
