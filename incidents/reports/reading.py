"""The queries of reports. Each reads the incidents of a span by index incidents_opened, and gives a row for a group."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Avg, Count, DateField, Exists, F, Func, Max, OuterRef, Q, QuerySet, Sum, Value, Window
from django.db.models.functions import Coalesce, RowNumber, TruncDate, TruncWeek
from django.utils import timezone

from incidents.models import Incident, IncidentContact, Kind, State, Status, TimelineEntry
from incidents.reports.figures import Outcome, median
from incidents.reports.outcomes import Seconds, outcome
from incidents.reports.spans import Span

_TOOK = Seconds("opened_at", "acknowledged_at")


@dataclass(frozen=True, slots=True)
class Column:
    """The incidents that were opened on a day, or in a week. Seconds are from the opening to the acknowledgement."""

    counts: dict[Outcome, int]
    median_seconds: float | None
    slowest_seconds: float | None


def columns(span: Span) -> dict[date, Column]:
    """What charts show, by column of the span. Two queries."""
    rows = _by(span, "column", by_week=span.by_week)
    counts: dict[date, dict[Outcome, int]] = defaultdict(dict)
    slowest: dict[date, float] = {}
    for column, which, number, longest in (
        rows.annotate(which=outcome()).values_list("column", "which").annotate(number=Count("pk"), longest=Max(_TOOK))
    ):
        counts[column][Outcome(which)] = number
        if longest is not None:
            slowest[column] = max(longest, slowest.get(column, longest))
    medians = _medians(rows.filter(acknowledged_at__isnull=False), "column", _TOOK)
    return {
        column: Column(counts.get(column, {}), medians.get(column), slowest.get(column)) for column in span.columns()
    }


def days(span: Span) -> tuple[QuerySet[Any], dict[Any, float]]:
    """Rows for each day on which incidents were opened, the newest first; and the median of each, in seconds."""
    rows = _by(span, "day", by_week=False)
    figures = (
        rows.annotate(which=outcome())
        .values("day")
        .annotate(
            opened=Count("pk"),
            still_open=Count("pk", filter=Q(status=Status.NOT_ACKNOWLEDGED)),
            acknowledged=Count("pk", filter=Q(acknowledged_at__isnull=False)),
            late_ones=Count("pk", filter=Q(late=True)),
            unacknowledged=Count("pk", filter=Q(status=Status.UNACKNOWLEDGED)),
            cancelled=Count("pk", filter=Q(status=Status.CANCELLED)),
            resolved=Count("pk", filter=Q(status=Status.RESOLVED)),
            escalations=_ESCALATIONS,
            first_text=Avg(Seconds("opened_at", "first_text_at")),
            acknowledgement=Avg(_TOOK),
            slowest=Max(_TOOK),
            by_first=Count("pk", filter=Q(which=Outcome.FIRST.value)),
            after_escalation=Count("pk", filter=Q(which=Outcome.ESCALATED.value)),
            never=Count("pk", filter=Q(which=Outcome.NEVER.value)),
        )
        .order_by("-day")
    )
    return figures, _medians(rows.filter(acknowledged_at__isnull=False), "day", _TOOK)


def contacts(span: Span) -> QuerySet[Any]:
    """A row for each number that was a contact of an incident. ``asked`` and what follows count incidents.

    Who was passed over, or was the last to be asked in vain, did not answer. Nobody blames those for whom somebody else
    answered in time.
    """
    rows = IncidentContact.objects.filter(**_within(span, "step__incident__opened_at")).order_by()
    incident = "step__incident"
    cancelled = Exists(TimelineEntry.objects.filter(incident=OuterRef(incident), kind=Kind.CANCELLED))
    in_vain = Q(step__position__lt=F(f"{incident}__step")) | Q(**{f"{incident}__late": True})
    in_vain |= Q(**{f"{incident}__status": Status.UNACKNOWLEDGED})
    in_vain |= Q(~cancelled, **{f"{incident}__status": Status.RESOLVED, f"{incident}__acknowledged_at__isnull": True})

    def count(**state: Any) -> Count:
        return Count(incident, distinct=True, filter=Q(**state))

    return rows.values("phone_number").annotate(
        name=Max("name"),
        incidents=Count(incident, distinct=True),
        asked=Count(incident, distinct=True, filter=~Q(state=State.PENDING)),
        acknowledged=count(state=State.ACKNOWLEDGED),
        declined=count(state=State.DECLINED),
        failed=count(state=State.FAILED),
        silent=Count(incident, distinct=True, filter=Q(state__in=[State.TEXTED, State.NOTIFIED]) & in_vain),
    )


def answers(span: Span, phone_numbers: Collection[str] | None = None) -> dict[Any, float]:
    """By number, the median of the seconds from the latest text that asked to the YES. Of all, or of some."""
    rows = IncidentContact.objects.filter(
        **_within(span, "step__incident__opened_at"),
        step__incident__acknowledged_by=F("phone_number"),
        step__incident__acknowledged_at__gte=F("settled_at"),
        state=State.ACKNOWLEDGED,
    ).order_by()
    if phone_numbers is not None:
        rows = rows.filter(phone_number__in=phone_numbers)
    return _medians(rows, "phone_number", Seconds("settled_at", "step__incident__acknowledged_at"))


def policies(span: Span) -> tuple[QuerySet[Any], dict[Any, float]]:
    """Rows for each policy as it was called when incidents were opened with it ("": without one); and the medians."""
    rows = _of(span)
    figures = (
        rows.values("policy")
        .annotate(
            opened=Count("pk"),
            acknowledged=Count("pk", filter=Q(acknowledged_at__isnull=False)),
            late_ones=Count("pk", filter=Q(late=True)),
            escalations=_ESCALATIONS,
        )
        .order_by("-opened", "policy")
    )
    return figures, _medians(rows.filter(acknowledged_at__isnull=False), "policy", _TOOK)


# Each step after the first is an escalation.
_ESCALATIONS = Coalesce(Sum(F("step") - 1, filter=Q(step__gt=1)), 0)


def _within(span: Span, field: str) -> dict[str, Any]:
    begin, end = span.moments(timezone.get_default_timezone())
    return {f"{field}__gte": begin, f"{field}__lt": end}


def _of(span: Span) -> QuerySet[Incident]:
    return Incident.objects.filter(**_within(span, "opened_at")).order_by()


def _by(span: Span, name: str, *, by_week: bool) -> QuerySet[Any]:
    """Incidents with the day, or the Monday of the week, on which they were opened."""
    zone = timezone.get_default_timezone()
    if connection.vendor == "sqlite" and (shift := _shift(span)) is not None:
        # By SQLite itself: Django's own day calls Python for each row, several times.
        back = [Value("-6 days"), Value("weekday 1")] if by_week else []
        day = Func(F("opened_at"), Value(f"{shift:+d} seconds"), *back, function="date", output_field=DateField())
        return _of(span).annotate(**{name: day})
    if by_week:
        return _of(span).annotate(**{name: TruncWeek("opened_at", output_field=DateField(), tzinfo=zone)})
    return _of(span).annotate(**{name: TruncDate("opened_at", tzinfo=zone)})


def _shift(span: Span) -> int | None:
    """The seconds between UTC and the clocks of the settings; None when these are changed in the span."""
    begin, end = span.moments(timezone.get_default_timezone())
    moments = (begin + timedelta(days=number) for number in range(span.days))
    found = {moment.utcoffset() for moment in (*moments, end)}
    offset = found.pop()
    return None if found or offset is None else int(offset.total_seconds())


def _medians(rows: QuerySet[Any], group: str, seconds: Seconds) -> dict[Any, float]:
    """The median of each group: the database ranks, and gives the one or two rows in the middle."""
    ranked = rows.annotate(
        took=seconds,
        rank=Window(RowNumber(), partition_by=[F(group)], order_by=[seconds.copy()]),
        of=Window(Count("pk"), partition_by=[F(group)]),
    )
    middle = ranked.filter(rank__gte=F("of") / 2.0, rank__lte=F("of") / 2.0 + 1.0).values_list(group, "took")
    found: dict[Any, list[float]] = defaultdict(list)
    for key, took in middle:
        found[key].append(took)
    return {key: value for key, values in found.items() if (value := median(values)) is not None}
