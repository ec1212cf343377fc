"""Which days are to be counted now. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

# Today, as a page of figures has it that somebody looks at now and then.
_TODAY_EVERY = timedelta(minutes=1)
# Delivery events come for up to three days after a text.
_SETTLES_FOR = timedelta(days=3)
_SETTLING_EVERY = timedelta(hours=1)
# Counting may take this share of a worker's time at most.
_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Counted:
    """When a day was counted last, and how many seconds that took."""

    at: datetime
    seconds: float


def to_count(
    days: Sequence[date], counted: Mapping[date, Counted], now: datetime, ends: Mapping[date, datetime]
) -> list[date]:
    """The days to be counted now, the latest first.

    Args:
        days: the days that pages show, today the last.
        counted: when each was counted; a day that never was is left out.
        now: the present.
        ends: when each day ends.
    """
    return [day for day in sorted(days, reverse=True) if _is_due(counted.get(day), now, ends[day])]


def _is_due(last: Counted | None, now: datetime, ends_at: datetime) -> bool:
    if last is None:
        return True
    if last.at >= ends_at + _SETTLES_FOR:
        return False
    # The first count after midnight sees the whole day.
    every = _TODAY_EVERY if now < ends_at or last.at < ends_at else _SETTLING_EVERY
    return now - last.at >= max(every, timedelta(seconds=last.seconds / _SHARE))
