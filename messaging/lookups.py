"""Lookups that Django has none for."""

import json
from collections.abc import Callable, Collection
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, QuerySet


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


class Compiled:
    """A query that differs from one time to the next by the values of its OneOf alone, put into SQL once.

    For what is asked many times a second: to put a query into SQL costs Django more than to have it answered. The rows
    are as the database driver gives them, so it is for texts and whole numbers.
    """

    _MARK = "values"

    def __init__(self, query: Callable[[Collection[str]], QuerySet[Any, Any]]) -> None:
        self._query = query
        self._compiled = cache(self._compile)

    def rows(self, values: Collection[str]) -> list[tuple[Any, ...]]:
        """What the database answers for these values."""
        sql, parameters = self._compiled(connection.vendor)
        mark, given = _as_parameter([self._MARK]), _as_parameter(list(values))
        with connection.cursor() as cursor:
            cursor.execute(sql, [given if parameter == mark else parameter for parameter in parameters])
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def _compile(self, vendor: str) -> tuple[str, tuple[Any, ...]]:
        sql, parameters = self._query([self._MARK]).query.sql_with_params()
        return sql, parameters


def _as_parameter(values: list[str]) -> list[str] | str:
    return values if connection.vendor == "postgresql" else json.dumps(values)
