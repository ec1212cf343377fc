"""REQUEST and MORE, a page at a time; MINE. Which shifts fit a page is pure."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging import clock
from messaging.text import measure
from shifts import booking, listing, phrases
from shifts.models import Booking, Employee, Listing, Shift
from tests.messaging.factories import ANN, BOB
from tests.moving import MovableTime
from tests.shifts.factories import employee, holding, shift

UTC = ZoneInfo("UTC")
END, MORE = "\nReply with the codes you want.", "\nReply with the codes you want. MORE lists the rest."


def rows(*infos: str) -> list[Shift]:
    return [Shift(shift_id=f"S{number}", shift_info=info) for number, info in enumerate(infos)]


@pytest.mark.parametrize(
    ("infos", "count"),
    [
        (["a"], 1),
        (["a"] * 10, 10),
        (["x" * 290] * 2, 2),
        (["x" * 290] * 3, 3),
        (["x" * 299] * 4, 2),
        (["x" * 40] * 100, 19),
        (["\N{OWL}" * 10] * 100, 13),
        (["\N{OWL}" * 175], 1),
        (["x" * 290, "\N{OWL}" * 10], 2),
        (["x" * 290, "\N{OWL}" * 50], 1),
        (["x" * 290, "\N{CYRILLIC SMALL LETTER ZHE}" * 30], 2),
        (["\N{OWL}" * 300], 1),
        (["\N{OWL}" * 300, "a"], 1),
    ],
)
def test_what_fits_a_page(infos: list[str], count: int) -> None:
    body, shown = listing.fill(rows(*infos), UTC)
    assert shown == count
    assert measure(body).parts <= 6
    assert body.endswith(MORE if shown < len(infos) else END)
    assert body.count("\n") == shown


def test_the_last_of_a_page_has_no_more_only_if_it_is_the_last_of_all() -> None:
    """Without MORE all of them fit, with it one less would."""
    infos = ["x" * 296, "x" * 296, "x" * (918 - 2 * 301 - len(END) - 4)]
    assert listing.fill(rows(*infos), UTC)[1] == 3
    assert listing.fill(rows(*infos, ""), UTC)[1] == 2


def test_information_too_long_for_a_page_is_cut() -> None:
    body, _ = listing.fill(rows("\N{OWL}" * 300, "a"), UTC)
    assert body.startswith("S0: \N{OWL}")
    assert f"\N{OWL}...{MORE}" in body
    # A part has room for 67 units, an owl takes two and is never split.
    assert 6 * 66 <= measure(body).length <= 6 * 67


infos = st.lists(st.text(max_size=300), min_size=1, max_size=60)


@given(infos)
def test_no_page_is_too_long_and_none_is_empty(infos: list[str]) -> None:
    body, shown = listing.fill(rows(*infos), UTC)
    assert 1 <= shown <= len(infos)
    assert measure(body).parts <= 6


@pytest.fixture
def ann(db: None, time: MovableTime) -> Employee:
    return employee(ANN, time_zone="America/Los_Angeles")


def listed(body: str) -> list[str]:
    """The codes of a page."""
    return [line.split(":")[0].split(" ")[0] for line in body.splitlines()[:-1]]


def test_the_soonest_come_first_and_those_without_a_time_last(ann: Employee) -> None:
    for code, at in [("NONE1", None), ("LATE", 50), ("SOON", 1), ("NONE2", None), ("BEGUN", -1), ("NEXT", 2)]:
        shift(code, at=at)
    shift("FULL", at=3, places=1, booked=1)
    assert listed(listing.request(ann)) == ["SOON", "NEXT", "LATE", "NONE1", "NONE2"]


def test_none(ann: Employee) -> None:
    shift("BEGUN", at=-1)
    assert listing.request(ann) == listing.more(ann) == phrases.NO_SHIFTS.words


def test_times_are_those_of_the_persons_zone(ann: Employee, settings: object) -> None:
    row = shift("A1", at=20, shift_info="Night")
    assert row.starts_at is not None
    there = row.starts_at.astimezone(ZoneInfo("America/Los_Angeles"))
    assert f"{there:%H:%M}-" in listing.request(ann)
    for wrong in ("", "Nowhere/Land", "../etc/passwd", "America"):
        ann.contact.time_zone = wrong
        assert f"{row.starts_at:%H:%M}-" in listing.request(ann)


def pages(count: int) -> list[Shift]:
    """So many shifts, nine to a page."""
    return [shift(f"S{number}", at=number + 1, shift_info="x" * 60) for number in range(count)]


def test_more_goes_on_until_the_end(ann: Employee) -> None:
    pages(20)
    shift("LAST", shift_info="x" * 60)
    first, second, third = listing.request(ann), listing.more(ann), listing.more(ann)
    assert [*listed(first), *listed(second), *listed(third)] == [*(f"S{number}" for number in range(20)), "LAST"]
    assert [page.endswith(MORE) for page in (first, second, third)] == [True, True, False]
    assert third.endswith(END)
    assert listing.more(ann) == listing.more(ann) == phrases.THE_END.words
    assert listing.request(ann) == first


def test_those_of_one_instant_and_those_without_a_time_are_neither_lost_nor_listed_twice(ann: Employee) -> None:
    at = clock.now() + timedelta(days=1)
    codes = [f"T{number}" for number in range(14)] + [f"U{number}" for number in range(14)]
    for code in codes:
        shift(code, shift_info="x" * 80, starts_at=at if code[0] == "T" else None)
    body, seen = listing.request(ann), list[str]()
    while body != phrases.THE_END.words:
        seen += listed(body)
        body = listing.more(ann)
    assert seen == codes


def test_more_goes_on_after_a_shift_that_was_booked_meanwhile(ann: Employee) -> None:
    pages(20)
    seen = listed(listing.request(ann))
    booking.book(employee(BOB), seen[-1:], source=Booking.Source.SMS)
    assert listed(listing.more(ann))[0] == f"S{len(seen)}"


def test_more_begins_again_when_the_last_shift_is_gone(ann: Employee) -> None:
    pages(20)
    first = listing.request(ann)
    Shift.objects.get(shift_id=listed(first)[-1]).delete()
    assert listed(listing.more(ann))[0] == "S0"


def test_more_begins_again_after_a_day(ann: Employee, time: MovableTime) -> None:
    for number in range(20):
        shift(f"S{number}", at=100 + number, shift_info="x" * 60)
    listing.request(ann)
    time.forward(24 * 3600 - 60)
    assert listing.is_reading(ann)
    assert listed(listing.more(ann))[0] != "S0"
    time.forward(24 * 3600)
    assert not listing.is_reading(ann)
    assert listed(listing.more(ann))[0] == "S0"


def test_more_without_a_request_begins(ann: Employee) -> None:
    pages(2)
    assert listed(listing.more(ann)) == ["S0", "S1"]
    assert Listing.objects.get().last_shift == Shift.objects.get(shift_id="S1")


def test_each_has_a_place_of_their_own_in_the_list(ann: Employee) -> None:
    pages(20)
    bob = employee(BOB)
    listing.request(ann)
    listing.request(bob)
    listing.more(bob)
    assert listed(listing.more(ann)) == listed(listing.request(ann) and listing.more(ann))


def test_mine_lists_what_one_holds_until_it_is_over(ann: Employee) -> None:
    for code, at, hours in [
        ("LATER", 30, 8.0),
        ("NOW", -2, 8.0),
        ("OVER", -20, 8.0),
        ("OPEN", -2, None),
        ("OLD", -30, None),
    ]:
        holding(ann, shift(code, at=at, hours=hours))
    holding(ann, shift("ANY"))
    holding(ann, shift("DROPPED", at=5), dropped_at=clock.now(), dropped_by=ANN)
    holding(employee(BOB), shift("BOBS", at=5))
    lines = listing.mine(ann).splitlines()
    assert [line.split(" ")[0] for line in lines[1:-1]] == ["NOW", "OPEN", "LATER", "ANY"]
    assert listing.to_drop(ann).splitlines()[0].startswith("To give a shift back, reply for example DROP NOW.")
