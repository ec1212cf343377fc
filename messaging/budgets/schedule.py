"""Which hours are to be counted now. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
LOOK_EVERY = timedelta(seconds=15)
"""How often the present hour is counted while there is a budget: what leaves within it may go beyond the budget."""
_AGAIN = timedelta(minutes=30)
# Delivery events, which bring prices, come within 72 hours, then SNS may try for one more; and a claim may be late.
# docs.aws.amazon.com/sms-voice/latest/userguide/configuration-sets-event-destinations.html
NEWS_ENDS = timedelta(hours=80)


def hours(begin: datetime, now: datetime) -> list[datetime]:
    """The hours since ``begin``, the latest first; an hour begins at its full hour, UTC."""
    found, hour = [], now.replace(minute=0, second=0, microsecond=0)
    while hour + HOUR > begin:
        found.append(hour)
        hour -= HOUR
    return found


def to_count(all_hours: Sequence[datetime], counted: Mapping[datetime, datetime], now: datetime) -> list[datetime]:
    """Those of the hours that are to be counted, in the same order.

    Args:
        all_hours: hours, by their beginning.
        counted: when each was counted last.
        now: the present.
    """
    return [hour for hour in all_hours if _is_due(hour + HOUR, counted.get(hour), now)]


def _is_due(end: datetime, counted_at: datetime | None, now: datetime) -> bool:
    if counted_at is None:
        return True
    if counted_at >= end + NEWS_ENDS:
        return False
    # The hour before is still open too: a call may have begun in it and ended just now.
    lately = now < end + LOOK_EVERY * 4
    return now - counted_at >= (LOOK_EVERY if lately else _AGAIN)
