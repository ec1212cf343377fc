"""A shift on another day: its times there, and codes for its copies. Pure."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, tzinfo
from itertools import count

# As Shift.shift_id has it.
_LONGEST_CODE = 30
_NUMBERED = re.compile(r"(.*?)(\d+)")


def moved(starts_at: datetime, ends_at: datetime | None, day: date, zone: tzinfo) -> tuple[datetime, datetime | None]:
    """Start and end of a shift that begins on another day at the same time of the clock; in UTC.

    It ends at the same time of the clock as well, though a night be an hour longer or shorter there. If clocks are put
    forward over the whole of it, it takes as long as it did.
    """
    start = starts_at.astimezone(zone)
    begins = _at(day, start.time(), zone)
    if ends_at is None:
        return begins, None
    end = ends_at.astimezone(zone)
    ends = _at(day + (end.date() - start.date()), end.time(), zone)
    return begins, ends if ends > begins else begins + (ends_at - starts_at)


def following(code: str) -> Iterator[str]:
    """Codes for copies of a shift: after N309 come N310 and N311, after NIGHT come NIGHT-2 and NIGHT-3."""
    numbered = _NUMBERED.fullmatch(code)
    stem, digits = numbered.groups() if numbered else (f"{code}-", "1")
    for number in count(int(digits) + 1):
        copy = f"{stem}{number:0{len(digits)}}"
        if len(copy) > _LONGEST_CODE:
            return
        yield copy


def _at(day: date, at: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, at.replace(fold=0), tzinfo=zone).astimezone(UTC)
