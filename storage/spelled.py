"""Queries asked all day, spelled once: for a row or two, SQLAlchemy's way to a query costs ten times the query."""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from sqlalchemy.engine import Connection, Dialect

Lists = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class _Place:
    """Stands for a value while a query is spelled, to see where the value goes."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class _Text:
    """A query for lists of certain lengths, as SQLite's driver takes it."""

    sql: str
    values: Sequence[object]
    """In their order; a `_Place` where the asker's go."""


class Spelled:
    """A query about lists of values: SQLite's driver is asked without a way round, PostgreSQL as always.

    Args:
        query: its parameters are `expanding`, for values that drivers take as they are (text, bytes, numbers); its
            columns have names of their own.
    """

    def __init__(self, query: Select[Any]) -> None:
        self._query = query
        self._columns = query.selected_columns
        self._row = namedtuple("_Row", self._columns.keys())  # type: ignore[misc] # noqa: PYI024 - told by the query
        self._texts: dict[tuple[int, ...], _Text] = {}
        self._readings: Sequence[tuple[int, Callable[[Any], Any]]] | None = None

    def rows(self, connection: Connection, lists: Lists) -> Sequence[Any]:
        """Every row, with its columns by their names.

        Args:
            connection: in a transaction.
            lists: values by the names of the parameters, none of them empty.
        """
        if connection.dialect.name != "sqlite":
            return connection.execute(self._query, {name: list(each) for name, each in lists.items()}).all()
        even = {name: _evened(each) for name, each in lists.items()}
        text = self._text(connection.dialect, even)
        values = [even[each.name][each.number] if isinstance(each, _Place) else each for each in text.values]
        driver = connection.connection.driver_connection
        assert driver is not None, "a connection in a transaction has one"  # noqa: S101 - SQLAlchemy's promise
        return [self._read(row, connection.dialect) for row in driver.execute(text.sql, values)]

    def _text(self, dialect: Dialect, lists: Lists) -> _Text:
        lengths = tuple(map(len, lists.values()))
        text = self._texts.get(lengths)
        if text is None:
            places = {name: [_Place(name, number) for number in range(len(each))] for name, each in lists.items()}
            state = self._query.compile(dialect=dialect).construct_expanded_state(places)
            text = self._texts[lengths] = _Text(state.statement, tuple(state.positional_parameters))
        return text

    def _read(self, row: Sequence[Any], dialect: Dialect) -> Any:  # noqa: ANN401 - a row has what the query asks for
        if self._readings is None:
            found = [each.type.dialect_impl(dialect).result_processor(dialect, None) for each in self._columns]
            self._readings = [(number, reading) for number, reading in enumerate(found) if reading]
        values = list(row)
        for number, reading in self._readings:
            values[number] = reading(values[number])
        return self._row(*values)


def _evened(values: Sequence[Any]) -> Sequence[Any]:
    """As many as the next power of two, the last one again and again: so a query has few texts, and all stay known."""
    missing = (1 << (len(values) - 1).bit_length()) - len(values)
    return [*values, *[values[-1]] * missing]
