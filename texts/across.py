"""The figures across groups of one week, in words: as they were frozen, and nothing more."""

from collections.abc import Iterable, Iterator

from core.anonymity import Figure
from core.model import DomainFigures, PublishedWeek
from core.schedules import last_day_of, monday_of
from texts.catalogue import Words


def lines(week: PublishedWeek, words: Words) -> Iterator[str]:
    """Every figure of a week in a line of its own; pages that have too few people are told as such, together."""
    days = words.span(monday_of(week.week), last_day_of(week.week))
    yield words.say("across.title", days=days)
    for domain in week.domains:
        yield from _domain(domain, words)
    yield from _list("across.pages", week.pages, words)
    yield from _list("across.sites", week.sites, words)
    yield words.say("across.how")
    spent, of_year = (words.number(each) for each in (week.epsilon, week.epsilon_of_year))
    yield words.say("across.price", epsilon=spent, epsilon_of_year=of_year)


def told(figure: Figure | None, words: Words) -> str:
    """One page's figure; None for a page that did not reach its threshold."""
    return words.say("across.too_few") if figure is None else words.count("across.people", max(figure.noisy, 0))


def _domain(domain: DomainFigures, words: Words) -> Iterator[str]:
    yield words.say("across.domain", domain=domain.domain)
    yield from (_line(each, words) for each in domain.pages)
    if others := domain.listed - len(domain.pages):
        yield "  " + words.count("across.others", others)


def _list(title: str, figures: Iterable[Figure], words: Words) -> Iterator[str]:
    yield words.say(title)
    found = [_line(each, words) for each in figures]
    yield from found or ["  " + words.say("across.none")]


def _line(figure: Figure, words: Words) -> str:
    return "  " + words.say("across.line", page=figure.key, figure=told(figure, words))
