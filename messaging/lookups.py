"""Lookups that Django has none for."""

import json
from collections.abc import Collection
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, IntegerField


class OneOf(Func):
    """Whether a column is one of any number of values, given as one parameter: SQLite takes 250,000 at most.

    PostgreSQL gets no subquery to plan: with statistics of yesterday it would go through the list for every row.
    """

    output_field = BooleanField()

    def __init__(self, column: str, values: Collection[Any]) -> None:
        super().__init__(F(column))
        self._values = list(values)

    def as_sqlite(self, compiler: Any, connection: Any, **options: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """A JSON array, unpacked by SQLite, once."""
        column, parameters = compiler.compile(self.source_expressions[0])
        return f"{column} IN (SELECT value FROM json_each(%s))", [*parameters, json.dumps(self._values)]  # noqa: S608

    def as_postgresql(self, compiler: Any, connection: Any, **options: Any) -> tuple[str, list[Any]]:
        """An array, which PostgreSQL looks up by index or hash."""
        column, parameters = compiler.compile(self.source_expressions[0])
        kind = "bigint" if isinstance(self.source_expressions[0].output_field, IntegerField) else "text"
        return f"{column} = ANY(%s::{kind}[])", [*parameters, _array(self._values)]


def adapted_list(values: Collection[Any]) -> Any:
    """Values as OneOf has them among the parameters of a query."""
    return _array(list(values)) if connection.vendor == "postgresql" else json.dumps(list(values))


def _array(values: list[Any]) -> Any:
    """An array as PostgreSQL writes one, in one piece: its driver looks at each value for what needs quotes.

    Only where nothing does: the rest is left to the driver.
    """
    if not values or not all(isinstance(value, str) for value in values):
        return values
    written = '","'.join(values)
    simple = "\\" not in written and written.count('"') == 2 * (len(values) - 1)
    return f'{{"{written}"}}' if simple else values


def unpacked(name: str) -> str:
    """SQL of a table with one column: the texts of a list that is given as one parameter, made by adapted_list."""
    if connection.vendor == "postgresql":
        return f"unnest(%s::text[]) AS given({name})"
    return f"(SELECT value AS {name} FROM json_each(%s)) AS given"  # noqa: S608
