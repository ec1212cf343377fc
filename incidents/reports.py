"""How incidents went, by day and by contact: rows for a table, the header first."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import TruncDate

from incidents.models import Incident, IncidentContact, Kind, State, Status

_TO_ACKNOWLEDGEMENT = ExpressionWrapper(F("acknowledged_at") - F("opened_at"), output_field=DurationField())
_TO_FIRST_TEXT = ExpressionWrapper(F("first_text_at") - F("opened_at"), output_field=DurationField())


def by_day() -> Iterator[tuple[Any, ...]]:
    """One row for each day on which incidents were opened, the newest first, in the time zone of settings."""
    yield (
        *("day", "opened", "open", "acknowledged", "late", "unacknowledged", "cancelled", "resolved"),
        *("escalations", "mean_seconds_to_first_text", "mean_seconds_to_acknowledgement"),
    )
    days = Incident.objects.annotate(day=TruncDate("opened_at")).values("day").order_by("-day")
    escalations = dict(
        days.filter(timeline__kind=Kind.ESCALATED).annotate(times=Count("timeline")).values_list("day", "times")
    )
    figures = days.annotate(
        opened=Count("id"),
        still_open=Count("id", filter=Q(status=Status.NOT_ACKNOWLEDGED)),
        acknowledged=Count("id", filter=Q(acknowledged_at__isnull=False)),
        late_ones=Count("id", filter=Q(late=True)),
        unacknowledged=Count("id", filter=Q(status=Status.UNACKNOWLEDGED)),
        cancelled=Count("id", filter=Q(status=Status.CANCELLED)),
        resolved=Count("id", filter=Q(status=Status.RESOLVED)),
        first_text=Avg(_TO_FIRST_TEXT),
        acknowledgement=Avg(_TO_ACKNOWLEDGEMENT),
    )
    for day in figures:
        yield (
            *(day["day"].isoformat(), day["opened"], day["still_open"], day["acknowledged"], day["late_ones"]),
            *(day["unacknowledged"], day["cancelled"], day["resolved"], escalations.get(day["day"], 0)),
            *(_seconds(day["first_text"]), _seconds(day["acknowledgement"])),
        )


def by_contact() -> Iterator[tuple[Any, ...]]:
    """One row for each number that was a contact of an incident."""
    yield ("phone_number", "name", "incidents", "asked", "acknowledged", "declined", "not_reached")
    rows = IncidentContact.objects.values("phone_number").order_by("phone_number")
    names = dict(IncidentContact.objects.exclude(name="").order_by("id").values_list("phone_number", "name"))
    incident = "step__incident"
    figures = rows.annotate(
        incidents=Count(incident, distinct=True),
        asked=Count(incident, distinct=True, filter=~Q(state=State.PENDING)),
        acknowledged=Count(incident, distinct=True, filter=Q(state=State.ACKNOWLEDGED)),
        declined=Count(incident, distinct=True, filter=Q(state=State.DECLINED)),
        failed=Count(incident, distinct=True, filter=Q(state=State.FAILED)),
    )
    for row in figures:
        number = row["phone_number"]
        yield (
            *(number, names.get(number, ""), row["incidents"], row["asked"]),
            *(row["acknowledged"], row["declined"], row["failed"]),
        )


def _seconds(duration: timedelta | None) -> str:
    return "" if duration is None else f"{duration.total_seconds():.1f}"
