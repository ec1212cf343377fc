"""Whom the dialog that gives a place suggests."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging.models import OriginationIdentity
from shifts import candidates
from tests.messaging.factories import ANN, BOB
from tests.moving import MovableTime
from tests.shifts.factories import employee, employees, holding, shift

CAT = "+14255550184"

pytestmark = pytest.mark.usefixtures("number", "time")


def told(typed: str = "", **options: bool) -> list[str]:
    row = shift("N301", at=30)
    found = [f"{one.employee}: {one.note}" for one in candidates.suggest(row, typed, **options)]
    row.delete()
    return found


def test_who_is_free_comes_first_then_by_name(number: OriginationIdentity) -> None:
    ann, bob = employee(ANN, name="Ann"), employee(BOB, name="bob")
    employee(CAT, name="Cat")
    holding(ann, shift("N300", at=24, hours=8))
    holding(bob, shift("N299", at=1, hours=2))
    employee("+14255550185", name="Dora", approved=False)
    assert told() == ["bob: free at that time", "Cat: free at that time", "Ann: has N300 at that time"]


def test_who_has_it_and_a_shift_that_has_begun() -> None:
    row, begun = shift("N301", at=30, places=2), shift("B1", at=-1)
    holding(employee(ANN, name="Ann"), row)
    assert [(one.free, one.note) for one in candidates.suggest(row)] == [(False, "has it already")]
    assert [(one.free, one.note) for one in candidates.suggest(begun)] == [(False, "the shift has begun")]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ann", ["Ann Berg", "Annabel Lee"]),
        ("berg ann", ["Ann Berg"]),
        ("(425) 555-0182", ["Ann Berg"]),
        ("+14255550182", ["Ann Berg"]),
        ("0184", ["Annabel Lee"]),
        ("zoe", ["Zoe"]),
        ("nobody", []),
        ("%", []),
    ],
)
def test_typed_by_name_or_number(typed: str, found: list[str]) -> None:
    employee(ANN, name="Ann Berg")
    employee(CAT, name="Annabel Lee")
    employee(BOB, name="Zoe", approved=False)
    assert [line.split(":")[0] for line in told(typed, parts_of_numbers=True)] == found


def test_who_may_not_see_numbers_finds_whole_ones_only() -> None:
    employee(ANN, name="Ann Berg")
    assert told("0182") == []
    assert told("4255550182") == ["Ann Berg: free at that time"]


def test_who_is_not_approved_is_found_and_not_free() -> None:
    employee(ANN, name="Ann", approved=False)
    assert told("ann") == ["Ann: not approved"]


def test_it_looks_at_few_and_shows_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    people = employees(40)
    row = shift("N301", at=30)
    for n, person in enumerate(people[:30]):
        holding(person, shift(f"T{n}", at=30))

    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            assert len(candidates.suggest(row)) == 8
        return len(found)

    assert all(one.free for one in candidates.suggest(row))
    assert cost() == 2
    monkeypatch.setattr(candidates, "_LOOKED_AT", 10)
    assert cost() == 2
    assert not any(one.free for one in candidates.suggest(row))


def test_a_shift_without_a_start_is_in_nobodys_way(time: MovableTime) -> None:
    holding(employee(ANN, name="Ann"), shift("N300", at=24))
    assert [one.note for one in candidates.suggest(shift("ANY"))] == ["free at that time"]
