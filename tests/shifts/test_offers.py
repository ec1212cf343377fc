"""Writing shifts: what is refused, beside which field, and what is never undone."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from messaging import clock
from messaging.models import Keyword
from shifts import booking, offers
from shifts.models import Booking, Shift
from tests.messaging.factories import ANN, BOB
from tests.shifts.factories import campaign, employee, holding, shift

pytestmark = pytest.mark.django_db


def refused(shift: Shift) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        offers.save(shift)
    return caught.value.message_dict


def test_a_new_shift_is_saved() -> None:
    row = offers.save(Shift(shift_id="XYZ123", shift_info="Night", places=3))
    assert Shift.objects.get() == row
    assert (row.booked, row.places_left, row.shift_status) == (0, 3, "available")


@pytest.mark.parametrize(
    "code",
    [
        "REQUEST",
        "request",
        "Agent",
        "MINE",
        "drop",
        "more",
        "requst",
        "yes",
        "Y",
        "NO",
        "nope",
        "please",
        "and",
        "STOP",
        "stopp",
        "join",
        "UNSUBSCRIBE",
        "Help",
    ],
)
def test_a_code_that_means_something_else_is_refused(code: str) -> None:
    (sentence,) = refused(Shift(shift_id=code))["shift_id"]
    assert sentence.endswith("Choose another code.")
    assert not Shift.objects.exists()


@pytest.mark.parametrize(
    "code",
    [
        *("XYZ123", "W9", "night-1", "Q", "95", "Wifi", "A1", "309", "NIGHT", "EARLY061842", "DAY-1", "N301", "XYZ_1"),
        *("5PM", "late", "DROPP", "555-1234", "2026-07-01", "12-05", "A" * 30),
    ],
)
def test_other_codes_are_taken(code: str) -> None:
    offers.save(Shift(shift_id=code))
    assert Shift.objects.get().shift_id == code


@pytest.mark.parametrize("code", ["555-123-4567", "123-456-7890"])
def test_a_code_that_nobody_could_book_is_refused(code: str) -> None:
    (sentence,) = refused(Shift(shift_id=code))["shift_id"]
    assert sentence == (
        f"{code} reads as a telephone number when people text it, so nobody could book it. Choose another code."
    )


def test_a_keyword_of_staff_is_no_code() -> None:
    Keyword.objects.create(word="WIFI", text="It is on the wall.")
    (sentence,) = refused(Shift(shift_id="WiFi"))["shift_id"]
    assert sentence == "WiFi is a keyword and answered as such. Choose another code, or delete the keyword first."


@pytest.mark.parametrize("word", ["ENOUGH", "AUS"])
def test_a_consent_word_of_staff_is_no_code(word: str) -> None:
    Keyword.objects.create(word=word, action="opt_out")
    assert "shift_id" in refused(Shift(shift_id=word.lower()))


def test_a_code_that_became_reserved_may_stay() -> None:
    row = shift("WIFI", places=1)
    Keyword.objects.create(word="WIFI", text="It is on the wall.")
    row.places = 2
    offers.save(row)
    row.shift_id = "Wifi"
    offers.save(row)
    assert Shift.objects.values_list("shift_id", "places").get() == ("Wifi", 2)


def test_problems_are_told_beside_their_fields() -> None:
    shift("XYZ123")
    now = clock.now()
    wrong = Shift(shift_id="xyz123", places=0, starts_at=now, ends_at=now - timedelta(hours=1))
    problems = refused(wrong)
    assert problems["shift_id"] == ["There is a shift with this code already."]
    assert set(problems) == {"shift_id", "places", "ends_at"}
    assert set(refused(Shift(shift_id="-no-", ends_at=now))) == {"shift_id", "ends_at"}


def test_places_never_fall_below_those_taken() -> None:
    row = shift("XYZ123", places=3)
    for number in (ANN, BOB):
        holding(employee(number), row)
    row.places = 1
    assert refused(row) == {"places": ["More people than that hold a place. Take some off the shift first."]}
    row.places = 2
    offers.save(row)
    assert Shift.objects.values_list("places", "booked").get() == (2, 2)


def test_an_edit_does_not_undo_a_booking_made_meanwhile() -> None:
    shift("XYZ123", places=2)
    read_before = Shift.objects.get()
    booking.book(employee(ANN), ["XYZ123"], source=Booking.Source.SMS)
    read_before.shift_info = "Night, ward 3"
    saved = offers.save(read_before)
    assert saved.booked == 1
    assert Shift.objects.values_list("booked", "shift_info").get() == (1, "Night, ward 3")


def test_a_shift_deleted_meanwhile_is_not_saved() -> None:
    row = shift("XYZ123")
    Shift.objects.all().delete()
    with pytest.raises(ValidationError, match="deleted in the meantime"):
        offers.save(row)
    assert not Shift.objects.exists()


def test_a_shift_that_nobody_booked_is_deleted() -> None:
    row = shift("XYZ123")
    campaign(shifts=[row])
    offers.delete(row)
    assert not Shift.objects.exists()
    row.pk = 1
    offers.delete(row)


def test_a_shift_that_was_ever_booked_is_kept() -> None:
    row, ann = shift("XYZ123"), employee(ANN)
    booking.book(ann, ["XYZ123"], source=Booking.Source.SMS)
    booking.drop(ann, ["XYZ123"], by=ANN)
    with pytest.raises(offers.InUse, match="XYZ123 was booked, and bookings are kept"):
        offers.delete(row)
    assert Shift.objects.exists()
