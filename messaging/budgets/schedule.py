"""Which hours are to be counted now. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import NamedTuple

HOUR = timedelta(hours=1)
LOOK_EVERY = timedelta(seconds=15)
"""How often the present hour is counted while there is a budget: what leaves within it may go beyond the budget."""
_AGAIN = timedelta(minutes=30)
# Delivery events, which bring prices, come within 72 hours, then SNS may try for one more; and a claim may be late.
# docs.aws.amazon.com/sms-voice/latest/userguide/configuration-sets-event-destinations.html
NEWS_ENDS = timedelta(hours=80)


class Hour(NamedTuple):
    """What is counted at once: a full hour, UTC, or the part of one that lies on one side of a month's beginning.

    Attributes:
        begin: its first moment, by which it is stored.
        end: the first moment that is no longer of it.
    """

    begin: datetime
    end: datetime


def month_begin(now: datetime, zone: tzinfo) -> datetime:
    """The first moment of the present month in a time zone, in UTC.

    Where clocks are set back at midnight, midnight comes twice: the month begins with the first. Where they are set
    forward, midnight is left out: the month begins with what comes instead.
    """
    local = now.astimezone(zone)
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)


def hours(begin: datetime, now: datetime, month: datetime) -> list[Hour]:
    """The hours since ``begin``, the latest first.

    An hour begins at its full hour, UTC. In zones whose offset is no number of hours a month begins within one: it is
    counted as two, for one part belongs to the month and the other does not.

    Args:
        begin: only what is not over by then.
        now: the present.
        month: when the present month began.
    """
    found, hour = [], now.replace(minute=0, second=0, microsecond=0)
    while hour + HOUR > begin:
        cuts = [hour, month, hour + HOUR] if hour < month < hour + HOUR else [hour, hour + HOUR]
        found += [Hour(first, end) for first, end in reversed(list(pairwise(cuts))) if end > begin]
        hour -= HOUR
    return found


def to_count(all_hours: Sequence[Hour], counted: Mapping[datetime, datetime], now: datetime) -> list[Hour]:
    """Those of the hours that are to be counted, in the same order.

    Args:
        all_hours: hours.
        counted: when each was counted last, by its beginning.
        now: the present.
    """
    return [hour for hour in all_hours if _is_due(hour.end, counted.get(hour.begin), now)]


def _is_due(end: datetime, counted_at: datetime | None, now: datetime) -> bool:
    if counted_at is None:
        return True
    if counted_at >= end + NEWS_ENDS:
        return False
    # The hour before is still open too: a call may have begun in it and ended just now.
    lately = now < end + LOOK_EVERY * 4
    return now - counted_at >= (LOOK_EVERY if lately else _AGAIN)
