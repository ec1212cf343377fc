"""What staff should know before they send: tables of cases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from messaging.text import rare
from shifts.campaigns import quiet
from shifts.campaigns.cautions import Situation, cautions
from shifts.campaigns.quiet import Where
from shifts.models import Shift

# In Los Angeles it is noon, in New York 15:00, in London 20:00.
NOON = datetime(2026, 7, 3, 19, 0, tzinfo=UTC)
LA, NEW_YORK = Where("US", ("America/Los_Angeles",)), Where("US", ("America/New_York",))
LONDON = Where("GB", ("Europe/London",))
ANYWHERE = Where("US", (*LA.zones, *NEW_YORK.zones))


def told(body: str = "Nights. STOP", **fields: Any) -> tuple[str, ...]:
    return cautions(Situation(body, NOON, **fields))


def shift(code: str, *, hours: float | None = None, left: int = 1) -> Shift:
    starts_at = None if hours is None else NOON + timedelta(hours=hours)
    return Shift(shift_id=code, places=2, booked=2 - left, starts_at=starts_at)


def test_what_is_well_is_not_spoken_of() -> None:
    assert (
        told(shifts=[shift("A1", hours=9), shift("B2")], at=NOON + timedelta(hours=1), whereabouts={LA: 9}, seconds=60)
        == ()
    )


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("“Nights”… ok", "because of: “ ” …"),
        ("Nights 🌙", "because of: 🌙"),
        ("ж" * 200, "because of: ж"),
        ("x" * 100 + "…", "because of: … Without them it is 1 part instead of 2."),
        ("x" * 300 + "…", "because of: … Without them it is 2 parts instead of 5."),
    ],
)
def test_characters_that_make_a_text_dear(body: str, says: str) -> None:
    (sentence,) = told(body)
    assert sentence.endswith(says) or says in sentence
    assert "UCS-2" in sentence


def test_characters_that_cost_two_places_are_no_trouble() -> None:
    assert told("€ 100 [net]") == ()
    assert rare("€ 100") == ""


@pytest.mark.parametrize(
    ("shifts", "says"),
    [
        ([shift("A1", hours=-1)], "A1 has begun and cannot be booked any more: the text does not name it."),
        ([shift("A1", left=0)], "A1 has no place left: the text does not name it."),
        ([shift("A1", left=0), shift("B2", left=0)], "A1, B2 have no place left: the text does not name them."),
        ([shift("A1", hours=-1, left=0)], "A1 has begun and cannot be booked any more: the text does not name it."),
    ],
)
def test_shifts_that_nobody_can_book(shifts: list[Shift], says: str) -> None:
    assert told(shifts=[*shifts, shift("C3", hours=5)]) == (says,)


@pytest.mark.parametrize(("minutes", "is_past"), [(-1, True), (0, True), (1, False)])
def test_a_time_that_has_passed(minutes: int, is_past: bool) -> None:
    assert ("Its time has passed: it would be sent at once." in told(at=NOON + timedelta(minutes=minutes))) is is_past


@pytest.mark.parametrize(("seconds", "warns"), [(None, False), (3600, False), (3601, True), (36_000, True)])
def test_what_takes_longer_than_an_hour(seconds: int | None, warns: bool) -> None:
    assert any("Sending takes" in sentence for sentence in told(seconds=seconds)) is warns


def test_how_long_it_takes_is_said() -> None:
    assert "Sending takes 2.8 hours at the pace (MPS)" in told(seconds=10_000)[0]


# Night.


@pytest.mark.parametrize(
    ("hours", "people", "says"),
    [
        (0.01, {LA: 5}, ""),
        # 21:00 is night and 20:59 is not; 8:00 is day and 7:59 is not.
        (8.99, {LA: 5}, ""),
        (9, {LA: 5}, "It is night then for 5 people (21:00 in Los Angeles)."),
        (19.98, {LA: 1}, "It is night then for 1 person (07:58 in Los Angeles)."),
        (20, {LA: 5}, ""),
        # Elsewhere the same moment is another hour.
        (6, {LA: 5, NEW_YORK: 7, LONDON: 2}, "for 9 people (21:00 in New York, 02:00 in London)."),
        # A number that may be anywhere in a country is disturbed only if it is night everywhere.
        (6, {ANYWHERE: 5}, ""),
        (9, {ANYWHERE: 5}, "for 5 people (21:00 in US)."),
    ],
)
def test_night(hours: float, people: dict[Where, int], says: str) -> None:
    found = told(at=NOON + timedelta(hours=hours), whereabouts=people)
    assert (says in found[0]) if says else found == ()


def test_without_a_time_it_is_night_now() -> None:
    sentence = cautions(Situation("STOP", NOON + timedelta(hours=10), whereabouts={LA: 1234}))[0]
    assert sentence.startswith("It is night now for 1,234 people (22:00 in Los Angeles).")
    assert "some countries forbid them" in sentence


@pytest.mark.parametrize(
    ("number", "places"),
    [
        ("+14255550182", {"Los Angeles"}),
        ("+12125550182", {"New York"}),
        # Great Britain's mobiles are Guernsey's and Jersey's as well.
        ("+447700900123", {"GB"}),
        ("+4915112345678", {"Berlin"}),
        ("+18005550182", {"US"}),
        ("+999123456", set()),
        ("72345", set()),
    ],
)
def test_where_numbers_are(number: str, places: set[str]) -> None:
    found = quiet.whereabouts([number, number])
    assert {where.place for where in found} == places
    assert found.total() == 2 * len(places)
