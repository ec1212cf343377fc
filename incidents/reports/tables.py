"""Reports as tables: rows, the header first. They are read while they are written, and never all in memory."""

from collections.abc import Iterator
from typing import Any

from incidents.reports import reading
from incidents.reports.spans import Span


def by_day(span: Span) -> Iterator[tuple[Any, ...]]:
    """One row for each day on which incidents were opened, the newest first, in the time zone of settings."""
    yield (
        *("day", "opened", "open", "acknowledged", "late", "unacknowledged", "cancelled", "resolved"),
        *("escalations", "mean_seconds_to_first_text", "mean_seconds_to_acknowledgement"),
        *("median_seconds_to_acknowledgement", "slowest_seconds_to_acknowledgement"),
        *("by_first_contact", "after_escalation", "never"),
    )
    rows, medians = reading.days(span)
    for day in rows:
        yield (
            *(day["day"].isoformat(), day["opened"], day["still_open"], day["acknowledged"], day["late_ones"]),
            *(day["unacknowledged"], day["cancelled"], day["resolved"], day["escalations"]),
            *(_seconds(day["first_text"]), _seconds(day["acknowledgement"])),
            *(_seconds(medians.get(day["day"])), _seconds(day["slowest"])),
            *(day["by_first"], day["after_escalation"], day["never"]),
        )


def by_contact(span: Span) -> Iterator[tuple[Any, ...]]:
    """One row for each number that was a contact of an incident."""
    yield (
        *("phone_number", "name", "incidents", "asked", "acknowledged", "declined", "not_reached"),
        *("did_not_answer", "median_seconds_to_answer"),
    )
    medians = reading.answers(span)
    for row in reading.contacts(span).order_by("phone_number").iterator():
        yield (
            *(row["phone_number"], row["name"], row["incidents"], row["asked"]),
            *(row["acknowledged"], row["declined"], row["failed"]),
            *(row["silent"], _seconds(medians.get(row["phone_number"]))),
        )


def by_policy(span: Span) -> Iterator[tuple[Any, ...]]:
    """One row for each policy, as it was called; the first column is blank for incidents without one."""
    yield ("policy", "opened", "acknowledged", "late", "escalations", "median_seconds_to_acknowledgement")
    rows, medians = reading.policies(span)
    for row in rows.iterator():
        yield (
            *(row["policy"], row["opened"], row["acknowledged"], row["late_ones"], row["escalations"]),
            _seconds(medians.get(row["policy"])),
        )


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f}"
