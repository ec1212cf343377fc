"""Lookups that Django has none for."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, Model, QuerySet


class OneOf(Func):
    """Whether a column is one of any number of values, given as one parameter: SQLite takes 250,000 at most.

    PostgreSQL gets no subquery to plan: with statistics of yesterday it would go through the list for every row.
    """

    output_field = BooleanField()

    def __init__(self, column: str, values: Collection[str]) -> None:
        super().__init__(F(column))
        self._values = list(values)

    def as_sqlite(self, compiler: Any, connection: Any, **options: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """A JSON array, unpacked by SQLite, once."""
        column, parameters = compiler.compile(self.source_expressions[0])
        return f"{column} IN (SELECT value FROM json_each(%s))", [*parameters, json.dumps(self._values)]  # noqa: S608

    def as_postgresql(self, compiler: Any, connection: Any, **options: Any) -> tuple[str, list[Any]]:
        """An array, which PostgreSQL looks up by index or hash."""
        column, parameters = compiler.compile(self.source_expressions[0])
        return f"{column} = ANY(%s::text[])", [*parameters, self._values]


# Stands for a time in a query that is compiled, and for nothing else.
SOME_TIME = datetime(1900, 1, 1, 1, 1, 1, 1, tzinfo=UTC)
# Stands for values likewise.
SOME_VALUES = ["some values"]


class Compiled:
    """A query that is put into SQL once; what differs from one time to the next are values.

    For what is asked many times a second: to put a query into SQL costs Django more than to have it answered.

    Args:
        query: makes the query of its values, given by name.
        marks: for each of these names what stands for it (SOME_TIME, SOME_VALUES) and is found nowhere else in it.
    """

    def __init__(self, query: Callable[..., QuerySet[Any, Any]], **marks: Any) -> None:
        self._query, self._marks = query, marks
        self._compiled = cache(self._compile)

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """What the database answers, as its driver gives it: for texts and whole numbers."""
        sql, parameters, _ = self._compiled(connection.vendor)
        with connection.cursor() as cursor:
            cursor.execute(sql, self._put(values, parameters))
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def objects(self, **values: Any) -> Iterable[Any]:
        """What the database answers, as objects of the query's model."""
        sql, parameters, model = self._compiled(connection.vendor)
        return model._default_manager.raw(sql, self._put(values, parameters))

    def _put(self, values: Mapping[str, Any], parameters: Sequence[Any]) -> list[Any]:
        marks = [(_adapted(mark), _adapted(values[name])) for name, mark in self._marks.items()]
        return [next((value for mark, value in marks if mark == given), given) for given in parameters]

    def _compile(self, vendor: str) -> tuple[str, tuple[Any, ...], type[Model]]:
        query = self._query(**self._marks)
        sql, parameters = query.query.sql_with_params()
        return sql, parameters, query.model


def _adapted(value: Any) -> Any:
    """A value as the query has it among its parameters."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return list(value) if connection.vendor == "postgresql" else json.dumps(list(value))
