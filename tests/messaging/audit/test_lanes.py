"""Lanes that do not move, and why."""

from datetime import timedelta
from typing import Any

import pytest

from messaging import clock
from messaging.models import Lane, OriginationIdentity, OutboundMessage, Priority, Status, Withheld
from messaging.outbound import pauses
from tests.messaging.audit.looking import finding, severity
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, standing
from tests.moving import MovableTime

pytestmark = pytest.mark.usefixtures("time")

STILL, OVERTAKEN = "messaging.lane_stands_still", "messaging.text_overtaken"


def waiting(seconds_ago: float = 0, to: str = ANN, **fields: Any) -> OutboundMessage:
    return standing(Status.QUEUED, to, seconds_ago, **fields)


def test_a_lane_with_due_texts_and_no_call_stands_still(number: OriginationIdentity) -> None:
    waiting(100)
    assert severity(STILL) == ""
    waiting(130)
    found = finding(STILL)
    assert found is not None
    assert (found.severity, found.count, found.examples) == ("critical", 1, (f"number {OUR_NUMBER}",))


def test_a_long_queue_that_moves_is_none(number: OriginationIdentity) -> None:
    waiting(7200)
    standing(Status.SENT, BOB, seconds_ago=5)
    assert severity(STILL) == ""


@pytest.mark.parametrize("why", ["paused", "held", "inactive", "withheld", "row withheld", "later"])
def test_whatever_has_a_reason_to_wait_does_not_stand_still(number: OriginationIdentity, why: str) -> None:
    text = waiting(7200, conversation="shifts", subject="july", priority=Priority.CAMPAIGN)
    Lane.objects.create(origination_identity=number)
    match why:
        case "paused":
            pauses.pause(OUR_NUMBER, "A person must act.")
        case "held":
            pauses.hold(OUR_NUMBER, "The guard cannot be asked.")
        case "inactive":
            OriginationIdentity.objects.update(active=False)
        case "withheld":
            Withheld.objects.create(conversation="shifts", subject="july", since=clock.now())
        case "row withheld":
            OutboundMessage.objects.update(withheld=True)
        case "later":
            OutboundMessage.objects.filter(pk=text.pk).update(due_at=clock.now() + timedelta(minutes=5))
    assert severity(STILL) == severity(STILL, at_rest=True) == ""


def test_at_rest_nothing_may_be_due(number: OriginationIdentity) -> None:
    waiting(1)
    standing(Status.SENT, BOB, seconds_ago=1)
    assert severity(STILL) == ""
    assert severity(STILL, at_rest=True) == "critical"


def test_the_first_text_of_a_lane_is_not_overtaken_for_long(number: OriginationIdentity) -> None:
    first = waiting(1900)
    standing(Status.SENT, BOB, seconds_ago=60)
    found = finding(OVERTAKEN)
    assert found is not None
    assert (found.severity, found.examples) == ("critical", (f"text {first.pk}",))


def test_alerts_may_overtake_and_so_may_texts_of_others_for_a_while(number: OriginationIdentity) -> None:
    waiting(1900, priority=Priority.CAMPAIGN)
    standing(Status.SENT, BOB, seconds_ago=60, priority=Priority.ALERT)
    assert severity(OVERTAKEN) == ""
    waiting(1200)
    standing(Status.SENT, BOB, seconds_ago=30)
    assert severity(OVERTAKEN) == ""


def test_a_text_that_leaves_at_the_second_look_was_none(
    number: OriginationIdentity, time: MovableTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = waiting(1900)
    standing(Status.SENT, BOB, seconds_ago=60)
    leave = OutboundMessage.objects.filter(pk=first.pk).update
    monkeypatch.setattr(clock, "sleep", lambda seconds: leave(status=Status.SENDING, attempted_at=clock.now()))
    assert finding(OVERTAKEN) is None


def test_a_paused_number_is_told_while_texts_wait(number: OriginationIdentity) -> None:
    pauses.pause(OUR_NUMBER, "A person must act.")
    assert severity("messaging.paused_lane") == ""
    waiting()
    assert severity("messaging.paused_lane") == "warning"


def test_a_held_number_is_told_while_texts_wait(number: OriginationIdentity) -> None:
    Lane.objects.create(origination_identity=number)
    pauses.hold(OUR_NUMBER, "The guard cannot be asked.")
    assert severity("messaging.held_lane") == ""
    waiting()
    assert severity("messaging.held_lane") == "warning"
    assert severity("messaging.paused_lane") == ""


def test_an_inactive_number_is_told_while_texts_wait(number: OriginationIdentity) -> None:
    waiting()
    assert severity("messaging.inactive_number") == ""
    OriginationIdentity.objects.update(active=False)
    assert severity("messaging.inactive_number") == "warning"
    assert severity("messaging.no_such_number") == ""


def test_a_text_of_a_number_that_is_gone_is_lost(number: OriginationIdentity) -> None:
    standing(Status.SENT, origination_identity="+14255550177")
    assert severity("messaging.no_such_number") == ""
    waiting(origination_identity="+14255550177")
    assert severity("messaging.no_such_number") == "critical"
