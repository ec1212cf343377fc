"""A week of shifts as days of a time zone: what stands on which, what is free, and what state it is in. Pure.

A day begins at its first moment there and ends with the next one's: 23 and 25 hours are days as well.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

DAYS = 7
# Nobody knows how long a shift without an end takes: for a day it is under way.
LASTS_WITHOUT_END = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


class State(StrEnum):
    """Where a shift is."""

    FREE = "free"
    TAKEN = "taken"
    BEGUN = "begun"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Slot:
    """A shift with a start, as far as its place in a week goes."""

    pk: int
    starts_at: datetime
    ends_at: datetime | None
    places: int
    booked: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A shift on a day: the whole of it, or what of a night falls there.

    Attributes:
        goes_on: it began on an earlier day.
    """

    slot: Slot
    goes_on: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """Of the shifts that begin on a day: how many they are, their places, those that are taken, those free still."""

    shifts: int = 0
    places: int = 0
    booked: int = 0
    free: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """A day. Each shift counts on the day on which it begins; there may be more than it has pieces."""

    date: date
    pieces: tuple[Piece, ...]
    sums: Sums


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days; the sums are those of its days."""

    days: tuple[Day, ...]

    @property
    def first(self) -> date:
        """Its first day."""
        return self.days[0].date

    @property
    def shifts(self) -> int:
        """Shifts that begin in it."""
        return sum(day.sums.shifts for day in self.days)

    @property
    def places(self) -> int:
        """Places of these."""
        return sum(day.sums.places for day in self.days)

    @property
    def booked(self) -> int:
        """Places that somebody has."""
        return sum(day.sums.booked for day in self.days)

    @property
    def free(self) -> int:
        """Places that can be booked still."""
        return sum(day.sums.free for day in self.days)


def first_day(day: date, first_weekday: int) -> date:
    """The first day of the week that a day is in.

    Args:
        day: any day of it.
        first_weekday: on which weekday weeks begin, as Django counts: 0 is Sunday, 1 Monday.
    """
    return day - timedelta(days=(day.weekday() + 1 - first_weekday) % DAYS)


def span(first: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """From which moment on, and before which, the week lies that begins with a day; in UTC."""
    return _first_moment(first, zone), _first_moment(first + timedelta(days=DAYS), zone)


def begins(first: date, zone: tzinfo) -> list[datetime]:
    """When each day of the week begins that begins with a day; in UTC."""
    return [_first_moment(first + timedelta(days=number), zone) for number in range(DAYS)]


def lay_out(slots: Iterable[Slot], sums: Mapping[int, Sums], first: date, zone: tzinfo) -> Week:
    """The week that begins with a day.

    A shift stands on each day that it touches: first those that go on from the day before, then by start. One that ends
    with a day does not touch the next one.

    Args:
        slots: the shifts to show, each once.
        sums: of all that begin on each day, by the number of the day; a day without any is left out.
        first: the first day.
        zone: where days are looked at.
    """
    pieces: dict[date, list[Piece]] = {first + timedelta(days=number): [] for number in range(DAYS)}
    for slot in slots:
        starts_on, ends_on = slot.starts_at.astimezone(zone).date(), _last_day(slot, zone)
        for day, of_day in pieces.items():
            if starts_on <= day <= ends_on:
                of_day.append(Piece(slot, goes_on=starts_on < day))
    return Week(
        tuple(
            Day(day, tuple(sorted(of_day, key=_in_order)), sums.get(number, Sums()))
            for number, (day, of_day) in enumerate(pieces.items())
        )
    )


def _in_order(one: Piece) -> tuple[bool, datetime, int]:
    return (not one.goes_on, one.slot.starts_at, one.slot.pk)


def state(slot: Slot, now: datetime) -> State:
    """Where it is."""
    if (slot.ends_at or slot.starts_at + LASTS_WITHOUT_END) <= now:
        return State.OVER
    if slot.starts_at <= now:
        return State.BEGUN
    return State.TAKEN if slot.booked >= slot.places else State.FREE


def _first_moment(day: date, zone: tzinfo) -> datetime:
    # Where clocks are put forward at midnight, there is no midnight: this is the moment at which they are.
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def _last_day(slot: Slot, zone: tzinfo) -> date:
    last = slot.starts_at if slot.ends_at is None else slot.ends_at.astimezone(UTC) - _MOMENT
    return last.astimezone(zone).date()
