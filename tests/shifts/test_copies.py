"""Copies of a shift: its times on another day, and codes; and adding them, all or none."""

from datetime import UTC, date, datetime
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from messaging.models import Keyword
from shifts import copies, offers
from shifts.models import Shift
from tests.shifts.factories import employee, holding, shift

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY, TUESDAY = date(2026, 7, 6), date(2026, 7, 7)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("starts", "ends", "day", "begins_utc", "ends_utc"),
    [
        ("2026-07-06T08:00", "2026-07-06T16:00", "2026-07-13", "2026-07-13T06:00", "2026-07-13T14:00"),
        ("2026-07-06T22:00", "2026-07-07T06:00", "2026-07-31", "2026-07-31T20:00", "2026-08-01T04:00"),
        ("2026-07-06T08:00", "", "2026-07-13", "2026-07-13T06:00", ""),
        # The same time of the clock in winter.
        ("2026-07-06T08:00", "2026-07-06T16:00", "2026-12-07", "2026-12-07T07:00", "2026-12-07T15:00"),
        # A night in which clocks are put forward has an hour less, one in which they are put back an hour more.
        ("2026-03-21T22:00", "2026-03-22T06:00", "2026-03-28", "2026-03-28T21:00", "2026-03-29T04:00"),
        ("2026-10-17T22:00", "2026-10-18T06:00", "2026-10-24", "2026-10-24T20:00", "2026-10-25T05:00"),
        # A time of the clock that does not come that day is the moment after it.
        ("2026-03-22T02:30", "2026-03-22T09:00", "2026-03-29", "2026-03-29T01:30", "2026-03-29T07:00"),
        # One that would end before it begins keeps its length.
        ("2026-03-22T02:30", "2026-03-22T03:15", "2026-03-29", "2026-03-29T01:30", "2026-03-29T02:15"),
        ("2026-07-10T18:00", "2026-07-13T06:00", "2026-07-17", "2026-07-17T16:00", "2026-07-20T04:00"),
    ],
)
def test_times_on_another_day(starts: str, ends: str, day: str, begins_utc: str, ends_utc: str) -> None:
    def utc(text: str) -> datetime | None:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None

    moved = copies.moved(at(starts), at(ends) if ends else None, date.fromisoformat(day), BERLIN)
    assert moved == (utc(begins_utc), utc(ends_utc))


@pytest.mark.parametrize(
    ("code", "following"),
    [
        ("N309", ["N310", "N311", "N312"]),
        ("N099", ["N100", "N101", "N102"]),
        ("n-7", ["n-8", "n-9", "n-10"]),
        ("309", ["310", "311", "312"]),
        ("NIGHT", ["NIGHT-2", "NIGHT-3", "NIGHT-4"]),
        ("3A", ["3A-2", "3A-3", "3A-4"]),
        ("A" * 28, ["A" * 28 + "-2", "A" * 28 + "-3", "A" * 28 + "-4"]),
        ("A" * 30, []),
        ("A" * 29 + "8", ["A" * 29 + "9"]),
    ],
)
def test_codes_that_follow(code: str, following: list[str]) -> None:
    assert list(islice(copies.following(code), 3)) == following


@pytest.mark.django_db
class TestAdding:
    def test_codes_that_somebody_has_are_passed_over(self) -> None:
        Keyword.objects.create(word="N304", text="Room 304.")
        for code in ("N301", "n302", "N305"):
            shift(code)
        assert offers.free_codes(Shift(shift_id="N301"), 4) == ["N303", "N306", "N307", "N308"]

    def test_behind_many_codes_there_are_free_ones(self) -> None:
        Shift.objects.bulk_create([Shift(shift_id=f"N{number}") for number in range(1, 3001)])
        assert offers.free_codes(Shift(shift_id="N1"), 2) == ["N3001", "N3002"]

    def test_a_code_that_cannot_be_counted_on_has_fewer(self) -> None:
        assert offers.free_codes(Shift(shift_id="A" * 29 + "8"), 3) == ["A" * 29 + "9"]

    def test_the_copies_are_like_it_and_nobody_is_on_them(self) -> None:
        row = shift(
            "N301", places=3, shift_info="Night", starts_at=at("2026-06-29T22:00"), ends_at=at("2026-06-30T06:00")
        )
        holding(employee(), row)
        added = offers.repeat(row, {MONDAY: "N302", TUESDAY: "N303"}, BERLIN)
        assert [one.shift_id for one in added] == ["N302", "N303"]
        copy = Shift.objects.get(shift_id="N303")
        assert (copy.shift_info, copy.places, copy.booked) == ("Night", 3, 0)
        assert (copy.starts_at, copy.ends_at) == (at("2026-07-07T22:00"), at("2026-07-08T06:00"))

    def test_nothing_is_added_if_one_is_refused(self) -> None:
        row = shift("N301", starts_at=at("2026-06-29T22:00"))
        shift("taken")
        codes = {MONDAY: "N302", TUESDAY: "TAKEN", date(2026, 7, 8): "STOP", date(2026, 7, 9): "n302"}
        with pytest.raises(offers.NotRepeated) as caught:
            offers.repeat(row, codes, BERLIN)
        problems = {f"{day:%a}": " ".join(reasons) for day, reasons in caught.value.problems.items()}
        assert set(problems) == {"Tue", "Wed", "Thu"}
        assert problems["Tue"] == "There is a shift with this code already."
        assert "Choose another code." in problems["Wed"]
        assert problems["Thu"] == "There is a shift with this code already."
        assert Shift.objects.count() == 2
