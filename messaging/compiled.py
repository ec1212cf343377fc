"""Queries that are put into SQL once; what differs from one time to the next are values.

For what is asked many times a second: to put a query into SQL costs Django more than to have it answered. A query is
declared once, as a function of its values and what kind each of them has::

    _DUE = Compiled(lambda now: Incident.objects.filter(next_step_at__lte=now), now=datetime)
    for incident in _DUE.objects(now=clock.now()): ...

The function is called twice, with other marks in the place of the values each time: what differs then is a value, and
must be one as it came. ``now - REST`` hides its mark, a condition on a value makes another query, and the time of day
is no value at all: each is refused, at the first use. Where the value is a limit, ``[:most]``, its kind is ``LIMIT``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql import Query, UpdateQuery
from django.db.transaction import TransactionManagementError

from messaging.loading import Loading
from messaging.lookups import adapted_list

_BEGIN = datetime(1900, 1, 1, 1, 1, 1, tzinfo=UTC)
_A_NUMBER = 1_900_000_000


class LIMIT:
    """The kind of a value that says how many rows are wanted at most."""


@dataclass(frozen=True, slots=True)
class _Sql:
    """A statement, and which of its parameters are values: position → name and how the driver wants it."""

    text: str
    parameters: tuple[Any, ...]
    places: tuple[tuple[int, str, Callable[[Any], Any]], ...]
    loading: Loading | None
    locks: bool

    def with_values(self, values: Mapping[str, Any]) -> list[Any]:
        parameters = list(self.parameters)
        for position, name, adapt in self.places:
            parameters[position] = adapt(values[name])
        return parameters


class _Declared:
    """A statement in the making: what it is made of, and its SQL for each kind of database."""

    def __init__(self, query: Callable[..., QuerySet[Any, Any]], kinds: Mapping[str, type]) -> None:
        self._query, self._kinds = query, kinds
        for name, kind in kinds.items():
            _mark(kind, name, 0)
        self._sql: dict[str, _Sql] = {}

    def run(self, cursor: Any, values: Mapping[str, Any]) -> None:
        sql = self.sql()
        if sql.locks and connection.get_autocommit():
            # Django sees to this where it writes the SQL, which here is once.
            raise TransactionManagementError("Rows can be locked in a transaction only.")
        cursor.execute(sql.text, sql.with_values(values))

    def sql(self) -> _Sql:
        found = self._sql.get(connection.vendor)
        if found is None:
            found = self._sql[connection.vendor] = self._compile()
        return found

    def _compile(self) -> _Sql:
        marks = [
            {name: _mark(kind, name, 2 * number + which) for number, (name, kind) in enumerate(self._kinds.items())}
            for which in (0, 1)
        ]
        (text, given, loading, locks), (other_text, other_given, _, _) = (self._written(each) for each in marks)
        if text != other_text:
            raise ValueError(f"Its values decide what this query is: {text}")
        adapted = [{name: _adapt(self._kinds[name])(mark) for name, mark in each.items()} for each in marks]
        places = []
        for position, pair in enumerate(zip(given, other_given, strict=True)):
            if pair[0] == pair[1]:
                continue
            name = next((name for name in self._kinds if pair == (adapted[0][name], adapted[1][name])), None)
            if name is None:
                raise ValueError(f"This query changes a value, or has one that it was not given ({pair[0]!r}): {text}")
            places.append((position, name, _adapt(self._kinds[name])))
        if missing := self._kinds.keys() - {name for _, name, _ in places}:
            raise ValueError(f"{', '.join(sorted(missing))}: not found as given in this query: {text}")
        return _Sql(text, tuple(given), tuple(places), loading, locks)

    def _written(self, marks: Mapping[str, Any]) -> tuple[str, list[Any], Loading | None, bool]:
        rows = self._query(**marks)
        text, given, loading = self._in_sql(rows, marks)
        parameters = list(given)
        for name, kind in self._kinds.items():
            if kind is LIMIT:
                before, found, after = text.partition(f"LIMIT {marks[name]}")
                if not found:
                    raise ValueError(f"{name} is no limit of this query: {text}")
                parameters.insert(before.count("%s"), marks[name])
                text = f"{before}LIMIT %s{after}"
        locks = rows.query.select_for_update and connection.features.has_select_for_update
        return text, parameters, loading, locks

    def _in_sql(self, rows: QuerySet[Any, Any], marks: Mapping[str, Any]) -> tuple[str, Sequence[Any], Loading | None]:
        compiler = rows.query.get_compiler(connection.alias)
        text, parameters = compiler.as_sql()
        return text, parameters, Loading.of(compiler)


class Compiled:
    """A query that is put into SQL once.

    Args:
        query: makes the query of its values, given by name.
        kinds: of each value: ``datetime``, ``str``, ``int``, ``list`` (of texts, for OneOf) or ``LIMIT``.

    Raises:
        ValueError: on first use, when a value is not found in the SQL as it was given, or decides what the SQL is.
        django.db.transaction.TransactionManagementError: it locks rows, and no transaction is open.
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

    def _in_sql(self, rows: QuerySet[Any, Any], marks: Mapping[str, Any]) -> tuple[str, Sequence[Any], None]:
        query: Query = rows.query.chain(UpdateQuery)
        assert isinstance(query, UpdateQuery)
        query.add_update_values(dict(self._changes(**marks)))
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
        return [f"the values of {name}, {number}"]
    if kind is str:
        return f"the value of {name}, {number}"
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
