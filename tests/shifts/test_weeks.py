"""A week of shifts laid out, as tables: nights, weeks in which clocks are changed, where weeks begin."""

import calendar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shifts import weeks
from shifts.weeks import Slot, State

BERLIN, BEIRUT = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Beirut")
MONDAY = date(2026, 7, 6)
NOON = datetime(2026, 7, 8, 12, tzinfo=UTC)


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def slot(starts: str, ends: str = "", pk: int = 1, places: int = 1, booked: int = 0) -> Slot:
    return Slot(pk, at(starts), at(ends) if ends else None, places, booked)


def days_of(one: Slot, first: date = MONDAY, zone: ZoneInfo = BERLIN) -> list[tuple[str, bool]]:
    """On which days of a week it stands, and whether it goes on there from the day before."""
    week = weeks.lay_out([one], {}, first, zone)
    return [(f"{day.date:%a}", piece.goes_on) for day in week.days for piece in day.pieces]


@pytest.mark.parametrize(
    ("day", "begins_on", "first"),
    [
        ("2026-07-06", 1, "2026-07-06"),
        ("2026-07-12", 1, "2026-07-06"),
        ("2026-07-05", 1, "2026-06-29"),
        ("2026-07-05", 0, "2026-07-05"),
        ("2026-07-11", 0, "2026-07-05"),
        ("2026-07-10", 6, "2026-07-04"),
        ("2026-07-11", 6, "2026-07-11"),
        ("2027-01-01", 1, "2026-12-28"),
        ("2028-02-29", 1, "2028-02-28"),
    ],
)
def test_the_week_of_a_day(day: str, begins_on: int, first: str) -> None:
    assert weeks.first_day(date.fromisoformat(day), begins_on) == date.fromisoformat(first)


@pytest.mark.parametrize(
    ("first", "zone", "begin", "hours"),
    [
        ("2026-07-06", BERLIN, "2026-07-05T22:00", 168),
        ("2026-03-23", BERLIN, "2026-03-22T23:00", 167),
        ("2026-10-19", BERLIN, "2026-10-18T22:00", 169),
        # There is no midnight on that Sunday: the day begins at one.
        ("2026-03-29", BEIRUT, "2026-03-28T22:00", 167),
        ("2026-03-23", BEIRUT, "2026-03-22T22:00", 167),
        ("2026-07-06", ZoneInfo("UTC"), "2026-07-06T00:00", 168),
    ],
)
def test_from_when_to_when_a_week_is(first: str, zone: ZoneInfo, begin: str, hours: int) -> None:
    begins, ends = weeks.span(date.fromisoformat(first), zone)
    assert begins == datetime.fromisoformat(begin).replace(tzinfo=UTC)
    assert ends - begins == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("one", "days"),
    [
        (slot("2026-07-06T08:00", "2026-07-06T16:00"), [("Mon", False)]),
        (slot("2026-07-06T22:00", "2026-07-07T06:00"), [("Mon", False), ("Tue", True)]),
        # It ends with the day: the next one has nothing of it.
        (slot("2026-07-06T16:00", "2026-07-07T00:00"), [("Mon", False)]),
        (slot("2026-07-06T00:00", "2026-07-06T08:00"), [("Mon", False)]),
        (slot("2026-07-07T09:00"), [("Tue", False)]),
        (slot("2026-07-10T18:00", "2026-07-13T06:00"), [("Fri", False), ("Sat", True), ("Sun", True)]),
        # From the week before, and into the one after.
        (slot("2026-07-05T22:00", "2026-07-06T06:00"), [("Mon", True)]),
        (slot("2026-07-12T22:00", "2026-07-13T06:00"), [("Sun", False)]),
        (slot("2026-07-01T08:00", "2026-07-20T08:00"), [(day, True) for day in calendar.day_abbr]),
        (slot("2026-07-05T08:00", "2026-07-05T16:00"), []),
        (slot("2026-07-13T00:00", "2026-07-13T08:00"), []),
    ],
)
def test_on_which_days_a_shift_stands(one: Slot, days: list[tuple[str, bool]]) -> None:
    assert days_of(one) == days


@pytest.mark.parametrize(
    ("first", "one", "days"),
    [
        # Clocks go forward on Sunday at two, and back on Sunday at three.
        ("2026-03-23", slot("2026-03-28T22:00", "2026-03-29T06:00"), [("Sat", False), ("Sun", True)]),
        ("2026-03-23", slot("2026-03-29T23:30", "2026-03-30T00:00"), [("Sun", False)]),
        ("2026-10-19", slot("2026-10-24T22:00", "2026-10-25T06:00"), [("Sat", False), ("Sun", True)]),
        ("2026-10-19", slot("2026-10-25T23:30", "2026-10-26T00:00"), [("Sun", False)]),
        ("2026-10-26", slot("2026-10-25T23:30", "2026-10-26T00:00"), []),
        ("2026-10-26", slot("2026-10-26T00:00", "2026-10-26T01:00"), [("Mon", False)]),
    ],
)
def test_weeks_in_which_clocks_are_changed(first: str, one: Slot, days: list[tuple[str, bool]]) -> None:
    assert days_of(one, date.fromisoformat(first)) == days


def test_the_day_depends_on_where_one_is() -> None:
    one = slot("2026-07-06T23:30", "2026-07-07T00:30")
    assert days_of(one) == [("Mon", False), ("Tue", True)]
    assert days_of(one, zone=ZoneInfo("UTC")) == [("Mon", False)]
    assert days_of(one, zone=ZoneInfo("Asia/Tokyo")) == [("Tue", False)]


def test_what_goes_on_comes_first_then_by_start() -> None:
    late, early = slot("2026-07-07T14:00", pk=2), slot("2026-07-07T06:00", pk=3)
    night = slot("2026-07-06T22:00", "2026-07-07T06:00", pk=4)
    tuesday = weeks.lay_out([late, early, night], {}, MONDAY, BERLIN).days[1]
    assert [piece.slot.pk for piece in tuesday.pieces] == [4, 3, 2]


def test_the_sums_of_a_week_are_those_of_its_days() -> None:
    sums = {0: weeks.Sums(1, 3, 1, 0), 4: weeks.Sums(2, 6, 3, 3)}
    week = weeks.lay_out([], sums, MONDAY, BERLIN)
    assert [day.sums for day in week.days][3:5] == [weeks.Sums(), weeks.Sums(2, 6, 3, 3)]
    assert (week.first, week.shifts, week.places, week.booked, week.free) == (MONDAY, 3, 9, 4, 3)


@pytest.mark.parametrize(
    ("one", "state"),
    [
        (Slot(1, NOON + timedelta(seconds=1), None, 1, 0), State.FREE),
        (Slot(1, NOON + timedelta(seconds=1), None, 1, 1), State.TAKEN),
        (Slot(1, NOON, None, 1, 0), State.BEGUN),
        (Slot(1, NOON - timedelta(hours=1), NOON + timedelta(seconds=1), 1, 1), State.BEGUN),
        (Slot(1, NOON - timedelta(hours=1), NOON, 1, 0), State.OVER),
        (Slot(1, NOON - timedelta(hours=23), None, 1, 0), State.BEGUN),
        (Slot(1, NOON - timedelta(hours=24), None, 1, 0), State.OVER),
    ],
)
def test_where_a_shift_is(one: Slot, state: State) -> None:
    assert weeks.state(one, NOON) is state
