"""A row that is stored once, however often it is brought."""

from functools import cache
from typing import Any

from django.db import connection
from django.db.models import BooleanField, CharField, Field, Model, TextField

# What these kinds of field give to a database as it is. Asking each field costs more than the statement.
_AS_IT_IS: dict[type, type] = {CharField: str, TextField: str, BooleanField: bool}


def insert_once(row: Model, unique: str) -> bool:
    """Insert a row unless there is one with the same value in a unique column. Returns whether it was inserted.

    One statement, with no transaction of its own around it and no error to undo: for what comes by the thousand.
    Signals and the row's own save() do not run.

    Args:
        row: a new row, complete; it has its key afterwards, if it was inserted.
        unique: the name of a field with a unique constraint of its own.
    """
    statement, fields = _statement(type(row), unique, connection.vendor)
    values = [_value(row, field, kind) for field, kind in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        key = cursor.fetchone()
    if key is None:
        return False
    row.pk = key[0]
    row._state.adding, row._state.db = False, connection.alias
    return True


def _value(row: Model, field: "Field[Any, Any]", as_it_is: type | None) -> Any:
    value = field.pre_save(row, add=True)
    return value if type(value) is as_it_is else field.get_db_prep_save(value, connection)


@cache
def _statement(model: type[Model], unique: str, vendor: str) -> "tuple[str, list[tuple[Field[Any, Any], type | None]]]":
    quote = connection.ops.quote_name
    meta = model._meta
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    columns = {field.name: quote(str(field.column)) for field in meta.concrete_fields}
    named, places = ", ".join(columns[field.name] for field in fields), ", ".join(["%s"] * len(fields))
    # Names come from models, values go apart.
    insert = f"INSERT INTO {quote(meta.db_table)} ({named}) VALUES ({places})"  # noqa: S608
    statement = f"{insert} ON CONFLICT ({columns[unique]}) DO NOTHING RETURNING {columns[meta.pk.name]}"
    return statement, [(field, _AS_IT_IS.get(type(field))) for field in fields]
