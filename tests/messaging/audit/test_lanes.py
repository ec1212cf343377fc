"""Lanes that do not move, and why."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging import audit, clock
from messaging.audit import lanes
from messaging.models import Lane, OriginationIdentity, OutboundMessage, Priority, Status, Withheld
from messaging.outbound import pauses
from tests.messaging.audit.looking import finding, severity
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, standing
from tests.moving import MovableTime

pytestmark = pytest.mark.usefixtures("time")

STILL, OVERTAKEN = "messaging.lane_stands_still", "messaging.text_overtaken"
REFUSED = "messaging.refused_for_long"


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


def test_only_the_next_texts_of_a_lane_are_asked_when_they_are_due(
    number: OriginationIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.audit.lanes._MOST_NEXT", 3)
    later = clock.now() + timedelta(seconds=10)
    heads = [waiting(7200, due_at=later) for _ in range(3)]
    waiting(7200)
    assert severity(STILL) == ""
    heads[2].delete()
    assert severity(STILL) == "critical"


def test_the_texts_of_a_lane_that_moves_are_not_looked_at(number: OriginationIdentity) -> None:
    waiting(7200)
    standing(Status.SENT, BOB, seconds_ago=5)
    with CaptureQueriesContext(connection) as captured:
        assert severity(STILL) == ""
    assert not [query for query in captured if f"LIMIT {lanes._MOST_NEXT}" in query["sql"]]


def test_a_lane_of_which_one_text_was_cancelled_meanwhile_stands_still(
    number: OriginationIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = waiting(200)
    waiting(200)
    monkeypatch.setattr(clock, "sleep", lambda seconds: first.delete())
    assert finding(STILL) is not None


def test_a_lane_whose_texts_were_cancelled_meanwhile_does_not(
    number: OriginationIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(200)
    monkeypatch.setattr(clock, "sleep", lambda seconds: OutboundMessage.objects.update(status=Status.CANCELLED))
    assert finding(STILL) is None


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


def test_the_first_of_a_lane_is_judged_when_it_is_due_and_nothing_behind_it(number: OriginationIdentity) -> None:
    first = waiting(1900, due_at=clock.now() + timedelta(seconds=10))
    second = waiting(1900)
    standing(Status.SENT, BOB, seconds_ago=60)
    assert severity(OVERTAKEN) == ""
    first.delete()
    found = finding(OVERTAKEN)
    assert found is not None
    assert found.examples == (f"text {second.pk}",)


@pytest.mark.parametrize("why", ["paused", "withheld", "withheld rows"])
def test_what_may_not_leave_is_not_overtaken(number: OriginationIdentity, why: str) -> None:
    waiting(1900, conversation="shifts", subject="july", priority=Priority.CAMPAIGN, withheld=why == "withheld rows")
    standing(Status.SENT, BOB, seconds_ago=60, priority=Priority.CAMPAIGN)
    if why == "paused":
        pauses.pause(OUR_NUMBER, "A person must act.")
    if why == "withheld":
        Withheld.objects.create(conversation="shifts", subject="july", since=clock.now())
    assert severity(OVERTAKEN) == ""


def refused(attempts: int = 20, seconds_ago: float = 601, **fields: Any) -> OutboundMessage:
    soon = clock.now() + timedelta(seconds=10)
    return waiting(seconds_ago, due_at=soon, attempts=attempts, attempted_at=clock.now(), **fields)


@pytest.mark.parametrize(
    ("priority", "bad"),
    [
        (Priority.ALERT, "critical"),
        (Priority.REPLY, "warning"),
        (Priority.NOTICE, "warning"),
        (Priority.CAMPAIGN, "warning"),
    ],
)
def test_what_aws_refuses_for_long_is_found(number: OriginationIdentity, priority: Priority, bad: str) -> None:
    refused(19, priority=priority)
    refused(seconds_ago=590, priority=priority)
    refused(priority=priority, withheld=True)
    standing(Status.SENT, seconds_ago=601, attempts=30, priority=priority)
    assert severity(REFUSED) == severity(STILL) == severity(OVERTAKEN) == ""
    text = refused(priority=priority)
    found = finding(REFUSED)
    assert found is not None
    assert (found.severity, found.count, found.examples) == (bad, 1, (f"text {text.pk}",))


def test_alerts_and_others_that_are_refused_are_two_findings_of_one_check(number: OriginationIdentity) -> None:
    refused(priority=Priority.CAMPAIGN)
    refused(priority=Priority.CAMPAIGN)
    refused(priority=Priority.ALERT)
    result = audit.perform(only=REFUSED)
    assert result.checked == [REFUSED]
    assert [(found.severity, found.count) for found in result.findings] == [("critical", 1), ("warning", 2)]


def test_the_refused_are_looked_for_among_the_next_of_a_lane(
    number: OriginationIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("messaging.audit.lanes._MOST_NEXT", 3)
    for _ in range(3):
        waiting()
    refused()
    assert severity(REFUSED) == ""
    refused(priority=Priority.ALERT)
    assert severity(REFUSED) == "critical"


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
