"""Queries that are put into SQL once; what differs from one time to the next are values.

For what is asked many times a second: to put a query into SQL costs Django more than to have it answered. A query is
declared once, as a function of its values and what kind each of them has::

    _DUE = Compiled(lambda now: Incident.objects.filter(next_step_at__lte=now), now=datetime)
    for incident in _DUE.objects(now=clock.now()): ...

The function is called once, with marks in the place of the values, so it must use them as they come: ``now - REST``
would hide the mark, and is refused. Where the value is a limit, ``[:most]``, its kind is ``LIMIT``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql import Query, UpdateQuery

from messaging.loading import Loading
from messaging.lookups import adapted_list

LIMIT = slice
_BEGIN = datetime(1900, 1, 1, 1, 1, 1, tzinfo=UTC)
_A_NUMBER = 1_900_000_000


@dataclass(frozen=True, slots=True)
class _Sql:
    """A statement, and which of its parameters are values: position → name and how the driver wants it."""

    text: str
    parameters: tuple[Any, ...]
    places: tuple[tuple[int, str, Callable[[Any], Any]], ...]
    loading: Loading | None

    def with_values(self, values: Mapping[str, Any]) -> list[Any]:
        parameters = list(self.parameters)
        for position, name, adapt in self.places:
            parameters[position] = adapt(values[name])
        return parameters


class _Declared:
    """A statement in the making: its marks, and its SQL for each kind of database."""

    def __init__(self, query: Callable[..., QuerySet[Any, Any]], kinds: Mapping[str, type]) -> None:
        self._query, self._kinds = query, kinds
        self._marks = {name: _mark(kind, name, number) for number, (name, kind) in enumerate(kinds.items())}
        self._sql: dict[str, _Sql] = {}

    def run(self, cursor: Any, values: Mapping[str, Any]) -> None:
        sql = self.sql()
        cursor.execute(sql.text, sql.with_values(values))

    def sql(self) -> _Sql:
        found = self._sql.get(connection.vendor)
        if found is None:
            found = self._sql[connection.vendor] = self._compile()
        return found

    def _compile(self) -> _Sql:
        text, given, loading = self._in_sql(self._query(**self._marks))
        parameters = list(given)
        for name, kind in self._kinds.items():
            if kind is LIMIT:
                limit = f"LIMIT {self._marks[name]}"
                if text.count(limit) != 1:
                    raise ValueError(f"{name} is no limit of this query: {text}")
                before, after = text.split(limit)
                parameters.insert(before.count("%s"), self._marks[name])
                text = f"{before}LIMIT %s{after}"
        marks = {name: _adapt(kind)(self._marks[name]) for name, kind in self._kinds.items()}
        places = tuple(
            (position, name, _adapt(self._kinds[name]))
            for position, given in enumerate(parameters)
            for name, mark in marks.items()
            # psycopg has kinds of its own for numbers of some sizes.
            if isinstance(given, type(mark)) and mark == given
        )
        if missing := marks.keys() - {name for _, name, _ in places}:
            raise ValueError(f"{', '.join(sorted(missing))}: not found as given in this query: {text}")
        return _Sql(text, tuple(parameters), places, loading)

    def _in_sql(self, rows: QuerySet[Any, Any]) -> tuple[str, Sequence[Any], Loading | None]:
        compiler = rows.query.get_compiler(connection.alias)
        text, parameters = compiler.as_sql()
        return text, parameters, Loading.of(compiler)


class Compiled:
    """A query that is put into SQL once.

    Args:
        query: makes the query of its values, given by name.
        kinds: of each value: ``datetime``, ``str``, ``int``, ``list`` (of texts, for OneOf) or ``LIMIT``.

    Raises:
        ValueError: on first use, when a value is not found in the SQL as it was given.
    """

    def __init__(self, query: Callable[..., QuerySet[Any, Any]], **kinds: type) -> None:
        self._declared = _Declared(query, kinds)

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """What the database answers, as its driver gives it: for texts and whole numbers."""
        with connection.cursor() as cursor:
            self._declared.run(cursor, values)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    def objects(self, **values: Any) -> Iterable[Any]:
        """What the database answers, as objects of the query's model."""
        loading = self._declared.sql().loading
        assert loading is not None
        return loading.objects(self.rows(**values))

    def first(self, **values: Any) -> Any:
        """The first object, or None."""
        return next(iter(self.objects(**values)), None)

    def any(self, **values: Any) -> bool:
        """Whether the database answers anything: for queries with a limit of one."""
        return bool(self.rows(**values))


class CompiledUpdate:
    """An update that is put into SQL once.

    Args:
        rows: makes the rows to change, of the values.
        changes: makes the changes, of the values.
        kinds: as for Compiled.
    """

    def __init__(
        self,
        rows: Callable[..., QuerySet[Any, Any]],
        changes: Callable[..., Mapping[str, Any]],
        **kinds: type,
    ) -> None:
        self._declared = _Update(rows, changes, kinds)

    def run(self, **values: Any) -> int:
        """Change them. Returns how many were changed."""
        with connection.cursor() as cursor:
            self._declared.run(cursor, values)
            changed: int = cursor.rowcount
        return changed


class _Update(_Declared):
    def __init__(
        self,
        rows: Callable[..., QuerySet[Any, Any]],
        changes: Callable[..., Mapping[str, Any]],
        kinds: Mapping[str, type],
    ) -> None:
        super().__init__(rows, kinds)
        self._changes = changes

    def _in_sql(self, rows: QuerySet[Any, Any]) -> tuple[str, Sequence[Any], None]:
        query: Query = rows.query.chain(UpdateQuery)
        assert isinstance(query, UpdateQuery)
        query.add_update_values(dict(self._changes(**self._marks)))
        query.annotations = {}
        query.clear_ordering(force=True)
        text, parameters = query.get_compiler(connection.alias).as_sql()
        return text, parameters, None


def _mark(kind: type, name: str, number: int) -> Any:
    """What stands for a value and is found nowhere else."""
    if kind is datetime:
        return _BEGIN + timedelta(microseconds=1 + number)
    if kind is int or kind is LIMIT:
        return _A_NUMBER + number
    if kind is list:
        return [f"the values of {name}"]
    if kind is str:
        return f"the value of {name}"
    raise TypeError(f"{name}: values of the kind {kind} cannot be told from others")


def _adapt(kind: type) -> Callable[[Any], Any]:
    """How the driver wants a value, as Django would have given it."""
    if kind is datetime:
        return _adapted_time
    return adapted_list if kind is list else _as_it_is


def _adapted_time(value: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(value)


def _as_it_is(value: Any) -> Any:
    return value
