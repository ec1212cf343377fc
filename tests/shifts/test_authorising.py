"""Who may not book is told once in 24 hours, and each of their texts is kept."""

import pytest

from messaging.models import InboundMessage, OutboundMessage
from shifts import authorising
from shifts.models import Booking, UnauthorisedText
from tests.messaging.factories import ANN, received
from tests.moving import MovableTime
from tests.shifts.conftest import Phone, texted
from tests.shifts.factories import campaign, employee, shift

pytestmark = pytest.mark.django_db

NOT_AUTHORISED = "NOT-AUTHORISED please contact the administrator"
HOUR = 3600


def kept() -> list[tuple[str, bool]]:
    rows = UnauthorisedText.objects.order_by("id")
    return [(row.body, row.answered_at is not None) for row in rows]


@pytest.mark.parametrize("is_known", [True, False])
def test_once_in_24_hours(ann: Phone, time: MovableTime, *, is_known: bool) -> None:
    if is_known:
        employee(ANN, approved=False)
    shift("XYZ123")
    assert ann.say("xyz123") == NOT_AUTHORISED
    assert ann.outcome == "shifts"
    assert ann.say("REQUEST") == ""
    assert ann.outcome == "shifts"
    time.forward(24 * HOUR - 60)
    assert ann.say("DROP") == ""
    time.forward(120)
    assert ann.say("MINE") == NOT_AUTHORISED
    time.forward(HOUR)
    assert ann.say("AGENT") == ""
    assert kept() == [("xyz123", True), ("REQUEST", False), ("DROP", False), ("MINE", True), ("AGENT", False)]
    assert not Booking.objects.exists()


def test_each_number_is_told(ann: Phone) -> None:
    assert ann.say("REQUEST") == Phone("+14255550190").say("REQUEST") == NOT_AUTHORISED


@pytest.mark.parametrize(
    "body", ["XYZ123, ABC9", "drop xyz123", "request please", "agent", "Mine", "drop", "DROP ZZZ999"]
)
def test_what_is_about_shifts(ann: Phone, body: str) -> None:
    shift("XYZ123")
    assert ann.say(body) == NOT_AUTHORISED


@pytest.mark.parametrize(
    "body", ["hello", "YES", "no", "ABC9", "BADCODE", "more", "agentic", "drop dead", "XYZ123 was awful"]
)
def test_anything_else_from_a_stranger_gets_no_reply(ann: Phone, body: str) -> None:
    shift("XYZ123")
    assert ann.say(body) == ""
    assert ann.outcome == "unmatched"
    assert kept() == []


@pytest.mark.parametrize("body", ["hello", "YES", "ABC9", "more", "XYZ123", "thanks"])
def test_whoever_answers_a_campaign_is_told(ann: Phone, body: str) -> None:
    shift("XYZ123")
    text = texted(campaign("july"))
    assert ann.say(body, answering=text) == NOT_AUTHORISED
    assert (ann.outcome, ann.subject) == ("shifts", "july")
    assert ann.say(body, answering=text) == ""
    assert (ann.outcome, ann.subject) == ("shifts", "july")
    assert kept() == [(body, True), (body, False)]


def test_a_text_that_is_tried_again_is_kept_and_told_once(ann: Phone, time: MovableTime) -> None:
    text = received("REQUEST")
    assert [authorising.turn_away(text) for _ in range(2)] == [True, False]
    time.forward(25 * HOUR)
    assert not authorising.turn_away(text)
    assert kept() == [("REQUEST", True)]


def test_whoever_is_approved_afterwards_is_heard(ann: Phone) -> None:
    row = employee(ANN, approved=False)
    shift("XYZ123")
    ann.say("XYZ123")
    row.approved = True
    row.save()
    assert ann.say("XYZ123") == "Request summary - Shift booked: XYZ123"
    assert InboundMessage.objects.count() == OutboundMessage.objects.count() == 2
