"""How long a shift is, for the database to tell. An index is made of it: what it says may never change."""

from typing import Any

from django.db.models import BooleanField, F, Func


class LastsLong(Func):
    """Whether a shift is longer than 46 hours; not true of one without an end.

    Those are few, and have an index: a shift that may be under way either began within the last two days or is one.
    """

    output_field = BooleanField()

    def __init__(self, **options: Any) -> None:
        super().__init__(F("starts_at"), F("ends_at"), **options)

    def as_sqlite(self, compiler: Any, connection: Any, **options: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """By SQLite itself: a function of Django's could be in no index."""
        begin, end = (compiler.compile(one)[0] for one in self.source_expressions)
        return f"(julianday({end}) - julianday({begin}) > 46.0 / 24)", []

    def as_postgresql(self, compiler: Any, connection: Any, **options: Any) -> tuple[str, list[Any]]:
        """The difference of two moments is the same in every time zone, as an index needs it."""
        begin, end = (compiler.compile(one)[0] for one in self.source_expressions)
        return f"(({end} - {begin}) > interval '46 hours')", []
