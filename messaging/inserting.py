"""Rows that are stored once, however often they are brought."""

from collections.abc import Sequence
from functools import cache
from operator import attrgetter
from typing import Any

from django.db import connection
from django.db.models import BooleanField, CharField, Field, Model, TextField

# What these kinds of field give to a database as it is. Asking each field costs more than the statement.
_AS_IT_IS: dict[type, type] = {CharField: str, TextField: str, BooleanField: bool}


def insert_once(row: Model, unique: str) -> bool:
    """Insert a row unless there is one with the same value in a unique column. Returns whether it was inserted.

    As insert_all_once.
    """
    return insert_all_once([row], unique)[0]


def insert_all_once(rows: Sequence[Model], unique: str) -> list[bool]:
    """Insert rows of one model, but those whose value in a unique column there is already. Returns which were inserted.

    One statement, with no transaction of its own around it and no error to undo: for what comes by the thousand. Rows
    are written in the order of that column, so that two who bring the same ones never wait for each other in a circle.
    Signals and the rows' own save() do not run.

    Args:
        rows: new rows, complete; each has its key afterwards, if it was inserted. Of copies one is.
        unique: the name of a field with a unique constraint of its own.
    """
    if not rows:
        return []
    statement, fields = _statement(type(rows[0]), unique, len(rows), connection.vendor)
    in_order = sorted(rows, key=attrgetter(unique)) if len(rows) > 1 else rows
    values = [_value(row, field, kind) for row in in_order for field, kind in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        keys = dict(cursor.fetchall())
    return [_is_in(row, keys.pop(getattr(row, unique), None)) for row in rows]


def _is_in(row: Model, key: Any) -> bool:
    if key is None:
        return False
    row.pk = key
    row._state.adding, row._state.db = False, connection.alias
    return True


def _value(row: Model, field: "Field[Any, Any]", as_it_is: type | None) -> Any:
    value = field.pre_save(row, add=True)
    return value if type(value) is as_it_is else field.get_db_prep_save(value, connection)


@cache
def _statement(
    model: type[Model], unique: str, rows: int, vendor: str
) -> "tuple[str, list[tuple[Field[Any, Any], type | None]]]":
    quote = connection.ops.quote_name
    meta = model._meta
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    columns = {field.name: quote(str(field.column)) for field in meta.concrete_fields}
    named = ", ".join(columns[field.name] for field in fields)
    places = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * rows)
    # Names come from models, values go apart.
    insert = f"INSERT INTO {quote(meta.db_table)} ({named}) VALUES {places}"  # noqa: S608
    statement = (
        f"{insert} ON CONFLICT ({columns[unique]}) DO NOTHING RETURNING {columns[unique]}, {columns[meta.pk.name]}"
    )
    return statement, [(field, _AS_IT_IS.get(type(field))) for field in fields]
