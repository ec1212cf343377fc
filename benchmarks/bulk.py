"""Many rows in one statement: what a benchmark needs before its clock starts."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, models


def insert(pattern: models.Model, count: int, **varying: str) -> None:
    """Insert so many copies of a row that was never saved.

    Args:
        pattern: what all of them have in common.
        count: how many.
        varying: SQL for the columns that differ, by attribute name; ``s.n`` counts from 1.
    """
    series = "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < %s) "
    _insert(pattern, series, [count], "s", varying)


def insert_from(pattern: models.Model, source: str, parameters: Sequence[Any] = (), **varying: str) -> None:
    """Insert a copy of a row for each row of another table.

    Args:
        pattern: what all of them have in common.
        source: what stands behind FROM.
        parameters: of the source.
        varying: SQL for the columns that differ, by attribute name.
    """
    _insert(pattern, "", [], source, varying, parameters)


def _insert(
    pattern: models.Model,
    before: str,
    first: Sequence[Any],
    source: str,
    varying: dict[str, str],
    last: Sequence[Any] = (),
) -> None:
    # Keys, and what the database works out, are its own.
    fields = [field for field in pattern._meta.concrete_fields if not field.primary_key and not field.generated]
    if unknown := set(varying) - {field.attname for field in fields}:
        raise ValueError(f"{type(pattern).__name__} has no {', '.join(sorted(unknown))}")
    values = [
        field.get_db_prep_save(field.pre_save(pattern, add=True), connection)
        for field in fields
        if field.attname not in varying
    ]
    columns = ", ".join(str(field.column) for field in fields)
    selected = ", ".join(varying.get(field.attname, "%s") for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{before}INSERT INTO {pattern._meta.db_table} ({columns}) SELECT {selected} FROM {source}",
            [*first, *values, *last],
        )


def digits(expression: str, places: int) -> str:
    """SQL for a number written with so many digits, zeros in front."""
    return f"substr(CAST({10**places} + ({expression}) AS text), 2)"


def moment(start: str, seconds: str) -> str:
    """SQL for a time so many seconds after another.

    Args:
        start: SQL of a time, or a literal in quotes such as ``'2026-01-21 08:00:00'`` (UTC).
        seconds: SQL of a number.
    """
    if connection.vendor == "postgresql":
        return f"CAST({start} AS timestamptz) + ({seconds}) * interval '1 second'"
    return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', {start}, (({seconds})) || ' seconds')"


def analyze() -> None:
    """Let the database look at what was inserted: it plans by what it knows."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
