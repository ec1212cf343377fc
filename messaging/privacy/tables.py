"""What an app holds of people, table by table: how it is found, what is left of it, and how old it may get."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import JSONField, Model, Q, QuerySet

from messaging.privacy.names import Person

AT_ONCE = 200
"""Rows of one transaction: SQLite has one writer, and everybody else waits for it."""
# An export is read by a person, and made in memory a few rows at a time.
_EXPORTED_AT_ONCE = 500

Change = Callable[[Any, Person], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Age:
    """How old rows may get.

    Attributes:
        setting: key of settings.MESSAGING with a number of days; 0 keeps them for ever.
        at: field from which on days are counted.
        number: of a row, for its stand-in; None where a row has none.
        done: rows in which nothing is left.
        open: rows that are still needed, however old they are.
        change: what becomes of a row: as for an erasure, but AWS's ids stay. They name nobody, and tell copies apart.
        in_order: keys grow with ``at``, nearly, so that nothing old stands behind what is new. Not where rows of years
            ago are imported: such a table is walked to its end.
    """

    setting: str
    at: str
    number: Callable[[Any], str]
    done: Q
    open: Callable[[datetime], Q]
    change: Change
    in_order: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one model that tell something of a person.

    Attributes:
        model: whose rows.
        mine: which are a person's.
        change: what becomes of a row: field → value. None: the row is deleted.
        left: which of them are still to be done; needed where a row that is done is still theirs.
        open: which are not touched while they are needed.
        sure: whether a row that ``mine`` finds is one to do: a database finds "Ann" in "planning" as well.
        free: fields in which somebody's number may stand anywhere, in rows that are not theirs as well.
        covers: fields that ``change`` empties; together with ``free`` what this table answers for.
        age: how old rows may get, where that is limited.
        mention: what becomes of a row with the number in a free field; None: it is replaced where it stands.
        early: looked through before anything else is done as well, while it is known what they are called.
        by_name: then rows are looked at that have one of their names as well, and ``mention`` says who is meant.
        told: called with rows that were changed, as they were before, in the same transaction.
    """

    model: type[Model]
    mine: Callable[[Person], Q] | None = None
    change: Change | None = None
    left: Q = field(default_factory=Q)
    open: Callable[[datetime], Q] | None = None
    sure: Callable[[Any, Person], bool] | None = None
    free: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    age: Age | None = None
    mention: Change | None = None
    early: bool = False
    by_name: bool = False
    told: Callable[[Sequence[Any]], None] | None = None

    @property
    def label(self) -> str:
        """``messaging.Contact``."""
        return self.model._meta.label

    def rows(self, person: Person) -> QuerySet[Any]:
        """The rows of somebody."""
        rows = self.model._base_manager.all()
        return rows.filter(self.mine(person)) if self.mine else rows.none()

    def count(self, person: Person) -> int:
        """How many rows an erasure has to do."""
        rows = self.rows(person).filter(self.left)
        return sum(1 for _ in self._sure(rows, person)) if self.sure else rows.count()

    def export(self, person: Person) -> Iterator[dict[str, Any]]:
        """Each row as JSON has it, with names of fields."""
        for row in self.rows(person).order_by("pk").iterator(chunk_size=_EXPORTED_AT_ONCE):
            yield as_json(row)

    def anonymise(self, person: Person, now: datetime) -> int:
        """Do some rows, in the caller's transaction. Returns how many; 0 when none is left that may be done now."""
        rows = self.rows(person).filter(self.left)
        if self.open:
            rows = rows.exclude(self.open(now))
        # Whatever somebody else is just changing is left for later.
        rows = rows.order_by("pk").select_for_update(of=("self",), skip_locked=True)
        keys = [row.pk for row in islice(self._sure(rows, person) if self.sure else rows[:AT_ONCE], AT_ONCE)]
        if not keys:
            return 0
        of_keys = self.model._base_manager.filter(pk__in=keys)
        if self.change is None:
            of_keys.delete()
        else:
            write(self, of_keys, self.change, lambda row: person)
        return len(keys)

    def _sure(self, rows: QuerySet[Any], person: Person) -> Iterator[Any]:
        return (row for row in rows if self.sure is None or self.sure(row, person))


def write(table: Table, rows: QuerySet[Any], change: Change, person_of: Callable[[Any], Person]) -> None:
    """Change rows by their keys, one statement each: nobody waits for a lock of many rows."""
    changed = list(rows)
    for row in changed:
        QuerySet(model=table.model).filter(pk=row.pk).update(**change(row, person_of(row)))
    if table.told:
        table.told(changed)


def as_json(row: Model) -> dict[str, Any]:
    """A row, with names of fields; what JSON cannot hold is written out."""
    found = {one.attname: one.value_from_object(row) for one in row._meta.concrete_fields}
    return {name: _plain(value) for name, value in found.items()}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str | dict | list):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return f"{len(value)} bytes"
    return str(value)


def json_fields(table: Table) -> set[str]:
    """Those of the free fields that are JSON."""
    return {name for name in table.free if isinstance(table.model._meta.get_field(name), JSONField)}
