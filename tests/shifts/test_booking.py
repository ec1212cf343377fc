"""Who gets a place: the decision as a table, and what becomes of the rows."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from messaging import clock
from messaging.inbound import routing
from messaging.models import InboundMessage, OriginationIdentity
from shifts import booking
from shifts.booking import Dropped, Summary, Verdict, judge
from shifts.models import Booking, Employee, Shift
from tests.messaging.factories import ANN, BOB, received
from tests.moving import MovableTime
from tests.shifts.conftest import heard
from tests.shifts.factories import campaign, employee, holding, shift

NOON = datetime(2026, 7, 6, 12, tzinfo=ZoneInfo("UTC"))
SMS = Booking.Source.SMS


def at(pk: int, start: float | None, end: float | None = None) -> Shift:
    """A shift between these hours, counted from noon."""
    return Shift(
        pk=pk,
        shift_id=f"S{pk}",
        starts_at=None if start is None else NOON + timedelta(hours=start),
        ends_at=None if end is None else NOON + timedelta(hours=end),
    )


FREE, YOURS, GONE = (Verdict.FREE, ""), (Verdict.ALREADY_YOURS, "S1"), (Verdict.NOT_AVAILABLE, "")
OVERLAPS = (Verdict.OVERLAPS, "S1")


@pytest.mark.parametrize(
    ("wanted", "held", "verdict"),
    [
        pytest.param(at(1, 1, 9), [], FREE, id="nothing held"),
        pytest.param(at(1, None), [], FREE, id="no time"),
        pytest.param(at(1, 0, 9), [], GONE, id="begins now"),
        pytest.param(at(1, -1, 9), [], GONE, id="has begun"),
        pytest.param(at(1, -9, -1), [], GONE, id="is over"),
        pytest.param(at(1, -1), [], GONE, id="has begun, no end"),
        pytest.param(at(1, 1, 9), [at(1, 1, 9)], YOURS, id="held"),
        pytest.param(at(1, -1, 9), [at(1, -1, 9)], YOURS, id="held and begun"),
        pytest.param(at(1, None), [at(1, None)], YOURS, id="held without a time"),
        pytest.param(at(2, 1, 9), [at(1, 1, 9)], OVERLAPS, id="the same hours"),
        pytest.param(at(2, 8, 16), [at(1, 1, 9)], OVERLAPS, id="begins before the other ends"),
        pytest.param(at(2, 1, 9), [at(1, 8, 16)], OVERLAPS, id="ends after the other begins"),
        pytest.param(at(2, 1, 9), [at(1, 3, 4)], OVERLAPS, id="around the other"),
        pytest.param(at(2, 3, 4), [at(1, 1, 9)], OVERLAPS, id="within the other"),
        pytest.param(at(2, 1, 9), [at(1, -4, 2)], OVERLAPS, id="the other has begun"),
        pytest.param(at(2, 9, 16), [at(1, 1, 9)], FREE, id="begins when the other ends"),
        pytest.param(at(2, 1, 9), [at(1, 9, 16)], FREE, id="ends when the other begins"),
        pytest.param(at(2, 1, 9), [at(1, 1)], OVERLAPS, id="the other begins with it, no end"),
        pytest.param(at(2, 1, 9), [at(1, 5)], OVERLAPS, id="the other begins within it, no end"),
        pytest.param(at(2, 1, 9), [at(1, 9)], FREE, id="the other begins when it ends, no end"),
        pytest.param(at(2, 5), [at(1, 1, 9)], OVERLAPS, id="no end, begins within the other"),
        pytest.param(at(2, 5), [at(1, 1)], FREE, id="neither has an end"),
        pytest.param(at(2, 5), [at(1, 5)], OVERLAPS, id="neither has an end, both begin at once"),
        pytest.param(at(2, None), [at(1, 1, 9)], FREE, id="no time never overlaps"),
        pytest.param(at(2, 1, 9), [at(1, None)], FREE, id="the other has no time"),
        pytest.param(at(3, 1, 9), [at(2, 5, 6), at(1, 2, 3)], OVERLAPS, id="the soonest of several is named"),
        pytest.param(at(3, 1, 9), [at(2, 20, 21), at(1, 2, 3)], OVERLAPS, id="only one of several"),
        pytest.param(at(2, 0, 9), [at(1, 1, 9)], GONE, id="begun counts before overlapping"),
    ],
)
def test_may_they_have_it(wanted: Shift, held: list[Shift], verdict: tuple[Verdict, str]) -> None:
    assert judge(wanted, held, NOON) == verdict


@pytest.fixture
def ann(db: None, time: MovableTime) -> Employee:
    return employee(ANN, name="Ann")


def booked(code: str) -> int:
    row = Shift.objects.get(shift_id=code)
    assert row.booked == Booking.objects.filter(shift=row, dropped_at=None).count()
    return row.booked


def test_a_place_is_taken_with_its_booking(ann: Employee) -> None:
    shift("XYZ123", at=1)
    july = campaign("july")
    assert booking.book(ann, ["XYZ123"], source=SMS, campaign=july) == Summary(booked=("XYZ123",))
    row = Booking.objects.get()
    assert (row.employee, row.source, row.actor, row.campaign) == (ann, "sms", "", july)
    assert row.dropped_at is None
    assert booked("XYZ123") == 1


def test_every_code_is_told_of_in_its_order_and_as_it_is_stored(ann: Employee) -> None:
    bob = employee(BOB)
    shift("Late-1", at=30)
    shift("early2", at=5)
    shift("MINE3", at=60)
    shift("FULL4", at=90)
    shift("clash5", at=34)
    holding(ann, Shift.objects.get(shift_id="MINE3"))
    holding(bob, Shift.objects.get(shift_id="FULL4"))
    codes = ["CLASH5", "LATE-1", "FULL4", "EARLY2", "mine3", "GONE6", "late-1"]
    assert booking.book(ann, codes, source=SMS, unknown=["NONE7"]) == Summary(
        booked=("clash5", "early2"),
        already_yours=("MINE3",),
        not_available=("FULL4",),
        overlapping=(("Late-1", "clash5"),),
        unknown=("NONE7", "GONE6"),
    )
    assert [booked(code) for code in ("Late-1", "early2", "MINE3", "FULL4", "clash5")] == [0, 1, 1, 1, 1]


@pytest.mark.parametrize("begins", [5, -5])
def test_what_was_booked_by_an_earlier_text_is_in_the_way(ann: Employee, begins: float) -> None:
    holding(ann, shift("MINE1", at=begins))
    shift("CLASH2", at=begins + 7)
    assert booking.book(ann, ["CLASH2"], source=SMS) == Summary(overlapping=(("CLASH2", "MINE1"),))
    booking.drop(ann, ["MINE1"], by=ANN)
    assert bool(booking.book(ann, ["CLASH2"], source=SMS).booked) == (begins > 0)


def test_no_more_are_booked_than_there_are_places(ann: Employee) -> None:
    shift("XYZ123", places=2)
    people = [ann, employee(BOB), employee("+14255550184")]
    summaries = [booking.book(person, ["XYZ123"], source=SMS) for person in people]
    assert [bool(one.booked) for one in summaries] == [True, True, False]
    assert summaries[2] == Summary(not_available=("XYZ123",))
    assert booked("XYZ123") == 2


def test_asking_again_for_what_one_holds_takes_no_second_place(ann: Employee) -> None:
    shift("XYZ123", places=5)
    booking.book(ann, ["XYZ123"], source=SMS)
    assert booking.book(ann, ["XYZ123"], source=SMS) == Summary(already_yours=("XYZ123",))
    assert booked("XYZ123") == 1


def test_a_full_shift_of_ones_own_is_ones_own(ann: Employee) -> None:
    shift("XYZ123", places=1)
    booking.book(ann, ["XYZ123"], source=SMS)
    assert booking.book(ann, ["xyz123"], source=SMS).already_yours == ("XYZ123",)


def test_staff_are_named(ann: Employee) -> None:
    shift("XYZ123")
    booking.book(ann, ["XYZ123"], source=Booking.Source.STAFF, actor="olga")
    assert Booking.objects.values_list("source", "actor").get() == ("staff", "olga")


def test_what_is_given_back_anybody_may_book(ann: Employee) -> None:
    bob = employee(BOB)
    shift("XYZ123", at=1)
    booking.book(ann, ["XYZ123"], source=SMS)
    assert booking.drop(ann, ["xyz123"], by=ANN) == Dropped(dropped=("XYZ123",))
    row = Booking.objects.get()
    assert row.dropped_at is not None
    assert row.dropped_by == ANN
    assert booked("XYZ123") == 0
    assert booking.book(bob, ["XYZ123"], source=SMS).booked == ("XYZ123",)
    assert booking.book(ann, ["XYZ123"], source=SMS).not_available == ("XYZ123",)
    booking.drop(bob, ["XYZ123"], by="olga")
    assert booking.book(ann, ["XYZ123"], source=SMS).booked == ("XYZ123",)
    assert Booking.objects.count() == 3


def test_giving_back_tells_of_every_code(ann: Employee) -> None:
    bob = employee(BOB)
    holding(ann, shift("A1", at=1))
    holding(bob, shift("B2", at=1))
    holding(ann, shift("C3", at=-1))
    shift("D4", at=-1)
    result = booking.drop(ann, ["A1", "B2", "C3", "D4", "E5", "a1"], by=ANN, unknown=["F6"])
    assert result == Dropped(dropped=("A1",), not_held=("B2", "D4"), begun=("C3",), unknown=("F6", "E5"))
    assert [booked(code) for code in ("A1", "B2", "C3")] == [0, 1, 1]
    assert booking.drop(ann, ["A1"], by=ANN) == Dropped(not_held=("A1",))
    assert booked("A1") == 0


def test_a_shift_can_be_given_back_until_it_begins(ann: Employee, time: MovableTime) -> None:
    holding(ann, shift("A1", at=1))
    time.forward(3600)
    assert booking.drop(ann, ["A1"], by=ANN).begun == ("A1",)


def test_a_booking_that_somebody_else_wrote_in_the_same_moment_is_no_error(
    ann: Employee, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = shift("XYZ123", places=3)
    Booking.objects.create(shift=row, employee=ann, source="api", booked_at=clock.now())
    Shift.objects.update(booked=1)
    monkeypatch.setattr(booking, "_held", lambda *_: [])
    assert booking.book(ann, ["XYZ123"], source=SMS) == Summary(already_yours=("XYZ123",))
    assert booked("XYZ123") == 1


def test_approval_is_asked_when_nobody_can_withdraw_it_any_more(ann: Employee) -> None:
    """Whoever looked before may have seen them approved."""
    holding(ann, shift("MINE1", at=1))
    shift("XYZ123", at=30)
    Employee.objects.update(approved=False)
    assert ann.approved
    with pytest.raises(booking.NotApproved, match="Ann is not approved"):
        booking.book(ann, ["XYZ123"], source=SMS)
    assert booked("XYZ123") == 0
    assert booking.drop(ann, ["MINE1"], by=ANN).dropped == ("MINE1",)


def test_a_text_let_in_a_moment_before_approval_is_withdrawn_is_turned_away_in_the_end(
    ann: Employee, number: OriginationIdentity, time: MovableTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift("XYZ123", at=30)
    real = booking.book

    def book(*arguments: object, **options: object) -> Summary:
        Employee.objects.update(approved=False)
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(booking, "book", book)
    text = received("XYZ123")
    routing.route_waiting()
    assert heard(text) == ""
    # The withdrawal of this test went with the attempt it was made in.
    Employee.objects.update(approved=False)
    time.forward(3600)
    routing.route_waiting()
    assert heard(text).startswith("NOT-AUTHORISED")
    assert (InboundMessage.objects.get().outcome, booked("XYZ123")) == ("shifts", 0)


def test_somebody_who_is_gone_books_nothing(ann: Employee) -> None:
    shift("XYZ123")
    Employee.objects.all().delete()
    ann.pk = 4711
    with pytest.raises(Employee.DoesNotExist):
        booking.book(ann, ["XYZ123"], source=SMS)
    with pytest.raises(Employee.DoesNotExist):
        booking.drop(ann, ["XYZ123"], by=ANN)


def test_the_questions_do_not_grow_with_the_codes(ann: Employee, django_assert_max_num_queries: object) -> None:
    for number in range(20):
        shift(f"S{number}", at=24 * number + 1)
    codes = [f"S{number}" for number in range(20)]
    holding(ann, Shift.objects.get(shift_id="S0"))
    # Two savepoint words, the place and the row for each that is booked.
    with django_assert_max_num_queries(5 + 4 * 19):  # type: ignore[operator]
        assert len(booking.book(ann, codes, source=SMS).booked) == 19
