"""What the inbox of staff asks of shifts, and what comes of a text that staff put there."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging import clock
from messaging.inbound import assigning
from messaging.models import InboundMessage
from shifts import inbox
from shifts.models import Booking
from tests.messaging.factories import ANN, BOB, received
from tests.shifts.conftest import Phone, heard, texted
from tests.shifts.factories import campaign, employee, shift

pytestmark = pytest.mark.django_db


def _unmatched(body: str, sender: str = ANN) -> InboundMessage:
    return received(body, sender, outcome="unmatched", routed_at=clock.now())


def _effects(text: InboundMessage) -> list[str]:
    places = inbox.places(text.origination_phone_number, [text]).get(text.pk, ())
    assert {(one.subject, one.name) for one in places} <= {("", "Shifts")}
    return [one.effect for one in places]


@pytest.mark.parametrize(
    ("body", "effect"),
    [
        ("XYZ123", "What it asks for is booked, and they are told."),
        ("drop XYZ123", "What it gives back is free again, and they are told."),
        ("REQUEST", "They get the list that it asks for."),
        ("AGENT", "They are called back."),
        ("could I work on Friday?", "They are told how to book a shift."),
        ("thank you", "It is kept with the campaign; no answer is sent."),
    ],
)
def test_shifts_are_offered_to_approved_employees_with_what_will_come_of_it(body: str, effect: str) -> None:
    shift("XYZ123")
    employee(ANN)
    employee(BOB, approved=False)
    assert _effects(_unmatched(body)) == [effect]
    assert _effects(_unmatched(body, BOB)) == []
    assert _effects(_unmatched(body, "+14255550199")) == []


def test_places_of_many_texts_cost_what_those_of_one_cost() -> None:
    employee(ANN)
    one, many = [_unmatched("A1")], [_unmatched(f"A{number}") for number in range(9)]
    with CaptureQueriesContext(connection) as few:
        inbox.places(ANN, one)
    with CaptureQueriesContext(connection) as more:
        assert len(inbox.places(ANN, many)) == 9
    assert len(few) == len(more)


def test_each_campaign_has_its_page() -> None:
    row = campaign("july")
    (name, page), *others = inbox.pages({"july", "gone"}).items()
    assert (name, page.name, page.url) == ("july", "Campaign july", f"/admin/shifts/campaign/{row.pk}/change/")
    assert others == []


def test_a_code_that_staff_put_there_is_booked(ann: Phone) -> None:
    shift("XYZ123", at=5)
    employee(ANN)
    text = _unmatched("xyz123")
    assert assigning.assign(text.pk, conversation="shifts", subject="", by="alice")
    text.refresh_from_db()
    assert (text.outcome, text.handled_by) == ("shifts", "alice")
    assert Booking.objects.count() == 1
    assert heard(text) == "Request summary - Shift booked: XYZ123"


def test_it_is_kept_with_the_campaign_that_they_got_last(ann: Phone) -> None:
    employee(ANN)
    texted(campaign("july", status="sent"))
    text = _unmatched("could I work on Friday?")
    assert assigning.assign(text.pk, conversation="shifts", subject="", by="alice")
    text.refresh_from_db()
    assert (text.outcome, text.conversation, text.subject) == ("not_understood", "shifts", "july")
    assert "REQUEST" in heard(text)
