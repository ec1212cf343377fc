"""When a shift is. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime

from shifts.models import Shift


def has_begun(shift: Shift, now: datetime) -> bool:
    """Whether nobody can book it, or give it back, any more. A shift without a start never begins."""
    return shift.starts_at is not None and shift.starts_at <= now


def soonest_first(shifts: Iterable[Shift]) -> list[Shift]:
    """By start; those without one last, in the order in which they were made."""
    far = datetime.max.replace(tzinfo=UTC)
    return sorted(shifts, key=lambda shift: (shift.starts_at or far, shift.pk))
