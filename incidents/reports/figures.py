"""Shares and medians. Pure."""

from collections.abc import Mapping, Sequence
from enum import StrEnum


class Outcome(StrEnum):
    """What became of an incident."""

    FIRST = "first"  # acknowledged before anybody else was asked than the first step
    ESCALATED = "escalated"  # acknowledged after it was escalated
    LATE = "late"  # acknowledged only after it was logged for review
    NEVER = "never"  # logged for review, and nobody has taken it
    CANCELLED = "cancelled"  # withdrawn before anybody had it
    OPEN = "open"  # somebody is being asked


# Those that say how well it went. Of the others nobody knows.
DECIDED = (Outcome.FIRST, Outcome.ESCALATED, Outcome.LATE, Outcome.NEVER)


def shares(counts: Mapping[Outcome, int] | Mapping[str, int]) -> dict[Outcome, float | None]:
    """The percentage of each outcome among those that are decided; None where none is."""
    decided = sum(counts.get(outcome, 0) for outcome in DECIDED)
    return {outcome: percent(counts.get(outcome, 0), decided) for outcome in DECIDED}


def percent(part: float, whole: float) -> float | None:
    """A percentage; None of nothing."""
    return 100 * part / whole if whole else None


def mean(values: Sequence[float]) -> float | None:
    """The average; None of none."""
    return sum(values) / len(values) if values else None


def median(values: Sequence[float]) -> float | None:
    """The value in the middle, or between the two in the middle; None of none."""
    ordered = sorted(values)
    if not ordered:
        return None
    half, odd = divmod(len(ordered), 2)
    return ordered[half] if odd else (ordered[half - 1] + ordered[half]) / 2
