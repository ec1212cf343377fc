"""The defects of the published shift samples. None of them here: one test each, by name.

AGENT promised a call before placing it, and could place it twice: tests/shifts/calls.
"""

import json

import pytest

from messaging import clock
from messaging.inbound import routing, store
from messaging.inbound.sns.envelope import Envelope
from messaging.models import InboundMessage, OutboundMessage
from messaging.text import measure
from shifts.models import Booking, CallBack, Shift
from tests.messaging.factories import ANN, BOB, received
from tests.shifts.conftest import Phone, heard
from tests.shifts.factories import employee, employees, shift
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)

BOOKED = "Request summary - Shift booked: XYZ123"
GONE = "Request summary - Shift not available: XYZ123"


def delivery_of(message: dict[str, str]) -> Envelope:
    return Envelope(
        type="Notification",
        message_id="sns-again",
        topic_arn="arn:aws:sns:us-east-1:123456789012:texts",
        subject=None,
        message=json.dumps(message),
        timestamp=clock.now(),
        raw_timestamp="",
        signature_version="2",
        signature=b"",
        signing_cert_url="",
        token=None,
        subscribe_url=None,
        raw={},
    )


def test_one_shift_is_never_given_to_two_people_who_are_both_told(ann: Phone) -> None:
    shift("XYZ123")
    texts = [received("XYZ123", person.contact.phone_number) for person in employees(10)]
    together(*[routing.route_waiting] * 4)
    routing.route_waiting()
    assert sorted(heard(text) for text in texts) == [BOOKED] + [GONE] * 9
    assert Booking.objects.count() == Shift.objects.get().booked == 1


def test_a_redelivered_text_does_not_tell_the_winner_that_it_is_not_available(ann: Phone) -> None:
    employee(ANN)
    shift("XYZ123")
    assert ann.say("XYZ123") == BOOKED
    text = InboundMessage.objects.get()
    message = {
        "originationNumber": ANN,
        "destinationNumber": text.destination_phone_number,
        "messageBody": "XYZ123",
        "inboundMessageId": text.inbound_message_id,
    }
    assert store.notification(delivery_of(message)) == "The text was stored before."
    routing.route_waiting()
    assert list(OutboundMessage.objects.values_list("body", flat=True)) == [BOOKED]
    # Nor does the same text sent once more by its sender.
    assert ann.say("XYZ123") == "Request summary - Already yours: XYZ123"


@pytest.mark.parametrize("body", ["A1,B2,", "A1, B2, ", ",A1,,B2,", "A1,B2,\n"])
def test_a_trailing_comma_does_not_end_in_the_middle(ann: Phone, body: str) -> None:
    employee(ANN)
    for code, at in [("A1", 10), ("B2", 40)]:
        shift(code, at=at)
    assert ann.say(body) == "Request summary - Shift booked: A1, B2"


@pytest.mark.parametrize("body", ["A1 B2", "A1\nB2", "A1 and B2", "a1;b2", "A1. B2", "A1/B2", "A1 & B2", "A1 + B2"])
def test_codes_are_separated_by_whatever_people_type(ann: Phone, body: str) -> None:
    employee(ANN)
    for code, at in [("A1", 10), ("B2", 40)]:
        shift(code, at=at)
    assert ann.say(body) == "Request summary - Shift booked: A1, B2"


@pytest.mark.parametrize("body", ["agentic", "AGENTS", "agent007", "Agentur"])
def test_agentic_calls_no_agent(ann: Phone, body: str) -> None:
    employee(ANN)
    ann.say(body)
    assert not CallBack.objects.exists()


def test_not_every_stranger_gets_a_paid_reply(ann: Phone) -> None:
    shift("XYZ123")
    strangers = [Phone(f"+142555502{number:02}") for number in range(5)]
    for stranger in strangers:
        for body in ("hello", "who is this?", "ABC9", "YES", "more"):
            assert stranger.say(body) == ""
    assert [bool(strangers[0].say(body)) for body in ("XYZ123", "REQUEST", "AGENT")] == [True, False, False]
    assert OutboundMessage.objects.count() == 1


def test_the_list_of_shifts_is_bounded(ann: Phone) -> None:
    employee(ANN)
    for number in range(500):
        shift(f"CODE{number:04}", shift_info="Night, ward 3")
    size = measure(ann.say("REQUEST"))
    assert size.parts == 6
    assert ann.say("MORE").startswith("CODE0")


def test_a_shift_can_be_dropped(ann: Phone) -> None:
    employee(ANN)
    employee(BOB)
    shift("XYZ123")
    ann.say("XYZ123")
    assert ann.say("DROP XYZ123") == "Drop summary - Given back: XYZ123"
    assert Phone(BOB).say("XYZ123") == BOOKED
