"""Counting days: the only writer of CountedDay."""

import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from messaging import clock, registry
from messaging.daily.schedule import Counted, to_count
from messaging.models import CountedDay

DAYS = 14
"""How many days pages show, today included."""


def recent(now: datetime) -> dict[date, Mapping[str, Any]]:
    """The figures of the last DAYS days, the oldest first; a day that was not counted yet has none. One query."""
    days = _days(now)
    found = dict(CountedDay.objects.filter(day__gte=days[0]).values_list("day", "figures"))
    return {day: found.get(day, {}) for day in days}


def due(now: datetime) -> list[date]:
    """The days to be counted now, the latest first. One query."""
    days = _days(now)
    rows = CountedDay.objects.filter(day__gte=days[0]).values_list("day", "counted_at", "seconds")
    counted = {day: Counted(at, seconds) for day, at, seconds in rows}
    return to_count(days, counted, now, {day: span(day)[1] for day in days})


def count_what_is_due(for_as_long_as: timedelta) -> bool:
    """Count days that are due, for a while. Returns whether some are left."""
    began = clock.now()
    for number, day in enumerate(left := due(began)):
        if number and (clock.now() - began >= for_as_long_as or clock.stop_requested()):
            return bool(left[number:])
        _count(day)
    return False


def _count(day: date) -> None:
    counted_at, began = clock.now(), time.monotonic()
    begin, end = span(day)
    figures = {one.name: one.of(begin, end) for one in registry.daily()}
    row = {"counted_at": counted_at, "seconds": time.monotonic() - began, "figures": figures}
    # Two workers may count the same day: either count is as good.
    CountedDay.objects.update_or_create(day=day, defaults=row)


def _days(now: datetime) -> list[date]:
    today = timezone.localdate(now, timezone.get_default_timezone())
    return [today - timedelta(days=back) for back in reversed(range(DAYS))]


def span(day: date) -> tuple[datetime, datetime]:
    """When a day begins and when the next one does, in the time zone of the settings."""
    zone = timezone.get_default_timezone()
    begin, end = (datetime.combine(one, datetime.min.time(), zone) for one in (day, day + timedelta(days=1)))
    return begin, end
