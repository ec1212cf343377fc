"""Reports as tables: rows, the header first."""

from collections.abc import Iterator
from typing import Any

from incidents.models import Status
from incidents.reports import days, kept
from incidents.reports.figures import Outcome, mean, median
from incidents.reports.spans import Span


def by_day(span: Span) -> Iterator[tuple[Any, ...]]:
    """One row for each day on which incidents were opened, the newest first, in the time zone of settings."""
    yield (
        *("day", "opened", "open", "acknowledged", "late", "unacknowledged", "cancelled", "resolved"),
        *("escalations", "mean_seconds_to_first_text", "mean_seconds_to_acknowledgement"),
        *("median_seconds_to_acknowledgement", "slowest_seconds_to_acknowledgement"),
        *("by_first_contact", "after_escalation", "never"),
    )
    for day, one in sorted(kept.read(span).items(), reverse=True):
        whole, statuses, outcomes = one.whole, one.statuses, one.whole.outcomes
        if not whole.opened:
            continue
        added_up, texted = one.first_text
        yield (
            *(day.isoformat(), whole.opened, statuses[Status.NOT_ACKNOWLEDGED.value], whole.acknowledged, whole.late),
            *(statuses[status.value] for status in (Status.UNACKNOWLEDGED, Status.CANCELLED, Status.RESOLVED)),
            *(whole.escalations, _seconds(added_up / texted if texted else None), _seconds(mean(whole.took))),
            *(_seconds(whole.median), _seconds(max(whole.took, default=None))),
            *(outcomes[outcome.value] for outcome in (Outcome.FIRST, Outcome.ESCALATED, Outcome.NEVER)),
        )


def by_contact(span: Span) -> Iterator[tuple[Any, ...]]:
    """One row for each number that was a contact of an incident."""
    yield (
        *("phone_number", "name", "incidents", "asked", "acknowledged", "declined", "not_reached"),
        *("did_not_answer", "median_seconds_to_answer"),
    )
    for number, one in days.people(kept.read(span)).items():
        yield (
            *(number, one.name, one.incidents, one.asked, one.acknowledged, one.declined, one.failed, one.silent),
            _seconds(median(one.answers)),
        )


def by_policy(span: Span) -> Iterator[tuple[Any, ...]]:
    """One row for each policy, as it was called; the first column is blank for incidents without one."""
    yield ("policy", "opened", "acknowledged", "late", "escalations", "median_seconds_to_acknowledgement")
    for name, one in days.policies(kept.read(span)).items():
        yield (name, one.opened, one.acknowledged, one.late, one.escalations, _seconds(one.median))


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f}"
