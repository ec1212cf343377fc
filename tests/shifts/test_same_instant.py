"""Many people, and many doors, in the same instant, each on a connection of its own."""

import random
from collections.abc import Callable
from functools import partial

import pytest
from django.core.exceptions import ValidationError

from messaging.inbound import routing
from messaging.models import InboundMessage, OriginationIdentity
from shifts import booking, listing, offers
from shifts.booking import Dropped, Summary
from shifts.models import Booking, Employee, Listing, Shift, UnauthorisedText
from tests.messaging.factories import ANN, BOB, received
from tests.shifts.conftest import heard
from tests.shifts.factories import employee, employees, holding, shift
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)

BOOKED = "Request summary - Shift booked: XYZ123"
GONE = "Request summary - Shift not available: XYZ123"


def books(person: Employee, *codes: str) -> Callable[[], Summary]:
    return partial(booking.book, person, codes, source=Booking.Source.SMS)


def drops(person: Employee, *codes: str) -> Callable[[], Dropped]:
    return partial(booking.drop, person, codes, by="olga")


def agree(places: int, code: str = "XYZ123") -> None:
    """So many places are taken, and as many bookings hold one."""
    row = Shift.objects.get(shift_id=code)
    assert row.booked == places == Booking.objects.filter(shift=row, dropped_at=None).count()


@pytest.mark.parametrize("places", [1, 5])
def test_no_more_get_a_place_than_there_are(places: int) -> None:
    shift("XYZ123", places=places)
    summaries = together(*(books(person, "XYZ123") for person in employees(20)))
    assert sum(one == Summary(booked=("XYZ123",)) for one in summaries) == places
    assert sum(one == Summary(not_available=("XYZ123",)) for one in summaries) == 20 - places
    agree(places)


@pytest.mark.parametrize("places", [1, 7])
def test_of_forty_texts_routed_by_four_workers_each_is_told_the_truth(number: OriginationIdentity, places: int) -> None:
    shift("XYZ123", places=places)
    people = employees(40)
    texts = [received("xyz123", person.contact.phone_number) for person in people]
    together(*[routing.route_waiting] * 4)
    # SQLite lets one of the workers write at a time; whatever one of them left is routed now.
    routing.route_waiting()
    answers = [heard(text) for text in texts]
    assert sorted(answers) == [BOOKED] * places + [GONE] * (40 - places)
    holders = set(Booking.objects.values_list("employee__contact__phone_number", flat=True))
    assert holders == {
        text.origination_phone_number for text, answer in zip(texts, answers, strict=True) if answer == BOOKED
    }
    assert set(InboundMessage.objects.values_list("outcome", "error")) == {("shifts", "")}
    agree(places)


def test_one_person_through_many_doors_has_one_place() -> None:
    ann = employee(ANN)
    shift("XYZ123", places=9)
    summaries = together(*[books(ann, "XYZ123")] * 6)
    assert sorted(len(one.booked) for one in summaries) == [0] * 5 + [1]
    assert sum(one == Summary(already_yours=("XYZ123",)) for one in summaries) == 5
    agree(1)


def test_overlapping_shifts_through_two_doors_are_never_both_theirs() -> None:
    for person in employees(5):
        phone = person.contact.phone_number[-2:]
        shift(f"A{phone}", at=10)
        shift(f"B{phone}", at=14)
        summaries = together(books(person, f"A{phone}"), books(person, f"B{phone}"))
        assert sorted(len(one.booked) for one in summaries) == [0, 1]
        (refused,) = [one for one in summaries if not one.booked]
        ((_, in_the_way),) = refused.overlapping
        assert Booking.objects.get(employee=person).shift.shift_id == in_the_way


def test_the_same_codes_in_another_order_never_wait_for_each_other_in_a_ring() -> None:
    codes = [f"S{number}" for number in range(8)]
    for number, code in enumerate(codes):
        shift(code, at=24 * number + 1, places=3)
    random.seed(7)
    people = employees(10)
    orders = [codes, codes[::-1], *(random.sample(codes, 8) for _ in range(8))]
    summaries = together(*(books(person, *order) for person, order in zip(people, orders, strict=True)))
    assert sum(len(one.booked) for one in summaries) == 24
    for code in codes:
        agree(3, code)


def test_giving_back_and_booking_at_once() -> None:
    ann, bob = employee(ANN), employee(BOB)
    row = shift("XYZ123")
    for _ in range(5):
        Booking.objects.all().delete()
        holding(ann, row)
        results = together(drops(ann, "XYZ123"), books(bob, "XYZ123"))
        assert Dropped(dropped=("XYZ123",)) in results
        (summary,) = [one for one in results if isinstance(one, Summary)]
        agree(len(summary.booked))


def test_giving_back_twice_at_once_frees_one_place() -> None:
    ann, bob = employee(ANN), employee(BOB)
    row = shift("XYZ123", places=2)
    for person in (ann, bob):
        holding(person, row)
    results = together(*[drops(ann, "XYZ123")] * 4)
    assert sorted(len(one.dropped) for one in results) == [0, 0, 0, 1]
    agree(1)


def test_swapping_two_shifts_at_once() -> None:
    ann, bob = employee(ANN), employee(BOB)
    holding(ann, shift("A1", at=10))
    holding(bob, shift("B2", at=40))

    def swaps(person: Employee, mine: str, theirs: str) -> str:
        booking.drop(person, [mine, theirs], by="olga")
        booking.book(person, [theirs, mine], source=Booking.Source.SMS)
        return person.contact.phone_number

    together(partial(swaps, ann, "A1", "B2"), partial(swaps, bob, "B2", "A1"))
    assert Booking.objects.filter(dropped_at=None).count() == 2
    for code in ("A1", "B2"):
        agree(1, code)


def test_staff_edit_the_places_while_people_book() -> None:
    row = shift("XYZ123", places=6)

    def edits() -> str:
        refusals = set[str]()
        for places in (2, 8, 3, 4):
            read = Shift.objects.get(pk=row.pk)
            read.places = places
            try:
                offers.save(read)
            except ValidationError as refused:
                refusals.update(refused.message_dict)
        return ", ".join(refusals)

    results = together(edits, *(books(person, "XYZ123") for person in employees(12)))
    assert {one for one in results if isinstance(one, str)} <= {"", "places"}
    taken = sum(bool(one.booked) for one in results if isinstance(one, Summary))
    agree(taken)
    assert taken <= Shift.objects.get().places


def test_a_shift_is_deleted_or_booked_never_both() -> None:
    people = employees(6)
    for number in range(6):
        row = shift(f"S{number}")

        def deletes(row: Shift = row) -> bool:
            try:
                offers.delete(row)
            except offers.InUse:
                return False
            return True

        results = together(deletes, books(people[number], f"S{number}"))
        deleted = True in results
        assert (Summary(unknown=(f"S{number}",)) in results) == deleted
        assert Shift.objects.filter(shift_id=f"S{number}").exists() != deleted


def test_the_same_code_given_twice_at_once_is_one_shift() -> None:
    def adds(code: str) -> str:
        try:
            return offers.save(Shift(shift_id=code)).shift_id
        except ValidationError as refused:
            return ", ".join(refused.message_dict)

    results = together(*(partial(adds, code) for code in ("night1", "NIGHT1", "Night1", "nIGHT1")))
    assert results.count("shift_id") == 3
    assert Shift.objects.count() == 1


def test_a_stranger_is_told_once_however_many_texts_are_read_at_once(number: OriginationIdentity) -> None:
    texts = [received("REQUEST", "+14255550190", attempts=attempts) for attempts in (1, 2, 3, 1, 2, 3)]
    together(*[routing.route_waiting] * 4)
    routing.route_waiting()
    assert sorted(heard(text) for text in texts)[-2:] == ["", "NOT-AUTHORISED please contact the administrator"]
    assert UnauthorisedText.objects.count() == 6
    assert UnauthorisedText.objects.filter(answered_at__isnull=False).count() == 1


def test_a_list_asked_for_twice_at_once() -> None:
    ann = employee(ANN)
    shift("XYZ123")
    assert len(set(together(*[partial(listing.request, ann)] * 4))) == 1
    assert Listing.objects.count() == 1
