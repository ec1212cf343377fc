"""Rows become objects as a QuerySet makes them, with select_related, only() and annotations; prepared once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.query import get_related_populators

Converters = Sequence[tuple[int, Sequence[Callable[[Any, Any, Any], Any]], Any]]


@dataclass(frozen=True, slots=True)
class Loading:
    """What django.db.models.query.ModelIterable works out anew each time, which costs as much as to load an object."""

    model: type[Model]
    names: Sequence[str]
    columns: slice
    related: Sequence[Any]
    annotations: Mapping[str, int]
    converters: Converters

    @classmethod
    def of(cls, compiler: Any) -> "Loading | None":
        """How the rows of a query are loaded that this compiler has put into SQL; None if they are no objects."""
        info, select = compiler.klass_info, compiler.select
        if info is None:
            return None
        columns = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
        return cls(
            model=info["model"],
            names=[column.target.attname for column, _, _ in select[columns]],
            columns=columns,
            # The stubs are those of Django 6.
            related=get_related_populators(info, select, connection.alias),  # type: ignore[call-arg]
            annotations=compiler.annotation_col_map or {},
            converters=[
                (position, *how) for position, how in compiler.get_converters([one for one, _, _ in select]).items()
            ],
        )

    def objects(self, rows: Sequence[Sequence[Any]]) -> Iterator[Any]:
        """The objects, in order."""
        for row in map(list, rows):
            for position, converters, expression in self.converters:
                for convert in converters:
                    row[position] = convert(row[position], expression, connection)
            loaded = self.model.from_db(connection.alias, self.names, row[self.columns])
            for related in self.related:
                related.populate(row, loaded)
            for name, position in self.annotations.items():
                setattr(loaded, name, row[position])
            yield loaded
