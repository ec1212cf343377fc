"""What the database works out of an incident: its outcome, and how many seconds something took."""

from typing import Any

from django.db.models import Case, CharField, Exists, F, FloatField, Func, OuterRef, Q, Value, When

from incidents.models import Kind, Status, TimelineEntry
from incidents.reports.figures import Outcome

_CANCELLED = Exists(TimelineEntry.objects.filter(incident=OuterRef("pk"), kind=Kind.CANCELLED))


def outcome() -> Case:
    """A figures.Outcome, of rows of Incident. An incident that is resolved has the outcome that it had before."""
    taken = Q(acknowledged_at__isnull=False)
    return Case(
        When(late=True, then=Value(Outcome.LATE.value)),
        When(taken & Q(step__lte=1), then=Value(Outcome.FIRST.value)),
        When(taken, then=Value(Outcome.ESCALATED.value)),
        When(status=Status.NOT_ACKNOWLEDGED, then=Value(Outcome.OPEN.value)),
        When(status=Status.UNACKNOWLEDGED, then=Value(Outcome.NEVER.value)),
        When(status=Status.CANCELLED, then=Value(Outcome.CANCELLED.value)),
        # Resolved, and nobody had it: the timeline knows whether it was cancelled.
        When(_CANCELLED, then=Value(Outcome.CANCELLED.value)),
        default=Value(Outcome.NEVER.value),
        output_field=CharField(),
    )


class Seconds(Func):
    """Seconds from one moment to another. NULL where either is missing."""

    output_field = FloatField()

    def __init__(self, begin: str, end: str, **options: Any) -> None:
        super().__init__(F(end), F(begin), **options)

    def as_sqlite(self, compiler: Any, connection: Any, **options: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """By SQLite itself: Django's own difference of times calls Python for each row."""
        (end, ends), (begin, begins) = (compiler.compile(one) for one in self.source_expressions)
        return f"((julianday({end}) - julianday({begin})) * 86400.0)", [*ends, *begins]

    def as_postgresql(self, compiler: Any, connection: Any, **options: Any) -> tuple[str, list[Any]]:
        """As a number with a fraction."""
        (end, ends), (begin, begins) = (compiler.compile(one) for one in self.source_expressions)
        return f"EXTRACT(EPOCH FROM ({end} - {begin}))::double precision", [*ends, *begins]
